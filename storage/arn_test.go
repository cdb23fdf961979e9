package storage_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	model "github.com/aws/aws-sdk-go-v2/service/s3"

	"pintail/internal/demo"
	"pintail/storage"
	"pintail/storage/storagetest"
)

const (
	ownPoint  = "arn:aws:s3:eu-west-1:123456789012:accesspoint:mine"
	manyPoint = "arn:aws:s3::123456789012:accesspoint:m1a2b3.mrap"
)

func TestParseARN_BucketsAndAccessPoints(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]storage.Location{
		"arn:aws:s3:::b": {Bucket: "b"}, "arn:aws-cn:s3:::b/a//x:y": {Bucket: "b", Key: "a//x:y"}, "arn:aws:s3:::b/": {Bucket: "b"},
		"arn:aws:s3:eu-west-1:123456789012:accesspoint/mine":                   {Bucket: ownPoint},
		"arn:aws:s3:eu-west-1:123456789012:accesspoint:mine/object/object/a\n": {Bucket: ownPoint, Key: "object/a\n"},
		"arn:aws:s3::123456789012:accesspoint/m1a2b3.mrap/object/k":            {Bucket: manyPoint, Key: "k"},
	} {
		if got, err := storage.ParseARN(in); err != nil || got != want {
			t.Errorf("%q: %+v, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "arn:aws:iam::1:role/x", "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine/key", "arn:aws:s3:eu-west-1:1:accesspoint/mine",
		"arn:aws:s3:x.evil.example:123456789012:accesspoint/mine", "arn:aws:s3:cn-north-1:123456789012:accesspoint/mine", "arn:aws:s3::123456789012:accesspoint/mine",
		"arn:aws:s3:eu-west-1:123456789012:accesspoint/a.evil.example", "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/x",
		"arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/x", "arn:aws:s3:::", "arn:aws:s3:eu-west-1:123456789012:accesspoint/a#b"} {
		var e *storage.Error
		if got, err := storage.ParseARN(bad); !errors.As(err, &e) || e.Kind != storage.KindInvalid || e.Code != storage.CodeARN {
			t.Errorf("%q: %+v, %v", bad, got, err)
		}
	}
	if got := storage.ParsePath("arn:aws:s3:eu-west-1:123456789012:accesspoint/mine/object/a"); got != (storage.Location{Bucket: ownPoint, Key: "object/a"}) {
		t.Errorf("%+v", got)
	}
}

// amazons is a proxy in place of Amazon: it notes what is asked of it, and no request gets further.
type amazons struct {
	mu   sync.Mutex
	seen []*http.Request
}

func (a *amazons) take() []*http.Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := a.seen
	a.seen = nil
	return out
}

