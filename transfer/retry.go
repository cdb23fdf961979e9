package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// next is what to do after a failed request.
type next int

const (
	giveIn     next = iota // it will not get better
	atOnce                 // once more on another connection; after the second time like later
	later                  // after a while
	whenOnline             // when the network is back
	renew                  // with new credentials
	fewTimes               // after a while, but not for ever: it may be nobody's fault and may be permanent
)

// down are the codes of failures that say that there is no way to the server at all.
var down = map[string]bool{"DNS": true, "NoSuchHost": true, "ConnectionRefused": true, "Unreachable": true, "ProxyRefused": true}

// judge says what to do about the failure of one request.
func judge(err error) (next, outcome) {
	var e *storage.Error
	if !errors.As(err, &e) {
		return giveIn, neutral
	}
	switch e.Kind {
	case storage.KindThrottled:
		return later, slow
	case storage.KindServer:
		return later, neutral
	case storage.KindTruncated:
		return atOnce, broken
	case storage.KindNetwork:
		switch {
		case down[e.Code]:
			return whenOnline, neutral
		case !e.Retryable:
			return giveIn, neutral
		}
		return atOnce, broken
	case storage.KindExpired:
		return renew, neutral
	case storage.KindChecksum, storage.KindNotS3:
		return fewTimes, neutral
	case storage.KindCancelled:
		return giveIn, neutral
	}
	if e.Retryable {
		return later, neutral
	}
	return giveIn, neutral
}

const (
	fewTries    = 3
	quickTries  = 2 // after broken connections, before it takes time
	jitterBase  = 50 * time.Millisecond
	jitterMost  = 10 * time.Second
	onlineWait  = 2 * time.Second // at most, between looks for the network
	onlineShift = 4               // the first looks come quickly
)

// request is one request to be made until it is answered.
type request struct {
	class class
	ref   string    // the connection
	item  *liveItem // that waits for it; nil for the plan's listings
	own   bool      // it takes no slot of the pool: it waits for others that need one
	do    func(ctx context.Context, s *storage.Session) error
}

// attempt is one request with what its tries have come to.
type attempt struct {
	r                 *run
	q                 request
	begun             time.Time
	tries, few, quick int
	looks             int // for the network
}

