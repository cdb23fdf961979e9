package demo

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCombine_EqualsChecksumOfTheWhole(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for _, a := range checksumAlgos[:3] {
		for range 50 {
			var whole []byte
			var sums [][]byte
			var sizes []int64
			for range 1 + r.IntN(5) {
				piece := make([]byte, r.IntN(5000))
				for i := range piece {
					piece[i] = byte(r.Uint32())
				}
				h := a.new()
				h.Write(piece)
				whole, sums, sizes = append(whole, piece...), append(sums, h.Sum(nil)), append(sizes, int64(len(piece)))
			}
			h := a.new()
			h.Write(whole)
			if got, want := combine(a, sums, sizes).value, encode64(h.Sum(nil)); got != want {
				t.Fatalf("%s of pieces %v: %s, want %s", a.name, sizes, got, want)
			}
		}
	}
}

// TestListing_EqualsSimpleModel compares paged listings with a list made the plain way, for random keys, prefixes and delimiters.
func TestListing_EqualsSimpleModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	word := func(n int) string {
		out := ""
		for range n {
			out += []string{"a", "b", "/", "//", "é"}[r.IntN(5)]
		}
		return out
	}
	for range 300 {
		b := &bucket{}
		for range r.IntN(30) {
			b.put("k"+word(r.IntN(6)), &version{attributes: &attributes{}})
		}
		l := &listing{prefix: []string{"", "k", "ka", "k/"}[r.IntN(4)], delimiter: []string{"", "/", "b"}[r.IntN(3)], maxKeys: 1 + r.IntN(4)}
		var got []string
		for after, more := "", true; more; {
			p := l.page(b, after)
			for _, e := range p.entries {
				got = append(got, e.key)
			}
			got = append(got, p.prefixes...)
			if len(p.entries)+len(p.prefixes) > l.maxKeys || (p.more && p.last <= after) {
				t.Fatalf("a page of %d, last %q after %q", len(p.entries)+len(p.prefixes), p.last, after)
			}
			after, more = p.last, p.more
		}
		slices.Sort(got)
		if want := modelListing(b, l.prefix, l.delimiter); !slices.Equal(got, want) {
			t.Fatalf("prefix %q delimiter %q: %q, want %q", l.prefix, l.delimiter, got, want)
		}
	}
}

func modelListing(b *bucket, prefix, delimiter string) []string {
	var want []string
	for _, e := range b.entries {
		rest, ok := strings.CutPrefix(e.key, prefix)
		if !ok {
			continue
		}
		if i := strings.Index(rest, delimiter); delimiter != "" && i >= 0 {
			want = append(want, prefix+rest[:i+len(delimiter)])
		} else {
			want = append(want, e.key)
		}
	}
	slices.Sort(want)
	return slices.Compact(want)
}

func FuzzParseAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + strings.Repeat("0", 64))
	f.Add("AWS4-HMAC-SHA256 Credential=A/b/20260101/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=")
	f.Add("AWS4-HMAC-SHA256")
	f.Add("AWS4-HMAC-SHA256 =,=,=")
	f.Fuzz(func(t *testing.T, header string) {
		g, err := parseAuthorization(header)
		if err != nil {
			if _, ok := errors.AsType[*s3Error](err); !ok {
				t.Fatalf("%T", err)
			}
			return
		}
		if g.accessKey == "" || g.region == "" || len(g.value) != 64 || len(g.date) != 8 || !slices.Contains(g.headers, "host") {
			t.Fatalf("taken: %+v", g)
		}
	})
}

func FuzzParseDocument(f *testing.F) {
	f.Add([]byte("<Delete><Object><Key>a</Key></Object></Delete>"))
	f.Add([]byte("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;x&quot;</ETag><ChecksumSHA256>y</ChecksumSHA256></Part></CompleteMultipartUpload>"))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>`))
	f.Add([]byte(strings.Repeat("<Delete>", 20000)))
	f.Add([]byte("<RestoreRequest><Days>-99999999999999999999</Days></RestoreRequest>"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		for root, v := range map[string]any{
			"Delete": new(deleteRequest), "CompleteMultipartUpload": new(completeRequest), "AccessControlPolicy": new(aclDocument),
			"Tagging": new(tagDocument), "RestoreRequest": new(restoreRequest),
		} {
			if err := parseXML(doc, root, v); err != nil {
				if e, ok := errors.AsType[*s3Error](err); !ok || e.code != "MalformedXML" {
					t.Fatalf("%s: %v", root, err)
				}
			}
		}
	})
}

func FuzzParseTarget(f *testing.F) {
	f.Add("GET", "/bucket/a//b?versionId=null", "127.0.0.1:80", "")
	f.Add("PUT", "//a/../b%00%zz?acl&tagging", "x.s3.localhost:80", "src")
	f.Add("GET", "http://h?x", "", "")
	f.Fuzz(func(t *testing.T, method, uri, host, source string) {
		r := &http.Request{Method: method, RequestURI: uri, Host: host, URL: &url.URL{}, Header: http.Header{"X-Amz-Copy-Source": {source}}}
		target := ParseTarget(r)
		if target.Op != "" && handlers()[target.Op] == nil {
			t.Fatalf("operation %q has no handler", target.Op)
		}
		if target.Op != "" && target.Op != "ListBuckets" && target.Bucket == "" {
			t.Fatalf("%s without a bucket", target.Op)
		}
	})
}

func FuzzChunkedBody(f *testing.F) {
	f.Add([]byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"), int64(5))
	f.Add([]byte("5;chunk-signature=00\r\nhello\r\n0\r\n\r\n"), int64(5))
	f.Add([]byte("ffffffffffffffff\r\n"), int64(1)<<62)
	f.Add([]byte("-1\r\n"), int64(0))
	f.Fuzz(func(t *testing.T, body []byte, length int64) {
		if length < 0 {
			return
		}
		for _, sig := range []*chunkSigner{nil, {key: []byte("k"), g: &signature{}}} {
			c := &chunkedReader{r: bufio.NewReader(bytes.NewReader(body)), left: length, p: &payload{trailerName: "x-amz-checksum-crc32"}, sig: sig}
			got, err := io.ReadAll(c)
			if int64(len(got)) > length {
				t.Fatalf("%d bytes, announced %d", len(got), length)
			}
			if err == nil && int64(len(got)) != length {
				t.Fatalf("ended well with %d bytes, announced %d", len(got), length)
			}
		}
	})
}
