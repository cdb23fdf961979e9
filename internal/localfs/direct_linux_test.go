package localfs

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Where the file system takes such writes and the disk does not turn, they are made: else everything would work and nothing be gained.
func TestWriter_IsDirectWhereItCanBe(t *testing.T) {
	dir := t.TempDir()
	d, err := OpenDest(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	w, err := d.Create("f", TempFor("f"), 4*Block)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Discard() })
	byHand, err := os.OpenFile(filepath.Join(dir, w.Temp()), os.O_RDWR|unix.O_DIRECT, 0)
	can := err == nil && !turns(w.f)
	if err == nil {
		_ = byHand.Close()
	}
	if w.IsDirect() {
		t.Error("without being asked for")
	}
	if w.Direct(); w.IsDirect() != can {
		t.Errorf("direct %v where it can be %v", w.IsDirect(), can)
	}
}
