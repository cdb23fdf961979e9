package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/localfs"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

func noConnection(context.Context, string) (*storage.Session, error) {
	return nil, errors.ErrUnsupported
}

func TestJournal_DamagedIsRefusedAndNotTouched(t *testing.T) {
	for name, content := range map[string][]byte{
		"text": bytes.Repeat([]byte("not a journal at all\n"), 500),
		"head": append([]byte("SQLite format 3\x00"), bytes.Repeat([]byte{0xff}, 8000)...),
	} {
		path := filepath.Join(t.TempDir(), "journal.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := transfer.Open(t.Context(), transfer.Config{Journal: path, Connect: noConnection})
		if !errors.Is(err, transfer.ErrJournal) || !errors.Is(err, transfer.ErrJournalDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
	}
}

func TestJournal_FullOrReadOnlyStopsTheTransferAndLosesNothing(t *testing.T) {
	for _, c := range []struct {
		name, pragma, lift string
		first              bool // from the beginning: the plan has no room. Else in the middle of the work
		want               error
	}{
		{"full", "max_page_count = 1", "max_page_count = 1000000", true, localfs.ErrNoSpace},
		{"read-only", "query_only = 1", "query_only = 0", false, fs.ErrPermission},
	} {
		t.Run(c.name, func(t *testing.T) {
			var once sync.Once
			var q *transfer.Queue
			b := transfertest.New(t, func(t testing.TB) transfertest.Server {
				return transfertest.Demo(t, func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if tg := demo.ParseTarget(r); tg.Op == "PutObject" && tg.Key == "t/f050" && !c.first { // in the middle of the work
							once.Do(func() {
								if err := q.Pragma(context.WithoutCancel(r.Context()), c.pragma); err != nil {
									t.Error(err)
								}
							})
						}
						next.ServeHTTP(w, r)
					})
				})
			})
			for i := range 200 {
				b.File(fmt.Sprintf("tree/f%03d", i), int64(10*i), uint64(i))
			}
			q = b.Queue()
			if c.first {
				if err := q.Pragma(t.Context(), c.pragma); err != nil {
					t.Fatal(err)
				}
			}
			id, err := q.Add(t.Context(), b.Upload(filepath.Join(b.Src, "tree"), "t/"))
			if err != nil {
				t.Fatal(err)
			}
			s := b.Wait(q, id)
			if s.State != transfer.Failed || !errors.Is(s.Err, transfer.ErrJournal) || !errors.Is(s.Err, c.want) {
				t.Fatalf("%+v", s)
			}
			if c.first { // what needs no more room still goes
			} else if _, err := q.Add(t.Context(), b.Upload(filepath.Join(b.Src, "tree"), "u/")); !errors.Is(err, transfer.ErrJournal) || !errors.Is(err, c.want) {
				t.Errorf("a transfer that cannot be recorded is taken on: %v", err)
			}
			if err := q.Pragma(t.Context(), c.lift); err != nil {
				t.Fatal(err)
			}
			if err := q.Resume(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if s := b.Wait(q, id); s.State != transfer.Done || s.Done != 200 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestJournal_ErrorsOfLocalFilesKeepTheirType(t *testing.T) {
	b := transfertest.New(t, func(t testing.TB) transfertest.Server { return transfertest.Demo(t, nil) })
	for _, n := range []string{"a", "b"} {
		b.File("tree/"+n, 10, 1)
	}
	q := b.Queue()
	missing := filepath.Join(b.Src, "missing\xff")
	if s := b.Run(q, b.Upload(missing, "x")); s.State != transfer.Failed || s.Failed != 1 || !errors.Is(s.Errors[0].Err, fs.ErrNotExist) {
		t.Fatalf("%+v", s)
	}
	b.CloseQueues()
	q = b.Queue()
	_, ts, _ := q.Snapshot(0)
	items, err := q.Items(t.Context(), ts[0].ID, 0, 1)
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	var p *fs.PathError
	if err := items[0].Err; !errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || !errors.As(err, &p) || p.Path != missing {
		t.Errorf("%v", err)
	}
}

func TestRecord_KeepsTheMeaningOfErrors(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}
	for _, err := range []error{
		fs.ErrNotExist, fs.ErrPermission, fs.ErrExist, syscall.EIO, syscall.EROFS, syscall.ENAMETOOLONG, syscall.ENOTDIR, syscall.EISDIR, syscall.ENOSPC,
		syscall.EDQUOT, syscall.EMFILE, syscall.EFBIG, localfs.ErrNoSpace, localfs.ErrNoName, localfs.ErrSize, transfer.ErrChanged, transfer.ErrGaveUp,
		transfer.ErrJournal, transfer.ErrRequest,
	} {
		back := transfer.ThroughJournal(fmt.Errorf("do it: %w", err))
		if !errors.Is(back, err) || back.Error() != "do it: "+err.Error() {
			t.Errorf("%v became %v", err, back)
		}
	}
	var p *fs.PathError
	if back := transfer.ThroughJournal(full); !errors.As(back, &p) || p.Op != "write" || p.Path != "/x" || !errors.Is(p, syscall.ENOSPC) {
		t.Errorf("%v", back)
	}
	refused := &storage.Error{Op: "GetObject", Kind: storage.KindNotFound, Code: "NoSuchKey"}
	if back := transfer.ThroughJournal(refused); storage.KindOf(back) != storage.KindNotFound || errors.As(back, &p) {
		t.Errorf("%v", back)
	}
}
