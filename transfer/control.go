package transfer

import (
	"runtime"
	"time"

	"pintail/internal/cputime"
)

// class tells small requests (whole small files, listings, deletes, copies) from parts of large files: many small ones wait for
// the server, a few parts fill the line.
type class int

const (
	small  class = iota
	part         // bytes go through this machine's line
	copied       // parts that the server copies by itself
	looked       // what only reads, before and after a small request that writes: no copy waits behind it. See [pool.limit]
	classes
)

// judge is the class whose controller decides about this one. The reading of an edit goes with its copies: the number of those that
// brings the most brings the most of the whole.
func (c class) judge() class {
	if c == looked {
		return small
	}
	return c
}

// outcome is what a request tells the controller.
type outcome int

const (
	went    outcome = iota // answered
	slow                   // the server asks to slow down
	broken                 // the connection broke or stood still
	neutral                // cancelled, or failed for reasons of its own
)

const (
	firstLimit = 10  // requests of a class in flight to begin with
	mostSmall  = 256 // requests of the small class, and of those that look
	// looksPerWrite is how many requests that look may be in flight for each one that writes: so many does an object take at most
	// that has nothing unusual.
	looksPerWrite = 4
	// A part in flight holds the buffers of its connection and one of ours. What all of them may hold bounds their number.
	partMemory  = 640 << 10
	partsMemory = 40 << 20
	mostParts   = partsMemory / partMemory

	minRound   = 50 * time.Millisecond  // of answers
	settle     = 200 * time.Millisecond // what new connections swallow into buffers is no throughput
	byteRound  = 200 * time.Millisecond // while doubling
	calmRound  = 2 * time.Second        // otherwise: parts begin and end in step, which looks like less and more
	longRound  = 5 * time.Second        // then it counts however little came
	roundChunk = 256 << 10              // bytes for each request, for a round to count sooner

	gain     = 1.08 // more than this is growth
	doubled  = 1.25 // of bytes, by twice as many parts at once: what brings less costs more work than it saves time
	loss     = 0.97 // less than this is a loss
	holdFor  = 5 * time.Second
	holdMost = 80 * time.Second
	kept     = 0.95        // of the throughput: what fewer parts must bring to be enough
	busy     = 0.5         // of all processors' time: from here on it is our own work that may be the limit
	forgetIn = time.Minute // without a request in flight: the line may be another by now
	// slowest is bytes a second for each request. Below it more parts at once would only make each take minutes, all of which
	// are lost when the transfer is cut off.
	slowest = 10 << 20 / 60
)

// phase is what a controller is about.
type phase int

const (
	ramp   phase = iota // doubling while throughput grows
	spare               // as few as there are processors, to see whether they bring the same
	hold                // the number is right
	probe               // a quarter more or less, to see whether it still is
	regain              // growing back after a cut
)

// controller decides how many requests of one class may be in flight. It works in rounds: as many answers as there are
// requests in flight, or a time in which bytes moved. What a round brought, against the one before with another number, says
// which number is next. Guarded by the pool's lock.
type controller struct {
	bytes bool // throughput is bytes, else answers
	limit int
	most  int
	epoch int // of cuts: what a request learnt before the last one counts no more
	round round

	used  func() time.Duration // the processors' time; nil = not asked
	procs int                  // processors
	fewer bool                 // the number is low because the processors were the limit

	phase  phase
	prev   int           // the number that base was measured with
	base   float64       // throughput a second; 0 = not known
	doubt  bool          // one round has brought no more than base
	up     bool          // the last probe was for more
	until  time.Time     // hold so long
	wait   time.Duration // the length of the next hold
	before int           // the number before the cut
}

// round is what was counted since the number last changed.
type round struct {
	begun   time.Time     // the counting
	counts  bool          // settling is over
	from    int64         // bytes at its beginning
	used    time.Duration // the processors' time at its beginning
	work    float64
	answers int // good and bad
	bad     int
	peak    int // most requests in flight
}

func newController(c class, limitMost int) controller {
	most := map[class]int{small: mostSmall, part: mostParts, copied: mostParts, looked: mostSmall}[c]
	if limitMost > 0 {
		most = min(most, limitMost)
	}
	x := controller{bytes: c == part, most: most, limit: min(firstLimit, most), wait: holdFor}
	if x.bytes {
		x.used, x.procs = cputime.Used, runtime.GOMAXPROCS(0)
	}
	return x
}

// setMost changes the upper bound. Room that was not there before is tried at once.
func (c *controller) setMost(most int, now time.Time) {
	if most > c.most {
		if c.limit == c.most { // it was the bound that held it
			c.limit = max(c.limit, firstLimit)
		}
		c.phase, c.base, c.fewer = ramp, 0, false
	}
	c.most = most
	c.limit = min(c.limit, most)
	c.begin(now)
}

// reset forgets what was learnt.
func (c *controller) reset(now time.Time) {
	c.limit, c.phase, c.base, c.wait, c.fewer = min(firstLimit, c.most), ramp, 0, holdFor, false
	c.begin(now)
}

