// Package browser is the main window: one connection, its buckets and objects as an outline, and everything one does with them.
// It must never speak to S3 on the window's thread, join keys as paths, or move bytes itself (the queue does).
// Start reading at [ViewModel] (no toolkit), then listing.go and actions.go; view.go draws.
package browser

import (
	"context"
	"errors"
	"net/url"
	"time"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser/rows"
	"pintail/ui/consent"
	"pintail/ui/outline/model"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// Connector opens connections.
type Connector interface {
	Open(ctx context.Context, spec connect.Spec) (*connect.Connection, error)
	// Again asks for other credentials after the server refused those of spec.
	Again(ctx context.Context, spec connect.Spec, refused error) (*connect.Connection, error)
}

// Queue takes transfers.
type Queue interface {
	Add(ctx context.Context, r transfer.Request) (transfer.ID, error)
	Resume(ctx context.Context, ids ...transfer.ID) error
	// Wait returns what came of a transfer that has ended, with its failures.
	Wait(ctx context.Context, id transfer.ID) (transfer.Summary, error)
	// Unfinished are the uploads that belong to transfers, by their ids.
	Unfinished(ctx context.Context) (map[string]transfer.Unfinished, error)
	// Snapshot is every transfer as it stands (0 = everything).
	Snapshot(since uint64) (rev uint64, changed []transfer.Transfer, removed []transfer.ID)
}

// Face is what the view-model needs of its window. All methods are called on the window's thread.
type Face interface {
	Changed(What)          // something to draw anew
	Report(Problem)        // a foreground action failed
	Clipboard(text string) // to the system's clipboard
	Notice(text string)    // a short remark in the status bar
	// Agree asks for the name of a connection marked as production and does then what the question says.
	Agree(word string, q consent.Question, do func())
	Connected(*connect.Connection)
}

// What says what changed.
type What int

// The parts of a window.
const (
	Rows       What = iota // the outline's content
	RowsGone               // rows are missing
	Place                  // where the window is: path bar, title, columns
	Status                 // the status bar, what is enabled
	Connection             // connected or not
)

// Problem is one failed action for the report.
type Problem struct {
	Failures []report.Failure
	Total    int
	Retry    func()
	// Archived is what of it has to be restored first; Readable goes on once it can be read.
	Archived []Item
	Readable *Later
	// Lost is what cannot be read and so would not be kept; Plain goes on without it.
	Lost  []string
	Plain func()
}

// Config is what a window is made of.
type Config struct {
	Connector   Connector
	Queue       Queue
	Preferences *preferences.Preferences
	Clipboard   *Clipboard
	Awaited     *Awaited // nil = of this window alone
	Tasks       *tasks.Group
	Face        Face
	Now         func() time.Time
	Downloads   string // folder for downloads
	// Browse opens a web address in the person's browser. It does not wait for it.
	Browse func(*url.URL) error
}

// ViewModel is a browser window without drawing. It belongs to the window's thread.
type ViewModel struct {
	Config
	conn       *connect.Connection
	served     served
	spec       connect.Spec
	connecting context.CancelFunc
	at         storage.Location
	back, next []storage.Location
	store      *rows.Store
	listings   map[model.Key]*listing
	rootErr    error
	sizes      map[transfer.ID]seen
	accepted   bool
	own        map[transfer.ID]bool             // transfers begun here: their failures are reported
	changes    map[transfer.ID]transfer.Request // of the changes begun here
	opened     time.Time                        // transfers added before are history
	waiting    []func()                         // for the end of the listing that runs
	past       time.Time                        // what was then is shown; zero for what is
	pending    []string                         // local paths to upload to where the connection begins, once it is accepted
	agreed     bool                             // the name of the connection has just been typed
	deed       *deed                            // what is being done with selected rows, nil for nothing
}

// New returns the view-model of a window that is not connected.
func New(c Config) *ViewModel {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Awaited == nil {
		c.Awaited = &Awaited{}
	}
	vm := &ViewModel{Config: c, listings: map[model.Key]*listing{}, sizes: map[transfer.ID]seen{}, own: map[transfer.ID]bool{}, changes: map[transfer.ID]transfer.Request{}, opened: c.Now()}
	vm.store = vm.newStore()
	return vm
}

// Connection is the open connection, nil for none.
func (vm *ViewModel) Connection() *connect.Connection { return vm.conn }

// Name is what the window calls its connection: the embedded server has one of its own, a bookmark of it the bookmark's.
func (vm *ViewModel) Name() string {
	if vm.conn.Profile.Vendor == profiles.VendorDemo && vm.conn.Spec.Bookmark == "" {
		return text.T("browser.demo_name")
	}
	return vm.conn.Name
}

// Connecting tells whether a connection is being opened.
func (vm *ViewModel) Connecting() bool { return vm.connecting != nil }

// At is where the window is.
func (vm *ViewModel) At() storage.Location { return vm.at }

// Err is why the folder could not be listed; nil if it could.
func (vm *ViewModel) Err() error { return vm.rootErr }

// Connect opens the connection of spec and goes to where it begins, or to at if that is set.
func (vm *ViewModel) Connect(spec connect.Spec, at storage.Location) {
	vm.pending = nil
	vm.connect(spec, at, func(ctx context.Context) (*connect.Connection, error) { return vm.Connector.Open(ctx, spec) })
}

func (vm *ViewModel) connect(spec connect.Spec, at storage.Location, open func(context.Context) (*connect.Connection, error)) {
	if vm.connecting != nil {
		vm.connecting()
	}
	ctx, cancel := context.WithCancel(vm.Tasks.Context())
	vm.connecting = cancel
	vm.Face.Changed(Connection)
	tasks.RunIn(vm.Tasks, ctx, open, func(c *connect.Connection, err error) {
		if ctx.Err() != nil { // stopped, or another connection was asked for
			if c != nil {
				vm.closeLater(c)
			}
			return
		}
		vm.connecting = nil
		cancel()
		if err != nil {
			again := vm.retry(spec, at)
			vm.Face.Changed(Connection)
			said := vm.rootErr != nil && errors.Is(err, vm.rootErr) // in the middle of the window already
			if !said && !givenUp(err) {
				vm.fail(report.Failure{Err: err}, again)
			}
			return
		}
		vm.use(c, spec, at)
	})
}

// givenUp tells whether the person ended it, who need not be told so.
func givenUp(err error) bool {
	var no *connect.NotTrustedError
	declined := errors.As(err, &no) && no.Err == nil
	return declined || errors.Is(err, prompt.ErrDismissed) || errors.Is(err, context.Canceled)
}

func (vm *ViewModel) use(c *connect.Connection, spec connect.Spec, at storage.Location) {
	vm.drop()
	vm.conn, vm.spec, vm.accepted = c, spec, false
	vm.back, vm.next = nil, nil
	if at.IsRoot() {
		at = c.Start
	}
	vm.Face.Changed(Connection)
	vm.show(at)
}

// drop leaves the connection that is open, if any.
func (vm *ViewModel) drop() {
	vm.stopListings()
	vm.stopDeed()
	if vm.conn != nil {
		vm.Awaited.leave(vm)
		vm.closeLater(vm.conn)
	}
	vm.conn, vm.rootErr, vm.at, vm.past = nil, nil, storage.Location{}, time.Time{}
	vm.back, vm.next = nil, nil
	vm.store.Reset(storage.Location{})
	vm.waiting = nil
}

// WhenListed calls f once the folder that the window shows has been listed; at once if nothing is being listed.
func (vm *ViewModel) WhenListed(f func()) {
	if vm.listings[0] == nil {
		f()
		return
	}
	vm.waiting = append(vm.waiting, f)
}

// closeLater ends a session off the window's thread.
func (vm *ViewModel) closeLater(c *connect.Connection) {
	vm.Tasks.Go(func(context.Context) { _ = c.Close() })
}

// Disconnect leaves the connection.
func (vm *ViewModel) Disconnect() {
	if vm.connecting != nil {
		vm.connecting()
		vm.connecting = nil
	}
	vm.pending = nil
	vm.drop()
	vm.Face.Changed(Connection)
	vm.Face.Changed(RowsGone)
}

// Go goes to a folder, bucket or the list of buckets and remembers where it came from.
func (vm *ViewModel) Go(to storage.Location) {
	if vm.conn == nil || to == vm.at && vm.rootErr == nil {
		return
	}
	vm.pending = nil
	vm.back = append(vm.back, vm.at)
	vm.next = nil
	vm.show(to)
}

// Back goes to where the window was before; Forward the other way.
func (vm *ViewModel) Back() { vm.hop(&vm.back, &vm.next) }

// Forward undoes Back.
func (vm *ViewModel) Forward() { vm.hop(&vm.next, &vm.back) }

func (vm *ViewModel) hop(from, to *[]storage.Location) {
	n := len(*from)
	if n == 0 || vm.conn == nil {
		return
	}
	l := (*from)[n-1]
	*from = (*from)[:n-1]
	*to = append(*to, vm.at)
	vm.show(l)
}

// Up goes to the folder that holds this one.
func (vm *ViewModel) Up() {
	if vm.CanUp() {
		vm.Go(vm.at.Parent())
	}
}

// CanBack, CanForward and CanUp tell where one can go.
func (vm *ViewModel) CanBack() bool { return len(vm.back) > 0 }

// CanForward tells whether Forward does something.
func (vm *ViewModel) CanForward() bool { return len(vm.next) > 0 }

// CanUp tells whether there is a folder above.
func (vm *ViewModel) CanUp() bool { return vm.conn != nil && !vm.at.IsRoot() }

// GoTo goes to a typed address.
func (vm *ViewModel) GoTo(typed string) error {
	l, err := ParseAddress(typed, vm.at)
	if err != nil {
		return err
	}
	vm.Go(l)
	return nil
}

// show shows a folder from its beginning.
func (vm *ViewModel) show(l storage.Location) {
	vm.stopListings()
	vm.at, vm.rootErr = l, nil
	if l.IsRoot() {
		vm.past = time.Time{}
	}
	if vm.store.Reset(l); !vm.past.IsZero() {
		vm.store.Past()
	}
	vm.list(0, false)
	vm.Face.Changed(Place)
	vm.Face.Changed(RowsGone)
}

// Close ends the connection; the window is gone.
func (vm *ViewModel) Close() {
	if vm.conn != nil {
		c := vm.conn
		vm.conn = nil
		vm.Awaited.leave(vm)
		vm.closeLater(c)
	}
}

// fail reports one failure of a foreground action.
func (vm *ViewModel) fail(f report.Failure, retry func()) {
	vm.Face.Report(Problem{Failures: []report.Failure{f}, Retry: retry})
}

// do runs work in the background and reports its failure; then runs done.
func (vm *ViewModel) do(what string, work func(ctx context.Context) error, done func()) {
	tasks.Run(vm.Tasks, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) },
		func(_ struct{}, err error) {
			if err != nil {
				if !errors.Is(err, context.Canceled) {
					vm.fail(report.Failure{What: what, Err: err}, func() { vm.do(what, work, done) })
				}
				return
			}
			if done != nil {
				done()
			}
		})
}
