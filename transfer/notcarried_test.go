package transfer_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"pintail/internal/faultserver"
	"pintail/internal/prompt"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// refused is a rule by which an operation is not allowed.
func refused(op string) faultserver.Rule {
	return faultserver.Rule{Op: op, Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1}
}

// A move must not delete the only object that still has the access list and the tags.
func TestMove_KeepsTheSourceOfWhatCannotBeCarried(t *testing.T) {
	for name, c := range map[string]struct {
		size int64
		rule faultserver.Rule
	}{
		"access list unread": {1000, refused("GetObjectAcl")},
		"access list unset":  {1000, refused("PutObjectAcl")},
		"tags unread":        {threeParts, refused("GetObjectTagging")},
	} {
		t.Run(name, func(t *testing.T) {
			f := newScript()
			b := transfertest.New(t, f.server)
			q := faultQueue(b, f, time.Minute)
			content := transfertest.Bytes(c.size, 7)
			o := storage.WriteOptions{Tags: map[string]string{"k": "v"}, ACL: "public-read"}
			if _, err := b.Session.Put(t.Context(), b.Loc("from"), storage.Body{R: bytes.NewReader(content), Size: c.size}, o); err != nil {
				t.Fatal(err)
			}
			f.set(c.rule)
			r := remote(b, transfer.Move, "from", "to")
			id := added(b, q, r)
			s := b.Wait(q, id)
			if s.State != transfer.Failed || !errors.Is(errorOf(s), transfer.ErrNotCarried) || storage.KindOf(errorOf(s)) != storage.KindPermission {
				t.Fatalf("%+v", s)
			}
			if _, err := b.Session.Stat(t.Context(), b.Loc("from")); err != nil {
				t.Fatalf("the source: %v", err)
			}
			f.set()
			if err := q.Resume(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if s := b.Wait(q, id); s.State != transfer.Done {
				t.Fatalf("resumed: %+v", s)
			}
			acl, err := b.Session.ACL(t.Context(), b.Loc("to"))
			if err != nil || acl.Private() {
				t.Errorf("the access list: %+v, %v", acl, err)
			}
			if tags, err := b.Session.Tags(t.Context(), b.Loc("to")); err != nil || tags["k"] != "v" {
				t.Errorf("the tags: %v, %v", tags, err)
			}
			if _, err := b.Session.Stat(t.Context(), b.Loc("from")); storage.KindOf(err) != storage.KindNotFound {
				t.Errorf("the source after it: %v", err)
			}
		})
	}
}

// Who asks for it gets a move without what cannot be carried, and no request for it.
func TestMove_PlainLeavesBehindWhatIsNotCarried(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	q := faultQueue(b, f, time.Minute)
	b.Object("from", 1000, 7)
	f.set(refused("GetObjectAcl"))
	r := remote(b, transfer.Move, "from", "to")
	r.Options.Plain = true
	b.MustDone(q, r, 1)
	if n := f.f.Load().Fired(); n != 0 {
		t.Errorf("the access list was asked for %d times", n)
	}
}

// A copy that lacks its access list is at its target already: resumed it must be finished, not taken for one that was there before.
func TestCopy_NotCarriedIsFinishedWhateverIsSaidOfExistingTargets(t *testing.T) {
	for _, action := range []prompt.Action{prompt.Skip, prompt.Rename, prompt.Compare} {
		for _, size := range []int64{1000, threeParts} {
			f := newScript()
			b := transfertest.New(t, f.server)
			q := faultQueue(b, f, time.Minute)
			up := b.Upload(b.File("from", size, 7), "from")
			up.Options.Write.ACL = "public-read"
			b.MustDone(q, up, 1)
			f.set(faultserver.Rule{Op: "GetObjectAcl", Kind: faultserver.Status, Status: 500, Code: "InternalError", Times: -1})
			r := remote(b, transfer.Copy, "from", "to")
			r.Options.Existing = action
			id := added(b, q, r)
			if s := b.Wait(q, id); s.State != transfer.Failed || !errors.Is(errorOf(s), transfer.ErrNotCarried) {
				t.Fatalf("%s, %d: %+v", action, size, s)
			}
			f.set()
			b.CloseQueues()
			q = faultQueue(b, f, time.Minute)
			if err := q.Resume(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if s := b.Wait(q, id); s.State != transfer.Done || s.Done != 1 {
				t.Fatalf("%s, %d, resumed: %+v", action, size, s)
			}
			if acl, err := b.Session.ACL(t.Context(), b.Loc("to")); err != nil || acl.Private() {
				t.Errorf("%s, %d: %+v, %v", action, size, acl, err)
			}
		}
	}
}
