package demo

import (
	"context"
	"net"
	"net/http"
	"strings"
)

// signedAs is what a request was signed for, before it was brought to the server's own host.
type signedAs struct{ host, uri string }

type signedKey struct{}

// ours brings a request for one of Options.Hosts to the server's own host: a bucket before the name stays one, a path behind it goes.
// The name may come with any port.
func (s *Server) ours(r *http.Request) *http.Request {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	asked := originForm(r.RequestURI)
	for _, own := range s.opt.Hosts {
		name, prefix, _ := strings.Cut(own, "/")
		bucket, isBucket := strings.CutSuffix(host, "."+name)
		uri, below := strings.CutPrefix(asked, strings.TrimSuffix("/"+prefix, "/"))
		if host != name && !isBucket || !below {
			continue
		}
		if uri == "" || uri[0] == '?' {
			uri = "/" + uri
		}
		out := r.WithContext(context.WithValue(r.Context(), signedKey{}, signedAs{r.Host, asked}))
		out.Host, out.RequestURI = net.JoinHostPort("s3.localhost", s.port), uri
		if isBucket {
			out.Host = net.JoinHostPort(bucket+virtualSuffix, s.port)
		}
		return out
	}
	return r
}

// signed is what the request was signed for.
func (c *call) signed() signedAs {
	if as, ok := c.r.Context().Value(signedKey{}).(signedAs); ok {
		as.uri, _, _ = strings.Cut(as.uri, "?")
		return as
	}
	return signedAs{c.r.Host, c.rawPath}
}
