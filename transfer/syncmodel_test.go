package transfer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pintail/internal/localfs"
	"pintail/internal/testkit/features"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// syncKeys are names that come close to each other in order, exclude each other, or are hard to be local names.
var syncKeys = []string{
	"a", "a/b", "a-b", "a.b", "a/", "a//b", "a/b/c", "A", "b", "b/", "b/c", "c/../d", "con", "d\x01", "e:f", "ä", "a\u0308", "dir/x", "dir/y", "dir-x",
	"dir/sub/z", ".hidden", "..", "%41", strings.Repeat("l", 300), "s p",
}

// syncWorld is both sides of a model sync.
type syncWorld struct {
	b      *transfertest.Bench
	dir    string
	prefix string
	now    time.Time
}

func (w *syncWorld) writeLocal(t *rapid.T, key string, body []byte) {
	rel, err := localfs.KeyToLocal(key)
	if err != nil {
		return
	}
	path := filepath.Join(w.dir, filepath.FromSlash(rel))
	if strings.HasSuffix(key, "/") {
		_ = os.MkdirAll(path, 0o755) // a file may be in the way: then it is not there
		return
	}
	if os.MkdirAll(filepath.Dir(path), 0o755) != nil || os.WriteFile(path, body, 0o644) != nil {
		return
	}
	w.now = w.now.Add(3 * time.Second)
	if err := os.Chtimes(path, w.now, w.now); err != nil {
		t.Fatal(err)
	}
}

func (w *syncWorld) writeRemote(t *rapid.T, key string, body []byte) {
	if strings.HasSuffix(key, "/") {
		body = nil
	}
	_, err := w.b.Session.Put(w.b.Context(), w.b.Loc(w.prefix+key), storage.Body{R: bytes.NewReader(body), Size: int64(len(body))}, storage.WriteOptions{})
	if err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
}

func (w *syncWorld) locals(t *rapid.T) map[string]string {
	out := map[string]string{}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(w.dir, path)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(path)
		out[localfs.LocalToKey(filepath.ToSlash(rel))] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (w *syncWorld) remotes(t *rapid.T, prefix string) map[string]string {
	out := map[string]string{}
	for pg, err := range w.b.Session.List(w.b.Context(), w.b.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range pg.Entries {
			if strings.HasSuffix(e.Key, "/") {
				continue
			}
			body, err := get(w.b, e.Key)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(e.Key, prefix)] = string(body)
		}
	}
	return out
}

func TestSync_Model(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Unchecked() // the model checks
	features.Proved(t, "sync.delete", features.Embedded, "")
	b.Object("w", 5, 1)
	q := b.Queue()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		w := &syncWorld{b: b, dir: filepath.Join(b.Root, fmt.Sprint(n)), prefix: fmt.Sprintf("w%d/", n), now: time.Now().Add(-time.Hour)}
		if err := os.Mkdir(w.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		direction := rapid.SampledFrom([]string{"up", "down", "mirror"}).Draw(t, "direction")
		o := transfer.SyncOptions{Mirror: direction == "mirror", MaxDelete: anyNumber()}
		o.Delete = !o.Mirror && rapid.Bool().Draw(t, "delete")
		if rapid.Bool().Draw(t, "checksum") {
			o.Compare = transfer.CompareChecksum
		}
		r := transfer.Request{Kind: transfer.Sync, Sources: []transfer.Source{{Local: w.dir}}, Target: transfer.Target{Remote: b.Loc(w.prefix)}, Sync: &o}
		if direction == "down" {
			r = transfer.Request{Kind: transfer.Sync, Sources: []transfer.Source{{Remote: b.Loc(w.prefix)}}, Target: transfer.Target{Local: w.dir}, Sync: &o}
		}
		w.writeLocal(t, "base", []byte("base"))
		w.writeRemote(t, "base", []byte("base"))
		for range rapid.IntRange(1, 2).Draw(t, "rounds") {
			for range rapid.IntRange(0, 8).Draw(t, "edits") {
				w.edit(t)
			}
			w.round(t, q, r, direction)
		}
		for rel, want := range map[string]int64{"w": 5} {
			if info, err := b.Session.Stat(b.Context(), b.Loc(rel)); err != nil || info.Size != want {
				t.Fatalf("%s outside: %v %v", rel, info.Size, err)
			}
		}
	})
}

