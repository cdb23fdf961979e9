package transfer

import (
	"context"
	"fmt"
	"time"
)

// Snapshot returns what changed after revision since (0 = everything) and the newest revision. It costs the same for a
// transfer of 100 items as for one of 100,000, and never waits for the disk or the network.
func (q *Queue) Snapshot(since uint64) (rev uint64, changed []Transfer, removed []ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.all {
		if e.run != nil && e.run.movedOn() {
			q.rev++
			e.rev = q.rev
		}
		if e.rev > since || since == 0 {
			changed = append(changed, q.viewOf(e))
		}
	}
	for _, g := range q.gone {
		if g.rev > since && since > 0 {
			removed = append(removed, g.id)
		}
	}
	return q.rev, changed, removed
}

// movedOn tells whether anything that shows has changed since it was last asked. The caller holds Queue.mu.
func (r *run) movedOn() bool {
	r.mu.Lock()
	state := r.state
	r.mu.Unlock()
	now := [...]int64{
		r.files.Load() + r.bytes.Load()<<20, r.filesDone.Load(), r.skipped.Load(), r.failed.Load() + r.unknown.Load()<<32, r.bytesDone.Load(),
		stateNumber[state], boolNumber(r.planned.Load()), r.nextTry.Load(),
	}
	same := now == r.seen
	r.seen = now
	return !same || r.meter.rate() > 0
}

var stateNumber = map[State]int64{Queued: 1, Planning: 2, Running: 3, Paused: 4, Waiting: 5, Stopped: 6, Done: 7, Failed: 8, Foreign: 9}

