package demo_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"image/png"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"pintail/internal/contract"
	"pintail/internal/demo"
)

// elements returns the texts of all elements of a name.
func elements(doc, name string) []string {
	var out []string
	for _, m := range regexp.MustCompile("<"+name+">([^<]*)</"+name+">").FindAllStringSubmatch(doc, -1) {
		out = append(out, m[1])
	}
	return out
}

// sampleKeys lists everything in the sample buckets.
func sampleKeys(t *testing.T, f *fixture) map[string][]string {
	t.Helper()
	f.do(204, contract.Request{Method: "DELETE"})
	r, err := f.client.Do(t.Context(), contract.Request{Method: "GET"})
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{}
	for _, b := range elements(r.Body, "Name") {
		for _, k := range elements(f.do(200, contract.Request{Method: "GET", Bucket: b, Query: "list-type=2&encoding-type=url"}).Body, "Key") {
			key, err := url.QueryUnescape(k)
			if err != nil {
				t.Fatal(err)
			}
			keys[b] = append(keys[b], key)
		}
	}
	return keys
}

func TestSample_FilesAreWhatTheirNamesSay(t *testing.T) {
	f := start(t, demo.Options{Sample: true})
	keys := sampleKeys(t, f)
	if len(keys) != 4 {
		t.Fatalf("%d buckets, want 4", len(keys))
	}
	n, archived := 0, 0
	for b, list := range keys {
		for _, key := range list {
			n++
			r, err := f.client.Do(t.Context(), contract.Request{Method: "GET", Bucket: b, Key: key})
			if err != nil {
				t.Fatal(err)
			}
			if r.Status == 403 && strings.Contains(r.Body, "InvalidObjectState") {
				archived++
				continue
			}
			if r.Status != 200 {
				t.Fatalf("%s %q: %d", b, key, r.Status)
			}
			if err := valid(key, r.Body); err != nil {
				t.Errorf("%s %q: %v", b, key, err)
			}
			modified, err := time.Parse(time.RFC1123, r.Header.Get("Last-Modified"))
			if age := time.Since(modified); err != nil || age < 0 || age > 2*366*24*time.Hour {
				t.Errorf("%s %q: last modified %s", b, key, r.Header.Get("Last-Modified"))
			}
		}
	}
	if n < 140 || archived != 3 {
		t.Errorf("%d objects, %d of them archived", n, archived)
	}
}

// valid opens a file by the kind that its name promises.
func valid(key, body string) error {
	in := strings.NewReader(body)
	switch path.Ext(key) {
	case ".png":
		_, err := png.Decode(in)
		return err
	case ".pdf":
		if !strings.HasPrefix(body, "%PDF-1.4\n") || !strings.HasSuffix(body, "%%EOF\n") {
			return errors.New("not a PDF")
		}
	case ".gz":
		z, err := gzip.NewReader(in)
		if err == nil {
			_, err = io.Copy(io.Discard, z)
		}
		return err
	case ".tar":
		_, err := tar.NewReader(bytes.NewReader([]byte(body))).Next()
		return err
	}
	return nil
}

func TestSample_HasVersionsMarkersAndAwkwardKeys(t *testing.T) {
	f := start(t, demo.Options{Sample: true})
	r := f.do(200, contract.Request{Method: "GET", Bucket: "company-documents", Query: "versions"})
	if n := strings.Count(r.Body, "<DeleteMarker>"); n != 2 {
		t.Errorf("%d delete markers, want 2", n)
	}
	if n := strings.Count(r.Body, "<Key>contracts/framework-agreement.txt</Key>"); n != 4 {
		t.Errorf("%d versions, want 4", n)
	}
	keys := sampleKeys(t, f)
	for _, want := range []string{"awkward keys/a//b", "awkward keys//leading slash", "awkward keys/a/../b", "awkward keys/line\nbreak", "awkward keys/trailing space "} {
		found := false
		for _, k := range keys["backups-archive"] {
			found = found || k == want
		}
		if !found {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestSample_IsTheSameEachTime(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	a, b := start(t, demo.Options{Sample: true, Now: clock}), start(t, demo.Options{Sample: true, Now: clock})
	for _, bucket := range []string{"studio-media", "backups-archive"} {
		list := contract.Request{Method: "GET", Bucket: bucket, Query: "list-type=2"}
		if a.do(200, list).Body != b.do(200, list).Body {
			t.Errorf("%s differs", bucket)
		}
	}
}
