package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// rowResult is what was measured for a row, as it is kept between runs.
type rowResult struct {
	N                        int
	Name, Title, Must, Reach string
	When                     string
	Rounds                   int
	Jobs                     []jobResult
}

// jobResult is one job of a row. The first line is ours.
type jobResult struct {
	Title, Metric string
	Decimals      int
	Must, Reach   []goalResult
	Lines         []lineResult
}

type goalResult struct {
	Text, Said   string
	OK           bool
	Value, Limit float64 // of what was measured and of the goal
	Measured     bool    // there is a value
	CPU          bool    // the limit is processor time, not a ratio: see machineSpeed
}

type lineResult struct {
	Client, Failed string
	CPU, Wall      float64
	RSSMiB         float64
	Value          float64
	ToOurs         float64 // the median of the rounds' ratios of the figure, above 1 = ours is better; 0 = none
	Asked          string  // requests by kind in the last round
	AtOnce         int64   // most requests in flight
	Lost           int64
	Headers        map[string]string
}

// result turns the samples of a job into figures.
func (j job) result(samples [][]sample) jobResult {
	r := jobResult{Title: j.title, Metric: j.main.name, Decimals: j.main.decimals}
	for i, c := range j.clients {
		l := lineResult{Client: c.name}
		for _, s := range samples[i] {
			if s.Err != "" {
				l.Failed = s.Err
			}
			l.Asked, l.AtOnce, l.Headers, l.Lost = opsText(s.Sink), s.Sink.MostAtOnce, s.Sink.Headers, max(l.Lost, s.Lost)
		}
		if l.Failed == "" {
			l.CPU, _ = j.figure(cpuSeconds, i, samples)
			l.Wall, _ = j.figure(wall, i, samples)
			l.RSSMiB, _ = j.figure(memory, i, samples)
			l.Value, _ = j.figure(j.main, i, samples)
			l.ToOurs, _ = j.ratio(j.main, i, 0, samples)
		}
		r.Lines = append(r.Lines, l)
	}
	judge := func(goals []goal) []goalResult {
		var list []goalResult
		for _, g := range goals {
			list = append(list, j.met(g, samples))
		}
		return list
	}
	r.Must, r.Reach = judge(j.must), judge(j.reach)
	return r
}

func allOK(list []goalResult) bool {
	return !slices.ContainsFunc(list, func(g goalResult) bool { return !g.OK })
}

// met is "reach", "must" or "no". A row without a goal of one kind has to reach the other.
func (r rowResult) met() string {
	must, reach := true, true
	for _, j := range r.Jobs {
		must, reach = must && allOK(j.Must), reach && allOK(j.Reach)
		if j.Lines[0].Failed != "" {
			return "no"
		}
	}
	switch {
	case must && reach:
		return "reach"
	case must:
		return "must"
	}
	return "no"
}

func (j jobResult) number(v float64) string { return strconv.FormatFloat(v, 'f', j.Decimals, 64) }

func (j jobResult) ours() string {
	if j.Lines[0].Failed != "" {
		return "failed"
	}
	return j.number(j.Lines[0].Value) + " " + j.Metric
}

// best is the peer with the lowest figure.
func (j jobResult) best() (l lineResult, ok bool) {
	for _, p := range j.Lines[1:] {
		if p.Failed == "" && p.Lost == 0 && (!ok || p.Value < l.Value) {
			l, ok = p, true
		}
	}
	return l, ok
}

// line is the row of the table.
func (r rowResult) line() string {
	var ours, best, ratio []string
	for _, j := range r.Jobs {
		ours = append(ours, j.ours())
		p, ok := j.best()
		if !ok {
			best, ratio = append(best, "–"), append(ratio, "–")
			continue
		}
		best = append(best, p.Client+" "+j.number(p.Value))
		ratio = append(ratio, inverse(p.ToOurs))
	}
	speed, met := "–", "–"
	if f, _ := r.machineSpeed(); f > 0 {
		speed, met = "× "+strconv.FormatFloat(f, 'f', 2, 64), r.scaled(f).met()
	}
	return fmt.Sprintf("| %d | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.N, r.Title, r.Must, r.Reach, strings.Join(ours, "; "),
		strings.Join(best, "; "), strings.Join(ratio, "; "), r.met(), speed, met)
}

func inverse(v float64) string {
	if v == 0 {
		return "–"
	}
	return strconv.FormatFloat(1/v, 'f', 2, 64)
}

