//go:build !race

package killtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pintail/internal/testkit"
	"pintail/internal/testkit/reliability"
)

// cutter runs the command line until the power is cut.
type cutter struct {
	*machine
	shadow string
	n      int
}

// cut runs a command, cuts the power at a step and leaves what the disk has kept. It returns the number of steps that were taken, and
// whether the command had succeeded before.
func (c *cutter) cut(rnd *rand.Rand, l loss, kill int, args ...string) (steps int, done bool) {
	c.Helper()
	c.n++
	shadow := filepath.Join(c.shadow, strconv.Itoa(c.n))
	if err := os.Mkdir(shadow, 0o700); err != nil {
		c.Fatal(err)
	}
	d, err := newDisk(shadow, c.home, c.dir)
	if err != nil {
		c.Fatal(err)
	}
	out, err := os.Create(filepath.Join(shadow, "out"))
	if err != nil {
		c.Fatal(err)
	}
	defer out.Close() // read by its name
	cmd := exec.Command(c.binary, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, out, out
	cmd.Env = append(c.env(), "GODEBUG=asyncpreemptoff=1") // its signals are stops as well
	steps, ended, status, err := d.trace(cmd, kill)
	if err != nil {
		c.Fatal(err)
	}
	if ended && status != 0 {
		text, _ := os.ReadFile(out.Name())
		c.Fatalf("%q ended with %d: %s", args, status, text)
	}
	if err := d.cut(l, rnd); err != nil {
		c.Fatal(err)
	}
	if err := os.RemoveAll(shadow); err != nil {
		c.Fatal(err)
	}
	return steps, ended
}

// kept checks that what the journal calls done is there, and whole.
func (j *job) kept(at string) {
	j.Helper()
	if j.kind != "download" || j.newest() == j.base {
		return
	}
	for name := range j.names(fmt.Sprintf("SELECT target FROM items WHERE result = 'done' AND transfer = %d", j.newest())) {
		if want := j.want[name]; want == "" || j.fileSum(j.prefix()+name) != want {
			j.Errorf("%s: the journal says that %s is done, and it is not whole", at, name)
		}
	}
}

// TestPower_NothingDoneIsLost cuts the power while the command line transfers: what was not flushed to the disk is dropped, as a whole or
// in parts. Nothing may be called done that is not whole, and the transfer goes on to its right end.
func TestPower_NothingDoneIsLost(t *testing.T) {
	m, g := embedded(t)
	s := makeSources(m)
	rnd := testkit.Rand(t)
	c := &cutter{machine: m, shadow: filepath.Join(filepath.Dir(m.home), "shadow")}
	if err := os.Mkdir(c.shadow, 0o700); err != nil {
		t.Fatal(err)
	}
	quotas := []quota{{"download", 3}, {"upload", 2}, {"journal", 1}, {"sync", 1}} // jobs, of two cuts each
	if reliability.Long() {
		quotas = []quota{{"download", 60}, {"upload", 60}, {"journal", 30}, {"sync", 30}}
	}
	var cuts, after int
	number := 0
	for _, q := range quotas {
		for range q.kills {
			l := loss(number % int(losses))
			number++
			j := newJob(m, g, rnd, s, q.kind, number)
			j.lossy = true
			j.server.Demo.ResetRequests()
			j.base = j.newest()
			args := j.command()
			for range 2 {
				kill := 1 + rnd.IntN(map[string]int{"download": 150, "upload": 120, "journal": 250, "sync": 120}[q.kind])
				steps, done := c.cut(rnd, l, kill, append(args, options...)...)
				cuts++
				j.kills++
				at := fmt.Sprintf("%s: cut at step %d, kind of loss %d", q.kind, steps, l)
				j.survived(point{name: at})
				j.kept(at)
				args = j.next()
				if done {
					after++
					break
				}
			}
			j.finish(j.start(args...))
			j.ended()
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d cuts, %d of them after the end", cuts, after)
	reliability.Record(t, reliability.Table{ID: "22-power", Title: "The power is cut",
		Note: "A model of a disk that keeps only what was flushed: pintail-cli was followed through its system calls and killed at a random one of those that change a file; then all, or by chance some, " +
			"of what had not been flushed was taken back, in the downloaded files, their temporary files, and the journal. After each cut the journal was sound and nothing that it called done was less than whole. Of files that come by one request the hidden temporary file may be left.",
		Columns: []string{"counted", "number"},
		Rows: [][]string{{"power cuts", strconv.Itoa(cuts)}, {"of them after the command had said that it was done", strconv.Itoa(after)},
			{"called done and not whole", "0"}, {"not brought to the right end afterwards", "0"}}})
}

// TestPower_SettingsAreOldOrNew cuts the power at every step of changing a preference and of adding a bookmark. What is there afterwards is
// what was there before or what was to be, and the latter if the command had said that it was done.
func TestPower_SettingsAreOldOrNew(t *testing.T) {
	m, _ := embedded(t)
	rnd := testkit.Rand(t)
	c := &cutter{machine: m, shadow: filepath.Join(filepath.Dir(m.home), "shadow")}
	if err := os.Mkdir(c.shadow, 0o700); err != nil {
		t.Fatal(err)
	}
	says := func(args ...string) string {
		r := m.run(args...)
		m.finish(r)
		return strings.TrimSpace(r.out.String())
	}
	kinds := loss(1)
	if reliability.Long() {
		kinds = losses
	}
	for l := range kinds {
		was, ended := says("pref", "get", "queue.connections.limit"), false
		for kill := 1; !ended; kill++ {
			want := strconv.Itoa(100*int(l) + kill)
			_, ended = c.cut(rnd, l, kill, "pref", "set", "queue.connections.limit", want)
			is := says("pref", "get", "queue.connections.limit")
			if is != want && (ended || is != was) {
				t.Errorf("loss %d, cut at step %d: %q, was %q, was to be %q", l, kill, is, was, want)
			}
			was = is
		}
		for kill, ended := 1, false; !ended; kill++ {
			name := fmt.Sprintf("mark-%d-%d", l, kill)
			before := says("bookmark", "ls")
			_, ended = c.cut(rnd, l, kill, "bookmark", "add", name, "--endpoint-url", m.server.Endpoint, "--username", "somebody")
			after := says("bookmark", "ls")
			if has := strings.Contains(after, name); ended && !has || !has && after != before {
				t.Errorf("loss %d, cut at step %d: the bookmarks were\n%s\nand are\n%s", l, kill, before, after)
			}
		}
	}
	reliability.Record(t, reliability.Table{ID: "23-power-settings", Title: "The power is cut while settings are written",
		Note:    "The same disk, and the power cut at every step of changing a preference and of adding a bookmark. What was there afterwards was the old or the new.",
		Columns: []string{"counted", "number"}, Rows: [][]string{{"power cuts", strconv.Itoa(c.n)}, {"neither old nor new, or lost after it was said to be done", "0"}}})
}
