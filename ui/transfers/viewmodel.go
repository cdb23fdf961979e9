package transfers

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/transfer"
	"pintail/ui/tasks"
)

// Line is one row of the window: a transfer, or a file of an opened transfer.
type Line struct {
	Transfer transfer.ID
	File     int // place in the transfer, or -1 for the transfer itself
}

// ViewModel is the Transfers window without drawing. It belongs to the window's thread.
type ViewModel struct {
	feed    *Feed
	q       Queue
	tasks   *tasks.Group
	base    func() units.Base
	changed func()
	failed  func(error)

	open     map[transfer.ID]*page
	starts   []int // row of each transfer
	rows     int
	selected map[transfer.ID]bool
	anchor   transfer.ID
	limits   transfer.Limits

	onlyFailed bool // of open transfers only what failed is shown
	reasons    map[transfer.ID]reason
}

// reason is why the first file of a transfer failed, as it was at a revision.
type reason struct {
	rev  uint64
	text string
}

// page is the window of a transfer's items that was fetched last.
type page struct {
	from    int
	items   []transfer.Item
	rev     uint64
	loading bool
}

// margin is how many items are fetched beyond those that are seen.
const margin = 60

// Config is what the window needs.
type Config struct {
	Feed    *Feed
	Queue   Queue
	Tasks   *tasks.Group
	Base    func() units.Base // step of sizes; nil = decimal
	Limits  transfer.Limits
	Changed func()      // something to draw anew
	Failed  func(error) // an action failed
}

// NewViewModel returns the view-model of one window; the caller ends c.Tasks when the window closes.
func NewViewModel(c Config) *ViewModel {
	if c.Base == nil {
		c.Base = func() units.Base { return units.Decimal }
	}
	vm := &ViewModel{feed: c.Feed, q: c.Queue, tasks: c.Tasks, base: c.Base, changed: c.Changed, failed: c.Failed,
		open: map[transfer.ID]*page{}, selected: map[transfer.ID]bool{}, limits: c.Limits, reasons: map[transfer.ID]reason{}}
	vm.Update()
	return vm
}

// Update takes over what the feed has; the feed's subscription calls it.
func (vm *ViewModel) Update() {
	list := vm.feed.Transfers()
	vm.starts = vm.starts[:0]
	row := 0
	for _, t := range list {
		vm.starts = append(vm.starts, row)
		row++
		if vm.open[t.ID] != nil {
			row += vm.files(t)
		}
	}
	vm.rows = row
	for id := range vm.selected {
		if _, ok := vm.feed.Get(id); !ok {
			delete(vm.selected, id)
		}
	}
	vm.changed()
}

// Len is the number of rows.
func (vm *ViewModel) Len() int { return vm.rows }

// At is row i.
func (vm *ViewModel) At(i int) Line {
	k, found := slices.BinarySearch(vm.starts, i)
	if !found {
		k--
	}
	return Line{vm.feed.Transfers()[k].ID, i - vm.starts[k] - 1}
}

// Heights walks over the transfers in order: each with the number of files that are shown below it.
func (vm *ViewModel) Heights(yield func(id transfer.ID, files int)) {
	for _, t := range vm.feed.Transfers() {
		n := 0
		if vm.open[t.ID] != nil {
			n = vm.files(t)
		}
		yield(t.ID, n)
	}
}

// Get is the transfer id.
func (vm *ViewModel) Get(id transfer.ID) (transfer.Transfer, bool) { return vm.feed.Get(id) }

// Open tells whether the files of id are shown; Toggle shows or hides them.
func (vm *ViewModel) Open(id transfer.ID) bool { return vm.open[id] != nil }

// Toggle shows or hides the files of id.
func (vm *ViewModel) Toggle(id transfer.ID) {
	if vm.open[id] != nil {
		delete(vm.open, id)
	} else {
		vm.open[id] = &page{}
	}
	vm.Update()
}

// Need makes sure that files from to from+n of id are on their way; the window calls it for what is seen.
func (vm *ViewModel) Need(id transfer.ID, from, n int) {
	w := vm.open[id]
	t, ok := vm.feed.Get(id)
	if w == nil || !ok || w.loading {
		return
	}
	covered := from >= w.from && min(from+n, vm.files(t)) <= w.from+len(w.items)
	if covered && w.rev == t.Revision {
		return
	}
	w.loading = true
	start := max(0, from-margin)
	rev := t.Revision
	fetch := vm.q.Items
	if vm.onlyFailed {
		fetch = vm.q.Failures
	}
	tasks.Run(vm.tasks, func(ctx context.Context) ([]transfer.Item, error) {
		return fetch(ctx, id, start, n+2*margin)
	}, func(items []transfer.Item, err error) {
		w.loading = false
		if err != nil { // the transfer was removed meanwhile
			return
		}
		w.from, w.items, w.rev = start, items, rev
		vm.changed()
	})
}

// files is how many files of t are shown when it is open.
func (vm *ViewModel) files(t transfer.Transfer) int {
	if vm.onlyFailed {
		return int(t.Failed + t.Unknown)
	}
	return int(t.Files)
}

