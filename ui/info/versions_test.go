package info

import (
	"context"
	"io"
	"testing"

	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/ui/look"
)

func (b *bench) versioned() {
	b.t.Helper()
	b.must(b.s.SetVersioning(context.Background(), storage.Location{Bucket: "bucket"}, storage.Versioning{Status: "Enabled"}, ""))
}

func (b *bench) content(at storage.Location) string {
	b.t.Helper()
	r, err := b.s.Read(context.Background(), at, storage.ReadOptions{})
	if err != nil {
		return err.Error()
	}
	c, err := io.ReadAll(r)
	b.must(err)
	b.must(r.Close())
	return string(c)
}

// deed does something with row i and waits for what came of it.
func (b *bench) deed(d VersionDeed, i int) error {
	b.t.Helper()
	var got error
	over := false
	e := b.vm.Versions()[i]
	if !b.vm.Can(d, e) {
		b.t.Fatalf("%d cannot be done with %+v", d, e)
	}
	b.vm.Do(d, e, "", func(err error) { got, over = err, true })
	b.until("the end", func() bool { return over })
	b.calm()
	return got
}

func TestVersions_RevertDeleteAndUndelete(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.versioned()
	b.put("key", "first", storage.WriteOptions{})
	it := b.put("key", "second!", storage.WriteOptions{})
	b.vm.Choose(Versions)
	b.show(it)
	b.calm()
	v := b.vm.Versions()
	if len(v) != 2 || !v[0].Latest || v[1].Size != 5 || b.vm.Can(RevertTo, v[0]) || b.vm.Can(Undelete, v[0]) {
		t.Fatalf("versions %+v", v)
	}
	b.must(b.deed(RevertTo, 1))
	if b.content(it.At) != "first" || len(b.vm.Versions()) != 3 {
		t.Errorf("after the revert %q, %d versions", b.content(it.At), len(b.vm.Versions()))
	}
	if _, err := b.s.Delete(context.Background(), it.At); err != nil {
		t.Fatal(err)
	}
	b.vm.Reload()
	b.calm()
	b.must(b.deed(Undelete, 0))
	if b.content(it.At) != "first" {
		t.Errorf("after undeleting: %q", b.content(it.At))
	}
	b.must(b.deed(DeleteVersion, 0))
	if b.content(it.At) != "second!" || len(b.vm.Versions()) != 2 {
		t.Errorf("after destroying the newest: %q, %d versions", b.content(it.At), len(b.vm.Versions()))
	}
}

func TestVersions_OfAFolderAreWhatWasDeletedInIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.versioned()
	for _, k := range []string{"dir/gone", "dir/there", "dir/deep/gone", "elsewhere"} {
		b.put(k, k, storage.WriteOptions{})
	}
	for _, k := range []string{"dir/gone", "dir/deep/gone", "elsewhere"} {
		if _, err := b.s.Delete(context.Background(), storage.Location{Bucket: "bucket", Key: k}); err != nil {
			t.Fatal(err)
		}
	}
	b.vm.Choose(Versions)
	b.show(Item{At: storage.Location{Bucket: "bucket", Key: "dir/"}, Folder: true})
	b.calm()
	if v := b.vm.Versions(); len(v) != 1 || v[0].Key != "dir/gone" {
		t.Fatalf("deleted: %+v", v)
	}
	b.must(b.deed(Undelete, 0))
	if b.content(storage.Location{Bucket: "bucket", Key: "dir/gone"}) != "dir/gone" || b.vm.VersionState() != "No deleted objects here" {
		t.Errorf("after undeleting: %q", b.vm.VersionState())
	}
}

func TestVersions_RefusedListingSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "ListObjectVersions", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	b.vm.Choose(Versions)
	b.show(b.put("key", "content", storage.WriteOptions{}))
	b.calm()
	if s := b.vm.VersionState(); s != "needs s3:ListBucketVersions" {
		t.Errorf("it says %q", s)
	}
}

func TestPane_RevertsToAVersion(t *testing.T) {
	b := newBench(t)
	b.versioned()
	b.put("key", "first", storage.WriteOptions{})
	it := b.put("key", "second!", storage.WriteOptions{})
	d := newDesk(t, b, look.Light, LeastWidth)
	b.show(it)
	d.tap("info.tabs", "Versions")
	b.calm()
	list := d.pane.views[Versions].(*versionsView).list
	list.Select(2)
	d.inside("Versions")
	d.keep("versions")
	d.press("info.versions.download")
	if want := (storage.Location{Bucket: "bucket", Key: "key", Version: b.vm.Versions()[1].Version}); d.copied != want.String() {
		t.Errorf("downloads %q", d.copied)
	}
	d.press("info.versions.revert")
	b.until("the revert", func() bool { return !b.vm.deed })
	b.calm()
	if b.content(it.At) != "first" {
		t.Errorf("after Revert: %q", b.content(it.At))
	}
	list.Select(1)
	d.press("info.versions.delete")
	d.keep("destroy")
	d.press("dialog.cancel")
	if len(b.vm.Versions()) != 3 {
		t.Error("Cancel destroyed a version")
	}
}
