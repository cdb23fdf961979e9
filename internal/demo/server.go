// Package demo is a small S3 server that lives inside the process: for trying the program without an
// account, for `pintail-cli serve` and for tests. It keeps everything in memory and in one temporary folder.
// It must never answer a host name it was not started for, never run a request whose signature is not checked,
// and never know anything of the client's own packages: it is written from the S3 documentation alone.
// Start reading at [Start], then route.go (which request is which operation) and auth.go.
package demo

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Options says how [Start] makes a server. The zero value is a server on a free loopback port with new random keys.
type Options struct {
	// Addr is the address to listen on; "" is 127.0.0.1:0. Anything but loopback is refused unless AllowRemote.
	Addr string
	// AllowRemote permits an Addr that other machines can reach.
	AllowRemote bool
	// Dir is where bodies above 1 MiB are spilled; "" is a new temporary folder that Close removes.
	Dir string
	// AccessKey and SecretKey are the only credentials the server knows; "" makes new random ones.
	AccessKey, SecretKey string
	// Region is the server's own region; "" is us-east-1.
	Region string
	// Now is the base of the server's clock; nil is time.Now.
	Now func() time.Time
	// Sample fills the server with sample buckets.
	Sample bool
	// Hosts are names that the server answers for besides loopback, whatever the port, each with a path in front of every request
	// if it has one: "s3.example.com", "cloud.example.com/services". For tests that stand between client and server.
	Hosts []string
	// TLS makes the server answer over https; it must have a certificate for the loopback address. Nil: plain http.
	TLS *tls.Config
	// Middleware wraps the S3 handler behind the host check and the request record; nil is none.
	Middleware func(http.Handler) http.Handler
}

// Server is a running S3 server. Its methods may be called from any goroutine.
type Server struct {
	opt      Options
	url      string
	port     string
	hostID   string
	ownsDir  bool
	store    *store
	records  *recorder
	handlers map[string]handler
	settings map[string]*setting
	services map[string]map[string]handler
	beside   services
	http     *http.Server
	served   chan error
	endLife  context.CancelFunc // ends the context of every request, also of one whose connection was taken over

	closing  sync.Once
	closeErr error // set in closing

	mu     sync.Mutex // guards what follows
	offset time.Duration
	unhook func() bool // lets go of the context given to Start
}

const (
	maxHeaderBytes = 64 << 10
	headerTimeout  = 30 * time.Second
)

// Start listens and serves until ctx ends or Close is called. It returns once requests are answered.
func Start(ctx context.Context, o Options) (*Server, error) {
	o.fillDefaults()
	if err := checkAddr(o.Addr, o.AllowRemote); err != nil {
		return nil, err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen for the embedded server: %w", err)
	}
	s := &Server{opt: o, served: make(chan error, 1), hostID: randomID(24), records: newRecorder(recordLimit)}
	if s.opt.Dir == "" {
		if s.opt.Dir, err = os.MkdirTemp("", "pintail-demo-"); err != nil {
			return nil, errors.Join(fmt.Errorf("make the embedded server's folder: %w", err), ln.Close())
		}
		s.ownsDir = true
	} else if err := os.MkdirAll(s.opt.Dir, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("make the embedded server's folder: %w", err), ln.Close())
	}
	s.store = newStore(s.opt.Dir)
	s.handlers, s.settings, s.services = handlers(), settingTable(), serviceHandlers()
	if o.Sample {
		if err := s.addSample(); err != nil {
			return nil, errors.Join(fmt.Errorf("sample data: %w", err), ln.Close(), s.removeData())
		}
	}
	s.setAddress(ln.Addr())
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s.endLife = end
	s.http = &http.Server{
		BaseContext:       func(net.Listener) context.Context { return life },
		Handler:           s.front(),
		MaxHeaderBytes:    maxHeaderBytes,
		ReadHeaderTimeout: headerTimeout,
		ErrorLog:          log.New(discard{}, "", 0),
	}
	if o.TLS != nil {
		ln = tls.NewListener(ln, o.TLS)
		s.url = "https" + strings.TrimPrefix(s.url, "http")
	}
	go func() { s.served <- s.http.Serve(ln) }()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unhook = context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

func (o *Options) fillDefaults() {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AccessKey == "" {
		o.AccessKey = "PT" + randomBase32(18)
	}
	if o.SecretKey == "" {
		o.SecretKey = randomID(20)
	}
}

// checkAddr refuses an address that other machines could reach.
func checkAddr(addr string, remote bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("address %q of the embedded server: %w", addr, err)
	}
	if remote || host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("address %q of the embedded server: not a loopback address", addr)
	}
	return nil
}

func (s *Server) setAddress(a net.Addr) {
	host, port, _ := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	s.port = port
	s.url = "http://" + net.JoinHostPort(host, port)
}

// front is the whole chain: host check, record, middleware, S3.
func (s *Server) front() http.Handler {
	var h http.Handler = http.HandlerFunc(s.serveS3)
	if s.opt.Middleware != nil {
		h = s.opt.Middleware(h)
	}
	h = s.records.wrap(h, s.opt.Now)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r = s.ours(r); !s.hostAllowed(r.Host) {
			http.Error(w, "this server does not answer for that host name", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// hostAllowed protects against a web page whose own name was pointed at this machine (DNS rebinding).
func (s *Server) hostAllowed(hostport string) bool {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil || port != s.port {
		return false
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || host == "s3.localhost" || strings.HasSuffix(host, virtualSuffix) {
		return true
	}
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || s.opt.AllowRemote
	}
	return false
}

// URL is the endpoint, for example http://127.0.0.1:39001, with no slash at the end.
func (s *Server) URL() string { return s.url }

// AccessKey is the access key id that the server accepts.
func (s *Server) AccessKey() string { return s.opt.AccessKey }

// SecretKey is the secret that belongs to AccessKey.
func (s *Server) SecretKey() string { return s.opt.SecretKey }

// Region is the region to sign for; buckets made in another region need that one.
func (s *Server) Region() string { return s.opt.Region }

// AdvanceClock moves the clock that dates of new objects and the progress of restores follow.
// Signatures, and so pre-signed links, are still judged by the base clock.
func (s *Server) AdvanceClock(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
}

// now is the movable clock, cut to milliseconds as S3 reports it.
func (s *Server) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opt.Now().Add(s.offset).UTC().Truncate(time.Millisecond)
}

// Close cuts open connections, waits for the listener and all requests to end and removes what the server wrote.
// A second call waits for the first and returns the same.
func (s *Server) Close() error {
	s.closing.Do(func() { s.closeErr = s.shutDown() })
	return s.closeErr
}

func (s *Server) shutDown() error {
	s.mu.Lock()
	s.unhook()
	s.mu.Unlock()
	s.endLife()
	err := s.http.Close()
	if serveErr := <-s.served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	s.records.idle()
	if err = errors.Join(err, s.removeData()); err != nil {
		return fmt.Errorf("close the embedded server: %w", err)
	}
	return nil
}

func (s *Server) removeData() error {
	err := s.store.close()
	if s.ownsDir {
		err = errors.Join(err, os.RemoveAll(s.opt.Dir))
	}
	return err
}

// discard swallows net/http's own log lines (TLS probes, cut connections), which are no concern of a demo.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func randomID(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails, see crypto/rand
	return hex.EncodeToString(b)
}

func randomBase32(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails, see crypto/rand
	return base32.StdEncoding.EncodeToString(b)[:n]
}