// section is a row's details.
func (r rowResult) section() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %d. %s\n\n`-row %s`, %s, %d rounds.\n\n", r.N, r.Title, r.Name, r.When, r.Rounds)
	for _, j := range r.Jobs {
		fmt.Fprintf(&b, "%s:\n\n| client | %s | ÷ ours | CPU s | wall s | memory MiB | requests | in flight |\n|---|--:|--:|--:|--:|--:|---|--:|\n", upper(j.Title), j.Metric)
		for _, l := range j.Lines {
			if l.Failed != "" {
				fmt.Fprintf(&b, "| %s | failed: %s%s | | | | | | |\n", l.Client, strings.ReplaceAll(l.Failed, "|", "/"), lostText(l.Lost))
				continue
			}
			fmt.Fprintf(&b, "| %s | %s%s | %s | %.2f | %.2f | %.0f | %s | %d |\n", l.Client, j.number(l.Value), lostText(l.Lost),
				strconv.FormatFloat(l.ToOurs, 'f', 2, 64), l.CPU, l.Wall, l.RSSMiB, l.Asked, l.AtOnce)
		}
		fmt.Fprintf(&b, "\nMust: %s. Reach: %s.\n\n", goalsText(j.Must), goalsText(j.Reach))
	}
	b.WriteString(r.speedText())
	return b.String()
}

func lostText(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d lost)", n)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func goalsText(list []goalResult) string {
	var out []string
	for _, g := range list {
		mark := "no"
		if g.OK {
			mark = "yes"
		}
		out = append(out, fmt.Sprintf("%s (%s, %s)", g.Text, g.Said, mark))
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, "; ")
}

const head = `# Benchmarks

Written by ` + "`make bench`" + `. One row is measured again by ` + "`go run ./internal/testkit/bench -row NAME -n 3 -o docs/benchmarks.md`" + `.

Every client does the same work on the same machine over loopback, one after the other in rounds whose order rotates. CPU
seconds are user and system time of the whole client by wait4(2): they hold on a busy machine, wall time does not. Figures
are medians of the rounds, memory is the largest. Ratios are taken round by round, then their median: in the table ours over
the best peer (below 1 ours is better), in the sections the client over ours. A run that did not do its work, by what the server
was asked or by what is on the disk, is printed as failed. Slow clients do a part of the work where that is said (figures are scaled up).

The server is a sink (internal/testkit/bench/sink) that drops uploads in the kernel, serves one pattern from memory, makes
listings up and echoes checksums like a server that keeps CRC64NVME. It checks nothing, so the work is done once more on a
real server, with what that has stored read back; and the headers that each client sent are at the end.

The goals in CPU seconds were set on another machine, where the same peers did the same work. "This machine" is what the peers of
a row cost here over what they cost there, the median of them. Such a goal is judged twice: as it stands ("met"), and multiplied by
that factor ("met, scaled"). Goals that are ratios, wall time, memory or counts are the same in both.

`

// document puts all kept results together.
func document(kept string) (string, error) {
	var list []rowResult
	for _, r := range rows {
		b, err := os.ReadFile(filepath.Join(kept, r.name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var res rowResult
		if err == nil {
			err = json.Unmarshal(b, &res)
		}
		if err != nil {
			return "", fmt.Errorf("bench: %s: %w", r.name, err)
		}
		res.Title, res.Must, res.Reach = r.title, r.must, r.reach
		list = append(list, res)
	}
	var b strings.Builder
	b.WriteString(head + machine() + "\n## Goals\n\n| row | what | must | reach | ours | best peer | ours ÷ peer | met | this machine | met, scaled |\n|--:|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range list {
		b.WriteString(r.line())
	}
	b.WriteString("\n## Rows\n\n")
	for _, r := range list {
		b.WriteString(r.section())
	}
	for _, part := range []string{"real.md", "outline.md"} {
		text, err := os.ReadFile(filepath.Join(kept, part))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("bench: %w", err)
		}
		if len(text) > 0 {
			b.WriteString(strings.TrimRight(string(text), "\n") + "\n\n" + outlineGoal(string(text)))
		}
	}
	b.WriteString(headersSection(list))
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// proving are the operations whose headers show how content is protected on its way.
var proving = []string{"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}

// headersSection says, for each client, which checksum header or trailer it sent and what its signature covers.
func headersSection(list []rowResult) string {
	var b strings.Builder
	b.WriteString("## Headers\n\nOf the first request of each kind: checksums, trailers, and what the signature says of the payload.\n\n| row | client | operation | sent |\n|--:|---|---|---|\n")
	for _, r := range list {
		if !slices.Contains([]string{"up-http", "up-https", "small-up"}, r.Name) {
			continue
		}
		for _, l := range r.Jobs[0].Lines {
			for _, op := range proving {
				if h, ok := l.Headers[op]; ok {
					fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", r.N, l.Client, op, h)
				}
			}
		}
	}
	return b.String()
}

// machine says what the figures were measured on.
func machine() string {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(v)
				break
			}
		}
	}
	text := fmt.Sprintf("Machine: %d × %s, %s/%s, %s.", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
	for _, v := range [][]string{{"build/tools/rclone", "version"}, {"build/tools/mc", "--version"}, {"/usr/bin/aws", "--version"}, {"/usr/bin/s3cmd", "--version"}} {
		if out, err := exec.Command(v[0], v[1:]...).Output(); err == nil {
			first, _, _ := strings.Cut(string(out), "\n")
			text += " " + strings.TrimSpace(first) + "."
		}
	}
	return text + " The Go libraries are at the versions of internal/testkit/bench/peers/go.mod.\n"
}
