package uitest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

const (
	pollEvery  = 30 * time.Millisecond
	waitAtMost = 2 * time.Minute
	lineLimit  = 64 << 10
)

// Request is one question, a line of JSON.
type Request struct {
	// Cmd is "dump", "rows" (of ID), "wait", "settle", "thread" or "memory".
	Cmd string `json:"cmd"`
	ID  string `json:"id"`
	// For "wait": until the part is visible, its text contains Text, a row named Row is visible, Enabled and Gone hold.
	Text      string `json:"text"`
	Row       string `json:"row"`
	Enabled   bool   `json:"enabled"`
	Gone      bool   `json:"gone"`
	TimeoutMS int    `json:"timeout_ms"`
	// Reset makes "thread" begin a new measurement after the answer.
	Reset bool `json:"reset"`
}

// Answer is what comes back for one question, a line of JSON.
type Answer struct {
	OK     bool      `json:"ok"`
	Error  string    `json:"error,omitempty"`
	Parts  []Part    `json:"parts,omitempty"`
	Rows   []RowPart `json:"rows,omitempty"`
	Thread *Thread   `json:"thread,omitempty"`
	Memory *Memory   `json:"memory,omitempty"`
}

// Memory is what the program holds after a collection of garbage.
type Memory struct {
	HeapBytes  uint64 `json:"heap_bytes"` // live objects
	Goroutines int    `json:"goroutines"`
}

// memory collects garbage twice, so that what finalizers let go of is gone too.
func memory() *Memory {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return &Memory{HeapBytes: m.HeapAlloc, Goroutines: runtime.NumGoroutine()}
}

// Server answers questions about the windows.
type Server struct {
	reg   *Registry
	post  func(func())
	ln    net.Listener
	beat  *Pulse
	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	work  sync.WaitGroup
	mu    sync.Mutex // guards conns
	conns map[net.Conn]bool
}

// Serve listens on a Unix socket at path, which only its owner may use, until Close. post runs a function on the
// windows' thread; all questions are answered there.
func Serve(ctx context.Context, path string, reg *Registry, post func(func())) (*Server, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("test socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("test socket: %w", err), ln.Close())
	}
	s := &Server{reg: reg, post: post, ln: ln, conns: map[net.Conn]bool{}}
	s.ctx, s.stop = context.WithCancel(ctx)
	s.beat = NewPulse(post)
	s.work.Add(2)
	go func() { defer s.work.Done(); s.beat.Run(s.ctx) }()
	go func() { defer s.work.Done(); s.accept() }()
	return s, nil
}

// Close stops listening and waits for what is under way. It must not be called on the windows' thread.
func (s *Server) Close() error {
	s.stop()
	err := s.ln.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close() // ends its reader
	}
	s.mu.Unlock()
	s.work.Wait()
	return err
}

func (s *Server) accept() {
	for {
		c, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.work.Add(1)
		go func() {
			defer s.work.Done()
			s.talk(c)
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		}()
		if s.ctx.Err() != nil {
			_ = c.Close() // it came between stop and close
		}
	}
}

func (s *Server) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	in := bufio.NewScanner(c)
	in.Buffer(nil, lineLimit)
	out := json.NewEncoder(c)
	for in.Scan() {
		var q Request
		a := Answer{}
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			a.Error = "bad request: " + err.Error()
		} else {
			a = s.answer(q)
		}
		if out.Encode(a) != nil {
			return
		}
	}
}

func (s *Server) answer(q Request) Answer {
	switch q.Cmd {
	case "dump":
		return s.onUI(func() Answer { return Answer{OK: true, Parts: s.reg.Dump()} })
	case "rows":
		return s.onUI(func() Answer {
			rows, ok := s.reg.Rows(q.ID)
			if !ok {
				return Answer{Error: "no rows in " + q.ID}
			}
			return Answer{OK: true, Rows: rows}
		})
	case "wait":
		return s.wait(q)
	case "settle":
		return s.settle()
	case "thread":
		t := s.beat.Stats(q.Reset)
		return Answer{OK: true, Thread: &t}
	case "memory":
		return Answer{OK: true, Memory: memory()}
	}
	return Answer{Error: "unknown command " + q.Cmd}
}

// onUI runs f on the windows' thread and waits for it, or for the end of the server.
func (s *Server) onUI(f func() Answer) Answer {
	done := make(chan Answer, 1)
	s.post(func() { done <- f() })
	select {
	case a := <-done:
		return a
	case <-s.ctx.Done():
		return Answer{Error: "closed"}
	}
}

// settle answers when the windows know of all input that was there before the question. The toolkit notes a movement of
// the mouse and looks at it once a frame, but takes a click at once, at the place of the frame before: a click that follows
// a movement too soon misses. Animations are ticked after both.
func (s *Server) settle() Answer {
	done := make(chan struct{}, 1)
	s.post(func() {
		var a *fyne.Animation
		a = fyne.NewAnimation(time.Hour, func(float32) {
			select {
			case done <- struct{}{}:
			default:
			}
			a.Stop()
		})
		a.Start()
	})
	select {
	case <-done:
		return Answer{OK: true}
	case <-s.ctx.Done():
		return Answer{Error: "closed"}
	}
}

func (s *Server) wait(q Request) Answer {
	limit := time.Duration(q.TimeoutMS) * time.Millisecond
	if limit <= 0 || limit > waitAtMost {
		limit = waitAtMost
	}
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		a := s.onUI(func() Answer { return s.check(q) })
		if a.OK {
			return a
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			a.Error = "timeout: " + a.Error
			return a
		}
	}
}

// check tells whether what is waited for holds now; if not, the error says what is missing.
func (s *Server) check(q Request) Answer {
	p, ok := s.reg.Part(q.ID)
	visible := ok && p.Visible
	a := Answer{}
	if ok {
		a.Parts = []Part{p}
	}
	switch {
	case q.Gone && visible:
		a.Error = q.ID + " is still there"
	case q.Gone:
		a.OK = true
	case !visible:
		a.Error = q.ID + " is not visible"
	case q.Text != "" && !strings.Contains(p.Text, q.Text):
		a.Error = fmt.Sprintf("%s says %q", q.ID, p.Text)
	case q.Enabled && !p.Enabled:
		a.Error = q.ID + " is disabled"
	case q.Row != "":
		rows, _ := s.reg.Rows(q.ID)
		for _, r := range rows {
			if r.Name == q.Row {
				a.OK, a.Rows = true, []RowPart{r}
				return a
			}
		}
		a.Rows, a.Error = rows, "no row "+q.Row
	default:
		a.OK = true
	}
	return a
}
