package transfer_test

import (
	"os"
	"path/filepath"
	"testing"

	"pintail/internal/testkit/client"
	"pintail/transfer/transfertest"
)

// TestQueue_LargeFileThereAndBack sends 1 GiB when PINTAIL_LONG is 1, else 120 MiB. What is stored is read by another program.
func TestQueue_LargeFileThereAndBack(t *testing.T) {
	size := int64(120 * mib)
	if os.Getenv("PINTAIL_LONG") == "1" {
		size = 1 << 30
	}
	if !testing.Short() { // the short run has no other server to ask
		client.Load(t)
	}
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		path := b.File("large", size, 42)
		q := b.Queue()
		up := b.MustDone(q, b.Upload(path, "large"), 1)
		down := b.MustDone(q, b.Download("large", "large"), 1)
		items, err := q.Items(t.Context(), 1, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d MiB up in %.2f s, proved by %s; down in %.2f s", b.Server.Name, size/mib, up.Seconds, items[0].Proof, down.Seconds)
		if b.Server.Real == nil {
			return
		}
		back := filepath.Join(b.Root, "by-another-program")
		client.For(t, b.Server.Real).GetFile(b.Bucket, "large", back)
		transfertest.SameFile(t, back, path)
	})
}
