package info

import (
	"fmt"
	"strings"
	"testing"

	"pintail/internal/faultserver"
	"pintail/storage"
)

func TestViewModel_ShowsWhatTheListingSaidAtOnceThenTheServersWord(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	it := b.put("docs/a b.txt", strings.Repeat("x", 1500), storage.WriteOptions{Class: "STANDARD_IA", Checksum: storage.ChecksumSHA256})
	it.Size = 7 // a listing may be old
	b.show(it)
	if f := b.fact("size"); f.Value != "7 bytes" {
		t.Errorf("at once: size %q", f.Value)
	}
	if f := b.fact("encryption"); !f.Busy || b.vm.Doing() == "" {
		t.Errorf("the encryption is not said to be asked for: %+v, %q", f, b.vm.Doing())
	}
	b.calm()
	for id, want := range map[string]string{"name": "a b.txt", "size": "1.5 kB (1,500 bytes)", "where": "bucket/docs", "class": "STANDARD_IA",
		"etag": it.ETag, "owner": "pintail-demo", "url.s3": "s3://bucket/docs/a%20b.txt"} {
		if f := b.fact(id); f.Value != want || f.Busy || f.Reason != "" {
			t.Errorf("%s: %+v, want %q", id, f, want)
		}
	}
	if f := b.fact("checksum.SHA256"); f.Value == "" || f.Note != "of the whole object" || !f.Copy {
		t.Errorf("checksum: %+v", f)
	}
}

// A selection that moves on drops what was asked for the one before, and shows nothing of it.
func TestViewModel_NextSelectionStopsTheOneBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "HeadObject", Key: "slow", Kind: faultserver.Stall, Times: -1})
	slow, quick := b.put("slow", "12345", storage.WriteOptions{}), b.put("quick", "1", storage.WriteOptions{})
	b.show(slow)
	stalled := b.vm.ctx
	b.show(quick)
	if stalled.Err() == nil {
		t.Error("the questions about the former selection go on")
	}
	b.calm()
	if f := b.fact("name"); f.Value != "quick" {
		t.Errorf("it shows %q", f.Value)
	}
	if f := b.fact("etag"); f.Value != quick.ETag {
		t.Errorf("it shows the ETag %q of something else", f.Value)
	}
}

func TestViewModel_RefusedPartsNameThePermissionAndTheRestIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetObjectAcl", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	b.show(b.put("key", "content", storage.WriteOptions{}))
	b.calm()
	if f := b.fact("owner"); f.Reason != "needs s3:GetObjectAcl" {
		t.Errorf("owner: %+v", f)
	}
	if f := b.fact("encryption"); f.Reason != "" || f.Value == "" {
		t.Errorf("encryption: %+v", f)
	}
}

func TestViewModel_SeveralObjectsShowWhatTheyShare(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.show(b.put("one", "1", storage.WriteOptions{Class: "GLACIER"}), b.put("two", "22", storage.WriteOptions{}), b.put("three", "333", storage.WriteOptions{}))
	b.calm()
	for id, want := range map[string]string{"total": "6 bytes", "class": "(several)", "where": "bucket", "etag": "(several)", "restore": "(several)"} {
		if f := b.fact(id); f.Value != want {
			t.Errorf("%s: %q, want %q", id, f.Value, want)
		}
	}
	if title, sub, _ := b.vm.Heading(); title != "3 items" || sub != "6 B" {
		t.Errorf("heading %q, %q", title, sub)
	}
}

func TestViewModel_CalculatesAFolderByClass(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i := range 30 {
		b.put(fmt.Sprintf("dir/%d", i), "1234567890", storage.WriteOptions{})
	}
	b.put("dir/deep/cold", "12345", storage.WriteOptions{Class: "GLACIER"})
	b.put("elsewhere", "1", storage.WriteOptions{})
	b.show(Item{At: storage.Location{Bucket: "bucket", Key: "dir/"}, Folder: true, Kind: "Folder"})
	if !b.vm.CanCalculate() {
		t.Fatal("a folder cannot be counted")
	}
	b.vm.Calculate()
	if !b.vm.Sum().Running {
		t.Error("it does not say that it counts")
	}
	b.until("the count", func() bool { return !b.vm.Sum().Running })
	for id, want := range map[string]string{"sum.objects": "31", "sum.bytes": "305 bytes", "sum.STANDARD": "30 objects, 300 B", "sum.GLACIER": "1 object, 5 B"} {
		if f := b.fact(id); f.Value != want {
			t.Errorf("%s: %q, want %q", id, f.Value, want)
		}
	}
}

func TestViewModel_StoppedCountKeepsWhatCameAndSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "ListObjectsV2", Kind: faultserver.Stall, Times: -1})
	b.show(Item{At: storage.Location{Bucket: "bucket"}, Folder: true, Kind: "Bucket"})
	b.vm.Calculate()
	b.vm.StopCalculating()
	b.until("the end", func() bool { return !b.vm.Sum().Running })
	if f := b.fact("sum.objects"); f.Note != "stopped, there is more" || b.vm.Sum().Err != nil {
		t.Errorf("after Stop: %+v, %v", f, b.vm.Sum().Err)
	}
}

func TestViewModel_GreatSelectionsAskNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	items := make([]Item, headLimit+1)
	for i := range items {
		items[i] = Item{At: storage.Location{Bucket: "bucket", Key: fmt.Sprint(i)}, Size: 1, Class: "STANDARD"}
	}
	before := b.requests.Load()
	b.vm.Show(Subject{Session: b.s, Items: items, Count: 1_000_000})
	if b.vm.Doing() != "" || b.requests.Load() != before {
		t.Error("a million selected objects were asked about")
	}
	if title, _, _ := b.vm.Heading(); title != "1,000,000 items" || !b.vm.Partial() {
		t.Errorf("heading %q", title)
	}
	if f := b.fact("class"); f.Value != "STANDARD" {
		t.Errorf("class %q", f.Value)
	}
}