func (w *syncWorld) edit(t *rapid.T) {
	key := rapid.SampledFrom(syncKeys).Draw(t, "key")
	body := []byte(strings.Repeat("x", rapid.IntRange(0, 4).Draw(t, "size")))
	switch rapid.IntRange(0, 4).Draw(t, "edit") {
	case 0, 1:
		w.writeLocal(t, key, body)
	case 2, 3:
		w.writeRemote(t, key, body)
	default:
		if rel, err := localfs.KeyToLocal(key); err == nil && key != ".." {
			_ = os.Remove(filepath.Join(w.dir, filepath.FromSlash(rel))) // if it is there
		}
	}
}

// plan is a plan that is complete.
func (w *syncWorld) plan(t *rapid.T, q *transfer.Queue, r transfer.Request) *transfer.SyncPlan {
	p, err := q.PlanSync(w.b.Context(), r)
	if err == nil {
		err = p.Wait(w.b.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// round plans, carries out and compares what was done with what was said.
func (w *syncWorld) round(t *rapid.T, q *transfer.Queue, r transfer.Request, direction string) {
	p := w.plan(t, q, r)
	defer p.Close() // a file without a name
	list, err := p.Entries(0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	local, remote := w.locals(t), w.remotes(t, w.prefix)
	wantLocal, wantRemote := maps.Clone(local), maps.Clone(remote)
	conflicts := 0
	for _, e := range list {
		switch {
		case e.Class == transfer.SyncConflict || e.Class == transfer.SyncProblem:
			conflicts++
		case !e.On || e.Folder:
		case e.Do == transfer.Upload:
			wantRemote[e.Key] = local[e.Key]
		case e.Do == transfer.Download:
			wantLocal[e.Key] = remote[e.Key]
		case direction == "up":
			delete(wantRemote, e.Key)
		default:
			delete(wantLocal, e.Key)
		}
	}
	id, err := p.Start(w.b.Context(), nil)
	if errors.Is(err, transfer.ErrNothingToDo) {
		err = nil
	} else if err == nil {
		s, werr := q.Wait(w.b.Context(), id)
		if err = werr; int(s.Failed+s.Unknown) != conflicts && len(list) > 0 && !heldOnly(s) {
			t.Fatalf("%+v; plan %+v", s, list)
		}
		if heldOnly(s) {
			return // deletions wait until the conflicts are settled; what may be gone is checked by the engine's own tests
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := w.locals(t); !maps.Equal(got, wantLocal) {
		t.Fatalf("local %q, want %q; plan %+v", keysOf(got), keysOf(wantLocal), list)
	}
	if got := w.remotes(t, w.prefix); !maps.Equal(got, wantRemote) {
		t.Fatalf("remote %q, want %q; plan %+v", keysOf(got), keysOf(wantRemote), list)
	}
	w.again(t, q, r, conflicts)
}

func heldOnly(s transfer.Summary) bool {
	return slices.ContainsFunc(s.Errors, func(e transfer.ItemError) bool { return errors.Is(e.Err, transfer.ErrHeld) })
}

// again plans once more: but for conflicts there is nothing left to do.
func (w *syncWorld) again(t *rapid.T, q *transfer.Queue, r transfer.Request, conflicts int) {
	p := w.plan(t, q, r)
	defer p.Close() // a file without a name
	if tot := p.Totals(); conflicts == 0 && tot.Differs() || tot.On() > 0 {
		list, _ := p.Entries(0, 1000)
		t.Fatalf("second time %+v", list)
	}
}

func keysOf(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// TestSync_BrokenListingDeletesNothing fails each page of the target's or the source's listing in turn.
func TestSync_BrokenListingDeletesNothing(t *testing.T) {
	for page := range int64(3) {
		var count, deletes atomic.Int64
		server := func(t testing.TB) transfertest.Server {
			return transfertest.Demo(t, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodDelete || r.URL.Query().Has("delete") {
						deletes.Add(1)
					}
					if r.URL.Query().Get("list-type") == "2" && count.Add(1) > page {
						http.Error(w, "<Error><Code>AccessDenied</Code></Error>", http.StatusForbidden)
						return
					}
					next.ServeHTTP(w, r)
				})
			})
		}
		b := transfertest.New(t, server)
		for i := range 5 {
			b.Object(fmt.Sprintf("s/o%d", i), 3, uint64(i))
		}
		b.File("a", 3, 9)
		q := b.Queue(func(c *transfer.Config) {
			c.Connect = smallPages(b)
		})
		for _, r := range []transfer.Request{syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}), syncDown(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()})} {
			count.Store(0)
			p, err := q.PlanSync(b.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Wait(b.Context()); storage.KindOf(err) != storage.KindPermission {
				t.Errorf("page %d: %v", page, err)
			}
			if _, err := p.Start(b.Context(), nil); err == nil {
				t.Error("a plan that failed was started")
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		}
		if deletes.Load() != 0 {
			t.Errorf("page %d: %d deletions", page, deletes.Load())
		}
	}
}

// TestSync_UnreadableFolderHoldsDeletions: what cannot be read is not gone.
func TestSync_UnreadableFolderHoldsDeletions(t *testing.T) {
	if os.Getuid() == 0 {
		// Root reads everything: a link that leads nowhere is as unreadable as a closed folder.
		t.Log("running as root")
	}
	b := transfertest.New(t, embedded)
	q := b.Queue()
	b.File("a", 3, 1)
	b.Object("s/old", 3, 2)
	if err := os.Symlink(filepath.Join(b.Src, "nowhere"), filepath.Join(b.Src, "broken")); err != nil {
		t.Fatal(err)
	}
	p := plan(b, q, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}))
	if tot := p.Totals(); !errors.Is(tot.Held, transfer.ErrHeld) || tot.Deleted.Files != 0 || tot.Extra.Files != 1 || tot.Problems.Files != 1 {
		t.Fatalf("%+v", tot)
	}
	if err := p.Switch(0, p.Len(), transfer.SyncFilter{}, true); err != nil || p.Totals().Deleted.Files != 0 {
		t.Fatalf("%v %+v", err, p.Totals())
	}
	s := carryOut(b, q, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}))
	if s.Done != 1 || s.Failed != 1 {
		t.Fatalf("%+v", s)
	}
	if _, err := get(b, "s/old"); err != nil {
		t.Error(err)
	}
}

