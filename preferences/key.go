package preferences

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Definition is one preference: its name (as users of Cyberduck know it, where it has one there), its kind and limits, its default
// and a sentence. Why tells the reason where our default differs from Cyberduck's.
type Definition struct {
	Name     string
	Kind     Kind
	Default  string
	Min, Max int64    // of whole numbers
	Choices  []string // of choices
	Sentence string
	Why      string
	pairs    bool   // a text is NAME=VALUE with spaces between
	zero     string // what a special number means, for error messages
}

// Kind is the type of a preference's value.
type Kind string

// The kinds.
const (
	KindString Kind = "text"
	KindBool   Kind = "true or false"
	KindInt    Kind = "whole number"
	KindBytes  Kind = "size" // whole number of bytes; 10MiB and 10MB are read too
	KindRegexp Kind = "regular expression"
	KindChoice Kind = "choice"
	KindList   Kind = "list" // comma separated
)

// Key is the typed handle of a preference: preferences.S3Location.Get(p).
type Key[T any] struct {
	def    *Definition
	parse  func(string) T // of a value that was checked
	format func(T) string
}

// Def returns the definition.
func (k Key[T]) Def() Definition { return *k.def }

// Name is the preference's name.
func (k Key[T]) Name() string { return k.def.Name }

func text(d Definition) Key[string] {
	if d.Kind == "" {
		d.Kind = KindString
	}
	id := func(s string) string { return s }
	return Key[string]{def: &d, parse: id, format: id}
}

func boolean(d Definition) Key[bool] {
	d.Kind = KindBool
	return Key[bool]{def: &d, parse: func(s string) bool { return s == "true" }, format: strconv.FormatBool}
}

func whole(d Definition) Key[int64] {
	if d.Kind == "" {
		d.Kind = KindInt
	}
	parse := func(s string) int64 {
		n, _ := strconv.ParseInt(s, 10, 64) // was checked
		return n
	}
	return Key[int64]{def: &d, parse: parse, format: func(n int64) string { return strconv.FormatInt(n, 10) }}
}

func pattern(d Definition) Key[*regexp.Regexp] {
	d.Kind = KindRegexp
	parse := func(s string) *regexp.Regexp { return regexp.MustCompile(anchored(s)) }
	format := func(r *regexp.Regexp) string {
		return strings.TrimSuffix(strings.TrimPrefix(r.String(), "^(?:"), ")$")
	}
	return Key[*regexp.Regexp]{def: &d, parse: parse, format: format}
}

func list(d Definition) Key[[]string] {
	d.Kind = KindList
	return Key[[]string]{def: &d, parse: splitList, format: joinList}
}

// anchored makes a pattern match whole names, as Cyberduck's patterns do.
func anchored(s string) string { return "^(?:" + s + ")$" }

func splitList(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func joinList(l []string) string { return strings.Join(l, ",") }

func choice(d Definition) Key[string] {
	d.Kind = KindChoice
	return text(d)
}

// Size is the size of a window.
type Size struct{ Width, Height int }

// KindSize is written WIDTHxHEIGHT.
const KindSize Kind = "window size"

func size(d Definition) Key[Size] {
	d.Kind = KindSize
	parse := func(s string) Size {
		w, h, _ := dimensions(s)
		return Size{w, h}
	}
	return Key[Size]{def: &d, parse: parse, format: func(s Size) string { return fmt.Sprintf("%dx%d", s.Width, s.Height) }}
}

func dimensions(s string) (w, h int, ok bool) {
	const smallest, largest = 100, 16384
	left, right, found := strings.Cut(strings.ToLower(s), "x")
	w, werr := strconv.Atoi(left)
	h, herr := strconv.Atoi(right)
	ok = found && werr == nil && herr == nil && min(w, h) >= smallest && max(w, h) <= largest
	return w, h, ok
}
