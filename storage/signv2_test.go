package storage_test

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// TestSuite_RGWSignatureV2: the same cases with every request signed with version 2.
func TestSuite_RGWSignatureV2(t *testing.T) {
	onReal(t, func() {
		s := servers.SharedRGW(t)
		features.Proved(t, "connect.signv2", string(s.Name), s.Version)
		to := target(s, rgwQuirks)
		to.Signature = storage.SignatureV2
		storagetest.Run(t, to)
	})
}

// TestSuite_RGWSignatureV2VirtualHosts: the same with the bucket in the host's name, which version 2 covers as a part of the path.
func TestSuite_RGWSignatureV2VirtualHosts(t *testing.T) {
	onReal(t, func() {
		s := servers.SharedRGW(t)
		features.Proved(t, "connect.signv2", string(s.Name), s.Version)
		to := inHost(t, target(s, rgwQuirks))
		to.Signature = storage.SignatureV2
		storagetest.RunVirtualHosts(t, to)
	})
}

// TestSignV2_Servers: objects, parts, tags, settings and signed addresses on each real server that knows version 2.
func TestSignV2_Servers(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *servers.Server{"rgw": servers.SharedRGW, "minio": servers.SharedMinIO} {
		t.Run(name, func(t *testing.T) {
			onReal(t, func() { signedByV2(t, start(t)) })
		})
	}
}

func signedByV2(t *testing.T, srv *servers.Server) {
	features.Proved(t, "connect.signv2", string(srv.Name), srv.Version)
	at, err := url.Parse(srv.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	s := storagetest.Open(t, storage.Config{Endpoint: at, Region: srv.Region, Signature: storage.SignatureV2, Addressing: storage.AddressingPath,
		Credentials: credentials.NewStaticCredentialsProvider(srv.AccessKey, srv.SecretKey, "")})
	ctx := t.Context()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	k := storage.Location{Bucket: "v2-" + strings.ToLower(rand.Text()[:12]), Key: "a b/ü+c"}
	must("make the bucket", s.MakeBucket(ctx, k.Bucket, storage.MakeBucketOptions{}))
	_, err = s.Put(ctx, k, storage.Body{R: strings.NewReader("one"), Size: 3}, storage.WriteOptions{Tags: map[string]string{"put": "with it"}})
	must("put", err)
	for _, want := range []map[string]string{{"put": "with it"}, {"a": "b"}, {"z k": "x d/+:@=_.-", "a": "", "e": "1"}, {}} {
		if want["put"] == "" {
			must("set tags", s.SetTags(ctx, k, want))
		}
		if got, err := s.Tags(ctx, k); err != nil || !maps.Equal(got, want) {
			t.Errorf("tags %q, not %q: %v", got, want, err)
		}
	}
	two := storage.Location{Bucket: k.Bucket, Key: "two"}
	_, err = s.Copy(ctx, k, two, storage.CopyOptions{})
	must("copy", err)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		p, err := s.Presign(ctx, two, method, 400*24*time.Hour)
		must("sign "+method, err)
		req, err := http.NewRequestWithContext(ctx, method, p.URL, strings.NewReader(map[string]string{http.MethodPut: "x"}[method]))
		must("request "+method, err)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode/100 != 2 {
			t.Errorf("the signed %s is answered %s", method, res.Status)
		}
	}
	var keys []string
	for page, err := range s.List(ctx, k.Bucket, "", storage.ListOptions{}) {
		must("list", err)
		for _, e := range page.Entries {
			keys = append(keys, e.Key)
		}
	}
	if !slices.Equal(keys, []string{k.Key}) {
		t.Errorf("listed %q", keys)
	}
	_, err = s.Delete(ctx, k)
	must("delete", err)
	must("remove the bucket", s.RemoveBucket(ctx, k.Bucket))
}

// inHost addresses the target's buckets by the host's name, which leads nowhere on this machine: the server takes requests for it as a
// proxy does.
func inHost(t *testing.T, to storagetest.Target) storagetest.Target {
	t.Helper()
	server, err := url.Parse(to.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	to.Endpoint, to.Proxy, to.Addressing = "http://s3.localhost:"+server.Port(), server, storage.AddressingVirtualHost
	return to
}
