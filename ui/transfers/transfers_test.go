package transfers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"pintail/internal/testkit"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/look"
	"pintail/ui/tasks"
)

// fakeQueue is a queue of fixed transfers that records what is asked of it.
type fakeQueue struct {
	mu      sync.Mutex // guards all below
	rev     uint64
	list    []transfer.Transfer
	removed []transfer.ID
	asked   []string
	fetched int
	good    int // of a failed transfer's files, how many did not fail
	changed chan struct{}
}

func newFakeQueue(list ...transfer.Transfer) *fakeQueue {
	return &fakeQueue{rev: 1, list: list, changed: make(chan struct{}, 1)}
}

func (q *fakeQueue) Snapshot(since uint64) (uint64, []transfer.Transfer, []transfer.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if since >= q.rev {
		return q.rev, nil, nil
	}
	gone := q.removed
	q.removed = nil
	return q.rev, append([]transfer.Transfer(nil), q.list...), gone
}

func (q *fakeQueue) Changed() <-chan struct{} { return q.changed }

func (q *fakeQueue) Items(_ context.Context, id transfer.ID, from, n int) ([]transfer.Item, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []transfer.Item
	for _, t := range q.list {
		for i := from; t.ID == id && i < min(from+n, int(t.Files)); i++ {
			it := transfer.Item{ID: int64(i + 1), Source: fmt.Sprintf("/src/file-%06d", i), Bytes: 10, Result: transfer.ResultDone, Proof: storage.ProofFull}
			if t.State == transfer.Failed && i >= q.good {
				it.Result, it.Err = transfer.ResultFailed, &storage.Error{Op: "PutObject", Kind: storage.KindPermission, Permission: "s3:PutObject", RequestID: "R1"}
			}
			out = append(out, it)
		}
	}
	q.fetched += len(out)
	return out, nil
}

func (q *fakeQueue) Failures(ctx context.Context, id transfer.ID, from, n int) ([]transfer.Item, error) {
	items, err := q.Items(ctx, id, from+q.good, n)
	return slices.DeleteFunc(items, func(it transfer.Item) bool { return it.Result != transfer.ResultFailed }), err
}

func (q *fakeQueue) SetPriority(_ context.Context, ids ...transfer.ID) error {
	q.ask("priority", ids)
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.list {
		q.list[i].Priority = slices.Index(ids, q.list[i].ID) + 1
	}
	q.rev++
	select {
	case q.changed <- struct{}{}:
	default:
	}
	return nil
}

func (q *fakeQueue) ask(what string, ids []transfer.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked = append(q.asked, fmt.Sprint(what, ids))
}
func (q *fakeQueue) Pause(ids ...transfer.ID) { q.ask("pause", ids) }
func (q *fakeQueue) Stop(ids ...transfer.ID)  { q.ask("stop", ids) }
func (q *fakeQueue) Resume(_ context.Context, ids ...transfer.ID) error {
	q.ask("resume", ids)
	return errors.New("cannot")
}
func (q *fakeQueue) Remove(_ context.Context, ids ...transfer.ID) error {
	q.ask("remove", ids)
	return nil
}
func (q *fakeQueue) CleanUp(context.Context) error { q.ask("cleanup", nil); return nil }
func (q *fakeQueue) SetLimits(l transfer.Limits)   { q.ask(fmt.Sprint("limits ", l.UpBytes), nil) }

// loop is the window's thread of a test.
type loop struct{ ch chan func() }

func newLoop() *loop { return &loop{make(chan func(), 1000)} }

func (l *loop) post(f func()) { l.ch <- f }

// until runs what is posted until ok holds.
func (l *loop) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	testkit.Until(t, l.ch, ok, func() string { return what + " has not happened" })
}

