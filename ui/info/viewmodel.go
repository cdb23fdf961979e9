// Package info is the inspector: what can be read and set of what is selected, in a pane of a browser window or a window of its own.
// It must never ask a server on the window's thread, show a value of what was selected before, or change what was not touched.
// Start reading at [ViewModel] (no toolkit); pane.go draws.
package info

import (
	"context"
	"errors"
	"slices"
	"time"

	"pintail/internal/explain"
	"pintail/internal/retry"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/tasks"
)

// Item is one selected thing with what its listing has told already.
type Item struct {
	At       storage.Location
	Folder   bool // a folder or a bucket
	Kind     string
	Icon     string
	Size     int64
	Modified time.Time // of a bucket: created
	Class    string
	ETag     string
	Owner    string
}

// Subject is what the inspector is about. Without a session or items it is about nothing.
type Subject struct {
	Session *storage.Session
	Items   []Item
	Count   int // of the selection; more than there are items in a great one
}

// Tab is one side of the inspector.
type Tab int

// The tabs in their order.
const (
	General Tab = iota
	Permissions
	Metadata
	Service // called S3
	Versions
	Distribution // called CDN
)

// Config is what an inspector is made of.
type Config struct {
	Tasks   *tasks.Group
	Policy  func() retry.Policy
	Base    func() units.Base
	Now     func() time.Time
	Changed func() // something to draw anew; on the window's thread
	// Applied is told what became of changes to the objects at locs. It may be nil.
	Applied func(o Outcome, locs []storage.Location)
	// Touched is told that something else was done to an object. It may be nil.
	Touched func(at storage.Location)
	// Dropped is told that n changes to something were not applied before something else was selected. It may be nil.
	Dropped func(n int, name string)
	// Distributed is told which distributions serve a bucket, when they were looked up. It may be nil.
	Distributed func(s *storage.Session, bucket string, list []storage.Distribution)
	// Poll is how long to wait between two looks at an invalidation; 0 = 5 s.
	Poll time.Duration
	// Settle is how long a selection must last before the server is asked about it; 0 = at once.
	Settle time.Duration
}

// ViewModel is the inspector without drawing. It belongs to the window's thread.
type ViewModel struct {
	Config
	subject Subject
	tab     Tab
	ctx     context.Context // of what is shown; ends with the next selection
	cancel  context.CancelFunc

	heads  part[[]storage.Info]
	acls   part[[]storage.ACL]
	region part[string]
	sum    Sum

	tags      part[[]map[string]string]
	versioned part[bool]
	keys      part[[]storage.KMSKey]
	points    part[[]storage.AccessPoint] // of the bucket
	locks     part[[]storage.Info]        // the heads with the locks of the objects; nil = their bucket has no object lock
	meta      metadata
	access    access
	run       *run
	service   service
	settings  settings
	docs      documents
	effective part[storage.AccessFacts]
	history   part[history]
	cdn       distributions
	check     check
	deed      bool // something is being done with a version
}

// New returns an inspector about nothing.
func New(c Config) *ViewModel {
	if c.Now == nil {
		c.Now = time.Now
	}
	vm := &ViewModel{Config: c}
	vm.ctx, vm.cancel = context.WithCancel(c.Tasks.Context())
	return vm
}

// Show turns to s. What was being loaded for the former selection is stopped.
func (vm *ViewModel) Show(s Subject) {
	s.Count = max(s.Count, len(s.Items))
	if n := vm.unsent(); n > 0 {
		if sameThings(vm.subject, s) { // only newer; what was typed stays
			vm.subject = s
			vm.Changed()
			return
		}
		if title, _, _ := vm.Heading(); vm.Dropped != nil {
			vm.Dropped(n, title)
		}
	}
	if !sameThings(vm.subject, s) {
		vm.docs.open, vm.docs.form, vm.docs.list = nil, rulesForm{}, ""
		vm.endCheck()
	}
	vm.turn(s)
}

// unsent is how many changes were made on all tabs and not applied.
func (vm *ViewModel) unsent() int {
	if vm.run != nil { // they are under way
		return 0
	}
	n := len(vm.meta.changes()) + len(vm.access.changes()) + len(vm.service.changes())
	n += len(vm.cdn.draft.changes())
	for t := General; t <= Distribution; t++ {
		n += len(vm.settings.changes(t))
	}
	for feature := range vm.docs.text {
		if vm.docs.changed(feature) {
			n++
		}
	}
	n += len(vm.docs.form.pending())
	return n
}