// OnlyFailed tells whether open transfers show only the files that failed; ShowOnlyFailed changes that.
func (vm *ViewModel) OnlyFailed() bool { return vm.onlyFailed }

// ShowOnlyFailed shows of open transfers only the files that failed, or all again.
func (vm *ViewModel) ShowOnlyFailed(on bool) {
	vm.onlyFailed = on
	for id := range vm.open {
		vm.open[id] = &page{} // what was fetched is of the other kind
	}
	vm.Update()
}

// Reason is why a transfer failed that has no error of its own: that of its first failed file. It is read when it is first
// asked for; until then it is empty.
func (vm *ViewModel) Reason(t transfer.Transfer) string {
	if t.State != transfer.Failed || t.Err != nil || t.Message != "" || t.Failed+t.Unknown == 0 {
		return ""
	}
	known, asked := vm.reasons[t.ID]
	if asked && known.rev == t.Revision {
		return known.text
	}
	vm.reasons[t.ID] = reason{t.Revision, known.text}
	tasks.Run(vm.tasks, func(ctx context.Context) ([]transfer.Item, error) { return vm.q.Failures(ctx, t.ID, 0, 1) },
		func(items []transfer.Item, err error) {
			if err != nil || len(items) == 0 { // removed, or being tried again
				return
			}
			vm.reasons[t.ID] = reason{t.Revision, errorText(items[0].Err)}
			vm.changed()
		})
	return known.text
}

// status is the second line of a transfer.
func (vm *ViewModel) status(t transfer.Transfer) string {
	s := Status(t, vm.base())
	if why := vm.Reason(t); why != "" {
		s += " · " + why
	}
	return s
}

// File is file k of id if it has been fetched.
func (vm *ViewModel) File(id transfer.ID, k int) (transfer.Item, bool) {
	w := vm.open[id]
	if w == nil || k < w.from || k >= w.from+len(w.items) {
		return transfer.Item{}, false
	}
	return w.items[k-w.from], true
}

// Selected tells whether id is selected.
func (vm *ViewModel) Selected(id transfer.ID) bool { return vm.selected[id] }

// Select selects id: alone, in addition (toggle), or everything from the last one to it (extend).
func (vm *ViewModel) Select(id transfer.ID, toggle, extend bool) {
	switch {
	case extend && vm.anchor != 0:
		clear(vm.selected)
		from, to := vm.index(vm.anchor), vm.index(id)
		for _, t := range vm.feed.Transfers()[max(min(from, to), 0) : max(from, to)+1] {
			vm.selected[t.ID] = true
		}
		vm.changed()
		return
	case toggle:
		if vm.selected[id] {
			delete(vm.selected, id)
		} else {
			vm.selected[id] = true
		}
	default:
		clear(vm.selected)
		vm.selected[id] = true
	}
	vm.anchor = id
	vm.changed()
}

// SelectAll selects every transfer.
func (vm *ViewModel) SelectAll() {
	for _, t := range vm.feed.Transfers() {
		vm.selected[t.ID] = true
	}
	vm.changed()
}

func (vm *ViewModel) index(id transfer.ID) int {
	return slices.IndexFunc(vm.feed.Transfers(), func(t transfer.Transfer) bool { return t.ID == id })
}

// Anchor is the transfer that the keyboard stands on; 0 is none.
func (vm *ViewModel) Anchor() transfer.ID { return vm.anchor }

// Step moves the selection by delta transfers.
func (vm *ViewModel) Step(delta int, extend bool) {
	list := vm.feed.Transfers()
	if len(list) == 0 {
		return
	}
	i := vm.index(vm.anchor)
	i = min(max(i+delta, 0), len(list)-1)
	if extend {
		vm.selected[list[i].ID] = true
		vm.anchor = list[i].ID
		vm.changed()
		return
	}
	vm.Select(list[i].ID, false, false)
}