func (a *amazons) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.seen = append(a.seen, r)
	a.mu.Unlock()
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header().Set("X-Amz-Request-Id", "r")
	if strings.HasPrefix(r.URL.Path, "/from") { // the source of a copy is looked at first
		for name, value := range map[string]string{"Content-Length": "1", "ETag": `"9dd4e461268c8034f5c8564e155c67a6"`, "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT", "X-Amz-Version-Id": "v"} {
			w.Header().Set(name, value)
		}
		return
	}
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>no</Message><RequestId>r</RequestId></Error>`)
}

func nearAmazon(t *testing.T, change func(*storage.Config)) (*amazons, *storage.Session) {
	t.Helper()
	a := &amazons{}
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	at, _ := url.Parse(srv.URL)
	c := storage.Config{Endpoint: &url.URL{Scheme: "http", Host: "s3.amazonaws.com"}, Region: "us-east-2", Proxy: http.ProxyURL(at),
		Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", "")}
	if change != nil {
		change(&c)
	}
	return a, storagetest.Open(t, c)
}

// TestAccessPoint_HostIsTheOneOfTheModel: each kind of request goes to the host that the SDK's rules give for the ARN, is signed for its
// region, and names the object alone in its path; a source is named by its whole ARN.
func TestAccessPoint_HostIsTheOneOfTheModel(t *testing.T) {
	t.Parallel()
	for bucket, signed := range map[string]string{ownPoint: "/eu-west-1/s3/aws4_request", manyPoint: "AWS4-ECDSA-P256-SHA256"} {
		for _, style := range []storage.Addressing{storage.AddressingAuto, storage.AddressingPath} {
			a, s := nearAmazon(t, func(c *storage.Config) { c.Addressing = style; c.Accelerate = func() bool { return true } })
			region := map[string]string{ownPoint: "eu-west-1", manyPoint: "us-east-2"}[bucket]
			ep, err := model.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), model.EndpointParameters{Bucket: aws.String(bucket), Region: &region}.WithDefaults())
			if err != nil {
				t.Fatal(err)
			}
			at := storage.Location{Bucket: bucket, Key: "a b/ü"}
			source := strings.ReplaceAll(strings.Replace(bucket, "accesspoint:", "accesspoint/", 1), ":", "%3A") + "/object/from%20%C3%BC?versionId=v"
			for name, call := range map[string]func() error{
				"stat": func() error { _, err := s.Stat(t.Context(), at); return err },
				"list": func() error {
					for _, err := range s.List(t.Context(), bucket, "", storage.ListOptions{}) {
						return err
					}
					return nil
				},
				"put": func() error {
					_, err := s.Put(t.Context(), at, storage.Body{R: bytes.NewReader([]byte("x")), Size: 1}, storage.WriteOptions{})
					return err
				},
				"copy": func() error {
					_, err := s.Copy(t.Context(), storage.Location{Bucket: bucket, Key: "from ü", Version: "v"}, at, storage.CopyOptions{})
					return err
				},
				"delete": func() error { _, err := s.Delete(t.Context(), at); return err },
			} {
				err := call()
				seen := a.take()
				if storage.KindOf(err) != storage.KindPermission || len(seen) == 0 {
					t.Errorf("%s of %s: %d requests, %v", name, bucket, len(seen), err)
					continue
				}
				if last := seen[len(seen)-1]; name == "copy" && last.Header.Get("X-Amz-Copy-Source") != source {
					t.Errorf("the source is %s, not %s", last.Header.Get("X-Amz-Copy-Source"), source)
				}
				for _, r := range seen {
					if r.URL.Path == "/from ü" {
						continue
					}
					if r.Host != ep.URI.Host || r.URL.Host != ep.URI.Host || !strings.Contains(r.Header.Get("Authorization"), signed) {
						t.Errorf("%s of %s: host %s, not %s; %s", name, bucket, r.Host, ep.URI.Host, r.Header.Get("Authorization"))
					}
					if p := r.URL.EscapedPath(); name != "list" && p != "/a%20b/%C3%BC" || name == "list" && p != "/" {
						t.Errorf("%s of %s: path %s", name, bucket, p)
					}
				}
			}
			for kind, want := range map[storage.URLKind]string{storage.URLHTTPS: "https://" + ep.URI.Host + "/a%20b/%C3%BC",
				storage.URLARN: strings.Replace(bucket, "accesspoint:", "accesspoint/", 1) + "/object/a b/ü"} {
				if got, err := s.URL(at, kind); err != nil || got != want {
					t.Errorf("%s of %s: %s, %v", kind, bucket, got, err)
				}
			}
			if _, err := s.URL(at, storage.URLWebsite); storage.KindOf(err) != storage.KindInvalid {
				t.Errorf("website: %v", err)
			}
		}
	}
}

// TestAccessPoint_Refused: what cannot reach an access point sends nothing, and says why by its code.
func TestAccessPoint_Refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bucket, code string
		change       func(*storage.Config)
	}{
		"no ARN of S3":     {"arn:aws:iam::1:role", storage.CodeARN, nil},
		"a foreign host":   {"arn:aws:s3:x.evil.example:123456789012:accesspoint:mine", storage.CodeARN, nil},
		"another server":   {ownPoint, storage.CodeARNHost, func(c *storage.Config) { c.Endpoint = &url.URL{Scheme: "http", Host: "s3.example.test"} }},
		"another port":     {ownPoint, storage.CodeARNHost, func(c *storage.Config) { c.Endpoint.Host += ":8080" }},
		"China":            {ownPoint, storage.CodeARNHost, func(c *storage.Config) { c.Region = "cn-north-1" }},
		"version 2":        {ownPoint, storage.CodeSignatureV2, func(c *storage.Config) { c.Signature = storage.SignatureV2 }},
		"version 2, multi": {manyPoint, storage.CodeSignatureV2, func(c *storage.Config) { c.Signature = storage.SignatureV2 }},
	} {
		a, s := nearAmazon(t, c.change)
		at := storage.Location{Bucket: c.bucket, Key: "k"}
		_, stat := s.Stat(t.Context(), at)
		_, region := s.BucketRegion(t.Context(), c.bucket)
		_, sign := s.Presign(t.Context(), at, http.MethodGet, time.Hour)
		for _, err := range []error{stat, region, sign} {
			var e *storage.Error
			if !errors.As(err, &e) || e.Code != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(a.take()); n != 0 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

// TestAccessPoint_AliasIsABucket: what is put by the alias is in the bucket, and the other way.
func TestAccessPoint_AliasIsABucket(t *testing.T) {
	t.Parallel()
	d, s := withServices(t, demo.Options{})
	if err := d.AddBucket("mine", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	d.AddAccessPoint("point", "mine", "")
	points, err := s.AccessPoints(t.Context(), "mine")
	if err != nil || len(points) != 1 {
		t.Fatalf("%v %v", points, err)
	}
	alias := storage.Location{Bucket: points[0].Alias, Key: "k"}
	if _, err := s.Put(t.Context(), alias, storage.Body{R: strings.NewReader("content"), Size: 7}, storage.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if o, err := s.Stat(t.Context(), storage.Location{Bucket: "mine", Key: "k"}); err != nil || o.Size != 7 {
		t.Errorf("%+v %v", o, err)
	}
	found := 0
	for page, err := range s.List(t.Context(), alias.Bucket, "", storage.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		found += len(page.Entries)
	}
	if found != 1 {
		t.Errorf("%d objects by the alias", found)
	}
}
