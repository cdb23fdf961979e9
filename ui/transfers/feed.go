// Package transfers shows the queue: the Transfers window, the activity strip's figures and the badge of the toolbar.
// It must never format rows that are not seen, nor ask the queue more than ten times a second.
// Start reading at [Feed], then viewmodel.go and view.go.
package transfers

import (
	"context"
	"slices"
	"time"

	"pintail/transfer"
)

// Queue is what the windows need of the transfer engine.
type Queue interface {
	Snapshot(since uint64) (rev uint64, changed []transfer.Transfer, removed []transfer.ID)
	Changed() <-chan struct{}
	Items(ctx context.Context, id transfer.ID, from, n int) ([]transfer.Item, error)
	Failures(ctx context.Context, id transfer.ID, from, n int) ([]transfer.Item, error)
	SetPriority(ctx context.Context, ids ...transfer.ID) error
	Pause(ids ...transfer.ID)
	Resume(ctx context.Context, ids ...transfer.ID) error
	Stop(ids ...transfer.ID)
	Remove(ctx context.Context, ids ...transfer.ID) error
	CleanUp(ctx context.Context) error
	SetLimits(transfer.Limits)
}

// pause is the least time between two looks at the queue.
const pause = 100 * time.Millisecond

// Feed is the one reader of the queue for all windows: it keeps the list of transfers and tells who is interested. Apart from
// Run, all of it belongs to the window's thread.
type Feed struct {
	q    Queue
	post func(func())
	list []transfer.Transfer // newest first
	show []transfer.Transfer // list in the order in which it is shown
	subs map[int]func()
	next int
	wake chan struct{}

	speeds  []float64 // bytes a second, one for each second of the last minutes in which something ran
	sampled time.Time
}

// GraphSpan is how many seconds of speed are kept.
const GraphSpan = 300

// Speeds is the speed in bytes a second of all that runs, second by second, oldest first. The caller must not change it.
func (f *Feed) Speeds() []float64 { return f.speeds }

// sample notes the speed once a second; the seconds in which nothing ran, and nobody looked, were of no speed.
func (f *Feed) sample(now time.Time) bool {
	missed := int(now.Sub(f.sampled) / time.Second)
	if missed < 1 {
		return false
	}
	if f.sampled.IsZero() || missed > GraphSpan {
		missed = 1
		f.speeds = f.speeds[:0]
	}
	f.sampled = now
	for range missed - 1 {
		f.speeds = append(f.speeds, 0)
	}
	f.speeds = append(f.speeds, f.Totals().Rate)
	if more := len(f.speeds) - GraphSpan; more > 0 {
		f.speeds = slices.Delete(f.speeds, 0, more)
	}
	return true
}

// NewFeed returns a feed of q. post runs a function on the window's thread.
func NewFeed(q Queue, post func(func())) *Feed {
	return &Feed{q: q, post: post, subs: map[int]func(){}, wake: make(chan struct{}, 1)}
}

// Run reads the queue until ctx ends: when it says that something changed, and, while something runs, every pause.
func (f *Feed) Run(ctx context.Context) {
	var rev uint64
	running := map[transfer.ID]bool{}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		next, changed, removed := f.q.Snapshot(rev)
		if rev = next; len(changed) > 0 || len(removed) > 0 {
			for _, t := range changed {
				running[t.ID] = Active(t.State)
			}
			for _, id := range removed {
				delete(running, id)
			}
			f.post(func() { f.apply(changed, removed) })
		}
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if anyTrue(running) {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-f.q.Changed():
		}
	}
}

func anyTrue(m map[transfer.ID]bool) bool {
	for _, v := range m {
		if v {
			return true
		}
	}
	return false
}

