package demo_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"pintail/internal/contract"
	"pintail/internal/demo"
)

const testBucket = "test-bucket"

// fixture is a server with one bucket, and a client for it.
type fixture struct {
	*demo.Server
	t      *testing.T
	client *contract.Client
}

func start(t *testing.T, o demo.Options) *fixture {
	t.Helper()
	s, err := demo.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Server: s, t: t, client: contract.NewClient(s.URL(), s.AccessKey(), s.SecretKey(), s.Region())}
	t.Cleanup(func() {
		f.client.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.AddBucket(testBucket, time.Now(), false); err != nil {
		t.Fatal(err)
	}
	return f
}

// do sends a request in the test bucket and checks the status.
func (f *fixture) do(status int, r contract.Request) *contract.Reply {
	f.t.Helper()
	if r.Bucket == "" {
		r.Bucket = testBucket
	}
	reply, err := f.client.Do(f.t.Context(), r)
	if err != nil {
		f.t.Fatal(err)
	}
	if reply.Status != status {
		f.t.Fatalf("%s %s: answered %d, want %d: %s", r.Method, r.Key, reply.Status, status, reply.Body)
	}
	return reply
}

func TestStart_RefusesAddressBeyondLoopback(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "192.0.2.1:0", "[::]:0", "nonsense"} {
		s, err := demo.Start(t.Context(), demo.Options{Addr: addr})
		if err == nil {
			t.Errorf("%s: started", addr)
			_ = s.Close()
		}
	}
}

func TestServer_NewKeysEachTime(t *testing.T) {
	a, b := start(t, demo.Options{}), start(t, demo.Options{})
	if a.AccessKey() == b.AccessKey() || a.SecretKey() == b.SecretKey() || len(a.AccessKey()) != 20 || len(a.SecretKey()) != 40 {
		t.Errorf("keys %q %q, secrets of %d and %d characters", a.AccessKey(), b.AccessKey(), len(a.SecretKey()), len(b.SecretKey()))
	}
}

func TestServer_ChecksHostHeader(t *testing.T) {
	f := start(t, demo.Options{})
	_, port, _ := strings.Cut(strings.TrimPrefix(f.URL(), "http://"), ":")
	for host, want := range map[string]int{
		"127.0.0.1:" + port: 403, "localhost:" + port: 403, "[::1]:" + port: 403, "some-bucket.s3.localhost:" + port: 404, // refused by S3
		"evil.example:" + port: 0, "127.0.0.1": 0, "localhost:1": 0, "s3.localhost.evil.example:" + port: 0, "192.0.2.1:" + port: 0,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		r, err := f.client.Send(req)
		if err != nil {
			t.Fatal(err)
		}
		isS3 := strings.Contains(r.Body, "<Error>")
		if isS3 != (want != 0) || (want != 0 && r.Status != want) {
			t.Errorf("host %s: answered %d %s", host, r.Status, r.Body)
		}
	}
}

func TestServer_VirtualHostAddressing(t *testing.T) {
	f := start(t, demo.Options{})
	f.do(200, contract.Request{Method: "PUT", Key: "a/b", Body: "x", Header: map[string]string{"X-Amz-Acl": "public-read"}})
	_, port, _ := strings.Cut(strings.TrimPrefix(f.URL(), "http://"), ":")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL()+"/a/b", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = testBucket + ".s3.localhost:" + port
	if r, err := f.client.Send(req); err != nil || r.Body != "x" {
		t.Errorf("%v %v", r, err)
	}
}

