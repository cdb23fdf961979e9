package storage_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"pintail/storage"
	"pintail/storage/storagetest"
)

func TestErrors_OfTheServerByKind(t *testing.T) {
	for _, c := range []struct {
		status      int
		code        string
		kind        storage.Kind
		retry       bool
		unknownPut  bool
		headerName  string
		headerValue string
	}{
		{status: 403, code: "InvalidAccessKeyId", kind: storage.KindAuth},
		{status: 403, code: "SignatureDoesNotMatch", kind: storage.KindAuth},
		{status: 400, code: "ExpiredToken", kind: storage.KindExpired},
		{status: 403, code: "AccessDenied", kind: storage.KindPermission},
		{status: 404, code: "NoSuchBucket", kind: storage.KindNotFound},
		{status: 409, code: "OperationAborted", kind: storage.KindConflict, retry: true},
		{status: 412, code: "PreconditionFailed", kind: storage.KindPrecondition},
		{status: 403, code: "InvalidObjectState", kind: storage.KindArchived},
		{status: 501, code: "NotImplemented", kind: storage.KindUnsupported},
		{status: 405, code: "MethodNotAllowed", kind: storage.KindUnsupported},
		{status: 400, code: "EntityTooLarge", kind: storage.KindInvalid},
		{status: 503, code: "SlowDown", kind: storage.KindThrottled, retry: true, headerName: "Retry-After", headerValue: "12"},
		{status: 429, code: "", kind: storage.KindThrottled, retry: true},
		{status: 500, code: "InternalError", kind: storage.KindServer, retry: true, unknownPut: true},
		{status: 502, code: "", kind: storage.KindServer, retry: true, unknownPut: true},
		{status: 504, code: "", kind: storage.KindServer, retry: true, unknownPut: true},
		{status: 400, code: "BadDigest", kind: storage.KindChecksum, retry: true},
		{status: 507, code: "", kind: storage.KindQuota},
		{status: 400, code: "SomethingNew", kind: storage.KindInvalid},
		{status: 407, code: "", kind: storage.KindNetwork},
	} {
		r := record(t, func(w http.ResponseWriter, _ *http.Request) {
			if c.headerName != "" {
				w.Header().Set(c.headerName, c.headerValue)
			}
			if c.code == "" {
				w.WriteHeader(c.status)
				return
			}
			s3error(w, c.status, c.code)
		})
		s := connect(t, r.URL, nil)
		_, err := s.Put(t.Context(), object, storagetest.Body([]byte("x")), storage.WriteOptions{Checksum: storage.ChecksumMD5})
		e := asError(t, err)
		if e.Kind != c.kind || e.Retryable != c.retry || e.Unknown != c.unknownPut || e.HTTPStatus != c.status {
			t.Errorf("%d %s: kind %d retry %v unknown %v: %v", c.status, c.code, e.Kind, e.Retryable, e.Unknown, err)
		}
		if c.code != "" && (e.Code != c.code || e.RequestID != "R" || e.Message == "") {
			t.Errorf("%d %s: %+v", c.status, c.code, e)
		}
		if c.kind == storage.KindPermission && e.Permission != "s3:PutObject" {
			t.Errorf("permission %q", e.Permission)
		}
		if c.headerValue != "" && e.RetryAfter != 12 {
			t.Errorf("retry after %d", e.RetryAfter)
		}
		_, err = s.Read(t.Context(), object, storage.ReadOptions{Whole: true})
		if e := asError(t, err); e.Unknown || e.Kind != c.kind {
			t.Errorf("GET %d %s: %v", c.status, c.code, err)
		}
	}
}

