package storage

import (
	"context"
	"testing"
	"time"
)

// Whatever waits ahead, the tile whose turn it is goes on; the others wait for a page to be taken.
func TestLanes_TheTileWhoseTurnItIsGoesOn(t *testing.T) {
	l := newLanes(2)
	now, later := &tile{turn: make(chan struct{})}, &tile{turn: make(chan struct{})}
	close(now.turn)
	for range cap(l.ahead) {
		if l.hold(t.Context(), later) != l.ahead {
			t.Fatal("no place for a page ahead")
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if l.hold(ended, later) != nil {
		t.Error("more pages wait than there are places")
	}
	for range cap(l.first) {
		if l.hold(t.Context(), now) != l.first {
			t.Error("the tile whose turn it is waits for others")
		}
	}
	if l.hold(ended, now) != nil {
		t.Error("it has more places than it should")
	}
	<-l.ahead
	if l.hold(t.Context(), later) != l.ahead {
		t.Error("a place given back is not used")
	}
}

// The longer an answer takes the more are asked for at once, never more than allowed.
func TestLanesFor(t *testing.T) {
	for _, c := range []struct {
		took       time.Duration
		most, want int
	}{{0, 64, 4}, {2 * time.Millisecond, 64, 4}, {10 * time.Millisecond, 64, 8}, {100 * time.Millisecond, 64, 48},
		{time.Hour, 64, 64}, {time.Hour, 4, 4}, {0, 4, 4}} {
		if got := lanesFor(c.took, c.most); got != c.want {
			t.Errorf("%s, at most %d: %d lanes, want %d", c.took, c.most, got, c.want)
		}
	}
}
