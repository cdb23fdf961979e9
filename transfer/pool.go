package transfer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// pool is the one set of slots for requests of all transfers. Those with a rank are served in its order; the others, and those
// of the same rank, in turn, so that a tiny one is not behind a huge one. A request that waits for its next try holds no slot.
type pool struct {
	now   func() time.Time
	moved atomic.Int64 // bytes of all requests, for the controllers
	due   atomic.Int64 // when the controllers want to look again, in Unix nanoseconds

	mu      sync.Mutex // guards all below
	control [classes]controller
	inUse   [classes]int
	last    [classes]time.Time // when the last request of a class ended
	cap     int                // of all classes together; 0 = none
	queues  [classes]turn
	next    int        // the class that is served first
	rank    map[ID]int // 1 = first; 0 or missing = behind those
	grants  int
	runs    int
	grew    chan struct{} // closed and replaced when a limit rises
}

// turn is who waits for a class: transfers in turn, each with its requests in order.
type turn struct {
	order   []ID
	waiting map[ID][]*waiter
}

type waiter struct {
	granted chan int // the epoch; closed over by one grant
}

// everyTurn is how often a slot goes to whoever waits longest whatever the ranks, so that nothing stands still.
const everyTurn = 8

// mostLanes is how many requests a listing makes at once where the server takes long to answer.
const mostLanes = 32

// lookEvery is how often moving bytes make the controllers look.
const lookEvery = 25 * time.Millisecond

func newPool(connections int, now func() time.Time) *pool {
	p := &pool{now: now, rank: map[ID]int{}, grew: make(chan struct{}), cap: max(0, connections)}
	for c := range p.queues {
		p.queues[c].waiting = map[ID][]*waiter{}
		p.control[c] = newController(class(c), p.cap)
	}
	return p
}

// setLimit sets a hard cap for all requests together, or with 0 takes it away. What is in flight goes on.
func (p *pool) setLimit(connections int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cap = max(0, connections)
	now := p.now()
	for c := range p.control {
		p.change(class(c), func(x *controller) { x.setMost(newController(class(c), p.cap).most, now) })
	}
	p.grant()
}

// listingLanes is how many requests a listing may make beside the pool's: none but the pool's where a number was set for all.
func (p *pool) listingLanes() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cap > 0 {
		return 1
	}
	return mostLanes
}

// change lets a controller change and tells those who wait for a rise. The caller holds mu.
func (p *pool) change(c class, do func(*controller)) {
	x := &p.control[c]
	before := x.limit
	do(x)
	x.round.peak = max(x.round.peak, p.inUse[c])
	if x.limit > before {
		close(p.grew)
		p.grew = make(chan struct{})
	}
}

// acquire waits for a slot. The caller must call release, once.
func (p *pool) acquire(ctx context.Context, id ID, c class) (release func(outcome), err error) {
	p.mu.Lock()
	if p.inUse[c] == 0 && !p.last[c].IsZero() && p.now().Sub(p.last[c]) > forgetIn {
		p.change(c, func(x *controller) { x.reset(p.now()) })
	}
	q := &p.queues[c]
	if len(q.order) == 0 && p.room(c) { // nobody is before it
		epoch := p.take(c)
		p.mu.Unlock()
		return func(o outcome) { p.release(c, o, epoch) }, nil
	}
	w := &waiter{granted: make(chan int, 1)}
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

// acquireSpare takes a slot that nobody waits for, else returns nil.
func (p *pool) acquireSpare(c class) (release func(outcome)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queues[c].order) > 0 || !p.room(c) {
		return nil
	}
	p.inUse[c]++
	epoch := p.control[c.judge()].epoch
	return func(o outcome) { p.release(c, o, epoch) }
}

func (p *pool) release(c class, o outcome, epoch int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if c != looked || o != went { // the writes alone show what the server gets done
		p.change(c.judge(), func(x *controller) { x.note(o, epoch, now, p.moved.Load()) })
	}
	p.inUse[c]--
	p.last[c] = now
	p.grant()
}

// bytes tells the controllers that bytes moved.
func (p *pool) bytes(n int64) {
	if n <= 0 {
		return
	}
	moved := p.moved.Add(n)
	now := p.now()
	due := p.due.Load()
	if now.UnixNano() < due || !p.due.CompareAndSwap(due, now.Add(lookEvery).UnixNano()) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.change(part, func(x *controller) { x.look(now, moved) })
	p.grant()
}

func (p *pool) room(c class) bool {
	if p.cap > 0 {
		all := 0
		for _, n := range p.inUse {
			all += n
		}
		if all >= p.cap {
			return false
		}
	}
	return p.inUse[c] < p.limit(c)
}

// limit is how many requests of a class may be in flight by now. The caller holds mu.
func (p *pool) limit(c class) int {
	if c == looked {
		return min(looksPerWrite*p.control[small].limit, mostSmall)
	}
	return p.control[c].limit
}

// grant gives free slots to those who wait, to the classes in turn. The caller holds mu.
func (p *pool) grant() {
	for idle := 0; idle < int(classes); {
		c := class(p.next)
		p.next = (p.next + 1) % int(classes)
		q := &p.queues[c]
		if len(q.order) == 0 || !p.room(c) {
			idle++
			continue
		}
		idle = 0
		id := p.first(q)
		w := q.waiting[id][0]
		q.remove(id, w)
		if len(q.waiting[id]) > 0 { // to the end of the row
			q.drop(id)
			q.order = append(q.order, id)
		}
		w.granted <- p.take(c)
	}
}

// take fills a slot and gives the epoch in which that was.
func (p *pool) take(c class) int {
	p.inUse[c]++
	p.control[c].round.peak = max(p.control[c].round.peak, p.inUse[c])
	return p.control[c.judge()].epoch
}

// first is the transfer that is served next.
func (p *pool) first(q *turn) ID {
	best := q.order[0]
	if p.grants++; p.grants%everyTurn == 0 || len(p.rank) == 0 {
		return best
	}
	for _, id := range q.order[1:] {
		if r := p.rank[id]; r > 0 && (p.rank[best] == 0 || r < p.rank[best]) {
			best = id
		}
	}
	return best
}

// setRank says that a transfer is the nth to be served; 0 = after all that have a rank.
func (p *pool) setRank(id ID, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n > 0 {
		p.rank[id] = n
	} else {
		delete(p.rank, id)
	}
}

// join counts a run that shares the pool, until leave is called.
func (p *pool) join(id ID, rank int) (leave func()) {
	p.setRank(id, rank)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs++
	return func() {
		p.setRank(id, 0)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.runs--
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
		q.drop(id)
		return true
	}
	return false
}

// drop takes a transfer out of the row.
func (q *turn) drop(id ID) {
	for k, o := range q.order {
		if o == id {
			q.order = append(q.order[:k:k], q.order[k+1:]...)
			return
		}
	}
}

// share is how much of a number that all runs have together one run may take, and a channel that is closed when that grows.
func (p *pool) share(of func(limit func(class) int) int) (int, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return of(p.limit) / max(1, p.runs), p.grew
}
