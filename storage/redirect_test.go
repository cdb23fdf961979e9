package storage_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"pintail/storage"
	"pintail/storage/storagetest"

	"context"
	"time"
)

// expiring are temporary credentials.
type expiring struct{ at time.Time }

func (e expiring) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret, SessionToken: testToken, CanExpire: true, Expires: e.at}, nil
}

var redirectOps = map[string]func(context.Context, *storage.Session) error{
	"list": func(ctx context.Context, s *storage.Session) error {
		return drain(s.List(ctx, "bucket", "", storage.ListOptions{}))
	},
	"get": func(ctx context.Context, s *storage.Session) error {
		_, err := s.Read(ctx, storage.Location{Bucket: "bucket", Key: "k"}, storage.ReadOptions{Whole: true})
		return err
	},
	"put": func(ctx context.Context, s *storage.Session) error {
		_, err := s.Put(ctx, storage.Location{Bucket: "bucket", Key: "k"}, storagetest.Body([]byte("x")), storage.WriteOptions{})
		return err
	},
	"head": func(ctx context.Context, s *storage.Session) error {
		_, err := s.Stat(ctx, storage.Location{Bucket: "bucket", Key: "k"})
		return err
	},
}

// TestRedirect_NothingLeavesTheHosts runs 5 statuses x 9 targets x 4 operations against a server of ours and against
// Amazon: no request may reach another host than the table in redirect.go allows.
func TestRedirect_NothingLeavesTheHosts(t *testing.T) {
	targets := []string{"http://evil.example/bucket/k", "https://evil.example/bucket/k", "http://s3.example.com:8080/bucket/k", "http://s3.example.com/elsewhere",
		"//evil.example/x", "http://s3.eu-west-1.amazonaws.com.evil.example/bucket/k", "http://user:pw@evil.example/", "javascript:x", "http://bucket.s3.cn-north-1.amazonaws.com.cn/k"}
	cells := 0
	for _, endpoint := range []string{"http://s3.example.com", "http://s3.us-east-1.amazonaws.com"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, target := range targets {
				r := record(t, func(w http.ResponseWriter, q *http.Request) {
					w.Header().Set("Location", target)
					w.WriteHeader(status)
				})
				s := connect(t, endpoint, proxied(r))
				for name, run := range redirectOps {
					cells++
					err := run(t.Context(), s)
					if storage.KindOf(err) != storage.KindRedirect {
						t.Errorf("%s %d %s %s: %v", endpoint, status, target, name, err)
					}
					noSecret(t, "error", err.Error())
					for _, g := range r.take() {
						if !strings.HasSuffix(g.host, "s3.example.com") && !strings.HasSuffix(g.host, "s3.us-east-1.amazonaws.com") {
							t.Errorf("%s %d %s %s: a request went to %s", endpoint, status, target, name, g.host)
						}
					}
				}
				r.CloseClientConnections()
			}
		}
	}
	t.Logf("%d cells", cells)
}

