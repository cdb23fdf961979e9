package info

import (
	"slices"
	"testing"
	"time"

	"pintail/storage"
	"pintail/ui/look"
)

func TestService_ClassAndEncryptionOfSeveralObjects(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one := b.put("one", "1", written())
	two := b.put("two", "2", storage.WriteOptions{})
	b.vm.Choose(Service)
	b.show(one, two)
	b.calm()
	if kind, _ := b.vm.Encryption(); b.vm.Class() != "" || kind != encNone {
		t.Fatalf("class %q, encryption %q", b.vm.Class(), kind)
	}
	b.vm.SetClass("GLACIER_IR")
	b.vm.SetEncryption("AES256", "")
	want := []Change{{"Storage class", "(several)", "GLACIER_IR"}, {"Encryption", "as the bucket says", "SSE-S3"}}
	if got := b.vm.Changes(); !slices.Equal(got, want) {
		t.Errorf("changes %+v", got)
	}
	if o := b.apply(); o.Done != 2 {
		t.Fatalf("outcome %+v", o)
	}
	for _, it := range []Item{one, two} {
		if i := b.stat(it); i.Class != "GLACIER_IR" || i.Encryption.Type != "AES256" {
			t.Errorf("%s: %+v", it.At, i)
		}
	}
	if i := b.stat(one); i.Metadata["author"] != "A. Nonym" || i.Headers.ContentType != "text/plain" {
		t.Errorf("a change of the class lost %+v", i)
	}
	if b.vm.Class() != "GLACIER_IR" || len(b.vm.Changes()) > 0 {
		t.Errorf("afterwards it shows %q with %+v", b.vm.Class(), b.vm.Changes())
	}
}

func TestService_RestoresWhatIsArchived(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cold, warm := b.put("cold", "1", storage.WriteOptions{Class: "DEEP_ARCHIVE"}), b.put("warm", "2", storage.WriteOptions{})
	b.vm.Choose(Service)
	b.show(cold, warm)
	b.calm()
	at, tiers := b.vm.Archives()
	if len(at) != 1 || at[0] != cold.At || slices.Contains(tiers, "Expedited") || !slices.Contains(tiers, "Bulk") {
		t.Fatalf("archives %v, tiers %q", at, tiers)
	}
	var got *Outcome
	b.vm.Applied = func(o Outcome, _ []storage.Location) { got = &o }
	b.vm.Restore(3, "Standard")
	b.until("the restore", func() bool { return got != nil })
	if got.Done != 1 || len(got.Failed) > 0 {
		t.Fatalf("outcome %+v", got)
	}
	if i := b.stat(cold); !i.Restore.Ongoing && i.Restore.Until.IsZero() {
		t.Errorf("nothing is being restored: %+v", i.Restore)
	}
	for s, want := range map[string]bool{"": false, "0": false, "-1": false, "x": false, "1": true, "30": true} {
		if _, ok := Days(s); ok != want {
			t.Errorf("%q days: %v", s, ok)
		}
	}
}

func TestPane_ServiceTabs(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Dark, LeastWidth)
	var span time.Duration
	d.pane.o.CopyLink = func(_ []storage.Location, s time.Duration) { span = s }
	b.show(b.put("cold", "1", storage.WriteOptions{Class: "GLACIER"}))
	d.tap("info.tabs", "S3")
	b.calm()
	d.inside("S3")
	d.keep("s3")
	d.press("info.link")
	if span != 24*time.Hour {
		t.Errorf("a link for %s", span)
	}
	d.press("info.restore")
	b.until("the restore", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
	if s := d.text("info.status"); s != "" {
		t.Errorf("the foot says %q", s)
	}
	b.show(Item{At: storage.Location{Bucket: "bucket"}, Folder: true, Kind: "Bucket"})
	b.calm()
	d.inside("bucket")
	d.keep("bucket")
	if s := d.text("info.set.versioning"); s != "not set" {
		t.Errorf("versioning says %q", s)
	}
}
