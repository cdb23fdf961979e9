package connect

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/idna"

	"pintail/bookmarks"
)

// proxy is the function that picks a proxy by HTTPS_PROXY, HTTP_PROXY and NO_PROXY with bypass. Loopback and the addresses that hand
// out credentials to a machine are never asked through a proxy.
func proxy(getenv func(string) string, bypass string) func(*http.Request) (*url.URL, error) {
	either := func(upper, lower string) string {
		if v := getenv(upper); v != "" {
			return v
		}
		return getenv(lower)
	}
	choose := (&httpproxy.Config{
		HTTPProxy:  either("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: either("HTTPS_PROXY", "https_proxy"),
		NoProxy:    either("NO_PROXY", "no_proxy") + "," + bypass,
		CGI:        getenv("REQUEST_METHOD") != "",
	}).ProxyFunc()
	return func(r *http.Request) (*url.URL, error) {
		if isMetadata(r.URL.Hostname()) {
			return nil, nil
		}
		return choose(r.URL)
	}
}

// isMetadata tells the addresses of instance and container metadata.
func isMetadata(host string) bool {
	switch strings.ToLower(host) {
	case "169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23":
		return true
	}
	return false
}

// Network is how the server is reached besides its address. The zero value is what the environment says.
type Network struct {
	Proxy      string `json:"proxy,omitempty"`  // "" = environment, [bookmarks.NoProxy], or the URL of an http, https or socks5 proxy
	Bypass     string `json:"bypass,omitempty"` // hosts reached without the proxy, as [bookmarks.CheckBypass] takes them; they add to NO_PROXY
	CABundle   string `json:"ca,omitempty"`     // PEM file of authorities to trust besides the system's
	ClientCert string `json:"cert,omitempty"`   // PEM file of the certificate that the server asks for
	ClientKey  string `json:"certkey,omitempty"`
}

// or is n with what it leaves open taken from other. A certificate goes with its own key.
func (n Network) or(other Network) Network {
	n.Proxy, n.Bypass, n.CABundle = firstOf(n.Proxy, other.Proxy), firstOf(n.Bypass, other.Bypass), firstOf(n.CABundle, other.CABundle)
	if n.ClientCert == "" {
		n.ClientCert, n.ClientKey = other.ClientCert, other.ClientKey
	}
	return n
}

// proxy is the function that picks the proxy of t's requests: its own for every host but those of its list, else that of the environment.
func (env Env) proxy(t target) (func(*http.Request) (*url.URL, error), error) {
	if err := bookmarks.CheckBypass(t.network.Bypass); err != nil {
		return nil, err
	}
	switch p := t.network.Proxy; {
	case p == "":
		return proxy(env.Getenv, t.network.Bypass), nil
	case p == bookmarks.NoProxy:
		return nil, nil
	default:
		if err := bookmarks.CheckProxy(p); err != nil {
			return nil, err
		}
		return ownProxy(p, t.network.Bypass), nil
	}
}

// ownProxy picks the proxy at address for every host but those that bypass lists and the addresses that hand out credentials. This
// computer is no exception, as it is with the environment's: who runs a tunnel to it names its hosts localhost.
func ownProxy(address, bypass string) func(*http.Request) (*url.URL, error) {
	choose := (&httpproxy.Config{HTTPProxy: address, HTTPSProxy: address, NoProxy: bypass}).ProxyFunc()
	own, err := url.Parse(address)
	return func(r *http.Request) (*url.URL, error) {
		switch host := r.URL.Hostname(); {
		case isMetadata(host):
			return nil, nil
		case isLoopback(host):
			if listsLoopback(bypass, r.URL) {
				return nil, nil
			}
			return own, err
		}
		return choose(r.URL)
	}
}

// listsLoopback tells whether a list names the address of this computer in u, which the rules of the environment would not look up.
func listsLoopback(list string, u *url.URL) bool {
	port := firstOf(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	ip, _ := netip.ParseAddr(u.Hostname())
	for _, one := range bookmarks.BypassList(list) {
		network, err := netip.ParsePrefix(one)
		switch {
		case one == "*", strings.EqualFold(one, u.Hostname()), strings.EqualFold(one, net.JoinHostPort(u.Hostname(), port)):
			return true
		case err == nil && network.Contains(ip):
			return true
		}
	}
	return false
}

// tls is the authorities and the client certificate of t; nil for the system's own and none.
func (env Env) tls(t target) (*tls.Config, error) {
	c, err := tlsConfig(t.caBundle, env.local(t.network.CABundle))
	if err != nil || t.network.ClientCert == "" {
		return c, err
	}
	if c == nil {
		c = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	cert, key := env.local(t.network.ClientCert), env.local(firstOf(t.network.ClientKey, t.network.ClientCert))
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrClientCert, err)
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}

// local is a path as a person writes it: ~ is the home folder.
func (env Env) local(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(env.Home, rest)
	}
	return path
}

// client is the HTTP client for token services, where t has a network of its own; nil for the usual one.
func (env Env) client(t target) (*http.Client, error) {
	if t.network == (Network{}) {
		return nil, nil
	}
	choose, err := env.proxy(t)
	if err != nil {
		return nil, err
	}
	config, err := env.tls(t)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: &http.Transport{Proxy: choose, TLSClientConfig: config, DisableKeepAlives: true, TLSHandshakeTimeout: tryTime}, Timeout: time.Minute}, nil
}

// tlsConfig adds the authorities of PEM files to the system's; nil without a file.
func tlsConfig(bundles ...string) (*tls.Config, error) {
	bundles = slices.DeleteFunc(slices.Clone(bundles), func(b string) bool { return b == "" })
	if len(bundles) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, bundle := range bundles {
		pem, err := os.ReadFile(bundle)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCABundle, err)
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%w: %s has no certificate", ErrCABundle, bundle)
		}
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// parseEndpoint reads a URL, or host[:port] with https put before it. User, query and fragment are refused: a secret in an
// address would travel into logs.
func parseEndpoint(s string) (*url.URL, error) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return nil, fmt.Errorf("%w: write https://host:port", ErrEndpoint)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: the scheme is http or https, not %q", ErrEndpoint, u.Scheme)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%w: it names a user, a query or a fragment", ErrEndpoint)
	}
	if u.Host, err = plainHost(u); err != nil {
		return nil, err
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

// plainHost is the host as the network knows it: letters that are not plain ones are written out (xn--…), so that a host that only looks
// like another one shows as what it is.
func plainHost(u *url.URL) (string, error) {
	host := u.Hostname()
	if !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return u.Host, nil
	}
	plain, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return "", fmt.Errorf("%w: %q is no name of a host", ErrEndpoint, host)
	}
	if p := u.Port(); p != "" {
		plain += ":" + p
	}
	return plain, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}

// isAmazon tells hosts of Amazon's own domains.
func isAmazon(host string) bool {
	h := strings.ToLower(strings.TrimSuffix(host, "."))
	for _, d := range []string{"amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws"} {
		if h == d || strings.HasSuffix(h, "."+d) {
			return true
		}
	}
	return false
}