func boolNumber(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// viewOf is an entry as a list shows it. The caller holds mu.
func (q *Queue) viewOf(e *entry) Transfer {
	row := e.row
	t := Transfer{
		ID: row.id, Kind: e.req.Kind, State: row.state, Connection: e.req.Connection, TargetConnection: e.req.TargetConnection,
		Files: row.files, FilesDone: row.done, Skipped: row.skipped, Failed: row.failed, Unknown: row.unknown,
		Bytes: row.bytes, BytesDone: row.bytesDone, Planned: row.planned, Interrupted: row.interrupted, Left: -1,
		Message: row.message, Err: row.err, Added: row.added, Started: row.started, Ended: row.ended, Revision: e.rev, Priority: row.priority,
	}
	if e.fail != nil {
		t.State, t.Err = Failed, e.fail
	} else {
		t.Names, t.NameCount = e.req.names()
		t.From, t.To = e.req.ends()
		t.Edit, t.Restore = e.req.Edit, e.req.Restore
	}
	if e.run != nil {
		e.run.fill(&t)
		return t
	}
	t.BytesDone = max(row.bytesDone, row.live)
	if row.owner != "" && row.owner != q.owner && !row.state.Ended() {
		t.State, t.Owner = Foreign, ownerLabel(row.owner)
	}
	return t
}

// fill puts in what the run counts.
func (r *run) fill(t *Transfer) {
	t.Files, t.FilesDone, t.Skipped = r.files.Load(), r.filesDone.Load(), r.skipped.Load()
	t.Failed, t.Unknown = r.failed.Load(), r.unknown.Load()
	t.Bytes, t.BytesDone, t.Planned = r.bytes.Load(), r.bytesDone.Load(), r.planned.Load()
	r.mu.Lock()
	t.State, t.Message, t.Err, t.Interrupted = r.state, r.message, r.err, false
	if t.Started.IsZero() {
		t.Started = r.started
	}
	r.mu.Unlock()
	t.Rate = r.meter.rate()
	if at := r.nextTry.Load(); at > r.q.now().UnixNano() && (t.State == Waiting || t.Rate == 0) {
		t.NextTry = time.Unix(0, at)
	}
	if t.Planned && t.Rate > 0 {
		t.Left = time.Duration(float64(max(0, t.Bytes-t.BytesDone)) / t.Rate * float64(time.Second))
	}
}

// Changed signals, coalesced, that a Snapshot would differ. Progress alone is signalled at most ten times a second.
func (q *Queue) Changed() <-chan struct{} { return q.changed }

// Items returns up to n items of a transfer beginning with number from (0 = the first), with live progress.
func (q *Queue) Items(ctx context.Context, id ID, from, n int) ([]Item, error) {
	q.mu.Lock()
	e := q.all[id]
	q.mu.Unlock()
	if e == nil {
		return nil, ErrNotFound
	}
	rows, err := q.j.rows(ctx, "transfer = ? AND seq > ? ORDER BY seq LIMIT ?", id, from, n)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	r, req := e.run, e.req
	q.mu.Unlock()
	items := make([]Item, len(rows))
	for i, row := range rows {
		items[i] = viewItem(&req, row)
	}
	if r == nil {
		return items, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range items {
		if l := r.live[items[i].ID]; l != nil && items[i].Result == Pending {
			items[i].Running, items[i].Done = true, l.done.Load()
		}
	}
	return items, nil
}

// Failures returns up to n of the items of a transfer that failed or of which nothing is known, in the order of planning,
// without the first from of them.
func (q *Queue) Failures(ctx context.Context, id ID, from, n int) ([]Item, error) {
	q.mu.Lock()
	e := q.all[id]
	q.mu.Unlock()
	if e == nil {
		return nil, ErrNotFound
	}
	rows, err := q.j.rows(ctx, "transfer = ? AND result IN (?, ?) ORDER BY seq LIMIT ? OFFSET ?", id, ResultFailed, ResultUnknown, n, from)
	if err != nil {
		return nil, err
	}
	items := make([]Item, len(rows))
	for i, row := range rows {
		items[i] = viewItem(&e.req, row)
	}
	return items, nil
}

func (r *run) view(row itemRow) Item { return viewItem(&r.req, row) }

// viewItem is an item as a list shows it.
func viewItem(req *Request, row itemRow) Item {
	i := Item{
		ID: row.seq, Source: row.source, Target: row.target, Bytes: row.size, Result: row.result, Proof: row.proof, Version: row.wrote, Err: row.err,
		Note: row.note, Seconds: row.seconds,
	}
	if req.Kind != Upload && row.source != "" {
		i.Source = location(row.source, row.version).String()
	}
	switch {
	case req.Kind == Sync:
		i.Source, i.Target = syncNames(req, row)
	case row.target == "":
	case req.Kind == Download:
		i.Target = localTarget(req, row.target)
	default:
		i.Target = location(row.target, "").String()
	}
	if row.result == ResultDone {
		i.Done = max(0, row.size)
	}
	return i
}

const maxErrors = 1000

// Wait waits until a transfer has ended or is paused, here or in another process, and says what came of it. The error is only
// about the waiting itself.
func (q *Queue) Wait(ctx context.Context, id ID) (Summary, error) {
	for {
		q.mu.Lock()
		e, changed := q.all[id], q.waiters
		if e == nil {
			q.mu.Unlock()
			return Summary{}, ErrNotFound
		}
		rest := e.run == nil
		t := q.viewOf(e)
		seconds := e.row.seconds
		q.mu.Unlock()
		if rest && t.State != Foreign {
			return q.summary(ctx, t, seconds)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Summary{}, context.Cause(ctx)
		}
	}
}

func (q *Queue) summary(ctx context.Context, t Transfer, seconds float64) (Summary, error) {
	s := Summary{
		State: t.State, Done: t.FilesDone, Skipped: t.Skipped, Failed: t.Failed, Unknown: t.Unknown, Bytes: t.BytesDone, Err: t.Err, Seconds: seconds,
	}
	q.mu.Lock()
	e := q.all[t.ID]
	if e != nil && e.run == nil {
		s.Bytes = e.row.bytesDone // without the parts of what is not done
	}
	q.mu.Unlock()
	if e == nil || t.Failed+t.Unknown == 0 {
		return s, nil
	}
	rows, err := q.j.rows(ctx, "transfer = ? AND result IN ('failed', 'unknown') ORDER BY seq LIMIT ?", t.ID, maxErrors)
	if err != nil {
		return s, fmt.Errorf("summary of transfer %d: %w", t.ID, err)
	}
	for _, row := range rows {
		i := viewItem(&e.req, row)
		s.Errors = append(s.Errors, ItemError{Item: i.ID, Source: i.Source, Target: i.Target, Err: i.Err})
	}
	return s, nil
}
