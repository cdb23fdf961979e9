package storagetest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"pintail/storage"
)

// What an edit of an object must keep: everything that it does not name.
var rewriteCases = []testCase{
	{"an edit loses nothing", []string{"object.edit"}, func(e *Env) {
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 12 {
			key := fmt.Sprintf("kept/%d", i)
			before := e.makeRich(r, key, Data(uint64(i), 100+i))
			edit := e.drawEdit(r)
			w, err := e.S.Rewrite(e.Context(), e.Loc(key), edit, storage.RewriteOptions{})
			if err != nil {
				e.Fatalf("%d: %+v: %v", i, edit, err)
			}
			e.sameBut(before, edit, w.Ignored)
		}
	}},
	{"an edit of a version loses nothing", nil, func(e *Env) {
		enableVersions(e)
		r := rand.New(rand.NewPCG(3, 4))
		for i := range 4 {
			key := fmt.Sprintf("kept/%d", i)
			before := e.makeRich(r, key, Data(uint64(i), 100+i))
			edit := e.drawEdit(r)
			w, err := e.S.Rewrite(e.Context(), e.Loc(key), edit, storage.RewriteOptions{})
			if err != nil {
				e.Fatalf("%d: %+v: %v", i, edit, err)
			}
			if w.NewVersion != (w.Copied && !e.Target.Quirks.CopiesInPlace) || w.NewVersion && w.Version == before.info.Location.Version {
				e.Errorf("%+v of %+v", w, before.info.Location)
			}
			e.sameBut(before, edit, w.Ignored)
			old := e.Loc(key)
			old.Version = before.info.Location.Version
			e.MustHave(old, before.data)
			if info, err := e.S.Stat(e.Context(), old); err != nil || w.NewVersion && !maps.Equal(info.Metadata, before.info.Metadata) {
				e.Errorf("the version before: %+v, %v", info, err)
			}
			if w.NewVersion {
				_, err = e.S.Rewrite(e.Context(), old, storage.Edit{Metadata: map[string]string{"a": "b"}}, storage.RewriteOptions{})
				e.wantKind(err, storage.KindInvalid)
			}
		}
	}},
	{"an edit of a locked object keeps the lock", nil, editLocked},
	{"a head counts the tags, and an edit asks for none where there are none", nil, func(e *Env) {
		asked := map[string]int{}
		c := e.Target.Config()
		key := ""
		c.Trace = func(v storage.Event) {
			if v.Op == "GetObjectTagging" {
				asked[key]++
			}
		}
		s := Open(e.T, c)
		for _, key = range []string{"none", "two", "still none"} {
			var tags map[string]string
			if key == "two" {
				tags = map[string]string{"t": "u", "v": "w"}
			}
			e.MustPut(key, []byte("x"), storage.WriteOptions{Tags: tags})
			before := e.look(key, []byte("x"))
			if int(before.info.TagCount) != len(tags) {
				e.Errorf("%s: the head counts %d tags of %d", key, before.info.TagCount, len(tags))
			}
			d := storage.Edit{Metadata: map[string]string{"a": "b"}}
			w, err := s.Rewrite(e.Context(), e.Loc(key), d, storage.RewriteOptions{})
			if err != nil {
				e.Fatal(err)
			}
			e.sameBut(before, d, w.Ignored)
		}
		if asked["two"] == 0 || asked["none"]+asked["still none"] > 0 {
			e.Errorf("asked for tags: %v", asked)
		}
	}},
	{"an edit that changes nothing sends nothing", nil, func(e *Env) {
		e.MustPut("same", []byte("x"), storage.WriteOptions{Metadata: map[string]string{"a": "b"}, Tags: map[string]string{"t": "u"}})
		before := e.look("same", []byte("x"))
		for _, d := range []storage.Edit{{Metadata: map[string]string{"A": "b"}, RemoveMetadata: []string{"none"}}, {Class: "STANDARD"},
			{Tags: map[string]string{"t": "u"}, RemoveTags: []string{"none"}}, {Headers: map[string]string{"Cache-Control": ""}}} {
			w, err := e.S.Rewrite(e.Context(), e.Loc("same"), d, storage.RewriteOptions{})
			if err != nil || w.Changed || w.Copied || w.NewVersion {
				e.Errorf("%+v: %+v, %v", d, w, err)
			}
		}
		e.sameBut(before, storage.Edit{}, nil)
	}},
	{"an object in parts is edited in parts", nil, func(e *Env) {
		data := Data(9, 11<<20)
		if _, _, _, err := upload(e, "large", data, 5<<20, storage.WriteOptions{Metadata: map[string]string{"a": "b"}, Headers: storage.Headers{CacheControl: "no-cache"}}); err != nil {
			e.Fatal(err)
		}
		if err := e.S.SetTags(e.Context(), e.Loc("large"), map[string]string{"t": "u"}); err != nil {
			e.Fatal(err)
		}
		before := e.look("large", data)
		d := storage.Edit{Metadata: map[string]string{"c": "d"}}
		w, err := e.S.Rewrite(e.Context(), e.Loc("large"), d, storage.RewriteOptions{SingleCopy: 6 << 20, PartSize: 5 << 20})
		if err != nil || !w.Copied || w.Proof < storage.ProofSize {
			e.Fatalf("%+v, %v", w, err)
		}
		before.info.Checksums = storage.Checksums{} // may be of the parts, which are others now
		e.sameBut(before, d, w.Ignored)
	}},
	{"an edit that cannot be is refused before it is sent", nil, func(e *Env) {
		tags := map[string]string{}
		for i := range 11 {
			tags[fmt.Sprint(i)] = ""
		}
		for _, d := range []storage.Edit{{Tags: tags}, {Tags: map[string]string{strings.Repeat("k", 129): ""}}, {Tags: map[string]string{"k": strings.Repeat("v", 257)}},
			{Headers: map[string]string{"X-Own": "v"}}, {Headers: map[string]string{"Expires": "soon"}}, {Metadata: map[string]string{"a b": "c"}},
			{Metadata: map[string]string{"a": "b\nc"}}, {Metadata: map[string]string{"a": strings.Repeat("x", 3000)}}} {
			_, err := e.S.Rewrite(e.Context(), e.Loc("none"), d, storage.RewriteOptions{})
			e.wantKind(err, storage.KindInvalid)
		}
		e.MustPut("nine", nil, storage.WriteOptions{Tags: map[string]string{"1": "", "2": "", "3": "", "4": "", "5": "", "6": "", "7": "", "8": "", "9": ""}})
		for _, d := range []storage.Edit{{Tags: map[string]string{"10": "", "11": ""}}, {Tags: map[string]string{"10": "", "11": ""}, Metadata: map[string]string{"a": "b"}}} {
			_, err := e.S.Rewrite(e.Context(), e.Loc("nine"), d, storage.RewriteOptions{})
			e.wantKind(err, storage.KindInvalid)
		}
	}},
	{"an edit that was cut off after its copy is finished by its record", nil, func(e *Env) {
		for round, versions := range []bool{false, true} {
			if versions {
				enableVersions(e)
			}
			key := fmt.Sprint("cut", round)
			e.MustPut(key, []byte("x"), storage.WriteOptions{Tags: map[string]string{"t": "u"}, Metadata: map[string]string{"a": "b"}})
			if !e.Target.Quirks.NoACL {
				if _, err := e.S.SetCannedACL(e.Context(), e.Loc(key), "public-read"); err != nil {
					e.Fatal(err)
				}
			}
			before := e.look(key, []byte("x"))
			ctx, cancel := context.WithCancel(e.Context())
			c := e.Target.Config()
			copies := 0
			c.Trace = func(v storage.Event) {
				if v.Op == "CopyObject" {
					copies++
					cancel()
				}
			}
			s := Open(e.T, c)
			var record []byte
			o := storage.RewriteOptions{Sending: func(b []byte) error { record = b; return nil }}
			d := storage.Edit{Metadata: map[string]string{"c": "d"}}
			if _, err := s.Rewrite(ctx, e.Loc(key), d, o); err == nil || record == nil {
				e.Fatalf("%v, record %q", err, record)
			}
			o.Resume = storage.ReadRewriting(record, e.Loc(key))
			w, err := s.Rewrite(e.Context(), e.Loc(key), d, o)
			if err != nil || copies != 1 {
				e.Fatalf("%+v, %v, %d copies", w, err, copies)
			}
			e.sameBut(before, d, w.Ignored)
		}
	}},
	{"a second writer loses nothing by an edit", nil, secondWriter},
	{"a second writer loses no version by an edit", nil, func(e *Env) {
		enableVersions(e)
		secondWriter(e)
	}},
}

