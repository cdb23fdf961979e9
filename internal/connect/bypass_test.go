package connect_test

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/testkit/socks"
)

// connectProxy joins CONNECT requests with the host that they name, and counts them.
func connectProxy(t *testing.T) (address string, joined *atomic.Int64) {
	t.Helper()
	joined = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		joined.Add(1)
		join(w, r.URL.Host)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, joined
}

// TestBypass_CONNECT: a host of the list is reached directly, others through the connection's own proxy; the list of a stored bookmark
// does the same, and the option stands before it.
func TestBypass_CONNECT(t *testing.T) {
	t.Parallel()
	other := httptest.NewTLSServer(nil)
	other.Close() // its certificate is for the loopback address
	d := startDemo(t, demo.Options{TLS: &tls.Config{Certificates: other.TLS.Certificates}})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	address, joined := connectProxy(t)
	host := strings.TrimPrefix(d.URL(), "https://")
	s := newSetup(t)
	s.script.Confirms = []bool{true, true, true}
	reached := func(spec connect.Spec) bool {
		t.Helper()
		joined.Store(0)
		spec.Typed = typed(d.AccessKey(), d.SecretKey())
		c := s.open(t, spec)
		for _, err := range c.Session.Buckets(t.Context()) {
			if err != nil {
				t.Errorf("%+v: %v", spec.Network, err)
			}
		}
		return joined.Load() > 0
	}
	for list, through := range map[string]bool{
		"": true, "inside.example, 10.0.0.0/8,127.0.0.2,127.0.0.1:1": true,
		"127.0.0.1": false, "inside.example, 127.0.0.0/8": false, host: false, "*": false,
	} {
		if got := reached(connect.Spec{Endpoint: d.URL(), Network: connect.Network{Proxy: address, Bypass: list, CABundle: ca}}); got != through {
			t.Errorf("%q: through the proxy %v", list, got)
		}
	}
	id := s.bookmark(t, bookmarks.Bookmark{Nickname: "office", EndpointURL: d.URL(), Proxy: address, ProxyBypass: "127.0.0.1", CABundle: ca})
	if reached(connect.Spec{Bookmark: id}) {
		t.Error("the bookmark's list is not kept")
	}
	if !reached(connect.Spec{Bookmark: id, Network: connect.Network{Bypass: "inside.example"}}) {
		t.Error("the list that was asked for is not the one")
	}
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Endpoint: d.URL(), Network: connect.Network{Proxy: address, Bypass: "http://a"}}); !errors.Is(err, bookmarks.ErrInvalid) {
		t.Errorf("no list: %v", err)
	}
}

// TestBypass_SOCKS: the same with a SOCKS proxy, upload and download included.
func TestBypass_SOCKS(t *testing.T) {
	t.Parallel()
	for list, through := range map[string]bool{"s3.other.test,.inside.test:1": true, "192.0.2.1,127.0.0.1": false} {
		b := newBehindProxy(t, socks.Options{})
		roundTrip(t, b.session(t, "http://127.0.0.1:1", connect.Spec{Endpoint: b.server.URL(),
			Network: connect.Network{Proxy: "socks5://" + b.proxy.Load().Addr, Bypass: list}}))
		if (b.around.Load() == 0) != through || (b.proxy.Load().Connections() > 0) != through || b.requests.Load() < 4 {
			t.Errorf("%q: %d of %d requests around the proxy, which made %d connections", list, b.around.Load(), b.requests.Load(), b.proxy.Load().Connections())
		}
	}
}
