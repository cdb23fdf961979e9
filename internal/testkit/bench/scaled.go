package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The absolute goals are processor time on the machine that they were set on. What the peers cost there, with the same work
// and harness, tells how much time the same work takes here.

// cpuFigures are the figures that depend on the machine's speed and nothing else.
var cpuFigures = []string{cpuSeconds.name, cpuPerGiB.name, cpuMicros.name}

// reference is what peers cost on that machine, by row, in the figure of the row's first job.
var reference = map[string]map[string]float64{
	"up-http":    {"mc": 1.38, "rclone": 4.51, "aws": 2.80, "aws CRT": 1.23},
	"up-https":   {"mc": 0.78, "minio-go": 0.78},
	"down":       {"mc": 0.85, "rclone": 0.95, "aws CRT": 1.50},
	"small-up":   {"minio-go": 167, "rclone": 586, "mc": 792, "aws": 3200},
	"small-down": {"minio-go": 197, "rclone": 362, "mc": 554},
	"list":       {"manager": 7.42, "rclone": 10.83, "mc": 15.26, "aws": 70.3, "s3cmd": 73.9},
	"delete":     {"mc": 1.93, "rclone": 16.3, "s3cmd": 5.3},
	"sync":       {"rclone": 2.26, "mc": 2.65, "aws": 11.48},
	"copy":       {"mc": 330, "rclone": 656},
}

// machineSpeed is how many times as much the row's peers cost here as there, the median of them, and of which peers it is made.
// It is 0 where the row's figure is no processor time, or no peer was measured on both machines.
func (r rowResult) machineSpeed() (factor float64, of []string) {
	if len(r.Jobs) == 0 || !slices.Contains(cpuFigures, r.Jobs[0].Metric) {
		return 0, nil
	}
	j := r.Jobs[0]
	var ratios []float64
	for _, l := range j.Lines[1:] {
		if there := reference[r.Name][l.Client]; there > 0 && l.Failed == "" && l.Value > 0 {
			ratios = append(ratios, l.Value/there)
			of = append(of, fmt.Sprintf("%s %s over %s", l.Client, j.number(l.Value), strconv.FormatFloat(there, 'f', -1, 64)))
		}
	}
	if len(ratios) == 0 {
		return 0, nil
	}
	return middle(ratios), of
}

// scaled is the row with the goals that are processor time multiplied by a factor.
func (r rowResult) scaled(factor float64) rowResult {
	of := func(list []goalResult) []goalResult {
		out := slices.Clone(list)
		for i := range out {
			out[i] = out[i].scaled(factor)
		}
		return out
	}
	r.Jobs = slices.Clone(r.Jobs)
	for i := range r.Jobs {
		r.Jobs[i].Must, r.Jobs[i].Reach = of(r.Jobs[i].Must), of(r.Jobs[i].Reach)
	}
	return r
}

func (g goalResult) scaled(factor float64) goalResult {
	if !g.CPU || !g.Measured {
		return g
	}
	g.Limit *= factor
	g.Text += fmt.Sprintf(" × %.2f = %.3g", factor, g.Limit)
	g.OK = g.Value <= g.Limit
	return g
}

// speedText says how fast this machine is for a row, and how the goals that depend on it come out.
func (r rowResult) speedText() string {
	factor, of := r.machineSpeed()
	if factor == 0 {
		return ""
	}
	list := func(of func(jobResult) []goalResult) string {
		var goals []goalResult
		for _, j := range r.scaled(factor).Jobs {
			goals = append(goals, slices.DeleteFunc(slices.Clone(of(j)), func(g goalResult) bool { return !g.CPU })...)
		}
		return goalsText(goals)
	}
	return fmt.Sprintf("This machine: × %.2f (%s). Scaled by that, must: %s. Reach: %s.\n\n", factor, strings.Join(of, ", "),
		list(func(j jobResult) []goalResult { return j.Must }), list(func(j jobResult) []goalResult { return j.Reach }))
}
