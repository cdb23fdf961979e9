package killtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pintail/internal/testkit"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/reliability"
)

// The phases that every run must have been killed in, at least so often each.
const (
	beforeCreate = "before create"
	midPart      = "mid part"
	afterLast    = "after the last part"
	unproved     = "Complete sent and unanswered"
	renaming     = "renaming"
	commit       = "journal commit"

	leastInPhase = 5
)

var phases = []string{beforeCreate, midPart, afterLast, unproved, renaming, commit}

// points are the moments of each kind of job, in the order in which a job comes to them.
func points(kind string) []point {
	switch kind {
	case "upload", "sync":
		return []point{
			{name: "create arrives", phase: beforeCreate, rule: held("CreateMultipartUpload", onArrival, 0), check: func(j *job) { j.mustHave(0, 0, false) }},
			{name: "created, unanswered", phase: beforeCreate, rule: held("CreateMultipartUpload", unAnswered, 0), check: func(j *job) { j.mustHave(1, 0, false) }},
			{name: "created, not recorded", phase: commit, rule: locked("CreateMultipartUpload", onLarge, always), check: func(j *job) { j.mustHave(1, 0, false) }},
			{name: "in the first parts", phase: midPart, rule: held("UploadPart", inBody, 0)},
			{name: "in a later part", alone: true, phase: midPart, rule: held("UploadPart", inBody, 2)},
			{name: "part stored, unanswered", alone: true, phase: midPart, rule: held("UploadPart", unAnswered, 1)},
			{name: "all parts stored, the last not recorded", alone: true, phase: afterLast, rule: locked("UploadPart", lastPart, func(j *job) bool { return len(j.stored()) == largeParts }),
				check: func(j *job) { j.mustHave(1, largeParts, false) }},
			{name: "complete arrives", phase: unproved, rule: held("CompleteMultipartUpload", onArrival, 0), check: func(j *job) { j.mustHave(1, largeParts, false) }},
			{name: "completed, unanswered", final: true, phase: unproved, rule: held("CompleteMultipartUpload", unAnswered, 0), check: func(j *job) { j.mustHave(0, 0, true) }},
		}
	case "download":
		return []point{
			{name: "in the first range", phase: midPart, rule: held("GetObject", inAnswer, 0)},
			{name: "in a later range", phase: midPart, rule: held("GetObject", inAnswer, 2)},
			{name: "verifying", alone: true, phase: afterLast, rule: func(j *job) *rule { return &rule{stage: onArrival, match: allRanges(j, "HeadObject")} }, check: func(j *job) { j.mustBeTemp() }},
			{name: "renamed, not recorded", alone: true, phase: renaming, rule: locked("HeadObject", allRanges, func(j *job) bool { return j.fileSum(j.largeKey()) != "" }),
				check: func(j *job) { j.mustBeRenamed() }},
		}
	case "move":
		return []point{
			{name: "copy arrives", rule: onSome("CopyObject", onArrival, 3)},
			{name: "copied, unanswered", rule: onSome("CopyObject", unAnswered, 3)},
			{name: "copied, not recorded", phase: commit, rule: locked("CopyObject", onOp, always)},
			{name: "delete arrives", rule: onSome("DeleteObjects", onArrival, 0)},
			{name: "deleted, unanswered", final: true, rule: onSome("DeleteObjects", unAnswered, 0)},
		}
	}
	return []point{
		{name: "stored, unanswered", rule: onSome("PutObject", unAnswered, 30)},
		{name: "stored, not recorded", phase: commit, rule: locked("PutObject", onOp, always)},
	}
}

// last are moments after which nothing is left to kill.
func last(kind string) point {
	switch kind {
	case "upload", "sync":
		return point{name: "completed, not recorded", phase: commit, rule: locked("CompleteMultipartUpload", onLarge, largeThere), check: func(j *job) {
			if j.pending() == 0 {
				j.Error("the journal knows the end already: the kill was not inside the phase")
			}
		}}
	case "move":
		return point{name: "deleted, not recorded", phase: commit, rule: locked("DeleteObjects", onOp, always)}
	}
	return point{}
}

