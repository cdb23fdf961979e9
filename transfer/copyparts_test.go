package transfer_test

import (
	"net/http"
	"testing"

	"pintail/internal/demo"
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

// Parts that fit together are no proof that they are the source's: a copy whose checksum is not that of its source is not done.
func TestCopy_InPartsIsComparedWithItsSource(t *testing.T) {
	b := transfertest.New(t, func(t testing.TB) transfertest.Server {
		return transfertest.Demo(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if g := demo.ParseTarget(r); g.Op == "HeadObject" && g.Key == "to" {
					w = otherSum{w}
				}
				next.ServeHTTP(w, r)
			})
		})
	})
	b.Unchecked() // the server lies
	q := b.Queue()
	q.SetSingleCopy(1<<20, 5<<20)
	b.MustDone(q, b.Upload(b.File("f", 12<<20, 3), "from"), 1)
	s := b.Run(q, remote(b, transfer.Copy, "from", "to"))
	if s.Done != 0 || s.Unknown != 1 {
		t.Errorf("%+v", s)
	}
}

// otherSum is an answer with another checksum.
type otherSum struct{ http.ResponseWriter }

func (o otherSum) WriteHeader(status int) {
	if h := o.Header(); h.Get("X-Amz-Checksum-Crc64nvme") != "" {
		h.Set("X-Amz-Checksum-Crc64nvme", "AAAAAAAAAAA=")
	}
	o.ResponseWriter.WriteHeader(status)
}
