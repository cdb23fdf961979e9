// Package textdiff finds the lines in which two texts differ.
// It must never use more than a bounded amount of memory and time, whatever the texts are: what differs too much is shown as all
// taken away and all new.
// Start reading at [Lines].
package textdiff

import "strings"

// Op is what became of a line.
type Op byte

// What a line can be.
const (
	Same Op = iota
	Old     // only in the old text
	New     // only in the new one
	Gap     // stands for Count lines that are the same
)

// Line is one line of a comparison, without its end.
type Line struct {
	Op    Op
	Text  string
	Count int // of a gap
}

// maxEdits bounds the search: its memory is the square of it.
const maxEdits = 1500

// Lines compares two texts line by line. Each line of both is there once, in its order. A last line without an end differs from one
// with it, and has [NoEnd] below it.
func Lines(before, after string) []Line {
	a, b := split(before), split(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := make([]Line, 0, len(a)+len(b)-head-tail)
	put := func(op Op, lines []string) {
		for _, s := range lines {
			out = append(out, Line{Op: op, Text: strings.TrimSuffix(s, "\n")})
			if !strings.HasSuffix(s, "\n") {
				out = append(out, Line{Op: op, Text: NoEnd})
			}
		}
	}
	put(Same, a[:head])
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	for _, s := range search(x, y) {
		put(Old, x[s.fromA:s.toA])
		put(New, y[s.fromB:s.toB])
		put(Same, y[s.toB:s.toB+s.same])
	}
	put(Same, a[len(a)-tail:])
	return out
}

// NoEnd stands below a last line without an end.
const NoEnd = "\\ no line end"

func split(s string) []string {
	if s == "" {
		return nil
	}
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// step takes a[fromA:toA] away, adds b[fromB:toB], and goes over lines that are the same.
type step struct{ fromA, toA, fromB, toB, same int }

// search finds the fewest edits that make b of a (E. W. Myers, "An O(ND) Difference Algorithm", 1986).
func search(a, b []string) []step {
	n, m := len(a), len(b)
	all := []step{{0, n, 0, m, 0}}
	if n == 0 || m == 0 {
		return all
	}
	limit := min(n+m, maxEdits)
	v := make([]int32, 2*limit+3) // by diagonal: how far into a
	var trace [][]int32           // v before each step, as far as it counts
	at := func(v []int32, mid, k int) int { return int(v[mid+k]) }
	mid := limit + 1
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int32(nil), v[mid-d-1:mid+d+2]...))
		for k := -d; k <= d; k += 2 {
			x := 0
			if k == -d || k != d && at(v, mid, k-1) < at(v, mid, k+1) {
				x = at(v, mid, k+1)
			} else {
				x = at(v, mid, k-1) + 1
			}
			for x < n && x-k < m && a[x] == b[x-k] {
				x++
			}
			v[mid+k] = int32(x)
			if x >= n && x-k >= m {
				return path(trace, n, m)
			}
		}
	}
	return all
}

// path goes the way back and puts edits that belong together into one step.
func path(trace [][]int32, n, m int) []step {
	var back []step // from the end
	x, y := n, m
	for d := len(trace) - 1; d >= 0; d-- {
		v, mid, k := trace[d], d+1, x-y
		from := k - 1
		if k == -d || k != d && v[mid+k-1] < v[mid+k+1] {
			from = k + 1
		}
		px := int(v[mid+from])
		py := px - from
		if d == 0 {
			px, py = 0, 0
		}
		same := min(x-px, y-py)
		if d > 0 && from < k { // one of a goes
			same = x - px - 1
		} else if d > 0 {
			same = x - px
		}
		back = append(back, step{px, x - same, py, y - same, same})
		x, y = px, py
	}
	var out []step
	for i := len(back) - 1; i >= 0; i-- {
		s := back[i]
		if last := len(out) - 1; last >= 0 && out[last].same == 0 {
			out[last].toA, out[last].toB, out[last].same = s.toA, s.toB, s.same
			continue
		}
		out = append(out, s)
	}
	return out
}

// Fold keeps context lines around what differs, and puts a gap in place of the others.
func Fold(lines []Line, context int) []Line {
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op == Same {
			continue
		}
		for j := max(i-context, 0); j <= min(i+context, len(lines)-1); j++ {
			near[j] = true
		}
	}
	var out []Line
	for i, l := range lines {
		switch last := len(out) - 1; {
		case near[i]:
			out = append(out, l)
		case last >= 0 && out[last].Op == Gap:
			out[last].Count++
		default:
			out = append(out, Line{Op: Gap, Count: 1})
		}
	}
	return out
}
