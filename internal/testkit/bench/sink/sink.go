// Package sink is an S3-shaped endpoint that does next to no work, so that the client in front of it is what is measured.
// It must never keep content or check anything: it drops uploads in the kernel, serves one pattern from memory, makes listings up
// from the bucket's name, and echoes checksums like a server that keeps CRC64NVME. What it measures is repeated on a real server.
// Start reading at [Start].
package sink

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Options is how a sink behaves. The zero value answers at once and never fails.
type Options struct {
	Addr     string        // to listen on; "" = a free port of loopback
	TLS      bool          // with a certificate made for this sink, see [Sink.CertPEM]
	Latency  time.Duration // waited before each answer
	ConnRate int64         // bytes a second and connection, each way; 0 = no limit
	// Of every so many requests one, at a random place among them, is ended by a TCP reset or answered 503 SlowDown. 0 = none.
	ResetOneIn, SlowDownOneIn int
}

// Counts is what a sink was asked since [Sink.Reset].
type Counts struct {
	Ops         map[string]int64 // requests by operation; "reset" and "503" are injected faults, "DeletedKeys" counts keys
	In, Out     int64            // bytes of bodies
	Conns       int64            // connections accepted
	MostAtOnce  int64            // requests
	Parts       int64            // bytes of all parts that were begun, each counted whole
	Sending     int64            // of those that are under way now
	Requests    int64            // all, faults included
	Headers     map[string]string
	ObjectsSeen int64 // distinct keys written
}

// Sink is a running endpoint.
type Sink struct {
	URL     string
	CertPEM []byte // of a TLS sink

	o       Options
	l       net.Listener
	content []byte
	tls     *tls.Config

	mu      sync.RWMutex // guards objects and uploads
	objects map[string]object
	uploads map[string]*upload
	seq     atomic.Int64

	in, out, conns, now, most, all, sending, parts atomic.Int64

	statMu  sync.Mutex // guards the following
	ops     map[string]int64
	headers map[string]string
	resetAt lot
	slowAt  lot
	live    map[net.Conn]struct{}
	sums    map[int64]string // checksums by size
}

// object is what is kept of an upload: its size and the checksum headers that came with it.
type object struct {
	size int64
	sums string // header lines
}

// part is what is kept of a part.
type part struct {
	size int64
	sum  string // CRC64NVME in base64; "" = none was sent
}

// upload is a multipart upload: its parts, and the algorithm that was asked for.
type upload struct {
	mu        sync.Mutex // guards parts
	parts     map[int]part
	algorithm string
}

// Start listens and serves until [Sink.Close].
func Start(o Options) (*Sink, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	s := &Sink{o: o, content: shared(), objects: map[string]object{}, uploads: map[string]*upload{}, ops: map[string]int64{}, headers: map[string]string{},
		live: map[net.Conn]struct{}{}}
	scheme := "http://"
	if o.TLS {
		var err error
		if s.tls, s.CertPEM, err = selfSigned(); err != nil {
			return nil, err
		}
		scheme = "https://"
	}
	l, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	s.l, s.URL = l, scheme+l.Addr().String()
	go s.accept() // ends with Close
	return s, nil
}

func (s *Sink) accept() {
	for {
		c, err := s.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // no descriptors left: some will be freed
			continue
		}
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			continue
		}
		s.conns.Add(1)
		s.track(c, true)
		go func() {
			defer s.track(c, false)
			newSession(s, tcp).serve()
		}()
	}
}

func (s *Sink) track(c net.Conn, here bool) {
	s.statMu.Lock()
	defer s.statMu.Unlock()
	if here {
		s.live[c] = struct{}{}
	} else {
		delete(s.live, c)
	}
}

// Close ends the listener and every connection.
func (s *Sink) Close() {
	_ = s.l.Close()
	s.statMu.Lock()
	defer s.statMu.Unlock()
	for c := range s.live {
		_ = c.Close()
	}
}

// Reset forgets counts, objects and uploads.
func (s *Sink) Reset() {
	s.mu.Lock()
	clear(s.objects)
	clear(s.uploads)
	s.mu.Unlock()
	s.ResetCounts()
}

// ResetCounts forgets only what was counted.
func (s *Sink) ResetCounts() {
	s.statMu.Lock()
	defer s.statMu.Unlock()
	clear(s.ops)
	clear(s.headers)
	for _, n := range []*atomic.Int64{&s.in, &s.out, &s.conns, &s.most, &s.all, &s.parts} {
		n.Store(0)
	}
}

// Counts is what was asked so far.
func (s *Sink) Counts() Counts {
	s.mu.RLock()
	objects := int64(len(s.objects))
	s.mu.RUnlock()
	s.statMu.Lock()
	defer s.statMu.Unlock()
	return Counts{Ops: maps.Clone(s.ops), Headers: maps.Clone(s.headers), In: s.in.Load(), Out: s.out.Load(), Conns: s.conns.Load(),
		MostAtOnce: s.most.Load(), Parts: s.parts.Load(), Sending: s.sending.Load(), Requests: s.all.Load(), ObjectsSeen: objects}
}

// count notes a request of an operation; the first one of each tells what headers the client sends.
func (s *Sink) count(op string, r *request) {
	s.statMu.Lock()
	defer s.statMu.Unlock()
	s.ops[op]++
	if _, seen := s.headers[op]; !seen && r != nil {
		s.headers[op] = r.proof()
	}
}

// begun counts a request that is being answered; the returned function ends it.
func (s *Sink) begun(r *request) func() {
	s.all.Add(1)
	part := int64(0)
	if r.method == "PUT" && r.query.Has("partNumber") && r.copySource == "" {
		part = r.length
		if r.decoded >= 0 {
			part = r.decoded
		}
	}
	s.sending.Add(part)
	s.parts.Add(part)
	n := s.now.Add(1)
	for {
		m := s.most.Load()
		if n <= m || s.most.CompareAndSwap(m, n) {
			return func() { s.sending.Add(-part); s.now.Add(-1) }
		}
	}
}

// fault decides whether this request is one that fails, and how.
func (s *Sink) fault() (reset, slow bool) {
	if s.o.ResetOneIn == 0 && s.o.SlowDownOneIn == 0 {
		return false, false
	}
	s.statMu.Lock()
	defer s.statMu.Unlock()
	return s.resetAt.drawn(s.o.ResetOneIn), s.slowAt.drawn(s.o.SlowDownOneIn)
}

// lot draws one of every n.
type lot struct{ left, at int }

func (l *lot) drawn(n int) bool {
	if n <= 0 {
		return false
	}
	if l.left == 0 {
		l.left, l.at = n, rand.IntN(n)+1
	}
	l.left--
	return l.left+1 == l.at
}

// shared is the content of all sinks of a process, which exists only where there is a sink.
var shared = sync.OnceValue(pattern)
