package transfer

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// hand is a clock that is moved by hand.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func newHand() *hand { return &hand{at: epoch0} }

func (h *hand) now() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.at }

func (h *hand) move(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.at = h.at.Add(d) }

// line puts a request into the row and returns when it stands there; got tells when it is let through.
func (p *pool) line(t interface{ Fatal(...any) }, ctx context.Context, id ID, c class) (got chan func(outcome)) {
	got = make(chan func(outcome), 1)
	count := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.queues[c].waiting[id]) + p.inUse[c]
	}
	before := count()
	go func() {
		rel, err := p.acquire(ctx, id, c)
		if err == nil {
			got <- rel
		}
		close(got)
	}()
	for n := 0; count() == before; n++ {
		if n > 1e8 {
			t.Fatal("the request does not come")
		}
	}
	return got
}

func TestPool_ATinyTransferIsNotBehindAHugeOne(t *testing.T) {
	p := newPool(2, newHand().now)
	a, b := <-p.line(t, t.Context(), 1, small), <-p.line(t, t.Context(), 1, small)
	var huge []chan func(outcome)
	for range 1000 {
		huge = append(huge, p.line(t, t.Context(), 1, small))
	}
	tiny := p.line(t, t.Context(), 2, small)
	a(went)
	b(went)
	(<-tiny)(went) // it would wait for ever behind the others
	for _, h := range huge {
		(<-h)(went)
	}
	if p.inUse != [classes]int{} {
		t.Errorf("slots are lost: %v", p.inUse)
	}
}

func TestPool_UnderAHardCapNoClassStarves(t *testing.T) {
	p := newPool(1, newHand().now)
	first := <-p.line(t, t.Context(), 1, small)
	var many []chan func(outcome)
	for range 20 {
		many = append(many, p.line(t, t.Context(), 1, small))
	}
	large := p.line(t, t.Context(), 2, part)
	first(went)
	served := 0
	for {
		select {
		case rel := <-large:
			rel(went)
		case rel := <-many[served]:
			served++
			rel(went)
			continue
		}
		break
	}
	if served > 2 {
		t.Errorf("a part waited for %d small requests", served)
	}
	for _, m := range many[served:] {
		(<-m)(went)
	}
}

func TestPool_RanksAreServedInOrderAndNobodyStandsStill(t *testing.T) {
	p := newPool(1, newHand().now)
	first := <-p.line(t, t.Context(), 9, small)
	p.setRank(1, 2)
	p.setRank(2, 1)
	var mu sync.Mutex
	var order []ID
	var all sync.WaitGroup
	for _, id := range []ID{3, 1, 2} { // 3 has no rank
		for range 20 {
			got := p.line(t, t.Context(), id, small)
			all.Go(func() {
				rel := <-got
				mu.Lock()
				order = append(order, id)
				mu.Unlock()
				rel(went)
			})
		}
	}
	first(went)
	all.Wait()
	early := order[:20]
	n := map[ID]int{}
	for _, id := range early {
		n[id]++
	}
	if n[2] < 15 || n[1]+n[3] == 0 {
		t.Errorf("the first twenty were %v", early)
	}
	if slices.Index(order, 3) > 3*everyTurn {
		t.Errorf("a transfer without a rank stood still: %v", order)
	}
}

func TestPool_CancelledRequestsTakeNothing(t *testing.T) {
	p := newPool(1, newHand().now)
	rel := <-p.line(t, t.Context(), 1, small)
	ctx, cancel := context.WithCancel(t.Context())
	waits := p.line(t, ctx, 2, small)
	cancel()
	if rel, ok := <-waits; ok {
		rel(went)
		t.Error("a cancelled request got a slot")
	}
	rel(went)
	if p.inUse != [classes]int{} || len(p.queues[small].order) > 0 {
		t.Errorf("%v in use, %v wait", p.inUse, p.queues[small].order)
	}
}

// TestPool_AnyOrderOfEvents: slots are neither lost nor given twice, nobody waits while there is room, bounds hold.
func TestPool_AnyOrderOfEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := newHand()
		p := newPool(rapid.IntRange(0, 12).Draw(t, "connections"), clock.now)
		type req struct {
			got    chan func(outcome)
			cancel context.CancelFunc
			c      class
		}
		var waiting []req
		var held [classes][]func(outcome)
		collect := func() {
			for i := 0; i < len(waiting); i++ {
				w := waiting[i]
				p.mu.Lock()
				stands := false
				for _, ws := range p.queues[w.c].waiting {
					for range ws {
						stands = true
					}
				}
				in := p.inUse[w.c]
				p.mu.Unlock()
				if stands && in <= len(held[w.c]) {
					continue
				}
				select {
				case rel := <-w.got:
					held[w.c] = append(held[w.c], rel)
					w.cancel()
					waiting = slices.Delete(waiting, i, i+1)
					i--
				case <-time.After(time.Millisecond):
				}
			}
		}
		draw := func() class { return class(rapid.IntRange(0, int(classes)-1).Draw(t, "class")) }
		t.Repeat(map[string]func(*rapid.T){
			"acquire": func(t *rapid.T) {
				ctx, cancel := context.WithCancel(context.Background())
				c := draw()
				waiting = append(waiting, req{p.line(t, ctx, ID(rapid.IntRange(1, 3).Draw(t, "id")), c), cancel, c})
				collect()
			},
			"release": func(t *rapid.T) {
				c := draw()
				if len(held[c]) == 0 {
					t.Skip()
				}
				clock.move(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
				held[c][0](outcome(rapid.IntRange(0, int(neutral)).Draw(t, "outcome")))
				held[c] = held[c][1:]
				collect()
			},
			"bytes": func(t *rapid.T) { p.bytes(rapid.Int64Range(0, 100<<20).Draw(t, "n")); collect() },
			"cap":   func(t *rapid.T) { p.setLimit(rapid.IntRange(0, 12).Draw(t, "connections")); collect() },
			"rank": func(t *rapid.T) {
				p.setRank(ID(rapid.IntRange(1, 3).Draw(t, "id")), rapid.IntRange(0, 3).Draw(t, "rank"))
			},
			"forgets": func(t *rapid.T) { clock.move(2 * forgetIn) },
			"": func(t *rapid.T) {
				p.mu.Lock()
				defer p.mu.Unlock()
				for c := range classes {
					x := p.control[c]
					if x.limit < 1 || x.limit > x.most || p.cap > 0 && x.most > p.cap {
						t.Fatalf("limit %d of %d, cap %d", x.limit, x.most, p.cap)
					}
					if p.inUse[c] < 0 || len(p.queues[c].order) > 0 && p.room(c) {
						t.Fatalf("class %d: %d in use of %d, %v wait", c, p.inUse[c], x.limit, p.queues[c].order)
					}
				}
			},
		})
		for len(waiting) > 0 {
			for c := range held {
				for _, rel := range held[c] {
					rel(went)
				}
				held[c] = nil
			}
			collect()
		}
		for c := range held {
			for _, rel := range held[c] {
				rel(went)
			}
		}
		if p.inUse != [classes]int{} {
			t.Fatalf("slots are lost: %v", p.inUse)
		}
	})
}
