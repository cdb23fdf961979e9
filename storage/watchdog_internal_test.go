package storage

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// pipes are connections in memory, in the time of a test.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// watched runs do with a transport under the watchdog, whose requests handler answers, in a time of its own.
func watched(t *testing.T, handler http.HandlerFunc, do func(t *testing.T, rt http.RoundTripper)) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: handler}
		go func() { _ = server.Serve(p) }() // ends with its listener
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			p.conns <- there
			return &watchedConn{Conn: here}, nil
		}}
		do(t, &watchdog{next: transport, stall: 30 * time.Second})
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
}

// slowBody gives a piece each pause, as a limit lets bytes pass.
type slowBody struct {
	pieces int
	pause  time.Duration
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.pieces == 0 {
		return 0, io.EOF
	}
	b.pieces--
	time.Sleep(b.pause)
	return copy(p, "piece"), nil
}

// Bytes that wait for their turn under a low limit are no stall, however long they wait.
func TestWatchdog_WaitingForOurOwnBytesIsNoStall(t *testing.T) {
	watched(t, func(w http.ResponseWriter, r *http.Request) {
		if n, err := io.Copy(io.Discard, r.Body); n != 25 || err != nil {
			t.Errorf("%d bytes came, %v", n, err)
		}
	}, func(t *testing.T, rt http.RoundTripper) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://server/k", &slowBody{5, 10 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = 25
		resp, err := rt.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	})
}

// A reader that comes back late finds its bytes; a server that then says nothing more is cut after the time allowed.
func TestWatchdog_ALateReaderIsNoStallAndASilentServerIs(t *testing.T) {
	quiet := make(chan struct{})
	watched(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		for range 4 {
			_, _ = w.Write(make([]byte, 10_000)) // until the client goes
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
		close(quiet)
	}, func(t *testing.T, rt http.RoundTripper) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://server/k", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := rt.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			time.Sleep(10 * time.Minute)
			if _, err := io.ReadFull(resp.Body, make([]byte, 10_000)); err != nil {
				t.Fatal(err)
			}
		}
		silent := time.Now()
		_, err = resp.Body.Read(make([]byte, 10))
		if took := time.Since(silent); !errors.Is(err, errStalled) || took < 30*time.Second || took > time.Minute {
			t.Errorf("%v after %v", err, took)
		}
		_ = resp.Body.Close()
		<-quiet
	})
}

// A server that takes a request and says nothing is cut, although the request had waited for its own bytes before.
func TestWatchdog_SilenceAfterASlowBodyIsAStall(t *testing.T) {
	watched(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // its end is the client's
		<-r.Context().Done()
	}, func(t *testing.T, rt http.RoundTripper) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://server/k", &slowBody{3, 5 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = 15
		begun := time.Now()
		_, err = rt.RoundTrip(r)
		if took := time.Since(begun) - 15*time.Minute; err == nil || took < 0 || took > 2*time.Minute {
			t.Errorf("%v, %v after the last byte", err, took)
		}
	})
}
