package localfs

// The rules of names, the same on every platform so that a folder can be carried from one to another:
//
//	key                                      local name
//	byte < 0x20, 0x7F, " * : < > ? \ |       ‛XX, the byte in upper-case hexadecimal
//	byte that is not part of valid UTF-8     ‛XX
//	‛ (U+201B) itself                        ‛‛
//	dot or space at the end of a segment     ‛2E, ‛20 (so . is ‛2E and .. is .‛2E)
//	segment that Windows keeps for a device  its first letter as ‛XX (CON, nul.txt, COM1, LPT², CONIN$ …)
//	empty segment (a//b, /a)                 ‛-
//	segment of more than 240 bytes           folders piece‛+ / piece‛+ / rest, joined again on the way back
//	name that would collide with another     ‛!1, ‛!2 … before its extension, dropped on the way back
//
// The mapping from keys to paths is injective and LocalToKey reverses it. A local name that is not the image of a key
// stands for itself.

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	escape     = "‛"
	emptyName  = escape + "-"
	joinMark   = escape + "+"
	suffixMark = escape + "!"
	pieceBytes = 240 // of a name before its mark; with the mark and two late escapes it stays within 255
	hexDigits  = "0123456789ABCDEF"
)

// ErrPathTooLong says that a key makes a path beyond what the system can open.
var ErrPathTooLong = errors.New("the path is too long for this system")

// ErrNoName says that a key holds no file name: it is empty.
var ErrNoName = errors.New("the key holds no file name")

// KeyToLocal maps a raw key (relative to the folder that is transferred) to a path below the destination, with "/" between
// its elements. A key that ends in "/" is a folder and maps to the path of that folder. The empty key is [ErrNoName].
func KeyToLocal(key string) (string, error) {
	if key == "" {
		return "", ErrNoName
	}
	segments := strings.Split(strings.TrimSuffix(key, "/"), "/")
	var b strings.Builder
	b.Grow(len(key) + 8)
	for i, s := range segments {
		if i > 0 {
			b.WriteByte('/')
		}
		writeSegment(&b, s)
	}
	return b.String(), nil
}

// LocalToKey maps a path below a folder, with "/" between its elements, to the raw key relative to that folder.
func LocalToKey(rel string) string {
	if !strings.Contains(rel, escape) {
		return rel // each name is its own image, or that of nothing
	}
	elements := strings.Split(rel, "/")
	var b strings.Builder
	b.Grow(len(rel))
	for i := 0; i < len(elements); {
		if i > 0 {
			b.WriteByte('/')
		}
		n := 1
		for i+n < len(elements) && isJoined(elements[i+n-1]) {
			n++
		}
		if s, ok := decodeChain(elements[i : i+n]); ok {
			b.WriteString(s)
			i += n
			continue
		}
		b.WriteString(elements[i])
		i++
	}
	return b.String()
}

// WithSuffix makes the name of a path that would collide with another: n counts from 1.
func WithSuffix(rel string, n int) string {
	dir, name := "", rel
	if i := strings.LastIndexByte(rel, '/'); i >= 0 {
		dir, name = rel[:i+1], rel[i+1:]
	}
	mark := suffixMark + strconv.Itoa(n)
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || name == emptyName {
		return dir + name + mark
	}
	return dir + name[:dot] + mark + name[dot:]
}

// CheckPath tells whether a path below base can be opened on this system; the error is [ErrPathTooLong].
func CheckPath(base, rel string) error {
	if n := len(base) + 1 + len(rel) + tempExtra; n > maxPath {
		return fmt.Errorf("%s: %d bytes, %d at most: %w", shorten(filepath.Join(base, rel)), n, maxPath, ErrPathTooLong)
	}
	return nil
}

func shorten(s string) string {
	if len(s) <= 200 {
		return s
	}
	return strings.ToValidUTF8(s[:120], "") + "…" + strings.ToValidUTF8(s[len(s)-60:], "")
}

// unit is the local form of one rune or one invalid byte, and what it came from.
type unit struct {
	text string
	raw  byte // of a single byte; 0 for longer runes
}

func units(s string) []unit {
	us := make([]unit, 0, len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, n == 1 && forbidden(s[i]):
			us = append(us, unit{hexEscape(s[i]), s[i]})
		case s[i:i+n] == escape:
			us = append(us, unit{escape + escape, 0})
		case n == 1:
			us = append(us, unit{s[i : i+1], s[i]})
		default:
			us = append(us, unit{s[i : i+n], 0})
		}
		i += n
	}
	return us
}

func forbidden(c byte) bool {
	switch c {
	case '"', '*', ':', '<', '>', '?', '\\', '|', '/', 0x7F:
		return true
	}
	return c < 0x20
}

func hexEscape(c byte) string {
	return escape + string([]byte{hexDigits[c>>4], hexDigits[c&15]})
}

