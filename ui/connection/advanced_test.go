package connection

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
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/explain"
	"pintail/internal/testkit"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/tasks"
)

// clientCertificate writes a certificate of its own authority and its key as PEM files.
func clientCertificate(t *testing.T) (cert *x509.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client of the test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	return cert, pemFile(t, "CERTIFICATE", raw), pemFile(t, "PRIVATE KEY", private)
}

func pemFile(t *testing.T, kind string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// strict is the embedded server over TLS that lets in only who shows the certificate, and the certificate that it shows itself.
func strict(t *testing.T, client *x509.Certificate) (*demo.Server, *x509.Certificate) {
	t.Helper()
	other := httptest.NewTLSServer(nil)
	other.Close() // its certificate is for the loopback address
	pool := x509.NewCertPool()
	pool.AddCert(client)
	return embedded(t, &tls.Config{Certificates: other.TLS.Certificates, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}), other.Certificate()
}

func embedded(t *testing.T, c *tls.Config) *demo.Server {
	t.Helper()
	d, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Sample: true, TLS: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// environment is the core behind a window, whose environment variables are given.
func environment(t *testing.T, vars map[string]string) connect.Env {
	t.Helper()
	profs, err := profiles.OpenRegistry("")
	if err != nil {
		t.Fatal(err)
	}
	marks, err := bookmarks.Open(t.TempDir(), bookmarks.Options{NoWatch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = marks.Close() })
	return connect.Env{Profiles: profs, Bookmarks: marks, Run: keychain.NewMemory(), Home: t.TempDir(), Getenv: func(n string) string { return vars[n] }}
}

// buckets lists what a connection shows.
func buckets(t *testing.T, env connect.Env, spec connect.Spec) ([]string, error) {
	t.Helper()
	c, err := connect.Open(t.Context(), env, spec)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	var out []string
	for p, err := range c.Session.Buckets(t.Context()) {
		if err != nil {
			return nil, err
		}
		for _, b := range p.Buckets {
			out = append(out, b.Name)
		}
	}
	return out, nil
}

// TestAdvanced_ServerThatDemandsACertificate: what is typed into the window's folded part opens a server that demands a client certificate
// of an authority that the system does not know; so does the bookmark made of it; and without either the window says which step fails.
func TestAdvanced_ServerThatDemandsACertificate(t *testing.T) {
	client, cert, key := clientCertificate(t)
	d, own := strict(t, client)
	ca := pemFile(t, "CERTIFICATE", own.Raw)
	env := environment(t, nil)
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorHTTPS)
	posted := make(chan func(), 1000)
	g := tasks.New(t.Context(), func(f func()) { posted <- f })
	t.Cleanup(func() { g.Close(); g.Wait() })
	p := parts{}
	w := Show(a, f, Options{Title: "t", OK: "Connect", Register: p.set, Done: func() {}, Tasks: g, Choose: func(done func([]string)) { done([]string{key}) },
		Try: func(ctx context.Context, spec connect.Spec, each func(connect.Step)) bool {
			return connect.Try(ctx, env, spec, each)
		}})
	set := func(id, words string) { p["connection."+id].(*kit.Entry).SetText(words) }
	set("server", d.URL())
	set("key", d.AccessKey())
	set("secret", d.SecretKey())
	try := func(want string) {
		t.Helper()
		p["connection.try"].(*kit.Button).Tapped(nil)
		steps := p["connection.steps"].(*trial)
		testkit.Until(t, posted, func() bool { return steps.cancel == nil }, steps.UIText)
		if !strings.Contains(steps.UIText(), want) {
			t.Errorf("the steps say %q, not %q", steps.UIText(), want)
		}
	}
	try("Encryption failed")
	if w.fields.rows[FieldCA].Field.Visible() {
		t.Error("what few need is not folded away")
	}
	p["connection.advanced"].(*kit.Button).Tapped(nil)
	set("ca", ca)
	try("failed") // without a certificate of one's own
	set("cert", cert)
	try("No usable client certificate") // its key is in another file
	p["connection.proxy"].(*kit.Select).SetIndex(int(ProxyOwn))
	set("proxyurl", "127.0.0.1:1") // where nobody listens: the list leads around it
	set("bypass", "127.0.0.1")
	p["connection.certkey.choose"].(*kit.Button).Tapped(nil)
	try("Listing done")
	if got, err := buckets(t, env, f.Spec()); err != nil || !slices.Contains(got, "studio-media") {
		t.Errorf("%q %v", got, err)
	}
	b, err := env.Bookmarks.Add(f.Bookmark())
	if err != nil {
		t.Fatal(err)
	}
	spec := connect.Spec{Bookmark: b.ID, Typed: f.Spec().Typed}
	if got, err := buckets(t, env, spec); err != nil || !slices.Contains(got, "studio-media") {
		t.Errorf("by the bookmark: %q %v", got, err)
	}
	b.ClientCert, b.ClientKey = "", ""
	if err := env.Bookmarks.Update(b); err != nil {
		t.Fatal(err)
	}
	if _, err := buckets(t, env, spec); err == nil || explain.Error(err).Sentence == "" {
		t.Errorf("without a certificate: %v", err)
	}
}

// TestAdvanced_ProxyBucketsAndSignature: each reaches the requests, and the bookmark keeps it.
func TestAdvanced_ProxyBucketsAndSignature(t *testing.T) {
	d := embedded(t, nil)
	var through atomic.Int64
	forward := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		through.Add(1)
		(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.Out.URL, p.Out.Host = p.In.URL, p.In.Host }}).ServeHTTP(w, r)
	}))
	t.Cleanup(forward.Close)
	env := environment(t, map[string]string{"HTTP_PROXY": "http://127.0.0.1:1"})
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorHTTP)
	f.Endpoint, f.KeyID, f.Secret = d.URL(), d.AccessKey(), d.SecretKey()
	for _, c := range []struct {
		kind    ProxyKind
		proxy   string
		through bool
	}{{ProxyOwn, strings.TrimPrefix(forward.URL, "http://"), true}, {ProxyNone, "", false}} {
		f.ProxyKind, f.Proxy = c.kind, c.proxy
		through.Store(0)
		if got, err := buckets(t, env, f.Spec()); err != nil || len(got) == 0 || (through.Load() > 0) != c.through {
			t.Errorf("%+v: %q %v, %d requests through the proxy", c, got, err, through.Load())
		}
	}
	for list, want := range map[string]bool{"inside.example; 192.0.2.0/24": true, " 127.0.0.1 localhost": false} {
		f.ProxyKind, f.Proxy, f.Bypass = ProxyOwn, forward.URL, list
		through.Store(0)
		if got, err := buckets(t, env, f.Spec()); err != nil || len(got) == 0 || (through.Load() > 0) != want {
			t.Errorf("%q: %q %v, %d requests through the proxy", list, got, err, through.Load())
		}
	}
	f.Bypass = "inside.example; 192.0.2.0/24"
	if b := f.Bookmark(); b.ProxyBypass != "inside.example,192.0.2.0/24" || NewBookmarkForm(bundled(t), nil, b).network() != f.network() {
		t.Errorf("the list in the bookmark: %q", b.ProxyBypass)
	}
	f.Bypass = "http://inside.example"
	if f.Errors()[FieldBypass] == "" {
		t.Error("an address is taken for a list of hosts")
	}
	f.Bypass = ""
	for _, bad := range []string{"", "http://user:pw@proxy:1", "ftp://proxy", "http://proxy/path"} {
		f.ProxyKind, f.Proxy = ProxyOwn, bad
		if f.Errors()[FieldProxyURL] == "" {
			t.Errorf("%q is taken for a proxy", bad)
		}
	}
	f.ProxyKind = ProxyNone
	f.Buckets = " studio-media, no-such-bucket,studio-media "
	f.Advanced.Signature = 2
	f.Production, f.ReadOnly = true, true
	if got, err := buckets(t, env, f.Spec()); err != nil || !slices.Equal(got, []string{"studio-media", "no-such-bucket"}) {
		t.Errorf("named buckets: %q %v", got, err)
	}
	b := f.Bookmark()
	back := NewBookmarkForm(bundled(t), nil, b)
	if back.Spec().Signature != "AWS2" || back.Buckets != "studio-media, no-such-bucket" || back.ProxyKind != ProxyNone || !back.Production || !back.ReadOnly {
		t.Errorf("%+v", back.Advanced)
	}
	b, err := env.Bookmarks.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := connect.Open(t.Context(), env, connect.Spec{Bookmark: b.ID, Typed: f.Spec().Typed})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if !c.Production || !c.Session.ReadOnly() {
		t.Errorf("production %v, read-only %v", c.Production, c.Session.ReadOnly())
	}
	former, err := connect.Open(t.Context(), env, connect.SpecOf(b)) // as the history opens it, where the secret is known by now
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = former.Close() }()
	if again, err := connect.ParseRef(former.Ref); err != nil || !former.Production || !again.Production || !again.ReadOnly {
		t.Errorf("from the history: production %v, %+v, %v", former.Production, again, err)
	}
	f.Advanced = Advanced{}
	if b := f.Bookmark(); b.Proxy != "" || b.Buckets != nil || b.Production || b.Custom[customSignature] != "" {
		t.Errorf("taken away: %+v", b)
	}
}
