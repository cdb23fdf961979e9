// Package pattern matches keys and names, which are raw bytes, with patterns. It must never take two keys for one: package doublestar alone
// sees the same replacement character in every byte that is no UTF-8. Start reading at [Match].
package pattern

import (
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// Match tells whether glob, a valid pattern of doublestar, matches all of name. Where one of them is no UTF-8, "?" and
// classes stand for a byte.
func Match(glob, name string) bool {
	if glob != "" && name != "" && glob[0] != name[0] && !strings.Contains(`*?[{\/`, glob[:1]) {
		return false // it begins with a letter that stands for itself: most patterns on most names
	}
	if !utf8.ValidString(glob) || !utf8.ValidString(name) {
		glob, name = byBytes(glob), byBytes(name)
	}
	return doublestar.MatchUnvalidated(glob, name)
}

// byBytes makes each byte a character.
func byBytes(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len(s)/2)
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}
