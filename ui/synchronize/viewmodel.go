// Package synchronize is the window that compares a local folder with one on a server, shows what would be done line by line, and
// carries out what is left switched on.
// It must never change anything before the plan has been seen, nor hold the plan in memory.
// Start reading at [ViewModel].
package synchronize

import (
	"context"
	"errors"
	"strings"
	"time"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/outline/model"
	"pintail/ui/tasks"
)

// Direction says which side is the model.
type Direction int

// The directions, in the order in which they are offered.
const (
	Up     Direction = iota // the server becomes like the folder
	Down                    // the folder becomes like the server
	Mirror                  // each gets what it does not have
)

// Settings is what is compared, and how.
type Settings struct {
	Name         string // of the saved job; "" = none
	Local        string
	Remote       storage.Location
	Connection   string // reference
	Direction    Direction
	Compare      transfer.Compare
	Delete       bool
	SkipExisting bool
}

// Request is the request of s. A key without "/" at its end is a folder all the same.
func (s Settings) Request() transfer.Request {
	r := transfer.Request{Kind: transfer.Sync, Connection: s.Connection,
		Sync: &transfer.SyncOptions{Mirror: s.Direction == Mirror, Compare: s.Compare, SkipExisting: s.SkipExisting && s.Direction != Mirror,
			Delete: s.Delete && s.Direction != Mirror}}
	remote := s.Remote
	if remote.Key != "" && !strings.HasSuffix(remote.Key, "/") {
		remote.Key += "/"
	}
	if s.Direction == Down {
		r.Sources, r.Target = []transfer.Source{{Remote: remote}}, transfer.Target{Local: s.Local}
	} else {
		r.Sources, r.Target = []transfer.Source{{Local: s.Local}}, transfer.Target{Remote: remote}
	}
	return r
}

// FromRequest is the settings of a saved request, if this window can show it: one side local.
func FromRequest(name string, r transfer.Request) (Settings, bool) {
	if r.Kind != transfer.Sync || len(r.Sources) != 1 {
		return Settings{}, false
	}
	s := Settings{Name: name, Connection: r.Connection}
	if o := r.Sync; o != nil {
		s.Compare, s.Delete, s.SkipExisting = o.Compare, o.Delete, o.SkipExisting
		if o.Mirror {
			s.Direction = Mirror
		}
	}
	switch {
	case r.Sources[0].Local != "" && r.Target.Local == "":
		s.Local, s.Remote = r.Sources[0].Local, r.Target.Remote
	case r.Sources[0].Local == "" && r.Target.Local != "":
		s.Local, s.Remote = r.Target.Local, r.Sources[0].Remote
		if s.Direction != Mirror {
			s.Direction = Down
		}
	default:
		return Settings{}, false
	}
	return s, true
}

// Queue is what the window needs of the transfer engine.
type Queue interface {
	PlanSync(ctx context.Context, r transfer.Request) (*transfer.SyncPlan, error)
}

// Show chooses which lines are shown.
type Show int

// What is shown, in the order in which it is offered.
const (
	ShowAll Show = iota
	ShowNew
	ShowChanged
	ShowDeleted
	ShowTrouble // conflicts and problems
	ShowLeft
)

func (s Show) classes() []transfer.SyncClass {
	switch s {
	case ShowNew:
		return []transfer.SyncClass{transfer.SyncNew}
	case ShowChanged:
		return []transfer.SyncClass{transfer.SyncChanged}
	case ShowDeleted:
		return []transfer.SyncClass{transfer.SyncDeleted}
	case ShowTrouble:
		return []transfer.SyncClass{transfer.SyncConflict, transfer.SyncProblem}
	case ShowLeft:
		return []transfer.SyncClass{transfer.SyncLeft}
	}
	return nil
}

// Phase is how far the window is.
type Phase int

// The phases.
const (
	Setting   Phase = iota // nothing compared yet
	Comparing              // the plan grows
	Planned                // it is complete
	Broken                 // it could not be made: see Err
	Starting               // it is being handed over
)

// Config is what the view-model needs.
type Config struct {
	Queue   Queue
	Tasks   *tasks.Group
	Base    func() units.Base
	Now     func() time.Time // nil = time.Now
	Changed func()           // something to draw anew
	Failed  func(error)
	Started func(transfer.ID) // the plan is a transfer now
	// Options are what the preferences say of new objects and of what is left out; nil = nothing.
	Options func(Settings) transfer.Options
	// Agree asks before a plan takes something away on a server, and calls do if that is wanted; nil = it never asks.
	Agree func(s Settings, t transfer.SyncTotals, do func())
}

// ViewModel is the window without drawing. It belongs to the window's thread.
type ViewModel struct {
	Table *Table

	c      Config
	phase  Phase
	err    error
	plan   *transfer.SyncPlan
	totals transfer.SyncTotals
	stop   context.CancelFunc
	made   Settings // of the plan
	show   Show
	text   string
	asked  int // of filters: only the last counts
}

