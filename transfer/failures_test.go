package transfer_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/localfs"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

func TestFailures_AreTheItemsThatFailedInTheirOrder(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	dir := filepath.Dir(b.File("mixed/a.bin", 10, 1))
	b.File("mixed/z.bin", 10, 2)
	for _, name := range []string{"gone-1", "gone-2", "gone-3"} {
		if err := os.Symlink("nowhere", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	r := b.Upload(dir, "into/")
	id, err := q.Add(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Failed {
		t.Fatalf("it ended %+v", s)
	}
	got, err := q.Failures(t.Context(), id, 1, 5)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d items, %v", len(got), err)
	}
	for i, it := range got {
		if want := filepath.Join(dir, fmt.Sprint("gone-", i+2)); it.Source != want || it.Result != transfer.ResultFailed || !errors.Is(it.Err, localfs.ErrNoTarget) {
			t.Errorf("item %d: %+v, want %s", i, it, want)
		}
	}
	if _, err := q.Failures(t.Context(), 99, 0, 1); !errors.Is(err, transfer.ErrNotFound) {
		t.Errorf("an unknown transfer: %v", err)
	}
}

// What the server says of the bucket it says of every item: one is tried for each request in flight, and the rest is not asked for.
func TestUpload_NoBucketEndsTheWhole(t *testing.T) {
	for _, code := range []string{"NoSuchBucket", "InvalidBucketName"} {
		t.Run(code, func(t *testing.T) {
			var asked atomic.Int64
			b := transfertest.New(t, func(t testing.TB) transfertest.Server {
				return transfertest.Demo(t, func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if demo.ParseTarget(r).Op != "PutObject" {
							next.ServeHTTP(w, r)
							return
						}
						asked.Add(1)
						w.WriteHeader(http.StatusBadRequest)
						fmt.Fprintf(w, "<Error><Code>%s</Code><Message>No.</Message></Error>", code)
					})
				})
			})
			const files, inFlight = 40, 2
			var dir string
			for i := range files {
				dir = filepath.Dir(b.File(fmt.Sprintf("many/%02d", i), 10, uint64(i)))
			}
			q := b.Queue(func(c *transfer.Config) { c.Limits.Connections = inFlight })
			s := b.Run(q, b.Upload(dir, "into/"))
			if s.State != transfer.Failed || s.Done != 0 || asked.Load() == 0 || asked.Load() > 2*inFlight {
				t.Errorf("%d requests: %+v", asked.Load(), s)
			}
		})
	}
}