// secondWriter edits an object while somebody else writes it anew, once after each request that the edit takes.
func secondWriter(e *Env) {
	for after := 1; ; after++ {
		if after > 30 {
			e.Fatal("an edit takes no end")
		}
		if e.raced(after) {
			return
		}
	}
}

// raced edits an object; after so many requests the other writes it. True: the edit took fewer.
func (e *Env) raced(after int) (over bool) {
	key := fmt.Sprintf("raced/%d", after)
	e.MustPut(key, []byte("ours"), storage.WriteOptions{Metadata: map[string]string{"by": "us"}, Tags: map[string]string{"by": "us"}})
	requests, theirs := 0, storage.Written{}
	c := e.Target.Config()
	c.Trace = func(storage.Event) {
		if requests++; requests == after {
			theirs = e.MustPut(key, []byte("theirs, later"), storage.WriteOptions{Metadata: map[string]string{"by": "them", "more": "of it"}, Tags: map[string]string{"by": "them"}})
		}
	}
	s := Open(e.T, c)
	if _, err := s.Keeps(e.Context(), e.Bucket); err != nil { // it is asked for once in a session
		e.Fatal(err)
	}
	requests = 0
	_, err := s.Rewrite(e.Context(), e.Loc(key), storage.Edit{Metadata: map[string]string{"edited": "yes"}}, storage.RewriteOptions{})
	if requests < after {
		return true
	}
	info, serr := e.S.Stat(e.Context(), e.Loc(key))
	if serr != nil {
		e.Fatal(serr)
	}
	e.MustHave(e.Loc(key), []byte("theirs, later"))
	versioned := theirs.Version != "" && theirs.Version != "null"
	e.Logf("after %d: %+v, %v", after, info.Metadata, err)
	switch {
	case err == nil && info.Metadata["by"] == "them" && info.Metadata["more"] == "of it":
	case e.Target.Quirks.NoConditional && !versioned && storage.KindOf(err) == storage.KindConflict:
		return false // the server looks at nothing: it is noticed
	default:
		e.Errorf("after %d: %+v, %v", after, info.Metadata, err)
	}
	if tags, err := e.S.Tags(e.Context(), e.Loc(key)); err != nil || tags["by"] != "them" {
		e.Errorf("after %d: tags %v, %v", after, tags, err)
	}
	if versioned {
		old := e.Loc(key)
		old.Version = theirs.Version
		e.MustHave(old, []byte("theirs, later"))
		if info, err := e.S.Stat(e.Context(), old); err != nil || len(info.Metadata) != 2 {
			e.Errorf("after %d: their version is %+v, %v", after, info.Metadata, err)
		}
	}
	return false
}

