package bookmarks

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// PlainURL is an address with its host as [PlainHost] gives it; what has no host is left as it is.
func PlainURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return ascii(s)
	}
	return strings.Replace(s, u.Host, PlainHost(u.Host), 1)
}

// PlainHost is a host, perhaps with a port, as the network knows it: letters that are not plain ones are written out (xn--…), so that a
// name that only looks like another shows as what it is. What is no name of a host at all has its letters as \u escapes.
func PlainHost(host string) string {
	if !strings.ContainsFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return host
	}
	name, port := host, ""
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		name, port = host[:i], host[i:]
	}
	if plain, err := idna.Lookup.ToASCII(name); err == nil {
		return plain + port
	}
	return ascii(host)
}

// ascii is s with its letters that are not plain ones as \u escapes.
func ascii(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		return s
	}
	return strings.Trim(strconv.QuoteToASCII(s), `"`)
}
