package storage

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
)

// The examples that Amazon published with the rules of signature version 2.
const (
	exampleKey    = "AKIAIOSFODNN7EXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

func sessionV2(t *testing.T, c Config) *Session {
	t.Helper()
	c.Signature = SignatureV2
	if c.Credentials == nil {
		c.Credentials = credentials.NewStaticCredentialsProvider(exampleKey, exampleSecret, "")
	}
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestSignV2_PublishedExamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method, url, bucket, date string
		header                          map[string]string
		want                            string
	}{
		{"get", "GET", "https://johnsmith.s3.amazonaws.com/photos/puppy.jpg", "johnsmith", "Tue, 27 Mar 2007 19:36:42 +0000", nil, "bWq2s1WEIj+Ydj0vQ697zp+IXMU="},
		{"put", "PUT", "https://johnsmith.s3.amazonaws.com/photos/puppy.jpg", "johnsmith", "Tue, 27 Mar 2007 21:15:45 +0000",
			map[string]string{"Content-Type": "image/jpeg", "Content-Length": "94328"}, "MyyxeRY7whkBe+bq8fHCL/2kKUg="},
		{"list", "GET", "https://johnsmith.s3.amazonaws.com/?prefix=photos&max-keys=50&marker=puppy", "johnsmith", "Tue, 27 Mar 2007 19:42:41 +0000", nil, "htDYFYduRNen8P9ZfE/s9SuKy0U="},
		{"acl", "GET", "https://johnsmith.s3.amazonaws.com/?acl=", "johnsmith", "Tue, 27 Mar 2007 19:44:46 +0000", nil, "c2WLPFtWHVgbEmeEG93a4cG37dM="},
		{"buckets", "GET", "https://s3.amazonaws.com/", "", "Wed, 28 Mar 2007 01:29:59 +0000", nil, "qGdzdERIC03wnaRNKh6OqZehG9s="},
		{"unicode", "GET", "https://s3.amazonaws.com/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re", "dictionary", "Wed, 28 Mar 2007 01:49:49 +0000", nil, "DNEZGsoieTZ92F3bUfSPQcbGmlM="},
		{"address", "GET", "https://johnsmith.s3.amazonaws.com/photos/puppy.jpg", "johnsmith", "1175139620", nil, "NpgCjnDzrM+WFzoENXmpNDUsSn8="},
	} {
		s := sessionV2(t, Config{})
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		r := &http.Request{Method: c.method, URL: u, Header: http.Header{}}
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		text, err := s.stringToSignV2(r, &call{loc: Location{Bucket: c.bucket}}, c.date)
		if got := hmacV2(exampleSecret, text); err != nil || got != c.want {
			t.Errorf("%s: %s, want %s: %v\n%s", c.name, got, c.want, err, text)
		}
	}
}

// TestSignV2_BothPathsSendTheSame: what the lean path and the SDK's stack send carries the same signature of version 2, and nothing of
// version 4.
func TestSignV2_BothPathsSendTheSame(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"http://s3.example.com:8080", "https://s3.example.com/prefix", "https://s3.amazonaws.com"} {
		for _, style := range []Addressing{AddressingPath, AddressingVirtualHost} {
			var both [2][]sentRequest
			for i := range both {
				u, _ := url.Parse(endpoint)
				s, sent := capture(t, Config{Endpoint: u, Addressing: style, Signature: SignatureV2, NoLean: i == 1, Now: func() time.Time { return time.Unix(1e9, 0) },
					Credentials: credentials.NewStaticCredentialsProvider(exampleKey, exampleSecret, "token")})
				ctx, loc := context.Background(), Location{Bucket: "bucket", Key: "a b/ü+?"}
				_, _ = s.Put(ctx, loc, Body{R: bytes.NewReader([]byte("hello")), Size: 5}, WriteOptions{Metadata: map[string]string{"k": "v  w"}, Checksum: ChecksumMD5})
				_, _ = s.Read(ctx, Location{Bucket: loc.Bucket, Key: loc.Key, Version: "v+1"}, ReadOptions{Length: 10})
				_, _ = s.Delete(ctx, loc)
				for range s.List(ctx, loc.Bucket, "a b/", ListOptions{Delimiter: "/"}) {
					break
				}
				both[i] = sent()
				_ = s.Close()
			}
			same := slices.EqualFunc(both[0], both[1], func(a, b sentRequest) bool {
				return a.line == b.line && a.host == b.host && a.body == b.body && maps.EqualFunc(a.header, b.header, slices.Equal[[]string])
			})
			if !same || len(both[0]) < 4 {
				t.Errorf("%s %v:\n%+v\n%+v", endpoint, style, both[0], both[1])
			}
			for _, r := range both[0] {
				if !strings.HasPrefix(r.header.Get("Authorization"), "AWS "+exampleKey+":") || r.header.Get("X-Amz-Content-Sha256") != "" || r.header.Get("X-Amz-Date") != "" ||
					r.header.Get("Date") == "" || r.header.Get("X-Amz-Security-Token") != "token" {
					t.Errorf("%s: %v", r.line, r.header)
				}
			}
		}
	}
}

// TestSignV2_RefusesWhatItCannot: nothing is sent, and the reason is said.
func TestSignV2_RefusesWhatItCannot(t *testing.T) {
	t.Parallel()
	s, sent := capture(t, Config{Signature: SignatureV2, Credentials: credentials.NewStaticCredentialsProvider(exampleKey, exampleSecret, "token")})
	defer s.Close()
	ctx := t.Context()
	for name, err := range map[string]error{
		"access point":            second(s.Stat(ctx, Location{Bucket: "arn:aws:s3:us-east-1:123456789012:accesspoint/ap", Key: "k"})),
		"multi-region":            second(s.Stat(ctx, Location{Bucket: "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", Key: "k"})),
		"directory bucket":        second(s.Stat(ctx, Location{Bucket: "b--use1-az4--x-s3", Key: "k"})),
		"presign with a token":    second(s.presign(ctx, Location{Bucket: "b", Key: "k"}, PresignOptions{}, time.Hour)),
		"presign of access point": second(s.presign(ctx, Location{Bucket: "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap", Key: "k"}, PresignOptions{}, time.Hour)),
	} {
		if e, ok := err.(*Error); !ok || e.Kind != KindUnsupported || e.Code != CodeSignatureV2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := sent(); len(got) != 0 {
		t.Errorf("sent: %v", got)
	}
	for name, h := range map[string]http.Header{"version 4": {"Authorization": {signAlgorithm + " x"}}, "version 4a": {"Authorization": {"AWS4-ECDSA-P256-SHA256 x"}}} {
		if _, err := s.http.Do((&http.Request{Method: "GET", URL: s.Endpoint(), Header: h}).WithContext(ctx)); err == nil {
			t.Errorf("%s went out", name)
		}
	}
	for name, h := range map[string]http.Header{"trailer": {"X-Amz-Trailer": {"x-amz-checksum-crc32"}}, "chunks": {"Content-Encoding": {"gzip,aws-chunked"}}} {
		r := &http.Request{Method: "PUT", URL: &url.URL{Scheme: "https", Host: s.Host(), Path: "/"}, Header: h}
		if _, err := s.stringToSignV2(r, &call{}, ""); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