func (f *Feed) apply(changed []transfer.Transfer, removed []transfer.ID) {
	for _, t := range changed {
		i, found := f.find(t.ID)
		if found {
			f.list[i] = t
		} else {
			f.list = slices.Insert(f.list, i, t)
		}
	}
	for _, id := range removed {
		if i, found := f.find(id); found {
			f.list = slices.Delete(f.list, i, i+1)
		}
	}
	f.show = inOrder(f.show[:0], f.list)
	f.sample(time.Now())
	for _, fn := range f.subs {
		fn()
	}
}

// inOrder puts first what a person gave a place and is not over, then all else; into is used again.
func inOrder(into, list []transfer.Transfer) []transfer.Transfer {
	placed := func(t transfer.Transfer) bool { return t.Priority > 0 && !t.State.Ended() }
	for _, t := range list {
		if placed(t) {
			into = append(into, t)
		}
	}
	slices.SortStableFunc(into, func(a, b transfer.Transfer) int { return a.Priority - b.Priority })
	for _, t := range list {
		if !placed(t) {
			into = append(into, t)
		}
	}
	return into
}

func (f *Feed) find(id transfer.ID) (int, bool) {
	return slices.BinarySearchFunc(f.list, id, func(t transfer.Transfer, id transfer.ID) int { return int(id - t.ID) })
}

// Subscribe calls fn on the window's thread after each change, until the returned function is called.
func (f *Feed) Subscribe(fn func()) (cancel func()) {
	id := f.next
	f.next++
	f.subs[id] = fn
	return func() { delete(f.subs, id) }
}

// Transfers is the list: what a person gave a place in its order, then the newest first. The caller must not change it.
func (f *Feed) Transfers() []transfer.Transfer { return f.show }

// Get is the transfer id; false when it is gone.
func (f *Feed) Get(id transfer.ID) (transfer.Transfer, bool) {
	if i, ok := f.find(id); ok {
		return f.list[i], true
	}
	return transfer.Transfer{}, false
}

// Active tells whether a transfer in this state is being worked on.
func Active(s transfer.State) bool {
	switch s {
	case transfer.Queued, transfer.Planning, transfer.Running, transfer.Waiting:
		return true
	}
	return false
}

// Resumable tells whether Resume does something for t: it stands still and is not finished, or some of its files failed.
func Resumable(t transfer.Transfer) bool {
	switch t.State {
	case transfer.Paused, transfer.Stopped, transfer.Failed:
		return true
	}
	return false
}

// Failed tells whether something of t failed.
func Failed(t transfer.Transfer) bool {
	return t.State == transfer.Failed || t.Failed > 0 || t.Unknown > 0
}

// Ended tells whether t is over and Clean up would remove it.
func Ended(s transfer.State) bool {
	return s == transfer.Done || s == transfer.Failed || s == transfer.Stopped
}

// Totals sums up what is under way.
type Totals struct {
	Active, Paused, Resumable, Failed, Ended int
	Files, FilesDone, Bytes, BytesDone       int64
	Up, Down, Waiting, Planning              bool
	Rate                                     float64
	Left                                     time.Duration // -1: not known
}

// Totals sums up the transfers that are under way or paused.
func (f *Feed) Totals() Totals {
	s := Totals{Left: -1}
	for _, t := range f.list {
		if Ended(t.State) {
			s.Ended++
		}
		if Failed(t) {
			s.Failed++
		}
		if Resumable(t) {
			s.Resumable++
		}
		if t.State == transfer.Paused {
			s.Paused++
		}
		if !Active(t.State) {
			continue
		}
		s.Active++
		s.Files += t.Files
		s.FilesDone += t.FilesDone
		s.Bytes += t.Bytes
		s.BytesDone += t.BytesDone
		s.Rate += t.Rate
		s.Waiting = s.Waiting || t.State == transfer.Waiting
		s.Planning = s.Planning || !t.Planned
		s.Down, s.Up = s.Down || t.Kind == transfer.Download, s.Up || t.Kind == transfer.Upload
	}
	if s.Rate > 0 && !s.Planning {
		s.Left = time.Duration(float64(s.Bytes-s.BytesDone) / s.Rate * float64(time.Second))
	}
	return s
}
