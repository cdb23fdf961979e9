// Package backoff is the one rule for how long to wait before another try: full jitter, so that many clients that failed
// together do not come back together. It must never sleep itself and keeps no state but the random source it is given.
// Start reading at [Jitter].
package backoff

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Jitter gives waiting times. Its methods may be called from many goroutines.
type Jitter struct {
	base, most time.Duration

	mu  sync.Mutex // guards rnd
	rnd *rand.Rand
}

// New makes a Jitter: the wait before try n (from 1) is anything from 0 to base·2ⁿ⁻¹, at most most. A nil rnd is seeded by the
// system.
func New(base, most time.Duration, rnd *rand.Rand) *Jitter {
	if rnd == nil {
		rnd = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) // spreads load, guards nothing
	}
	return &Jitter{base: base, most: most, rnd: rnd}
}

// Wait is how long to wait before try n, the first being 1.
func (j *Jitter) Wait(n int) time.Duration {
	top := j.most
	if shift := max(0, n-1); shift < 40 && j.base<<shift > 0 {
		top = min(top, j.base<<shift)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return time.Duration(j.rnd.Int64N(int64(top) + 1))
}
