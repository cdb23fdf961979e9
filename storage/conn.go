package storage

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// How the bytes of a body reach the network. The transport copies a body through two buffers of its own, in pieces of 32 KiB;
// both kinds of connection here take it from its reader in one piece that stays in the processor's cache while it is read,
// summed, encrypted and sent.

// sendPiece is the size of these pieces; sendRoom is what a body's head may take in front of the first. The file's bytes stay at
// multiples of a page in memory as they are in the file: copied to odd places they cost three times as much.
const (
	sendPiece = 64 << 10
	sendRoom  = 4 << 10
)

// sendBuffers hold them.
var sendBuffers = sync.Pool{New: func() any { b := make([]byte, sendRoom+sendPiece); return &b }}

// copyPieces sends all of r with write.
func copyPieces(write func([]byte) (int, error), r io.Reader) (int64, error) {
	buf := sendBuffers.Get().(*[]byte)
	defer sendBuffers.Put(buf)
	from, body := sendRoom, (*buf)[sendRoom:]
	var total int64
	for {
		n, err := r.Read(body)
		if err == nil && total == 0 && n < sendRoom { // a head: it goes out with the bytes that follow it
			from -= copy((*buf)[sendRoom-n:sendRoom], body[:n])
			n = 0
		}
		if err == nil {
			var m int
			m, err = fill(r, body[n:])
			n += m
		}
		if piece := (*buf)[from : sendRoom+n]; len(piece) > 0 {
			w, werr := write(piece)
			total += int64(w)
			if werr != nil {
				return total, werr
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		from = sendRoom
	}
}

// fill reads until p is full or r ends.
func fill(r io.Reader, p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m, err := r.Read(p[n:])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// ReadFrom sends all of r.
func (c *watchedConn) ReadFrom(r io.Reader) (int64, error) { return copyPieces(c.Write, r) }

// secureConn is a connection under TLS.
type secureConn struct {
	*tls.Conn
	below *gathered
}

// ReadFrom sends all of r.
func (c *secureConn) ReadFrom(r io.Reader) (int64, error) {
	return copyPieces(func(p []byte) (int, error) {
		c.below.gather()
		n, err := c.Write(p)
		return n, errors.Join(err, c.below.flush())
	}, r)
}

// gathered is what lies under TLS, which hands each record of 16 KiB over on its own: those of one piece go to the network in
// one call. TLS may also write while it reads (an answer to a change of keys), so all is locked.
type gathered struct {
	*watchedConn

	mu   sync.Mutex
	held *[]byte // nil: what comes goes out at once
	err  error   // records were lost: nothing may follow them
}

// records hold a piece with its head, encrypted.
var records = sync.Pool{New: func() any { b := make([]byte, 0, sendRoom+sendPiece+1<<10); return &b }}

func (g *gathered) gather() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = records.Get().(*[]byte)
}

// flush sends what was held.
func (g *gathered) flush() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	held := g.held
	g.held = nil
	if g.err == nil && len(*held) > 0 {
		_, g.err = g.watchedConn.Write(*held)
	}
	*held = (*held)[:0]
	records.Put(held)
	return g.err
}

// Write holds p, or sends it.
func (g *gathered) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		return 0, g.err
	}
	if g.held != nil {
		*g.held = append(*g.held, p...)
		return len(p), nil
	}
	return g.watchedConn.Write(p)
}

// secureDialer dials and shakes hands. Connections through a proxy are the transport's to secure.
func secureDialer(dial func(ctx context.Context, network, addr string) (*watchedConn, error), config *tls.Config, patience time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		raw, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		own := config
		if own.ServerName == "" {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				_ = raw.Close()
				return nil, err
			}
			own = config.Clone()
			own.ServerName = host
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		below := &gathered{watchedConn: raw}
		c := tls.Client(below, own)
		if err := c.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		return &secureConn{c, below}, nil
	}
}
