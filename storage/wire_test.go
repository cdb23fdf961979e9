package storage_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"pintail/storage"
	"pintail/storage/storagetest"
)

// seen is one request as it came over the wire.
type seen struct {
	method, uri, host string
	header            http.Header
	body              []byte
}

// recorder is a server that keeps what it was asked and answers with h.
type recorder struct {
	*httptest.Server
	mu  sync.Mutex
	got []seen
}

func record(t *testing.T, h http.HandlerFunc) *recorder {
	t.Helper()
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got = append(r.got, seen{q.Method, q.RequestURI, q.Host, q.Header.Clone(), b})
		r.mu.Unlock()
		h(w, q)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) take() []seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.got
	r.got = nil
	return g
}

func refuse(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Amz-Request-Id", "R")
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
}

// proxied sends every request of a session to the recorder, whatever its host.
func proxied(r *recorder) func(*storage.Config) {
	return func(c *storage.Config) {
		c.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(r.URL) }
	}
}

func TestWire_KeysAreNotChanged(t *testing.T) {
	r := record(t, refuse)
	ways := map[string]*storage.Session{
		"path style":   connect(t, r.URL, nil),
		"with a path":  connect(t, r.URL+"/some/prefix/", nil),
		"virtual host": connect(t, "http://s3.example.com", func(c *storage.Config) { c.Addressing = storage.AddressingVirtualHost; proxied(r)(c) }),
		"amazon":       connect(t, "http://s3.eu-west-1.amazonaws.com", proxied(r)),
	}
	before := map[string]string{"path style": "/bucket/", "with a path": "/some/prefix/bucket/", "virtual host": "http://bucket.s3.example.com/",
		"amazon": "http://bucket.s3.eu-west-1.amazonaws.com/"}
	for way, s := range ways {
		for _, key := range storagetest.AwkwardKeys {
			loc := storage.Location{Bucket: "bucket", Key: key}
			for op, run := range map[string]func() error{
				"GET": func() error { _, err := s.Read(t.Context(), loc, storage.ReadOptions{Whole: true}); return err },
				"PUT": func() error {
					_, err := s.Put(t.Context(), loc, storagetest.Body(nil), storage.WriteOptions{})
					return err
				},
				"HEAD": func() error { _, err := s.Stat(t.Context(), loc); return err },
			} {
				if storage.KindOf(run()) != storage.KindPermission {
					t.Fatalf("%s %s %q", way, op, key)
				}
				got := r.take()
				if len(got) != 1 {
					t.Fatalf("%s %s %q: %d requests", way, op, key, len(got))
				}
				path, _, _ := strings.Cut(got[0].uri, "?")
				raw, ok := strings.CutPrefix(path, before[way])
				decoded, err := url.PathUnescape(raw)
				if !ok || err != nil || decoded != key {
					t.Errorf("%s %s %q went out as %q", way, op, key, got[0].uri)
				}
				if got[0].method != op {
					t.Errorf("%s for %s", got[0].method, op)
				}
			}
		}
	}
}

func TestWire_CopySourceIsTheKey(t *testing.T) {
	r := record(t, refuse)
	s := connect(t, r.URL, nil)
	for _, key := range storagetest.AwkwardKeys {
		src := storage.Location{Bucket: "from", Key: key, Version: "v+1/=&"}
		_, err := s.Copy(t.Context(), src, storage.Location{Bucket: "to", Key: "x"}, storage.CopyOptions{SourceIfMatch: "e", Class: "STANDARD"})
		if storage.KindOf(err) != storage.KindPermission {
			t.Fatal(err)
		}
		got := r.take()[0].header.Get("X-Amz-Copy-Source")
		raw, version, _ := strings.Cut(got, "?versionId=")
		decoded, err := url.PathUnescape(raw)
		v, err2 := url.PathUnescape(version)
		if err != nil || err2 != nil || decoded != "from/"+key || v != "v+1/=&" {
			t.Errorf("%q went out as %q", key, got)
		}
	}
}

