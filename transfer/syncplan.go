package transfer

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pintail/storage"
)

// SyncPlan is what a sync would do, line by line. It grows while both sides are read; neither is held in memory. Its methods may be
// called from any goroutine. The caller must Close it.
type SyncPlan struct {
	q      *Queue
	req    Request
	a, b   syncEnd
	filter *planning // for its patterns
	moved  atomic.Int64
	cancel context.CancelCauseFunc
	done   chan struct{}

	changed chan struct{}
	signal  atomic.Int64

	seenCount, sameCount, keptCount atomic.Int64

	mu     sync.Mutex // guards all below
	store  syncStore
	totals SyncTotals
	err    error
	closed bool
}

// planTurn is the turn of all plans in the pool of requests: no transfer has such a number.
const planTurn ID = -1

// PlanSync begins to compare the two sides of a [Sync] request and returns at once. A request that cannot be right is refused. The
// plan ends with ctx or with the queue, if it has not come to its end before.
func (q *Queue) PlanSync(ctx context.Context, r Request) (*SyncPlan, error) {
	if err := r.absolute(); err != nil {
		return nil, err
	}
	if err := r.validate(); err != nil {
		return nil, err
	}
	// Without its time a file that was brought over would differ again the next time.
	r.Options.PreserveTime = true
	r.Target.Exact = true
	p := &SyncPlan{q: q, req: r, done: make(chan struct{}), changed: make(chan struct{}, 1)}
	p.a = syncEnd{local: r.Sources[0].Local, remote: r.Sources[0].Remote, ref: r.Connection}
	p.b = syncEnd{local: r.Target.Local, remote: r.Target.Remote, ref: r.targetRef()}
	p.filter = &planning{r: &run{req: r}}
	p.store = syncStore{dir: filepath.Dir(q.cfg.Journal), cached: -1}
	p.moved.Store(q.now().UnixNano())
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, ErrClosed
	}
	pctx, cancel := context.WithCancelCause(q.ctx)
	p.cancel = cancel
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	q.runs.Go(func() {
		defer stop()
		p.run(pctx)
	})
	return p, nil
}

func (p *SyncPlan) run(ctx context.Context) {
	defer close(p.done)
	err := p.merge(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	p.mu.Lock()
	p.err = err
	p.totals.Done = err == nil
	p.mu.Unlock()
	p.tell(true)
}

// validateSync refuses what cannot be synchronised.
func (r *Request) validateSync() error {
	if len(r.Sources) != 1 {
		return refuse("a sync has one source")
	}
	s, t, o := r.Sources[0], r.Target, r.Sync
	if o == nil {
		o = &SyncOptions{}
	}
	for _, end := range []struct {
		local  string
		remote storage.Location
	}{{s.Local, s.Remote}, {t.Local, t.Remote}} {
		switch {
		case (end.local == "") == (end.remote.Bucket == ""):
			return refuse("each side is either a local folder or an address")
		case end.local == "" && !end.remote.IsBucket() && !end.remote.IsFolder():
			return refuse("%s is no folder", end.remote)
		case strings.Contains(end.remote.Bucket, "/"):
			return refuse("%q is no bucket", end.remote.Bucket)
		case strings.ContainsRune(end.local, 0):
			return refuse("a path cannot hold a zero byte")
		}
	}
	switch {
	case s.Local != "" && t.Local != "":
		return refuse("one side at least is on a server")
	case o.Mirror && s.Local == "" && t.Local == "":
		return refuse("a mirror needs one local side")
	case o.Mirror && o.Delete:
		return refuse("a mirror deletes nothing: neither side is the model")
	case o.Compare != "" && o.Compare != CompareTime && o.Compare != CompareSize && o.Compare != CompareChecksum:
		return refuse("unknown comparison %q", o.Compare)
	case r.Options.Older > 0 || r.Options.Newer > 0:
		return refuse("a sync cannot be limited by age")
	case r.Options.Existing != "":
		return refuse("a sync has its own rule for what exists")
	}
	if s.Local == "" && t.Local == "" && r.targetRef() == r.Connection && s.Remote.Bucket == t.Remote.Bucket &&
		(strings.HasPrefix(s.Remote.Key, t.Remote.Key) || strings.HasPrefix(t.Remote.Key, s.Remote.Key)) {
		return refuse("one of %s and %s is inside the other", s.Remote, t.Remote)
	}
	return r.Options.validate()
}

// sync is the options; never nil.
func (r *Request) sync() *SyncOptions {
	if r.Sync == nil {
		return &SyncOptions{}
	}
	return r.Sync
}

// tell signals that the plan has changed, at most ten times a second but for the last time.
func (p *SyncPlan) tell(last bool) {
	now := time.Now().UnixNano()
	before := p.signal.Load()
	if !last && (now-before < int64(signalEvery) || !p.signal.CompareAndSwap(before, now)) {
		return
	}
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// Changed signals, coalesced, that there is more to see.
func (p *SyncPlan) Changed() <-chan struct{} { return p.changed }

// Done is closed when the plan has come to its end.
func (p *SyncPlan) Done() <-chan struct{} { return p.done }

// Wait waits for the end of the plan and returns why it could not be made, or ctx's error.
func (p *SyncPlan) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Totals sums up what has been found so far.
func (p *SyncPlan) Totals() SyncTotals {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.totals
	t.Seen, t.Same, t.Kept = p.seenCount.Load(), p.sameCount.Load(), p.keptCount.Load()
	return t
}

// Len is the number of entries so far.
func (p *SyncPlan) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.store.marks)
}

