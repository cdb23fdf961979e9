package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"modernc.org/sqlite" // the driver "sqlite" too
	sqlite3 "modernc.org/sqlite/lib"

	"pintail/internal/atomicfile"
)

// journal is the record of all transfers: one SQLite file in WAL mode, shared by any number of processes. What the engine relies
// on after a kill is committed before it is relied on; what it relies on after a power cut is flushed as well (durable).
//
// All writes of a process go through one goroutine, which puts what waits into one commit: a thousand small files cost a
// few dozen commits, not a thousand.
type journal struct {
	w    *sql.Conn // the writing connection, used by the goroutine alone
	wdb  *sql.DB
	r    *sql.DB // for reading
	ops  chan op
	done chan struct{}
	st   map[string]*sql.Stmt
	full bool // commits are flushed to the disk

	halts sync.Locker // of [Config]
}

// op is one change that waits for its commit.
type op struct {
	durable bool
	do      func(*tx) error
	result  chan error
}

// migrations make a journal: entry n turns version n into version n+1. An entry is never changed once it was released; what
// is new is appended. A file that was made by an older version is brought up to date when it is opened.
var migrations = []string{schema1, schemaGuard, schemaPriority, schemaTemps}

// schemaGuard: what an item of a sync must find at both ends.
const schemaGuard = `ALTER TABLE items ADD COLUMN guard TEXT NOT NULL DEFAULT '';`

const schema1 = `
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter VALUES ('revision', 0);
CREATE TABLE transfers (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL, state TEXT NOT NULL, request BLOB NOT NULL,
	owner TEXT NOT NULL DEFAULT '', lease INTEGER NOT NULL DEFAULT 0, interrupted INTEGER NOT NULL DEFAULT 0,
	planned INTEGER NOT NULL DEFAULT 0, cursor BLOB,
	files INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
	done INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,
	failed INTEGER NOT NULL DEFAULT 0, unknown INTEGER NOT NULL DEFAULT 0, bytes_done INTEGER NOT NULL DEFAULT 0, live INTEGER NOT NULL DEFAULT 0,
	message TEXT NOT NULL DEFAULT '', error BLOB, seconds REAL NOT NULL DEFAULT 0,
	added INTEGER NOT NULL, started INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,
	revision INTEGER NOT NULL);
CREATE TABLE items (
	transfer INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,
	source BLOB NOT NULL, version TEXT NOT NULL, target BLOB NOT NULL,
	size INTEGER NOT NULL, modified INTEGER NOT NULL, etag TEXT NOT NULL, class TEXT NOT NULL,
	result TEXT NOT NULL DEFAULT '', stage INTEGER NOT NULL DEFAULT 0, proof INTEGER NOT NULL DEFAULT 0,
	wrote TEXT NOT NULL DEFAULT '', error BLOB, note TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
	PRIMARY KEY (transfer, seq)) WITHOUT ROWID;
CREATE INDEX items_pending ON items (transfer, seq) WHERE result = '';
CREATE INDEX items_staged ON items (transfer, seq) WHERE stage = 2;
CREATE TABLE names (transfer INTEGER NOT NULL, name BLOB NOT NULL, PRIMARY KEY (transfer, name)) WITHOUT ROWID;
CREATE TABLE uploads (
	transfer INTEGER NOT NULL, seq INTEGER NOT NULL, bucket TEXT NOT NULL, key BLOB NOT NULL, upload TEXT NOT NULL,
	part_size INTEGER NOT NULL, size INTEGER NOT NULL, algorithm TEXT NOT NULL, full INTEGER NOT NULL, source_etag TEXT NOT NULL,
	file TEXT NOT NULL, file_size INTEGER NOT NULL, file_modified INTEGER NOT NULL, completing INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL,
	PRIMARY KEY (transfer, seq)) WITHOUT ROWID;
CREATE TABLE downloads (
	transfer INTEGER NOT NULL, seq INTEGER NOT NULL, target BLOB NOT NULL, temp BLOB NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
	range_size INTEGER NOT NULL, etag TEXT NOT NULL, version TEXT NOT NULL, modified INTEGER NOT NULL,
	PRIMARY KEY (transfer, seq)) WITHOUT ROWID;
CREATE TABLE parts (
	transfer INTEGER NOT NULL, seq INTEGER NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,
	etag TEXT NOT NULL, checksum TEXT NOT NULL, md5 BLOB, crc INTEGER NOT NULL,
	PRIMARY KEY (transfer, seq, number)) WITHOUT ROWID;
`

func openJournal(ctx context.Context, path string, halts sync.Locker) (*journal, error) {
	if err := atomicfile.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, journalError(fmt.Errorf("open: %w", err))
	}
	// The file is made by us so that it is never readable to others, not even for an instant.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, journalError(fmt.Errorf("open: %w", err))
	}
	if err := f.Close(); err != nil {
		return nil, journalError(fmt.Errorf("open: %w", err))
	}
	for begun := time.Now(); ; {
		j := &journal{ops: make(chan op, 256), done: make(chan struct{}), st: map[string]*sql.Stmt{}, halts: halts}
		if err = j.open(ctx, path); err == nil {
			go j.run()
			return j, nil
		}
		err = errors.Join(journalError(fmt.Errorf("open %s: %w", path, err)), j.closeDBs())
		// While another process makes the file or is the last to close it, SQLite says busy without waiting.
		if !isBusy(err) || time.Since(begun) > busyWait {
			return nil, err
		}
		if serr := sleep(ctx, busyPause); serr != nil {
			return nil, serr
		}
	}
}

const (
	busyWait  = 10 * time.Second // for other processes that write
	busyPause = 10 * time.Millisecond
)

