package storage

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"pgregory.net/rapid"
)

// sentRequest is a request as it reaches the transport.
type sentRequest struct {
	line, host, body string
	length           int64
	header           http.Header
}

// capture takes a session's requests away from the network and answers nothing.
func capture(t testing.TB, c Config) (*Session, func() []sentRequest) {
	t.Helper()
	s, err := Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var got []sentRequest
	s.http.rt = roundTripFunc(func(r *http.Request) (*http.Response, error) {
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		h := r.Header.Clone()
		h.Del("Content-Length") // the transport writes the request's own
		host := r.Host
		if host == "" {
			host = r.URL.Host
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, sentRequest{r.Method + " " + r.URL.Scheme + "://" + r.URL.Host + r.URL.RequestURI(), host, string(body), r.ContentLength, h})
		return &http.Response{StatusCode: 403, Header: http.Header{"X-Amz-Request-Id": {"R"}}, Body: io.NopCloser(strings.NewReader(
			"<Error><Code>AccessDenied</Code></Error>")), Request: r}, nil
	})
	return s, func() []sentRequest {
		mu.Lock()
		defer mu.Unlock()
		g := got
		got = nil
		slices.SortFunc(g, func(a, b sentRequest) int { return strings.Compare(a.line, b.line) }) // single deletions go side by side
		return g
	}
}

// awkwardText is what keys and values are drawn from.
var awkwardText = rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9/ +%&=?#._~*'"<>:;,@!$()\[\]\\|^{}-]{1,24}`), rapid.String().Filter(func(s string) bool { return s != "" }),
	rapid.SampledFrom([]string{"a//b", "/a", "a/", "//", "./x", "x/../y", "é/ü", "日本", "a\tb", "x  y", "a%2Fb", "+", "?", "\xff"}))

// headerText is a value that HTTP can carry.
var headerText = rapid.StringMatching(`[a-zA-Z0-9/ +%&=?#._~*'"<>:;,@!$()-]{1,30}`)

