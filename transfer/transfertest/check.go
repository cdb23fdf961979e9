package transfertest

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // to read the journal without the engine

	"pintail/internal/localfs"
	"pintail/storage"
	"pintail/transfer"
)

// Check proves what must hold after every transfer, whatever happened in it:
//
//   - what is reported as done has the bytes of its source, hashed here; what is not has its old bytes or is absent
//   - nothing was created or changed beside the destination
//   - no temporary file and no multipart upload is left that the journal does not name
//
// Goroutines, descriptors and files in TMPDIR are checked by [testkit.CheckLeaks]. The bench's queues are closed for it. It runs
// at the end of each test, and may be called before.
func (b *Bench) Check() {
	b.Helper()
	b.CloseQueues()
	if _, err := os.Stat(b.Journal); err == nil {
		b.checkItems()
	}
	b.checkOutside()
	named := b.journal()
	b.checkTemps(named)
	b.checkUploads(named)
}

// checkItems compares every item with its target.
func (b *Bench) checkItems() {
	b.Helper()
	q := b.Queue()
	defer b.CloseQueues()
	_, all, _ := q.Snapshot(0)
	type end struct {
		item transfer.Item
		kind transfer.Kind
	}
	byTarget := map[string][]end{}
	for _, t := range all {
		if t.Kind == transfer.Delete || t.Kind == transfer.Change {
			continue
		}
		for from := 0; ; {
			items, err := q.Items(b.Context(), t.ID, from, 1000)
			if err != nil {
				b.Error(err)
				return
			}
			if len(items) == 0 {
				break
			}
			from += len(items)
			for _, i := range items {
				if i.Target != "" && i.Result != transfer.ResultSkipped {
					byTarget[i.Target] = append(byTarget[i.Target], end{i, t.Kind})
				}
			}
		}
	}
	// Many at a time: a real server takes its time for each.
	var readers errgroup.Group
	readers.SetLimit(16)
	for target, ends := range byTarget {
		last := ends[len(ends)-1]
		if len(ends) > 1 && last.item.Result != transfer.ResultDone {
			continue // several transfers of the same target: only a success at the end says what must be there
		}
		if strings.HasSuffix(target, "/") {
			continue
		}
		readers.Go(func() error { b.checkTarget(last.item, last.kind); return nil })
	}
	_ = readers.Wait() // tells by b itself
}

func (b *Bench) checkTarget(i transfer.Item, kind transfer.Kind) {
	b.Helper()
	if at, err := filepath.EvalSymlinks(filepath.Dir(i.Target)); err == nil && kind == transfer.Download && !strings.HasPrefix(at+"/", b.Root+"/") {
		if i.Result == transfer.ResultDone {
			b.Errorf("%s is outside the destination and reported as done", i.Target)
		}
		return // what is there is not ours
	}
	have, err := b.sumOf(i.Target)
	if err != nil {
		b.Errorf("read target %s: %v", i.Target, err)
		return
	}
	if i.Result == transfer.ResultDone {
		if have == folder {
			return
		}
		if i.Proof == storage.ProofNone {
			b.Errorf("%s is done and nothing proves it", i.Target)
		}
		if kind == transfer.Move {
			return // the source is gone; the test itself knows what was there
		}
		want, err := b.sumOf(i.Source)
		if err != nil || want == "" {
			b.Errorf("read source %s: %q, %v", i.Source, want, err)
			return
		}
		if have != want {
			b.Errorf("%s is reported as done, and differs from %s", i.Target, i.Source)
		}
		return
	}
	b.mu.Lock()
	old := b.old[i.Target]
	b.mu.Unlock()
	if have == old || have == folder {
		return
	}
	want, _ := b.sumOf(i.Source)
	whole := have == want && have != ""
	switch {
	case i.Result == transfer.ResultUnknown && whole:
	case errors.Is(i.Err, transfer.ErrNotCarried) && whole: // said to be there
	case kind == transfer.Move && have != "": // copied; its source could not be removed and is still there, or was not the same
	case i.Result == transfer.Pending && whole: // killed between the last request and the journal
	default:
		b.Errorf("%s is %q, and its target is neither absent nor old: %s", i.Target, i.Result, have)
	}
}

