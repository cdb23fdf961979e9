package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pintail/internal/backoff"
)

// ErrClosed is returned by methods of a closed queue.
var ErrClosed = errors.New("the transfer queue is closed")

// ErrNotFound says that there is no such transfer.
var ErrNotFound = errors.New("no such transfer")

// ErrForeign says that a transfer belongs to another process that lives.
var ErrForeign = errors.New("another process runs this transfer")

// ErrRecord says that what the journal holds of a transfer cannot be read: another version wrote it, or the file was changed.
var ErrRecord = errors.New("the record of the transfer cannot be read")

// ErrGaveUp is the reason of a transfer that made no progress for [Config.GiveUp]. It can be resumed.
var ErrGaveUp = errors.New("no progress for too long")

// ErrChanged says that a local file changed while it was uploaded. Nothing was completed.
var ErrChanged = errors.New("changed while uploading")

// ErrObjectChanged says that an object changed, twice, while it was downloaded or copied. Nothing was kept.
var ErrObjectChanged = errors.New("the object changed while it was read")

// ErrStopped is the reason of a transfer that was stopped or cancelled by a person.
var ErrStopped = errors.New("stopped")

// causes that end a run without being anybody's failure.
var (
	errPause = errors.New("paused")
	errQuit  = errors.New("the program ends")
)

const (
	pollEvery   = time.Second // how soon changes by other processes show
	signalEvery = 100 * time.Millisecond
)

// Queue runs transfers. All its methods may be called from any goroutine.
type Queue struct {
	cfg      Config
	log      *slog.Logger
	owner    string
	j        *journal
	pool     *pool
	sessions *sessions
	network  *network
	pace     *pace
	jitter   *backoff.Jitter
	up, down *limiter
	changed  chan struct{}
	big      chan struct{} // one for each big buffer that is lent
	signal   atomic.Int64  // when changed was last signalled for progress alone
	fresh    atomic.Int64  // until when our leases surely hold
	renewing sync.Mutex    // held while leases are renewed

	singleCopy, copyPart int64 // above it copies go in parts of that size

	ctx    context.Context // of all runs; ended by Close with errQuit
	cancel context.CancelCauseFunc
	keeper sync.WaitGroup // the goroutine that keeps leases
	runs   sync.WaitGroup // one for each run

	mu      sync.Mutex // guards all below
	closed  bool
	all     map[ID]*entry
	rev     uint64
	gone    []removal
	since   int64         // revision of the journal that all reflects
	waiters chan struct{} // closed and replaced when any state changes
}

// entry is a transfer as this process knows it.
type entry struct {
	row  transferRow
	req  Request
	run  *run   // while it runs here
	rev  uint64 // of the queue, when it last changed
	fail error  // why req could not be read
}

type removal struct {
	id  ID
	rev uint64
}

// Open opens or makes the journal. Transfers that ran in a process that is gone are shown as stopped and interrupted;
// nothing runs until Add or Resume. The caller must Close the queue.
func Open(ctx context.Context, c Config) (*Queue, error) {
	if c.Journal == "" || c.Connect == nil {
		return nil, errors.New("open transfer queue: Journal and Connect are required")
	}
	c.fillDefaults()
	j, err := openJournal(ctx, c.Journal, c.Halts)
	if err != nil {
		return nil, err
	}
	q := &Queue{
		cfg: c, log: c.Logger, owner: newOwner(c.Owner), j: j, pool: newPool(c.Limits.Connections, c.Now), sessions: newSessions(c.Connect), network: newNetwork(), pace: newPace(),
		jitter: backoff.New(jitterBase, jitterMost, c.Random), up: newLimiter(), down: newLimiter(), big: make(chan struct{}, bigMost),
		changed: make(chan struct{}, 1), all: map[ID]*entry{}, waiters: make(chan struct{}),
		singleCopy: maxSingleCopy, copyPart: 512 * mib,
	}
	q.fresh.Store(time.Now().Add(c.Lease / 2).UnixNano()) // what is claimed from now on has a whole lease
	q.SetLimits(c.Limits)
	if err := errors.Join(q.adoptOrphans(ctx), q.trim(ctx), q.refresh(ctx)); err != nil {
		return nil, errors.Join(err, j.close())
	}
	q.ctx, q.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	q.keeper.Go(func() { q.keep(q.ctx) })
	return q, nil
}

func (q *Queue) now() time.Time                                   { return q.cfg.Now() }
func (q *Queue) sleep(ctx context.Context, d time.Duration) error { return q.cfg.Sleep(ctx, d) }

