package transfer

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"pintail/internal/prompt"
	"pintail/storage"
)

// Config says how a queue works. Journal and Connect are required.
type Config struct {
	Journal  string                                                          // path of the journal's file; made with its folder if missing
	Connect  func(ctx context.Context, ref string) (*storage.Session, error) // opens a connection by its reference; the queue closes it
	Prompter prompt.Prompter                                                 // answers questions; nil = nobody does
	Limits   Limits
	GiveUp   time.Duration    // an item ends after no progress for so long; 0 = 15 minutes
	Lease    time.Duration    // how long a silent owner keeps its transfers; 0 = 30 s
	History  int              // ended transfers kept; 0 = 500
	Owner    string           // what other processes show: "Pintail", "pintail-cli"
	Now      func() time.Time // nil = time.Now
	Random   *rand.Rand       // of jitter; nil = seeded by the system. Used under a lock
	Logger   *slog.Logger     // nil = discards
}

// ErrClosed is returned by methods of a closed queue.
var ErrClosed = errors.New("the transfer queue is closed")

// ErrNotFound says that there is no such transfer.
var ErrNotFound = errors.New("no such transfer")

// ErrForeign says that a transfer belongs to another process that lives.
var ErrForeign = errors.New("another process runs this transfer")

// ErrGaveUp is the reason of a transfer that made no progress for [Config.GiveUp]. It can be resumed.
var ErrGaveUp = errors.New("no progress for too long")

// ErrChanged says that a local file changed while it was uploaded. Nothing was completed.
var ErrChanged = errors.New("changed while uploading")

// ErrObjectChanged says that an object changed, twice, while it was downloaded or copied. Nothing was kept.
var ErrObjectChanged = errors.New("the object changed while it was read")

// ErrStopped is the reason of a transfer that was stopped or cancelled by a person.
var ErrStopped = errors.New("stopped")

// Queue runs transfers. All its methods may be called from any goroutine.
type Queue struct{}

// Open opens or makes the journal. Transfers that ran in a process that is gone are shown as stopped and interrupted;
// nothing runs until Add or Resume. The caller must Close the queue.
func Open(ctx context.Context, c Config) (*Queue, error) { return nil, errors.ErrUnsupported }

// Add records a transfer and starts it. A request that cannot be right is refused and not recorded.
func (q *Queue) Add(ctx context.Context, r Request) (ID, error) { return 0, errors.ErrUnsupported }

// Pause holds transfers; parts in flight are dropped, what is finished stays. Without ids: all of this process.
func (q *Queue) Pause(ids ...ID) {}

// Resume goes on with transfers that are paused, stopped, failed or cut off; items that failed are tried again.
func (q *Queue) Resume(ctx context.Context, ids ...ID) error { return errors.ErrUnsupported }

// Stop ends transfers; they can be resumed. Without ids: all of this process.
func (q *Queue) Stop(ids ...ID) {}

// Remove stops transfers, aborts their unfinished uploads, removes their temporary files and forgets them.
func (q *Queue) Remove(ctx context.Context, ids ...ID) error { return errors.ErrUnsupported }

// CleanUp removes all transfers that are done.
func (q *Queue) CleanUp(ctx context.Context) error { return errors.ErrUnsupported }

// Snapshot returns what changed after revision since (0 = everything) and the newest revision. It costs the same for a
// transfer of 100 items as for one of 100,000, and never waits for the disk or the network.
func (q *Queue) Snapshot(since uint64) (rev uint64, changed []Transfer, removed []ID) {
	return 0, nil, nil
}

// Changed signals, coalesced, that a Snapshot would differ. Progress alone is signalled at most ten times a second.
func (q *Queue) Changed() <-chan struct{} { return nil }

// Items returns up to n items of a transfer beginning with number from (0 = the first), with live progress.
func (q *Queue) Items(ctx context.Context, id ID, from, n int) ([]Item, error) {
	return nil, errors.ErrUnsupported
}

// Wait waits until a transfer has ended or is paused and says what came of it. The error is only about the waiting itself.
func (q *Queue) Wait(ctx context.Context, id ID) (Summary, error) {
	return Summary{}, errors.ErrUnsupported
}

// SetLimits changes the limits of all transfers at once.
func (q *Queue) SetLimits(l Limits) {}

// Close stops what runs, waits for it until ctx ends, and closes the journal. What ran can be resumed.
func (q *Queue) Close(ctx context.Context) error { return errors.ErrUnsupported }