func sameThings(a, b Subject) bool {
	return a.Session == b.Session && a.Count == b.Count && slices.EqualFunc(a.Items, b.Items, func(x, y Item) bool { return x.At == y.At })
}

// turn shows s from the beginning.
func (vm *ViewModel) turn(s Subject) {
	vm.cancel()
	vm.ctx, vm.cancel = context.WithCancel(vm.Tasks.Context())
	vm.subject = s
	vm.forget()
	vm.load()
	vm.Changed()
}

// Reload asks anew for what is shown.
func (vm *ViewModel) Reload() {
	vm.cdn.list.state = idle
	vm.turn(vm.subject)
}

// forget drops everything that was read.
func (vm *ViewModel) forget() {
	vm.heads, vm.acls, vm.region, vm.sum = part[[]storage.Info]{}, part[[]storage.ACL]{}, part[string]{}, Sum{}
	vm.tags, vm.versioned, vm.locks = part[[]map[string]string]{}, part[bool]{}, part[[]storage.Info]{}
	vm.keys, vm.points = part[[]storage.KMSKey]{}, part[[]storage.AccessPoint]{}
	vm.meta, vm.access, vm.history = metadata{}, access{}, part[history]{}
	vm.service, vm.settings = service{}, settings{}
	vm.effective = part[storage.AccessFacts]{}
	form := vm.docs.form
	form.made = false
	vm.docs = documents{open: vm.docs.open, form: form, list: vm.docs.list} // what was open is shown anew
	vm.forgetDistributions()
}

// Subject is what the inspector is about.
func (vm *ViewModel) Subject() Subject { return vm.subject }

// Tab is the side that is shown.
func (vm *ViewModel) Tab() Tab { return vm.tab }

// Choose shows another side.
func (vm *ViewModel) Choose(t Tab) {
	vm.tab = t
	vm.load()
	vm.Changed()
}

// Empty tells whether the inspector is about nothing.
func (vm *ViewModel) Empty() bool { return vm.subject.Session == nil || len(vm.subject.Items) == 0 }

// Partial tells whether not everything that is selected was handed over, so that nothing may be changed here.
func (vm *ViewModel) Partial() bool { return vm.subject.Count > len(vm.subject.Items) }

// single is the one selected thing.
func (vm *ViewModel) single() (Item, bool) {
	if vm.Empty() || len(vm.subject.Items) != 1 {
		return Item{}, false
	}
	return vm.subject.Items[0], true
}

// objectsOnly tells whether everything selected is an object.
func (vm *ViewModel) objectsOnly() bool {
	for _, it := range vm.subject.Items {
		if it.Folder {
			return false
		}
	}
	return !vm.Empty()
}

// load asks for what the shown tab needs and has not yet.
func (vm *ViewModel) load() {
	if vm.Empty() {
		return
	}
	switch vm.tab {
	case General:
		vm.loadGeneral()
	case Permissions:
		vm.loadAccess()
	case Metadata:
		vm.loadMetadata()
		vm.loadVersioned()
	case Service:
		vm.loadService()
	case Versions:
		vm.loadVersions()
	case Distribution:
		vm.loadDistributions()
	}
}

// state says how far a part is.
type state int

const (
	idle state = iota
	loading
	ready
	failed
)

// part is something that is asked for by itself.
type part[T any] struct {
	state state
	value T
	err   error
}

// ask loads p unless that was done or is under way.
func ask[T any](vm *ViewModel, p *part[T], work func(ctx context.Context) (T, error)) {
	if p.state != idle {
		return
	}
	p.state = loading
	ctx, again, settle := vm.ctx, vm.Policy(), vm.Settle
	tasks.RunIn(vm.Tasks, ctx, func(ctx context.Context) (T, error) {
		var v T
		if settle > 0 {
			select {
			case <-time.After(settle):
			case <-ctx.Done():
				return v, ctx.Err()
			}
		}
		err := again.Do(ctx, func() (err error) { v, err = work(ctx); return err })
		return v, err
	}, func(v T, err error) {
		if ctx.Err() != nil {
			return // something else is shown by now
		}
		p.state, p.value, p.err = ready, v, err
		if err != nil {
			p.state = failed
		}
		vm.load() // what depends on it
		vm.Changed()
	})
}

// Reason is why something cannot be read or set, in a few words.
func Reason(err error) string {
	if err == nil {
		return ""
	}
	e := explain.Error(err)
	var s3 *storage.Error
	switch {
	case e.Permission != "":
		return text.T("info.needs", e.Permission)
	case errors.As(err, &s3) && s3.Kind == storage.KindUnsupported:
		return text.T("info.unsupported")
	}
	return e.Sentence
}
