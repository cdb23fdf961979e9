package connect_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/testkit/socks"
	"pintail/keychain"
	"pintail/storage"
)

// behindProxy is a server that only a SOCKS proxy finds under its name, and counts what comes past the proxy.
type behindProxy struct {
	server   *demo.Server
	proxy    atomic.Pointer[socks.Proxy]
	requests atomic.Int64
	around   atomic.Int64
}

const proxiedName = "s3.inside.test"

func newBehindProxy(t *testing.T, o socks.Options) *behindProxy {
	t.Helper()
	b := &behindProxy{}
	var err error
	b.server, err = demo.Start(context.WithoutCancel(t.Context()), demo.Options{Hosts: []string{proxiedName}, Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			b.requests.Add(1)
			if p := b.proxy.Load(); p == nil || !p.Made(r.RemoteAddr) {
				b.around.Add(1)
			}
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.server.Close(); err != nil {
			t.Error(err)
		}
	})
	host := strings.TrimPrefix(b.server.URL(), "http://")
	o.Hosts = map[string]string{proxiedName + ":9000": host, host: host}
	b.proxy.Store(socks.Start(t, o))
	return b
}

// session opens a connection with the right key; proxy is that of the environment.
func (b *behindProxy) session(t *testing.T, proxy string, spec connect.Spec) *storage.Session {
	t.Helper()
	e := newSetup(t)
	e.vars["HTTP_PROXY"] = proxy
	e.script.Confirms = []bool{true, true, true}
	spec.Addressing = storage.AddressingPath
	spec.Typed = keychain.Typed{KeyID: b.server.AccessKey(), Secret: keychain.NewSecret(b.server.SecretKey())}
	c := e.open(t, spec)
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.Session
}

// TestSOCKS_AllGoesThroughTheProxy: upload, list and download, by the connection's own proxy and by that of the environment with user and
// password. The server sees no connection but the proxy's.
func TestSOCKS_AllGoesThroughTheProxy(t *testing.T) {
	t.Parallel()
	const byName = "http://" + proxiedName + ":9000"
	for name, c := range map[string]struct {
		options socks.Options
		reach   func(b *behindProxy) (environment string, spec connect.Spec)
	}{
		"own, an address": {socks.Options{}, func(b *behindProxy) (string, connect.Spec) {
			return "", connect.Spec{Endpoint: b.server.URL(), Network: connect.Network{Proxy: "socks5://" + b.proxy.Load().Addr}}
		}},
		"own, a name": {socks.Options{}, func(b *behindProxy) (string, connect.Spec) {
			return "http://127.0.0.1:1", connect.Spec{Endpoint: byName, Network: connect.Network{Proxy: "socks5://" + b.proxy.Load().Addr}}
		}},
		"environment, with a password": {socks.Options{User: "ann", Password: "p:a@ss"}, func(b *behindProxy) (string, connect.Spec) {
			return "socks5://ann:p%3Aa%40ss@" + b.proxy.Load().Addr, connect.Spec{Endpoint: byName}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBehindProxy(t, c.options)
			environment, spec := c.reach(b)
			s := b.session(t, environment, spec)
			roundTrip(t, s)
			if b.requests.Load() < 4 || b.around.Load() != 0 || b.proxy.Load().Connections() == 0 || b.proxy.Load().Refused() != 0 {
				t.Errorf("%d requests, %d around the proxy, which made %d connections and refused %d", b.requests.Load(), b.around.Load(), b.proxy.Load().Connections(), b.proxy.Load().Refused())
			}
		})
	}
}

// roundTrip makes a bucket, puts an object into it, finds it and reads it.
func roundTrip(t *testing.T, s *storage.Session) {
	t.Helper()
	at := storage.Location{Bucket: "bucket", Key: "key"}
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	if err := s.MakeBucket(t.Context(), at.Bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), at, storage.Body{R: bytes.NewReader(content), Size: int64(len(content))}, storage.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	found := 0
	for page, err := range s.List(t.Context(), at.Bucket, "", storage.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		found += len(page.Entries)
	}
	body, err := s.Read(t.Context(), at, storage.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	if err := errors.Join(err, body.Close()); err != nil || found != 1 || !bytes.Equal(got, content) {
		t.Errorf("%d objects, %d bytes: %v", found, len(got), err)
	}
}

// TestSOCKS_ARefusedUserReachesNothing: with a wrong password, or without one, no request arrives.
func TestSOCKS_ARefusedUserReachesNothing(t *testing.T) {
	t.Parallel()
	b := newBehindProxy(t, socks.Options{User: "ann", Password: "right"})
	addr := b.proxy.Load().Addr
	for _, user := range []string{"ann:wrong@", "ann@", ""} {
		s := b.session(t, "socks5://"+user+addr, connect.Spec{Endpoint: "http://" + proxiedName + ":9000"})
		failed := false
		for _, err := range s.Buckets(t.Context()) {
			failed = err != nil
			if err != nil && strings.Contains(err.Error(), "wrong") {
				t.Errorf("the password is in the message: %v", err)
			}
		}
		if !failed {
			t.Errorf("%q got in", user)
		}
	}
	if b.requests.Load() != 0 || b.proxy.Load().Connections() != 0 || b.proxy.Load().Refused() == 0 {
		t.Errorf("%d requests, %d connections, %d refused", b.requests.Load(), b.proxy.Load().Connections(), b.proxy.Load().Refused())
	}
	if err := bookmarks.CheckProxy("socks5://ann:right@" + addr); !errors.Is(err, bookmarks.ErrSecret) {
		t.Errorf("a bookmark takes a password: %v", err)
	}
}
