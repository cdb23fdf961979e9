package transfer_test

import (
	"database/sql"
	"slices"
	"testing"
	"time"

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
	for _, unanswered := range []int{4, 3} { // of four; the fourth may be in the journal
		f := newScript()
		b := transfertest.New(t, f.server)
		f.set(faultserver.Rule{Op: "UploadPart", Kind: faultserver.Stall, At: faultserver.AfterCommit, Nth: 5 - unanswered, Times: unanswered})
		q := b.Queue()
		id, err := q.Add(t.Context(), parts5(b.Upload(b.File("large", 20*mib, 5), "large")))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.f.Load().WaitStalled(t.Context(), unanswered); err != nil {
			t.Fatal(err)
		}
		for unanswered == 3 && recorded(t, b) == 0 {
			time.Sleep(time.Millisecond)
		}
		q.Stop(id)
		b.Wait(q, id)
		f.f.Load().Release()
		lies := slices.IndexFunc(faultserver.Kinds(), func(k faultserver.Fault) bool { return k.Name == "another part in the list" })
		rule := faultserver.Kinds()[lies].Rule
		rule.Op, rule.Times = "ListParts", -1
		f.set(rule)
		if err := q.Resume(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if s := b.Wait(q, id); s.State != transfer.Done || s.Done != 1 || s.Bytes != 20*mib {
			t.Fatalf("%d: %+v", unanswered, s)
		}
		mustHold(b, "large", transfertest.Bytes(20*mib, 5))
	}
}

// recorded counts the parts in the journal.
func recorded(t *testing.T, b *transfertest.Bench) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+b.Journal+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // opened for reading
	if err := db.QueryRow("SELECT count(*) FROM parts").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
