package storagetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"pintail/storage"
)

// Versions of one object: seen, made current again, undeleted, removed.
var versionCases = []testCase{
	{"the versions of one key and of no other", []string{"version.list"}, oneKey},
	{"an old version becomes the current one with all that belongs to it", []string{"version.revert"}, revert},
	{"a version is copied in parts", nil, revertInParts},
	{"a deleted object comes back", []string{"version.undelete"}, undelete},
	{"one version is removed", []string{"version.remove"}, removeVersion},
}

// CopyInParts is storage's own copy of a large version with parts of a size that a test can have; nil outside its tests.
var CopyInParts func(ctx context.Context, s *storage.Session, src storage.Info, to storage.Location, partSize int64) (storage.Written, error)

// VersionsOf are the versions and markers of a key, newest first.
func (e *Env) VersionsOf(key string, pageSize int32) []storage.Entry {
	e.Helper()
	var all []storage.Entry
	for page, err := range e.S.Versions(e.Context(), e.Loc(key), storage.ListOptions{PageSize: pageSize}) {
		if err != nil {
			e.Fatalf("versions of %q: %v", key, err)
		}
		all = append(all, page...)
	}
	return all
}

func oneKey(e *Env) {
	if v, err := e.S.Versioned(e.Context(), e.Bucket); err != nil || v {
		e.Errorf("versioned before it is: %v, %v", v, err)
	}
	enableVersions(e)
	if v, err := e.S.Versioned(e.Context(), e.Bucket); err != nil || !v {
		e.Errorf("not versioned after it is: %v, %v", v, err)
	}
	keys := []string{"v", "v-", "v0/x", "va", "u"}
	if !e.Target.Quirks.NoFileAndFolder {
		keys = append(keys, "v/x", "v/")
	}
	var want []string
	for round := range 5 {
		for _, k := range keys {
			w := e.MustPut(k, []byte(strings.Repeat(k, round)), storage.WriteOptions{})
			if k == "v" {
				want = append([]string{w.Version}, want...)
			}
		}
	}
	d, err := e.S.Delete(e.Context(), e.Loc("v"))
	if err != nil || !d.Marker {
		e.Fatalf("%+v, %v", d, err)
	}
	want = append([]string{d.MarkerVersion}, want...)
	sizes := []int32{1, 2, 3, 4, 1000}
	if e.Target.Quirks.VersionsRepeat {
		sizes = sizes[1:] // pages of one do not move on
	}
	for _, size := range sizes {
		var got []string
		for i, v := range e.VersionsOf("v", size) {
			if v.Key != "v" || v.Latest != (i == 0) || v.Marker != (i == 0) {
				e.Errorf("pages of %d: %+v", size, v)
			}
			got = append(got, v.Version)
		}
		if !slices.Equal(got, want) {
			e.Errorf("pages of %d: %q, want %q", size, got, want)
		}
	}
	if got := e.VersionsOf("none", 0); len(got) != 0 {
		e.Errorf("%+v", got)
	}
}

func revert(e *Env) {
	enableVersions(e)
	o := storage.WriteOptions{Headers: storage.Headers{ContentType: "text/x-one", CacheControl: "max-age=7", ContentDisposition: "attachment"},
		Metadata: map[string]string{"a": "b", "mtime": "12"}, Tags: map[string]string{"t g": "1+é"}}
	if !e.Target.Quirks.NoACL {
		o.ACL = "public-read"
	}
	if !e.Target.Quirks.NoClasses {
		o.Class = "STANDARD_IA"
	}
	key := "re vert/ü+%&?#.txt"
	first := e.MustPut(key, []byte("one"), o)
	e.MustPut(key, []byte("two"), storage.WriteOptions{Headers: storage.Headers{ContentType: "text/x-two"}})
	old := e.Loc(key)
	old.Version = first.Version
	before, err := e.S.Stat(e.Context(), old)
	if err != nil {
		e.Fatal(err)
	}
	r, err := e.S.Revert(e.Context(), old, storage.RevertOptions{})
	if err != nil || r.Current || r.Version == "" || r.Version == first.Version || r.Proof < storage.ProofSize {
		e.Fatalf("%+v, %v", r, err)
	}
	e.MustHave(e.Loc(key), []byte("one"))
	sameObject(e, before, e.Loc(key), o)
	again := e.Loc(key)
	again.Version = r.Version
	if same, err := e.S.Revert(e.Context(), again, storage.RevertOptions{}); err != nil || !same.Current {
		e.Errorf("the current version: %+v, %v", same, err)
	}
	if n := len(e.VersionsOf(key, 0)); n != 3 {
		e.Errorf("%d versions, want 3", n)
	}
	d, err := e.S.Delete(e.Context(), e.Loc(key))
	if err != nil {
		e.Fatal(err)
	}
	if _, err := e.S.Revert(e.Context(), old, storage.RevertOptions{}); err != nil { // of a deleted object as well
		e.Error(err)
	}
	e.MustHave(e.Loc(key), []byte("one"))
	marker := e.Loc(key)
	marker.Version = d.MarkerVersion
	_, err = e.S.Revert(e.Context(), marker, storage.RevertOptions{})
	e.wantKind(err, storage.KindNotFound, storage.KindUnsupported, storage.KindInvalid)
}

