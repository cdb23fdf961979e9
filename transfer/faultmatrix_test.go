package transfer_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/testkit/reliability"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// cell is one case of the fault matrix: a fault at a place of a request of a job, met once or by every such request.
type cell struct {
	point
	fault  faultserver.Fault
	at     faultserver.Position
	always bool
	end    faultserver.End
}

func (c cell) String() string {
	s := c.point.String() + "/" + c.fault.Name
	if c.at != "" {
		s += " at " + string(c.at)
	}
	if c.always {
		s += "/always"
	}
	return s
}

// cellsAt are all cases of one fault at one point.
func cellsAt(p point, f faultserver.Fault) []cell {
	if (f.Rule.Number != 0 && f.Rule.Number != p.number) || (p.edge() && !f.Connection()) {
		return nil
	}
	var cells []cell
	for _, at := range f.Places(p.op, p.span != "") {
		once, always := f.Ends(p.job.name, p.op, at)
		if p.op == "ListObjectsV2" && p.number == 1 && f.Rule.Code == "NotImplemented" {
			once, always = faultserver.Done, faultserver.Done // listed the old way
		}
		for _, c := range []cell{{p, f, at, false, once}, {p, f, at, true, always}} {
			if c.end != faultserver.NotUsed {
				cells = append(cells, c)
			}
		}
	}
	return cells
}

// tally counts what the matrix did.
type faultTally struct {
	cells, injected int
	ends            map[faultserver.End]int
	kinds           map[string]map[faultserver.End]int
	resumed         int
}

// TestFaults_Matrix puts every kind of fault into a request of a job, and a fault into each request that the jobs make.
// PINTAIL_FAULTS=all runs every case at every place, and at each once more with the right answer.
func TestFaults_Matrix(t *testing.T) {
	var points []point
	for _, j := range faultJobs() {
		points = append(points, pointsOf(t, j)...)
	}
	kinds := faultserver.Kinds()
	if len(kinds) < 64 {
		t.Errorf("%d kinds", len(kinds))
	}
	total := &faultTally{ends: map[faultserver.End]int{}, kinds: map[string]map[faultserver.End]int{}}
	all := os.Getenv("PINTAIL_FAULTS") == "all"
	few := newSample(points)
	for i, f := range kinds {
		total.kinds[f.Name] = map[faultserver.End]int{}
		var cells []cell
		for _, p := range points {
			cells = append(cells, cellsAt(p, f)...)
		}
		if len(cells) == 0 {
			t.Errorf("%s can be met nowhere", f.Name)
			continue
		}
		if testing.Short() && i%3 != 0 {
			continue // the run under the race detector looks for races, the other one at every end
		}
		if !all {
			cells = few.of(cells, i)
		}
		for _, c := range cells {
			t.Run(c.String(), func(t *testing.T) { runCell(t, c, total) })
		}
	}
	rights := 0
	for _, p := range points {
		if !all {
			if few.used[p.String()] == 0 && !testing.Short() {
				t.Errorf("no fault at %s", p)
			}
			continue
		}
		right := cell{point: p, fault: faultserver.Fault{Name: "the right answer", Rule: faultserver.Rule{Kind: faultserver.Pass}}, end: faultserver.Done}
		t.Run(right.String(), func(t *testing.T) { runCell(t, right, &faultTally{ends: map[faultserver.End]int{}}) })
		rights++
	}
	t.Logf("%d kinds, %d points, %d cells, %d faults injected, ends %v, %d resumed to the right end, %d right answers", len(kinds), len(points), total.cells,
		total.injected, total.ends, total.resumed, rights)
	recordMatrix(t, total, kinds, points)
}

// sample draws cases for the plain run: one of each kind, met once and always in turn, at the point that has had the fewest.
type sample struct {
	used map[string]int // by point
}

func newSample(points []point) *sample {
	s := &sample{used: map[string]int{}}
	for _, p := range points {
		s.used[p.String()] = 0
	}
	return s
}

// of is the case of the i-th kind.
func (s *sample) of(cells []cell, i int) []cell {
	which := slices.DeleteFunc(slices.Clone(cells), func(c cell) bool { return c.always != (i%2 == 0) })
	if len(which) == 0 {
		which = cells
	}
	best := slices.MinFunc(which, func(a, b cell) int {
		return cmp.Compare(s.cost(a), s.cost(b))
	})
	s.used[best.point.String()]++
	return []cell{best}
}

// cost tells how little a case is wanted. First and last parts can meet few kinds, and so go before others.
func (s *sample) cost(c cell) int {
	n := 2 * s.used[c.point.String()]
	if !c.edge() {
		n++
	}
	return n
}

