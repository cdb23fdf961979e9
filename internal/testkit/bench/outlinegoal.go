package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// frameGoal is what a frame of scrolling may take of the processor at p99, in milliseconds.
const frameGoal = 16.0

// frameReference is what a frame of the toolkit's own lists cost over all threads on the machine that the goal was set on, at seven rows a frame.
var frameReference = []struct {
	widget string
	ms     float64
}{{"list", 11.2}, {"tree", 45.7}}

// outlineGoal says how the file list comes out against its goal: by the windows' thread, over all threads, and over all threads on a machine
// as fast as the one of the goal, as the toolkit's own lists tell.
func outlineGoal(section string) string {
	ours, still := frames(section, "outline"), frames(section, "still")
	var ratios []float64
	var of []string
	for _, r := range frameReference {
		if f := frames(section, r.widget); f.few > 0 {
			ratios = append(ratios, f.few/r.ms)
			of = append(of, fmt.Sprintf("%s %.1f over %.1f", r.widget, f.few, r.ms))
		}
	}
	if ours.all == 0 || len(ratios) == 0 {
		return ""
	}
	factor := middle(ratios)
	return fmt.Sprintf("Must: ≤ %.0f ms a frame at p99, no answer after %d ms. The windows' thread: %.1f, %s. All threads: %.1f, %s (a still window painted again: %.1f). "+
		"This machine: × %.2f (%s). Scaled by that, all threads: ≤ %.1f, %s. Busy answers after 50 ms: %s.\n\n",
		frameGoal, 50, ours.thread, met(ours.thread <= frameGoal), ours.all, met(ours.all <= frameGoal), still.all,
		factor, strings.Join(of, ", "), frameGoal*factor, met(ours.all <= frameGoal*factor), ours.late)
}

func met(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

// frameFigures are those of a widget in milliseconds: at p99 over all threads and of the windows' thread, and the middle at few rows a
// frame over all threads.
type frameFigures struct {
	all, thread, few float64
	late             string
}

var figure = regexp.MustCompile(`[0-9.]+`)

// frames reads a widget's line of the section's table.
func frames(section, widget string) (f frameFigures) {
	for _, line := range strings.Split(section, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 14 || strings.TrimSpace(cells[1]) != widget {
			continue
		}
		at := func(cell, n int) float64 {
			found := figure.FindAllString(cells[cell], -1)
			if n >= len(found) {
				return 0
			}
			v, _ := strconv.ParseFloat(found[n], 64) // 0 for what is no figure
			return v
		}
		f = frameFigures{all: at(3, 1), few: at(4, 0), thread: at(7, 1), late: strings.TrimSpace(strings.Split(cells[12], "/")[0])}
	}
	return f
}