// Entries returns up to n entries beginning with index from.
func (p *SyncPlan) Entries(from, n int) ([]SyncEntry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []SyncEntry
	for i := max(0, from); i < len(p.store.marks) && len(out) < n; i++ {
		e, err := p.entry(i)
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

var errPlanClosed = errors.New("the sync plan is closed")

// entry reads an entry back. The caller holds mu.
func (p *SyncPlan) entry(i int) (SyncEntry, error) {
	if p.closed {
		return SyncEntry{}, errPlanClosed
	}
	r, err := p.store.record(i)
	if err != nil {
		return SyncEntry{}, err
	}
	from, to := p.ends(r.do)
	e := SyncEntry{Index: i, Key: r.key, Class: r.class, Do: r.do, Why: r.why, Folder: r.folder, Err: r.err, On: p.store.marks[i]&markOn != 0}
	fromPath, toPath := r.path, ""
	if r.do == Delete {
		fromPath, toPath = "", r.path
	}
	e.Source = SyncSide{There: r.sourceThere, Size: r.source.size, Modified: r.source.modified}
	e.Target = SyncSide{There: r.targetThere, Size: r.target.size, Modified: r.target.modified}
	e.Source.Name, _ = from.name(r.key, fromPath)
	e.Target.Name, _ = to.name(r.key, toPath)
	e.Bytes = r.bytes()
	return e, nil
}

// ends are the sides that something is brought from and to: of a mirror they turn.
func (p *SyncPlan) ends(do Kind) (from, to *syncEnd) {
	if do == Upload && p.a.local == "" || do == Download && p.a.local != "" {
		return &p.b, &p.a
	}
	return &p.a, &p.b
}

// bytes is how much an entry moves.
func (r *syncRecord) bytes() int64 {
	if r.class == SyncNew || r.class == SyncChanged {
		return r.source.size
	}
	return 0
}

// SyncFilter chooses entries; the zero value chooses all.
type SyncFilter struct {
	Classes []SyncClass // if any
	Do      []Kind      // if any
	Text    string      // part of the key, case ignored
}

// Select returns the indexes of the entries from index from on that a filter chooses, at most n (0 = all).
func (p *SyncPlan) Select(f SyncFilter, from, n int) ([]int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []int
	err := p.each(f, from, len(p.store.marks), func(i int, _ *syncRecord) bool {
		out = append(out, i)
		return n <= 0 || len(out) < n
	})
	return out, err
}

// Switch switches the entries from index from up to but without to that a filter chooses on or off. What cannot be switched stays
// as it is: entries left out, and deletions that are held back.
func (p *SyncPlan) Switch(from, to int, f SyncFilter, on bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.each(f, from, to, func(i int, r *syncRecord) bool {
		was := p.store.marks[i]&markOn != 0
		if was == on || r.class == SyncLeft || on && r.class == SyncDeleted && p.totals.Held != nil {
			return true
		}
		p.store.marks[i] ^= markOn
		sign := int64(-1)
		if on {
			sign = 1
		}
		p.countOn(r, sign)
		return true
	})
}

// each calls do for the entries that a filter chooses, until it returns false. The caller holds mu.
func (p *SyncPlan) each(f SyncFilter, from, to int, do func(int, *syncRecord) bool) error {
	if p.closed {
		return errPlanClosed
	}
	want := strings.ToLower(f.Text)
	for i := max(0, from); i < min(to, len(p.store.marks)); i++ {
		if len(f.Classes) > 0 && !slices.Contains(f.Classes, SyncClass(p.store.marks[i]&^markOn)) {
			continue
		}
		r, err := p.store.record(i)
		if err != nil {
			return err
		}
		if len(f.Do) > 0 && !slices.Contains(f.Do, r.do) || want != "" && !strings.Contains(strings.ToLower(r.key), want) {
			continue
		}
		if !do(i, &r) {
			return nil
		}
	}
	return nil
}

// Close ends the plan and lets go of what it holds. A transfer that was started goes on.
func (p *SyncPlan) Close() error {
	p.cancel(context.Canceled)
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	return p.store.close()
}
