package info

import (
	"context"
	"errors"
	"sync"

	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/tasks"
)

// draft is what was changed on a tab and not sent yet.
type draft interface {
	changes() []Change
	edit() storage.Edit
	problem() string
}

// draft is the one of the shown tab, nil for none.
func (vm *ViewModel) draft() draft {
	if vm.tab == Distribution {
		return &vm.cdn.draft
	}
	if _, ok := vm.bucket(); ok {
		return bucketDraft{vm}
	}
	switch vm.tab {
	case Permissions:
		return &vm.access
	case Metadata:
		return &vm.meta
	case Service:
		return &vm.service
	}
	return nil
}

// Changes are what Apply would change, for the look before it.
func (vm *ViewModel) Changes() []Change {
	if d := vm.draft(); d != nil {
		return d.changes()
	}
	return nil
}

// Problem is why the changes cannot be applied; "" if they can.
func (vm *ViewModel) Problem() string {
	if d := vm.draft(); d != nil && len(d.changes()) > 0 {
		return d.problem()
	}
	return ""
}

// CanApply tells whether there is something to apply, and nothing is being applied.
func (vm *ViewModel) CanApply() bool {
	return len(vm.Changes()) > 0 && vm.Problem() == "" && vm.run == nil
}

// Revert drops the changes of the shown tab.
func (vm *ViewModel) Revert() {
	switch vm.tab {
	case Permissions:
		vm.access = access{}
	case Metadata:
		vm.meta = metadata{}
	case Service:
		vm.service = service{}
	case Distribution:
		vm.cdn.draft = distributionDraft{}
	}
	vm.settings.revert(vm.tab)
	vm.docs.revert(vm.tab)
	vm.load()
	vm.Changed()
}

// Effects says in words what applying the changes does beside them.
func (vm *ViewModel) Effects() []string {
	if _, ok := vm.bucket(); ok {
		return vm.bucketEffects()
	}
	d := vm.draft()
	if vm.tab == Permissions && vm.access.public() {
		return []string{text.T("info.effect_public")}
	}
	var out []string
	if vm.tab == Service {
		out = vm.service.lock.effects()
	}
	if d == nil || !d.edit().Rewrites() {
		return out
	}
	n := len(vm.subject.Items)
	bytes, archived := int64(0), 0
	for i, it := range vm.subject.Items {
		bytes += it.Size
		if h, ok := vm.head(i); ok && Archived(h.Class) && (h.Restore.Until.IsZero() || h.Restore.Ongoing) {
			archived++
		}
	}
	size := units.FormatBytes(bytes, vm.Base())
	if vm.versioned.state == ready && vm.versioned.value {
		out = append(out, text.N("info.effect_versions", n, n, size))
	} else {
		out = append(out, text.N("info.effect_copy", n, n))
	}
	if archived > 0 {
		out = append(out, text.N("info.effect_archived", archived, archived))
	}
	return out
}

// Failure is an object that could not be changed.
type Failure struct {
	At  storage.Location
	Err error
}

// Outcome is what became of an application of changes.
type Outcome struct {
	Done, Total int
	Failed      []Failure
	Stopped     bool
	// Bucket: settings of a bucket were changed, each counts. Unread of them were taken and could not be looked at afterwards.
	Bucket bool
	Unread int
	// Ignored is what the server took without doing it.
	Ignored []string
	// Retry does again what failed; Plain does it without what cannot be kept, which is named in Unreadable.
	Retry      func()
	Plain      func()
	Unreadable []string
}

// run is changes being applied. It goes on when something else is selected.
type run struct {
	done, total int
	cancel      context.CancelFunc
}

// Applying says how far an application is; false when there is none.
func (vm *ViewModel) Applying() (done, total int, ok bool) {
	if vm.run == nil {
		return 0, 0, false
	}
	return vm.run.done, vm.run.total, true
}

// Apply sends the changes. Its outcome goes to Config.Applied.
func (vm *ViewModel) Apply() {
	if !vm.CanApply() {
		return
	}
	if vm.tab == Distribution {
		vm.applyDistribution()
		return
	}
	locs := make([]storage.Location, len(vm.subject.Items))
	for i, it := range vm.subject.Items {
		locs[i] = it.At
	}
	if at, ok := vm.bucket(); ok {
		vm.changeBucket(vm.subject.Session, at, bucketDraft{vm}.writes())
		return
	}
	c := changing{s: vm.subject.Session, edit: vm.draft().edit(), states: map[storage.Location]*changed{}}
	for i, l := range locs {
		c.states[l] = &changed{}
		if h, ok := vm.head(i); ok {
			c.states[l].version = h.Location.Version
		}
	}
	if vm.tab == Service {
		c.lock = vm.service.lock.edit()
	}
	vm.rewrite(c, locs, false)
}

