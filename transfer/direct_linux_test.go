package transfer_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"pintail/internal/demo"
	"pintail/internal/localfs"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// past tells whether a temporary file below dir is open for writes past the page cache.
func past(dir string) bool {
	list, _ := os.ReadDir("/proc/self/fd")
	for _, e := range list {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || !strings.HasPrefix(to, dir) || !localfs.IsTemp(filepath.Base(to)) {
			continue // closed meanwhile, or another one's
		}
		info, _ := os.ReadFile("/proc/self/fdinfo/" + e.Name())
		for _, line := range strings.Split(string(info), "\n") {
			if v, ok := strings.CutPrefix(line, "flags:"); ok {
				if flags, err := strconv.ParseInt(strings.TrimSpace(v), 8, 64); err == nil && flags&unix.O_DIRECT != 0 {
					return true
				}
			}
		}
	}
	return false
}

// A large download goes past the page cache where that can be, a smaller one through it.
func TestDownload_LargeOnesGoPastTheCache(t *testing.T) {
	var seen atomic.Bool
	var dir string
	b := transfertest.New(t, func(t testing.TB) transfertest.Server {
		return transfertest.Demo(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if g := demo.ParseTarget(r); g.Op == "GetObject" && past(dir) {
					seen.Store(true)
				}
				next.ServeHTTP(w, r)
			})
		})
	})
	dir = b.Root
	b.Object("large", 15<<20, 1)
	d, err := localfs.OpenDest(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.Create("probe", localfs.TempFor("probe"), 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Direct()
	can := w.IsDirect()
	if err := w.Discard(); err != nil {
		t.Fatal(err)
	}
	_ = d.Close()
	for from, want := range map[int64]bool{15 << 20: can, 15<<20 + 1: false} {
		seen.Store(false)
		q := b.Queue(func(c *transfer.Config) { c.Direct, c.Limits.Connections = from, 1 })
		req := b.Download("large", "large-"+strconv.FormatInt(from, 10))
		req.Options.PartSize = 5 << 20
		b.MustDone(q, req, 1)
		if seen.Load() != want {
			t.Errorf("from %d bytes on: past the cache %v, want %v", from, seen.Load(), want)
		}
		b.CloseQueues()
	}
}
