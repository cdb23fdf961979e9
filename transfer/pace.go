package transfer

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	paceWindow = 100 * time.Millisecond
	paceBad    = 0.1 // more refusals than this in a window begin to slow down
	paceGrowth = 1.05
	paceIdle   = 5 * time.Second // without an answer: what was learnt is over
	paceMost   = 2 * time.Second // the longest wait for one's turn
)

// pace is the shared bucket of each connection: when the server asks to slow down, every request to it waits a little for its
// turn, instead of one for long. Its rate falls with the share of refusals and grows by itself; where few are refused there is none.
type pace struct {
	some atomic.Int32 // connections that have a rate

	mu   sync.Mutex // guards below
	refs map[string]*tempo
}

type tempo struct {
	rate      float64   // requests a second; 0 = as they come
	turn      time.Time // of the next
	begun     time.Time // the window
	good, bad int
}

func newPace() *pace { return &pace{refs: map[string]*tempo{}} }

// answer counts an answer.
func (p *pace) answer(ref string, refused bool, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.refs[ref]
	if t == nil {
		t = &tempo{begun: now}
		p.refs[ref] = t
	}
	if now.Sub(t.begun) > paceIdle {
		p.set(t, 0)
		t.begun, t.good, t.bad = now, 0, 0
	}
	if refused {
		t.bad++
	} else {
		t.good++
	}
	took := now.Sub(t.begun)
	if took < paceWindow {
		return
	}
	total := float64(t.good + t.bad)
	share := float64(t.bad) / total
	switch seen := total / took.Seconds(); {
	case t.rate == 0 && share > paceBad:
		p.set(t, max(1, seen*(1-share/2)))
	case t.rate > 0 && t.bad == 0 && t.rate > 2*seen:
		p.set(t, 0) // it holds nobody back any more
	case t.rate > 0:
		p.set(t, max(1, t.rate*(1-share/2)*paceGrowth))
	}
	t.begun, t.good, t.bad = now, 0, 0
}

func (p *pace) set(t *tempo, rate float64) {
	switch {
	case t.rate == 0 && rate > 0:
		p.some.Add(1)
	case t.rate > 0 && rate == 0:
		p.some.Add(-1)
	}
	t.rate = rate
}

// wait is how long the next request has to wait for its turn.
func (p *pace) wait(ref string, now time.Time) time.Duration {
	if p.some.Load() == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.refs[ref]
	if t == nil || t.rate == 0 {
		return 0
	}
	if t.turn.Before(now) {
		t.turn = now
	}
	d := t.turn.Sub(now)
	if d >= paceMost {
		return paceMost
	}
	t.turn = t.turn.Add(time.Duration(float64(time.Second) / t.rate))
	return d
}
