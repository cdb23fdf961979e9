package connect_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pintail/profiles"
)

// outside stands for the world: a proxy that leads every host name, with TLS and without, to one local server.
type outside struct {
	url    string // of the proxy
	ca     string // file with the authority of its certificates
	client *http.Client

	target atomic.Pointer[url.URL]
	caKey  *ecdsa.PrivateKey
	caCert *x509.Certificate
	inner  string // address of the TLS server

	mu    sync.Mutex
	certs map[string]*tls.Certificate
}

// to leads all that comes to a server from now on.
func (o *outside) to(t *testing.T, server string) { o.target.Store(mustURL(t, server)) }

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{certs: map[string]*tls.Certificate{}}
	var err error
	if o.caKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &o.caKey.PublicKey, o.caKey)
	if err != nil {
		t.Fatal(err)
	}
	if o.caCert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	o.ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(o.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(o.target.Load())
		r.Out.Host = r.In.Host
	}}
	secure := httptest.NewUnstartedServer(forward)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{GetCertificate: o.certificate}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	o.inner = secure.Listener.Addr().String()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			o.tunnel(w)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	o.url = proxy.URL
	pool := x509.NewCertPool()
	pool.AddCert(o.caCert)
	transport := &http.Transport{Proxy: http.ProxyURL(mustURL(t, proxy.URL)), TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	o.client = &http.Client{Transport: transport}
	return o
}

// tunnel joins a CONNECT request with the TLS server.
func (o *outside) tunnel(w http.ResponseWriter) { join(w, o.inner) }

// join joins a CONNECT request with an address, until either end closes.
func join(w http.ResponseWriter, address string) {
	far, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	near, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		_ = far.Close()
		return
	}
	_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1])
			_ = near.Close()
			_ = far.Close()
		})
	}
	both.Wait()
}

// certificate is made for each name that is asked for.
func (o *outside) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if c := o.certs[hello.ServerName]; c != nil {
		return c, nil
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(int64(len(o.certs) + 2)), DNSNames: []string{hello.ServerName}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, o.caCert, &o.caKey.PublicKey, o.caKey)
	if err != nil {
		return nil, err
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: o.caKey}
	o.certs[hello.ServerName] = c
	return c, nil
}

// writeProfile puts a profile that is not bundled into a file.
func writeProfile(t *testing.T, p profiles.Profile) string {
	t.Helper()
	raw, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "own"+profiles.Ext)
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
