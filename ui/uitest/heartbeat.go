package uitest

import (
	"context"
	"sync"
	"time"
)

const (
	beatEvery = 10 * time.Millisecond
	stall     = 50 * time.Millisecond
)

// Thread is how quickly the windows' thread has answered since the last reset.
type Thread struct {
	Beats     int     `json:"beats"`
	Stalls    int     `json:"stalls"` // answers that took more than 50 ms
	LongestMS float64 `json:"longest_ms"`
}

// Pulse asks the windows' thread every 10 ms to do nothing, and measures how long that takes.
type Pulse struct {
	post func(func())
	mu   sync.Mutex // guards t and sent
	t    Thread
	sent time.Time // of the question that is not answered yet
}

// NewPulse returns a pulse that asks through post.
func NewPulse(post func(func())) *Pulse { return &Pulse{post: post} }

// Run asks until ctx ends.
func (h *Pulse) Run(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	done := make(chan struct{}, 1)
	for {
		h.mu.Lock()
		h.sent = time.Now()
		h.mu.Unlock()
		h.post(func() { h.answered(); done <- struct{}{} })
		select {
		case <-done:
		case <-ctx.Done():
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (h *Pulse) answered() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.t = h.t.with(time.Since(h.sent))
	h.sent = time.Time{}
}

func (t Thread) with(d time.Duration) Thread {
	t.Beats++
	if d > stall {
		t.Stalls++
	}
	t.LongestMS = max(t.LongestMS, float64(d.Microseconds())/1000)
	return t
}

// Stats is the measurement so far; reset begins a new one. It includes a question that is still unanswered: a thread that hangs now has a stall now.
func (h *Pulse) Stats(reset bool) Thread {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.t
	if !h.sent.IsZero() && time.Since(h.sent) > stall {
		t = t.with(time.Since(h.sent))
	}
	if reset {
		h.t = Thread{}
	}
	return t
}