func onSome(op string, at stage, nth int) func(*job) *rule {
	return func(j *job) *rule { return &rule{stage: at, match: onOp(j, op), nth: nth} }
}

// mustHave checks what the server has of the large file: how many unfinished uploads, parts of them, and whether it is there.
func (j *job) mustHave(uploads, parts int, there bool) {
	j.Helper()
	if n := len(j.uploads(j.largeKey())); n != uploads {
		j.Errorf("the kill was not inside the phase: %d uploads", n)
	}
	if n := len(j.stored()); parts > 0 && n != parts {
		j.Errorf("the kill was not inside the phase: %d parts", n)
	}
	if is := j.objectSum(j.largeKey()) != ""; is != there {
		j.Errorf("the kill was not inside the phase: there is an object: %v", is)
	}
}

func (j *job) mustBeTemp() {
	j.Helper()
	large := func(name string) bool { return strings.HasPrefix(name, ".large.") }
	if there := j.temps(j.prefix()); !slices.ContainsFunc(there, large) || j.fileSum(j.largeKey()) != "" {
		j.Errorf("the kill was not inside the phase: temporary files %q", there)
	}
}

func (j *job) mustBeRenamed() {
	j.Helper()
	if j.fileSum(j.largeKey()) == "" || j.pending() == 0 {
		j.Error("the kill was not inside the phase: the file is not there, or its end is recorded")
	}
}

// quota is how many kills of each kind a run makes.
type quota struct {
	kind  string
	kills int
}

func TestCLI_SurvivesKills(t *testing.T) {
	quotas := []quota{{"upload", 24}, {"download", 14}, {"sync", 8}, {"move", 8}, {"journal", 6}}
	if reliability.Long() {
		quotas = []quota{{"upload", 400}, {"download", 350}, {"sync", 100}, {"move", 100}, {"journal", 50}}
	}
	if testing.Short() {
		quotas = []quota{{"upload", 3}, {"download", 3}}
	}
	m, g := embedded(t)
	s := makeSources(m)
	rnd := testkit.Rand(t)
	stop := neighbour(m)
	n := tally{phases: map[string]int{}, byKind: map[string]map[string]int{}, again: map[string]int64{}}
	begun, number := time.Now(), 0
	for _, q := range quotas {
		for kills := 0; kills < q.kills && !t.Failed(); number++ {
			j := newJob(m, g, rnd, s, q.kind, number)
			kills += n.count(j, n.choose(q.kind, number, q.kills-kills, rnd.IntN))
		}
	}
	if !testing.Short() {
		n.fill(t, rnd.IntN, func(kind string) *job { number++; return newJob(m, g, rnd, s, kind, number) })
	}
	n.runs = stop()
	t.Logf("%v: %+v", time.Since(begun), n)
	if n.runs == 0 {
		t.Error("no other run shared the journal")
	}
	features.Proved(t, "transfer.journal", features.Embedded, "")
	features.Proved(t, "sync.resume", features.Embedded, "")
	n.record(t, reliability.Table{ID: "20-kills", Title: "kill -9 of the command line",
		Note: fmt.Sprintf("pintail-cli was killed at these moments while other runs (%d) used the same journal, and went on with `transfers resume`. "+
			"After each kill no target had wrong bytes and the journal knew every unfinished upload and file; at the end all bytes were those of the source by the test's own hash, "+
			"nothing was left behind, and what went twice, as the server counted it, was no more than the parts in flight.", n.runs)})
}

// tally is what was counted.
type tally struct {
	phases        map[string]int
	byKind        map[string]map[string]int
	again         map[string]int64 // bytes that went twice, by kind
	whileResuming int
	runs          int // of the neighbour
}

// count runs a job and counts its kills, which it returns the number of.
func (n *tally) count(j *job, plan []point) int {
	j.Helper()
	if n.byKind[j.kind] == nil {
		n.byKind[j.kind] = map[string]int{}
	}
	struck := j.run(plan)
	for i, name := range struck {
		n.byKind[j.kind][name]++
		n.phases[plan[i].phase]++
		if i > 0 {
			n.whileResuming++
		}
	}
	n.again[j.kind] += j.twice
	return len(struck)
}

