package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/text"
	"pintail/storage"
)

// TestReadOnly_WindowSaysSoAndTakesNothing: what is dropped on a read-only connection is not uploaded, and the status bar tells why.
func TestReadOnly_WindowSaysSoAndTakesNothing(t *testing.T) {
	b := newBench(t)
	b.connect("a.txt")
	if b.vm.ReadOnly() || strings.Contains(b.vm.Facts().Key, text.T("readonly.mark")) {
		t.Fatal("the connection is said to be read-only")
	}
	spec := b.spec()
	spec.ReadOnly = true
	at := storage.Location{Bucket: "bucket"}
	b.vm.Connect(spec, at)
	b.until("the bucket again", func() bool { return b.vm.ReadOnly() && !b.vm.Listing() && b.vm.At() == at })
	if !strings.Contains(b.vm.Facts().Key, text.T("readonly.mark")) {
		t.Errorf("status bar: %q", b.vm.Facts().Key)
	}
	file := filepath.Join(t.TempDir(), "new.txt")
	if err := os.WriteFile(file, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.vm.Upload([]string{file}, at)
	if b.notice != text.T("readonly.drop") {
		t.Errorf("notice: %q", b.notice)
	}
	if _, all, _ := b.queue.Snapshot(0); len(all) != 0 {
		t.Errorf("transfers: %v", all)
	}
}
