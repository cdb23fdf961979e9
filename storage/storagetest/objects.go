package storagetest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"pintail/storage"
)

var bucketCases = []testCase{
	{"bucket made, listed, removed", []string{"connect.endpoint", "bucket.list", "bucket.make", "bucket.remove"}, func(e *Env) {
		name := e.Bucket + "-b"
		if err := e.S.MakeBucket(e.Context(), name, storage.MakeBucketOptions{}); err != nil {
			e.Fatal(err)
		}
		if !hasBucket(e, name) {
			e.Error("the new bucket is not listed")
		}
		if err := e.S.RemoveBucket(e.Context(), name); err != nil {
			e.Fatal(err)
		}
		if hasBucket(e, name) {
			e.Error("the removed bucket is still listed")
		}
		e.wantKind(e.S.RemoveBucket(e.Context(), name), storage.KindNotFound)
	}},
	{"bucket that is ours already", nil, func(e *Env) {
		err := e.S.MakeBucket(e.Context(), e.Bucket, storage.MakeBucketOptions{})
		e.wantKind(err, storage.KindConflict)
		if !strings.Contains(fmt.Sprint(err), "BucketAlreadyOwnedByYou") {
			e.Errorf("not told as ours: %v", err)
		}
	}},
	{"bucket that is not empty", nil, func(e *Env) {
		e.MustPut("x", nil, storage.WriteOptions{})
		e.wantKind(e.S.RemoveBucket(e.Context(), e.Bucket), storage.KindConflict)
	}},
	{"region of a bucket", []string{"connect.region"}, func(e *Env) {
		r, err := e.S.BucketRegion(e.Context(), e.Bucket)
		if err != nil {
			e.Fatal(err)
		}
		if r == "" && !e.Target.Quirks.NoRegion {
			e.Error("no region")
		}
	}},
	{"virtual host addressing", []string{"connect.addressing"}, func(e *Env) {
		// The name need not resolve: the server's own address is given as a proxy for it.
		c := e.Target.Config()
		own := *c.Endpoint
		if e.Target.Proxy != nil {
			own = *e.Target.Proxy
		}
		c.Endpoint = &url.URL{Scheme: own.Scheme, Host: "s3.localhost:" + own.Port()}
		c.Addressing = storage.AddressingVirtualHost
		c.Proxy = func(r *http.Request) (*url.URL, error) {
			if !strings.HasPrefix(r.URL.Host, e.Bucket+".s3.localhost") {
				e.Errorf("a request to %s", r.URL.Host)
			}
			return &own, nil
		}
		s := Open(e.T, c)
		key := "a b/+ü%"
		if _, err := s.Put(e.Context(), e.Loc(key), Body([]byte("virtual")), storage.WriteOptions{}); err != nil {
			e.Fatal(err)
		}
		e.MustHave(e.Loc(key), []byte("virtual"))
		there := *e
		there.S = s
		there.MustHave(e.Loc(key), []byte("virtual"))
	}},
	{"owner of the credentials", nil, func(e *Env) {
		id, err := e.S.Identity(e.Context())
		if err != nil || id == (storage.Identity{}) {
			e.Errorf("%+v, %v", id, err)
		}
	}},
}

func hasBucket(e *Env, name string) bool {
	e.Helper()
	for p, err := range e.S.Buckets(e.Context()) {
		if err != nil {
			e.Fatal(err)
		}
		for _, b := range p.Buckets {
			if b.Name == name {
				return true
			}
		}
	}
	return false
}

