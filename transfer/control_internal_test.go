package transfer

import (
	"container/heap"
	"math/rand/v2"
	"testing"
	"time"

	"pintail/internal/testkit"
)

// world is a server and a line in time of its own: requests that are answered after a latency, at most so many a second, some
// with "slow down"; or parts whose bytes move at most so fast each and all together.
type world struct {
	latency time.Duration
	most    float64                      // answers a second; 0 = any number
	refuse  func(recent float64) bool    // asked to slow down, by the answers of the last second
	each    float64                      // bytes a second of a part; 0 = requests without bytes
	line    float64                      // bytes a second of all parts; 0 = any number
	size    float64                      // of a part
	busy    func(now time.Duration) bool // half the speed meanwhile
	work    float64                      // processors' seconds a byte, of two processors

	c        controller
	now      time.Duration
	flying   flights
	moved    float64
	good     int
	bad      int
	free     time.Duration // when the server can answer next
	lastGood []time.Duration
}

type flight struct {
	end   time.Duration
	left  float64
	begun time.Duration
	epoch int
}

type flights []*flight

func (f flights) Len() int           { return len(f) }
func (f flights) Less(i, j int) bool { return f[i].end < f[j].end }
func (f flights) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *flights) Push(x any)        { *f = append(*f, x.(*flight)) }
func (f *flights) Pop() any {
	old := *f
	x := old[len(old)-1]
	*f = old[:len(old)-1]
	return x
}

var epoch0 = time.Unix(1_000_000, 0)

// run lets total requests through (0 = without end) until the time given, and returns when the last was answered.
func (w *world) run(c class, total int, until time.Duration) time.Duration {
	w.c = newController(c, 0)
	w.c.used, w.c.procs = func() time.Duration { return time.Duration(w.moved * w.work * float64(time.Second)) }, 2
	w.now = 0
	return w.on(total, until)
}

// on goes on as run does.
func (w *world) on(total int, until time.Duration) time.Duration {
	const step = time.Millisecond
	sent := 0
	for ; w.now < until; w.now += step {
		at := epoch0.Add(w.now)
		w.progress(step)
		for len(w.flying) > 0 && w.over(w.flying[0]) {
			f := heap.Pop(&w.flying).(*flight)
			o := went
			if w.refuse != nil && w.refuse(w.recent()) {
				o = slow
				w.bad++
				sent--
			} else {
				w.good++
				w.lastGood = append(w.lastGood, w.now)
			}
			w.c.note(o, f.epoch, at, int64(w.moved))
			if total > 0 && w.good == total {
				return w.now
			}
		}
		for len(w.flying) < w.c.limit && (total == 0 || sent < total) {
			sent++
			w.launch()
		}
		w.c.round.peak = max(w.c.round.peak, len(w.flying))
		if w.c.bytes {
			w.c.look(at, int64(w.moved))
		}
	}
	return w.now
}

func (w *world) launch() {
	f := &flight{begun: w.now, end: w.now + w.latency, left: w.size, epoch: w.c.epoch}
	if w.each == 0 && w.most > 0 {
		w.free = max(w.free, w.now) + time.Duration(float64(time.Second)/w.most)
		f.end = max(f.end, w.free)
	}
	heap.Push(&w.flying, f)
}

// progress moves the bytes of a step.
func (w *world) progress(step time.Duration) {
	if w.each == 0 {
		return
	}
	n := 0
	for _, f := range w.flying {
		if f.left > 0 && w.now >= f.begun+w.latency {
			n++
		}
	}
	rate := w.each
	if w.line > 0 && n > 0 {
		rate = min(rate, w.line/float64(n))
	}
	if w.busy != nil && w.busy(w.now) { // the machine had something else to do
		rate /= 2
	}
	for _, f := range w.flying {
		if f.left > 0 && w.now >= f.begun+w.latency {
			b := min(f.left, rate*step.Seconds())
			f.left -= b
			w.moved += b
			f.end = w.now + time.Duration(f.left/rate*float64(time.Second))
		}
	}
	heap.Init(&w.flying)
}

func (w *world) over(f *flight) bool { return f.end <= w.now && (w.each == 0 || f.left <= 0) }

// recent is the answers of the last second.
func (w *world) recent() float64 {
	n := 0
	for i := len(w.lastGood) - 1; i >= 0 && w.lastGood[i] > w.now-time.Second; i-- {
		n++
	}
	return float64(n)
}

func TestController_ManySmallRequestsOnALongLine(t *testing.T) {
	w := &world{latency: 100 * time.Millisecond}
	took := w.run(small, 1000, 20*time.Second)
	t.Logf("1,000 requests of 100 ms: %v, %d in flight at the end", took, w.c.limit)
	if took > 1100*time.Millisecond || w.c.limit < 160 {
		t.Errorf("it took %v with %d in flight", took, w.c.limit)
	}
	if w := (&world{latency: 100 * time.Millisecond}); w.run(small, 0, 10*time.Second) == 0 || w.c.limit != mostSmall {
		t.Errorf("%d in flight in the end, want %d", w.c.limit, mostSmall)
	}
}

