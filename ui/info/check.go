package info

import (
	"context"
	"fmt"
	"strings"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/tasks"
)

// check is what was found of what the credentials may do with the one selected thing.
type check struct {
	open, running bool
	list          []storage.Probe
	err           error
	stop          context.CancelFunc
}

// ProbeGroup is operations with the same answer.
type ProbeGroup struct {
	State  storage.ProbeState
	Title  string
	Probes []storage.Probe
}

// CanCheck tells whether there is one thing whose permissions can be tried.
func (vm *ViewModel) CanCheck() bool { _, ok := vm.single(); return ok }

// OpenCheck shows what the credentials may do, and finds it out anew.
func (vm *ViewModel) OpenCheck() {
	it, ok := vm.single()
	if !ok {
		return
	}
	vm.endCheck()
	ctx, cancel := context.WithCancel(vm.Tasks.Context()) // reading anew what is shown does not end it
	vm.check = check{open: true, running: true, stop: cancel}
	s, at := vm.subject.Session, it.At
	tasks.RunIn(vm.Tasks, ctx, func(ctx context.Context) (struct{}, error) {
		example, err := s.ProbeExample(ctx, at)
		if err == nil {
			err = s.Probe(ctx, at, example, func(p storage.Probe) {
				vm.Tasks.Post(func() {
					if ctx.Err() == nil {
						vm.check.list = append(vm.check.list, p)
						vm.Changed()
					}
				})
			})
		}
		return struct{}{}, err
	}, func(_ struct{}, err error) {
		if ctx.Err() != nil {
			return // something else is shown by now
		}
		vm.check.running, vm.check.err = false, err
		vm.Changed()
	})
	vm.Changed()
}

// CloseCheck leaves the check.
func (vm *ViewModel) CloseCheck() { vm.endCheck(); vm.Changed() }

func (vm *ViewModel) endCheck() {
	if vm.check.stop != nil {
		vm.check.stop()
	}
	vm.check = check{}
}

// Check says how far the check is; not open when none is shown.
func (vm *ViewModel) Check() (groups []ProbeGroup, running, open bool, err error) {
	c := vm.check
	if !c.open || vm.tab != Permissions {
		return nil, false, false, nil
	}
	for _, g := range []ProbeGroup{{State: storage.ProbeDenied, Title: text.T("check.group_denied")}, {State: storage.ProbeFailed, Title: text.T("check.group_failed")},
		{State: storage.ProbeAllowed, Title: text.T("check.group_allowed")}, {State: storage.ProbeUnsupported, Title: text.T("check.group_unsupported")},
		{State: storage.ProbeSkipped, Title: text.T("check.group_skipped")}} {
		for _, p := range c.list {
			if p.State == g.State {
				g.Probes = append(g.Probes, p)
			}
		}
		if len(g.Probes) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, c.running, true, c.err
}

// probeWords is what is said of an operation below its name; "" if its group says it all.
func probeWords(p storage.Probe) string {
	switch p.State {
	case storage.ProbeDenied:
		return text.T("info.needs", p.Permission)
	case storage.ProbeFailed:
		return explain.Error(p.Err).Sentence
	case storage.ProbeSkipped:
		return p.Permission
	}
	return ""
}

// CheckText is the check as text, a line an operation.
func (vm *ViewModel) CheckText() string {
	var b strings.Builder
	groups, _, _, _ := vm.Check()
	for _, g := range groups {
		for _, p := range g.Probes {
			fmt.Fprintf(&b, "%-44s %s\n", p.Op, strings.TrimSuffix(g.Title+": "+probeWords(p), ": "))
		}
	}
	return b.String()
}