func TestErrors_OfTheWayAreToldApart(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := closed.Addr().String()
	_ = closed.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(refuse))
	t.Cleanup(secure.Close)
	secure.Config.ErrorLog = nil
	plain := httptest.NewServer(http.HandlerFunc(refuse))
	t.Cleanup(plain.Close)
	noise, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = noise.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := noise.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "220 ftp.example.com ready\r\n")
			_ = c.Close()
		}
	}()
	proxy := record(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) })
	for _, c := range []struct {
		address string
		change  func(*storage.Config)
		kind    storage.Kind
		code    string
	}{
		{"http://" + refused, nil, storage.KindNetwork, "ConnectionRefused"},
		{"http://no-such-host.invalid", nil, storage.KindNetwork, ""},
		{secure.URL, nil, storage.KindTLS, "TLS"},
		{"https://" + plain.Listener.Addr().String(), nil, storage.KindTLS, "TLS"},
		{"http://" + noise.Addr().String(), nil, storage.KindNotS3, "NotS3"},
		{"https://s3.example.com", proxied(proxy), storage.KindNetwork, "ProxyAuthenticationRequired"},
	} {
		err := drain(connect(t, c.address, c.change).Buckets(t.Context()))
		e := asError(t, err)
		if e.Kind != c.kind || c.code != "" && e.Code != c.code {
			t.Errorf("%s: kind %d code %s: %v", c.address, e.Kind, e.Code, err)
		}
		noSecret(t, c.address, err.Error())
	}
}

func TestTLS_AnAuthorityOfOnesOwnIsTaken(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s3(w, 200, "<ListAllMyBucketsResult/>") }))
	t.Cleanup(srv.Close)
	trust := srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	s := connect(t, srv.URL, func(c *storage.Config) { c.TLS = &tls.Config{RootCAs: trust} })
	if err := drain(s.Buckets(t.Context())); err != nil {
		t.Error(err)
	}
	s = connect(t, srv.URL, func(c *storage.Config) { c.TLS = &tls.Config{InsecureSkipVerify: true} })
	if err := drain(s.Buckets(t.Context())); storage.KindOf(err) != storage.KindTLS {
		t.Errorf("verification can be switched off: %v", err)
	}
}

func TestWatchdog_CutsWhatStandsStillAndNotWhatMoves(t *testing.T) {
	stop := make(chan struct{})
	step := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("ETag", "e")
		w.Header().Set("Content-Length", "8")
		for i := range 8 {
			if q.URL.Path == "/bucket/still" && i == 4 {
				<-stop
				return
			}
			_, _ = w.Write([]byte("x"))
			w.(http.Flusher).Flush()
			<-step
		}
	}))
	t.Cleanup(func() { close(stop); srv.Close() })
	const stall = 400 * time.Millisecond
	s := connect(t, srv.URL, func(c *storage.Config) { c.StallAfter = stall })
	// 8 bytes at less than the limit apart, together above it.
	ticker := time.NewTicker(stall / 4)
	defer ticker.Stop()
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		for range 12 {
			<-ticker.C
			step <- struct{}{}
		}
	}()
	r, err := s.Read(t.Context(), object, storage.ReadOptions{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || len(b) != 8 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	_ = r.Close()
	r, err = s.Read(t.Context(), storage.Location{Bucket: "bucket", Key: "still"}, storage.ReadOptions{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if e := asError(t, err); len(b) != 4 || e.Code != "Stalled" || !e.Retryable || e.Kind != storage.KindNetwork {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	_ = r.Close()
	<-fed
}

func TestCaps_AnEndlessAnswerIsCut(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		status, body := 200, "<ListBucketResult>"
		if q.Method == http.MethodDelete {
			status, body = 400, "<Error><Message>"
		}
		s3(w, status, body)
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for range 40 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(srv.Close)
	s := connect(t, srv.URL, nil)
	err := drain(s.List(t.Context(), "bucket", "", storage.ListOptions{}))
	if e := asError(t, err); e.Code != "AnswerTooLarge" || e.Kind != storage.KindNotS3 {
		t.Errorf("%v", err)
	}
	_, err = s.Delete(t.Context(), object)
	if e := asError(t, err); e.HTTPStatus != 400 {
		t.Errorf("%v", err)
	}
}
