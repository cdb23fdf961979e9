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

// Thread is how quickly the windows' thread has answered since the last reset. A late answer may be the thread's own
// work or a machine with other things to do; so the late ones are also counted by the processor time that the thread
// used meanwhile, all of the time where the system does not tell.
type Thread struct {
	Beats         int     `json:"beats"`
	Stalls        int     `json:"stalls"` // answers that took more than 50 ms
	LongestMS     float64 `json:"longest_ms"`
	BusyStalls    int     `json:"busy_over_50ms"` // of the stalls, those with more than 50 ms of the thread's own work
	LongestBusyMS float64 `json:"longest_busy_ms"`
}

// Pulse asks the windows' thread every 10 ms to do nothing, and measures how long that takes.
type Pulse struct {
	post func(func())
	mu   sync.Mutex // guards t and sent
	t    Thread
	sent time.Time // of the question that is not answered yet

	clock int32         // of the thread that answered last
	used  time.Duration // what it had used then
	known bool          // whether both are
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

// answered runs on the windows' thread.
func (h *Pulse) answered() {
	h.mu.Lock()
	defer h.mu.Unlock()
	wall := time.Since(h.sent)
	if clock, ok := clockOf(); !h.known || clock != h.clock {
		h.clock, h.used, h.known = clock, 0, ok // all that it ever used may have been now
	}
	h.t = h.t.with(wall, h.busy(wall))
	h.sent = time.Time{}
	if h.known {
		h.used, h.known = readClock(h.clock)
	}
}

// busy is how much of the last wall time the thread worked. The clock was read at the answer before, so work between
// that answer and the question counts, but never more than wall.
func (h *Pulse) busy(wall time.Duration) time.Duration {
	if !h.known {
		return wall
	}
	now, ok := readClock(h.clock)
	if !ok {
		return wall
	}
	return min(now-h.used, wall)
}

func (t Thread) with(wall, busy time.Duration) Thread {
	t.Beats++
	if wall > stall {
		t.Stalls++
		t.LongestBusyMS = max(t.LongestBusyMS, millis(busy))
		if busy > stall {
			t.BusyStalls++
		}
	}
	t.LongestMS = max(t.LongestMS, millis(wall))
	return t
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Stats is the measurement so far; reset begins a new one. It includes a question that is still unanswered: a thread that
// hangs now has a stall now.
func (h *Pulse) Stats(reset bool) Thread {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.t
	if !h.sent.IsZero() {
		if wall := time.Since(h.sent); wall > stall {
			t = t.with(wall, h.busy(wall))
		}
	}
	if reset {
		h.t = Thread{}
	}
	return t
}
