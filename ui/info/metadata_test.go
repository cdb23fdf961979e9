package info

import (
	"context"
	"slices"
	"testing"

	"pintail/internal/faultserver"
	"pintail/storage"
)

func (b *bench) stat(it Item) storage.Info {
	b.t.Helper()
	i, err := b.s.Stat(context.Background(), it.At)
	b.must(err)
	return i
}

func written() storage.WriteOptions {
	return storage.WriteOptions{Headers: storage.Headers{ContentType: "text/plain", CacheControl: "no-cache"}, Class: "STANDARD_IA",
		Metadata: map[string]string{"author": "A. Nonym", "year": "2026"}, Tags: map[string]string{"team": "web"}}
}

func TestMetadata_ShowsEditsLooksAndApplies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	it := b.put("page.txt", "content", written())
	b.vm.Choose(Metadata)
	b.show(it)
	if open, reason := b.vm.MetaState(User); open || reason != "" {
		t.Errorf("before an answer: open %v, %q", open, reason)
	}
	b.calm()
	if got := b.table(Headers); !slices.Equal(got, []string{"Content-Type=text/plain", "Cache-Control=no-cache"}) {
		t.Errorf("headers %q", got)
	}
	if got := b.table(User); !slices.Equal(got, []string{"author=A. Nonym", "year=2026"}) {
		t.Errorf("metadata %q", got)
	}
	b.setHeader("Content-Type", "text/html")
	b.setHeader("Cache-Control", "")
	b.vm.SetValue(User, 0, "B. Nonym")
	b.vm.RemoveLine(User, 1)
	b.vm.AddLine(User)
	b.vm.SetName(User, 1, "place")
	b.vm.SetValue(User, 1, "here")
	b.vm.AddLine(Tags)
	b.vm.SetName(Tags, 1, "state")
	b.vm.SetValue(Tags, 1, "new")
	want := []Change{{"Content-Type", "text/plain", "text/html"}, {"Cache-Control", "no-cache", ""}, {"x-amz-meta-author", "A. Nonym", "B. Nonym"},
		{"x-amz-meta-place", "", "here"}, {"x-amz-meta-year", "2026", ""}, {"Tag state", "", "new"}}
	if got := b.vm.Changes(); !slices.Equal(got, want) {
		t.Errorf("changes %+v", got)
	}
	if e := b.vm.Effects(); !slices.Equal(e, []string{"1 object is copied onto itself on the server: its modification date changes."}) {
		t.Errorf("effects %q", e)
	}
	if o := b.apply(); o.Done != 1 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	i := b.stat(it)
	if i.Headers.ContentType != "text/html" || i.Headers.CacheControl != "" || i.Class != "STANDARD_IA" || i.Metadata["author"] != "B. Nonym" ||
		i.Metadata["place"] != "here" || len(i.Metadata) != 2 {
		t.Errorf("the server has %+v", i)
	}
	if tags, err := b.s.Tags(context.Background(), it.At); err != nil || len(tags) != 2 || tags["state"] != "new" || tags["team"] != "web" {
		t.Errorf("tags %v, %v", tags, err)
	}
	if len(b.vm.Changes()) > 0 || !slices.Equal(b.table(User), []string{"author=B. Nonym", "place=here"}) {
		t.Errorf("afterwards it shows %q with %+v", b.table(User), b.vm.Changes())
	}
}

func TestMetadata_RevertShowsWhatIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.vm.Choose(Metadata)
	b.show(b.put("page.txt", "content", written()))
	b.calm()
	b.vm.RemoveLine(User, 0)
	b.setHeader("Content-Type", "x")
	b.vm.Revert()
	if len(b.vm.Changes()) > 0 || !slices.Equal(b.table(User), []string{"author=A. Nonym", "year=2026"}) {
		t.Errorf("after Revert: %q, %+v", b.table(User), b.vm.Changes())
	}
}

func TestMetadata_SeveralKeepWhatIsNotTouched(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.vm.Choose(Metadata)
	one := b.put("one.txt", "1", written())
	o := written()
	o.Metadata = map[string]string{"author": "Somebody", "year": "2026", "only": "two"}
	two := b.put("two.txt", "22", o)
	b.show(one, two)
	b.calm()
	if got := b.table(User); !slices.Equal(got, []string{"author=*", "only=*", "year=2026"}) {
		t.Fatalf("metadata %q", got)
	}
	b.vm.SetValue(User, 2, "2027")
	if out := b.apply(); out.Done != 2 {
		t.Fatalf("outcome %+v", out)
	}
	i, j := b.stat(one), b.stat(two)
	if i.Metadata["year"] != "2027" || i.Metadata["author"] != "A. Nonym" || j.Metadata["author"] != "Somebody" || j.Metadata["only"] != "two" || j.Metadata["year"] != "2027" {
		t.Errorf("the server has %v and %v", i.Metadata, j.Metadata)
	}
}

func TestMetadata_RefusesBeforeSending(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.vm.Choose(Metadata)
	b.show(b.put("page.txt", "content", written()))
	b.calm()
	b.vm.AddLine(User)
	if len(b.vm.Changes()) > 0 {
		t.Error("an empty line is a change")
	}
	for _, c := range []struct{ name, value string }{{"", "value"}, {"AUTHOR", "again"}, {"with space", "v"}, {"fine", "line\nbreak"}} {
		b.vm.SetName(User, 2, c.name)
		b.vm.SetValue(User, 2, c.value)
		if b.vm.Problem() == "" || b.vm.CanApply() {
			t.Errorf("%q = %q can be sent", c.name, c.value)
		}
	}
	b.vm.SetName(User, 2, "fine")
	b.vm.SetValue(User, 2, "value")
	if p := b.vm.Problem(); p != "" {
		t.Errorf("a good line cannot be sent: %s", p)
	}
}

func TestMetadata_RefusedTagsLeaveHeadersOpenAndNothingIsLostUnasked(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetObjectTagging", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	it := b.put("page.txt", "content", written())
	b.vm.Choose(Metadata)
	b.show(it)
	b.calm()
	if open, reason := b.vm.MetaState(Tags); open || reason != "needs s3:GetObjectTagging" {
		t.Errorf("tags: open %v, %q", open, reason)
	}
	if open, _ := b.vm.MetaState(Headers); !open {
		t.Error("refused tags close the headers")
	}
	b.setHeader("Content-Type", "text/html")
	o := b.apply()
	if o.Done > 0 && b.stat(it).TagCount != 1 {
		t.Errorf("tags were lost without a question: %+v", o)
	}
	if o.Done == 0 && !slices.Contains(o.Unreadable, "tags") {
		t.Errorf("what cannot be kept is not named: %+v", o)
	}
}

func TestMetadata_UnsentChangesAreSaidWhenTheSelectionMovesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	one, two := b.put("one", "1", written()), b.put("two", "2", written())
	dropped := ""
	b.vm.Dropped = func(_ int, name string) { dropped = name }
	b.vm.Choose(Metadata)
	b.show(one)
	b.calm()
	b.vm.SetValue(User, 0, "typed")
	newer := one
	newer.Size++ // the listing was refreshed
	b.show(newer)
	if dropped != "" || len(b.vm.Changes()) != 1 {
		t.Errorf("a refresh threw away what was typed (%q)", dropped)
	}
	b.show(two)
	if dropped != "one" || len(b.vm.Changes()) > 0 {
		t.Errorf("dropped %q, changes %+v", dropped, b.vm.Changes())
	}
}