func TestController_StaysWhereMoreBringsNothing(t *testing.T) {
	w := &world{latency: 20 * time.Millisecond, most: 300}
	w.run(small, 0, 60*time.Second)
	if rate := float64(w.good) / 60; rate < 285 || w.c.limit > 2*firstLimit {
		t.Errorf("%.0f of 300 answers a second with %d in flight", rate, w.c.limit)
	}
	p := &world{latency: 50 * time.Millisecond, each: 20e6, line: 100e6, size: 10 << 20}
	p.run(part, 0, 60*time.Second)
	if rate := p.moved / 60; rate < 92e6 || p.c.limit > 2*firstLimit {
		t.Errorf("%.0f MB/s of 100 with %d parts", rate/1e6, p.c.limit)
	}
	thin := &world{latency: 50 * time.Millisecond, each: 20e6, line: 0.5e6, size: 10 << 20}
	thin.run(part, 0, 120*time.Second)
	if thin.c.limit > firstLimit {
		t.Errorf("%d parts on a line of 0.5 MB/s", thin.c.limit)
	}
}

func TestController_PartsFillAFatLine(t *testing.T) {
	w := &world{latency: 100 * time.Millisecond, each: 20e6, size: 10 << 20}
	took := w.run(part, 52, 20*time.Second)
	t.Logf("512 MiB at 20 MB/s a connection: %v, %d parts at the end", took, w.c.limit)
	if took > 1900*time.Millisecond {
		t.Errorf("it took %v", took)
	}
	if w := (&world{latency: 100 * time.Millisecond, each: 5e6, size: 10 << 20}); w.run(part, 0, 30*time.Second) == 0 || w.c.limit != mostParts {
		t.Errorf("%d parts, want %d", w.c.limit, mostParts)
	}
}

// TestController_ABusyMomentIsNotTheEndOfTheLine: half the speed while the second number was measured stops no growth.
func TestController_ABusyMomentIsNotTheEndOfTheLine(t *testing.T) {
	w := &world{latency: 100 * time.Millisecond, each: 20e6, size: 10 << 20,
		busy: func(now time.Duration) bool { return now > 500*time.Millisecond && now < time.Second }}
	took := w.run(part, 52, 20*time.Second)
	t.Logf("512 MiB at 20 MB/s a connection: %v, %d parts at the end", took, w.c.limit)
	if took > 2700*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}

// TestController_FewerPartsWhereTheProcessorsAreTheLimit: ten streams that two processors can hardly serve are no faster than two.
func TestController_FewerPartsWhereTheProcessorsAreTheLimit(t *testing.T) {
	w := &world{latency: time.Millisecond, each: 600e6, line: 800e6, size: 10 << 20, work: 2e-9}
	w.run(part, 0, 2*time.Second)
	if w.c.limit != 2 || w.moved < 2*780e6 {
		t.Errorf("%d parts of %.0f MB in 2 s, want 2 that move 1,600", w.c.limit, w.moved/1e6)
	}
	// Later the line is another one.
	w.latency, w.each, w.line = 100*time.Millisecond, 20e6, 0
	before := w.moved
	w.on(0, 6*time.Second)
	if w.c.limit < 2*firstLimit || w.moved-before < 4*250e6 {
		t.Errorf("%d parts of %.0f MB in the 4 s after", w.c.limit, (w.moved-before)/1e6)
	}
}

// TestController_MorePartsWhereTheyAreTheLimit: the processors are busy, and yet two streams would be slower.
func TestController_MorePartsWhereTheyAreTheLimit(t *testing.T) {
	w := &world{latency: 20 * time.Millisecond, each: 50e6, line: 2e9, size: 10 << 20, work: 2.5e-9}
	w.run(part, 0, 10*time.Second)
	if w.c.limit < 32 || w.moved < 10*1.2e9 {
		t.Errorf("%d parts of %.0f MB in 10 s", w.c.limit, w.moved/1e6)
	}
}

func TestController_GivesWayToAServerThatAsksTo(t *testing.T) {
	w := &world{latency: 50 * time.Millisecond, refuse: func(recent float64) bool { return recent > 400 }}
	w.run(small, 0, 60*time.Second)
	t.Logf("%d answered, %d told to slow down, %d in flight", w.good, w.bad, w.c.limit)
	if w.good < 60*300 || float64(w.bad) > 0.25*float64(w.good) {
		t.Errorf("%d answered, %d told to slow down", w.good, w.bad)
	}
}

func TestController_AFewRefusalsAreNotItsFault(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, uint64(testkit.Rand(t).Uint32())))
	w := &world{latency: 100 * time.Millisecond, refuse: func(float64) bool { return rnd.IntN(20) == 0 }}
	w.run(small, 0, 30*time.Second)
	if w.c.limit < 64 || w.good < 30*640 {
		t.Errorf("%d answered with %d in flight", w.good, w.c.limit)
	}
}

func TestController_HalvesOnceForAllThatWereUnderWayAndGrowsBack(t *testing.T) {
	c := newController(small, 0)
	now := epoch0
	for range firstLimit {
		c.note(slow, 0, now, 0)
	}
	if c.limit != firstLimit/2 || c.epoch != 1 {
		t.Fatalf("ten requests told to slow down leave %d after %d cuts", c.limit, c.epoch)
	}
	for range 500 {
		c.round.peak = c.limit
		now = now.Add(20 * time.Millisecond)
		c.note(went, c.epoch, now, 0)
	}
	if c.limit < firstLimit {
		t.Errorf("it grew back to %d only", c.limit)
	}
	c.reset(now)
	for range 4 {
		c.note(broken, c.epoch, now, 0)
	}
	if c.limit != firstLimit/2 {
		t.Errorf("four broken connections of ten leave %d", c.limit)
	}
}
