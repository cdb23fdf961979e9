package storage_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/internal/demo"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// withServices opens a session to an embedded server that is all of Amazon's services.
func withServices(t *testing.T, o demo.Options) (*demo.Server, *storage.Session) {
	t.Helper()
	d, err := demo.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	c := storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}.Config()
	c.CloudFront, c.KMS, c.S3Control, c.STS = c.Endpoint, c.Endpoint, c.Endpoint, c.Endpoint
	return d, storagetest.Open(t, c)
}

// TestAccessPoints_OfOneBucketOnAllPages: those of other buckets are not among them.
func TestAccessPoints_OfOneBucketOnAllPages(t *testing.T) {
	t.Parallel()
	d, s := withServices(t, demo.Options{})
	for _, b := range []string{"mine", "other"} {
		if err := d.AddBucket(b, time.Now(), false); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1003 {
		d.AddAccessPoint(fmt.Sprintf("point-%04d", i), "mine", map[bool]string{true: "vpc-1"}[i == 1])
	}
	d.AddAccessPoint("foreign", "other", "")
	list, err := s.AccessPoints(t.Context(), "mine")
	if err != nil || len(list) != 1003 || d.CountRequests("ListAccessPoints", "", 0) != 2 {
		t.Fatalf("%d points, %v", len(list), err)
	}
	one := list[1]
	if one.Name != "point-0001" || one.VPC != "vpc-1" || one.ARN != "arn:aws:s3:us-east-1:123456789012:accesspoint/point-0001" || !strings.HasSuffix(one.Alias, "-s3alias") || list[0].VPC != "" {
		t.Errorf("%+v", one)
	}
}

// TestAccessPoints_NotOffered: elsewhere than with Amazon nothing is sent; where another address is named for them, and answers
// something else, they are not offered; a refusal names its action.
func TestAccessPoints_NotOffered(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	answer := func(status int, body string) *url.URL {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			w.Header().Set("X-Amz-Request-Id", "r")
			w.Header().Set("X-Amz-Bucket-Region", "us-east-1")
			if r.URL.Query().Has("location") || r.Method == http.MethodHead {
				_, _ = io.WriteString(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`)
				return
			}
			if r.Method == http.MethodPost && status == http.StatusForbidden {
				_, _ = io.WriteString(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
				return
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(srv.Close)
		u, _ := url.Parse(srv.URL)
		return u
	}
	denied := `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`
	for _, c := range []struct {
		status     int
		body       string
		kind       storage.Kind
		permission string
	}{
		{http.StatusForbidden, denied, storage.KindPermission, "s3:ListAccessPoints"},
		{http.StatusMethodNotAllowed, `<Error><Code>MethodNotAllowed</Code></Error>`, storage.KindUnsupported, ""},
		{http.StatusOK, "<html/>", storage.KindUnsupported, ""},
		{http.StatusNotFound, `<Error><Code>NoSuchBucket</Code></Error>`, storage.KindUnsupported, ""},
	} {
		u := answer(c.status, c.body)
		s := connect(t, u.String(), func(cfg *storage.Config) { cfg.S3Control, cfg.STS, cfg.Region = u, u, "us-east-1" })
		_, err := s.AccessPoints(t.Context(), "bucket")
		var e *storage.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Permission != c.permission {
			t.Errorf("%d %s: %v", c.status, c.body, err)
		}
	}
	s := connect(t, answer(http.StatusOK, "").String(), nil)
	before := requests.Load()
	if _, err := s.AccessPoints(t.Context(), "bucket"); storage.KindOf(err) != storage.KindUnsupported || requests.Load() != before {
		t.Errorf("after %d requests: %v", requests.Load()-before, err)
	}
}

// TestAccessPoints_AskedAtAmazonsOwnHost: with a typed host of Amazon's the requests go to hosts of Amazon's and of that region.
func TestAccessPoints_AskedAtAmazonsOwnHost(t *testing.T) {
	t.Parallel()
	var hosts []string // by one goroutine: each request waits for the one before
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hosts = append(hosts, r.Host)
		w.WriteHeader(http.StatusForbidden) // of CONNECT: nothing more is told
	}))
	t.Cleanup(proxy.Close)
	to, _ := url.Parse(proxy.URL)
	at, _ := url.Parse("https://s3.eu-west-1.amazonaws.com")
	s := storagetest.Open(t, storage.Config{Endpoint: at, Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
		Proxy: func(*http.Request) (*url.URL, error) { return to, nil }})
	_ = storage.AccessPointsOf(t.Context(), s, "123456789012", "eu-west-1", "bucket")
	_, _ = s.Identity(t.Context())
	if got := strings.Join(hosts, " "); got != "123456789012.s3-control.eu-west-1.amazonaws.com:443 sts.eu-west-1.amazonaws.com:443" {
		t.Errorf("asked %s", got)
	}
}