// folder is the sum of a folder.
const folder = "folder"

// sumOf hashes a file or object; "" if it is not there.
func (b *Bench) sumOf(name string) (string, error) {
	rest, remote := strings.CutPrefix(name, "s3://")
	if !remote {
		b.mu.Lock()
		known := b.sums[name]
		b.mu.Unlock()
		if known != "" {
			return known, nil
		}
		return fileSum(name)
	}
	bucket, key, _ := strings.Cut(rest, "/")
	rd, err := b.Session.Read(b.Context(), storage.Location{Bucket: bucket, Key: key}, storage.ReadOptions{Whole: true})
	if k := storage.KindOf(err); k == storage.KindNotFound || k == storage.KindInvalid { // a key that cannot be is not there
		return "", nil
	}
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, rd)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, rd.Close())
}

func fileSum(path string) (string, error) {
	fi, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENAMETOOLONG) || errors.Is(err, syscall.ENOTDIR) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if fi.IsDir() {
		return folder, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

// checkOutside looks at what is beside the destination.
func (b *Bench) checkOutside() {
	b.Helper()
	entries, err := os.ReadDir(b.outer)
	if err != nil {
		b.Error(err)
	}
	for _, e := range entries {
		if n := e.Name(); n != "root" && n != "canary" {
			b.Errorf("%s was created outside the destination", n)
		}
	}
	if c, err := os.ReadFile(b.canary); err != nil || string(c) != "canary" {
		b.Errorf("the canary was touched: %q, %v", c, err)
	}
}

// names are what the journal says is unfinished.
type names struct{ temps, uploads, begun map[string]bool }

func (b *Bench) journal() names {
	b.Helper()
	n := names{map[string]bool{}, map[string]bool{}, map[string]bool{}}
	if _, err := os.Stat(b.Journal); err != nil {
		return n
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: b.Journal}).EscapedPath()+"?_pragma=busy_timeout(5000)")
	if err != nil {
		b.Error(err)
		return n
	}
	defer db.Close() // only read
	read := func(query string, into map[string]bool) {
		rows, err := db.QueryContext(b.Context(), query)
		if err != nil {
			b.Error(err)
			return
		}
		defer rows.Close() // rows.Err tells
		for rows.Next() {
			var s []byte
			if err := rows.Scan(&s); err != nil {
				b.Error(err)
			}
			into[string(s)] = true
		}
		if err := rows.Err(); err != nil {
			b.Error(err)
		}
	}
	read("SELECT temp FROM downloads", n.temps)
	read("SELECT CAST(upload AS BLOB) FROM uploads", n.uploads)
	read("SELECT key FROM uploads WHERE upload = ''", n.begun) // its id was never told
	var ok string
	if err := db.QueryRowContext(b.Context(), "PRAGMA integrity_check").Scan(&ok); err != nil || ok != "ok" {
		b.Errorf("the journal is damaged: %s, %v", ok, err)
	}
	return n
}

func (b *Bench) checkTemps(n names) {
	b.Helper()
	err := filepath.WalkDir(b.Root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !localfs.IsTemp(e.Name()) {
			return nil
		}
		rel, err := filepath.Rel(b.Root, path)
		if err == nil && !n.temps[filepath.ToSlash(rel)] && !n.temps[e.Name()] {
			b.Errorf("temporary file %s is left and the journal does not name it", rel)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		b.Error(err)
	}
}

func (b *Bench) checkUploads(n names) {
	b.Helper()
	for page, err := range b.Session.ListUploads(b.Context(), b.Bucket, "", storage.ListOptions{}) {
		if err != nil {
			b.Error(fmt.Errorf("list uploads: %w", err))
			return
		}
		for _, u := range page.Uploads {
			if !n.uploads[u.ID] && !n.begun[u.Key] {
				b.Errorf("the upload %s of %q is left and the journal does not name it", u.ID, u.Key)
			}
		}
	}
}

// SameFile fails the test unless both files have the same bytes.
func SameFile(t testing.TB, a, b string) {
	t.Helper()
	x, err := fileSum(a)
	y, err2 := fileSum(b)
	if err != nil || err2 != nil || x != y || x == "" {
		t.Errorf("%s and %s differ: %v, %v", a, b, err, err2)
	}
}
