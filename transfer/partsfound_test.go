package transfer_test

import (
	"slices"
	"testing"

	"pintail/internal/faultserver"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// Parts that the server has and whose answers never came are not sent again after a stop: they are read and known again.
func TestUpload_PartsWithoutAnAnswerAreNotSentAgain(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	f.set(faultserver.Rule{Op: "UploadPart", Kind: faultserver.Stall, At: faultserver.AfterCommit, Times: 4})
	q := b.Queue()
	id, err := q.Add(t.Context(), parts5(b.Upload(b.File("large", 20*mib, 5), "large")))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.f.Load().WaitStalled(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	q.Stop(id)
	if s := b.Wait(q, id); s.State != transfer.Stopped {
		t.Fatalf("%+v", s)
	}
	f.f.Load().Release()
	f.set()
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done || s.Done != 1 || s.Bytes != 20*mib {
		t.Fatalf("%+v", s)
	}
	if n := b.Server.Demo.CountRequests("UploadPart", "large", 0); n != 4 {
		t.Errorf("%d parts were sent, want 4", n)
	}
	mustHold(b, "large", transfertest.Bytes(20*mib, 5))
}

// A list that names parts by another entity tag is believed where the answer to a part never came, until the server refuses to put
// them together: then all that this run has not sent itself is sent again, whatever the list says.
func TestUpload_ListedPartsThatAreRefusedAreSentAgain(t *testing.T) {
	lies := slices.IndexFunc(faultserver.Kinds(), func(k faultserver.Fault) bool { return k.Name == "another part in the list" })
	lie := faultserver.Kinds()[lies].Rule
	lie.Op, lie.Times = "ListParts", -1
	for name, c := range map[string]struct{ connections, unanswered, first int }{
		"none in the journal": {4, 4, 1},
		"one in the journal":  {1, 1, 2}, // with one connection the first part has ended when the second is sent
	} {
		f := newScript()
		b := transfertest.New(t, f.server)
		f.set(faultserver.Rule{Op: "UploadPart", Kind: faultserver.Stall, At: faultserver.AfterCommit, Nth: c.first, Times: c.unanswered})
		q := b.Queue(func(cfg *transfer.Config) { cfg.Limits.Connections = c.connections })
		id, err := q.Add(t.Context(), parts5(b.Upload(b.File("large", 20*mib, 5), "large")))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.f.Load().WaitStalled(t.Context(), c.unanswered); err != nil {
			t.Fatal(err)
		}
		q.Stop(id)
		b.Wait(q, id)
		f.f.Load().Release()
		f.set(lie)
		if err := q.Resume(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if s := b.Wait(q, id); s.State != transfer.Done || s.Done != 1 || s.Bytes != 20*mib {
			t.Fatalf("%s: %+v", name, s)
		}
		mustHold(b, "large", transfertest.Bytes(20*mib, 5))
	}
}