func TestWire_UploadsAreSentInOnePieceWithTheirChecksums(t *testing.T) {
	r := record(t, refuse)
	s := connect(t, r.URL, nil)
	data := storagetest.Data(1, 1000)
	loc := storage.Location{Bucket: "b", Key: "k"}
	_, _ = s.Put(t.Context(), loc, storagetest.Body(data), storage.WriteOptions{})
	_, _ = s.UploadPart(t.Context(), loc, storage.Upload{ID: "u"}, 7, storagetest.Body(data))
	_, _ = s.Put(t.Context(), loc, storagetest.Body(nil), storage.WriteOptions{})
	for _, g := range r.take() {
		h := g.header
		if h.Get("Transfer-Encoding") != "" || h.Get("Content-Encoding") != "" || h.Get("X-Amz-Trailer") != "" || h.Get("Expect") != "" {
			t.Errorf("%s: %v", g.uri, h)
		}
		// A part of an upload without a checksum leans on its MD5; a server that nothing is known of gets all proofs at once.
		signed := len(h.Get("X-Amz-Content-Sha256")) == 64
		if h.Get("Content-Md5") == "" || !strings.Contains(h.Get("Authorization"), "content-md5;") || signed == strings.Contains(g.uri, "UploadPart") {
			t.Errorf("%s: no signed Content-MD5, or the payload's hash where it is not needed: %v", g.uri, h)
		}
		if h.Get("Content-Length") != fmt.Sprint(len(g.body)) {
			t.Errorf("%s: Content-Length %q for %d bytes", g.uri, h.Get("Content-Length"), len(g.body))
		}
		if ua := h.Get("User-Agent"); ua != "pintail" {
			t.Errorf("User-Agent %q", ua)
		}
		if ae := h.Get("Accept-Encoding"); ae != "identity" {
			t.Errorf("Accept-Encoding %q", ae)
		}
	}
}

func TestTrace_SaysWhatHappenedAndNoSecret(t *testing.T) {
	r := record(t, refuse)
	var mu sync.Mutex
	var events []storage.Event
	s := connect(t, r.URL, func(c *storage.Config) {
		c.Trace = func(e storage.Event) { mu.Lock(); defer mu.Unlock(); events = append(events, e) }
	})
	data := storagetest.Data(1, 1000)
	_, _ = s.Put(t.Context(), storage.Location{Bucket: "b", Key: "k"}, storagetest.Body(data), storage.WriteOptions{})
	mu.Lock()
	defer mu.Unlock()
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	e := events[0]
	if e.Op != "PutObject" || e.Method != "PUT" || e.Status != 403 || e.Sent != 1000 || e.Got == 0 || e.RequestID != "R" || e.Time.IsZero() {
		t.Errorf("%+v", e)
	}
	noSecret(t, "event", fmt.Sprintf("%+v", e))
}

