package storage_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pintail/storage"
	"pintail/storage/storagetest"
)

// fastAmazon answers like Amazon for buckets with transfer acceleration; answer is what the setting's document says, refuse what the
// edge answers instead of serving.
type fastAmazon struct {
	status, refuse string
	denied         bool
}

func (f *fastAmazon) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("X-Amz-Request-Id", "R")
	switch {
	case q.URL.Query().Has("accelerate") && f.denied:
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code></Error>")
	case q.URL.Query().Has("accelerate"):
		_, _ = io.WriteString(w, "<AccelerateConfiguration>"+f.status+"</AccelerateConfiguration>")
	case strings.Contains(q.Host, "s3-accelerate") && f.refuse != "":
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, "<Error><Code>InvalidRequest</Code><Message>"+f.refuse+"</Message></Error>")
	default:
		w.Header().Set("ETag", `"9dd4e461268c8034f5c8564e155c67a6"`)
		w.Header().Set("Content-Length", "0")
	}
}

// hostsOf sends an upload, a HEAD and a download, and gives the hosts that they went to, after what was asked of the setting.
func hostsOf(t *testing.T, s *storage.Session, r *recorder, bucket string) (asked int, hosts []string) {
	t.Helper()
	ctx, loc := t.Context(), storage.Location{Bucket: bucket, Key: "k"}
	_, err := s.Put(ctx, loc, storagetest.Body([]byte("x")), storage.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(ctx, loc); err != nil {
		t.Fatal(err)
	}
	body, err := s.Read(ctx, loc, storage.ReadOptions{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	for _, g := range r.take() {
		if strings.Contains(g.uri, "?accelerate") {
			asked++
			if strings.Contains(g.host, "s3-accelerate") {
				t.Errorf("the setting was asked of %s", g.host)
			}
			continue
		}
		hosts = append(hosts, g.host)
	}
	return asked, hosts
}

func TestAccelerate_IsUsedWhereTheBucketHasIt(t *testing.T) {
	const on = "<Status>Enabled</Status>"
	yes, no := func() bool { return true }, func() bool { return false }
	regional, path := "%s.s3.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"
	tests := []struct {
		name, endpoint, bucket, edge, other string // edge: where the bytes go
		amazon                              fastAmazon
		change                              func(*storage.Config)
		asked                               int
	}{
		{"enabled", "http://s3.eu-west-1.amazonaws.com", "fast", "%s.s3-accelerate.amazonaws.com", regional, fastAmazon{status: on}, nil, 1},
		{"through the SDK", "http://s3.eu-west-1.amazonaws.com", "fast", "%s.s3-accelerate.amazonaws.com", regional, fastAmazon{status: on}, func(c *storage.Config) { c.NoLean = true }, 1},
		{"dual stack", "http://s3.dualstack.eu-west-1.amazonaws.com", "fast", "%s.s3-accelerate.dualstack.amazonaws.com", "%s.s3.dualstack.eu-west-1.amazonaws.com", fastAmazon{status: on}, nil, 1},
		{"suspended", "http://s3.eu-west-1.amazonaws.com", "slow", regional, regional, fastAmazon{status: "<Status>Suspended</Status>"}, nil, 1},
		{"never on", "http://s3.eu-west-1.amazonaws.com", "slow", regional, regional, fastAmazon{}, nil, 1},
		{"may not look", "http://s3.eu-west-1.amazonaws.com", "slow", regional, regional, fastAmazon{denied: true}, nil, 1},
		{"a dot in the name", "http://s3.eu-west-1.amazonaws.com", "with.dot", path, path, fastAmazon{status: on}, nil, 0},
		{"switched off", "http://s3.eu-west-1.amazonaws.com", "fast", regional, regional, fastAmazon{status: on}, func(c *storage.Config) { c.Accelerate = no }, 0},
		{"path style", "http://s3.eu-west-1.amazonaws.com", "fast", path, path, fastAmazon{status: on}, func(c *storage.Config) { c.Addressing = storage.AddressingPath }, 0},
		{"FIPS", "http://s3-fips.us-east-1.amazonaws.com", "fast", "%s.s3-fips.us-east-1.amazonaws.com", "%s.s3-fips.us-east-1.amazonaws.com", fastAmazon{status: on}, nil, 0},
		{"China", "http://s3.cn-north-1.amazonaws.com.cn", "fast", "%s.s3.cn-north-1.amazonaws.com.cn", "%s.s3.cn-north-1.amazonaws.com.cn", fastAmazon{status: on}, nil, 0},
		{"another server", "http://s3.example.com", "fast", "s3.example.com", "s3.example.com", fastAmazon{status: on}, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := record(t, tt.amazon.ServeHTTP)
			s := connect(t, tt.endpoint, func(c *storage.Config) {
				proxied(r)(c)
				c.Accelerate = yes
				if tt.change != nil {
					tt.change(c)
				}
			})
			edge, other := strings.ReplaceAll(tt.edge, "%s", tt.bucket), strings.ReplaceAll(tt.other, "%s", tt.bucket)
			for round := range 2 { // the answer is remembered
				asked, hosts := hostsOf(t, s, r, tt.bucket)
				if want := tt.asked * (1 - round); asked != want {
					t.Errorf("round %d: the setting was asked %d times, not %d", round, asked, want)
				}
				if want := []string{edge, other, edge}; !slices.Equal(hosts, want) {
					t.Errorf("round %d:\n got %q\nwant %q", round, hosts, want)
				}
			}
		})
	}
}

func TestAccelerate_FollowsTheSwitchAndTheBucket(t *testing.T) {
	const edge, region = "fast.s3-accelerate.amazonaws.com", "fast.s3.eu-west-1.amazonaws.com"
	var use atomic.Bool
	amazon := &fastAmazon{status: "<Status>Enabled</Status>"}
	r := record(t, amazon.ServeHTTP)
	s := connect(t, "http://s3.eu-west-1.amazonaws.com", func(c *storage.Config) { proxied(r)(c); c.Accelerate = use.Load })
	for _, on := range []bool{false, true, false, true} {
		use.Store(on)
		want := region
		if on {
			want = edge
		}
		if _, hosts := hostsOf(t, s, r, "fast"); !slices.Equal(hosts, []string{want, region, want}) {
			t.Errorf("switch %v: %q", on, hosts)
		}
	}
	amazon.refuse = "S3 Transfer Acceleration is disabled on this bucket"
	if asked, hosts := hostsOf(t, s, r, "fast"); asked != 0 || !slices.Equal(hosts, []string{edge, region, region, region}) {
		t.Errorf("switched off at the bucket: %q", hosts)
	}
	amazon.refuse = ""
	if err := s.SetAcceleration(t.Context(), storage.Location{Bucket: "fast"}, true); err != nil {
		t.Fatal(err)
	}
	r.take()
	if asked, hosts := hostsOf(t, s, r, "fast"); asked != 0 || !slices.Equal(hosts, []string{edge, region, edge}) {
		t.Errorf("switched on from here: %q", hosts)
	}
}

func TestAccelerate_AsksOnceForManyAtOnce(t *testing.T) {
	r := record(t, (&fastAmazon{status: "<Status>Enabled</Status>"}).ServeHTTP)
	s := connect(t, "http://s3.eu-west-1.amazonaws.com", func(c *storage.Config) { proxied(r)(c); c.Accelerate = func() bool { return true } })
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := s.Put(t.Context(), storage.Location{Bucket: "fast", Key: "k"}, storagetest.Body(nil), storage.WriteOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	asked := 0
	for _, g := range r.take() {
		if strings.Contains(g.uri, "?accelerate") {
			asked++
		} else if !strings.Contains(g.host, "s3-accelerate") {
			t.Errorf("%s went to %s", g.method, g.host)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// An edge that cannot be reached must not keep anybody from their objects.
func TestAccelerate_GoesToTheRegionWhereTheEdgeIsOutOfReach(t *testing.T) {
	amazon := &fastAmazon{status: "<Status>Enabled</Status>"}
	r := record(t, amazon.ServeHTTP)
	closed := record(t, amazon.ServeHTTP)
	closed.Close()
	var tries atomic.Int32
	s := connect(t, "http://s3.eu-west-1.amazonaws.com", func(c *storage.Config) {
		proxied(r)(c)
		toRegion := c.Proxy
		c.Accelerate = func() bool { return true }
		c.Proxy = func(q *http.Request) (*url.URL, error) {
			if strings.Contains(q.URL.Host, "s3-accelerate") {
				tries.Add(1)
				return url.Parse(closed.URL)
			}
			return toRegion(q)
		}
	})
	const region = "fast.s3.eu-west-1.amazonaws.com"
	for range 2 {
		if _, hosts := hostsOf(t, s, r, "fast"); !slices.Equal(hosts, []string{region, region, region}) {
			t.Errorf("%q", hosts)
		}
	}
	if tries.Load() != 1 {
		t.Errorf("the edge was tried %d times", tries.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, storage.Location{Bucket: "other", Key: "k"}, storagetest.Body(nil), storage.WriteOptions{}); storage.KindOf(err) != storage.KindCancelled {
		t.Error(err)
	}
}
