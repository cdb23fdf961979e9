package bookmarks

import "sync"

// notifier tells any number of listeners that something changed; what a listener has not taken yet becomes one.
type notifier struct {
	mu        sync.Mutex // guards all below
	listeners map[int]chan struct{}
	next      int
	closed    bool
}

func (n *notifier) add() (<-chan struct{}, func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ch := make(chan struct{}, 1)
	if n.closed {
		close(ch)
		return ch, func() {}
	}
	if n.listeners == nil {
		n.listeners = map[int]chan struct{}{}
	}
	id := n.next
	n.next++
	n.listeners[id] = ch
	return ch, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if _, ok := n.listeners[id]; ok {
			delete(n.listeners, id)
			close(ch)
		}
	}
}

func (n *notifier) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ch := range n.listeners {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

func (n *notifier) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for id, ch := range n.listeners {
		delete(n.listeners, id)
		close(ch)
	}
}
