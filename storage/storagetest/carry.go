package storagetest

import (
	"context"
	"strings"

	"pintail/storage"
)

// What belongs to an object beside its bytes, and deletions with a condition.
var carryCases = []testCase{
	{"tags are read and replaced", []string{"object.tags"}, func(e *Env) {
		e.MustPut("t/tagged", []byte("x"), storage.WriteOptions{Tags: map[string]string{"a b": "c+d=é", "k": ""}})
		loc := e.Loc("t/tagged")
		tags, err := e.S.Tags(e.Context(), loc)
		if err != nil || len(tags) != 2 || tags["a b"] != "c+d=é" {
			e.Fatalf("%v, %v", tags, err)
		}
		if err := e.S.SetTags(e.Context(), loc, map[string]string{"only": "one"}); err != nil {
			e.Fatal(err)
		}
		if tags, err = e.S.Tags(e.Context(), loc); err != nil || len(tags) != 1 || tags["only"] != "one" {
			e.Errorf("%v, %v", tags, err)
		}
		_, err = e.S.Tags(e.Context(), e.Loc("none"))
		e.wantKind(err, storage.KindNotFound)
	}},
	{"a folder's own object is copied with what belongs to it", []string{"object.copy"}, func(e *Env) {
		e.MustPut("dir/", nil, storage.WriteOptions{Metadata: map[string]string{"a": "b"}})
		src, err := e.S.Stat(e.Context(), e.Loc("dir/"))
		if err != nil {
			e.Fatal(err)
		}
		for to, o := range map[string]storage.CopyOptions{"one/": {}, "two/": {SourceIfMatch: src.ETag, Class: "STANDARD"}} {
			if _, err := e.S.Copy(e.Context(), e.Loc("dir/"), e.Loc(to), o); err != nil {
				e.Fatal(err)
			}
			if info, err := e.S.Stat(e.Context(), e.Loc(to)); err != nil || info.Size != 0 || info.Metadata["a"] != "b" {
				e.Errorf("%s: %+v, %v", to, info, err)
			}
		}
		if e.Target.Quirks.NoConditional {
			return // a copy's condition is ignored as well
		}
		_, err = e.S.Copy(e.Context(), e.Loc("dir/"), e.Loc("three/"), storage.CopyOptions{SourceIfMatch: "00000000000000000000000000000000", Class: "STANDARD"})
		e.wantKind(err, storage.KindPrecondition)
	}},
	{"an access list is read and replaced", nil, func(e *Env) {
		if e.Target.Quirks.NoACL {
			e.Skip("the server has no ACLs on objects")
		}
		proveFeature(e, "object.acl")
		e.MustPut("from", []byte("x"), storage.WriteOptions{ACL: "public-read"})
		e.MustPut("to", []byte("y"), storage.WriteOptions{})
		a, err := e.S.ACL(e.Context(), e.Loc("from"))
		if err != nil || a.Private() || a.Owner.ID == "" {
			e.Fatalf("%+v, %v", a, err)
		}
		if own, err := e.S.ACL(e.Context(), e.Loc("to")); err != nil || !own.Private() {
			e.Fatalf("%+v, %v", own, err)
		}
		if err := e.S.SetACL(e.Context(), e.Loc("to"), a); err != nil {
			e.Fatal(err)
		}
		e.S = anonymous(e)
		e.MustHave(e.Loc("to"), []byte("y"))
	}},
	{"what a bucket's objects can have", nil, func(e *Env) {
		k, err := e.S.Keeps(e.Context(), e.Bucket)
		if err != nil || k.ACL == e.Target.Quirks.NoACL || k.Lock {
			e.Errorf("%+v, %v", k, err)
		}
		if _, err := e.S.Keeps(e.Context(), e.Bucket); err != nil {
			e.Error(err)
		}
	}},
	{"how an object was cut", nil, func(e *Env) {
		data := Data(7, 11<<20)
		_, _, w, err := upload(e, "cut", data, 5<<20, storage.WriteOptions{})
		if err != nil {
			e.Fatal(err)
		}
		sizes, err := e.S.PartSizes(e.Context(), e.Loc("cut"), w.ETag, int64(len(data)), 3)
		if err != nil || sizes != nil && (len(sizes) != 3 || sizes[0] != 5<<20 || sizes[2] != 1<<20) {
			e.Errorf("%v, %v", sizes, err)
		}
		if sizes == nil && !e.Target.Quirks.NoPartNumber {
			e.Error("the server does not tell")
		}
	}},
	{"a deletion is held to its condition", nil, func(e *Env) {
		// What the table says of the server is the truth, both ways: a move leans on it.
		q := e.Target.Quirks
		yes, no := true, false
		c := e.Target.Config()
		c.Known.ConditionalDeletes, c.Known.ConditionalBulkDeletes = &yes, &yes
		if held := heldTo(e, Open(e.T, c), "one"); held == q.NoConditionalDelete {
			e.Errorf("a deletion is held to its condition: %v", held)
		}
		if held := heldTo(e, Open(e.T, c), "one", "two"); held == q.NoConditionalBulk {
			e.Errorf("a bulk deletion is held to its conditions: %v", held)
		}
		if q.NoConditionalDelete {
			_, err := e.S.DeleteUnchanged(e.Context(), e.Bucket, []storage.Location{e.Loc("one")}, []string{"x"})
			e.wantKind(err, storage.KindInvalid) // not without being told that the server holds it
			return
		}
		if q.NoConditionalBulk {
			c.Known.ConditionalBulkDeletes = &no
		}
		s := Open(e.T, c)
		conditionalDelete(e, s, "one")
		conditionalDelete(e, s, "one", "two", "odd\x01key")
	}},
}

