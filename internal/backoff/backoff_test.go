package backoff

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestJitter_StaysWithinItsBounds(t *testing.T) {
	j := New(100*time.Millisecond, 5*time.Second, rand.New(rand.NewPCG(1, 2)))
	for _, c := range []struct {
		try int
		top time.Duration
	}{{-1, 100 * time.Millisecond}, {1, 100 * time.Millisecond}, {2, 200 * time.Millisecond}, {6, 3200 * time.Millisecond}, {7, 5 * time.Second}, {1000, 5 * time.Second}} {
		var most time.Duration
		for range 500 {
			d := j.Wait(c.try)
			if d < 0 || d > c.top {
				t.Fatalf("try %d waits %v, at most %v allowed", c.try, d, c.top)
			}
			most = max(most, d)
		}
		if most < c.top/2 {
			t.Errorf("try %d: the longest of 500 waits is %v, the jitter is not full up to %v", c.try, most, c.top)
		}
	}
}
