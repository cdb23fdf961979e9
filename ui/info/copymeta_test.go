package info

import (
	"context"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/ui/look"
)

// Two objects are given the headers, metadata and tags of a third: what it has not goes, and the bytes stay.
func TestMetadata_CopiedFromAnotherObject(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Dark, LeastWidth)
	b.put("dir/model.txt", "model", storage.WriteOptions{Headers: storage.Headers{ContentType: "text/html", ContentLanguage: "de"},
		Metadata: map[string]string{"author": "Model", "new": "1"}, Tags: map[string]string{"team": "shop"}})
	one := b.put("one.txt", "1", written())
	two := b.put("two.txt", "22", storage.WriteOptions{Headers: storage.Headers{ContentType: "image/png", ContentEncoding: "gzip"}, Metadata: map[string]string{"only": "two"}})
	b.vm.Choose(Metadata)
	b.show(one, two)
	b.calm()
	d.press("info.copyfrom")
	d.keep("copyfrom")
	test.Type(d.win.Canvas().Focused(), "dir/model.txt")
	d.press("dialog.ok")
	b.until("the values", func() bool { return len(b.vm.Changes()) > 0 })
	d.inside("copied")
	if got := b.table(User); !slices.Equal(got, []string{"author=Model", "new=1"}) {
		t.Errorf("metadata %q", got)
	}
	if o := b.apply(); o.Done != 2 {
		t.Fatalf("outcome %+v", o)
	}
	for _, it := range []Item{one, two} {
		i := b.stat(it)
		tags, err := b.s.Tags(context.Background(), it.At)
		if h := i.Headers; err != nil || h.ContentType != "text/html" || h.ContentLanguage != "de" || h.CacheControl != "" || h.ContentEncoding != "" ||
			len(i.Metadata) != 2 || i.Metadata["author"] != "Model" || len(tags) != 1 || tags["team"] != "shop" || i.Size != it.Size {
			t.Errorf("%s: %+v, tags %v, %v", it.At.Key, i, tags, err)
		}
	}
}

func TestMetadata_CopiedWithoutWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetObjectTagging", Key: "model", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	model := b.put("model", "m", storage.WriteOptions{Headers: storage.Headers{ContentType: "text/html"}, Tags: map[string]string{"a": "b"}})
	b.vm.Choose(Metadata)
	b.show(b.put("one", "1", written()))
	b.calm()
	take := func(at storage.Location) (err error) {
		over := false
		b.vm.CopyMetadata(at, func(e error) { err, over = e, true })
		b.until("the answer", func() bool { return over })
		return err
	}
	if err := take(storage.Location{Bucket: "bucket", Key: "gone"}); storage.KindOf(err) != storage.KindNotFound || len(b.vm.Changes()) > 0 {
		t.Errorf("from nothing: %v, %+v", err, b.vm.Changes())
	}
	if err := take(model.At); storage.KindOf(err) != storage.KindPermission {
		t.Errorf("tags that cannot be read: %v", err)
	}
	if got := b.table(Tags); !slices.Equal(got, []string{"team=web"}) || !slices.Contains(b.table(Headers), "Content-Type=text/html") {
		t.Errorf("tags %q, headers %q", got, b.table(Headers))
	}
	for s, want := range map[string]storage.Location{"a/b": {Bucket: "here", Key: "a/b"}, "s3://other/x//y": {Bucket: "other", Key: "x//y"}} {
		if at := otherObject("here", s); at != want {
			t.Errorf("%s: %v", s, at)
		}
	}
	for _, s := range []string{"s3://bucket", "s3://bucket/", "s3:///key"} {
		at := otherObject("here", s)
		if err := take(at); at.Key != "" || storage.KindOf(err) != storage.KindInvalid {
			t.Errorf("%q is the object %v: %v", s, at, err)
		}
	}
}
