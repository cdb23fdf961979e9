package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"pintail/internal/testkit/bench/sink"
)

// metric is one figure of a run.
type metric struct {
	name     string // with its unit
	of       func(j job, c client, s sample) float64
	decimals int
	worst    bool // the largest of the rounds counts, not the median
}

var (
	cpuSeconds = metric{"CPU s", func(j job, c client, s sample) float64 { return s.CPU.Seconds() / c.of(1) }, 2, false}
	cpuPerGiB  = metric{"CPU s/GiB", func(j job, c client, s sample) float64 { return s.CPU.Seconds() / c.of(j.units) }, 2, false}
	cpuMicros  = metric{"µs CPU an object", func(j job, c client, s sample) float64 { return s.CPU.Seconds() * 1e6 / c.of(j.units) }, 0, false}
	wall       = metric{"wall s", func(j job, c client, s sample) float64 { return s.Wall.Seconds() / c.of(1) }, 2, false}
	memory     = metric{"memory MiB", func(j job, c client, s sample) float64 { return float64(s.RSSKiB) / 1024 }, 0, true}
	slowdown   = metric{"wall over clean", func(j job, c client, s sample) float64 { return s.Wall.Seconds() / max(s.Base, 0.001) }, 2, false}
	lost       = metric{"objects lost", func(j job, c client, s sample) float64 { return float64(s.Lost) }, 0, true}
	value      = metric{"", func(j job, c client, s sample) float64 { return s.Value }, 2, true}
)

// called is the same figure by another name.
func (m metric) called(name string) metric { m.name = name; return m }

// goal is a bound on a figure of ours, absolute or against a peer's of the same round.
type goal struct {
	metric
	limit float64
	peer  string // "" = absolute
}

func atMost(limit float64, m metric) goal             { return goal{m, limit, ""} }
func times(limit float64, peer string, m metric) goal { return goal{m, limit, peer} }

func (g goal) String() string {
	n := strconv.FormatFloat(g.limit, 'g', 3, 64)
	if g.peer != "" {
		return fmt.Sprintf("≤ %s × %s", n, g.peer)
	}
	if g.limit == 0 {
		return "0 " + g.name
	}
	return fmt.Sprintf("≤ %s %s", n, g.name)
}

// job is the same work done by several clients.
type job struct {
	title   string
	main    metric
	units   float64 // GiB or objects
	clients []client
	calm    []client // the same work on a clean path, for rows that compare with it
	at      end
	calmAt  end
	before  func() error                           // puts things back before each run, not measured
	check   func(c client, n sink.Counts) error    // whether a run did the work, not measured
	lost    func(c client, n sink.Counts) int64    // objects that are missing after a run
	must    []goal                                 //
	reach   []goal                                 //
	self    func(b *bed, c client) (sample, error) // measures a client in another way than by running it once
}

const clientLimit = 10 * time.Minute

// once runs one client one time.
func (j job) once(b *bed, i int) (sample, error) {
	c := j.clients[i]
	s := sample{}
	if j.calm != nil {
		base, err := j.attempt(b, j.calm[i], j.calmAt)
		if err != nil {
			return s, err
		}
		s.Base = base.Wall.Seconds()
	}
	r, err := j.attempt(b, c, j.at)
	if j.calm != nil {
		r.Base = s.Base
	}
	if j.lost != nil {
		r.Lost = max(0, j.lost(c, r.Sink))
	}
	return r, err
}

func (j job) attempt(b *bed, c client, at end) (sample, error) {
	if err := b.freshHome(); err != nil {
		return sample{}, err
	}
	if j.before != nil {
		if err := j.before(); err != nil {
			return sample{}, fmt.Errorf("%s: %w", j.title, err)
		}
	}
	if c.sink != nil {
		at.sink = c.sink
	}
	if at.sink != nil {
		at.sink.Reset()
	}
	var s sample
	if j.self != nil {
		var err error
		if s, err = j.self(b, c); err != nil {
			s.Err = oneLine(err.Error())
		}
	} else {
		s = execute(c.argv, c.env, clientLimit)
	}
	if at.sink != nil {
		s.Sink = at.sink.Counts()
	}
	if s.Err == "" && j.check != nil {
		if err := j.check(c, s.Sink); err != nil {
			s.Err = oneLine(err.Error())
		}
	}
	return s, nil
}

// measure runs every client once a round, in an order that rotates, so that a drift of the machine hits all alike.
func (j job) measure(b *bed, rounds int) ([][]sample, error) {
	samples := make([][]sample, len(j.clients))
	for round := range rounds {
		for k := range j.clients {
			i := (k + round) % len(j.clients)
			if j.clients[i].once && round >= b.scale.slowRounds {
				continue
			}
			s, err := j.once(b, i)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(os.Stderr, "  %-16s cpu %6.2f  wall %6.2f  rss %4d MiB  %s %s\n", j.clients[i].name, s.CPU.Seconds(), s.Wall.Seconds(),
				s.RSSKiB/1024, opsText(s.Sink), s.Err)
			samples[i] = append(samples[i], s)
		}
	}
	return samples, nil
}

func opsText(n sink.Counts) string {
	var list []string
	for _, op := range slices.Sorted(maps.Keys(n.Ops)) {
		list = append(list, fmt.Sprintf("%s %d", op, n.Ops[op]))
	}
	return strings.Join(list, ", ")
}

// figure is a client's figure over the rounds. Runs that did not do the work have none.
func (j job) figure(m metric, i int, samples [][]sample) (float64, bool) {
	v := j.values(m, i, samples[i])
	if len(v) == 0 {
		return 0, false
	}
	if m.worst {
		return slices.Max(v), true
	}
	return middle(v), true
}

func (j job) values(m metric, i int, list []sample) []float64 {
	var v []float64
	for _, s := range list {
		if s.Err != "" {
			return nil
		}
		v = append(v, m.of(j, j.clients[i], s))
	}
	return v
}

// ratio is the median of the rounds' ratios of one client to another.
func (j job) ratio(m metric, i, to int, samples [][]sample) (float64, bool) {
	a, b := j.values(m, i, samples[i]), j.values(m, to, samples[to])
	var v []float64
	for round := range min(len(a), len(b)) {
		if b[round] > 0 {
			v = append(v, a[round]/b[round])
		}
	}
	if len(v) == 0 {
		return 0, false
	}
	return middle(v), true
}

func middle(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// met says whether ours reaches a goal, and what was measured for it.
func (j job) met(g goal, samples [][]sample) goalResult {
	r := goalResult{Text: g.String(), Limit: g.limit, CPU: g.peer == "" && slices.Contains(cpuFigures, g.name)}
	n, done := j.figure(g.metric, 0, samples)
	if g.peer != "" {
		to := slices.IndexFunc(j.clients, func(c client) bool { return c.name == g.peer })
		if to < 0 {
			r.Said = "no " + g.peer
			return r
		}
		n, done = j.ratio(g.metric, 0, to, samples)
	}
	if !done {
		r.Said = "failed"
		return r
	}
	r.Said, r.Value, r.Measured, r.OK = strconv.FormatFloat(n, 'f', max(g.decimals, boolInt(g.peer != "")*2), 64), n, true, n <= g.limit
	return r
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
