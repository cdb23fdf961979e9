package transfer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"pintail/internal/localfs"
	"pintail/storage"
)

// run is the life of a transfer in this process, from the moment it is owned until it ends or is let go. What it counts is
// atomic: a snapshot reads it without waiting for anybody.
type run struct {
	q      *Queue
	id     ID
	req    Request
	cancel context.CancelCauseFunc

	cause    func() error    // why it was asked to end; nil = it was not
	stopping <-chan struct{} // closed when it was asked to end
	done     chan struct{}   // closed when it has ended and the journal says so

	files, bytes, filesDone, skipped, failed, unknown atomic.Int64
	bytesDone                                         atomic.Int64 // with what is under way
	planned, isDown, clockSaid                        atomic.Bool
	nextTry                                           atomic.Int64 // when a request that waits is tried again, in Unix nanoseconds; 0 = none waits
	moved                                             atomic.Int64 // when anything last got on, in Unix nanoseconds
	meter                                             meter
	seen                                              [8]int64 // what the last snapshot showed; guarded by Queue.mu

	mu         sync.Mutex // guards all below
	state      State
	message    string
	err        error
	live       map[int64]*liveItem
	started    time.Time
	before     float64 // seconds of earlier runs
	unrecorded bool    // the journal does not know how it ended
	resumed    bool    // it ran before: the journal may hold unfinished uploads and downloads

	plan    chan struct{} // signalled when the plan has grown or ended
	planErr error         // set before plan is signalled for the last time; guarded by mu

	dest     *localfs.Dest // of a download
	links    linkDests     // places outside that a person allowed
	carries  carries       // of a copy
	answers  answers
	notifyMu sync.Mutex // one OnItem call at a time

	tempsMu sync.Mutex // guards temps
	temps   int64      // the number in the names of its temporary files; 0 = none yet
}

func newRun(q *Queue, row transferRow, req Request) *run {
	r := &run{
		q: q, id: row.id, req: req, done: make(chan struct{}), live: map[int64]*liveItem{}, state: Queued,
		plan: make(chan struct{}, 1), before: row.seconds, resumed: !row.started.IsZero(),
	}
	r.files.Store(row.files)
	r.bytes.Store(row.bytes)
	r.filesDone.Store(row.done)
	r.skipped.Store(row.skipped)
	r.failed.Store(row.failed)
	r.unknown.Store(row.unknown)
	r.bytesDone.Store(row.bytesDone)
	r.planned.Store(row.planned)
	r.moved.Store(q.now().UnixNano())
	r.meter.now = q.now
	return r
}

// errEnded is the cause that ends a transfer as failed, for a reason that is not one item's.
type endedError struct{ err error }

func (e *endedError) Error() string { return e.err.Error() }
func (e *endedError) Unwrap() error { return e.err }

// end ends the transfer as a whole: nothing of it can get on now.
func (r *run) end(err error) { r.cancel(&endedError{err}) }

// main runs the transfer to its end. Everything that it starts has ended when it returns.
func (r *run) main(ctx context.Context, cursor []byte) {
	defer close(r.done)
	r.mu.Lock()
	r.started = r.q.now()
	r.mu.Unlock()
	err := r.work(ctx, cursor)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	r.settle(err)
}

// work plans and does the items. A nil error means that every item has ended.
func (r *run) work(ctx context.Context, cursor []byte) error {
	if r.req.Kind == Sync && !r.planned.Load() {
		return ErrPlanLost
	}
	if path := r.req.Options.KeyFile; path != "" {
		key, err := storage.ReadCustomerKey(path)
		if err != nil {
			return err
		}
		ctx = storage.WithCustomerKey(ctx, key)
	}
	if err := r.openTarget(); err != nil {
		return err
	}
	defer r.closeTarget()
	if err := r.forgetTemps(ctx); err != nil {
		return err
	}
	state := Running
	var planner sync.WaitGroup
	if !r.planned.Load() {
		state = Planning
		planner.Go(func() {
			err := (&planning{r: r}).run(ctx, cursor)
			r.mu.Lock()
			r.planErr = err
			r.mu.Unlock()
			r.planned.Store(err == nil)
			if err == nil {
				r.setState(Running)
			}
			r.planGrew(true)
		})
	}
	r.setState(state)
	err := r.dispatch(ctx)
	planner.Wait()
	if err == nil && r.req.Kind == Move {
		err = r.removeMoved(ctx)
	}
	if err == nil && r.req.Kind == Sync {
		err = r.removeExtra(ctx)
	}
	return err
}