// TestSync_ChangesMeanwhileAreLeft changes either side between the plan and its start.
func TestSync_ChangesMeanwhileAreLeft(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Unchecked() // it changes sources and targets
	q := b.Queue()
	up := syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()})
	for i, rel := range []string{"changed", "new", "source"} {
		b.File(rel, int64(10+i), uint64(i))
	}
	b.Object("s/changed", 3, 5)
	p := plan(b, q, up)
	mine := b.Object("s/changed", 4, 6)
	other := b.Object("s/new", 4, 7)
	b.File("source", 99, 8)
	id, err := p.Start(b.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := b.Wait(q, id)
	if s.Failed != 3 || s.Done != 0 {
		t.Fatalf("%+v", s)
	}
	for _, e := range s.Errors {
		if !errors.Is(e.Err, transfer.ErrPlanChanged) {
			t.Errorf("%v", e.Err)
		}
	}
	mustHold(b, "s/changed", mine)
	mustHold(b, "s/new", other)
	mustNotBe(b, "s/source")

	b.Object("s/gone", 3, 1)
	b.Object("s/down", 30, 2)
	path := b.Old("down", "xx")
	extra := b.Old("extra", "planned")
	p = plan(b, q, syncDown(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}))
	b.Old("down", "changed since")
	b.Old("extra", "changed since")
	b.Object("s/gone", 5, 3)
	if id, err = p.Start(b.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if s = b.Wait(q, id); s.Failed != 3 || s.Done != 2 { // down, gone and, held back, extra
		t.Fatalf("%+v", s)
	}
	for _, path := range []string{path, extra} {
		if got, err := os.ReadFile(path); err != nil || string(got) != "changed since" {
			t.Errorf("%s: %q %v", path, got, err)
		}
	}
}
