package storage

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The largest bodies that are read. A document beyond them is an attack or a mistake, never an answer of S3.
const (
	maxListBody  = 32 << 20
	maxXMLBody   = 32 << 20
	maxErrorBody = 1 << 20
)

// httpStack is the one way to the network. It follows no redirect, accepts no compressed body, verifies TLS always.
type httpStack struct {
	transport *http.Transport
	rt        http.RoundTripper
	allow     func(*http.Request) error // nil = everything
}

// connBuffer is the memory of a connection in each direction: enough for a small request or answer in one piece, little enough
// for 256 connections at once. Larger bodies go around it.
const connBuffer = 16 << 10

// newHTTPStack builds it. From the outside in, and why in this order:
//
//   - trace is outermost, so that it sees every request once with its whole duration and the bytes of the body as delivered;
//   - the cap cuts bodies before anything above can hold them in memory;
//   - the watchdog is inside the cap, since a body that is cut must not count as one that stands still;
//   - the waker is next to the transport: it must look at the clock right before a connection is chosen.
func newHTTPStack(c Config, now func() time.Time) *httpStack {
	dial := watchedDialer(c.StallAfter)
	t := &http.Transport{
		Proxy: c.Proxy,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			return dial(ctx, network, addr)
		},
		TLSClientConfig:        tlsConfig(c.TLS),
		TLSHandshakeTimeout:    c.StallAfter,
		ExpectContinueTimeout:  0,
		DisableCompression:     true,
		MaxIdleConns:           c.MaxConns,
		MaxIdleConnsPerHost:    c.MaxConns,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		WriteBufferSize:        connBuffer,
		ReadBufferSize:         connBuffer,
		ForceAttemptHTTP2:      false,
		OnProxyConnectResponse: proxyAnswer,
	}
	t.DialTLSContext = secureDialer(dial, t.TLSClientConfig, c.StallAfter)
	// One stream of HTTP/2 shares its connection's window with all others; parts in parallel are faster on their own.
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	var rt http.RoundTripper = &waker{next: t, drop: t.CloseIdleConnections, now: time.Now, gap: slept}
	rt = &watchdog{next: rt, stall: c.StallAfter}
	rt = &capper{next: rt}
	rt = &tracer{next: rt, report: c.Trace, now: now}
	return &httpStack{transport: t, rt: rt}
}

// Do sends r once. It is what the SDK calls; a redirect is an answer like any other.
func (h *httpStack) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Del("Expect")
	if h.allow != nil {
		if err := h.allow(r); err != nil {
			return nil, err
		}
	}
	return h.rt.RoundTrip(r)
}

func (h *httpStack) close() { h.transport.CloseIdleConnections() }

// tlsConfig keeps the caller's authorities and client certificates, and nothing that would weaken the connection.
func tlsConfig(from *tls.Config) *tls.Config {
	c := &tls.Config{}
	if from != nil {
		c = from.Clone()
	}
	c.InsecureSkipVerify = false
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	c.DynamicRecordSizingDisabled = true // small first records help who draws a page while it comes; here each is a call
	if c.ClientSessionCache == nil {
		c.ClientSessionCache = tls.NewLRUClientSessionCache(64)
	}
	return c
}

// proxyError is a refusal by the proxy on the way, not by the server.
type proxyError struct {
	Proxy  string
	Status int
}

func (e *proxyError) Error() string {
	return fmt.Sprintf("the proxy %s answered %d %s", e.Proxy, e.Status, http.StatusText(e.Status))
}

func proxyAnswer(_ context.Context, proxy *url.URL, _ *http.Request, r *http.Response) error {
	if r.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyError{Proxy: proxy.Host, Status: r.StatusCode}
}

// capper cuts a body that is larger than its operation's answer can be. The bytes of an object are not capped: the
// reader above knows their number.
type capper struct{ next http.RoundTripper }

// RoundTrip sends r and limits the answer.
func (c *capper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err != nil || r.Method == http.MethodHead { // the length in the answer to a HEAD is the object's
		return resp, err
	}
	limit := int64(maxXMLBody)
	rec := callFrom(r.Context())
	switch {
	case resp.StatusCode >= 300:
		limit = maxErrorBody
	case rec != nil && answers[rec.op].body == bodyObject:
		return resp, nil
	case rec != nil && answers[rec.op].listing:
		limit = maxListBody
	}
	if resp.ContentLength > limit {
		_ = resp.Body.Close()
		return nil, &tooLargeError{limit}
	}
	resp.Body = &cappedBody{ReadCloser: resp.Body, left: limit, limit: limit}
	return resp, nil
}

type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is longer than the %d MiB that it can have", e.limit>>20)
}

type cappedBody struct {
	io.ReadCloser
	left, limit int64
}

// Read reads on, up to the limit and one byte to see whether there is more.
func (b *cappedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n, &tooLargeError{b.limit}
	}
	return n, err
}

// waker drops idle connections when the machine slept: the other side has long forgotten them, and the first request
// after the lid opens would stall on one. Sleep shows as a gap between the wall clock and the monotonic one.
type waker struct {
	next http.RoundTripper
	drop func()
	now  func() time.Time
	gap  func(last, now time.Time) bool // whether the machine slept in between

	mu   sync.Mutex // guards last
	last time.Time
}

const sleptFor = 5 * time.Second

// RoundTrip sends r after the look at the clock.
func (w *waker) RoundTrip(r *http.Request) (*http.Response, error) {
	now := w.now()
	w.mu.Lock()
	last := w.last
	w.last = now
	w.mu.Unlock()
	if !last.IsZero() && w.gap(last, now) {
		w.drop()
	}
	return w.next.RoundTrip(r)
}

func slept(last, now time.Time) bool {
	return jumped(now.Round(0).Sub(last.Round(0)), now.Sub(last)) // Round takes the monotonic reading off
}

func jumped(wall, monotonic time.Duration) bool {
	gap := wall - monotonic
	return gap > sleptFor || gap < -sleptFor
}

// dialTimeout is how long one address may take to answer a connection attempt.
const dialTimeout = 15 * time.Second

func watchedDialer(stall time.Duration) func(ctx context.Context, network, addr string) (*watchedConn, error) {
	d := &net.Dialer{Timeout: min(dialTimeout, stall), KeepAlive: 30 * time.Second}
	return func(ctx context.Context, network, addr string) (*watchedConn, error) {
		c, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &watchedConn{Conn: c}, nil
	}
}