// sameObject fails the case unless loc has all that the other had.
func sameObject(e *Env, before storage.Info, loc storage.Location, o storage.WriteOptions) {
	e.Helper()
	after, err := e.S.Stat(e.Context(), loc)
	if err != nil || after.Headers != before.Headers || !maps.Equal(after.Metadata, before.Metadata) || after.Class != before.Class || after.Size != before.Size {
		e.Errorf("%+v\nwas %+v, %v", after, before, err)
	}
	if tags, err := e.S.Tags(e.Context(), loc); err != nil || !maps.Equal(tags, o.Tags) {
		e.Errorf("tags %v, %v", tags, err)
	}
	if o.ACL == "" {
		return
	}
	if a, err := e.S.ACL(e.Context(), loc); err != nil || a.Private() {
		e.Errorf("access list %+v, %v", a, err)
	}
}

func revertInParts(e *Env) {
	enableVersions(e)
	data := Data(11, 11<<20)
	o := storage.WriteOptions{Headers: storage.Headers{ContentType: "text/x-one"}, Metadata: map[string]string{"a": "b"}, Tags: map[string]string{"t": "1"}}
	first := e.MustPut("large", data, o)
	e.MustPut("large", []byte("two"), storage.WriteOptions{})
	old := e.Loc("large")
	old.Version = first.Version
	info, err := e.S.Stat(e.Context(), old)
	if err != nil {
		e.Fatal(err)
	}
	if CopyInParts == nil {
		e.Skip("the size of parts is for storage's own tests")
	}
	if _, err := CopyInParts(e.Context(), e.S, info, e.Loc("large"), 5<<20); err != nil {
		e.Fatal(err)
	}
	e.MustHave(e.Loc("large"), data)
	sameObject(e, info, e.Loc("large"), storage.WriteOptions{Tags: o.Tags})
}

func undelete(e *Env) {
	enableVersions(e)
	loc := e.Loc("un/deleted")
	_, err := e.S.Undelete(e.Context(), loc, "")
	e.wantKind(err, storage.KindNotFound)
	e.MustPut(loc.Key, []byte("one"), storage.WriteOptions{})
	_, err = e.S.Undelete(e.Context(), loc, "")
	var se *storage.Error
	if !errors.As(err, &se) || se.Code != "NotDeleted" {
		e.Errorf("not deleted: %v", err)
	}
	e.MustHave(loc, []byte("one"))
	for range 2 {
		if _, err := e.S.Delete(e.Context(), loc); err != nil {
			e.Fatal(err)
		}
	}
	for markers := len(e.VersionsOf(loc.Key, 0)) - 1; markers > 0; markers-- {
		newest := e.VersionsOf(loc.Key, 0)[0]
		u, err := e.S.Undelete(e.Context(), loc, "")
		if err != nil || u.Marker != newest.Version || u.Hidden != (markers > 1) {
			e.Fatalf("with %d markers: %+v, %v", markers, u, err)
		}
		if got := len(e.VersionsOf(loc.Key, 0)); got != markers {
			e.Fatalf("%d versions are left of %d", got, markers+1)
		}
	}
	e.MustHave(loc, []byte("one"))
}

func removeVersion(e *Env) {
	enableVersions(e)
	var ids []string
	for _, text := range []string{"one", "two", "three"} {
		ids = append(ids, e.MustPut("k", []byte(text), storage.WriteOptions{}).Version)
	}
	loc := e.Loc("k")
	_, err := e.S.DeleteVersion(e.Context(), loc, "")
	e.wantKind(err, storage.KindInvalid)
	for _, i := range []int{1, 2} {
		loc.Version = ids[i]
		if r, err := e.S.DeleteVersion(e.Context(), loc, ""); err != nil || r.Marker {
			e.Fatalf("%+v, %v", r, err)
		}
	}
	if left := e.VersionsOf("k", 0); len(left) != 1 || left[0].Version != ids[0] || !left[0].Latest {
		e.Errorf("%+v", left)
	}
	e.MustHave(e.Loc("k"), []byte("one"))
}
