package browser

import (
	"context"
	"iter"
	"sync"
	"time"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/report"
)

// deedLanes is how many rows a deed takes at once.
const deedLanes = 8

// task is one piece of a deed.
type task struct {
	item Item
	do   func(context.Context) error
}

// deed is something done with each selected row by requests that move no bytes through this computer. It says how far it is, can be
// stopped, and its failures are one report whose button tries only them again.
type deed struct {
	items []Item
	// tasks is the work where it is not known as items; an error ends it. total is how many there are then, or were when counted.
	tasks func(context.Context) iter.Seq2[task, error]
	total int64
	lanes int // 0 = deedLanes
	name  func(count string) string
	do    func(context.Context, Item) error
	done  func(n int) string
	again func(rest []Item) // tries items again
	after func()            // at the end, if nothing failed; nil = nothing
	place storage.Location  // what tasks change
	code  func(rest []Item) // asks for the code of a device and tries those again; nil = never needed

	cancel context.CancelFunc

	mu     sync.Mutex // guards all below
	made   int
	failed []report.Failure
	rest   []Item // that failed
	told   time.Time
}

// words is what the status bar says while it runs.
func (d *deed) words() string {
	d.mu.Lock()
	n := d.made + len(d.failed)
	d.mu.Unlock()
	return d.name(text.T("old.of", units.FormatCount(int64(n)), units.FormatCount(d.total)))
}

// session is that of the open connection, nil without one.
func (vm *ViewModel) session() *storage.Session {
	if vm.conn == nil {
		return nil
	}
	return vm.conn.Session
}

// each begins a deed. A window does one at a time.
func (vm *ViewModel) each(d *deed) {
	if d.tasks == nil {
		d.total, d.tasks = int64(len(d.items)), d.each
	}
	if vm.conn == nil || d.total == 0 {
		return
	}
	if vm.deed != nil {
		vm.Face.Notice(text.T("old.busy"))
		return
	}
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	d.cancel, vm.deed = cancel, d
	vm.Face.Changed(Status)
	vm.Tasks.GoIn(ctx, func(ctx context.Context) {
		d.run(ctx, func() { vm.Tasks.Post(func() { vm.Face.Changed(Status) }) })
		stopped := ctx.Err() != nil
		vm.Tasks.Post(func() { vm.ended(d, stopped) })
	})
}

// haltDeed lets the requests under way end and begins no more; what was done is said.
func (vm *ViewModel) haltDeed() {
	if vm.deed != nil {
		vm.deed.cancel()
	}
}

// stopDeed is haltDeed for a connection that is left: nobody waits for the end.
func (vm *ViewModel) stopDeed() {
	vm.haltDeed()
	vm.deed = nil
}

// run takes the items several at once.
func (d *deed) run(ctx context.Context, tell func()) {
	lanes := d.lanes
	if lanes == 0 {
		lanes = deedLanes
	}
	slots := make(chan struct{}, lanes)
	var wg sync.WaitGroup
	for t, err := range d.tasks(ctx) {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			d.note(Item{At: d.place}, err)
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if d.note(t.item, t.do(ctx)) {
				tell()
			}
		})
	}
	wg.Wait()
}

// each is the tasks of the items.
func (d *deed) each(context.Context) iter.Seq2[task, error] {
	return func(yield func(task, error) bool) {
		for _, it := range d.items {
			if !yield(task{it, func(ctx context.Context) error { return d.do(ctx, it) }}, nil) {
				return
			}
		}
	}
}

// note counts what became of one item; true: it is time to say so.
func (d *deed) note(it Item, err error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err == nil:
		d.made++
	case storage.KindOf(err) == storage.KindCancelled:
	default:
		d.failed, d.rest = append(d.failed, report.Failure{What: plain(it.At.Key), Err: err}), append(d.rest, it)
	}
	if now := time.Now(); now.Sub(d.told) > batchEvery {
		d.told = now
		return true
	}
	return false
}

// ended shows what a deed has changed, and what failed.
func (vm *ViewModel) ended(d *deed, stopped bool) {
	d.cancel()
	if vm.deed != d {
		return // of a connection that was left
	}
	vm.deed = nil
	places := []storage.Location{}
	if d.place != (storage.Location{}) {
		places = append(places, d.place)
	}
	for _, it := range d.items {
		places = append(places, storage.Location{Bucket: it.At.Bucket, Key: it.At.Key})
	}
	vm.RefreshBelow(places...)
	vm.Face.Changed(Status)
	switch n := d.made; {
	case stopped:
		vm.Face.Notice(text.T("old.stopped", d.done(n)))
	case n > 0:
		vm.Face.Notice(d.done(n))
	}
	if len(d.failed) == 0 {
		if d.after != nil && !stopped {
			d.after()
		}
		return
	}
	if d.code != nil && storage.KindOf(d.failed[0].Err) == storage.KindNeedsMFA {
		d.code(d.rest)
		return
	}
	vm.Face.Report(Problem{Failures: d.failed, Total: int(d.total), Retry: func() { d.again(d.rest) }})
}

// reason is a failure in one sentence.
func reason(err error) string { return explain.Error(err).Sentence }