// New returns a view-model; the caller ends c.Tasks when the window closes, and then calls Close.
func New(c Config) *ViewModel {
	if c.Now == nil {
		c.Now = time.Now
	}
	vm := &ViewModel{c: c}
	vm.Table = &Table{tasks: c.Tasks, base: c.Base, now: c.Now, changed: c.Changed}
	vm.Table.reset(nil, true)
	return vm
}

// Phase is how far the window is; Err is why the plan could not be made.
func (vm *ViewModel) Phase() Phase { return vm.phase }

// Err is why the plan could not be made.
func (vm *ViewModel) Err() error { return vm.err }

// Totals sums the plan up as it is now.
func (vm *ViewModel) Totals() transfer.SyncTotals { return vm.totals }

// Compare begins a plan; one that there was is forgotten.
func (vm *ViewModel) Compare(s Settings) {
	vm.Forget()
	ctx, cancel := context.WithCancel(vm.c.Tasks.Context())
	r := s.Request()
	if vm.c.Options != nil {
		r.Options = vm.c.Options(s)
	}
	plan, err := vm.c.Queue.PlanSync(ctx, r)
	if err != nil {
		cancel()
		vm.phase, vm.err = Broken, err
		vm.c.Changed()
		return
	}
	vm.made = s
	vm.plan, vm.stop, vm.phase, vm.err, vm.totals = plan, cancel, Comparing, nil, transfer.SyncTotals{}
	vm.Table.reset(plan, s.Direction != Down)
	vm.c.Changed()
	vm.c.Tasks.GoIn(ctx, func(ctx context.Context) { vm.follow(ctx, plan) })
}

// follow tells the window's thread about a plan until it ends.
func (vm *ViewModel) follow(ctx context.Context, plan *transfer.SyncPlan) {
	for {
		select {
		case <-plan.Changed():
			n, totals := plan.Len(), plan.Totals()
			vm.c.Tasks.Post(func() { vm.grown(plan, n, totals) })
		case <-plan.Done():
			n, totals, err := plan.Len(), plan.Totals(), plan.Wait(context.WithoutCancel(ctx))
			vm.c.Tasks.Post(func() {
				if plan != vm.plan {
					return
				}
				vm.phase, vm.err = Planned, nil
				if err != nil {
					vm.phase, vm.err = Broken, err
				}
				vm.grown(plan, n, totals)
			})
			return
		}
	}
}

func (vm *ViewModel) grown(plan *transfer.SyncPlan, n int, totals transfer.SyncTotals) {
	if plan != vm.plan {
		return
	}
	vm.totals = totals
	vm.Table.grown(n)
	if vm.filtered() {
		vm.refilter()
	}
	vm.c.Changed()
}

// StopComparing ends a plan that grows; what was found stays to be looked at, but cannot be carried out.
func (vm *ViewModel) StopComparing() {
	if vm.phase == Comparing {
		vm.stop()
	}
}

// Forget lets go of the plan, for instance because a setting changed.
func (vm *ViewModel) Forget() {
	if vm.plan != nil {
		vm.stop()
		plan := vm.plan
		tasks.Run(vm.c.Tasks, func(context.Context) (struct{}, error) { return struct{}{}, plan.Close() }, func(struct{}, error) {})
	}
	vm.plan, vm.phase, vm.err, vm.totals = nil, Setting, nil, transfer.SyncTotals{}
	vm.Table.reset(nil, true)
	vm.c.Changed()
}

// Close lets go of the plan when the window has closed. It waits for the plan and must not be called on the window's thread.
func (vm *ViewModel) Close() error {
	if vm.plan == nil {
		return nil
	}
	return vm.plan.Close()
}

func (vm *ViewModel) filtered() bool { return vm.show != ShowAll || vm.text != "" }

// Filter shows only the lines of a kind whose key has words in it.
func (vm *ViewModel) Filter(show Show, words string) {
	if show == vm.show && words == vm.text {
		return
	}
	vm.show, vm.text = show, words
	vm.refilter()
}

func (vm *ViewModel) filterOf() transfer.SyncFilter {
	return transfer.SyncFilter{Classes: vm.show.classes(), Text: vm.text}
}

func (vm *ViewModel) refilter() {
	vm.asked++
	asked, plan := vm.asked, vm.plan
	if plan == nil || !vm.filtered() {
		vm.Table.filter(nil)
		vm.c.Changed()
		return
	}
	f := vm.filterOf()
	tasks.Run(vm.c.Tasks, func(context.Context) ([]int, error) { return plan.Select(f, 0, 0) }, func(chosen []int, err error) {
		if asked != vm.asked || plan != vm.plan || err != nil {
			return
		}
		if chosen == nil {
			chosen = []int{}
		}
		vm.Table.filter(chosen)
		vm.c.Changed()
	})
}