// fill kills in each phase until it was done there often enough, and fails the test if that does not come about.
func (n *tally) fill(t *testing.T, intn func(int) int, job func(kind string) *job) {
	t.Helper()
	for _, kind := range []string{"upload", "download"} {
		for _, p := range append(points(kind), last(kind)) {
			for tries := 0; p.phase != "" && n.phases[p.phase] < leastInPhase && tries < leastInPhase && !t.Failed(); tries++ {
				n.count(job(kind), n.choose(kind, 0, 1, intn))
			}
		}
	}
	for _, p := range phases {
		if n.phases[p] < leastInPhase {
			t.Errorf("%q: %d kills inside it, want %d at least", p, n.phases[p], leastInPhase)
		}
	}
}

// choose makes the kills of one job: a few moments in their order, those first that were least often struck; or moments of chance.
func (n *tally) choose(kind string, number, most int, intn func(int) int) []point {
	all := points(kind)
	if l := last(kind); l.rule != nil {
		all = append(all, l)
	}
	chance := point{name: "at random", moment: atRandom(map[string]int64{"upload": 30, "sync": 30, "download": 300, "move": 60, "journal": 200}[kind])}
	written := point{name: "as the journal is written", moment: whenWritten(20)}
	var plan []point
	switch {
	case number%4 == 3 && kind == "journal":
		plan = []point{written, written, written}
	case number%4 == 3:
		plan = []point{chance, written, chance}
	default:
		// From the moment that was struck least, some later ones follow in the same job.
		count := func(p point) int { return n.byKind[kind][p.name] + min(leastInPhase, n.phases[p.phase])*8 }
		at := 0
		for i, p := range all {
			if count(p) < count(all[at]) {
				at = i
			}
		}
		for at < len(all) && len(plan) < 4 {
			if plan == nil || !all[at].alone {
				plan = append(plan, all[at])
			}
			if all[at].final {
				break
			}
			at += 1 + intn(3)
		}
	}
	return plan[:min(len(plan), most)]
}

// neighbour is another run of the command line that shares the journal all the time. The function that is returned ends it and
// says how many runs there were.
func neighbour(m *machine) (stop func() int) {
	m.object("neighbour/a", 10, 1)
	done, ended := make(chan struct{}), sync.WaitGroup{}
	runs := 0
	ended.Go(func() {
		for {
			c := m.start("cp", "s3://"+m.bucket+"/neighbour/a", "s3://"+m.bucket+"/neighbour/b"+strconv.Itoa(runs%10))
			<-c.ended
			if c.err != nil && !m.Failed() {
				m.Errorf("the run beside: %v: %s", c.err, c.out)
			}
			runs++
			select {
			case <-done:
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
	end := sync.OnceFunc(func() { close(done); ended.Wait() })
	m.Cleanup(end)
	return func() int { end(); return runs }
}

// record leaves a table of the kills, with its title and note.
func (n *tally) record(t *testing.T, table reliability.Table) {
	t.Helper()
	var rows [][]string
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(n.byKind)) {
		for _, name := range slices.Sorted(maps.Keys(n.byKind[kind])) {
			times := n.byKind[kind][name]
			total += times
			rows = append(rows, []string{kind, name, strconv.Itoa(times), "all resumed"})
		}
	}
	for _, p := range phases {
		rows = append(rows, []string{"any", "phase: " + p, strconv.Itoa(n.phases[p]), "all resumed"})
	}
	for _, kind := range slices.Sorted(maps.Keys(n.again)) {
		if sizeOf(kind) > 0 {
			rows = append(rows, []string{kind, "sent again, in all", fmt.Sprintf("%.1f MiB", float64(n.again[kind])/mib), "never more than what was in flight"})
		}
	}
	rows = append(rows, []string{"all", fmt.Sprintf("%d of them while resuming", n.whileResuming), strconv.Itoa(total), "0 wrong bytes, 0 lost"})
	table.Columns, table.Rows = []string{"Transfer", "Killed", "Times", "Result"}, rows
	reliability.Record(t, table)
}