const (
	window     = 500 // items read from the journal at once
	deleteSize = 1000
)

// dispatch starts every pending item, in order, and waits for all of them.
func (r *run) dispatch(ctx context.Context) error {
	ends, workers := newEnds(r), newCrew()
	rest := func() { workers.wait(); ends.close() }
	defer rest()
	items, large := newGates(r.q.pool, r.req.Kind)
	for after := int64(0); ; {
		planned := r.planEnded()
		rows, err := r.q.j.pending(ctx, r.id, after, r.windowSize())
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			if planned {
				rest()
				return r.planError()
			}
			select {
			case <-r.plan:
				continue
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		after = rows[len(rows)-1].seq
		if r.req.Kind == Delete {
			if !items.take(ctx, 1) {
				return context.Cause(ctx)
			}
			workers.do(func() { defer items.leave(1); r.deleteItems(ctx, rows) })
			continue
		}
		for _, row := range rows {
			g, weight := items, 1
			if row.size < 0 || row.size > r.largeAbove() {
				g, weight = large, r.weightOf(row.size)
			}
			if !g.take(ctx, weight) {
				return context.Cause(ctx)
			}
			workers.do(func() { defer g.leave(weight); r.item(ctx, ends, row) })
		}
	}
}

func (r *run) windowSize() int {
	if r.req.Kind == Delete {
		return deleteSize
	}
	return window
}

// largeAbove is the size above which an item goes in parts.
func (r *run) largeAbove() int64 {
	switch {
	case r.req.Kind == Upload:
		return r.threshold()
	case r.req.Kind != Download && !r.req.between():
		return r.q.singleCopy
	}
	return r.wishPart()
}

func (r *run) threshold() int64 {
	if t := r.req.Options.Threshold; t > 0 {
		return t
	}
	return defaultThreshold
}

func (r *run) wishPart() int64 {
	if p := r.req.Options.PartSize; p > 0 {
		return p
	}
	return defaultPartSize
}

// planGrew tells the dispatcher that there may be more, or that there will be no more.
func (r *run) planGrew(last bool) {
	if last {
		close(r.plan)
		return
	}
	select {
	case r.plan <- struct{}{}:
	default:
	}
}

func (r *run) planEnded() bool {
	if r.planned.Load() {
		return true
	}
	return r.planError() != nil
}

func (r *run) planError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.planErr
}

// settle records how the run ended and lets go of the transfer.
func (r *run) settle(err error) {
	state, message, interrupted := Done, error(nil), false
	var paused *pausedError
	var ended *endedError
	switch {
	case err == nil && (r.failed.Load() > 0 || r.unknown.Load() > 0):
		state = Failed
	case err == nil:
	case errors.Is(err, errPause):
		state = Paused
	case errors.As(err, &paused):
		state, message = Paused, paused.err
	case errors.Is(err, errQuit):
		state, interrupted = Stopped, true
	case errors.Is(err, ErrForeign):
		r.lost()
		return
	case errors.As(err, &ended):
		state, message = Failed, ended.err
	case errors.Is(err, ErrStopped):
		state = Stopped
	default:
		state, message = Failed, err
	}
	now := r.q.now()
	r.mu.Lock()
	seconds, said := r.before+now.Sub(r.started).Seconds(), r.message
	r.mu.Unlock()
	ctx := context.Background() // the end is recorded whatever ended it
	jerr := r.write(ctx, true, func(t *tx) error {
		end := int64(0)
		if state.Ended() {
			end = unixNano(now)
		}
		_, err := t.exec(`UPDATE transfers SET state = ?, error = ?, message = ?, interrupted = ?, owner = '', lease = 0, ended = ?, seconds = ?, live = `+storedBytes+`
			WHERE id = ? AND owner = ?`, state, encodeError(message), said, interrupted, end, seconds, r.id, r.q.owner)
		if err != nil {
			return err
		}
		delete(t.owned, r.id)
		if state == Done {
			for _, q := range []string{"DELETE FROM names WHERE transfer = ?", "DELETE FROM temps WHERE transfer = ?"} {
				if _, err := t.exec(q, r.id); err != nil {
					return err
				}
			}
		}
		return t.bump(r.id)
	})
	switch {
	case errors.Is(jerr, ErrForeign):
		r.lost()
		return
	case jerr != nil:
		// Without its end in the journal it is not done: it is found as cut off, and can be resumed.
		state, message = Failed, errors.Join(message, jerr)
		r.q.log.Error("record the end of a transfer", "transfer", int64(r.id), "error", jerr)
	}
	r.mu.Lock()
	r.unrecorded = jerr != nil
	r.state, r.err = state, message
	r.mu.Unlock()
	r.q.log.Info("transfer ended", "transfer", int64(r.id), "state", string(state), "error", message)
}

