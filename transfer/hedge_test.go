package transfer_test

import (
	"net/http"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// straggler is a transfer of six parts of which one never gets on.
func straggler(t *testing.T, op string, at faultserver.Position, change ...func(*transfer.Config)) (*script, *transfertest.Bench, *transfer.Queue, transfer.ID) {
	t.Helper()
	f := newScript()
	b := transfertest.New(t, f.server)
	r := parts5(b.Download("large", "large"))
	if op == "UploadPart" {
		r = parts5(b.Upload(b.File("large", 30*mib, 1), "large"))
	} else {
		b.Object("large", 30*mib, 1)
	}
	f.set(faultserver.Rule{Op: op, Nth: 4, Kind: faultserver.Stall, At: at})
	q := b.Queue(change...)
	id, err := q.Add(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return f, b, q, id
}

func TestTransfer_AStragglerIsAskedForTwice(t *testing.T) {
	for _, c := range []struct {
		op string
		at faultserver.Position
	}{{"UploadPart", faultserver.BeforeHeaders}, {"UploadPart", faultserver.Middle}, {"UploadPart", faultserver.AfterCommit},
		{"GetObject", faultserver.BeforeHeaders}, {"GetObject", faultserver.Middle}} {
		t.Run(c.op+"/"+string(c.at), func(t *testing.T) {
			f, b, q, id := straggler(t, c.op, c.at)
			s := b.Wait(q, id) // the connection would be cut after 20 s only, and the fault is still there
			if s.State != transfer.Done || s.Bytes != 30*mib || f.f.Load().Fired() != 1 {
				t.Fatalf("%+v, %d faults", s, f.f.Load().Fired())
			}
			if got := state(q, id); got.BytesDone != 30*mib || got.Bytes != 30*mib {
				t.Errorf("%d of %d bytes are shown", got.BytesDone, got.Bytes)
			}
			n := 0
			for _, r := range b.Server.Demo.Requests() {
				if r.Op == c.op && (r.Status == http.StatusOK || r.Status == http.StatusPartialContent) {
					n++
				}
			}
			if n < 6 || n > 7 {
				t.Errorf("%d requests were answered for six parts", n)
			}
			f.f.Load().Release()
		})
	}
}

func TestTransfer_WithoutHedgingAStragglerIsWaitedFor(t *testing.T) {
	g := newGate("UploadPart", 5)
	b := transfertest.New(t, g.server)
	q := b.Queue(func(c *transfer.Config) { c.NoHedge = true })
	id, err := q.Add(t.Context(), parts5(b.Upload(b.File("large", 30*mib, 1), "large")))
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	sleepReally(3 * transfer.LateAfter)
	if n := len(g.arrived); n != 0 {
		t.Errorf("%d further requests for the same part", n)
	}
	got := state(q, id)
	if got.BytesDone >= got.Bytes || got.Left == 0 {
		t.Errorf("%d of %d bytes and %v are shown of a transfer that stands still", got.BytesDone, got.Bytes, got.Left)
	}
	close(g.open)
	if s := b.Wait(q, id); s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
}

func TestUpload_StandingStillShowsNeitherAllNorAnEnd(t *testing.T) {
	for _, size := range []int64{1000, 3 * mib} {
		arrived, open := make(chan struct{}, 1), make(chan struct{})
		b := transfertest.New(t, func(t testing.TB) transfertest.Server {
			return transfertest.Demo(t, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r) // all of the body has come
					if demo.ParseTarget(r).Op == "PutObject" {
						arrived <- struct{}{}
						<-open
					}
				})
			})
		})
		q := b.Queue()
		id, err := q.Add(t.Context(), b.Upload(b.File("f", size, 1), "f"))
		if err != nil {
			t.Fatal(err)
		}
		<-arrived
		waitFor(t, q, func() bool { return state(q, id).Planned })
		sleepReally(transfer.MeterSpan)
		if got := state(q, id); got.BytesDone >= got.Bytes || got.Left != -1 {
			t.Errorf("%d of %d bytes, %v left, while the answer is awaited", got.BytesDone, got.Bytes, got.Left)
		}
		close(open)
		if s := b.Wait(q, id); s.State != transfer.Done || s.Bytes != size {
			t.Fatalf("%+v", s)
		}
		if got := state(q, id); got.BytesDone != size {
			t.Errorf("%d of %d bytes at the end", got.BytesDone, size)
		}
	}
}

func TestQueue_APausedTransferShowsWhatIsStored(t *testing.T) {
	g := newGate("UploadPart", 3)
	b := transfertest.New(t, g.server)
	q := b.Queue()
	id, err := q.Add(t.Context(), parts5(b.Upload(b.File("large", 60*mib, 1), "large")))
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	waitFor(t, q, func() bool { return q.StoredParts(id) == 3 })
	q.Pause(id)
	if s := b.Wait(q, id); s.Bytes != 0 {
		t.Errorf("%d bytes of items that are done, and none is", s.Bytes)
	}
	for range 2 {
		if got := state(q, id); got.State != transfer.Paused || got.BytesDone != 15*mib {
			t.Errorf("%s with %d bytes, want the %d that are stored", got.State, got.BytesDone, 15*mib)
		}
		b.CloseQueues()
		q = b.Queue()
	}
	close(g.open)
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done || s.Bytes != 60*mib {
		t.Fatalf("%+v", s)
	}
	if got := state(q, id); got.BytesDone != 60*mib {
		t.Errorf("%d bytes at the end", got.BytesDone)
	}
}
