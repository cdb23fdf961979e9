package transfer

import (
	"context"
	"errors"
	"fmt"
	"time"

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
		return atOnce, neutral
	case storage.KindNetwork:
		switch {
		case down[e.Code]:
			return whenOnline, neutral
		case !e.Retryable:
			return giveIn, neutral
		}
		return atOnce, neutral
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
	jitterBase  = 100 * time.Millisecond
	jitterMost  = 10 * time.Second
	onlineWait  = 2 * time.Second // at most, between looks for the network
	onlineShift = 4               // the first looks come quickly
)

// request is one request to be made until it is answered.
type request struct {
	class class
	ref   string    // the connection
	item  *liveItem // that waits for it; nil for the plan's listings
	do    func(ctx context.Context, s *storage.Session) error
}

// try makes a request until it is answered, permanently refused, or there was no progress for [Config.GiveUp]. It owns all
// waiting between tries; do makes one try and may be called many times.
func (r *run) try(ctx context.Context, q request) error {
	begun := r.q.now()
	for n, few, quick := 1, 0, 0; ; n++ {
		used, err := r.once(ctx, q)
		if err == nil {
			r.progressed(q.item)
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		what, _ := judge(err)
		var wait time.Duration
		switch what {
		case giveIn:
			return err
		case fewTimes:
			if few++; few >= fewTries {
				return err
			}
			wait = r.q.jitter.Wait(n)
		case atOnce:
			if quick++; quick > 1 {
				wait = r.q.jitter.Wait(n - 1)
			}
		case renew:
			if err := r.renew(ctx, q.ref, used, err); err != nil {
				return err
			}
			continue
		case whenOnline:
			r.offline(err)
			wait = min(r.q.jitter.Wait(n+onlineShift), onlineWait)
		case later:
			wait = r.q.jitter.Wait(n)
		}
		var e *storage.Error
		if errors.As(err, &e) {
			wait = max(wait, time.Duration(e.RetryAfter)*time.Second)
		}
		since := r.lastProgress(q.item, begun)
		left := r.q.cfg.GiveUp - r.q.now().Sub(since)
		if left <= 0 {
			return r.gaveUp(err)
		}
		r.q.log.Debug("request failed, trying again", "transfer", int64(r.id), "try", n, "wait", wait, "error", err)
		if err := r.q.sleep(ctx, min(wait, left)); err != nil {
			return err
		}
	}
}

// once makes one try in a slot of the pool.
func (r *run) once(ctx context.Context, q request) (*storage.Session, error) {
	s, err := r.q.sessions.get(ctx, q.ref)
	if err != nil {
		return nil, err
	}
	release, err := r.q.pool.acquire(ctx, r.id, q.class)
	if err != nil {
		return s, err
	}
	if err = r.mine(ctx); err == nil {
		err = q.do(ctx, s)
	}
	if err == nil {
		release(went)
		return s, nil
	}
	_, o := judge(err)
	release(o)
	if ctx.Err() != nil {
		return s, errors.Join(context.Cause(ctx), err)
	}
	return s, err
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

// renew asks for new credentials after a token has ended; when those are refused too the transfer pauses, with all that
// is finished kept.
func (r *run) renew(ctx context.Context, ref string, used *storage.Session, err error) error {
	if rerr := r.q.sessions.renew(ctx, ref, used, r.q.now()); rerr != nil {
		err = errors.Join(err, rerr)
		r.cancel(&pausedError{err})
		return err
	}
	return nil
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
