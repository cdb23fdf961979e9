package transfer

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	minBurst = 16 << 10
	maxChunk = 256 << 10 // what is read at once under a limit, and the memory of a stream that is no small file
)

// limiter lets so many bytes a second pass. Those who wait follow a change at once: each change begins anew, without the debt
// of those who waited under the old rate.
type limiter struct{ in atomic.Pointer[limitNow] }

// limitNow is a rate while it lasts.
type limitNow struct {
	*rate.Limiter
	ended chan struct{} // closed by the next change
}

func newLimiter() *limiter {
	l := &limiter{}
	l.in.Store(&limitNow{rate.NewLimiter(rate.Inf, maxChunk), make(chan struct{})})
	return l
}

// set changes the rate to bytes a second; 0 takes the limit away.
func (l *limiter) set(bytes int64) {
	n := &limitNow{ended: make(chan struct{})}
	if bytes <= 0 {
		n.Limiter = rate.NewLimiter(rate.Inf, maxChunk)
	} else {
		n.Limiter = rate.NewLimiter(rate.Limit(bytes), int(min(maxChunk, max(minBurst, bytes/10))))
	}
	old := l.in.Load()
	if old.Limit() == n.Limit() {
		return
	}
	if l.in.CompareAndSwap(old, n) {
		close(old.ended)
		return
	}
	l.set(bytes) // somebody else changed it meanwhile: the later call wins
}

// most is as much of b as is read at once: under a limit so little that what is shown moves on.
func (l *limiter) most(b []byte) []byte {
	if l.in.Load().Limit() == rate.Inf {
		return b
	}
	return b[:min(len(b), maxChunk)]
}

// SetLimits changes the limits of all transfers at once, also for those that wait for an old limit.
func (q *Queue) SetLimits(l Limits) {
	q.pool.setLimit(l.Connections)
	q.up.set(l.UpBytes)
	q.down.set(l.DownBytes)
}

// throttle waits until n bytes may pass.
func throttle(ctx context.Context, l *limiter, n int64) error {
	for n > 0 {
		now := l.in.Load()
		if now.Limit() == rate.Inf {
			return nil
		}
		step := min(n, int64(now.Burst()))
		r := now.ReserveN(time.Now(), int(step))
		if !r.OK() {
			return fmt.Errorf("limit: %d bytes are more than pass at once", step)
		}
		passed, err := now.wait(ctx, r.Delay())
		if err != nil {
			r.Cancel()
			return err
		}
		if passed {
			n -= step
		}
	}
	return nil
}

// wait waits so long; false if the rate changed before.
func (n *limitNow) wait(ctx context.Context, d time.Duration) (bool, error) {
	if d <= 0 {
		return true, nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true, nil
	case <-n.ended:
		return false, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}
