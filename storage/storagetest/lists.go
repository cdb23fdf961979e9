package storagetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"pintail/storage"
)

// AwkwardKeys are keys that S3 stores and clients break on.
var AwkwardKeys = []string{
	"plain", "with space", "trailing space ", " leading space", "a+b", "50%", "%2F", "%zz", "a%20b", "quote'\"", "amp&and;", "a<b>c", "hash#", "tilde~", "back\\slash",
	"question?x=1", "semi;colon", "eq=al", "at@", "colon:", "star*", "pipe|", "comma,", "paren()", "bracket[]", "brace{}", "caret^", "tick`", "dollar$", "bang!",
	"ünïcode", "日本語", "emoji 🦆", "nfd e\u0301", "rtl \u05d0\u05d1", "zwj \u200d", "new\nline", "tab\tin", "cr\rin", "ctrl\x01in", "del\x7fin",
	"dbl//slash", "/lead", "//lead2", "trail/", "trail2//", "../up", "x/../y", "./dot", "x/./y", "..", "dots...", "x/..", "CON", "nul.txt", "soap",
	"</Key>", "]]>", "&amp;", "null", strings.Repeat("k", 1024), strings.Repeat("d/", 511) + "xx",
}

var listCases = []testCase{
	{"pages, folders, start", []string{"list.stream"}, func(e *Env) {
		for i := range 7 {
			e.MustPut(fmt.Sprintf("d%d/f", i), nil, storage.WriteOptions{})
			e.MustPut(fmt.Sprintf("k%d", i), nil, storage.WriteOptions{})
		}
		in, _, _ := e.Entries("", storage.ListOptions{PageSize: 3})
		tiles, _, _ := e.Entries("", storage.ListOptions{PageSize: 3, Parallel: 4})
		if !reflect.DeepEqual(in, tiles) {
			e.Errorf("side by side: %+v\none after the other: %+v", tiles, in)
		}
		entries, prefixes, pages := e.Entries("", storage.ListOptions{Delimiter: "/", PageSize: 3})
		if len(entries) != 7 || len(prefixes) != 7 || pages < 5 {
			e.Errorf("%d keys, %d folders, %d pages", len(entries), len(prefixes), pages)
		}
		entries, _, pages = e.Entries("", storage.ListOptions{PageSize: 5})
		if len(entries) != 14 || pages != 3 {
			e.Errorf("flat: %d keys, %d pages", len(entries), pages)
		}
		entries, _, _ = e.Entries("k", storage.ListOptions{StartAfter: "k3", PageSize: 2})
		if len(entries) != 3 || entries[0].Key != "k4" {
			e.Errorf("after k3: %+v", entries)
		}
		entries, prefixes, _ = e.Entries("nothing/", storage.ListOptions{Delimiter: "/"})
		if len(entries)+len(prefixes) != 0 {
			e.Error("something below a prefix that has nothing")
		}
	}},
	{"stopping early", nil, func(e *Env) {
		for i := range 4 {
			e.MustPut(fmt.Sprint(i), nil, storage.WriteOptions{})
		}
		n := 0
		for _, err := range e.S.List(e.Context(), e.Bucket, "", storage.ListOptions{PageSize: 1}) {
			if err != nil {
				e.Fatal(err)
			}
			if n++; n == 2 {
				break
			}
		}
		if n != 2 {
			e.Errorf("%d pages", n)
		}
	}},
	{"awkward keys", nil, awkward},
	{"plus and space in a prefix", nil, func(e *Env) {
		for _, k := range []string{"a+b/x", "a b/y", "a%2Bb/z"} {
			e.MustPut(k, nil, storage.WriteOptions{})
		}
		for _, p := range []string{"a+b/", "a b/", "a%2Bb/"} {
			entries, _, _ := e.Entries(p, storage.ListOptions{Delimiter: "/"})
			if len(entries) != 1 || !strings.HasPrefix(entries[0].Key, p) {
				e.Errorf("%q: %+v", p, entries)
			}
		}
		_, prefixes, _ := e.Entries("", storage.ListOptions{Delimiter: "/", PageSize: 1})
		if want := []string{"a b/", "a%2Bb/", "a+b/"}; !slices.Equal(prefixes, want) {
			e.Errorf("folders %q", prefixes)
		}
	}},
	{"a file and a folder of one name", nil, func(e *Env) {
		if e.Target.Quirks.NoFileAndFolder {
			e.Skip("the server keeps objects as files")
		}
		e.MustPut("n", []byte("file"), storage.WriteOptions{})
		e.MustPut("n/in", []byte("in"), storage.WriteOptions{})
		entries, prefixes, _ := e.Entries("", storage.ListOptions{Delimiter: "/"})
		if len(entries) != 1 || len(prefixes) != 1 || entries[0].Key != "n" || prefixes[0] != "n/" {
			e.Errorf("%+v %q", entries, prefixes)
		}
	}},
	{"versions and markers", []string{"list.versions"}, versions},
}

