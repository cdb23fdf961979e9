package storage

import (
	"context"
	"crypto/tls"
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
type secureConn struct{ *tls.Conn }

// ReadFrom sends all of r.
func (c *secureConn) ReadFrom(r io.Reader) (int64, error) { return copyPieces(c.Write, r) }

// secureDialer dials and shakes hands. Connections through a proxy are the transport's to secure.
func secureDialer(dial func(ctx context.Context, network, addr string) (net.Conn, error), config *tls.Config, patience time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
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
		c := tls.Client(raw, own)
		if err := c.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, err
		}
		return &secureConn{c}, nil
	}
}