// lost lets go without a word in the journal: another process has taken the transfer over.
func (r *run) lost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state = Foreign
}

func (r *run) setState(s State) {
	r.mu.Lock()
	if r.state == Waiting && s == Running {
		s = Waiting
	}
	r.state = s
	r.mu.Unlock()
	r.publish(s)
}

// setWaiting shows that there is no way to the server, and with nil that there is one again.
func (r *run) setWaiting(err error) {
	r.mu.Lock()
	switch {
	case err != nil:
		r.state = Waiting
	case r.planned.Load():
		r.state = Running
	default:
		r.state = Planning
	}
	r.err = err
	s := r.state
	r.mu.Unlock()
	r.publish(s)
}

// publish lets other processes see the state, without anybody waiting for it.
func (r *run) publish(s State) {
	r.q.changedState()
	err := r.write(context.Background(), false, func(t *tx) error {
		if _, err := t.exec("UPDATE transfers SET state = ? WHERE id = ? AND owner = ?", s, r.id, r.q.owner); err != nil {
			return err
		}
		return t.bump(r.id)
	})
	if err != nil {
		r.q.log.Warn("record a state", "transfer", int64(r.id), "error", err)
	}
}

// write commits a change of this transfer if it is still ours. Another process may have taken it over while this one was
// stopped or asleep: then nothing is written, the error is [ErrForeign] and the run ends.
func (r *run) write(ctx context.Context, durable bool, do func(*tx) error) error {
	err := r.q.j.write(ctx, durable, func(t *tx) error {
		if err := t.mustOwn(r.id, r.q.owner); err != nil {
			return err
		}
		return do(t)
	})
	if errors.Is(err, ErrForeign) {
		r.cancel(ErrForeign)
	}
	return err
}

// mine returns nil if this process still owns the transfer, and will for some seconds; asked before each request and before
// a file becomes visible, since another owner might be doing the same.
func (r *run) mine(ctx context.Context) error {
	if !r.q.leaseFresh() {
		if err := r.q.renewNow(ctx); err != nil {
			return err
		}
	}
	// A renewal, here or by the keeper, has told the run if its transfer is another's.
	if errors.Is(r.cause(), ErrForeign) {
		return ErrForeign
	}
	return nil
}

// oldUpload is the unfinished upload that an earlier run, or an earlier beginning in this one, left of an item.
func (r *run) oldUpload(ctx context.Context, it *liveItem) (uploadRow, bool, error) {
	if !r.resumed && !it.uploads {
		return uploadRow{}, false, nil
	}
	rows, err := r.q.j.uploads(ctx, r.id, it.seq)
	if err != nil || len(rows) == 0 {
		return uploadRow{}, false, err
	}
	return rows[0], true, nil
}

// oldDownload is the unfinished download that an earlier run left of an item.
func (r *run) oldDownload(ctx context.Context, it *liveItem) (downloadRow, bool, error) {
	if !r.resumed {
		return downloadRow{}, false, nil
	}
	rows, err := r.q.j.downloads(ctx, r.id, it.seq)
	if err != nil || len(rows) == 0 {
		return downloadRow{}, false, err
	}
	return rows[0], true, nil
}
