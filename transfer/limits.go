package transfer

import (
	"context"
	"fmt"

	"golang.org/x/time/rate"
)

const (
	minBurst = 64 << 10
	maxChunk = 256 << 10 // what is read or written at once
)

func newLimiter() *rate.Limiter { return rate.NewLimiter(rate.Inf, maxChunk) }

// SetLimits changes the limits of all transfers at once.
func (q *Queue) SetLimits(l Limits) {
	q.pool.setLimit(l.Connections)
	setRate(q.up, l.UpBytes)
	setRate(q.down, l.DownBytes)
}

func setRate(l *rate.Limiter, bytes int64) {
	if bytes <= 0 {
		l.SetLimit(rate.Inf)
		return
	}
	l.SetBurst(int(min(maxChunk, max(minBurst, bytes/10))))
	l.SetLimit(rate.Limit(bytes))
}

// throttle waits until n bytes may pass.
func throttle(ctx context.Context, l *rate.Limiter, n int64) error {
	for n > 0 && l.Limit() != rate.Inf {
		step := min(n, int64(l.Burst()))
		if err := l.WaitN(ctx, int(step)); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("limit: %w", err)
		}
		n -= step
	}
	return nil
}
