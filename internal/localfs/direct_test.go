package localfs_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pintail/internal/localfs"
)

// Blocks, their neighbours that are none, and spans that break off within one are written side by side: the file is what was written,
// whatever way each piece took.
func TestWriter_PastTheCacheAndThroughIt(t *testing.T) {
	d, root := dest(t)
	const size = 37*localfs.Block + 123
	rnd := rand.New(rand.NewPCG(1, 2))
	want := make([]byte, size)
	for i := range want {
		want[i] = byte(rnd.Uint32())
	}
	w, err := d.Create("f", localfs.TempFor("f"), size)
	if err != nil {
		t.Fatal(err)
	}
	w.Direct()
	t.Logf("past the cache: %v", w.IsDirect())
	type span struct{ from, to int }
	var spans []span
	for from := 0; from < size; {
		to := min(size, from+1+rnd.IntN(5*localfs.Block))
		if rnd.IntN(3) > 0 { // up to a block
			to = min(size, (to+localfs.Block-1)/localfs.Block*localfs.Block)
		}
		spans = append(spans, span{from, to})
		from = to
	}
	rnd.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
	errs := make(chan error, len(spans))
	var writers sync.WaitGroup
	for _, s := range spans {
		writers.Go(func() {
			b := localfs.Blocks(s.to - s.from)
			copy(b, want[s.from:s.to])
			_, err := w.WriteAt(b, int64(s.from))
			errs <- err
		})
	}
	writers.Wait()
	for range spans {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	read := make([]byte, size)
	if _, err := w.ReadAt(read, 0); err != nil || !bytes.Equal(read, want) {
		t.Errorf("read back before the end: %v, equal %v", err, bytes.Equal(read, want))
	}
	if err := errors.Join(w.Sync(), w.Commit(size, time.Time{})); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(root, "f")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, %d bytes, equal %v", err, len(got), bytes.Equal(got, want))
	}
}
