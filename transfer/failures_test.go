package transfer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

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
