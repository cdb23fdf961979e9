package rows

import (
	"bytes"
	"cmp"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// order is by what rows are sorted.
type order struct {
	column string
	desc   bool
	mix    bool // folders among the files
}

// sortKey is what the comparison needs of a row, apart from it, so that sorting can run while rows change.
type sortKey struct {
	id      uint32
	name    uint32
	nameLen uint16
	kind    Kind
	num     int64  // the value of a numeric column
	str     string // the value of a textual column other than the name
}

func (s *Store) sortKey(o order, id uint32) sortKey {
	r := s.recs.at(id)
	k := sortKey{id: id, name: r.name, nameLen: r.nameLen, kind: r.kind}
	switch o.column {
	case "name", "":
		switch k.num = math.MinInt64; {
		case !byVersion(r.kind):
		case r.flags&flagLatest != 0:
			k.num++ // a server may count seconds
		default:
			// Behind the object, the newest first. Of the same moment, as servers count seconds, what came later; else as listed.
			k.num = -(r.mod*rounds + int64(r.round))
			if r.mod == math.MinInt64 {
				k.num = math.MaxInt64
			}
		}
	case "size":
		k.num = r.size
	case "modified":
		k.num = r.mod
	case "kind":
		k.num = int64(r.kind)
		k.str = extension(s.name(r))
	case "extension":
		k.str = extension(s.name(r))
	case "class":
		k.str = s.words.word(r.class)
	case "owner":
		k.str = s.words.word(r.owner)
	case "etag":
		k.str = s.etag(id, r)
	case "version":
		k.str = string(s.text.bytes(r.ver, int(r.verLen)))
	case "region", "encryption":
		if x := s.extras[id]; x != nil {
			k.str = x.region + x.encryption
		}
	}
	return k
}

func (s *Store) etag(id uint32, r *rec) string {
	if x := s.extras[id]; x != nil && x.etag != "" {
		return x.etag
	}
	return r.unpackETag()
}

// compare orders two rows of one folder. Rows that are equal in the column go by name, always upwards.
func (o order) compare(text *arena, a, b *sortKey) int {
	if !o.mix && (a.kind == Folder) != (b.kind == Folder) {
		if a.kind == Folder {
			return -1
		}
		return 1
	}
	na, nb := text.bytes(a.name, int(a.nameLen)), text.bytes(b.name, int(b.nameLen))
	if o.column == "name" || o.column == "" {
		if c := compareNames(na, nb); c != 0 {
			if o.desc {
				return -c
			}
			return c
		}
		return cmp.Or(cmp.Compare(a.num, b.num), cmp.Compare(a.id, b.id)) // versions of one key
	}
	c := cmp.Compare(a.num, b.num)
	if c == 0 {
		c = strings.Compare(a.str, b.str)
	}
	if o.desc {
		c = -c
	}
	if c == 0 {
		c = compareNames(na, nb)
	}
	if c == 0 {
		c = cmp.Compare(a.id, b.id)
	}
	return c
}

// compareNames orders names as people do: numbers by value, letters without regard to case or accents. Names that
// differ only in those go by their bytes, so no two different names are equal. It allocates nothing for ASCII.
func compareNames(a, b []byte) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		x, y := a[i], b[j]
		if isDigit(x) && isDigit(y) {
			c, ni, nj := compareNumbers(a[i:], b[j:])
			if c != 0 {
				return c
			}
			i, j = i+ni, j+nj
			continue
		}
		if x < utf8.RuneSelf && y < utf8.RuneSelf {
			if fx, fy := foldByte(x), foldByte(y); fx != fy {
				return cmp.Compare(fx, fy)
			}
			i, j = i+1, j+1
			continue
		}
		rx, ni := foldRune(a[i:])
		ry, nj := foldRune(b[j:])
		if rx != ry {
			return cmp.Compare(rx, ry)
		}
		i, j = i+ni, j+nj
	}
	if c := cmp.Compare(len(a)-i, len(b)-j); c != 0 {
		return c
	}
	return bytes.Compare(a, b)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func foldByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// foldRune is the first letter of s in lower case without its accent, and its length in bytes.
func foldRune(s []byte) (rune, int) {
	r, n := utf8.DecodeRune(s)
	if r == utf8.RuneError && n <= 1 { // not UTF-8: the byte stands for itself, behind all letters
		return unicode.MaxRune + 1 + rune(s[0]), 1
	}
	if d := norm.NFD.Properties(s).Decomposition(); len(d) > 0 {
		r, _ = utf8.DecodeRune(d)
	}
	return unicode.ToLower(r), n
}

// compareNumbers compares the numbers at the start of both, of any length, and tells how many digits each has.
func compareNumbers(a, b []byte) (c, na, nb int) {
	na, nb = digits(a), digits(b)
	x, y := bytes.TrimLeft(a[:na], "0"), bytes.TrimLeft(b[:nb], "0")
	if c = cmp.Compare(len(x), len(y)); c == 0 {
		c = bytes.Compare(x, y)
	}
	return c, na, nb
}

func digits(s []byte) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// extension is the lower-case end of a name behind its last dot, empty for folders and dot files.
func extension(name []byte) string {
	dot := bytes.LastIndexByte(name, '.')
	if dot <= 0 || len(name)-dot > 16 || bytes.HasSuffix(name, []byte("/")) {
		return ""
	}
	return strings.ToLower(string(name[dot+1:]))
}
