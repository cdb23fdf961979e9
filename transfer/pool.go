package transfer

import (
	"context"
	"sync"
)

// class tells small requests (whole small files, listings, deletes, copies) from parts of large files: many small ones wait for
// the server, a few parts fill the line.
type class int

const (
	small class = iota
	part
	classes
)

// outcome is what a request tells the controller.
type outcome int

const (
	went    outcome = iota // answered
	slow                   // the server asks to slow down
	neutral                // cancelled, or failed for reasons of its own
)

// firstLimit is how many requests of a class are in flight to begin with.
const firstLimit = 10

// controller decides how many requests of one class may be in flight. It halves when the server asks to slow down, once for
// all requests that were under way then, and grows back by one for each round of answers. Guarded by the pool's lock.
type controller struct {
	limit, most int
	epoch       int // of halvings
	answers     int // since the limit last changed
}

func (c *controller) note(o outcome, epoch int) {
	switch {
	case o == slow && epoch == c.epoch:
		c.limit = max(1, c.limit/2)
		c.epoch++
		c.answers = 0
	case o == went && c.limit < c.most:
		if c.answers++; c.answers >= c.limit {
			c.limit++
			c.answers = 0
		}
	}
}

// pool is the one set of slots for requests of all transfers. Waiting transfers are served in turn, so that a tiny one is
// not behind a huge one.
type pool struct {
	mu      sync.Mutex // guards all below
	control [classes]controller
	inUse   [classes]int
	cap     int // of all classes together; 0 = none
	queues  [classes]turn
}

// turn is who waits for a class: transfers in turn, each with its requests in order.
type turn struct {
	order   []ID
	waiting map[ID][]*waiter
}

type waiter struct {
	granted chan int // the epoch; closed over by one grant
}

func newPool(connections int) *pool {
	p := &pool{}
	for c := range p.queues {
		p.queues[c].waiting = map[ID][]*waiter{}
	}
	p.setLimit(connections)
	return p
}

// setLimit sets a hard cap for all requests together, or with 0 lets them adapt.
func (p *pool) setLimit(connections int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cap = max(0, connections)
	most := firstLimit
	if p.cap > 0 {
		most = p.cap
	}
	for c := range p.control {
		p.control[c].most = most
		p.control[c].limit = most
	}
	p.grant()
}

// acquire waits for a slot. The caller must call release, once.
func (p *pool) acquire(ctx context.Context, id ID, c class) (release func(outcome), err error) {
	w := &waiter{granted: make(chan int, 1)}
	p.mu.Lock()
	q := &p.queues[c]
	if len(q.waiting[id]) == 0 {
		q.order = append(q.order, id)
	}
	q.waiting[id] = append(q.waiting[id], w)
	p.grant()
	p.mu.Unlock()
	select {
	case epoch := <-w.granted:
		return func(o outcome) { p.release(c, o, epoch) }, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !q.remove(id, w) { // it was granted in the same instant
		p.inUse[c]--
		p.grant()
	}
	return nil, context.Cause(ctx)
}

func (p *pool) release(c class, o outcome, epoch int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inUse[c]--
	p.control[c].note(o, epoch)
	p.grant()
}

// grant gives free slots to those who wait. The caller holds mu.
func (p *pool) grant() {
	for c := range p.queues {
		q := &p.queues[c]
		for len(q.order) > 0 && p.inUse[c] < p.control[c].limit && (p.cap == 0 || p.inUse[small]+p.inUse[part] < p.cap) {
			id := q.order[0]
			w := q.waiting[id][0]
			q.remove(id, w)
			if len(q.order) > 0 && q.order[0] == id { // to the end of the row
				q.order = append(q.order[1:], id)
			}
			p.inUse[c]++
			w.granted <- p.control[c].epoch
		}
	}
}

// remove takes a waiter out; false if it does not wait any more.
func (q *turn) remove(id ID, w *waiter) bool {
	ws := q.waiting[id]
	for i, x := range ws {
		if x != w {
			continue
		}
		ws = append(ws[:i:i], ws[i+1:]...)
		if len(ws) > 0 {
			q.waiting[id] = ws
			return true
		}
		delete(q.waiting, id)
		for k, o := range q.order {
			if o == id {
				q.order = append(q.order[:k:k], q.order[k+1:]...)
				break
			}
		}
		return true
	}
	return false
}

// limitOf is the present limit of a class.
func (p *pool) limitOf(c class) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.control[c].limit
}