// Add records a transfer and starts it. A request that cannot be right is refused and not recorded. Relative paths are made
// absolute now.
func (q *Queue) Add(ctx context.Context, r Request) (ID, error) {
	if r.Kind == Sync {
		return 0, refuse("a synchronisation is planned first")
	}
	if err := r.absolute(); err != nil {
		return 0, err
	}
	if err := r.validate(); err != nil {
		return 0, err
	}
	record, err := encodeRequest(r)
	if err != nil {
		return 0, err
	}
	var id ID
	now := q.now()
	err = q.j.write(ctx, true, func(t *tx) error {
		err := t.row(`INSERT INTO transfers (kind, state, request, owner, lease, added, revision) VALUES (?, ?, ?, ?, ?, ?, 0) RETURNING id`,
			[]any{r.Kind, Queued, record, q.owner, unixNano(now.Add(q.cfg.Lease)), unixNano(now)}, &id)
		if err != nil {
			return err
		}
		return t.bump(id)
	})
	if err != nil {
		return 0, err
	}
	return id, q.start(ctx, id, r.OnItem)
}

func (r *Request) absolute() error {
	sources := slices.Clone(r.Sources)
	for i, s := range sources {
		if s.Local == "" {
			continue
		}
		abs, err := filepath.Abs(s.Local)
		if err != nil {
			return fmt.Errorf("add transfer: %w", err)
		}
		sources[i].Local = abs
	}
	r.Sources = sources
	if r.Target.Local != "" {
		abs, err := filepath.Abs(r.Target.Local)
		if err != nil {
			return fmt.Errorf("add transfer: %w", err)
		}
		r.Target.Local = abs
	}
	return nil
}

