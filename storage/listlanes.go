package storage

import (
	"context"
	"time"
)

// Tiles are listed ahead of the one that is given out, on so many lanes. What has come ahead waits in memory: how many pages may
// do so is bounded for all tiles together, since a bound for each would let a long tile stand still while its turn is far off.

const (
	calmLanes = 4                       // enough where the server answers at once: then the processor is what there is too little of
	laneEvery = 2250 * time.Microsecond // that an answer takes allows one more
	pagesHeld = 2                       // pages ahead for each lane
)

// lanesFor is how many requests are worth having under way where a page takes so long. most is what the caller allows.
func lanesFor(took time.Duration, most int) int {
	return min(most, calmLanes+int(min(took, time.Second)/laneEvery))
}

// lanes are the places of workers, and of pages that wait.
type lanes struct {
	slots chan struct{} // of workers
	ahead chan struct{} // of pages of all tiles
	first chan struct{} // of pages of the tile whose turn it is: it goes on however many wait behind it
}

func newLanes(n int) *lanes {
	return &lanes{slots: make(chan struct{}, n), ahead: make(chan struct{}, pagesHeld*n), first: make(chan struct{}, pagesHeld)}
}

// hold waits for the place of a page. It is nil when ctx ended; else whoever takes the page receives from it once.
func (l *lanes) hold(ctx context.Context, t *tile) chan struct{} {
	select {
	case l.ahead <- struct{}{}:
		return l.ahead
	case <-ctx.Done():
		return nil
	case <-t.turn:
	}
	select {
	case l.ahead <- struct{}{}:
		return l.ahead
	case l.first <- struct{}{}:
		return l.first
	case <-ctx.Done():
		return nil
	}
}
