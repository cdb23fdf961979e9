// Package socks is a SOCKS version 5 proxy for tests (RFC 1928, RFC 1929): CONNECT only, with or without user and password.
// It must never be linked into the programs.
// Start reading at [Start].
package socks

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy is a running proxy.
type Proxy struct {
	// Addr is host:port.
	Addr string

	user, password string
	hosts          map[string]string
	listener       net.Listener
	accepted       atomic.Int64
	refused        atomic.Int64
	served         sync.WaitGroup
	mu             sync.Mutex // guards open and ours
	open           map[net.Conn]bool
	ours           map[string]bool // local addresses of the connections made
}

// Options are what a proxy wants of its users, and where it finds hosts.
type Options struct {
	User, Password string            // "" lets everybody in
	Hosts          map[string]string // host:port by the name and port that a user asks for; other hosts are refused
}

// Start serves on the loopback address until the test ends.
func Start(t *testing.T, o Options) *Proxy {
	t.Helper()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// New serves on the loopback address until Close.
func New(o Options) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{Addr: l.Addr().String(), user: o.User, password: o.Password, hosts: o.Hosts, listener: l, open: map[net.Conn]bool{}, ours: map[string]bool{}}
	p.served.Go(p.serve)
	return p, nil
}

// Close ends the proxy and what goes through it.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.mu.Lock()
	for c := range p.open {
		_ = c.Close()
	}
	p.open = nil
	p.mu.Unlock()
	p.served.Wait()
}

// Connections is how many connections were made through the proxy.
func (p *Proxy) Connections() int64 { return p.accepted.Load() }

// Refused is how many users it did not let in, for their password or for the host they asked for.
func (p *Proxy) Refused() int64 { return p.refused.Load() }

// Made tells whether a connection that a server sees as coming from addr, host:port, was made by the proxy.
func (p *Proxy) Made(addr string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ours[addr]
}

func (p *Proxy) serve() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		if !p.hold(c) {
			return
		}
		p.served.Go(func() {
			defer p.release(c)
			if err := p.handle(c); err != nil {
				p.refused.Add(1)
			}
		})
	}
}

// hold remembers a connection so that Close ends it; false: the proxy is closed.
func (p *Proxy) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		_ = c.Close()
		return false
	}
	p.open[c] = true
	return true
}

func (p *Proxy) release(c net.Conn) {
	_ = c.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
}

var errRefused = errors.New("refused")

const (
	version5   = 5
	noPassword = 0
	byPassword = 2
	noMethod   = 0xff
	connect    = 1
	byIPv4     = 1
	byName     = 3
	byIPv6     = 4
	succeeded  = 0
	notAllowed = 2
)

// handle lets the user in, connects, and passes bytes on until one side ends.
func (p *Proxy) handle(c net.Conn) error {
	if err := p.greet(c); err != nil {
		return err
	}
	host, err := request(c)
	if err != nil {
		return err
	}
	reply := []byte{version5, succeeded, 0, byIPv4, 0, 0, 0, 0, 0, 0}
	to, known := p.hosts[host]
	if !known {
		reply[1] = notAllowed
		_, _ = c.Write(reply)
		return errRefused
	}
	far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", to)
	if err != nil {
		return err
	}
	if !p.hold(far) {
		return nil
	}
	defer p.release(far)
	p.mu.Lock()
	p.ours[far.LocalAddr().String()] = true
	p.mu.Unlock()
	p.accepted.Add(1)
	if _, err := c.Write(reply); err != nil {
		return nil
	}
	p.served.Go(func() { pass(far, c) })
	pass(c, far)
	return nil
}

// pass copies one way and ends both when that ends.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
	_ = from.Close()
}

// greet agrees on a method and checks user and password.
func (p *Proxy) greet(c net.Conn) error {
	head := make([]byte, 2)
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	methods := make([]byte, head[1])
	if _, err := io.ReadFull(c, methods); err != nil {
		return err
	}
	want := byte(noPassword)
	if p.user != "" {
		want = byPassword
	}
	offered := false
	for _, m := range methods {
		offered = offered || m == want
	}
	if head[0] != version5 || !offered {
		_, _ = c.Write([]byte{version5, noMethod})
		return errRefused
	}
	if _, err := c.Write([]byte{version5, want}); err != nil || want == noPassword {
		return err
	}
	return p.login(c)
}

// login is RFC 1929.
func (p *Proxy) login(c net.Conn) error {
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil { // the version of this exchange
		return err
	}
	user, err := counted(c)
	if err != nil {
		return err
	}
	password, err := counted(c)
	if err != nil {
		return err
	}
	if string(user) != p.user || string(password) != p.password {
		_, _ = c.Write([]byte{1, 1})
		return errRefused
	}
	_, err = c.Write([]byte{1, 0})
	return err
}

// counted reads a length in one byte and as many bytes.
func counted(c io.Reader) ([]byte, error) {
	n := make([]byte, 1)
	if _, err := io.ReadFull(c, n); err != nil {
		return nil, err
	}
	b := make([]byte, n[0])
	_, err := io.ReadFull(c, b)
	return b, err
}

// request reads what the user wants to be connected to, as host:port.
func request(c io.Reader) (string, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil {
		return "", err
	}
	if head[0] != version5 || head[1] != connect {
		return "", errRefused
	}
	var host string
	switch head[3] {
	case byName:
		name, err := counted(c)
		if err != nil {
			return "", err
		}
		host = string(name)
	case byIPv4, byIPv6:
		ip := make([]byte, map[byte]int{byIPv4: net.IPv4len, byIPv6: net.IPv6len}[head[3]])
		if _, err := io.ReadFull(c, ip); err != nil {
			return "", err
		}
		host = net.IP(ip).String()
	default:
		return "", errRefused
	}
	port := make([]byte, 2)
	if _, err := io.ReadFull(c, port); err != nil {
		return "", err
	}
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port)))), nil
}