// writeSegment writes one segment of a key as one name, or as several joined ones.
func writeSegment(b *strings.Builder, s string) {
	if s == "" {
		b.WriteString(emptyName)
		return
	}
	if plain(s) {
		b.WriteString(s)
		return
	}
	us := units(s)
	for start := 0; start < len(us); {
		size, end := 0, start
		for end < len(us) && size+len(us[end].text) <= pieceBytes {
			size += len(us[end].text)
			end++
		}
		if start > 0 {
			b.WriteByte('/')
		}
		writePiece(b, us[start:end], end == len(us))
		start = end
	}
}

// plain is the quick way for names that need nothing.
func plain(s string) bool {
	if len(s) > pieceBytes || strings.HasSuffix(s, ".") || strings.HasSuffix(s, " ") || isDevice(s) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || forbidden(c) {
			return utf8.ValidString(s) && !strings.Contains(s, escape) && !strings.ContainsFunc(s, func(r rune) bool {
				return r < utf8.RuneSelf && forbidden(byte(r))
			})
		}
	}
	return true
}

func writePiece(b *strings.Builder, us []unit, last bool) {
	var name strings.Builder
	for _, u := range us {
		name.WriteString(u.text)
	}
	text := name.String()
	if end := us[len(us)-1]; last && (end.raw == '.' || end.raw == ' ') {
		text = text[:len(text)-1] + hexEscape(end.raw)
	}
	if isDevice(text) {
		text = hexEscape(text[0]) + text[1:]
	}
	b.WriteString(text)
	if !last {
		b.WriteString(joinMark)
	}
}

// isDevice tells whether Windows takes the name for a device: by what is before the first dot, whatever its case.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.TrimRight(base, " ")
	switch len(base) {
	case 3:
		return foldEqual(base, "CON", "PRN", "AUX", "NUL")
	case 4:
		return foldEqual(base[:3], "COM", "LPT") && base[3] >= '0' && base[3] <= '9'
	case 5: // COM¹, COM², COM³: Windows takes the superscripts of Latin-1 for digits
		return foldEqual(base[:3], "COM", "LPT") && (base[3:] == "¹" || base[3:] == "²" || base[3:] == "³")
	case 6, 7:
		return foldEqual(base, "CONIN$", "CONOUT$")
	}
	return false
}

func foldEqual(s string, names ...string) bool {
	for _, n := range names {
		if strings.EqualFold(s, n) {
			return true
		}
	}
	return false
}

// isJoined tells whether a name ends in the mark that joins it with the next.
func isJoined(name string) bool {
	_, joined, ok := decodeName(name)
	return ok && joined
}

// decodeChain gives the segment that elements stand for; false if they are not the image of a segment.
func decodeChain(elements []string) (string, bool) {
	var s, rest strings.Builder
	for i, e := range elements {
		part, joined, ok := decodeName(e)
		if !ok || joined != (i < len(elements)-1) {
			return "", false
		}
		s.WriteString(part)
		if i > 0 {
			rest.WriteByte('/')
		}
		rest.WriteString(withoutSuffix(e))
	}
	var b strings.Builder
	writeSegment(&b, s.String())
	if b.String() != rest.String() {
		return "", false
	}
	return s.String(), true
}

// decodeName undoes the escapes of one name.
func decodeName(name string) (s string, joined, ok bool) {
	name = withoutSuffix(name)
	if name == emptyName {
		return "", false, true
	}
	if !strings.Contains(name, escape) {
		return name, false, true
	}
	var b strings.Builder
	for {
		i := strings.Index(name, escape)
		if i < 0 {
			b.WriteString(name)
			return b.String(), false, true
		}
		b.WriteString(name[:i])
		name = name[i+len(escape):]
		switch {
		case name == "+":
			return b.String(), true, true
		case strings.HasPrefix(name, escape):
			b.WriteString(escape)
			name = name[len(escape):]
		case len(name) >= 2 && strings.IndexByte(hexDigits, name[0]) >= 0 && strings.IndexByte(hexDigits, name[1]) >= 0:
			b.WriteByte(byte(strings.IndexByte(hexDigits, name[0])<<4 | strings.IndexByte(hexDigits, name[1])))
			name = name[2:]
		default:
			return "", false, false
		}
	}
}

// withoutSuffix drops the mark that [WithSuffix] put in.
func withoutSuffix(name string) string {
	for at := 0; ; {
		i := strings.Index(name[at:], escape)
		if i < 0 {
			return name
		}
		at += i
		rest := name[at+len(escape):]
		if strings.HasPrefix(rest, escape) {
			at += 2 * len(escape)
			continue
		}
		if n := digits(rest); n > 1 && (len(rest) == n || rest[n] == '.') && at > 0 {
			return name[:at] + rest[n:]
		}
		at += len(escape)
	}
}

// digits is the length of "!" and the number after it, 0 if rest does not begin so.
func digits(rest string) int {
	if rest == "" || rest[0] != '!' {
		return 0
	}
	n := 1
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	return n
}