// start runs a transfer that this process owns by the journal.
func (q *Queue) start(ctx context.Context, id ID, onItem func(Item)) error {
	row, err := q.j.transfer(ctx, id)
	if err != nil {
		return err
	}
	req, err := decodeRequest(row.request)
	if err != nil {
		return err
	}
	req.OnItem = onItem
	r := newRun(q, row, req)
	if req.Kind == Move {
		if err := r.countStaged(ctx); err != nil {
			return err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	rctx, cancel := context.WithCancelCause(q.ctx)
	r.cancel, r.stopping = cancel, rctx.Done()
	r.cause = func() error { return context.Cause(rctx) }
	q.all[id] = &entry{row: row, req: req, run: r}
	q.touch(q.all[id])
	leave := q.pool.join(id, row.priority)
	q.runs.Go(func() {
		defer cancel(nil)
		defer leave()
		r.main(rctx, row.cursor)
		q.ended(r)
	})
	return nil
}

// ended takes a run out after it has settled.
func (q *Queue) ended(r *run) {
	row, err := q.j.transfer(context.Background(), r.id)
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.all[r.id]
	if e == nil || e.run != r {
		return
	}
	if err == nil {
		e.row = row
	}
	r.mu.Lock()
	if err != nil || r.unrecorded {
		e.row.state, e.row.err = r.state, r.err
	}
	r.mu.Unlock()
	e.run = nil
	q.touch(e)
}

// touch gives an entry a new revision and wakes all who wait. The caller holds mu.
func (q *Queue) touch(e *entry) {
	q.rev++
	e.rev = q.rev
	close(q.waiters)
	q.waiters = make(chan struct{})
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// changedState makes a state that changed inside a run visible.
func (q *Queue) changedState() {
	q.mu.Lock()
	defer q.mu.Unlock()
	close(q.waiters)
	q.waiters = make(chan struct{})
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// progress signals progress, at most ten times a second.
func (q *Queue) progress() {
	now := time.Now().UnixNano()
	last := q.signal.Load()
	if now-last < int64(signalEvery) || !q.signal.CompareAndSwap(last, now) {
		return
	}
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// Pause holds transfers; requests in flight are dropped, what is finished stays. Without ids: all of this process.
// It does not wait for them to come to rest.
func (q *Queue) Pause(ids ...ID) { q.interrupt(errPause, Paused, ids) }

// Stop ends transfers; they can be resumed. Without ids: all of this process. It does not wait for them to come to rest.
func (q *Queue) Stop(ids ...ID) { q.interrupt(ErrStopped, Stopped, ids) }

// interrupt ends runs with a cause; what does not run gets the state directly.
func (q *Queue) interrupt(cause error, state State, ids []ID) {
	q.mu.Lock()
	if len(ids) == 0 {
		for id, e := range q.all {
			if e.run != nil {
				ids = append(ids, id)
			}
		}
	}
	var resting []ID
	for _, id := range ids {
		switch e := q.all[id]; {
		case e == nil:
		case e.run != nil:
			e.run.cancel(cause)
		case !e.row.state.Ended() && state == Stopped:
			resting = append(resting, id)
		}
	}
	q.mu.Unlock()
	for _, id := range resting {
		err := q.j.write(q.ctx, false, func(t *tx) error {
			if _, err := t.exec("UPDATE transfers SET state = ?, ended = ? WHERE id = ? AND owner = ''", state, unixNano(q.now()), id); err != nil {
				return err
			}
			return t.bump(id)
		})
		if err != nil {
			q.log.Warn("stop a transfer", "transfer", int64(id), "error", err)
		}
	}
	if len(resting) > 0 {
		if err := q.refresh(q.ctx); err != nil {
			q.log.Warn("read the journal", "error", err)
		}
	}
}

// Resume goes on with transfers that are paused, stopped, failed or cut off; items that failed are tried again. What runs
// here or is done is left alone. The error joins those of single transfers, [ErrForeign] for one that runs elsewhere.
func (q *Queue) Resume(ctx context.Context, ids ...ID) error {
	var errs []error
	for _, id := range ids {
		if err := q.resume(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("resume transfer %d: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

func (q *Queue) resume(ctx context.Context, id ID) error {
	q.mu.Lock()
	e := q.all[id]
	var onItem func(Item)
	if e != nil {
		onItem = e.req.OnItem
	}
	running := e != nil && e.run != nil
	var ending *run
	if running {
		ending = e.run
	}
	q.mu.Unlock()
	if running {
		if !ending.cancelled() {
			return nil
		}
		select { // paused a moment ago: let it come to rest
		case <-ending.done:
			q.ended(ending)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	done := false
	err := q.j.write(ctx, true, func(t *tx) error {
		if err := t.claim(q, id); err != nil {
			return err
		}
		var state State
		if err := t.row("SELECT state FROM transfers WHERE id = ?", []any{id}, &state); err != nil {
			return err
		}
		if done = state == Done; done {
			_, err := t.exec("UPDATE transfers SET owner = '', lease = 0 WHERE id = ?", id)
			return err
		}
		return t.reopen(id)
	})
	if err != nil || done {
		return err
	}
	return q.start(ctx, id, onItem)
}

// cancelled tells whether a run has been asked to end.
func (r *run) cancelled() bool {
	select {
	case <-r.stopping:
		return true
	default:
		return false
	}
}

// reopen makes what failed pending again, and what could not be listed unplanned.
func (t *tx) reopen(id ID) error {
	if err := t.listAgain(id); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE items SET result = '', error = NULL, note = '', stage = CASE WHEN stage = 2 THEN 2 ELSE (CASE result WHEN 'unknown' THEN 1 ELSE stage END) END
		WHERE transfer = ? AND result IN ('failed', 'unknown') AND kind <> ?`, id, itemReport)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE transfers SET state = ?, error = NULL, message = '', interrupted = 0, ended = 0, unknown = 0,
		failed = (SELECT count(*) FROM items WHERE transfer = transfers.id AND result = 'failed') WHERE id = ?`, Queued, id)
	if err != nil {
		return err
	}
	return t.bump(id)
}

// claim takes a transfer that nobody has, or whose owner is gone.
func (t *tx) claim(q *Queue, id ID) error {
	var owner string
	var lease int64
	rows, err := t.exec("UPDATE transfers SET lease = lease WHERE id = ?", id)
	if err != nil {
		return err
	}
	if rows == 0 {
		return ErrNotFound
	}
	if err := t.row("SELECT owner, lease FROM transfers WHERE id = ?", []any{id}, &owner, &lease); err != nil {
		return err
	}
	if owner != "" && owner != q.owner && q.now().Before(fromNano(lease)) && !ownerGone(owner) {
		return ErrForeign
	}
	_, err = t.exec("UPDATE transfers SET owner = ?, lease = ? WHERE id = ?", q.owner, unixNano(q.now().Add(q.cfg.Lease)), id)
	return err
}

// Close stops what runs, waits for it until ctx ends, and closes the journal. What ran can be resumed. Calling it again is
// harmless.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	q.mu.Unlock()
	q.cancel(errQuit)
	rest := make(chan struct{})
	go func() {
		q.runs.Wait()
		q.keeper.Wait()
		close(rest)
	}()
	select {
	case <-rest:
	case <-ctx.Done():
		// Whatever still runs hangs in a call that cannot be cancelled; the journal stays open for it.
		return fmt.Errorf("close transfer queue: %w", context.Cause(ctx))
	}
	return errors.Join(q.sessions.close(), q.j.close())
}
