package transfer_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/dirwatch"
	"pintail/internal/testkit/features"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// TestKeepSync_FollowsTheFolder uses the system's own notices, and takes the server away in the middle.
func TestKeepSync_FollowsTheFolder(t *testing.T) {
	var away atomic.Bool
	var refused atomic.Int64
	b := transfertest.New(t, func(t testing.TB) transfertest.Server {
		return transfertest.Demo(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if away.Load() {
					refused.Add(1)
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, r)
			})
		})
	})
	b.Unchecked() // files go and change
	features.Proved(t, "sync.watch", features.Embedded, "")
	watch, err := dirwatch.StartTree(dirwatch.TreeConfig{Dir: b.Src})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close() // its goroutine is what the leak check looks for
	q := b.Queue()
	rounds := make(chan error, 100)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- q.KeepSync(ctx, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}), transfer.SyncWatch{
			Changed: watch.Changed(), Quiet: 50 * time.Millisecond, Retry: 50 * time.Millisecond,
			OnRound: func(_ bool, _ transfer.Summary, err error) { rounds <- err },
		})
	}()
	await := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.After(30 * time.Second); !ok(); {
			select {
			case <-rounds:
			case <-time.After(20 * time.Millisecond):
			case <-deadline:
				t.Fatalf("%s never happened", what)
			}
		}
	}
	holds := func(key, path string) func() bool {
		return func() bool {
			want, err := os.ReadFile(path)
			got, gerr := get(b, "s/"+key)
			return err == nil && gerr == nil && string(got) == string(want)
		}
	}
	gone := func(key string) func() bool {
		return func() bool {
			_, err := b.Session.Stat(b.Context(), b.Loc("s/"+key))
			return storage.KindOf(err) == storage.KindNotFound
		}
	}
	keep := b.File("keep", 1, 1)
	await("the first file", holds("keep", keep))
	deep := b.File("new/deep/file", 1000, 2)
	await("a file in a new folder", holds("new/deep/file", deep))
	if err := os.Rename(filepath.Join(b.Src, "new"), filepath.Join(b.Src, "moved")); err != nil {
		t.Fatal(err)
	}
	await("the renamed folder", holds("moved/deep/file", filepath.Join(b.Src, "moved/deep/file")))
	await("the old name's end", gone("new/deep/file"))
	later := b.File("moved/deep/later", 10, 3)
	await("a file in the renamed folder", holds("moved/deep/later", later))
	away.Store(true)
	off := b.File("offline", 500, 4)
	await("a few failed tries", func() bool { return refused.Load() >= 3 })
	away.Store(false)
	await("what was written while the server was away", holds("offline", off))
	if err := os.Remove(off); err != nil {
		t.Fatal(err)
	}
	await("the deletion", gone("offline"))
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestKeepSync_EndsWhenItCanNeverWork: a mistake is said at once.
func TestKeepSync_EndsWhenItCanNeverWork(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	r := syncUp(b, transfer.SyncOptions{})
	r.Sources[0].Local = filepath.Join(b.Src, "missing")
	if err := q.KeepSync(b.Context(), r, transfer.SyncWatch{Changed: make(chan struct{})}); err == nil {
		t.Error("a folder that is not there")
	}
	r = syncUp(b, transfer.SyncOptions{})
	r.Target.Remote.Bucket = "no-such-bucket"
	b.File("a", 1, 1)
	if err := q.KeepSync(b.Context(), r, transfer.SyncWatch{Changed: make(chan struct{})}); storage.KindOf(err) != storage.KindNotFound {
		t.Errorf("%v", err)
	}
}
