package keychain

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// client is what STS, SSO and container calls go through. It follows no redirect: a redirect would carry a session
// token to another host.
type client struct{ *http.Client }

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (req *Request) client() client {
	if req.HTTPClient != nil {
		c := *req.HTTPClient
		c.CheckRedirect = noRedirect
		return client{&c}
	}
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       5 * time.Second, // these calls are rare: keep no connection for them
		ForceAttemptHTTP2:     true,
	}
	return client{&http.Client{Transport: t, CheckRedirect: noRedirect, Timeout: time.Minute}}
}

// metadataClient is for the addresses inside a machine: never through a proxy, which would see the credentials.
func metadataClient() *http.Client {
	t := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: metadataTime}).DialContext,
		TLSHandshakeTimeout:   metadataTime,
		ResponseHeaderTimeout: 5 * metadataTime, // a container's agent may have to ask STS first
		IdleConnTimeout:       time.Second,
	}
	return &http.Client{Transport: t, CheckRedirect: noRedirect, Timeout: 10 * time.Second}
}

// WithTransportOptions lets the SDK add the certificates of ca_bundle.
func (c client) WithTransportOptions(opts ...func(*http.Transport)) aws.HTTPClient {
	t, ok := c.Transport.(*http.Transport)
	if !ok {
		return c // a caller's own transport has its own trust
	}
	t = t.Clone()
	for _, o := range opts {
		o(t)
	}
	copied := *c.Client
	copied.Transport = t
	return client{&copied}
}

func readToken(file string) (string, error) {
	const maxToken = 64 << 10
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	token := strings.TrimSpace(string(data))
	if len(data) > maxToken || strings.ContainsAny(token, "\r\n") {
		return "", errors.New("token file: the file holds no token")
	}
	return token, nil
}