// heldTo tells whether a deletion of keys with the ETag of others leaves them.
func heldTo(e *Env, s *storage.Session, keys ...string) bool {
	e.Helper()
	var locs []storage.Location
	var etags []string
	for _, k := range keys {
		e.MustPut(k, []byte(k), storage.WriteOptions{})
		locs, etags = append(locs, e.Loc(k)), append(etags, strings.Repeat("0", 32))
	}
	res, err := s.DeleteUnchanged(e.Context(), e.Bucket, locs, etags)
	if err != nil && storage.KindOf(err) != storage.KindPrecondition {
		e.Fatal(err)
	}
	held := 0
	for _, l := range locs {
		if _, err := e.S.Stat(e.Context(), l); err == nil {
			held++
		}
	}
	if held != len(locs) { // one may be there still because the server failed with it
		e.Logf("%d of %d are there still: %+v", held, len(locs), res)
	}
	return held == len(locs)
}

// conditionalDelete deletes keys with the right ETags, but for the first: that one must stay.
func conditionalDelete(e *Env, s *storage.Session, keys ...string) {
	e.Helper()
	var locs []storage.Location
	var etags []string
	for i, k := range keys {
		if strings.Contains(k, "\x01") && e.Target.Quirks.Keys["ctrl\x01in"] != "" {
			continue
		}
		w := e.MustPut(k, Data(uint64(i), 10), storage.WriteOptions{})
		if i == 0 {
			w.ETag = strings.Repeat("0", 32)
		}
		locs, etags = append(locs, e.Loc(k)), append(etags, w.ETag)
	}
	res, err := s.DeleteUnchanged(context.WithoutCancel(e.Context()), e.Bucket, locs, etags)
	if len(locs) == 1 {
		e.wantKind(err, storage.KindPrecondition)
	} else if err != nil {
		e.Fatal(err)
	}
	for i := range locs {
		if i == 0 {
			e.wantKind(res[i].Err, storage.KindPrecondition)
			e.MustHave(locs[i], Data(0, 10))
			continue
		}
		_, err := e.S.Stat(e.Context(), locs[i])
		if res[i].Err != nil || storage.KindOf(err) != storage.KindNotFound {
			e.Errorf("%q: %v, then %v", locs[i].Key, res[i].Err, err)
		}
	}
}
