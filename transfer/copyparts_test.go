package transfer_test

import (
	"testing"

	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// An object that was copied in parts on the server has a checksum that its bytes have: it can be fetched and verified.
func TestCopy_InPartsCanBeVerifiedLater(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		q := b.Queue()
		q.SetSingleCopy(1<<20, 5<<20)
		b.MustDone(q, b.Upload(b.File("f", 12<<20, 3), "from"), 1)
		b.MustDone(q, remote(b, transfer.Copy, "from", "to"), 1)
		b.MustDone(q, b.Download("to", "to"), 1)
	})
}