// picked are the selected transfers that ok accepts.
func (vm *ViewModel) picked(ok func(transfer.Transfer) bool) []transfer.ID {
	var ids []transfer.ID
	for _, t := range vm.feed.Transfers() {
		if vm.selected[t.ID] && ok(t) {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// Can says which actions do something now.
type Can struct{ Pause, Resume, Stop, Remove, Retry, CleanUp, Reveal, CopyError, Move bool }

// Can tells which actions do something for the selection.
func (vm *ViewModel) Can() Can {
	var c Can
	for _, t := range vm.feed.Transfers() {
		c.CleanUp = c.CleanUp || t.State == transfer.Done
		if !vm.selected[t.ID] {
			continue
		}
		c.Pause = c.Pause || Active(t.State)
		c.Resume = c.Resume || Resumable(t)
		c.Stop = c.Stop || Active(t.State) || t.State == transfer.Paused
		c.Remove = c.Remove || t.State != transfer.Foreign
		c.Retry = c.Retry || Failed(t) && t.State.Ended()
		c.Move = c.Move || movable(t)
		c.Reveal = c.Reveal || revealable(t)
		c.CopyError = c.CopyError || t.Err != nil || t.Message != "" || t.Failed > 0
	}
	return c
}

func revealable(t transfer.Transfer) bool {
	return t.Kind == transfer.Download && t.FilesDone > 0 || t.Kind == transfer.Upload
}

// Pause holds the selected transfers; Resume goes on with them; Stop ends them.
func (vm *ViewModel) Pause() {
	if ids := vm.picked(func(t transfer.Transfer) bool { return Active(t.State) }); len(ids) > 0 {
		vm.q.Pause(ids...)
	}
}

// Resume goes on with the selected transfers.
func (vm *ViewModel) Resume() { vm.resume(vm.picked(Resumable)) }

// Retry tries the failed files of the selected transfers again.
func (vm *ViewModel) Retry() {
	vm.resume(vm.picked(func(t transfer.Transfer) bool { return Failed(t) && t.State.Ended() }))
}

func (vm *ViewModel) resume(ids []transfer.ID) {
	if len(ids) == 0 {
		return
	}
	vm.do(func(ctx context.Context) error { return vm.q.Resume(ctx, ids...) })
}

// Stop ends the selected transfers; they can be resumed.
func (vm *ViewModel) Stop() {
	ids := vm.picked(func(t transfer.Transfer) bool { return Active(t.State) || t.State == transfer.Paused })
	if len(ids) > 0 {
		vm.q.Stop(ids...)
	}
}

// Remove forgets the selected transfers and what they left unfinished.
func (vm *ViewModel) Remove() {
	ids := vm.picked(func(t transfer.Transfer) bool { return t.State != transfer.Foreign })
	if len(ids) == 0 {
		return
	}
	vm.do(func(ctx context.Context) error { return vm.q.Remove(ctx, ids...) })
}

// CleanUp removes every transfer that is done.
func (vm *ViewModel) CleanUp() { vm.do(vm.q.CleanUp) }

func (vm *ViewModel) do(f func(context.Context) error) {
	tasks.Run(vm.tasks, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) }, func(_ struct{}, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			vm.failed(err)
		}
	})
}

// Limits are the limits in force; SetLimits changes them at once.
func (vm *ViewModel) Limits() transfer.Limits { return vm.limits }

// SetLimits changes the limits of everything that runs.
func (vm *ViewModel) SetLimits(l transfer.Limits) {
	vm.limits = l
	vm.q.SetLimits(l)
	vm.changed()
}

// Folder is the local folder to reveal for the first selected transfer; "" if there is none.
func (vm *ViewModel) Folder() string {
	for _, t := range vm.feed.Transfers() {
		if !vm.selected[t.ID] || !revealable(t) {
			continue
		}
		if t.Kind == transfer.Download {
			return t.To
		}
		return t.From
	}
	return ""
}

// ErrorText is everything that is known of what went wrong with the selection, for the clipboard.
func (vm *ViewModel) ErrorText(done func(string)) {
	picked := vm.picked(func(transfer.Transfer) bool { return true })
	tasks.Run(vm.tasks, func(ctx context.Context) (string, error) { return vm.collectErrors(ctx, picked) },
		func(s string, err error) {
			if err != nil && s == "" {
				vm.failed(err)
				return
			}
			done(s)
		})
}

const maxErrors = 1000

func (vm *ViewModel) collectErrors(ctx context.Context, ids []transfer.ID) (string, error) {
	var b strings.Builder
	n := 0
	for _, id := range ids {
		for from := 0; n < maxErrors; {
			items, err := vm.q.Items(ctx, id, from, 500)
			if err != nil {
				return b.String(), err
			}
			for _, it := range items {
				if it.Err != nil {
					n++
					b.WriteString(it.Source + "\n" + describe(it.Err) + "\n")
				}
			}
			if len(items) < 500 {
				break
			}
			from += len(items)
		}
	}
	return b.String(), nil
}

func describe(err error) string {
	e := explain.Error(err)
	s := e.Title + ": " + e.Sentence
	if e.Permission != "" {
		s += "\n" + text.T("transfers.permission", e.Permission)
	}
	if e.Details != "" {
		s += "\n" + e.Details
	}
	return s
}

// Busy tells whether t shows a bar of progress.
func Busy(t transfer.Transfer) bool {
	return Active(t.State) || t.State == transfer.Paused || t.State == transfer.Foreign
}

// Fraction is how far t is, 0 to 1; -1 while that is not known.
func Fraction(t transfer.Transfer) float64 {
	switch {
	case t.State == transfer.Done:
		return 1
	case t.Bytes > 0:
		return min(1, float64(t.BytesDone)/float64(t.Bytes))
	case t.Files > 0:
		return min(1, float64(t.FilesDone)/float64(t.Files))
	}
	return -1
}

// elapsed is how long a transfer took.
func elapsed(t transfer.Transfer) time.Duration {
	if t.Started.IsZero() || t.Ended.IsZero() {
		return -1
	}
	return t.Ended.Sub(t.Started)
}
