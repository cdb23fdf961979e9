package transfer_test

import (
	"bytes"
	"testing"

	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// cutObject puts an object there in parts that no program would choose, with a checksum of parts.
func cutObject(b *transfertest.Bench, key string, sizes ...int) {
	b.Helper()
	ctx, loc := b.Context(), b.Loc(key)
	o := storage.WriteOptions{Checksum: storage.ChecksumSHA256}
	u, err := b.Session.CreateUpload(ctx, loc, o)
	if err != nil {
		b.Fatal(err)
	}
	var parts []storage.Part
	for i, n := range sizes {
		p, err := b.Session.UploadPart(ctx, loc, u, int32(i+1), storage.Body{R: bytes.NewReader(transfertest.Bytes(int64(n), uint64(i))), Size: int64(n)})
		if err != nil {
			b.Fatal(err)
		}
		parts = append(parts, p)
	}
	if _, err := b.Session.CompleteUpload(ctx, loc, u, parts, o); err != nil {
		b.Fatal(err)
	}
}

// TestDownload_AsksHowAnObjectIsCut: a checksum of parts proves and refutes whatever the parts' sizes are.
func TestDownload_AsksHowAnObjectIsCut(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	cutObject(b, "odd", 6<<20+3, 5<<20+1, 77)
	q := b.Queue()
	b.MustDone(q, b.Download("odd", "odd"), 1)
	if items, err := q.Items(t.Context(), 1, 0, 1); err != nil || items[0].Proof != storage.ProofParts {
		t.Errorf("proved: %+v, %v", items, err)
	}
	f.set(faultserver.Rule{Op: "GetObject", Kind: faultserver.Flip, At: faultserver.Middle, Times: -1})
	s := b.Run(q, b.Download("odd", "spoilt"))
	if s.State != transfer.Failed || s.Failed != 1 || storage.KindOf(s.Errors[0].Err) != storage.KindChecksum {
		t.Errorf("spoilt on the way: %+v", s)
	}
	f.set() // the checker reads too
}
