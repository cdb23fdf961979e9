package demo

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// recordLimit is how many of the newest requests a server remembers.
const recordLimit = 20000

// RequestRecord is one request as it reached the server, whatever became of it.
type RequestRecord struct {
	Time      time.Time
	Method    string
	Op        string // the S3 operation ("UploadPart"), "" when it is none
	Bucket    string
	Key       string
	VersionID string
	UploadID  string
	Part      int    // partNumber, 0 when absent
	Range     string // the Range header
	Query     string // the raw query
	Status    int    // what was answered; 0 when the connection was cut before an answer
	BytesIn   int64  // body bytes read
	BytesOut  int64  // body bytes written
}

// recorder keeps the newest requests in a ring, and knows how many are still running.
type recorder struct {
	running sync.WaitGroup
	mu      sync.Mutex // guards all below
	closed  bool       // nothing begins any more
	ring    []RequestRecord
	next    int
	limit   int
}

func newRecorder(limit int) *recorder { return &recorder{limit: limit} }

// Requests returns the newest requests (at most 20,000), oldest first. A request is in it once it is answered.
func (s *Server) Requests() []RequestRecord {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	return slices.Concat(s.records.ring[s.records.next:], s.records.ring[:s.records.next])
}

// ResetRequests forgets all requests so far.
func (s *Server) ResetRequests() {
	s.records.mu.Lock()
	defer s.records.mu.Unlock()
	s.records.ring, s.records.next = nil, 0
}

// CountRequests counts remembered requests for an operation. An empty op or key, or a part of 0, matches all.
func (s *Server) CountRequests(op, key string, part int) int {
	n := 0
	for _, r := range s.Requests() {
		if (op == "" || r.Op == op) && (key == "" || r.Key == key) && (part == 0 || r.Part == part) {
			n++
		}
	}
	return n
}

func (rec *recorder) add(r RequestRecord) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if len(rec.ring) < rec.limit {
		rec.ring = append(rec.ring, r)
		return
	}
	rec.ring[rec.next] = r
	rec.next = (rec.next + 1) % rec.limit
}

// idle lets no handler begin any more and waits until none runs.
func (rec *recorder) idle() {
	rec.mu.Lock()
	rec.closed = true
	rec.mu.Unlock()
	rec.running.Wait()
}

// begin counts a handler as running. It must not count up from zero while [recorder.idle] waits for zero.
func (rec *recorder) begin() bool {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if !rec.closed {
		rec.running.Add(1)
	}
	return !rec.closed
}

func (rec *recorder) wrap(next http.Handler, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !rec.begin() {
			panic(http.ErrAbortHandler) // its connection is cut already
		}
		defer rec.running.Done()
		in := &countingBody{ReadCloser: r.Body}
		r.Body = in
		out := &countingWriter{ResponseWriter: w}
		t := ParseTarget(r)
		rr := RequestRecord{
			Time: now(), Method: r.Method, Op: t.Op, Bucket: t.Bucket, Key: t.Key, Range: r.Header.Get("Range"), Query: r.URL.RawQuery,
			VersionID: t.Query.Get("versionId"), UploadID: t.Query.Get("uploadId"),
		}
		rr.Part, _ = strconv.Atoi(t.Query.Get("partNumber"))
		defer func() {
			rr.Status, rr.BytesIn, rr.BytesOut = out.status, in.n, out.n
			rec.add(rr)
		}()
		next.ServeHTTP(out, r)
	})
}

type countingBody struct {
	io.ReadCloser
	n int64
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	return n, err
}

// countingWriter notes status and size. Unwrap lets http.ResponseController reach the connection.
type countingWriter struct {
	http.ResponseWriter
	status int
	n      int64
}

func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *countingWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *countingWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.n += int64(n)
	return n, err
}