// StopApplying ends an application; what was done stays done.
func (vm *ViewModel) StopApplying() {
	if vm.run != nil {
		vm.run.cancel()
	}
}

// changing is a change of objects; states remember how far each one is.
type changing struct {
	s      *storage.Session
	edit   storage.Edit
	lock   lockEdit
	states map[storage.Location]*changed
}

// changed is how far a change of one object is. One goroutine uses it at a time.
type changed struct {
	rewriting storage.Rewriting
	rewritten bool
	version   string // that was read, or was written
}

// do changes one object: what rewrites it first, then the lock of that version.
func (c changing) do(ctx context.Context, p retry.Policy, at storage.Location, plain bool) (ignored []string, err error) {
	st := c.states[at]
	if !st.rewritten && !c.edit.IsZero() {
		err = p.Do(ctx, func() error {
			r, err := c.s.Rewrite(ctx, at, c.edit, storage.RewriteOptions{Plain: plain, Resume: &st.rewriting})
			ignored = r.Ignored
			if err == nil && r.Version != "" {
				st.version = r.Version
			}
			return err
		})
		if err != nil {
			return ignored, err
		}
		st.rewritten = true
	}
	at.Version = st.version
	return ignored, p.Do(ctx, func() error { return c.lock.set(ctx, c.s, at) })
}

// rewrite changes the objects at locs, some at a time.
func (vm *ViewModel) rewrite(c changing, locs []storage.Location, plain bool) {
	policy := vm.Policy()
	vm.start(locs, func(ctx context.Context, at storage.Location) ([]string, error) {
		return c.do(ctx, policy, at, plain)
	}, func(o *Outcome) {
		o.Retry = func() { vm.rewrite(c, o.again(), plain) }
		o.Plain = func() { vm.rewrite(c, o.again(), true) }
	})
}

// start does work on each of locs in the background; finish completes the outcome.
func (vm *ViewModel) start(locs []storage.Location, work func(context.Context, storage.Location) ([]string, error), finish func(*Outcome)) {
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	r := &run{total: len(locs), cancel: cancel}
	vm.run = r
	progress := func(done int) {
		vm.Tasks.Post(func() {
			if vm.run == r {
				r.done = max(r.done, done)
				vm.Changed()
			}
		})
	}
	tasks.RunIn(vm.Tasks, ctx, func(ctx context.Context) (*Outcome, error) { return each(ctx, locs, work, progress), nil },
		func(o *Outcome, _ error) {
			cancel()
			if vm.run == r {
				vm.run = nil
			}
			finish(o)
			vm.applied(*o, locs)
		})
	vm.Changed()
}

// each does work on locs, some at a time.
func each(ctx context.Context, locs []storage.Location, work func(context.Context, storage.Location) ([]string, error), progress func(int)) *Outcome {
	var mu sync.Mutex // guards out
	out := &Outcome{Total: len(locs)}
	note := func(at storage.Location, ignored []string, err error) {
		mu.Lock()
		defer mu.Unlock()
		var unreadable *storage.UnreadableError
		switch {
		case ctx.Err() != nil && err != nil:
			out.Stopped = true
		case err != nil:
			out.Failed = append(out.Failed, Failure{at, err})
			if errors.As(err, &unreadable) {
				out.Unreadable = unreadable.What
			}
		default:
			out.Done++
			if len(ignored) > 0 {
				out.Ignored = ignored
			}
		}
		progress(out.Done + len(out.Failed))
	}
	slots := make(chan struct{}, headAt)
	var wg sync.WaitGroup
	for _, at := range locs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			ignored, err := work(ctx, at)
			note(at, ignored, err)
		})
	}
	wg.Wait()
	return out
}

// again are the objects that failed.
func (o *Outcome) again() []storage.Location {
	out := make([]storage.Location, len(o.Failed))
	for i, f := range o.Failed {
		out[i] = f.At
	}
	return out
}

// applied tells the outcome and shows what the server has now, if what was changed is still shown.
func (vm *ViewModel) applied(o Outcome, locs []storage.Location) {
	if !o.Bucket && len(vm.subject.Items) == len(locs) && vm.subject.Items[0].At == locs[0] && len(o.Failed) == 0 {
		vm.Reload()
	} else {
		vm.Changed()
	}
	if vm.Applied != nil {
		vm.Applied(o, locs)
	}
}
