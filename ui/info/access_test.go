package info

import (
	"context"
	"slices"
	"testing"

	"pintail/internal/faultserver"
	"pintail/storage"
)

var everyone = storage.Grantee{URI: storage.GroupEveryone}

// has tells whether the server's list of it gives that.
func (b *bench) has(at storage.Location, who storage.Grantee, permission string) bool {
	b.t.Helper()
	a, err := b.s.ACL(context.Background(), at)
	b.must(err)
	return a.Allows(storage.Grant{Grantee: who, Permission: permission})
}

func (b *bench) tick(who storage.Grantee, column int) Tick {
	for _, r := range b.vm.Grants() {
		if r.Who.Is(who) {
			return r.Now[column]
		}
	}
	return Off
}

func TestAccess_GrantsAreGivenAndTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	it := b.put("key", "content", storage.WriteOptions{})
	b.vm.Choose(Permissions)
	b.show(it)
	b.calm()
	owner, ok := b.vm.Owner()
	if !ok || b.vm.Owners() != "pintail-demo" || b.tick(owner, fullColumn) != On {
		t.Fatalf("owner %+v, grants %+v", owner, b.vm.Grants())
	}
	b.vm.AddGrantee(everyone)
	if e := b.vm.Effects(); len(e) != 1 {
		t.Error("it does not say that everybody is let in")
	}
	if o := b.apply(); o.Done != 1 {
		t.Fatalf("outcome %+v", o)
	}
	if !b.has(it.At, everyone, storage.GrantRead) || !b.has(it.At, owner, storage.GrantFullControl) || b.tick(everyone, 0) != On {
		t.Errorf("afterwards %+v", b.vm.Grants())
	}
	b.vm.RemoveGrantee(everyone)
	if got := b.vm.Changes(); len(got) != 1 || got[0] != (Change{"Everyone", "READ", ""}) {
		t.Errorf("changes %+v", got)
	}
	b.apply()
	if b.has(it.At, everyone, storage.GrantRead) || !b.has(it.At, owner, storage.GrantFullControl) {
		t.Error("the grant is still there, or the owner's is not")
	}
}

func TestAccess_ReadyMadeListOfABucket(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := storage.Location{Bucket: "bucket"}
	b.vm.Choose(Permissions)
	b.show(Item{At: at, Folder: true, Kind: "Bucket"})
	b.calm()
	if c := b.vm.CannedChoices(); !slices.Contains(c, "log-delivery-write") || slices.Contains(c, "bucket-owner-read") {
		t.Errorf("offered for a bucket: %q", c)
	}
	b.vm.SetCanned("public-read")
	if o := b.apply(); o.Done != 1 || !b.has(at, everyone, storage.GrantRead) {
		t.Errorf("outcome %+v, grants %+v", o, b.vm.Grants())
	}
	if b.vm.Canned() != "" || b.tick(everyone, 0) != On {
		t.Errorf("afterwards %+v", b.vm.Grants())
	}
}

func TestAccess_SeveralObjectsKeepWhatIsNotTouched(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one := b.put("one", "1", storage.WriteOptions{ACL: "public-read"})
	two := b.put("two", "2", storage.WriteOptions{})
	b.vm.Choose(Permissions)
	b.show(one, two)
	b.calm()
	if b.tick(everyone, 0) != Mixed {
		t.Fatalf("grants %+v", b.vm.Grants())
	}
	signedIn := storage.Grantee{URI: storage.GroupAuthenticated}
	b.vm.AddGrantee(signedIn)
	if o := b.apply(); o.Done != 2 {
		t.Fatalf("outcome %+v", o)
	}
	if !b.has(one.At, everyone, storage.GrantRead) || b.has(two.At, everyone, storage.GrantRead) || !b.has(one.At, signedIn, storage.GrantRead) || !b.has(two.At, signedIn, storage.GrantRead) {
		t.Error("what was not touched has changed, or what was set has not")
	}
}

func TestAccess_RefusedListSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetObjectAcl", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	b.vm.Choose(Permissions)
	b.show(b.put("key", "content", storage.WriteOptions{}))
	b.calm()
	if open, reason := b.vm.AccessState(); open || reason != "needs s3:GetObjectAcl" {
		t.Errorf("open %v, %q", open, reason)
	}
	b.show(Item{At: storage.Location{Bucket: "bucket", Key: "dir/"}, Folder: true})
	if open, reason := b.vm.AccessState(); open || reason != "a folder has no access list" {
		t.Errorf("folder: open %v, %q", open, reason)
	}
}

func TestAccess_BoxesThatDoNothingAreClosed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.vm.Choose(Permissions)
	b.show(b.put("key", "content", storage.WriteOptions{}))
	b.calm()
	b.vm.AddGrantee(everyone)
	for _, r := range b.vm.Grants() {
		if ok, _ := b.vm.CanTick(r, 1); ok {
			t.Error("WRITE can be given on an object")
		}
		full := r.Now[fullColumn] == On
		if ok, reason := b.vm.CanTick(r, 0); ok == full || full && reason == "" {
			t.Errorf("READ of %s: open %v, %q", GranteeText(r.Who), ok, reason)
		}
	}
}
