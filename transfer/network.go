package transfer

import (
	"sync"
	"sync/atomic"
)

// network is what is known of the ways to the servers, by connection. While one is down a single request looks whether it is
// back; all others wait for what that finds, and go on in the same instant.
type network struct {
	some atomic.Int32 // connections that are down

	mu   sync.Mutex // guards below
	down map[string]*outage
}

type outage struct {
	scout   *attempt      // who looks
	changed chan struct{} // closed and replaced after each look
}

func newNetwork() *network { return &network{down: map[string]*outage{}} }

// join says that there is no way to a connection. The first that joins, and the first after a look that found nothing, is the
// scout and tries again by itself; the others wait until looked is closed, and join again.
func (n *network) join(ref string, a *attempt, first bool) (scout bool, looked <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	o := n.down[ref]
	if o == nil {
		if !first {
			return true, nil // it is back
		}
		o = &outage{changed: make(chan struct{})}
		n.down[ref] = o
		n.some.Add(1)
	}
	if o.scout == nil {
		o.scout = a
		return true, o.changed
	}
	return o.scout == a, o.changed
}

// result takes what a try found: down, or not. Of a try that was cancelled before it knew, only the scout's duty is given back.
func (n *network) result(ref string, a *attempt, down, cancelled bool) {
	if n.some.Load() == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	o := n.down[ref]
	switch {
	case o == nil:
	case !down && !cancelled:
		delete(n.down, ref)
		n.some.Add(-1)
		close(o.changed)
	case o.scout == a:
		o.scout = nil
		close(o.changed)
		o.changed = make(chan struct{})
	}
}
