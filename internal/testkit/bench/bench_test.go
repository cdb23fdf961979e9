package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit/bench/sink"
)

// The test binary is the runner too, and a client that uses what it is told.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 3 && os.Args[1] == runnerWord:
		if err := runner(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case len(os.Args) == 3 && os.Args[1] == "use-memory":
		mib, _ := strconv.Atoi(os.Args[2])
		b := make([]byte, mib<<20)
		for i := range b {
			b[i] = 1
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestExecute_MeasuresTheClientAndNotItsParent(t *testing.T) {
	mine := make([]byte, 96<<20)
	for i := range mine {
		mine[i] = 1
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := execute([]string{self, "use-memory", "32"}, os.Environ(), time.Minute)
	if s.Err != "" {
		t.Fatal(s.Err)
	}
	if mib := s.RSSKiB / 1024; mib < 32 || mib >= 96 {
		t.Errorf("a client that uses 32 MiB has %d MiB; this process has %d", mib, len(mine)>>20)
	}
	if s.CPU <= 0 || s.Wall <= 0 {
		t.Errorf("processor time %s, wall time %s", s.CPU, s.Wall)
	}
}

func TestExecute_CountsChildrenAndSaysWhyAClientFailed(t *testing.T) {
	loop := execute([]string{"/bin/sh", "-c", "sh -c 'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done'; exit 3"}, os.Environ(), time.Minute)
	alone := execute([]string{"/bin/sh", "-c", "echo no such bucket >&2; exit 3"}, os.Environ(), time.Minute)
	if loop.CPU <= alone.CPU {
		t.Errorf("a child that counts to 50,000 costs %s, none %s", loop.CPU, alone.CPU)
	}
	for _, part := range []string{"exit status 3", "no such bucket"} {
		if !strings.Contains(alone.Err, part) {
			t.Errorf("the failure reads %q, without %q", alone.Err, part)
		}
	}
	if s := execute([]string{"/no/such/program"}, os.Environ(), time.Minute); s.Err == "" {
		t.Error("a program that is not there did not fail")
	}
	if s := execute([]string{"/bin/sleep", "60"}, os.Environ(), 50*time.Millisecond); !strings.Contains(s.Err, "stopped") {
		t.Errorf("a client over the limit reads %q", s.Err)
	}
}

func samplesOf(seconds ...float64) []sample {
	var list []sample
	for _, s := range seconds {
		list = append(list, sample{CPU: time.Duration(s * 1e9), Wall: time.Duration(s * 1e9), RSSKiB: int64(s * 1024)})
	}
	return list
}

func TestJob_RatiosAreTakenRoundByRound(t *testing.T) {
	j := job{main: cpuSeconds, units: 2, clients: []client{{name: "ours"}, {name: "peer"}, {name: "slow", share: 0.1, once: true}}}
	// The machine was twice as slow in the second round: the ratio does not care, a ratio of medians would.
	samples := [][]sample{samplesOf(1, 2, 1), samplesOf(4, 8, 2), samplesOf(1)}
	for _, c := range []struct {
		m     metric
		i, to int
		want  float64
	}{{cpuSeconds, 0, 1, 0.25}, {cpuSeconds, 1, 0, 4}, {cpuSeconds, 2, 0, 10}, {cpuPerGiB, 0, 1, 0.25}} {
		if got, ok := j.ratio(c.m, c.i, c.to, samples); !ok || got != c.want {
			t.Errorf("%s of %d to %d is %v %v, want %v", c.m.name, c.i, c.to, got, ok, c.want)
		}
	}
	if got, _ := j.figure(cpuPerGiB, 1, samples); got != 2 {
		t.Errorf("the median for each GiB is %v, want 2", got)
	}
	if got, _ := j.figure(memory, 1, samples); got != 8 {
		t.Errorf("the memory is %v, want the largest, 8", got)
	}
}

func TestJob_AFailedRunHasNoFigures(t *testing.T) {
	j := job{main: cpuSeconds, clients: []client{{name: "ours"}, {name: "peer"}}, must: []goal{atMost(10, cpuSeconds), times(2, "peer", cpuSeconds)}}
	samples := [][]sample{samplesOf(1, 1), samplesOf(1, 1)}
	if r := j.result(samples); !allOK(r.Must) {
		t.Fatalf("runs that met both goals did not: %+v", r.Must)
	}
	samples[1][1].Err = "exit status 1"
	r := j.result(samples)
	if r.Must[1].OK || r.Lines[1].Value != 0 || r.Lines[1].Failed == "" {
		t.Errorf("a peer that failed was compared with: %+v %+v", r.Must, r.Lines[1])
	}
	samples[0][0].Err = "exit status 1"
	if r := j.result(samples); r.Must[0].OK || (rowResult{Jobs: []jobResult{r}}).met() != "no" {
		t.Errorf("ours failed and met %+v", r.Must)
	}
}

func TestRow_Met(t *testing.T) {
	ok, no := []goalResult{{OK: true}}, []goalResult{{OK: true}, {OK: false}}
	for want, jobs := range map[string][]jobResult{
		"reach": {{Must: ok, Reach: ok}, {Must: ok}},
		"must":  {{Must: ok, Reach: ok}, {Must: ok, Reach: no}},
		"no":    {{Must: ok, Reach: ok}, {Must: no, Reach: ok}},
	} {
		for i := range jobs {
			jobs[i].Lines = []lineResult{{}}
		}
		if got := (rowResult{Jobs: jobs}).met(); got != want {
			t.Errorf("met is %q, want %q", got, want)
		}
	}
}

func TestMeasure_RotatesAndPutsThingsBack(t *testing.T) {
	b := &bed{dir: t.TempDir(), scale: scale{slowRounds: 1}}
	var order []string
	befores := 0
	j := job{clients: []client{{name: "a"}, {name: "b"}, {name: "c", once: true}}, before: func() error { befores++; return nil },
		self: func(_ *bed, c client) (sample, error) {
			order = append(order, c.name)
			if c.name == "b" {
				return sample{}, errors.New("it | failed")
			}
			return sample{Value: 1}, nil
		}}
	samples, err := j.measure(b, 3)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ""); got != "abcbaab" || befores != len(order) {
		t.Errorf("the order was %s with %d preparations, want abc, b(c)a, (c)ab", got, befores)
	}
	if len(samples[2]) != 1 || samples[1][0].Err == "" {
		t.Errorf("samples: %+v", samples)
	}
}

func TestDocument_TableSectionsAndHeaders(t *testing.T) {
	dir := t.TempDir()
	for _, r := range rows[:2] {
		res := rowResult{N: r.n, Name: r.name, Rounds: 3, Jobs: []jobResult{{Title: "work", Metric: "CPU s/GiB", Decimals: 2,
			Must:  []goalResult{{Text: "≤ 0.6 × mc", Said: "0.50", OK: true}, {Text: "≤ 0.5 CPU s/GiB", Said: "0.70", Value: 0.7, Measured: true, Limit: 0.5, CPU: true}},
			Reach: []goalResult{{Text: "≤ 0.4 × mc", Said: "0.50"}},
			Lines: []lineResult{{Client: "pintail-cli", Value: 0.7, ToOurs: 1, Headers: map[string]string{"UploadPart": "checksum-crc64nvme"}},
				{Client: "aws", Failed: "a|b"}, {Client: "rclone", Value: 9.02, ToOurs: 12.9}, {Client: "mc", Value: 2.76, ToOurs: 3.9}}}}}
		if err := os.WriteFile(filepath.Join(dir, r.name+".json"), marshal(res), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := document(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| 1 | " + rows[0].title + " | " + rows[0].must + " | " + rows[0].reach + " | 0.70 CPU s/GiB | mc 2.76 | 0.26 | no | × 2.00 | must |\n",
		"| aws | failed: a/b |", "Must: ≤ 0.6 × mc (0.50, yes); ≤ 0.5 CPU s/GiB (0.70, no). Reach: ≤ 0.4 × mc (0.50, no).",
		"This machine: × 2.00 (rclone 9.02 over 4.51, mc 2.76 over 1.38). Scaled by that, must: ≤ 0.5 CPU s/GiB × 2.00 = 1 (0.70, yes). Reach: –.", "| 2 | pintail-cli | UploadPart | checksum-crc64nvme |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the document lacks %q:\n%s", want, text)
		}
	}
}

func TestRows_AreNumberedWithGoalsAndOursFirst(t *testing.T) {
	b := &bed{dir: t.TempDir(), disk: t.TempDir(), ours: "/bin/true", tools: "/none", scale: quickScale(), sinks: map[string]*sink.Sink{}}
	b.scale.bigMiB, b.scale.midMiB = 1, 1
	t.Cleanup(b.close)
	if err := b.configure(); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for i, r := range rows {
		if r.n != i+1 || names[r.name] {
			t.Errorf("row %d is numbered %d and named %s", i+1, r.n, r.name)
		}
		names[r.name] = true
		jobs, err := r.jobs(b)
		if err != nil {
			t.Fatalf("%s: %v", r.name, err)
		}
		goals := 0
		for _, j := range jobs {
			goals += len(j.must) + len(j.reach)
			if j.main.of == nil || j.title == "" {
				t.Errorf("%s has a job without a figure or title", r.name)
			}
			for _, g := range slices.Concat(j.must, j.reach) {
				if g.peer != "" && !slices.ContainsFunc(j.clients, func(c client) bool { return c.name == g.peer }) {
					t.Errorf("%s is compared with %s, which does not run", r.name, g.peer)
				}
			}
			if name := j.clients[0].name; !strings.HasPrefix(name, "pintail") && name != "outline" {
				t.Errorf("%s begins with %s, not ours", r.name, name)
			}
			if j.calm != nil && len(j.calm) != len(j.clients) {
				t.Errorf("%s compares %d clients with %d on the clean path", r.name, len(j.clients), len(j.calm))
			}
		}
		if goals == 0 {
			t.Errorf("%s has no goal", r.name)
		}
	}
	if len(rows) != 21 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestOutlineGoal_IsJudgedByTheTable(t *testing.T) {
	const table = `| widget | rows |
| still | 1000000 | 12.7 / 20.3 / 21.1 | 12.8 / 21.0 | 13.0 / 19.7 | 12.3 / 17.7 | 1.0 / 2.6 / 7.1 | 0.02 / 0.05 / 0.12 | 60 | 91.6 | 105.7 | 0 / 0 | 0.0 / 25.0 |
| outline | 1000000 | 15.6 / 24.9 / 28.2 | 15.7 / 24.6 | 15.2 / 27.2 | 15.7 / 22.2 | 3.1 / 6.1 / 8.4 | 1.47 / 3.05 / 4.46 | 60 | 91.6 | 96.5 | 0 / 1 | 11.2 / 60.4 |
| list | 1000000 | 30.6 / 63.5 / 88.4 | 22.4 / 35.3 | 32.3 / 71.1 | 34.8 / 75.6 | 20.2 / 34.2 / 47.2 | 2.42 / 4.93 / 6.90 | 36 | 91.6 | 104.1 | 62 / 124 | 179.0 / 248.0 |
`
	const want = "Must: ≤ 16 ms a frame at p99, no answer after 50 ms. The windows' thread: 6.1, yes. All threads: 24.9, no (a still window painted again: 20.3). " +
		"This machine: × 2.00 (list 22.4 over 11.2). Scaled by that, all threads: ≤ 32.0, yes. Busy answers after 50 ms: 0.\n\n"
	if got := outlineGoal(table); got != want {
		t.Errorf("%s", got)
	}
	if got := outlineGoal("## Real servers\n"); got != "" {
		t.Errorf("of another section: %s", got)
	}
}
