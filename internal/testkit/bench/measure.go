package main

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// tool is one client in a comparison.
type tool struct {
	name string
	argv []string
	env  []string
}

// job is the same work done by several clients.
type job struct {
	title  string
	tools  []tool       // the first one is ours, which the ratios refer to
	before func() error // puts things back before each run, not measured
	check  func() error // whether a run did the work, not measured
}

// sample is what one run cost, by wait4(2): the processor time of the program and its children, its largest memory.
type sample struct {
	cpu, wall time.Duration
	rssKiB    int64
	err       error
}

// run executes a client once.
func (t tool) run() sample {
	cmd := exec.Command(t.argv[0], t.argv[1:]...)
	cmd.Env = append(os.Environ(), t.env...)
	var errors strings.Builder
	cmd.Stderr = &errors
	began := time.Now()
	err := cmd.Run()
	s := sample{wall: time.Since(began)}
	if err != nil {
		s.err = fmt.Errorf("%s: %w: %s", t.name, err, strings.TrimSpace(errors.String()))
	}
	if cmd.ProcessState != nil {
		s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			s.rssKiB = u.Maxrss
		}
	}
	return s
}

// measure runs every client of a job once a round, in an order that rotates, so that a drift of the machine hits all alike.
func (j job) measure(rounds int) ([][]sample, error) {
	samples := make([][]sample, len(j.tools))
	for round := range rounds {
		for k := range j.tools {
			i := (k + round) % len(j.tools)
			if j.before != nil {
				if err := j.before(); err != nil {
					return nil, fmt.Errorf("%s: %w", j.title, err)
				}
			}
			s := j.tools[i].run()
			if s.err == nil && j.check != nil {
				s.err = j.check()
			}
			samples[i] = append(samples[i], s)
		}
	}
	return samples, nil
}

// table is a job's result in Markdown. The ratios are taken round by round against ours, then their median.
func (j job) table(samples [][]sample) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n| client | CPU s | wall s | memory MiB | CPU ÷ ours | wall ÷ ours |\n|---|---|---|---|---|---|\n", j.title)
	for i, t := range j.tools {
		if at := slices.IndexFunc(samples[i], func(s sample) bool { return s.err != nil }); at >= 0 {
			fmt.Fprintf(&b, "| %s | failed: %s | | | | |\n", t.name, oneLine(samples[i][at].err.Error()))
			continue
		}
		var rss int64
		for _, s := range samples[i] {
			rss = max(rss, s.rssKiB)
		}
		cpu := func(s sample) float64 { return s.cpu.Seconds() }
		wall := func(s sample) float64 { return s.wall.Seconds() }
		fmt.Fprintf(&b, "| %s | %.2f | %.2f | %d | %s | %s |\n", t.name,
			median(samples[i], cpu), median(samples[i], wall), rss/1024,
			ratio(samples[i], samples[0], cpu), ratio(samples[i], samples[0], wall))
	}
	return b.String() + "\n"
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return s[:min(len(s), 160)]
}

func median(list []sample, of func(sample) float64) float64 {
	var v []float64
	for _, s := range list {
		v = append(v, of(s))
	}
	return middle(v)
}

// ratio is empty when a run of ours did not do its work.
func ratio(list, ours []sample, of func(sample) float64) string {
	var v []float64
	for i := range list {
		if ours[i].err != nil {
			return ""
		}
		v = append(v, of(list[i])/max(of(ours[i]), 0.001))
	}
	return fmt.Sprintf("%.2f", middle(v))
}

func middle(v []float64) float64 {
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
