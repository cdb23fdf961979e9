// Package transfertest is the bench on which transfers are tested, and the checker that ends every such test. It must never
// trust the engine: it hashes what is there by itself and reads the journal's file by itself.
// Start reading at [New], then check.go for what is checked.
package transfertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
	"pintail/transfer"
)

// Server is where a bench's objects are.
type Server struct {
	Name, Version  string
	Endpoint       string
	Access, Secret string
	Demo           *demo.Server    // of the embedded server
	Real           *servers.Server // of a real one
}

// Demo starts an embedded server for the test.
func Demo(t testing.TB, middleware func(http.Handler) http.Handler) Server {
	t.Helper()
	d, err := demo.Start(context.Background(), demo.Options{Middleware: middleware})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return Server{Name: "embedded", Endpoint: d.URL(), Access: d.AccessKey(), Secret: d.SecretKey(), Demo: d}
}

// Real is a real server as a bench uses it.
func Real(s *servers.Server) Server {
	return Server{Name: string(s.Name), Version: s.Version, Endpoint: s.Endpoint, Access: s.AccessKey, Secret: s.SecretKey, Real: s}
}

// Open connects to the server. The caller closes the session.
func (s Server) Open(change ...func(*storage.Config)) (*storage.Session, error) {
	c := storagetest.Target{Name: s.Name, Endpoint: s.Endpoint, Region: "us-east-1", AccessKey: s.Access, SecretKey: s.Secret}.Config()
	c.StallAfter = 20 * time.Second
	for _, f := range change {
		f(&c)
	}
	return storage.Open(context.Background(), c)
}

// Bench is a server with a bucket, a destination folder between canaries, and a journal.
type Bench struct {
	testing.TB
	Server  Server
	Bucket  string
	Session *storage.Session
	Root    string // downloads go here; nothing may appear beside it
	Src     string // for files to upload
	Journal string

	canary string
	outer  string
	mu     sync.Mutex // guards below
	sums   map[string]string
	old    map[string]string
	queues []*transfer.Queue
	skip   bool
}