func feedOf(t *testing.T, q *fakeQueue, l *loop) *Feed {
	t.Helper()
	f := NewFeed(q, l.post)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { f.Run(ctx) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	l.until(t, "the first snapshot", func() bool { return len(f.Transfers()) == len(q.list) })
	return f
}

func modelOf(t *testing.T, q *fakeQueue) (*ViewModel, *loop, *[]error) {
	t.Helper()
	l := newLoop()
	feed := feedOf(t, q, l)
	g := tasks.New(context.Background(), l.post)
	t.Cleanup(func() { g.Close(); g.Wait() })
	var errs []error
	vm := NewViewModel(Config{Feed: feed, Queue: q, Tasks: g, Changed: func() {}, Failed: func(err error) { errs = append(errs, err) }})
	return vm, l, &errs
}

func TestFeed_NewestFirstAndSums(t *testing.T) {
	t.Parallel()
	l := newLoop()
	f := feedOf(t, newFakeQueue(
		transfer.Transfer{ID: 1, Kind: transfer.Upload, State: transfer.Running, Planned: true, Files: 40, FilesDone: 3, Bytes: 1000, BytesDone: 500, Rate: 100},
		transfer.Transfer{ID: 2, Kind: transfer.Download, State: transfer.Failed, Failed: 1}), l)
	if got := f.Transfers(); got[0].ID != 2 || got[1].ID != 1 {
		t.Errorf("order %v", got)
	}
	s := f.Totals()
	if s.Active != 1 || s.Failed != 1 || s.Left != 5*time.Second || !s.Up || s.Down {
		t.Errorf("totals %+v", s)
	}
	if got, want := Strip(s, units.Decimal), "3 of 40 files · 100 B/s · 5 s left"; got != want {
		t.Errorf("strip %q, want %q", got, want)
	}
}

func TestViewModel_HundredThousandItemsFetchAWindow(t *testing.T) {
	t.Parallel()
	q := newFakeQueue(transfer.Transfer{ID: 1, Kind: transfer.Upload, State: transfer.Done, Files: 100_000, FilesDone: 100_000, Revision: 3})
	vm, l, _ := modelOf(t, q)
	vm.Toggle(1)
	if vm.Len() != 100_001 {
		t.Fatalf("%d rows", vm.Len())
	}
	vm.Need(1, 50_000, 20)
	l.until(t, "the window of items", func() bool { _, ok := vm.File(1, 50_010); return ok })
	if it, _ := vm.File(1, 50_010); it.Source != "/src/file-050010" {
		t.Errorf("item %q", it.Source)
	}
	if q.fetched > 200 {
		t.Errorf("%d items were fetched for 20 rows", q.fetched)
	}
	if got := vm.At(50_011); got.File != 50_010 {
		t.Errorf("row 50,011 is file %d", got.File)
	}
}

func TestViewModel_ActionsGoToWhatIsSelected(t *testing.T) {
	t.Parallel()
	q := newFakeQueue(transfer.Transfer{ID: 1, State: transfer.Running}, transfer.Transfer{ID: 2, State: transfer.Paused},
		transfer.Transfer{ID: 3, State: transfer.Done}, transfer.Transfer{ID: 4, State: transfer.Failed, Failed: 2})
	vm, l, errs := modelOf(t, q)
	vm.SelectAll()
	vm.Pause()
	vm.Stop()
	vm.Resume()
	l.until(t, "the refused resume", func() bool { return len(*errs) == 1 })
	vm.Select(3, false, false)
	if c := vm.Can(); c.Pause || c.Resume || !c.Remove || !c.CleanUp {
		t.Errorf("can %+v for a transfer that is done", c)
	}
	want := []string{"pause[1]", "stop[2 1]", "resume[4 2]"}
	if fmt.Sprint(q.asked) != fmt.Sprint(want) {
		t.Errorf("asked %v, want %v", q.asked, want)
	}
}

func TestViewModel_SaysWhyTheFirstFileFailed(t *testing.T) {
	t.Parallel()
	q := newFakeQueue(transfer.Transfer{ID: 1, State: transfer.Failed, Files: 3, Failed: 3, Revision: 5})
	vm, l, _ := modelOf(t, q)
	get := func() string { t, _ := vm.Get(1); return vm.status(t) }
	l.until(t, "the reason", func() bool { return get() != "Failed: 3 of 3 files" })
	if !strings.HasPrefix(get(), "Failed: 3 of 3 files · ") {
		t.Errorf("status %q", get())
	}
	if q.fetched != 1 {
		t.Errorf("%d items were read for it", q.fetched)
	}
}

func TestViewModel_ShowsOnlyWhatFailed(t *testing.T) {
	t.Parallel()
	q := newFakeQueue(transfer.Transfer{ID: 1, State: transfer.Failed, Files: 3, Failed: 2, FilesDone: 1})
	q.good = 1
	vm, l, _ := modelOf(t, q)
	vm.Toggle(1)
	vm.Need(1, 0, 3)
	l.until(t, "all files", func() bool { _, ok := vm.File(1, 2); return ok && vm.Len() == 4 })
	vm.ShowOnlyFailed(true)
	if vm.Len() != 3 {
		t.Errorf("%d rows, want the transfer and two files", vm.Len())
	}
	vm.Need(1, 0, 2)
	l.until(t, "the failed files", func() bool { _, ok := vm.File(1, 1); return ok })
	for k := range 2 {
		if it, _ := vm.File(1, k); it.Result != transfer.ResultFailed {
			t.Errorf("file %d is %q", k, it.Result)
		}
	}
	if _, more := vm.File(1, 2); more {
		t.Error("a third file is shown")
	}
}

// order is the transfers as they are shown.
func order(vm *ViewModel) (ids []transfer.ID) {
	for _, t := range vm.feed.Transfers() {
		ids = append(ids, t.ID)
	}
	return ids
}

func TestViewModel_MovesWhatIsSelectedToAnotherPlace(t *testing.T) {
	t.Parallel()
	run := func(id transfer.ID) transfer.Transfer { return transfer.Transfer{ID: id, State: transfer.Running} }
	q := newFakeQueue(run(1), run(2), transfer.Transfer{ID: 3, State: transfer.Done}, run(4))
	vm, l, _ := modelOf(t, q)
	shown := func(want ...transfer.ID) {
		t.Helper()
		l.until(t, fmt.Sprint("the order ", want), func() bool { return slices.Equal(order(vm), want) })
	}
	shown(4, 3, 2, 1)
	vm.Select(1, false, false)
	vm.MoveTo(0)
	shown(1, 4, 3, 2)
	vm.Move(-1) // it is the first
	vm.Select(2, false, false)
	vm.Move(-1)
	shown(1, 4, 2, 3)
	vm.Select(1, false, false)
	vm.Move(1)
	shown(4, 1, 2, 3)
	vm.Select(3, false, false)
	vm.MoveTo(0) // it is done: its place says nothing
	want := []string{"priority[1]", "priority[1 4 2]", "priority[4 1 2]"}
	q.mu.Lock()
	defer q.mu.Unlock()
	if fmt.Sprint(q.asked) != fmt.Sprint(want) {
		t.Errorf("asked %v, want %v", q.asked, want)
	}
}

func TestViewModel_CopiesEveryError(t *testing.T) {
	t.Parallel()
	q := newFakeQueue(transfer.Transfer{ID: 1, State: transfer.Failed, Files: 3, Failed: 3})
	vm, l, _ := modelOf(t, q)
	vm.Select(1, false, false)
	var got string
	vm.ErrorText(func(s string) { got = s })
	l.until(t, "the text", func() bool { return got != "" })
	if strings.Count(got, "s3:PutObject") != 3 || !strings.Contains(got, "R1") {
		t.Errorf("text %q", got)
	}
}

func TestStatus_SaysHowFar(t *testing.T) {
	t.Parallel()
	run := transfer.Transfer{Kind: transfer.Download, State: transfer.Running, Planned: true, Files: 1, Bytes: 15_700_000_000, BytesDone: 3_300_000_000,
		Rate: 82_000_000, Left: 2 * time.Minute}
	for _, c := range []struct {
		t    transfer.Transfer
		want string
	}{
		{run, "3.3 GB of 15.7 GB (21 %), 82 MB/s, 2 min left"},
		{transfer.Transfer{Kind: transfer.Upload, State: transfer.Done, Planned: true, Files: 2, FilesDone: 2, Bytes: 3000, BytesDone: 3000}, "Done · 3.0 kB, 2 files"},
		{transfer.Transfer{Kind: transfer.Delete, State: transfer.Done, Files: 1204, FilesDone: 1204}, "Deleted 1,204 objects"},
		{transfer.Transfer{State: transfer.Waiting, Kind: transfer.Upload, Files: 1, Bytes: 10, BytesDone: 5, NextTry: time.Date(2026, 1, 2, 15, 4, 5, 0, time.Local)},
			"Waiting for the network · 5 B of 10 B (50 %) · next try at 15:04:05"},
		{transfer.Transfer{State: transfer.Failed, Files: 40, Failed: 3, Message: "no room"}, "Failed: 3 of 40 files · no room"},
		{transfer.Transfer{State: transfer.Stopped, Interrupted: true, Files: 2, Bytes: 10, BytesDone: 5}, "Interrupted at 5 B of 10 B (50 %) · Resume goes on with it"},
	} {
		if got := Status(c.t, units.Decimal); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	class := transfer.Transfer{Kind: transfer.Change, From: "s3://b/f/", Edit: &storage.Edit{Class: "GLACIER", Tags: map[string]string{"a\nb": "c"}}}
	if got := Where(class); got != "class GLACIER, tag a␊b = c · in s3://b/f/" {
		t.Errorf("a change of a folder: %q", got)
	}
	if got := Where(transfer.Transfer{Kind: transfer.Restore, From: "s3://b/f/", Restore: &storage.RestoreOptions{Days: 2, Tier: "Bulk"}}); got != "for 2 days, Bulk · in s3://b/f/" {
		t.Errorf("a restore: %q", got)
	}
	if got := Names(transfer.Transfer{Names: []string{"a\nb", "c", "d"}, NameCount: 41}); got != "a␊b, c, d and 38 more" {
		t.Errorf("names %q", got)
	}
}

func TestList_DrawsOnlyWhatIsSeen(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	q := newFakeQueue(transfer.Transfer{ID: 1, Kind: transfer.Upload, State: transfer.Done, Names: []string{"tree"}, NameCount: 1,
		Files: 100_000, FilesDone: 100_000, Revision: 1}, transfer.Transfer{ID: 2, State: transfer.Running})
	vm, l, _ := modelOf(t, q)
	v := newList(vm)
	v.mods = func() fyne.KeyModifier { return 0 }
	v.onMenu, v.onKey = func(fyne.Position) {}, func(*fyne.KeyEvent) bool { return false }
	vm.changed = v.update
	w := test.NewTempWindow(t, v.scroll)
	w.Resize(fyne.NewSize(600, 400))
	v.update()
	v.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(8, transferHeight+20)}, Button: desktop.MouseButtonPrimary})
	l.until(t, "the files", func() bool { _, ok := vm.File(1, 5); return ok })
	if !vm.Open(1) || len(v.files) == 0 {
		t.Fatal("the triangle has not opened the transfer")
	}
	if n := len(v.heads) + len(v.files); n > 40 {
		t.Errorf("%d rows were made for a view of 400 pixels", n)
	}
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyHome})
	if !vm.Selected(2) {
		t.Error("Home does not select the newest")
	}
}

func TestFeed_KeepsTheSpeedOfEachSecond(t *testing.T) {
	f := NewFeed(newFakeQueue(), func(fn func()) { fn() })
	f.list = []transfer.Transfer{{ID: 1, State: transfer.Running, Rate: 5}}
	at := time.Unix(1000, 0)
	f.sample(at)
	f.sample(at.Add(300 * time.Millisecond)) // the same second
	f.list[0].Rate = 7
	f.sample(at.Add(3 * time.Second)) // two without a look
	if got := fmt.Sprint(f.Speeds()); got != "[5 0 0 7]" {
		t.Errorf("speeds %s", got)
	}
	for i := range 2 * GraphSpan {
		f.sample(at.Add(time.Duration(4+i) * time.Second))
	}
	if n := len(f.Speeds()); n != GraphSpan {
		t.Errorf("%d seconds are kept, want %d", n, GraphSpan)
	}
	f.sample(at.Add(3 * time.Hour))
	if n := len(f.Speeds()); n != 1 {
		t.Errorf("%d seconds are shown of a run that began now", n)
	}
}
