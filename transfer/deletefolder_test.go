package transfer_test

import (
	"fmt"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// A folder whose deletion is paused in the middle, with many pages on their way, is deleted when it goes on; and a number of
// connections that is set meanwhile holds for the rest.
func TestQueue_DeleteOfManyPagesIsPausedAndResumed(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	const keys = 12_000
	for i := range keys {
		if err := b.Server.Demo.Add(demo.Object{Bucket: b.Bucket, Key: fmt.Sprintf("d/%02d/%05d", i%20, i), Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	b.Object("e", 1, 1)
	f.set(faultserver.Rule{Op: "DeleteObjects", Nth: 3, Kind: faultserver.Stall})
	q := b.Queue()
	id, err := q.Add(t.Context(), transfer.Request{Kind: transfer.Delete, Sources: []transfer.Source{{Remote: b.Loc("d/")}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.f.Load().WaitStalled(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	q.Pause(id)
	if s := b.Wait(q, id); s.State != transfer.Paused || s.Done >= keys {
		t.Fatalf("%+v", s)
	}
	f.f.Load().Release()
	f.set()
	q.SetLimits(transfer.Limits{Connections: 2})
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done || s.Failed != 0 {
		t.Fatalf("%+v", s)
	}
	for pg, err := range b.Session.List(t.Context(), b.Bucket, "", storage.ListOptions{}) {
		if err != nil || len(pg.Entries) != 1 || pg.Entries[0].Key != "e" {
			t.Errorf("left: %d keys, %v", len(pg.Entries), err)
		}
	}
}
