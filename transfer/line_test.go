package transfer_test

import (
	"fmt"
	"testing"

	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// TestPool_NothingAboveItBoundsWhatIsInFlight: as many requests arrive at once as the pool lets through.
func TestPool_NothingAboveItBoundsWhatIsInFlight(t *testing.T) {
	for _, c := range []struct {
		op           string
		files, limit int
		size         int64
	}{{"PutObject", 300, 250, 10}, {"UploadPart", 20, 40, 5*mib + 1}} {
		t.Run(c.op, func(t *testing.T) {
			g := newGate(c.op, 0)
			b := transfertest.New(t, g.server)
			for i := range c.files {
				b.File(fmt.Sprintf("many/%04d", i), c.size, uint64(i))
			}
			q := b.Queue()
			transfer.SetLimitsNow(q, c.limit)
			r := parts5(b.Upload(b.Src+"/many", "many/"))
			id, err := q.Add(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			for range c.limit {
				<-g.arrived // one that never comes ends the test by its time
			}
			close(g.open)
			if s := b.Wait(q, id); s.State != transfer.Done || s.Done != int64(c.files) {
				t.Fatalf("%+v", s)
			}
		})
	}
}
