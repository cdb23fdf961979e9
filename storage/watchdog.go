package storage

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// The watchdog cuts a request when no byte moves in either direction for a given time. A limit on the whole request would
// be wrong (a part may take minutes on a thin line), and one on the body's reader sees only what the kernel swallowed.
// So it stands at the connection: each read and write pushes the deadline on, as long as a request is armed on it. The time that
// is spent at our end does not count: while the next bytes to send are waited for (a limit holds them back, a disk is slow), and
// between two reads of an answer.

// watchdog arms the connection that a request got, and disarms it when the answer is read to its end.
type watchdog struct {
	next  http.RoundTripper
	stall time.Duration
}

// patience is how many times longer an answer may take to begin when the server has to move the bytes itself.
const patience = 10

func (w *watchdog) stallFor(op string) time.Duration {
	switch op {
	case "CopyObject", "UploadPartCopy", "CompleteMultipartUpload", "DeleteObjects":
		return w.stall * patience
	}
	return w.stall
}

// RoundTrip sends r under watch.
func (w *watchdog) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := callFrom(r.Context())
	op := ""
	if rec != nil {
		op = rec.op
	}
	// The transport would send a read again on another connection when the first one breaks. After a stall it must not:
	// the caller has waited long enough to be told.
	ctx, cut := context.WithCancelCause(r.Context())
	g := &guard{stall: w.stallFor(op), cut: cut}
	trace := &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { g.take(i.Conn) },
		WroteHeaders: func() {
			if rec != nil {
				rec.wrote.Store(true)
			}
		},
	}
	r = r.WithContext(httptrace.WithClientTrace(ctx, trace))
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &heldBody{r.Body, g}
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		g.release()
		return resp, err
	}
	if resp.Body == nil || resp.Body == http.NoBody {
		g.release()
		return resp, nil
	}
	resp.Body = &guardedBody{ReadCloser: resp.Body, g: g}
	return resp, nil
}

// guard is one request's hold on its connection.
type guard struct {
	stall time.Duration
	cut   context.CancelCauseFunc
	held  atomic.Int32 // more bytes to send are waited for

	mu   sync.Mutex // guards what follows
	conn *watchedConn
	turn uint64
}

// heldBody is a request's body, whose bytes may be long in coming.
type heldBody struct {
	io.ReadCloser
	g *guard
}

// Read waits for bytes to send. Once they are there the line has its full time to take them.
func (b *heldBody) Read(p []byte) (int, error) {
	b.g.held.Add(1)
	n, err := b.ReadCloser.Read(p)
	b.g.mu.Lock()
	if b.g.conn != nil {
		b.g.conn.push(false)
	}
	b.g.mu.Unlock()
	b.g.held.Add(-1)
	return n, err
}

func (g *guard) take(c net.Conn) {
	switch t := c.(type) {
	case *tls.Conn: // through a proxy
		c = t.NetConn()
	case *secureConn:
		c = t.below.watchedConn
	}
	w, ok := c.(*watchedConn)
	if !ok {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.releaseLocked() // the transport took another connection for a second attempt
	g.conn, g.turn = w, w.arm(g)
}

// release ends the watch, and with it the context that the request ran in.
func (g *guard) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.releaseLocked()
	g.cut(nil)
}

func (g *guard) releaseLocked() {
	if g.conn != nil {
		g.conn.disarm(g.turn)
		g.conn = nil
	}
}

type guardedBody struct {
	io.ReadCloser
	g *guard
}

// Read reads on; the end of the body ends the watch.
func (b *guardedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.g.release()
	}
	return n, err
}

// Close ends the watch and the body.
func (b *guardedBody) Close() error {
	b.g.release()
	return b.ReadCloser.Close()
}

// errStalled is what a cut request fails with.
var errStalled = errors.New("no data moved in either direction for too long")

// watchedConn is a connection whose deadline moves on with its bytes while a request is armed on it.
type watchedConn struct {
	net.Conn
	stall   atomic.Int64 // 0 = not armed
	held    atomic.Pointer[atomic.Int32]
	writing atomic.Int32
	pushed  atomic.Int64 // when the deadline was last moved, Unix nanoseconds

	mu   sync.Mutex // guards turn and cut, and keeps arm and disarm apart
	turn uint64
	cut  context.CancelCauseFunc
}

func (c *watchedConn) arm(g *guard) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	c.cut = g.cut
	c.held.Store(&g.held)
	c.stall.Store(int64(g.stall))
	c.push(true)
	return c.turn
}

// disarm ends the watch of the request that armed the connection as turn. A later request's watch is left alone: the end
// of a body hands the connection to the next one before its own reader knows.
func (c *watchedConn) disarm(turn uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn != c.turn {
		return
	}
	c.stall.Store(0)
	c.cut = nil
	c.held.Store(nil)
	_ = c.SetDeadline(time.Time{})
}

// stalled cuts the request that is armed.
func (c *watchedConn) stalled() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut != nil {
		c.cut(errStalled)
	}
	return errStalled
}

// push moves the deadline on. It does so at most eight times in a stall's length, as each costs a timer.
func (c *watchedConn) push(always bool) {
	stall := time.Duration(c.stall.Load())
	if stall == 0 {
		return
	}
	now := time.Now()
	if last := c.pushed.Load(); !always && now.UnixNano()-last < int64(stall)/8 {
		return
	}
	c.pushed.Store(now.UnixNano())
	_ = c.SetDeadline(now.Add(stall))
}

// Read waits for bytes. While a write is under way it is the write that is watched: the server has no reason to speak. The same
// holds while the next bytes to send are not there. A deadline that passed before anybody read is none.
func (c *watchedConn) Read(p []byte) (int, error) {
	begun := time.Now()
	for {
		n, err := c.Conn.Read(p)
		switch {
		case n > 0 || err == nil:
			c.push(false)
			return n, err
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return n, err
		case c.stall.Load() == 0:
			// The watch ended between the timer and here; without one there is no deadline.
			_ = c.SetReadDeadline(time.Time{})
		case c.writing.Load() > 0 || c.waits() || time.Now().UnixNano()-max(c.pushed.Load(), begun.UnixNano()) < c.stall.Load()*3/4:
			_ = c.SetReadDeadline(time.Now().Add(time.Duration(c.stall.Load())))
		default:
			return n, c.stalled()
		}
	}
}

// waits tells whether the armed request waits for bytes of its own.
func (c *watchedConn) waits() bool {
	held := c.held.Load()
	return held != nil && held.Load() > 0
}

// Write sends p. When the deadline comes, what the kernel took meanwhile counts as progress.
func (c *watchedConn) Write(p []byte) (int, error) {
	c.writing.Add(1)
	defer c.writing.Add(-1)
	total := 0
	for {
		c.push(false)
		n, err := c.Conn.Write(p[total:])
		total += n
		switch {
		case err == nil:
			c.push(false)
			return total, nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return total, err
		case c.stall.Load() == 0:
			_ = c.SetWriteDeadline(time.Time{})
		case n > 0:
			c.push(true)
		default:
			return total, c.stalled()
		}
	}
}
