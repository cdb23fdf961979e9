package transfer

import (
	"context"
	"sync"
)

const (
	fewItems   = 8  // small items of a run that may always be under way
	fewLarge   = 4  // items in parts that may always be under way
	itemsAhead = 16 // more than requests are let through, so that the next is ready
	// partsAhead is how many parts of one item may wait for a slot or be under way. Waiting costs nothing but a goroutine.
	partsAhead = mostParts + itemsAhead
)

// gate bounds how many items of a run are under way, by what the pool lets through now: an item that waits holds an open
// file, and one that is missing leaves a slot empty. An item weighs as many requests as it can keep in flight.
type gate struct {
	pool *pool
	few  int                             // items that pass however much they weigh
	room func(limit func(class) int) int // of all runs together

	mu     sync.Mutex // guards below
	items  int
	weight int
	freed  chan struct{} // signalled when an item has ended
}

// newGates are those of a kind of transfer, for small items and for items in parts.
func newGates(p *pool, kind Kind) (items, large *gate) {
	items = &gate{pool: p, few: fewItems, freed: make(chan struct{}, 1), room: func(limit func(class) int) int {
		n := max(limit(small), limit(part))
		if kind == Change { // an item reads before and after its copy
			n = limit(small) + limit(looked)
		}
		return n + n/2 + itemsAhead // half as many again are at the disk or at the journal
	}}
	large = &gate{pool: p, few: fewLarge, freed: make(chan struct{}, 1), room: func(limit func(class) int) int {
		return max(limit(part), limit(copied)) + itemsAhead
	}}
	return items, large
}

// take waits until an item may begin; false if ctx ended.
func (g *gate) take(ctx context.Context, weight int) bool {
	for {
		room, grew := g.pool.share(g.room)
		if ctx.Err() != nil {
			return false
		}
		if g.enter(weight, room) {
			return true
		}
		select {
		case <-g.freed:
		case <-grew:
		case <-ctx.Done():
			return false
		}
	}
}

func (g *gate) enter(weight, room int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.items >= g.few && g.weight >= room {
		return false
	}
	g.items++
	g.weight += weight
	return true
}

// leave says that an item of a weight has ended.
func (g *gate) leave(weight int) {
	g.mu.Lock()
	g.items--
	g.weight -= weight
	g.mu.Unlock()
	select {
	case g.freed <- struct{}{}:
	default:
	}
}

// weightOf is how many requests an item in parts can keep in flight. One whose size is not known yet may be of any.
func (r *run) weightOf(size int64) int {
	if size < 0 {
		return fewLarge
	}
	return int(min(max(1, (size+r.wishPart()-1)/r.wishPart()), mostParts))
}

// class is that of the parts of an upload or a copy.
func (m *multipartJob) class() class {
	if m.copied {
		return copied
	}
	return part
}

// lightest is the size above which one request counts as a part: it fills the line rather than waiting for the server.
const lightest = 4 << 20

func classOf(size int64) class {
	if size > lightest {
		return part
	}
	return small
}