// try makes a request until it is answered, permanently refused, or there was no progress for [Config.GiveUp]. It owns all
// waiting between tries, and holds no slot of the pool meanwhile; do makes one try and may be called many times.
func (r *run) try(ctx context.Context, q request) error {
	a := &attempt{r: r, q: q, begun: r.q.now()}
	for {
		used, err := a.once(ctx)
		if err == nil {
			r.progressed(q.item)
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		if err := a.after(ctx, used, err); err != nil {
			return err
		}
	}
}

// after waits as long as a failure asks for. An error means that there is no further try.
func (a *attempt) after(ctx context.Context, used *storage.Session, err error) error {
	var wait time.Duration
	a.tries++
	jitter := a.r.q.jitter
	what, _ := judge(err)
	switch what {
	case giveIn:
		return err
	case fewTimes:
		if a.few++; a.few >= fewTries {
			return err
		}
		wait = jitter.Wait(a.tries)
	case atOnce:
		if a.quick++; a.quick > quickTries {
			wait = jitter.Wait(a.quick - quickTries)
		}
	case renew:
		return a.r.renew(ctx, a.q.ref, used, err)
	case whenOnline:
		return a.offline(ctx, err)
	case later:
		wait = jitter.Wait(a.tries)
	}
	var e *storage.Error
	if errors.As(err, &e) {
		wait = max(wait, time.Duration(e.RetryAfter)*time.Second)
	}
	return a.pause(ctx, wait, err)
}

// pause sleeps before the next try, unless there was no progress for too long.
func (a *attempt) pause(ctx context.Context, wait time.Duration, err error) error {
	q := a.r.q
	left := q.cfg.GiveUp - q.now().Sub(a.r.lastProgress(a.q.item, a.begun))
	if left <= 0 {
		return a.r.gaveUp(err)
	}
	wait = min(wait, left)
	if wait > 0 {
		a.r.triesAt(q.now().Add(wait))
	}
	q.log.Debug("request failed, trying again", "transfer", int64(a.r.id), "try", a.tries, "wait", wait, "error", err)
	return q.sleep(ctx, wait)
}

// offline waits until the network is back, or until it is this request's turn to look for it.
func (a *attempt) offline(ctx context.Context, err error) error {
	r := a.r
	r.offline(err)
	for first := true; ; first = false {
		if r.q.now().Sub(r.lastProgress(a.q.item, a.begun)) >= r.q.cfg.GiveUp {
			return r.gaveUp(err)
		}
		scout, looked := r.q.network.join(a.q.ref, a, first)
		if scout {
			if looked == nil {
				return nil
			}
			a.looks++
			perr := a.pause(ctx, min(r.q.jitter.Wait(a.looks+onlineShift), onlineWait), err)
			if perr != nil {
				r.q.network.result(a.q.ref, a, false, true)
			}
			return perr
		}
		select {
		case <-looked:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// once makes one try in a slot of the pool.
func (a *attempt) once(ctx context.Context) (*storage.Session, error) {
	r, q := a.r, a.q
	s, err := a.session(ctx)
	if err != nil {
		return nil, err
	}
	if d := r.q.pace.wait(q.ref, r.q.now()); d > 0 {
		if err := r.q.sleep(ctx, d); err != nil {
			return s, err
		}
	}
	release := func(outcome) {}
	if !q.own {
		release, err = r.q.pool.acquire(ctx, r.id, q.class)
	}
	if err != nil {
		r.q.network.result(q.ref, a, false, true)
		return s, err
	}
	err = q.do(ctx, s)
	what, o := next(giveIn), went
	if err != nil {
		what, o = judge(err)
	}
	if ctx.Err() != nil && err != nil {
		o = neutral
	}
	release(o)
	a.found(s, what, o, ctx.Err() != nil && err != nil)
	if ctx.Err() != nil && err != nil {
		return s, errors.Join(context.Cause(ctx), err)
	}
	return s, err
}

// session is the connection. One that cannot be had ends the transfer: it would be asked for again by each item.
func (a *attempt) session(ctx context.Context) (*storage.Session, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s, err := a.r.q.sessions.get(ctx, a.q.ref)
	if err == nil {
		return s, nil
	}
	what, _ := judge(err)
	a.r.q.network.result(a.q.ref, a, what == whenOnline, ctx.Err() != nil)
	var refused *renewError
	switch {
	case ctx.Err() != nil:
	case errors.As(err, &refused):
		a.r.cancel(&pausedError{err})
	case what == giveIn:
		a.r.end(err)
	}
	return nil, err
}

// found tells all others what a try has shown.
func (a *attempt) found(s *storage.Session, what next, o outcome, cancelled bool) {
	r := a.r
	r.q.network.result(a.q.ref, a, what == whenOnline, cancelled)
	if o == went || o == slow {
		r.q.pace.answer(a.q.ref, o == slow, r.q.now())
	}
	if what != whenOnline && !cancelled {
		r.online()
	}
	if off := s.ClockOffset(); off != 0 {
		r.clockIsOff(off)
	}
}

// gaveUp is the error of an item without progress. If nothing at all moved in that time the whole transfer ends, so
// that a dead network does not hold a thousand items one after another.
func (r *run) gaveUp(err error) error {
	err = fmt.Errorf("%w: %w", ErrGaveUp, err)
	if r.q.now().Sub(time.Unix(0, r.moved.Load())) >= r.q.cfg.GiveUp {
		r.end(err)
	}
	return err
}

// lastProgress is when an item last got on; without an item, when the request began.
func (r *run) lastProgress(it *liveItem, begun time.Time) time.Time {
	if it == nil {
		return begun
	}
	if at := time.Unix(0, it.moved.Load()); at.After(begun) {
		return at
	}
	return begun
}

// progressed notes that a request was answered or bytes came.
func (r *run) progressed(it *liveItem) {
	now := r.q.now().UnixNano()
	r.moved.Store(now)
	r.nextTry.Store(0)
	if it != nil {
		it.moved.Store(now)
	}
	r.online()
}

// offline shows the transfer as waiting for the network.
func (r *run) offline(err error) {
	if !r.isDown.Swap(true) {
		r.q.log.Info("waiting for the network", "transfer", int64(r.id), "error", err)
		r.setWaiting(err)
	}
}

// online shows it as running again.
func (r *run) online() {
	if r.isDown.Load() && r.isDown.Swap(false) {
		r.setWaiting(nil)
	}
}

// renew asks for new credentials after a token has ended, once for all transfers of the connection; when those are refused too
// all of them pause, with all that is finished kept.
func (r *run) renew(ctx context.Context, ref string, used *storage.Session, err error) error {
	rerr := r.q.sessions.renew(ctx, ref, used, r.q.now(), func(refused error) { r.q.hold(ref, errors.Join(err, refused)) })
	if rerr == nil {
		return nil
	}
	err = errors.Join(err, rerr)
	r.cancel(&pausedError{err})
	return err
}

// hold pauses all transfers of a connection for a reason of its own.
func (q *Queue) hold(ref string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.all {
		if e.run != nil && (e.req.Connection == ref || e.req.targetRef() == ref) {
			e.run.cancel(&pausedError{err})
		}
	}
}

// clockIsOff says once that requests are signed with the server's time.
func (r *run) clockIsOff(by time.Duration) {
	if r.clockSaid.Swap(true) {
		return
	}
	said := text.T("transfer.clock_behind", units.FormatSpan(by.Abs()))
	if by < 0 {
		said = text.T("transfer.clock_ahead", units.FormatSpan(by.Abs()))
	}
	r.q.log.Warn("the clocks differ", "transfer", int64(r.id), "ahead", by)
	r.mu.Lock()
	r.message = said
	r.mu.Unlock()
	r.q.changedState()
}

// triesAt notes when a request is tried again.
func (r *run) triesAt(at time.Time) {
	n := at.UnixNano()
	for {
		old := r.nextTry.Load()
		if old <= n && old > r.q.now().UnixNano() || r.nextTry.CompareAndSwap(old, n) {
			return
		}
	}
}

// pausedError is the cause that pauses a transfer for a reason of its own.
type pausedError struct{ err error }

func (e *pausedError) Error() string { return e.err.Error() }
func (e *pausedError) Unwrap() error { return e.err }

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