func TestPresign_EndsWithTheCredentials(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	s := connect(t, "https://s3.example.com", func(c *storage.Config) {
		c.Now = func() time.Time { return now }
		c.Credentials = expiring{now.Add(30 * time.Minute)}
	})
	loc := storage.Location{Bucket: "bucket", Key: "a b+c/é"}
	p, err := s.Presign(t.Context(), loc, http.MethodGet, time.Hour)
	if err != nil || !p.Sooner || !p.Expires.Equal(now.Add(30*time.Minute)) {
		t.Fatalf("%+v, %v", p, err)
	}
	u, err := url.Parse(p.URL)
	if err != nil || u.Query().Get("X-Amz-Date") != "20261120T120000Z" || u.Query().Get("X-Amz-Expires") != "3600" {
		t.Errorf("%s, %v", p.URL, err)
	}
	if !strings.Contains(p.URL, "/bucket/a%20b%2Bc/%C3%A9?") {
		t.Errorf("key in %s", p.URL)
	}
	p, err = s.Presign(t.Context(), loc, http.MethodPut, 10*time.Minute)
	if err != nil || p.Sooner || p.Method != http.MethodPut || !p.Expires.Equal(now.Add(10*time.Minute)) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []struct {
		method string
		span   time.Duration
	}{{"GET", 7*24*time.Hour + time.Second}, {"GET", 0}, {"PATCH", time.Hour}} {
		if _, err := s.Presign(t.Context(), loc, bad.method, bad.span); storage.KindOf(err) != storage.KindInvalid {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestURL_Forms(t *testing.T) {
	aws := connect(t, "https://s3.eu-west-1.amazonaws.com", nil)
	own := connect(t, "http://127.0.0.1:9000", nil)
	loc := storage.Location{Bucket: "bucket", Key: "a b/+é"}
	dots := storage.Location{Bucket: "my.bucket", Key: "k"}
	for _, c := range []struct {
		s    *storage.Session
		loc  storage.Location
		kind storage.URLKind
		want string
	}{
		{aws, loc, storage.URLHTTPS, "https://bucket.s3.eu-west-1.amazonaws.com/a%20b/%2B%C3%A9"},
		{aws, dots, storage.URLHTTPS, "https://s3.eu-west-1.amazonaws.com/my.bucket/k"},
		{aws, loc, storage.URLHTTP, "http://bucket.s3.eu-west-1.amazonaws.com/a%20b/%2B%C3%A9"},
		{own, loc, storage.URLHTTP, "http://127.0.0.1:9000/bucket/a%20b/%2B%C3%A9"},
		{aws, loc, storage.URLWebsite, "http://bucket.s3-website-eu-west-1.amazonaws.com/a%20b/%2B%C3%A9"},
		{connect(t, "https://s3.eu-central-1.amazonaws.com", nil), dots, storage.URLWebsite, "http://my.bucket.s3-website.eu-central-1.amazonaws.com/k"},
		{aws, loc, storage.URLTorrent, "http://bucket.s3.eu-west-1.amazonaws.com/a%20b/%2B%C3%A9?torrent"},
		{aws, loc, storage.URLS3, "s3://bucket/a%20b/%2B%C3%A9"},
		{aws, loc, storage.URLConsole, "https://console.aws.amazon.com/s3/object/bucket?prefix=a%20b%2F%2B%C3%A9&region=eu-west-1"},
		{aws, storage.Location{Bucket: "bucket", Key: "dir/"}, storage.URLConsole, "https://console.aws.amazon.com/s3/buckets/bucket?prefix=dir%2F&region=eu-west-1"},
		{connect(t, "https://s3.cn-north-1.amazonaws.com.cn", nil), dots, storage.URLConsole, "https://console.amazonaws.cn/s3/object/my.bucket?prefix=k&region=cn-north-1"},
		{aws, loc, storage.URLARN, "arn:aws:s3:::bucket/a b/+é"},
	} {
		if got, err := c.s.URL(c.loc, c.kind); err != nil || got != c.want {
			t.Errorf("%s: %s, %v", c.want, got, err)
		}
	}
	for _, kind := range []storage.URLKind{storage.URLWebsite, storage.URLConsole} {
		if got, err := own.URL(loc, kind); storage.KindOf(err) != storage.KindInvalid {
			t.Errorf("%s, %v", got, err)
		}
	}
	if got, err := aws.URL(storage.Location{Bucket: "bucket"}, storage.URLTorrent); storage.KindOf(err) != storage.KindInvalid {
		t.Errorf("%s, %v", got, err)
	}
}

func TestClock_IsSetByTheServer(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	server := now.Add(-3 * time.Hour)
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		w.Header().Set("Date", server.Format(http.TimeFormat))
		if q.Header.Get("X-Amz-Date") != server.Format("20060102T150405Z") {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>RequestTimeTooSkewed</Code></Error>")
			return
		}
		_, _ = io.WriteString(w, "<ListAllMyBucketsResult/>")
	})
	s := connect(t, r.URL, func(c *storage.Config) { c.Now = func() time.Time { return now } })
	if err := drain(s.Buckets(context.Background())); err != nil {
		t.Error(err)
	}
	if s.ClockOffset() != -3*time.Hour || len(r.take()) != 2 {
		t.Errorf("offset %v", s.ClockOffset())
	}
}

// A HEAD that is refused has no document: the answer's date alone shows that it may be the clock. Refused again with the right
// time it is what it says, and a date that is right starts nothing.
func TestClock_OfARefusedHead(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		off      time.Duration
		denied   bool // whatever the time
		requests int
	}{{"skewed", -3 * time.Hour, false, 2}, {"skewed and denied", 20 * time.Minute, true, 2}, {"denied", 30 * time.Second, true, 1}} {
		server := now.Add(c.off)
		r := record(t, func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set("X-Amz-Request-Id", "R")
			w.Header().Set("Date", server.Format(http.TimeFormat))
			if c.denied || q.Header.Get("X-Amz-Date") != server.Format("20060102T150405Z") {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			w.Header().Set("ETag", `"e"`)
			w.Header().Set("Content-Length", "1")
		})
		s := connect(t, r.URL, func(c *storage.Config) { c.Now = func() time.Time { return now } })
		_, err := s.Stat(t.Context(), object)
		if (storage.KindOf(err) == storage.KindPermission) != c.denied || !c.denied && err != nil || len(r.take()) != c.requests {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Requests that were signed before another one corrected the clock are signed again, all of them.
func TestClock_IsSetForRequestsUnderWay(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	server := now.Add(time.Hour)
	const many = 8
	var wrong sync.WaitGroup
	wrong.Add(many)
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R")
		w.Header().Set("Date", server.Format(http.TimeFormat))
		if q.Header.Get("X-Amz-Date") != server.Format("20060102T150405Z") {
			wrong.Done()
			wrong.Wait() // all are signed with the wrong time before the first is told
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>RequestTimeTooSkewed</Code></Error>")
			return
		}
		_, _ = io.WriteString(w, "<ListAllMyBucketsResult/>")
	})
	s := connect(t, r.URL, func(c *storage.Config) { c.Now = func() time.Time { return now } })
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			if err := drain(s.Buckets(context.Background())); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
