package killtest

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"pintail/internal/demo"
)

// stage is where in a request it is held.
type stage int

const (
	onArrival  stage = iota // before the server does anything: it never will
	inBody                  // half of what is sent has come
	unAnswered              // done, and the answer never leaves
	inAnswer                // half of the answer has left
	answered                // the answer leaves; the hook before it has seen to it that the client gets no further
)

// rule says which request is held, and where.
type rule struct {
	stage stage
	match func(demo.Target, *http.Request) bool
	hook  func() error // called before the request is done; nil = nothing
	after func() error // called when it is done; reached only once it returns; nil = nothing
	nth   int          // how many matching requests pass before it is held
}

// gate holds at most one request of those that pass it, and counts all.
type gate struct {
	mu      sync.Mutex // guards below
	rule    *rule
	err     error
	reached chan struct{} // closed when the request is held
	release chan struct{} // closed by the test

	events atomic.Int64 // arrivals, pieces of answers, ends
	at     atomic.Int64 // the event at which random is signalled
	random chan struct{}
}

func newGate() *gate { return &gate{random: make(chan struct{}, 1)} }

// arm sets a rule and returns a channel that is closed once it has struck.
func (g *gate) arm(r *rule) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rule, g.reached, g.release, g.err = r, make(chan struct{}), make(chan struct{}), nil
	return g.reached
}

// open lets go of what is held, and returns what went wrong in a hook.
func (g *gate) open() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.release != nil {
		close(g.release)
	}
	g.rule, g.release = nil, nil
	return g.err
}

// strikes takes the rule if the request is the one.
func (g *gate) strikes(r *http.Request) (*rule, chan struct{}, chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.rule == nil || !g.rule.match(demo.ParseTarget(r), r) {
		return nil, nil, nil
	}
	if g.rule.nth > 0 {
		g.rule.nth--
		return nil, nil, nil
	}
	ru := g.rule
	g.rule = nil
	return ru, g.reached, g.release
}

func (g *gate) event() {
	if g.events.Add(1) == g.at.Load() {
		select {
		case g.random <- struct{}{}:
		default:
		}
	}
}

func (g *gate) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.err = err
}

// middleware is the gate in front of the server.
func (g *gate) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := demo.ParseTarget(r)
		if strings.HasPrefix(t.Key, "neighbour/") || t.Op == "ListMultipartUploads" || t.Op == "ListParts" { // the latter the gate asks itself
			next.ServeHTTP(w, r)
			return
		}
		g.event()
		defer g.event()
		ru, reached, release := g.strikes(r)
		if ru == nil {
			next.ServeHTTP(&piecewise{ResponseWriter: w, piece: g.event}, r)
			return
		}
		if ru.hook != nil {
			if err := ru.hook(); err != nil {
				g.fail(err)
			}
		}
		hold := func() {
			close(reached)
			<-release
		}
		switch ru.stage {
		case onArrival:
			hold()
			panic(http.ErrAbortHandler)
		case inBody:
			r.Body = &halfBody{ReadCloser: r.Body, left: r.ContentLength / 2, hold: hold}
			next.ServeHTTP(w, r)
		case unAnswered:
			next.ServeHTTP(&silent{header: http.Header{}}, r)
			hold()
			panic(http.ErrAbortHandler)
		case inAnswer:
			p := &piecewise{ResponseWriter: w}
			var sent int
			p.piece = func() {
				if sent++; sent == 4 {
					_ = http.NewResponseController(w).Flush()
					hold()
				}
			}
			next.ServeHTTP(p, r)
			if sent < 4 {
				hold()
			}
			panic(http.ErrAbortHandler)
		case answered:
			next.ServeHTTP(w, r)
			_ = http.NewResponseController(w).Flush()
			go func() {
				if ru.after != nil {
					if err := ru.after(); err != nil {
						g.fail(err)
					}
				}
				close(reached)
			}()
		}
	})
}

// piecewise tells of each piece of an answer.
type piecewise struct {
	http.ResponseWriter
	piece func()
}

func (p *piecewise) Write(b []byte) (int, error) {
	p.piece()
	return p.ResponseWriter.Write(b)
}

func (p *piecewise) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// halfBody holds when half of a body was read.
type halfBody struct {
	io.ReadCloser
	left int64
	hold func()
}

func (h *halfBody) Read(p []byte) (int, error) {
	if h.left <= 0 && h.hold != nil {
		h.hold()
		h.hold = nil
	}
	n, err := h.ReadCloser.Read(p)
	h.left -= int64(n)
	return n, err
}

// silent swallows an answer.
type silent struct{ header http.Header }

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(p []byte) (int, error) { return len(p), nil }
func (s *silent) WriteHeader(int)             {}
