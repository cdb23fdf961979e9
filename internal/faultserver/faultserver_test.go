package faultserver_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pintail/internal/contract"
	"pintail/internal/demo"
	"pintail/internal/faultserver"
)

const (
	testBucket = "fault-bucket"
	testBody   = "0123456789abcdefghijklmnopqrstuvwxyz"
)

// bench is a server with faults, three objects and an open upload with one part.
type bench struct {
	t        *testing.T
	server   *demo.Server
	faults   *faultserver.Faults
	client   *contract.Client
	uploadID string
	etag     string
}

func newBench(t *testing.T, rules ...faultserver.Rule) *bench {
	t.Helper()
	faults := faultserver.New(rules...)
	s, err := demo.Start(t.Context(), demo.Options{Middleware: faults.Middleware})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, server: s, faults: faults, client: contract.NewClient(s.URL(), s.AccessKey(), s.SecretKey(), s.Region())}
	b.client.HTTP.Transport = &http.Transport{DisableKeepAlives: true} // net/http repeats a GET that fails on a reused connection
	t.Cleanup(func() {
		faults.Release()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.AddBucket(testBucket, time.Now(), false); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b", "c"} {
		if err := s.Add(demo.Object{Bucket: testBucket, Key: key, Body: []byte(testBody), Modified: time.Unix(1700000000, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	start := b.must(contract.Request{Method: "POST", Key: "up", Query: "uploads"})
	b.uploadID = element(start.Body, "UploadId")
	b.etag = b.must(contract.Request{Method: "PUT", Key: "up", Query: b.partQuery("1"), Body: testBody}).Header.Get("Etag")
	return b
}

func (b *bench) partQuery(n string) string {
	return "partNumber=" + n + "&uploadId=" + url.QueryEscape(b.uploadID)
}

func (b *bench) do(ctx context.Context, r contract.Request) (*contract.Reply, error) {
	if r.Bucket == "" {
		r.Bucket = testBucket
	}
	return b.client.Do(ctx, r)
}

func (b *bench) must(r contract.Request) *contract.Reply {
	b.t.Helper()
	reply, err := b.do(b.t.Context(), r)
	if err != nil || reply.Status >= 300 {
		b.t.Fatalf("%s %s: %v %v", r.Method, r.Key, reply, err)
	}
	return reply
}

func element(doc, name string) string {
	m := regexp.MustCompile("<" + name + ">([^<]*)<").FindStringSubmatch(doc)
	if m == nil {
		return ""
	}
	return m[1]
}

// request is the request that a row is about.
func (b *bench) request(row faultserver.Row) contract.Request {
	switch row.Rule.Op {
	case "ListObjectsV2":
		if row.Rule.Number < 2 {
			return contract.Request{Method: "GET", Query: "list-type=2&max-keys=1"}
		}
		first := b.must(contract.Request{Method: "GET", Query: "list-type=2&max-keys=1"})
		return contract.Request{Method: "GET", Query: "list-type=2&max-keys=1&continuation-token=" + url.QueryEscape(element(first.Body, "NextContinuationToken"))}
	case "GetObject":
		r := contract.Request{Method: "GET", Key: "a"}
		if row.Ranged {
			r.Header = map[string]string{"Range": "bytes=10-19"}
		}
		return r
	case "HeadObject":
		return contract.Request{Method: "HEAD", Key: "a"}
	case "PutObject":
		return contract.Request{Method: "PUT", Key: "new", Body: testBody}
	case "UploadPart":
		return contract.Request{Method: "PUT", Key: "up", Query: b.partQuery("2"), Body: testBody}
	case "CompleteMultipartUpload":
		return contract.Request{Method: "POST", Key: "up", Query: "uploadId=" + url.QueryEscape(b.uploadID),
			Body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + b.etag + "</ETag></Part></CompleteMultipartUpload>"}
	case "CopyObject":
		return contract.Request{Method: "PUT", Key: "new", Header: map[string]string{"X-Amz-Copy-Source": testBucket + "/a"}}
	case "DeleteObject":
		return contract.Request{Method: "DELETE", Key: "a"}
	case "DeleteObjects":
		return contract.Request{Method: "POST", Query: "delete", Body: "<Delete><Object><Key>a</Key></Object></Delete>",
			Header: map[string]string{"X-Amz-Checksum-Crc32": "v6Ysrw=="}}
	}
	b.t.Fatalf("no request for %s", row.Rule.Op)
	return contract.Request{}
}

// changed says whether the server has done what the row's operation asks for.
func (b *bench) changed(op string) bool {
	exists := func(key string) bool {
		r, err := b.do(b.t.Context(), contract.Request{Method: "HEAD", Key: key})
		return err == nil && r.Status == 200
	}
	switch op {
	case "PutObject", "CopyObject":
		return exists("new")
	case "CompleteMultipartUpload":
		return exists("up")
	case "UploadPart":
		return strings.Contains(b.must(contract.Request{Method: "GET", Key: "up", Query: "uploadId=" + url.QueryEscape(b.uploadID)}).Body, "<PartNumber>2<")
	case "DeleteObject", "DeleteObjects":
		return !exists("a")
	}
	return false
}

// try sends the row's request. A stall is cut by the client once it has begun.
func (b *bench) try(row faultserver.Row) (*contract.Reply, error) {
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	r := b.request(row)
	if row.Rule.Kind != faultserver.Stall {
		return b.do(ctx, r)
	}
	done := make(chan error, 1)
	go func() {
		_, err := b.do(ctx, r)
		done <- err
	}()
	if err := b.faults.WaitStalled(b.t.Context(), 1); err != nil {
		b.t.Fatal(err)
	}
	cancel()
	return nil, <-done
}

func TestRows_RightAnswerSucceeds(t *testing.T) {
	for _, row := range faultserver.Rows() {
		right := row.Right()
		t.Run(right.Name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, right.Rule)
			reply, err := b.try(right)
			if err != nil || reply.Status >= 300 {
				t.Fatalf("right answer: %v %v", reply, err)
			}
			if b.faults.Fired() != 1 {
				t.Errorf("fired %d times, want 1", b.faults.Fired())
			}
		})
	}
}

func TestRows_FaultIsVisibleAndCommitsAsSaid(t *testing.T) {
	for _, row := range faultserver.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			good := newBench(t)
			want := good.must(good.request(row))
			b := newBench(t, row.Rule)
			got, err := b.try(row)
			if b.faults.Fired() != 1 {
				t.Fatalf("fired %d times, want 1", b.faults.Fired())
			}
			if err == nil && same(got, want) {
				t.Errorf("the answer is the right one: %v", got)
			}
			if reads := row.Rule.Op == "ListObjectsV2" || row.Rule.Op == "GetObject" || row.Rule.Op == "HeadObject"; !reads {
				if changed := b.changed(row.Rule.Op); changed != row.Committed {
					t.Errorf("the server has done it: %v, the row says %v", changed, row.Committed)
				}
			}
		})
	}
}

