package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// killGate stands before a server, counts requests, and kills a program at the n-th of a kind, which the server never gets.
type killGate struct {
	*httptest.Server
	mu     sync.Mutex
	counts map[string]int
	op     string
	at     int
	victim *process
}

func newKillGate(t testing.TB, endpoint string) *killGate {
	t.Helper()
	to, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	g := &killGate{counts: map[string]int{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is part of the signature
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // the program is gone
	}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := g.counted(opOf(r)); p != nil {
			p.kill()
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

// opOf names the requests that matter here.
func opOf(r *http.Request) string {
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodPut && q.Has("partNumber"):
		return "UploadPart"
	case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		return "CopyObject"
	case r.Method == http.MethodPut:
		return "PutObject"
	case r.Method == http.MethodGet && !q.Has("list-type"):
		return "GetObject"
	}
	return ""
}

// counted notes a request and returns the process to kill, if it is the one.
func (g *killGate) counted(op string) *process {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.counts[op]++
	if g.victim == nil || op != g.op {
		return nil
	}
	if g.at--; g.at > 0 {
		return nil
	}
	p := g.victim
	g.victim = nil
	return p
}

func (g *killGate) arm(op string, n int, p *process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.op, g.at, g.victim = op, n, p
}

func (g *killGate) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.counts)
}

func (g *killGate) count(op string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.counts[op]
}

// process is a run of the program in a process of its own.
type process struct {
	cmd   *exec.Cmd
	out   *bytes.Buffer
	begun chan struct{} // closed when it has been started
}

// program prepares a run. The test binary is the program when it is called by the program's name.
func (b *bulk) program(args ...string) *process {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	link := filepath.Join(b.work, program)
	if err := os.Symlink(exe, link); err != nil && !errors.Is(err, os.ErrExist) {
		b.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(context.WithoutCancel(b.Context()), link, args...), out: &bytes.Buffer{}, begun: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = b.work, append(os.Environ(), b.env...), p.out, p.out
	return p
}

func (p *process) run() error {
	err := p.cmd.Start()
	close(p.begun)
	if err != nil {
		return err
	}
	return p.cmd.Wait()
}

// kill ends a run that has begun, as kill -9 does.
func (p *process) kill() {
	<-p.begun
	_ = p.cmd.Process.Kill() // its end is looked at by the one who waits
}

// killed tells whether a run ended by the signal.
func (p *process) killed() bool {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

// must runs the program to its end, which must be a good one, and returns all that it said.
func (b *bulk) must(args ...string) string {
	b.Helper()
	p := b.program(args...)
	if err := p.run(); err != nil {
		b.Fatalf("%q: %v: %s", args, err, p.out)
	}
	return p.out.String()
}

func randomFile(path string, size int64, r *rand.Rand) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(r.Uint32())
	}
	_, err = io.Copy(f, io.LimitReader(rand.NewChaCha8(seed), size))
	return errors.Join(err, f.Close())
}