func drawWrite(t *rapid.T) WriteOptions {
	maybe := func(name string) string { return rapid.OneOf(rapid.Just(""), headerText).Draw(t, name) }
	o := WriteOptions{Headers: Headers{ContentType: maybe("type"), ContentDisposition: maybe("disposition"), ContentEncoding: maybe("encoding"),
		ContentLanguage: maybe("language"), CacheControl: maybe("cache"), WebsiteRedirect: maybe("redirect")}, Class: rapid.SampledFrom([]string{"", "GLACIER", "STANDARD_IA"}).Draw(t, "class"),
		Encryption: Encryption{Type: rapid.SampledFrom([]string{"", "AES256", "aws:kms"}).Draw(t, "sse"), KeyID: maybe("key id")}, ACL: rapid.SampledFrom([]string{"", "private", "public-read"}).Draw(t, "acl"),
		IfNoneMatch: rapid.Bool().Draw(t, "none"), IfMatch: maybe("match"),
		Checksum: rapid.SampledFrom([]ChecksumAlgorithm{"", ChecksumNone, ChecksumMD5, ChecksumSHA256, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1}).Draw(t, "checksum")}
	if rapid.Bool().Draw(t, "expires") {
		o.Headers.Expires = "Fri, 21 Dec 2012 00:00:00 GMT"
	}
	o.Metadata = map[string]string{}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zA-Z0-9_.-]{1,12}`), 0, 4, strings.ToLower).Draw(t, "metadata") { // of two that differ in case alone the SDK takes any
		o.Metadata[name] = rapid.OneOf(rapid.Just(""), headerText).Draw(t, name)
	}
	o.Encryption.BucketKey = rapid.Bool().Draw(t, "bucket key")
	for _, p := range rapid.SliceOfN(rapid.SampledFrom([]string{"READ", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"}), 0, 3).Draw(t, "grants") {
		o.Grants = append(o.Grants, Grant{Grantee: Grantee{ID: "0a1b"}, Permission: p}, Grant{Grantee: Grantee{URI: "http://acs.amazonaws.com/groups/global/AllUsers"}, Permission: p})
	}
	if rapid.Bool().Draw(t, "lock") {
		o.Lock = Lock{Mode: "GOVERNANCE", Until: time.Date(2027, 1, 2, 3, 4, 5, 678e6, time.UTC), Hold: rapid.Bool().Draw(t, "hold")}
	}
	o.Tags = rapid.MapOfN(awkwardText, awkwardText, 0, 3).Draw(t, "tags")
	return o
}

// The SDK's client is the reference: for each operation the lean path must send the very same request.
func TestLean_SendsWhatTheSDKSends(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, at := range map[string]Config{
		"path style":   {Endpoint: parse(t, "http://127.0.0.1:9000")},
		"with a path":  {Endpoint: parse(t, "https://s3.example.com/some/prefix")},
		"virtual host": {Endpoint: parse(t, "https://s3.example.com:8443"), Addressing: AddressingVirtualHost, Region: "eu-x"},
		"amazon":       {Endpoint: parse(t, "https://s3.eu-west-1.amazonaws.com")},
		"amazon http":  {Endpoint: parse(t, "http://s3.dualstack.us-east-2.amazonaws.com")},
		"amazon path":  {Endpoint: parse(t, "https://s3.cn-north-1.amazonaws.com.cn"), Addressing: AddressingPath},
		"fips":         {Endpoint: parse(t, "https://s3-fips.us-gov-west-1.amazonaws.com")},
		"accelerated":  {Endpoint: parse(t, "https://s3-accelerate.amazonaws.com")},
	} {
		at.Now = func() time.Time { return now }
		yes := true
		at.Known.ConditionalDeletes, at.Known.ConditionalBulkDeletes = &yes, &yes
		for _, token := range []string{"", "session token"} {
			at.Credentials = credentials.NewStaticCredentialsProvider("AKID", "secret", token)
			lean, takeLean := capture(t, at)
			at.NoLean = true
			sdk, takeSDK := capture(t, at)
			at.NoLean = false
			t.Run(name+" "+token, rapid.MakeCheck(func(t *rapid.T) {
				run := drawOperation(t)
				run(lean)
				run(sdk)
				got, want := takeLean(), takeSDK()
				if len(want) == 0 {
					t.Skip("refused before it was sent")
				}
				compareRequests(t, got, want)
				if lean.leanTarget(context.Background(), "bucket", lean.endpoint.region, false) == nil {
					t.Fatal("the lean path was not taken")
				}
			}))
		}
	}
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func drawOperation(t *rapid.T) func(s *Session) {
	ctx := context.Background()
	loc := Location{Bucket: rapid.SampledFrom([]string{"bucket", "my.bucket.x", "Upper_Case"}).Draw(t, "bucket"), Key: awkwardText.Draw(t, "key")}
	version := rapid.OneOf(rapid.Just(""), awkwardText).Draw(t, "version")
	old := Location{Bucket: loc.Bucket, Key: loc.Key, Version: version}
	data := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "data")
	body := Body{R: bytes.NewReader(data), Size: int64(len(data))}
	match := rapid.OneOf(rapid.Just(""), headerText).Draw(t, "if match")
	w := drawWrite(t)
	number := rapid.Int32Range(1, 10_000).Draw(t, "number")
	switch rapid.SampledFrom([]string{"put", "part", "get", "head", "delete", "copy", "list", "bulk", "acl", "tags"}).Draw(t, "operation") {
	case "put":
		return func(s *Session) { _, _ = s.Put(ctx, loc, body, w) }
	case "part":
		u := Upload{ID: version + "x", Algorithm: w.Checksum}
		return func(s *Session) { _, _ = s.UploadPart(ctx, loc, u, number, body) }
	case "get":
		o := ReadOptions{Whole: true, IfMatch: match}
		if rapid.Bool().Draw(t, "range") {
			o = ReadOptions{Offset: int64(number), Length: rapid.Int64Range(0, 99).Draw(t, "length"), IfMatch: match}
		}
		return func(s *Session) { _, _ = s.Read(ctx, old, o) }
	case "head":
		return func(s *Session) { _, _ = s.Stat(ctx, old) }
	case "acl":
		return func(s *Session) { _, _ = s.ACL(ctx, old) }
	case "tags":
		return func(s *Session) { _, _ = s.Tags(ctx, old) }
	case "delete":
		return func(s *Session) { _, _ = s.Delete(ctx, old) }
	case "copy":
		o := CopyOptions{SourceIfMatch: match + "e", Class: "STANDARD", ACL: w.ACL, IfNoneMatch: w.IfNoneMatch}
		if rapid.Bool().Draw(t, "replace") {
			o.Replace = &w
		}
		return func(s *Session) { _, _ = s.Copy(ctx, Location{Bucket: "from", Key: loc.Key, Version: version}, loc, o) }
	case "bulk":
		locs := []Location{old, {Bucket: loc.Bucket, Key: version + "k"}}
		if rapid.Bool().Draw(t, "held") {
			return func(s *Session) { _, _ = s.DeleteUnchanged(ctx, loc.Bucket, locs, []string{match + "e", "f"}) }
		}
		return func(s *Session) { _, _ = s.DeleteMany(ctx, loc.Bucket, locs) }
	}
	o := ListOptions{Delimiter: rapid.SampledFrom([]string{"", "/", "&"}).Draw(t, "delimiter"), StartAfter: version, Owner: w.IfNoneMatch, PageSize: number % 1000, Restore: rapid.Bool().Draw(t, "restore")}
	return func(s *Session) {
		for range s.List(ctx, loc.Bucket, loc.Key, o) {
			return
		}
	}
}

func compareRequests(t *rapid.T, got, want []sentRequest) {
	if len(got) != len(want) {
		t.Fatalf("%d requests, the SDK sent %d: %+v\n%+v", len(got), len(want), got, want)
	}
	for i, g := range got {
		w := want[i]
		if g.line != w.line || g.host != w.host || g.body != w.body || g.length != w.length {
			t.Fatalf("got  %q %s %d %q\nwant %q %s %d %q", g.line, g.host, g.length, g.body, w.line, w.host, w.length, w.body)
		}
		names := slices.Sorted(maps.Keys(g.header))
		if wanted := slices.Sorted(maps.Keys(w.header)); !slices.Equal(names, wanted) {
			t.Fatalf("headers %q\nwant    %q", names, wanted)
		}
		for _, n := range names {
			if !slices.Equal(g.header[n], w.header[n]) {
				t.Fatalf("%s: %q, want %q", n, g.header[n], w.header[n])
			}
		}
	}
}