func awkward(e *Env) {
	if e.Target.Quirks.Keys == nil {
		proveFeature(e, "list.awkward")
	} else {
		proveFeature(e, "object.keychange")
	}
	var kept []string
	for _, k := range AwkwardKeys {
		data := []byte("<" + k + ">")
		if strings.HasSuffix(k, "/") {
			data = nil
		}
		_, err := e.S.Put(e.Context(), e.Loc(k), Body(data), storage.WriteOptions{})
		var se *storage.Error
		errors.As(err, &se)
		switch fate := e.Target.Quirks.Keys[k]; {
		case fate == Refused && err != nil && se.Code != "KeyChanged":
			continue
		case fate == Changed && se != nil && se.Code == "KeyChanged":
			continue
		case fate != "" || err != nil:
			e.Errorf("%q: %v (expected fate %q)", clip(k), err, fate)
			continue
		}
		kept = append(kept, k)
		e.MustHave(e.Loc(k), data)
		if _, err := e.S.Stat(e.Context(), e.Loc(k)); err != nil {
			e.Errorf("%q: stat: %v", clip(k), err)
		}
		copied := "copied/" + k
		if len(copied) <= 1024 && !strings.HasSuffix(k, "/") {
			if _, err := e.S.Copy(e.Context(), e.Loc(k), e.Loc("copy of it"), storage.CopyOptions{}); err != nil {
				e.Errorf("%q: copy: %v", clip(k), err)
			} else {
				e.MustHave(e.Loc("copy of it"), data)
			}
		}
	}
	_, _ = e.S.Delete(e.Context(), e.Loc("copy of it"))
	entries, _, _ := e.Entries("", storage.ListOptions{PageSize: 7})
	var got []string
	for _, en := range entries {
		got = append(got, en.Key)
	}
	slices.Sort(kept)
	slices.Sort(got)
	if e.Target.Quirks.Keys == nil && !slices.Equal(kept, got) {
		e.Errorf("stored %q\nlisted %q", kept, got)
	}
	for _, k := range kept {
		if !slices.Contains(got, k) {
			e.Errorf("%q is not listed", clip(k))
		}
		if _, err := e.S.Delete(e.Context(), e.Loc(k)); err != nil {
			e.Errorf("%q: delete: %v", clip(k), err)
		}
		if _, err := e.S.Stat(e.Context(), e.Loc(k)); storage.KindOf(err) != storage.KindNotFound {
			e.Errorf("%q is still there: %v", clip(k), err)
		}
	}
}

func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

func versions(e *Env) {
	enableVersions(e)
	v1 := e.MustPut("v/x", []byte("one"), storage.WriteOptions{})
	v2 := e.MustPut("v/x", []byte("two"), storage.WriteOptions{})
	if v1.Version == "" || v1.Version == v2.Version {
		e.Fatalf("versions %q and %q", v1.Version, v2.Version)
	}
	del, err := e.S.Delete(e.Context(), e.Loc("v/x"))
	if err != nil || !del.Marker || del.MarkerVersion == "" {
		e.Errorf("delete: %+v, %v", del, err)
	}
	_, err = e.S.Stat(e.Context(), e.Loc("v/x"))
	e.wantKind(err, storage.KindNotFound)
	old := e.Loc("v/x")
	old.Version = v1.Version
	e.MustHave(old, []byte("one"))
	var all []storage.Entry
	for p, err := range e.S.ListVersions(e.Context(), e.Bucket, "v/", storage.ListOptions{}) {
		if err != nil {
			e.Fatal(err)
		}
		all = append(all, p.Entries...)
	}
	if len(all) != 3 || !all[0].Marker || !all[0].Latest || all[1].Version != v2.Version || all[2].Version != v1.Version || all[2].Size != 3 {
		e.Errorf("%+v", all)
	}
	// Removing the marker brings the object back; many at once, by version.
	undelete := e.Loc("v/x")
	undelete.Version = del.MarkerVersion
	if _, err := e.S.Delete(e.Context(), undelete); err != nil {
		e.Error(err)
	}
	e.MustHave(e.Loc("v/x"), []byte("two"))
	two := e.Loc("v/x")
	two.Version = v2.Version
	res, err := e.S.DeleteMany(e.Context(), e.Bucket, []storage.Location{old, two})
	var again *storage.Error
	if errors.As(err, &again) && again.Retryable { // as every caller does
		res, err = e.S.DeleteMany(e.Context(), e.Bucket, []storage.Location{old, two})
	}
	if err != nil || res[0].Err != nil || res[1].Err != nil {
		e.Errorf("%+v, %v", res, err)
	}
	for p, err := range e.S.ListVersions(e.Context(), e.Bucket, "", storage.ListOptions{}) {
		if err != nil || len(p.Entries) != 0 {
			e.Errorf("left: %+v, %v", p.Entries, err)
		}
	}
}

func enableVersions(e *Env) {
	e.Helper()
	if err := e.S.SetVersioning(context.WithoutCancel(e.Context()), storage.Location{Bucket: e.Bucket}, storage.Versioning{Status: "Enabled"}, ""); err != nil {
		e.Fatalf("enable versions: %v", err)
	}
}