// amazon answers like S3 for a bucket in a region: elsewhere with the given status, there with a listing or an error.
func amazon(region string, status int, how string) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		scope := "/" + region + "/s3/aws4_request"
		if strings.Contains(q.Host, "."+region+".") && strings.Contains(q.Header.Get("Authorization"), scope) {
			if q.URL.Query().Has("list-type") {
				_, _ = io.WriteString(w, "<ListBucketResult/>")
				return
			}
			w.Header().Set("ETag", `"9dd4e461268c8034f5c8564e155c67a6"`)
			return
		}
		body := ""
		switch how {
		case "header":
			w.Header().Set("X-Amz-Bucket-Region", region)
		case "body":
			body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>" + region + "</Region></Error>"
		case "endpoint":
			body = "<Error><Code>PermanentRedirect</Code><Endpoint>bucket.s3." + region + ".amazonaws.com</Endpoint></Error>"
		case "location":
			w.Header().Set("Location", "http://bucket.s3-"+region+".amazonaws.com/k")
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestRedirect_TheBucketsRegionIsFoundAndRemembered(t *testing.T) {
	for _, c := range []struct {
		status int
		how    string
	}{{301, "header"}, {307, "header"}, {400, "body"}, {301, "endpoint"}, {307, "location"}} {
		r := record(t, amazon("eu-west-1", c.status, c.how))
		s := connect(t, "http://s3.us-east-1.amazonaws.com", proxied(r))
		for range 2 {
			if err := redirectOps["list"](t.Context(), s); err != nil {
				t.Errorf("%d %s: %v", c.status, c.how, err)
			}
		}
		if err := redirectOps["put"](t.Context(), s); err != nil {
			t.Errorf("%d %s: put: %v", c.status, c.how, err)
		}
		if got := r.take(); len(got) != 4 || got[1].host != "bucket.s3.eu-west-1.amazonaws.com" {
			t.Errorf("%d %s: %d requests", c.status, c.how, len(got))
		}
		if reg, err := s.BucketRegion(t.Context(), "bucket"); err != nil || reg != "eu-west-1" {
			t.Errorf("region %q, %v", reg, err)
		}
	}
}

// A HEAD has no body, and S3 answers one that is signed for the wrong region with a bare 400.
func TestRedirect_AHeadAsksForTheRegion(t *testing.T) {
	inner := amazon("eu-west-1", 400, "")
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodHead && q.Header.Get("Authorization") == "" {
			w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Length", "1")
		inner(w, q)
	})
	s := connect(t, "http://s3.us-east-1.amazonaws.com", proxied(r))
	if err := redirectOps["head"](t.Context(), s); err != nil {
		t.Error(err)
	}
}

func TestRedirect_RegionsThatAreRefused(t *testing.T) {
	for _, region := range []string{"cn-north-1", "us-gov-west-1", "evil.example/", "x@evil.example", "us-east-1", "EU WEST"} {
		r := record(t, func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set("X-Amz-Request-Id", "R")
			w.Header().Set("X-Amz-Bucket-Region", region)
			w.WriteHeader(http.StatusMovedPermanently)
		})
		s := connect(t, "http://s3.us-east-1.amazonaws.com", proxied(r))
		if err := redirectOps["list"](t.Context(), s); storage.KindOf(err) != storage.KindRedirect {
			t.Errorf("%q: %v", region, err)
		}
		if n := len(r.take()); n != 1 {
			t.Errorf("%q: %d requests", region, n)
		}
	}
}

func TestRedirect_ThatGoesInCirclesEnds(t *testing.T) {
	n := 0
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		n++
		w.Header().Set("X-Amz-Bucket-Region", fmt.Sprintf("eu-west-%d", n))
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	s := connect(t, "http://s3.us-east-1.amazonaws.com", proxied(r))
	err := redirectOps["list"](t.Context(), s)
	if storage.KindOf(err) != storage.KindRedirect || len(r.take()) != 3 {
		t.Errorf("%d requests, %v", n, err)
	}
}

// An own server that insists on another region gets it, at its own address.
func TestRedirect_RegionOfAnOwnServer(t *testing.T) {
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		if strings.Contains(q.Header.Get("Authorization"), "/garage/s3/") {
			_, _ = io.WriteString(w, "<ListBucketResult/>")
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>garage</Region></Error>")
	})
	s := connect(t, r.URL, nil)
	if err := redirectOps["list"](t.Context(), s); err != nil {
		t.Error(err)
	}
}

func TestRedirect_NeverFromHTTPS(t *testing.T) {
	var e *storage.Error
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, "https://"+q.Host+q.RequestURI, http.StatusMovedPermanently)
	})
	s := connect(t, r.URL, nil)
	err := redirectOps["list"](t.Context(), s)
	if !errors.As(err, &e) || e.Kind != storage.KindRedirect || !strings.Contains(e.Message, "https://") {
		t.Errorf("an upgrade is not said: %v", err)
	}
}