func (j *journal) open(ctx context.Context, path string) (err error) {
	j.halts.Lock()
	defer j.halts.Unlock()
	dsn := "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() +
		"?_pragma=busy_timeout(" + strconv.FormatInt(busyWait.Milliseconds(), 10) + ")&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=temp_store(memory)"
	if j.wdb, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	j.wdb.SetMaxOpenConns(1)
	if j.w, err = j.wdb.Conn(ctx); err != nil {
		return err
	}
	if err := j.migrate(ctx); err != nil {
		return err
	}
	if j.r, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	j.r.SetMaxOpenConns(4)
	return j.r.PingContext(ctx)
}

func (j *journal) migrate(ctx context.Context) error {
	if _, err := j.w.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	var version int
	err := j.w.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	switch {
	case err != nil:
	case version < 0 || version > len(migrations):
		err = ErrJournalNewer
	default:
		err = j.upgrade(ctx, version)
	}
	if err == nil {
		_, err = j.w.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(err, j.rollback(ctx))
	}
	return nil
}

// upgrade brings a journal of an older version up to date, inside one transaction.
func (j *journal) upgrade(ctx context.Context, version int) error {
	if version == len(migrations) {
		return nil
	}
	for _, m := range migrations[version:] {
		if _, err := j.w.ExecContext(ctx, m); err != nil {
			return err
		}
	}
	_, err := j.w.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
	return err
}

// tx is one commit, which may hold many changes.
type tx struct {
	ctx   context.Context
	j     *journal
	owned map[ID]bool // what this commit has seen to be its owner's
}

// stmt prepares a statement once: the texts are few and constant.
func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.j.st[query]; s != nil {
		return s, nil
	}
	s, err := t.j.w.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, err
	}
	t.j.st[query] = s
	return s, nil
}

// exec runs a statement, kept prepared, and returns the number of rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, journalError(err)
	}
	return r.RowsAffected()
}

// row reads one row.
func (t *tx) row(query string, args []any, into ...any) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(t.ctx, args...).Scan(into...)
}

// mustOwn returns ErrForeign unless a transfer is owner's, now and until this commit ends.
func (t *tx) mustOwn(id ID, owner string) error {
	if t.owned[id] {
		return nil
	}
	var have string
	err := t.row("SELECT owner FROM transfers WHERE id = ?", []any{id}, &have)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err != nil || have != owner {
		return ErrForeign
	}
	t.owned[id] = true
	return nil
}

// bump gives transfer id a new revision, for other processes to see.
func (t *tx) bump(id ID) error {
	if _, err := t.exec("UPDATE counter SET value = value + 1 WHERE name = 'revision'"); err != nil {
		return err
	}
	_, err := t.exec("UPDATE transfers SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = ?", id)
	return err
}

// write commits a change and returns when it is in the file; durable: when it also survives a power cut. It does not
// stop half way when ctx ends.
func (j *journal) write(ctx context.Context, durable bool, do func(*tx) error) error {
	o := op{durable: durable, do: do, result: make(chan error, 1)}
	select {
	case j.ops <- o:
	case <-j.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return <-o.result
}

const maxGroup = 200

// run is the writing goroutine. It ends when ops is closed.
func (j *journal) run() {
	defer close(j.done)
	ctx := context.Background() // what was accepted is written to the end
	for first := range j.ops {
		group := []op{first}
	collect:
		for len(group) < maxGroup {
			select {
			case o, ok := <-j.ops:
				if !ok {
					break collect
				}
				group = append(group, o)
			default:
				break collect
			}
		}
		if err := j.commit(ctx, group); err != nil && len(group) > 1 {
			for _, o := range group { // one of them is at fault: each by itself
				o.result <- j.commit(ctx, []op{o})
			}
			continue
		} else {
			for _, o := range group {
				o.result <- err
			}
		}
	}
}

func (j *journal) commit(ctx context.Context, group []op) error {
	j.halts.Lock()
	defer j.halts.Unlock()
	t := &tx{ctx: ctx, j: j, owned: map[ID]bool{}}
	if err := t.begin(slices.ContainsFunc(group, func(o op) bool { return o.durable })); err != nil {
		return err
	}
	for _, o := range group {
		if err := o.do(t); err != nil {
			return errors.Join(err, j.rollback(ctx))
		}
	}
	if _, err := t.exec("COMMIT"); err != nil {
		return errors.Join(err, j.rollback(ctx))
	}
	return nil
}

// begin begins a commit; a durable one is flushed to the disk.
func (t *tx) begin(durable bool) error {
	if durable != t.j.full {
		level := "NORMAL"
		if durable {
			level = "FULL"
		}
		if _, err := t.j.w.ExecContext(t.ctx, "PRAGMA synchronous = "+level); err != nil {
			return journalError(err)
		}
		t.j.full = durable
	}
	_, err := t.exec("BEGIN IMMEDIATE")
	return err
}

func (j *journal) rollback(ctx context.Context) error {
	_, err := j.w.ExecContext(ctx, "ROLLBACK")
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() == sqlite3.SQLITE_ERROR {
		return nil // SQLite has rolled back by itself, as it does when the volume is full
	}
	return err
}

// close writes what waits and closes the file. Nobody may write any more.
func (j *journal) close() error {
	close(j.ops)
	<-j.done
	return j.closeDBs()
}

func (j *journal) closeDBs() error {
	j.halts.Lock() // the last one to close writes all into the file
	defer j.halts.Unlock()
	var errs []error
	for _, s := range j.st {
		errs = append(errs, s.Close())
	}
	if j.w != nil {
		errs = append(errs, j.w.Close())
	}
	for _, db := range []*sql.DB{j.r, j.wdb} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
