package bookmarks

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

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
	return strings.Trim(strconv.QuoteToASCII(host), `"`)
}