// New makes a bench. When the test ends, its queues are closed and everything is checked. The test cannot be parallel.
func New(t testing.TB, server func(testing.TB) Server) *Bench {
	t.Helper()
	testkit.CheckLeaks(t)
	s := server(t)
	outer := t.TempDir()
	b := &Bench{
		TB: t, Server: s, outer: outer, Root: filepath.Join(outer, "root"), Src: t.TempDir(),
		Journal: filepath.Join(t.TempDir(), "journal.db"), sums: map[string]string{}, old: map[string]string{},
	}
	for _, dir := range []string{b.Root} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	b.canary = filepath.Join(outer, "canary")
	if err := os.WriteFile(b.canary, []byte("canary"), 0o644); err != nil {
		t.Fatal(err)
	}
	var err error
	if b.Session, err = s.Open(); err != nil {
		t.Fatal(err)
	}
	b.Bucket = fmt.Sprintf("bench-%x", rand.Uint64())
	if err := b.Session.MakeBucket(b.Context(), b.Bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatalf("make bucket: %v", err)
	}
	t.Cleanup(func() {
		b.CloseQueues()
		if !t.Failed() && !t.Skipped() && !b.skip {
			b.Check()
		}
		if err := b.Session.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// Context is one that outlives the test's own, for clean-up.
func (b *Bench) Context() context.Context { return context.Background() }

// Unchecked leaves out the check at the end, for a test that breaks things on purpose.
func (b *Bench) Unchecked() { b.skip = true }

// Queue opens a queue on the bench's journal; the reference "" connects to the bench's server.
func (b *Bench) Queue(change ...func(*transfer.Config)) *transfer.Queue {
	b.Helper()
	c := transfer.Config{
		Journal: b.Journal, Owner: "test",
		Connect: func(context.Context, string) (*storage.Session, error) { return b.Server.Open() },
	}
	for _, f := range change {
		f(&c)
	}
	q, err := transfer.Open(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queues = append(b.queues, q)
	return q
}

// CloseQueues closes what Queue opened.
func (b *Bench) CloseQueues() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, q := range b.queues {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := q.Close(ctx); err != nil {
			b.Errorf("close queue: %v", err)
		}
		cancel()
	}
	b.queues = nil
}

// Run adds a transfer and waits for its end.
func (b *Bench) Run(q *transfer.Queue, r transfer.Request) transfer.Summary {
	b.Helper()
	id, err := q.Add(b.Context(), r)
	if err != nil {
		b.Fatalf("add: %v", err)
	}
	return b.Wait(q, id)
}

// Wait waits for the end of a transfer, two minutes at most.
func (b *Bench) Wait(q *transfer.Queue, id transfer.ID) transfer.Summary {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	s, err := q.Wait(ctx, id)
	if err != nil {
		_, ts, _ := q.Snapshot(0)
		b.Fatalf("wait: %v; %+v", err, ts)
	}
	return s
}

// MustDone is Run for a transfer that must end with n items done and none otherwise but skipped.
func (b *Bench) MustDone(q *transfer.Queue, r transfer.Request, n int64) transfer.Summary {
	b.Helper()
	s := b.Run(q, r)
	if s.State != transfer.Done || s.Done != n || s.Failed+s.Unknown != 0 {
		b.Fatalf("%s: %+v; want %d done", r.Kind, s, n)
	}
	return s
}

// Upload and Download are requests between the bench's folders and its bucket.
func (b *Bench) Upload(path, key string) transfer.Request {
	return transfer.Request{
		Kind: transfer.Upload, Sources: []transfer.Source{{Local: path}},
		Target: transfer.Target{Remote: storage.Location{Bucket: b.Bucket, Key: key}, Exact: true},
	}
}

// Download is a request for a key or a folder, to a name below Root; "" is Root itself.
func (b *Bench) Download(key, rel string) transfer.Request {
	return transfer.Request{
		Kind: transfer.Download, Sources: []transfer.Source{{Remote: storage.Location{Bucket: b.Bucket, Key: key}}},
		Target: transfer.Target{Local: filepath.Join(b.Root, rel), Exact: true},
	}
}

// Loc is a location in the bench's bucket.
func (b *Bench) Loc(key string) storage.Location { return storage.Location{Bucket: b.Bucket, Key: key} }

// File writes a file to upload, of n bytes that follow from the seed.
func (b *Bench) File(rel string, n int64, seed uint64) string {
	b.Helper()
	path := filepath.Join(b.Src, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	h := sha256.New()
	_, err = io.CopyN(io.MultiWriter(f, h), NewStream(seed), n)
	if err := errors.Join(err, f.Close()); err != nil {
		b.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sums[path] = hex.EncodeToString(h.Sum(nil))
	return path
}

// Object puts an object there, past the engine. As a target it is what a failed transfer must leave.
func (b *Bench) Object(key string, n int64, seed uint64) []byte {
	b.Helper()
	body := Bytes(n, seed)
	if _, err := b.Session.Put(b.Context(), b.Loc(key), storage.Body{R: bytes.NewReader(body), Size: n}, storage.WriteOptions{}); err != nil {
		b.Fatalf("put %q: %v", key, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.old[b.Loc(key).String()] = sum(body)
	return body
}

// Old writes a file into Root that a failed download must leave as it is.
func (b *Bench) Old(rel string, content string) string {
	b.Helper()
	path := filepath.Join(b.Root, rel)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
		b.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.old[path] = sum([]byte(content))
	return path
}

// Bytes are n bytes that follow from the seed.
func Bytes(n int64, seed uint64) []byte {
	body := make([]byte, n)
	if _, err := io.ReadFull(NewStream(seed), body); err != nil {
		panic(err) // a stream has no end
	}
	return body
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// NewStream is an endless stream of bytes that follow from the seed and do not repeat within a part.
func NewStream(seed uint64) io.Reader {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	return rand.NewChaCha8(key)
}

// Forget drops what the bench knows of a file that the test has changed: the checker hashes what is there.
func (b *Bench) Forget(path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sums, path)
}