func TestServer_LargeBodyGoesToDiskAndIsRemoved(t *testing.T) {
	dir := t.TempDir()
	f := start(t, demo.Options{Dir: dir})
	files := func() int {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	f.do(200, contract.Request{Method: "PUT", Key: "small", Body: strings.Repeat("x", 1<<20)})
	if n := files(); n != 0 {
		t.Fatalf("%d files for a small body", n)
	}
	large := strings.Repeat("0123456789", 300000)
	f.do(200, contract.Request{Method: "PUT", Key: "large", Body: large})
	f.do(200, contract.Request{Method: "PUT", Key: "copy", Header: map[string]string{"X-Amz-Copy-Source": testBucket + "/large"}})
	f.do(204, contract.Request{Method: "DELETE", Key: "large"})
	if n := files(); n != 1 {
		t.Fatalf("%d files, want 1, shared with the copy", n)
	}
	if got := f.do(200, contract.Request{Method: "GET", Key: "copy"}).Body; got != large {
		t.Error("the copy has other bytes")
	}
	f.do(200, contract.Request{Method: "PUT", Key: "copy", Body: "small now"})
	f.do(400, contract.Request{Method: "PUT", Key: "bad", Body: large, ContentSHA256: strings.Repeat("0", 64)})
	if n := files(); n != 0 {
		t.Errorf("%d files left", n)
	}
}

func TestClose_RemovesItsFolderAndEndsWithContext(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	s, err := demo.Start(ctx, demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(s.URL()); err == nil {
		t.Error("answers after Close")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestServer_RestoreFollowsClock(t *testing.T) {
	f := start(t, demo.Options{})
	if err := f.Add(demo.Object{Bucket: testBucket, Key: "a", Body: []byte("cold"), Class: "GLACIER"}); err != nil {
		t.Fatal(err)
	}
	restore := contract.Request{Method: "POST", Key: "a", Query: "restore",
		Body: "<RestoreRequest><Days>1</Days><GlacierJobParameters><Tier>Standard</Tier></GlacierJobParameters></RestoreRequest>"}
	get, head := contract.Request{Method: "GET", Key: "a"}, contract.Request{Method: "HEAD", Key: "a"}
	f.do(403, get)
	f.do(202, restore)
	f.AdvanceClock(5*time.Hour - time.Minute)
	f.do(403, get)
	f.do(409, restore)
	f.AdvanceClock(2 * time.Minute)
	if got := f.do(200, get).Body; got != "cold" {
		t.Errorf("body %q", got)
	}
	if h := f.do(200, head).Header.Get("X-Amz-Restore"); !strings.HasPrefix(h, `ongoing-request="false", expiry-date="`) {
		t.Errorf("x-amz-restore %q", h)
	}
	f.do(200, restore)
	f.AdvanceClock(72 * time.Hour)
	f.do(403, get)
	if h := f.do(200, head).Header.Get("X-Amz-Restore"); h != "" {
		t.Errorf("x-amz-restore %q after its end", h)
	}
}

// A retention ends by the movable clock; one by default counts from the version's own time.
func TestServer_LocksFollowClock(t *testing.T) {
	f := start(t, demo.Options{})
	const b = "locked-bucket"
	f.do(200, contract.Request{Method: "PUT", Bucket: b, Header: map[string]string{"X-Amz-Bucket-Object-Lock-Enabled": "true"}})
	f.do(200, contract.Request{Method: "PUT", Bucket: b, Query: "object-lock", Body: "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>" +
		"<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>2</Days></DefaultRetention></Rule></ObjectLockConfiguration>"})
	f.do(400, contract.Request{Method: "PUT", Bucket: b, Key: "a", Body: "x"}) // without a digest
	sum := map[string]string{"X-Amz-Checksum-Crc32": "jNwWgw=="}               // of x
	id := f.do(200, contract.Request{Method: "PUT", Bucket: b, Key: "a", Body: "x", Header: sum}).Header.Get("X-Amz-Version-Id")
	gone := contract.Request{Method: "DELETE", Bucket: b, Key: "a", Query: "versionId=" + id, Header: map[string]string{"X-Amz-Bypass-Governance-Retention": "true"}}
	f.AdvanceClock(48*time.Hour - time.Minute)
	f.do(403, gone)
	f.AdvanceClock(2 * time.Minute)
	f.do(204, gone)
}

func TestServer_RecordsRequests(t *testing.T) {
	f := start(t, demo.Options{})
	f.do(200, contract.Request{Method: "PUT", Key: "a b", Body: "hello"})
	f.do(206, contract.Request{Method: "GET", Key: "a b", Header: map[string]string{"Range": "bytes=1-2"}})
	f.do(404, contract.Request{Method: "PUT", Key: "a b", Query: "partNumber=3&uploadId=none", Body: "part"})
	list := f.Requests()
	if len(list) != 3 {
		t.Fatalf("%d requests, want 3", len(list))
	}
	get := list[1]
	if get.Op != "GetObject" || get.Bucket != testBucket || get.Key != "a b" || get.Range != "bytes=1-2" || get.Status != 206 || get.BytesOut != 2 {
		t.Errorf("%+v", get)
	}
	if list[0].BytesIn != 5 || list[2].Part != 3 || list[2].UploadID != "none" || list[2].Status != 404 {
		t.Errorf("%+v", list)
	}
	if f.CountRequests("UploadPart", "", 3) != 1 || f.CountRequests("", "a b", 0) != 3 {
		t.Error("wrong counts")
	}
	f.ResetRequests()
	if len(f.Requests()) != 0 {
		t.Error("not reset")
	}
}

func TestServer_BucketInAnotherRegion(t *testing.T) {
	f := start(t, demo.Options{})
	body := "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"
	f.do(200, contract.Request{Method: "PUT", Bucket: "far-bucket", Body: body})
	far := contract.Request{Method: "GET", Bucket: "far-bucket"}
	if r := f.do(301, far); r.Header.Get("X-Amz-Bucket-Region") != "eu-west-1" || !strings.Contains(r.Body, "PermanentRedirect") {
		t.Errorf("%v", r)
	}
	f.client.Region = "eu-west-1"
	f.do(200, far)
	f.client.Region = "eu-north-1"
	if r := f.do(400, far); !strings.Contains(r.Body, "<Region>eu-west-1</Region>") {
		t.Errorf("%v", r)
	}
}

func TestServer_AccessListsOff(t *testing.T) {
	f := start(t, demo.Options{})
	const b = "enforced-bucket"
	f.do(200, contract.Request{Method: "PUT", Bucket: b, Header: map[string]string{"X-Amz-Object-Ownership": "BucketOwnerEnforced"}})
	acl := func(name string) map[string]string { return map[string]string{"X-Amz-Acl": name} }
	f.do(200, contract.Request{Method: "PUT", Bucket: b, Key: "a", Body: "x"})
	f.do(200, contract.Request{Method: "PUT", Bucket: b, Key: "a", Body: "x", Header: acl("bucket-owner-full-control")})
	for _, r := range []contract.Request{
		{Method: "PUT", Bucket: b, Key: "a", Body: "x", Header: acl("public-read")},
		{Method: "PUT", Bucket: b, Key: "a", Query: "acl", Header: acl("public-read")},
		{Method: "PUT", Bucket: b, Query: "acl", Header: acl("public-read")},
		{Method: "POST", Bucket: b, Key: "c", Query: "uploads", Header: acl("public-read")},
	} {
		if reply := f.do(400, r); !strings.Contains(reply.Body, "AccessControlListNotSupported") {
			t.Errorf("%s", reply.Body)
		}
	}
	f.do(200, contract.Request{Method: "GET", Bucket: b, Key: "a", Query: "acl"})
}

func TestServer_UnknownFeaturesAreRefused(t *testing.T) {
	f := start(t, demo.Options{})
	f.do(200, contract.Request{Method: "PUT", Key: "a", Body: "the bytes"})
	for _, q := range []string{"torrent", "select&select-type=2", "whatever", "acl&tagging"} {
		f.do(501, contract.Request{Method: "GET", Key: "a", Query: q})
	}
	for _, q := range []string{"metadataTable", "abac", "session"} {
		f.do(501, contract.Request{Method: "GET", Query: q})
		f.do(501, contract.Request{Method: "PUT", Query: q})
	}
	f.do(400, contract.Request{Method: "PUT", Key: "b", Body: "x", Header: map[string]string{"X-Amz-Server-Side-Encryption": "rot13"}})
	f.do(501, contract.Request{Method: "GET", Key: "a", Header: map[string]string{"X-Amz-Server-Side-Encryption": "AES256"}})
	f.do(200, contract.Request{Method: "PUT", Key: "b", Body: "x", Header: map[string]string{"X-Amz-Server-Side-Encryption": "AES256"}})
	f.do(405, contract.Request{Method: "PATCH", Key: "a"})
	f.do(200, contract.Request{Method: "GET", Key: "a", Query: "x-id=GetObject"})
}

func TestAdd_MarkersAndDates(t *testing.T) {
	f := start(t, demo.Options{})
	if err := f.AddBucket("versions-here", time.Now(), true); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)
	err := f.Add(demo.Object{Bucket: "versions-here", Key: "a", Body: []byte("x"), Modified: when, Tags: map[string]string{"k": "v"}, Meta: map[string]string{"M": "ü"}},
		demo.Object{Bucket: "versions-here", Key: "b", Body: []byte("x"), Modified: when}, demo.Object{Bucket: "versions-here", Key: "b", Modified: when, Marker: true})
	if err != nil {
		t.Fatal(err)
	}
	h := f.do(200, contract.Request{Method: "HEAD", Bucket: "versions-here", Key: "a"}).Header
	if h.Get("Last-Modified") != "Tue, 04 Mar 2025 05:06:07 GMT" || h.Get("X-Amz-Tagging-Count") != "1" || h.Get("X-Amz-Meta-M") != "=?UTF-8?b?w7w=?=" {
		t.Errorf("%v", h)
	}
	f.do(404, contract.Request{Method: "GET", Bucket: "versions-here", Key: "b"})
	if f.Add(demo.Object{Bucket: "no-such-bucket", Key: "a"}) == nil || f.AddBucket("versions-here", when, false) == nil {
		t.Error("no error")
	}
}

func TestAdd_EmptyObjectsKeepTheirOwnTags(t *testing.T) {
	f := start(t, demo.Options{})
	if err := f.Add(demo.Object{Bucket: testBucket, Key: "a"}, demo.Object{Bucket: testBucket, Key: "b"}); err != nil {
		t.Fatal(err)
	}
	f.do(200, contract.Request{Method: "PUT", Key: "a", Query: "tagging", Body: "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"})
	f.do(200, contract.Request{Method: "PUT", Key: "a", Query: "acl", Header: map[string]string{"X-Amz-Acl": "public-read"}})
	if h := f.do(200, contract.Request{Method: "HEAD", Key: "b"}).Header.Get("X-Amz-Tagging-Count"); h != "" {
		t.Errorf("b has %s tags", h)
	}
	f.do(403, contract.Request{Method: "GET", Key: "b", Anonymous: true})
	f.do(200, contract.Request{Method: "GET", Key: "a", Anonymous: true})
}

func TestServer_ConcurrentUse(t *testing.T) {
	f := start(t, demo.Options{})
	done := make(chan error, 8)
	for worker := range cap(done) {
		go func() {
			var err error
			for i := range 30 {
				key := string(rune('a' + (worker+i)%5))
				for _, r := range []contract.Request{{Method: "PUT", Key: key, Body: key}, {Method: "GET", Key: key}, {Method: "GET", Query: "list-type=2"}, {Method: "DELETE", Key: key}} {
					r.Bucket = testBucket
					if _, e := f.client.Do(t.Context(), r); e != nil {
						err = e
					}
				}
			}
			done <- err
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if ops := f.CountRequests("PutObject", "", 0); ops != 240 {
		t.Errorf("%d puts recorded, want 240", ops)
	}
}
