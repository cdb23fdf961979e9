package transfer_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"pintail/internal/localfs"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

func TestDownload_DiskFull(t *testing.T) {
	b := transfertest.New(t, embedded)
	small := filepath.Join(b.Root, "small")
	if err := os.Mkdir(small, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a small volume cannot be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(small, syscall.MNT_DETACH) })
	b.Object("tree/a-large", 20*mib, 1)
	b.Object("tree/b-small", 1000, 2)
	q := b.Queue()
	s := b.Run(q, parts5(b.Download("tree/", "small")))
	if s.Failed != 1 || s.Done != 1 || !errors.Is(s.Errors[0].Err, localfs.ErrNoSpace) {
		t.Fatalf("%+v", s)
	}
	if n := b.Server.Demo.CountRequests("GetObject", "tree/a-large", 0); n > 1 {
		t.Errorf("%d requests for what cannot fit", n)
	}
	entries, _ := os.ReadDir(small)
	if len(entries) != 1 {
		t.Errorf("%v is left", entries)
	}
	b.CloseQueues()
	b.Unchecked() // the volume goes before the check
}

// limited runs a download in a process that may write files of 8 MiB at most: what a quota does.
func TestDownload_FileSizeLimit(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Object("large", 20*mib, 1)
	b.Object("small", 1000, 2)
	old := b.Old("large", "old")
	c := child{Add: []transfer.Request{b.Download("small", "small"), parts5(b.Download("large", "large"))}, FileSize: 8 * mib}.on(b)
	cmd := start(t, c)
	if err := cmd.Wait(); err == nil {
		t.Fatal("a file above the limit was written")
	}
	q := b.Queue()
	_, ts, _ := q.Snapshot(0)
	if len(ts) != 2 || ts[0].State != transfer.Done && ts[1].State != transfer.Done {
		t.Errorf("%+v", ts)
	}
	items, err := q.Items(t.Context(), 2, 0, 1)
	if err != nil || len(items) != 1 || !errors.Is(items[0].Err, localfs.ErrNoSpace) {
		t.Errorf("%+v, %v", items, err)
	}
	_ = old // the checker looks at it
}