var objectCases = []testCase{
	{"put, stat, read, delete", []string{"upload.single", "object.stat", "object.delete"}, func(e *Env) {
		data := Data(1, 100_001)
		w := e.MustPut("dir/file.bin", data, storage.WriteOptions{})
		info, err := e.S.Stat(e.Context(), e.Loc("dir/file.bin"))
		if err != nil || info.Size != int64(len(data)) || info.ETag != w.ETag || info.Modified.IsZero() {
			e.Fatalf("stat: %+v, %v", info, err)
		}
		e.MustHave(e.Loc("dir/file.bin"), data)
		if _, err := e.S.Delete(e.Context(), e.Loc("dir/file.bin")); err != nil {
			e.Fatal(err)
		}
		_, err = e.S.Stat(e.Context(), e.Loc("dir/file.bin"))
		e.wantKind(err, storage.KindNotFound)
		if _, err := e.S.Delete(e.Context(), e.Loc("dir/file.bin")); err != nil {
			e.Errorf("deleting what is gone: %v", err)
		}
	}},
	{"empty object", nil, func(e *Env) {
		e.MustPut("empty", nil, storage.WriteOptions{})
		e.MustHave(e.Loc("empty"), nil)
		_, err := e.S.Read(e.Context(), e.Loc("empty"), storage.ReadOptions{Length: 1})
		e.wantKind(err, storage.KindInvalid)
	}},
	{"progress is the bytes sent", nil, func(e *Env) {
		var n int64
		b := Body(Data(3, 700_000))
		b.Progress = func(d int64) { n += d }
		if _, err := e.S.Put(e.Context(), e.Loc("p"), b, storage.WriteOptions{}); err != nil || n != 700_000 {
			e.Errorf("%d bytes reported, %v", n, err)
		}
	}},
	{"ranges", []string{"object.range"}, func(e *Env) {
		data := Data(2, 300_000)
		w := e.MustPut("r", data, storage.WriteOptions{})
		for _, r := range [][2]int64{{0, 1}, {0, 300_000}, {1, 65_536}, {299_999, 1}, {100, 0}, {299_000, 5000}} {
			rd, err := e.S.Read(e.Context(), e.Loc("r"), storage.ReadOptions{Offset: r[0], Length: r[1], IfMatch: w.ETag})
			if err != nil {
				e.Fatalf("%v: %v", r, err)
			}
			got, err := io.ReadAll(rd)
			_ = rd.Close()
			end := int64(len(data))
			if r[1] > 0 {
				end = min(end, r[0]+r[1])
			}
			if err != nil || !bytes.Equal(got, data[r[0]:end]) || rd.Info.Size != int64(len(data)) || rd.Length != end-r[0] {
				e.Errorf("%v: %d bytes of %d, %v", r, len(got), rd.Info.Size, err)
			}
		}
		_, err := e.S.Read(e.Context(), e.Loc("r"), storage.ReadOptions{Offset: 300_000, Length: 1})
		e.wantKind(err, storage.KindInvalid)
		_, err = e.S.Read(e.Context(), e.Loc("r"), storage.ReadOptions{Length: 1, IfMatch: "0123456789abcdef0123456789abcdef"})
		e.wantKind(err, storage.KindPrecondition)
	}},
	{"headers and metadata", []string{"object.metadata"}, func(e *Env) {
		o := storage.WriteOptions{Headers: storage.Headers{ContentType: "text/x-test", ContentDisposition: `attachment; filename="a b.txt"`,
			ContentLanguage: "de", CacheControl: "max-age=60", ContentEncoding: "zz"}, Metadata: map[string]string{"mtime": "1700000000.5", "colour": "dark green"}}
		e.MustPut("m", []byte("x"), o)
		info, err := e.S.Stat(e.Context(), e.Loc("m"))
		if err != nil || info.Headers != o.Headers || !reflect.DeepEqual(info.Metadata, o.Metadata) {
			e.Errorf("%+v, %v", info, err)
		}
	}},
	{"storage class", []string{"object.class"}, func(e *Env) {
		if e.Target.Quirks.NoClasses {
			e.Skip("the server ignores storage classes")
		}
		e.MustPut("cold", []byte("x"), storage.WriteOptions{Class: "STANDARD_IA"})
		e.MustPut("warm", []byte("x"), storage.WriteOptions{})
		// A copy that names no class has its source's, not the standard one.
		if _, err := e.S.Copy(e.Context(), e.Loc("cold"), e.Loc("cold2"), storage.CopyOptions{}); err != nil {
			e.Fatal(err)
		}
		for key, want := range map[string]string{"cold": "STANDARD_IA", "cold2": "STANDARD_IA", "warm": ""} {
			info, err := e.S.Stat(e.Context(), e.Loc(key))
			list, _, _ := e.Entries(key, storage.ListOptions{})
			if err != nil || info.Class != want || list[0].Class != want {
				e.Errorf("%s: %q, listed %q, %v", key, info.Class, list[0].Class, err)
			}
		}
	}},
	{"folder marker", []string{"list.folders"}, func(e *Env) {
		if err := e.S.MakeFolder(e.Context(), e.Loc("new folder/")); err != nil {
			e.Fatal(err)
		}
		_, prefixes, _ := e.Entries("", storage.ListOptions{Delimiter: "/"})
		if len(prefixes) != 1 || prefixes[0] != "new folder/" {
			e.Errorf("folders %q", prefixes)
		}
		info, err := e.S.Stat(e.Context(), e.Loc("new folder/"))
		if err != nil || info.Size != 0 || info.Headers.ContentType != "application/x-directory" {
			e.Errorf("%+v, %v", info, err)
		}
		e.wantKind(e.S.MakeFolder(e.Context(), e.Loc("none")), storage.KindInvalid)
	}},
	{"copy", []string{"object.copy"}, func(e *Env) {
		data := Data(4, 50_000)
		o := storage.WriteOptions{Headers: storage.Headers{ContentType: "text/x-test"}, Metadata: map[string]string{"k": "v"}}
		src := e.MustPut("src+ %.txt", data, o)
		w, err := e.S.Copy(e.Context(), e.Loc("src+ %.txt"), e.Loc("dst"), storage.CopyOptions{})
		if err != nil || w.Proof < storage.ProofSize {
			e.Fatalf("%+v, %v", w, err)
		}
		e.MustHave(e.Loc("dst"), data)
		info, err := e.S.Stat(e.Context(), e.Loc("dst"))
		if err != nil || info.Headers.ContentType != "text/x-test" || info.Metadata["k"] != "v" {
			e.Errorf("copied with %+v, %v", info, err)
		}
		w, err = e.S.Copy(e.Context(), e.Loc("src+ %.txt"), e.Loc("one"), storage.CopyOptions{SourceIfMatch: src.ETag, Class: "STANDARD"})
		if err != nil || w.Proof < storage.ProofMD5 {
			e.Errorf("one request: %+v, %v", w, err)
		}
		_, err = e.S.Copy(e.Context(), e.Loc("missing"), e.Loc("x"), storage.CopyOptions{})
		e.wantKind(err, storage.KindNotFound)
	}},
	{"copy with new metadata", nil, func(e *Env) {
		e.MustPut("o", []byte("abc"), storage.WriteOptions{Metadata: map[string]string{"old": "1"}})
		r := storage.WriteOptions{Headers: storage.Headers{ContentType: "text/new"}, Metadata: map[string]string{"new": "2"}}
		if _, err := e.S.Copy(e.Context(), e.Loc("o"), e.Loc("o"), storage.CopyOptions{Replace: &r}); err != nil {
			e.Fatal(err)
		}
		info, err := e.S.Stat(e.Context(), e.Loc("o"))
		if err != nil || !reflect.DeepEqual(info.Metadata, r.Metadata) || info.Headers.ContentType != "text/new" {
			e.Errorf("%+v, %v", info, err)
		}
	}},
	{"delete many", []string{"object.bulkdelete"}, func(e *Env) {
		keys := []string{"a", "b/c", "b/d e", "ü+%", "new\nline", "gone"}
		var locs []storage.Location
		for _, k := range keys {
			if k != "gone" {
				e.MustPut(k, []byte(k), storage.WriteOptions{})
			}
			locs = append(locs, e.Loc(k))
		}
		res, err := e.S.DeleteMany(e.Context(), e.Bucket, locs)
		if err != nil || len(res) != len(locs) {
			e.Fatalf("%d results, %v", len(res), err)
		}
		for i, r := range res {
			if r.Err != nil || r.Location != locs[i] {
				e.Errorf("%q: %v", keys[i], r.Err)
			}
		}
		if left, _, _ := e.Entries("", storage.ListOptions{}); len(left) != 0 {
			e.Errorf("left: %+v", left)
		}
	}},
	{"conditional writes", []string{"object.conditional"}, func(e *Env) {
		if e.Target.Quirks.NoConditional {
			e.Skip("the server ignores the conditions")
		}
		w := e.MustPut("c", []byte("1"), storage.WriteOptions{IfNoneMatch: true})
		_, err := e.S.Put(e.Context(), e.Loc("c"), Body([]byte("2")), storage.WriteOptions{IfNoneMatch: true})
		e.wantKind(err, storage.KindPrecondition)
		_, err = e.S.Put(e.Context(), e.Loc("c"), Body([]byte("2")), storage.WriteOptions{IfMatch: "0123456789abcdef0123456789abcdef"})
		e.wantKind(err, storage.KindPrecondition)
		e.MustPut("c", []byte("3"), storage.WriteOptions{IfMatch: w.ETag})
		e.MustHave(e.Loc("c"), []byte("3"))
	}},
	{"pre-signed addresses", []string{"object.presign"}, func(e *Env) {
		key := "pre signed/ü+%&?#.txt"
		e.MustPut(key, []byte("signed"), storage.WriteOptions{})
		p, err := e.S.Presign(e.Context(), e.Loc(key), http.MethodGet, time.Hour)
		if err != nil {
			e.Fatal(err)
		}
		if status, body := fetch(e, http.MethodGet, p.URL, ""); status != 200 || body != "signed" {
			e.Errorf("GET: %d %q", status, body)
		}
		p, err = e.S.Presign(e.Context(), e.Loc(key), http.MethodPut, time.Hour)
		if err != nil {
			e.Fatal(err)
		}
		if status, body := fetch(e, http.MethodPut, p.URL, "changed"); status != 200 {
			e.Errorf("PUT: %d %q", status, body)
		}
		e.MustHave(e.Loc(key), []byte("changed"))
		_, err = e.S.Presign(e.Context(), e.Loc(key), http.MethodGet, e.S.LongestPresign()+time.Second)
		e.wantKind(err, storage.KindInvalid)
	}},
	{"canned ACL never breaks an upload", nil, func(e *Env) {
		e.MustPut("acl", []byte("x"), storage.WriteOptions{ACL: "public-read"})
		e.MustHave(e.Loc("acl"), []byte("x"))
	}},
}

func fetch(t *Env, method, address, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: t.Target.Config().Proxy}}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}
