package transfer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// passed runs many writers of chunks under a limit, in time of its own, and counts what passes.
func passed(t *testing.T, l *limiter, writers int, chunk int64, d time.Duration) int64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	counts := make(chan int64, writers)
	for range writers {
		go func() {
			var n int64
			for throttle(ctx, l, chunk) == nil {
				n += chunk
			}
			counts <- n
		}()
	}
	var all int64
	for range writers {
		all += <-counts
	}
	return all
}

func TestLimiter_HoldsItsRateWhateverTheChunks(t *testing.T) {
	for _, c := range []struct {
		rate    int64
		writers int
		chunk   int64
	}{{50_000, 1, 4096}, {1_000_000, 20, 64 << 10}, {100_000_000, 64, 256 << 10}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLimiter()
			l.set(c.rate)
			got := passed(t, l, c.writers, c.chunk, 60*time.Second)
			if want := 60 * c.rate; got > want+maxChunk || got < want*95/100-int64(c.writers)*c.chunk {
				t.Errorf("%d bytes in a minute of %d a second, %d writers", got, c.rate, c.writers)
			}
		})
	}
}

func TestLimiter_AChangeReachesThoseWhoWait(t *testing.T) {
	for name, to := range map[string]int64{"raised": 1 << 30, "removed": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter()
				l.set(1000)
				begun := time.Now()
				ended := make(chan error, 20)
				for range cap(ended) {
					go func() { ended <- throttle(t.Context(), l, 10<<20) }() // nearly three hours each
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if n := len(ended); n > 0 {
					t.Fatalf("%d of them passed", n)
				}
				l.set(to)
				for range cap(ended) {
					if err := <-ended; err != nil {
						t.Error(err)
					}
				}
				if d := time.Since(begun); d > 62*time.Second {
					t.Errorf("the last passed after %v", d)
				}
			})
		})
	}
}

func TestLimiter_LoweredHoldsAndCancelledEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter()
		l.set(100_000_000)
		time.AfterFunc(10*time.Second, func() { l.set(1_000_000) })
		if got := passed(t, l, 10, 100_000, 20*time.Second); got < 950_000_000 || got > 1_015_000_000 {
			t.Errorf("%d bytes in ten seconds of 100 MB/s and ten of 1", got)
		}
		l.set(1)
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errPause) })
		if err := throttle(ctx, l, 1<<20); !errors.Is(err, errPause) {
			t.Errorf("%v", err)
		}
	})
}

func TestPool_ConnectionsChangeWhileTheyAreInUse(t *testing.T) {
	p := newPool(2, newHand().now)
	var held []func(outcome)
	for range 2 {
		held = append(held, <-p.line(t, t.Context(), 1, small))
	}
	third := p.line(t, t.Context(), 1, small)
	if len(third) > 0 {
		t.Fatal("a third of two")
	}
	p.setLimit(3)
	(<-third)(went)
	p.setLimit(1)
	fourth := p.line(t, t.Context(), 1, small)
	held[0](went)
	if p.inUse[small] != 1 || len(p.queues[small].order) != 1 {
		t.Error("one of one is in use, and another is let through")
	}
	held[1](went)
	(<-fourth)(went)
}

// Under a limit little is read at once, or what is shown would stand still and then leap.
func TestLimiter_ReadsLittleAtOnceUnderALimit(t *testing.T) {
	l, b := newLimiter(), make([]byte, bigChunk)
	if n := len(l.most(b)); n != bigChunk {
		t.Errorf("%d bytes without a limit", n)
	}
	l.set(1_000_000)
	if n := len(l.most(b)); n != maxChunk {
		t.Errorf("%d bytes under a limit", n)
	}
	if n := len(l.most(b[:10])); n != 10 {
		t.Errorf("%d bytes of 10", n)
	}
}
