package transfer

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"pintail/internal/localfs"
)

// What comes in any pieces, from any place on, is written whole and in order; what goes past the cache in whole blocks, but for
// what is left at both ends.
func TestGathered_WritesAllInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var got, want []byte
		g := &gathered{buf: localfs.Blocks(4 * localfs.Block), blocks: rapid.Bool().Draw(t, "blocks"), at: rapid.Int64Range(0, 3*localfs.Block).Draw(t, "at")}
		first, odd := g.at, 0 // odd: writes between the first block and the last that are not of whole ones
		g.write = func(b []byte) error {
			if first+int64(len(got)) != g.at {
				t.Fatalf("written at %d instead of %d", g.at, first+int64(len(got)))
			}
			if last := len(got)+len(b) == len(want); !last && g.at >= first+localfs.Block-1 && (g.at%localfs.Block != 0 || len(b)%localfs.Block != 0) {
				odd++
			}
			got = append(got, b...)
			return nil
		}
		want = rapid.SliceOfN(rapid.Byte(), 0, 20*localfs.Block).Draw(t, "content")
		for rest := want; len(rest) > 0; {
			room := g.free()
			if len(room) == 0 {
				t.Fatal("no room")
			}
			n := copy(room[:rapid.IntRange(1, len(room)).Draw(t, "read")], rest)
			rest = rest[n:]
			if err := g.add(n); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.flush(); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%v: %d bytes of %d, equal %v", err, len(got), len(want), bytes.Equal(got, want))
		}
		if g.blocks && odd > 0 {
			t.Fatalf("%d writes in the middle are not of whole blocks", odd)
		}
	})
}

// A slow line fills no block for long: what has come is written before somebody asks why nothing moves.
func TestGathered_DoesNotWaitForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		writes := 0
		g := &gathered{buf: localfs.Blocks(64 * localfs.Block), blocks: true, write: func(b []byte) error {
			writes++
			return nil
		}}
		for range 40 { // 5,000 bytes each tenth of a second
			if err := g.add(5000); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if writes < 8 || writes > 20 || g.n >= 4*5000 {
			t.Errorf("%d writes in four seconds, %d bytes wait", writes, g.n)
		}
	})
}
