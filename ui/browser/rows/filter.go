package rows

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// filter says which names are shown. Without * and ? it is a part of the name, else a pattern of the whole name;
// case never counts.
type filter struct {
	text  string // as typed
	lower []byte
	glob  bool
	ascii bool
}

func newFilter(text string) filter {
	f := filter{text: text, lower: []byte(strings.ToLower(text)), glob: strings.ContainsAny(text, "*?"), ascii: true}
	for _, c := range f.lower {
		f.ascii = f.ascii && c < utf8.RuneSelf
	}
	return f
}

func (f *filter) off() bool { return f.text == "" }

// match tells whether a name passes; the "/" of a folder's name does not count.
func (f *filter) match(name []byte) bool {
	if f.off() {
		return true
	}
	name = bytes.TrimSuffix(name, []byte("/"))
	switch {
	case f.glob:
		return globMatch([]rune(string(f.lower)), []rune(strings.ToLower(string(name))))
	case f.ascii:
		return containsFold(name, f.lower)
	}
	return bytes.Contains(bytes.ToLower(name), f.lower)
}

// containsFold looks for an ASCII part in lower case, without allocating.
func containsFold(s, part []byte) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if foldByte(s[i]) != part[0] {
			continue
		}
		k := 1
		for k < len(part) && foldByte(s[i+k]) == part[k] {
			k++
		}
		if k == len(part) {
			return true
		}
	}
	return false
}

// hasPrefixFold is for type-ahead.
func hasPrefixFold(s []byte, prefix string) bool {
	if len(prefix) == 0 {
		return true
	}
	for i := 0; i < len(prefix); i++ {
		if i >= len(s) {
			return false
		}
		if prefix[i] >= utf8.RuneSelf || s[i] >= utf8.RuneSelf {
			rest, want := strings.ToLower(string(s[i:])), strings.ToLower(prefix[i:])
			return strings.HasPrefix(rest, want)
		}
		if foldByte(s[i]) != foldByte(prefix[i]) {
			return false
		}
	}
	return true
}

// globMatch matches * and ? without backtracking beyond the last *, so no pattern takes long.
func globMatch(p, s []rune) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(s) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == s[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