// begin begins a round.
func (c *controller) begin(now time.Time) {
	c.round = round{begun: now, counts: !c.bytes}
	if c.bytes {
		c.round.begun = now.Add(settle)
	}
}

// note counts the end of a request that was let through in an epoch.
func (c *controller) note(o outcome, epoch int, now time.Time, moved int64) {
	if epoch != c.epoch {
		return
	}
	switch o {
	case neutral:
		return
	case went:
		c.round.answers++
		if !c.bytes {
			c.round.work++
		}
	case slow, broken:
		c.round.answers++
		c.round.bad++
		if c.round.bad >= min(2, c.limit) && 4*c.round.bad >= max(c.round.answers, c.limit) {
			c.cut(now)
			return
		}
	}
	c.look(now, moved)
}

// cut halves. One bad answer in twenty is not the number's fault; a quarter of them is.
func (c *controller) cut(now time.Time) {
	if c.phase != regain || c.limit > c.before {
		c.before = c.limit
	}
	c.limit = max(1, c.limit/2)
	c.epoch++
	c.phase, c.base = regain, 0
	c.begin(now)
}

// look ends the round if it is over. moved is the count of all bytes.
func (c *controller) look(now time.Time, moved int64) {
	if c.round.begun.IsZero() {
		c.begin(now)
	}
	if c.bytes {
		if now.Before(c.round.begun) {
			return
		}
		if !c.round.counts {
			c.round.counts, c.round.begun, c.round.from = true, now, moved
			if c.used != nil {
				c.round.used = c.used()
			}
			return
		}
		c.round.work = float64(moved - c.round.from)
	}
	took := now.Sub(c.round.begun)
	least := byteRound
	if c.phase != ramp && c.phase != spare {
		least = calmRound
	}
	if c.fewer && took >= byteRound && c.share(took) < busy/2 {
		c.reset(now) // the processors have time again: another line, another server
		return
	}
	if c.bytes && (took < least || c.round.work < roundChunk*float64(c.limit) && took < longRound) ||
		!c.bytes && (took < minRound || c.round.answers < c.limit) {
		return
	}
	full := c.round.peak >= c.limit
	if full {
		c.judge(c.round.work/took.Seconds(), c.share(took), now)
	}
	c.begin(now)
}

// share is what part of all processors' time the program has used in the round.
func (c *controller) share(took time.Duration) float64 {
	if c.used == nil {
		return 0
	}
	return float64(c.used()-c.round.used) / float64(took) / float64(c.procs)
}

// judge says what a round that was full tells; share is of the processors' time.
func (c *controller) judge(rate, share float64, now time.Time) {
	growth := gain
	if c.bytes {
		growth = doubled
	}
	switch c.phase {
	case ramp:
		few := min(c.limit, max(2, c.procs))
		switch {
		case c.base == 0 && share > busy && few < c.limit:
			// Parts that wait for a processor push each other's bytes out of its cache.
			c.phase = spare
			c.try(few, rate)
		case c.base > 0 && rate <= c.base*growth && c.bytes && !c.doubt:
			c.doubt = true // a busy moment of this machine looks the same: once more
		case c.base > 0 && rate <= c.base*growth:
			c.limit = c.prev
			c.rest(now, true)
		case c.limit >= c.most || c.bytes && rate < slowest*float64(c.limit):
			c.rest(now, true)
		default:
			c.try(min(2*c.limit, c.most), rate)
		}
	case spare:
		switch {
		case rate >= c.base*kept:
			c.fewer = true
			c.rest(now, true)
		case !c.doubt:
			c.doubt = true
		default: // it was not the processors
			c.phase = ramp
			c.limit, c.doubt = min(2*c.prev, c.most), false
		}
	case hold:
		if now.Before(c.until) {
			return
		}
		c.up = !c.up
		next := c.limit + max(1, c.limit/4)
		if !c.up {
			next = max(min(firstLimit, c.limit), c.limit-max(1, c.limit/4))
		}
		if next = min(next, c.most); next == c.limit || c.up && c.bytes && rate < slowest*float64(c.limit) {
			c.rest(now, false)
			return
		}
		c.phase = probe
		c.try(next, rate)
	case probe:
		good := rate > c.base*gain
		if !c.up {
			good = rate >= c.base*loss
		}
		switch {
		case !good:
			c.limit = c.prev
			c.rest(now, false)
		case c.up:
			c.phase = ramp // there is more to have
			c.try(min(2*c.limit, c.most), rate)
		default:
			c.rest(now, true)
		}
	case regain:
		if c.round.bad > 0 {
			return
		}
		if c.limit >= min(c.before, c.most) {
			c.rest(now, true)
			return
		}
		c.limit = min(c.limit+max(1, c.limit/8), c.before, c.most)
	}
}

// try goes to another number and keeps what the present one brought.
func (c *controller) try(next int, rate float64) {
	c.prev, c.base, c.limit, c.doubt = c.limit, rate, next, false
}

// rest holds the number for a while, longer each time that a probe was in vain.
func (c *controller) rest(now time.Time, anew bool) {
	if anew {
		c.wait = holdFor
	} else {
		c.wait = min(2*c.wait, holdMost)
	}
	c.phase, c.until = hold, now.Add(c.wait)
}