// same compares all that a client can see.
func same(a, b *contract.Reply) bool {
	for _, name := range []string{"Etag", "Content-Range", "Content-Length", "X-Amz-Request-Id"} {
		if (a.Header.Get(name) == "") != (b.Header.Get(name) == "") {
			return false
		}
	}
	return a.Status == b.Status && a.Body == b.Body && a.Header.Get("Etag") == b.Header.Get("Etag") && a.Header.Get("Content-Range") == b.Header.Get("Content-Range")
}

func TestRows_AreWellFormed(t *testing.T) {
	names := map[string]bool{}
	for _, r := range faultserver.Rows() {
		if names[r.Name] || r.Why == "" || r.Conclusion == "" || r.Rule.Op == "" {
			t.Errorf("bad row %+v", r)
		}
		names[r.Name] = true
		if len(faultserver.RowsFor(r.Rule.Op)) == 0 {
			t.Errorf("no rows for %s", r.Rule.Op)
		}
	}
	t.Logf("%d rows", len(names))
}

func TestRule_NthAndTimes(t *testing.T) {
	b := newBench(t, faultserver.Rule{Op: "GetObject", Key: "b", Nth: 2, Times: 2, Kind: faultserver.Status, Status: 503, Code: "SlowDown"})
	var got []int
	for range 5 {
		r, err := b.do(t.Context(), contract.Request{Method: "GET", Key: "b"})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Status)
	}
	want := []int{200, 503, 503, 200, 200}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("answers %v, want %v", got, want)
		}
	}
	b.must(contract.Request{Method: "GET", Key: "a"})
}

func TestSameToken_NeverEnds(t *testing.T) {
	b := newBench(t, faultserver.Rule{Op: "ListObjectsV2", Number: 2, Times: -1, Kind: faultserver.SameToken})
	token := element(b.must(contract.Request{Method: "GET", Query: "list-type=2&max-keys=1"}).Body, "NextContinuationToken")
	for range 3 {
		page := b.must(contract.Request{Method: "GET", Query: "list-type=2&max-keys=1&continuation-token=" + url.QueryEscape(token)})
		if next := element(page.Body, "NextContinuationToken"); next != token {
			t.Fatalf("next token %q, want %q again", next, token)
		}
	}
}

func TestRelease_EndsStall(t *testing.T) {
	b := newBench(t, faultserver.Rule{Op: "GetObject", Kind: faultserver.Stall})
	done := make(chan error, 1)
	go func() {
		_, err := b.do(t.Context(), contract.Request{Method: "GET", Key: "a"})
		done <- err
	}()
	if err := b.faults.WaitStalled(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	b.faults.Release()
	if err := <-done; err == nil {
		t.Error("a stalled request succeeded")
	}
}
