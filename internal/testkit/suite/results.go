package main

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// event is one line of `go test -json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build's output
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// outcome is what became of one test.
type outcome struct {
	name   string
	ran    bool
	state  string // "", "pass", "fail", "skip"; "" is still running
	parent bool   // it has subtests, which are counted instead
	output []string
}

// tally counts tests. A test with subtests counts by them alone; a package that fails without a failed test counts as one.
type tally struct {
	passed, failed, skipped int
	failures                []string // names, for the summary
	skips                   []string // name and reason
	slow                    []string
}

// reader turns the events of one `go test` into counts and into lines for people.
type reader struct {
	out   io.Writer
	step  string
	tests map[string]map[string]*outcome // package → test
	build map[string][]string            // import path → compiler output
	total *tally
}

func newReader(out io.Writer, step string, total *tally) *reader {
	return &reader{out: out, step: step, tests: map[string]map[string]*outcome{}, build: map[string][]string{}, total: total}
}

// read consumes the events to their end. Lines that are no JSON are passed on.
func (r *reader) read(in io.Reader) error {
	dec := json.NewDecoder(in)
	for {
		var e event
		if err := dec.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: go test -json: %w", r.step, err)
		}
		r.take(e)
	}
}

func (r *reader) take(e event) {
	switch {
	case e.Action == "build-output":
		r.build[e.ImportPath] = append(r.build[e.ImportPath], e.Output)
	case e.Package == "":
	case e.Test == "":
		r.takePackage(e)
	default:
		o := r.outcome(e.Package, e.Test)
		switch e.Action {
		case "run":
			o.ran = true
			r.markParent(e.Package, e.Test)
		case "output":
			o.output = append(o.output, e.Output)
		case "pass", "fail", "skip":
			o.state = e.Action
			if e.Elapsed > 20 && !strings.Contains(e.Test, "/") {
				r.total.slow = append(r.total.slow, fmt.Sprintf("%4.0f s  %s: %s.%s", e.Elapsed, r.step, e.Package, e.Test))
			}
		}
	}
}

// markParent notes that the test around this one has subtests. The name of a subtest may itself hold a "/".
func (r *reader) markParent(pkg, test string) {
	for i := strings.LastIndex(test, "/"); i > 0; i = strings.LastIndex(test[:i], "/") {
		if p := r.tests[pkg][test[:i]]; p != nil && p.ran {
			p.parent = true
			return
		}
	}
}

func (r *reader) outcome(pkg, test string) *outcome {
	if r.tests[pkg] == nil {
		r.tests[pkg] = map[string]*outcome{}
	}
	o := r.tests[pkg][test]
	if o == nil {
		o = &outcome{name: test}
		r.tests[pkg][test] = o
	}
	return o
}

// takePackage handles the events of a package as a whole; at its end its tests are counted.
func (r *reader) takePackage(e event) {
	switch e.Action {
	case "output":
		o := r.outcome(e.Package, "")
		o.output = append(o.output, e.Output)
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	passed, failed, skipped := r.count(e)
	r.total.passed += passed
	r.total.failed += failed
	r.total.skipped += skipped
	delete(r.tests, e.Package)
	if passed+failed+skipped > 0 {
		spent := time.Duration(e.Elapsed * float64(time.Second)).Round(100 * time.Millisecond)
		fmt.Fprintf(r.out, "  %-4s %-45s %4d passed %3d failed %3d skipped  %s\n", e.Action, e.Package, passed, failed, skipped, spent)
	}
}

// count adds up a finished package's tests and shows the output of those that failed.
func (r *reader) count(e event) (passed, failed, skipped int) {
	var whole []string
	for _, o := range sorted(r.tests[e.Package]) {
		name := r.step + ": " + e.Package + "." + o.name
		switch {
		case o.name == "":
			whole = o.output
		case o.parent && o.state != "fail" && o.state != "":
		case o.state == "pass":
			passed++
		case o.state == "skip":
			skipped++
			r.total.skips = append(r.total.skips, name+": "+reason(o.output))
		default: // failed, or cut off by a panic or the time limit
			show := strings.Join(o.output, "")
			if !o.parent || o.state == "" {
				failed++
				r.total.failures = append(r.total.failures, name)
			}
			fmt.Fprint(r.out, show)
		}
	}
	if e.Action == "fail" && failed == 0 {
		failed++
		r.total.failures = append(r.total.failures, r.step+": "+e.Package)
		fmt.Fprint(r.out, strings.Join(r.build[e.FailedBuild], ""), strings.Join(whole, ""))
		delete(r.build, e.FailedBuild) // shown once, whoever else imports it
	} else if e.Action == "fail" {
		fmt.Fprint(r.out, strings.Join(whole, ""))
	}
	return passed, failed, skipped
}

func sorted(tests map[string]*outcome) []*outcome {
	var list []*outcome
	for _, o := range tests {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *outcome) int { return strings.Compare(a.name, b.name) })
	return list
}

// place is how the testing package begins a line: the file and the number.
var place = regexp.MustCompile(`^\s*[\w.-]+\.go:\d+: `)

// reason is the text of a skip: the last line that the test printed.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "--- ") && !strings.HasPrefix(text, "=== ") {
			return place.ReplaceAllString(text, "")
		}
	}
	return "no reason given"
}