// rich is an object with all that belongs to it.
type rich struct {
	key  string
	data []byte
	info storage.Info
	tags map[string]string
	acl  storage.ACL
}

// look reads all of an object.
func (e *Env) look(key string, data []byte) rich {
	e.Helper()
	o := rich{key: key, data: data}
	var err error
	if o.info, err = e.S.Stat(e.Context(), e.Loc(key)); err != nil {
		e.Fatal(err)
	}
	if o.tags, err = e.S.Tags(e.Context(), e.Loc(key)); err != nil {
		e.Fatal(err)
	}
	if !e.Target.Quirks.NoACL {
		if o.acl, err = e.S.ACL(e.Context(), e.Loc(key)); err != nil {
			e.Fatal(err)
		}
	}
	e.MustHave(e.Loc(key), data)
	return o
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// makeRich makes an object of which everything is drawn.
func (e *Env) makeRich(r *rand.Rand, key string, data []byte) rich {
	e.Helper()
	o := e.drawWrite(r)
	e.MustPut(key, data, o)
	if !e.Target.Quirks.NoACL && r.IntN(2) == 0 {
		a, err := e.S.ACL(e.Context(), e.Loc(key))
		if err != nil {
			e.Fatal(err)
		}
		a.Grants = append(a.Grants, storage.Grant{Grantee: storage.Grantee{URI: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}, Permission: pick(r, "READ", "READ_ACP", "WRITE_ACP")},
			storage.Grant{Grantee: storage.Grantee{URI: "http://acs.amazonaws.com/groups/global/AllUsers"}, Permission: "READ"})
		if err := e.S.SetACL(e.Context(), e.Loc(key), a); err != nil {
			e.Fatal(err)
		}
	}
	return e.look(key, data)
}

// drawWrite is what a new object is given.
func (e *Env) drawWrite(r *rand.Rand) storage.WriteOptions {
	q := e.Target.Quirks
	o := storage.WriteOptions{Headers: storage.Headers{ContentType: pick(r, "text/plain", "image/png", "application/x-tar; v=1"),
		ContentDisposition: pick(r, "", "attachment", `attachment; filename="a b.txt"`), ContentLanguage: pick(r, "", "de", "en-GB, fr"),
		CacheControl: pick(r, "", "no-cache", "public,max-age=2052000"), ContentEncoding: pick(r, "", "gzip"),
		Expires: pick(r, "", "Fri, 21 Dec 2029 00:00:00 GMT")}, Metadata: map[string]string{}, Tags: map[string]string{}}
	if !q.NoRedirect {
		o.Headers.WebsiteRedirect = pick(r, "", "/elsewhere", "https://example.com/a?b=c")
	}
	for i := range r.IntN(4) {
		o.Metadata[pick(r, "mtime", "a-b", "owner", "x_y")+fmt.Sprint(i)] = pick(r, "1700000000.5", "two words", "c=d;e", "")
	}
	for i := range r.IntN(4) {
		o.Tags[pick(r, "a b", "k", "é")+fmt.Sprint(i)] = pick(r, "", "v", "c+d=é")
	}
	if !q.NoClasses {
		o.Class = pick(r, "", "STANDARD_IA")
	}
	if q.KMSKey != "" {
		o.Encryption = pick(r, storage.Encryption{}, storage.Encryption{Type: "aws:kms", KeyID: q.KMSKey})
	}
	if q.has(storage.ChecksumSHA256) {
		o.Checksum = pick(r, storage.ChecksumSHA256, storage.ChecksumCRC32C, storage.ChecksumCRC64NVME)
	}
	return o
}

// drawEdit is a change of one to three things.
func (e *Env) drawEdit(r *rand.Rand) storage.Edit {
	var d storage.Edit
	q := e.Target.Quirks
	for range 1 + r.IntN(3) {
		switch r.IntN(7) {
		case 0:
			d.Headers = map[string]string{pick(r, "Content-Type", "cache-control", "Content-Disposition"): pick(r, "text/html", "x")}
		case 1:
			d.Headers = map[string]string{"Cache-Control": "", "Expires": ""}
		case 2:
			d.Metadata = map[string]string{pick(r, "mtime0", "New", "owner1"): pick(r, "set", "set to this")}
		case 3:
			d.RemoveMetadata = []string{"a-b0", "owner0", "mtime1"}
		case 4:
			d.Tags = map[string]string{pick(r, "k0", "new"): "tagged"}
		case 5:
			d.RemoveTags = []string{"a b0", "k1", "é0"}
		case 6:
			if !q.NoClasses {
				d.Class = pick(r, "STANDARD", "STANDARD_IA")
			}
		}
	}
	if d.IsZero() {
		d.Metadata = map[string]string{"one": "1"}
	}
	return d
}

// sameBut fails unless the object is what it was with the edit, and nothing else.
func (e *Env) sameBut(before rich, d storage.Edit, ignored []string) {
	e.Helper()
	now := e.look(before.key, before.data)
	want := expected(before, d)
	for _, name := range storage.HeaderNames() {
		have, wish := *now.info.Headers.Field(name), *want.info.Headers.Field(name)
		if slices.Contains(ignored, name) {
			if !e.Target.Quirks.KeepsHeaders {
				e.Errorf("%s: %s was ignored", before.key, name)
			}
			continue
		}
		if have != wish && !(name == "Content-Type" && wish == "") {
			e.Errorf("%s: %s is %q, not %q (edit %+v)", before.key, name, have, wish, d)
		}
	}
	if !maps.Equal(now.info.Metadata, want.info.Metadata) && len(now.info.Metadata)+len(want.info.Metadata) > 0 {
		e.Errorf("%s: metadata %v, not %v (edit %+v)", before.key, now.info.Metadata, want.info.Metadata, d)
	}
	if !maps.Equal(now.tags, want.tags) && len(now.tags)+len(want.tags) > 0 {
		e.Errorf("%s: tags %v, not %v (edit %+v)", before.key, now.tags, want.tags, d)
	}
	if now.info.Class != want.info.Class || now.info.Encryption != want.info.Encryption || now.info.Lock != want.info.Lock {
		e.Errorf("%s: %+v, not %+v", before.key, now.info, want.info)
	}
	for a, v := range before.info.Checksums.Values {
		if now.info.Checksums.Values[a] != v {
			e.Errorf("%s: the %s is %q, not %q", before.key, a, now.info.Checksums.Values[a], v)
		}
	}
	if fmt.Sprint(grantsOf(now.acl)) != fmt.Sprint(grantsOf(before.acl)) {
		e.Errorf("%s: access list %v, not %v", before.key, now.acl, before.acl)
	}
}

func grantsOf(a storage.ACL) []string {
	var out []string
	for _, g := range a.Grants {
		out = append(out, g.Permission+" "+g.Grantee.ID+g.Grantee.URI)
	}
	slices.Sort(out)
	return out
}

// expected is an object with an edit.
func expected(o rich, d storage.Edit) rich {
	o.info.Metadata, o.tags = maps.Clone(o.info.Metadata), maps.Clone(o.tags)
	if o.info.Metadata == nil {
		o.info.Metadata = map[string]string{}
	}
	if o.tags == nil {
		o.tags = map[string]string{}
	}
	for name, v := range d.Headers {
		*o.info.Headers.Field(name) = v
	}
	for _, n := range d.RemoveMetadata {
		delete(o.info.Metadata, n)
	}
	for n, v := range d.Metadata {
		o.info.Metadata[strings.ToLower(n)] = v
	}
	for _, n := range d.RemoveTags {
		delete(o.tags, n)
	}
	maps.Copy(o.tags, d.Tags)
	if d.Class != "" {
		o.info.Class = strings.TrimPrefix(d.Class, "STANDARD")
		if o.info.Class != "" {
			o.info.Class = d.Class
		}
	}
	return o
}