// Flip switches lines on, or off if all of them are on. Only a complete plan can be changed.
func (vm *ViewModel) Flip(keys []model.Key) {
	if vm.phase != Planned || len(keys) == 0 {
		return
	}
	on := false
	for _, k := range keys[:min(len(keys), pageSize)] { // of more the first tell
		i, ok := vm.Table.Index(k)
		if e, read := vm.Table.entry(i); ok && read && !e.On {
			on = true
		}
	}
	vm.change(func(plan *transfer.SyncPlan) error {
		for _, k := range keys {
			if err := plan.Switch(int(k)-1, int(k), transfer.SyncFilter{}, on); err != nil {
				return err
			}
		}
		return nil
	})
}

// SwitchShown switches all lines that are shown on or off.
func (vm *ViewModel) SwitchShown(on bool) {
	if vm.phase != Planned {
		return
	}
	f := vm.filterOf()
	vm.change(func(plan *transfer.SyncPlan) error { return plan.Switch(0, plan.Len(), f, on) })
}

func (vm *ViewModel) change(f func(*transfer.SyncPlan) error) {
	plan := vm.plan
	tasks.Run(vm.c.Tasks, func(context.Context) (transfer.SyncTotals, error) {
		err := f(plan)
		return plan.Totals(), err
	}, func(t transfer.SyncTotals, err error) {
		if plan != vm.plan {
			return
		}
		if err != nil {
			vm.c.Failed(err)
		}
		vm.totals = t
		vm.Table.stale()
		vm.c.Changed()
	})
}

// CanStart tells whether there is something to carry out.
func (vm *ViewModel) CanStart() bool { return vm.phase == Planned && vm.totals.On() > 0 }

// Start hands the plan over as a transfer. Deletions are asked about.
func (vm *ViewModel) Start() {
	if !vm.CanStart() {
		return
	}
	if vm.c.Agree == nil || !vm.destroys() {
		vm.start()
		return
	}
	plan := vm.plan
	vm.c.Agree(vm.made, vm.totals, func() {
		if plan == vm.plan && vm.CanStart() {
			vm.start()
		}
	})
}

// destroys tells whether the plan deletes on the server, or, as a mirror, replaces there what somebody changed.
func (vm *ViewModel) destroys() bool {
	switch vm.made.Direction {
	case Up:
		return vm.totals.Deleted.Files > 0
	case Mirror:
		return vm.totals.Up.Files > 0 && vm.totals.Changed.Files > 0
	}
	return false
}

func (vm *ViewModel) start() {
	vm.phase = Starting
	vm.c.Changed()
	plan := vm.plan
	tasks.Run(vm.c.Tasks, func(ctx context.Context) (transfer.ID, error) { return plan.Start(ctx, nil) }, func(id transfer.ID, err error) {
		if plan != vm.plan {
			return
		}
		vm.phase = Planned
		switch {
		case err == nil:
			vm.c.Started(id)
		case !errors.Is(err, transfer.ErrNotAgreed):
			vm.c.Failed(err)
		}
		vm.c.Changed()
	})
}

// Sentence is the status line: what was found, and what will be done.
func (vm *ViewModel) Sentence() string {
	t, base := vm.totals, vm.c.Base()
	switch {
	case vm.phase == Setting:
		return text.T("synchronize.hint")
	case vm.phase == Comparing:
		return text.N("synchronize.comparing", int(t.Seen), units.FormatCount(t.Seen))
	case vm.phase == Broken:
		return text.T("synchronize.broken")
	case !t.Differs():
		return text.N("synchronize.same_all", int(t.Same), units.FormatCount(t.Same))
	}
	var parts []string
	add := func(words string, n int64) {
		if n > 0 {
			parts = append(parts, words)
		}
	}
	add(text.N("synchronize.n_up", int(t.Up.Files), units.FormatCount(t.Up.Files), units.FormatBytes(t.Up.Bytes, base)), t.Up.Files)
	add(text.N("synchronize.n_down", int(t.Down.Files), units.FormatCount(t.Down.Files), units.FormatBytes(t.Down.Bytes, base)), t.Down.Files)
	add(text.N("synchronize.n_deleted", int(t.Deleted.Files), units.FormatCount(t.Deleted.Files)), t.Deleted.Files)
	add(text.N("synchronize.n_trouble", int(t.Conflicts.Files+t.Problems.Files), units.FormatCount(t.Conflicts.Files+t.Problems.Files)),
		t.Conflicts.Files+t.Problems.Files)
	if len(parts) == 0 {
		parts = append(parts, text.T("synchronize.nothing_on"))
	}
	add(text.N("synchronize.n_same", int(t.Same), units.FormatCount(t.Same)), t.Same)
	add(text.N("synchronize.n_kept", int(t.Kept), units.FormatCount(t.Kept)), t.Kept)
	add(text.N("synchronize.n_requests", int(t.Requests), units.FormatCount(t.Requests)), t.Requests)
	return strings.Join(parts, " · ")
}