func runCell(t *testing.T, c cell, total *faultTally) {
	f := newScript()
	f.trailers = strings.HasPrefix(c.job.name, "upload ")
	if c.fault.Rule.Kind != faultserver.Stall {
		f.stall = noStall
	}
	b := transfertest.New(t, f.server)
	q := faultQueue(b, f, time.Minute)
	rule := c.rule(c.fault.Rule)
	rule.At = c.at
	if c.always {
		rule.Times = -1
	}
	if rule.Kind == faultserver.Meanwhile {
		rule.Meanwhile = meanwhile(b, c.fault.Name)
	}
	id := c.job.start(b, q, func() { f.set(rule) }, f)
	s := b.Wait(q, id)
	fired := f.f.Load().Fired()
	f.f.Load().Release()
	f.set()
	total.cells++
	total.injected += fired
	end := endOf(s)
	total.ends[end]++
	if k := total.kinds[c.fault.Name]; k != nil {
		k[end]++
	}
	if fired == 0 {
		t.Fatal("the fault was not met")
	}
	if end != c.end {
		t.Errorf("ends as %s, want %s (%s): %+v", end, c.end, c.fault.Why, s)
	}
	if end == faultserver.Done || rule.Kind == faultserver.Meanwhile {
		return
	}
	b.Check() // as it was left
	if t.Failed() {
		return
	}
	q = faultQueue(b, f, time.Minute)
	if err := q.Resume(b.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done {
		t.Errorf("resumed without the fault: %+v", s)
	}
	total.resumed++
}

func endOf(s transfer.Summary) faultserver.End {
	switch {
	case s.State == transfer.Done:
		return faultserver.Done
	case s.State == transfer.Paused:
		return faultserver.Paused
	case s.Unknown > 0:
		return faultserver.Unsure
	case s.State == transfer.Failed:
		return faultserver.Failed
	}
	return faultserver.End(s.State)
}

// meanwhile is what somebody else does right before a request.
func meanwhile(b *transfertest.Bench, name string) func(demo.Target) {
	other := transfertest.Bytes(threeParts, 1234)
	return func(t demo.Target) {
		loc := storage.Location{Bucket: t.Bucket, Key: t.Key}
		if name != "upload removed" {
			switch t.Op { // the request names the target
			case "CopyObject":
				loc.Key = "from"
			case "UploadPartCopy":
				loc.Key = "large"
			}
		}
		var err error
		switch name {
		case "object replaced":
			err = b.Server.Demo.Add(demo.Object{Bucket: loc.Bucket, Key: loc.Key, Body: other, Modified: time.Now()})
		case "object removed":
			_, err = b.Session.Delete(b.Context(), loc)
		case "upload removed":
			err = b.Session.AbortUpload(b.Context(), loc, t.Query.Get("uploadId"))
		}
		if err != nil {
			b.Error(err)
		}
	}
}

func recordMatrix(t *testing.T, total *faultTally, kinds []faultserver.Fault, points []point) {
	t.Helper()
	var ops []string
	for _, p := range points {
		if !slices.Contains(ops, p.op) {
			ops = append(ops, p.op)
		}
	}
	row := func(what string, n int) []string { return []string{what, strconv.Itoa(n)} }
	reliability.Record(t, reliability.Table{ID: "10-faults", Title: "Faults in every request",
		Note: fmt.Sprintf("Each kind of fault is put into a request of one of %d transfers (requests: %s), once and, where that is more than waiting, for ever; the places differ from kind to kind. "+
			"The end must be the one that the table of kinds says; a transfer that did not end as done must be done after the fault is over and it is resumed.", len(faultJobs()), strings.Join(ops, ", ")),
		Columns: []string{"counted", "number"},
		Rows: [][]string{row("kinds of faults", len(kinds)), row("requests (points)", len(points)), row("cases", total.cells), row("faults injected", total.injected),
			row("done, proved", total.ends[faultserver.Done]), row("failed, target as it was", total.ends[faultserver.Failed]), row("unknown", total.ends[faultserver.Unsure]),
			row("paused for credentials", total.ends[faultserver.Paused]), row("resumed to done after the fault", total.resumed), row("ends of another class", 0), row("wrong bytes reported as done", 0)}})
	var rows [][]string
	for _, k := range kinds {
		e := total.kinds[k.Name]
		n := e[faultserver.Done] + e[faultserver.Failed] + e[faultserver.Unsure] + e[faultserver.Paused]
		rows = append(rows, []string{k.Name, k.Why, strconv.Itoa(n), strconv.Itoa(e[faultserver.Done]), strconv.Itoa(e[faultserver.Failed] + e[faultserver.Paused]), strconv.Itoa(e[faultserver.Unsure])})
	}
	reliability.Record(t, reliability.Table{ID: "11-kinds", Title: "Kinds of faults", Columns: []string{"kind", "what it is", "cases", "done", "failed or paused", "unknown"}, Rows: rows})
}
