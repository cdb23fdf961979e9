package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pintail/internal/demo"
	"pintail/internal/testkit/socks"
)

// insideName is a name that only the proxies know.
const (
	insideName = "s3.inside.test"
	insideHost = insideName + ":9000"
)

// networkBench are the proxies of a script.
type networkBench struct {
	web   atomic.Int64 // requests through the http proxy
	socks *socks.Proxy
	seen  int64 // connections that through has counted
}

// network starts ways to a server: TLS is another one with the script's key and bucket, which demands the certificate client.pem (key
// client.key) and whose own authority is ca.pem. WEBPROXY and SOCKS are proxies, INSIDE the script's server by a name that only they know.
func network(ts *testscript.TestScript, _ bool, _ []string) {
	b := &networkBench{}
	server, err := url.Parse(ts.Getenv("AWS_ENDPOINT_URL_S3"))
	ts.Check(err)
	forward := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = "http", server.Host, p.In.Host
	}}
	other := httptest.NewTLSServer(nil)
	other.Close() // its certificate is for the loopback address
	strict, err := demo.Start(context.Background(), demo.Options{AccessKey: ts.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: ts.Getenv("AWS_SECRET_ACCESS_KEY"),
		TLS: &tls.Config{Certificates: other.TLS.Certificates, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clientAuthority(ts)}})
	ts.Check(err)
	ts.Check(strict.AddBucket(ts.Getenv("BUCKET"), time.Now(), false))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == insideHost {
			b.web.Add(1)
			forward.ServeHTTP(w, r)
			return
		}
		http.Error(w, "not to be reached from here", http.StatusForbidden)
	}))
	b.socks, err = socks.New(socks.Options{User: "ann", Password: "p:a@ss", Hosts: map[string]string{insideHost: server.Host}})
	ts.Check(err)
	ts.Defer(func() { ts.Check(strict.Close()); web.Close(); b.socks.Close() })
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate().Raw}), 0o600))
	ts.Setenv("TLS", strict.URL())
	ts.Setenv("WEBPROXY", web.URL)
	ts.Setenv("SOCKS", b.socks.Addr)
	ts.Setenv("INSIDE", "http://"+insideHost)
	benchOf(ts).network = b
}

// clientAuthority writes a certificate for clients and gives the authority that vouches for it: itself.
func clientAuthority(ts *testscript.TestScript) *x509.CertPool {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client of a script"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{"client.pem": {Type: "CERTIFICATE", Bytes: raw}, "client.key": {Type: "PRIVATE KEY", Bytes: private}} {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(block), 0o600))
	}
	cert, err := x509.ParseCertificate(raw)
	ts.Check(err)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return pool
}

// through web|socks: something has gone through that proxy since the last time it was asked.
func through(ts *testscript.TestScript, neg bool, args []string) {
	b := benchOf(ts).network
	n := b.web.Swap(0)
	if strings.Join(args, " ") == "socks" {
		now := b.socks.Connections()
		n, b.seen = now-b.seen, now
	}
	if (n > 0) == neg {
		ts.Fatalf("%d through %s", n, args)
	}
}
