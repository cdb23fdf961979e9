package storage

import (
	"context"
	"slices"
	"sync"
)

// A long listing without folders gives no bounds by itself. They are found by asking for the one key behind a guess. The guesses
// are beginnings of the last key with a greater character at one place, of those that the keys before it had: what follows
// f000999 is looked for behind f001 to f009 and f01 to f09. A bad guess costs a request and nothing else, since a bound is a
// key that is there.

// flatAfter is how many pages are listed one after the other before that: the guesses are as many requests as some pages.
const flatAfter = 3

// The most places of a key and characters that are tried.
const (
	flatPlaces = 24
	flatLevels = 2
	flatChars  = 64
)

// flatBounds finds keys to cut what follows entries at, in order.
func (s *Session) flatBounds(ctx context.Context, loc Location, o ListOptions, entries []Entry) []string {
	if len(entries) < 2 {
		return nil
	}
	last := entries[len(entries)-1].Key
	chars := keyChars(entries, len(loc.Key))
	greater := func(at int) string { // what may stand there in a later key
		for i := range len(chars) {
			if chars[i] > last[at] {
				return chars[i:]
			}
		}
		return ""
	}
	var guesses []string
	var places []int
	for at := len(loc.Key); at < len(last) && len(places) < flatPlaces; at++ {
		if c := greater(at); c != "" && last[at] < 0x80 {
			guesses, places = append(guesses, last[:at]+c[:1]), append(places, at)
		}
	}
	found := s.keysBehind(ctx, loc, o, guesses)
	var next []string
	levels := 0
	for i, at := range places { // the first places cut the largest pieces
		if found[i] == "" || len(found[i]) <= at || found[i][:at] != last[:at] {
			continue
		}
		for _, c := range greater(at) {
			next = append(next, last[:at]+string(c))
		}
		if levels++; levels == flatLevels {
			break
		}
	}
	bounds := append(found, s.keysBehind(ctx, loc, o, next)...)
	slices.Sort(bounds)
	return slices.DeleteFunc(slices.Compact(bounds), func(k string) bool { return k == "" })
}

// keyChars are the characters of ASCII that keys have behind their prefix, in order.
func keyChars(entries []Entry, from int) string {
	var seen [0x80]bool
	for i := range entries {
		for _, c := range []byte(entries[i].Key[min(from, len(entries[i].Key)):]) {
			if c >= 0x20 && c < 0x7f {
				seen[c] = true
			}
		}
	}
	var chars []byte
	for c, has := range seen {
		if has && len(chars) < flatChars {
			chars = append(chars, byte(c))
		}
	}
	return string(chars)
}

// keysBehind asks for the first key behind each guess, "" where there is none or the question fails.
func (s *Session) keysBehind(ctx context.Context, loc Location, o ListOptions, guesses []string) []string {
	keys := make([]string, len(guesses))
	var wg sync.WaitGroup
	slots := make(chan struct{}, o.Parallel)
	for i, guess := range guesses {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			l, err := s.listPage(ctx, loc, ListOptions{PageSize: 1}, &pager{startAfter: guess}, false)
			if err == nil && !l.old && len(l.page.Entries) > 0 && l.page.Entries[0].Key > guess {
				keys[i] = l.page.Entries[0].Key
			}
		})
	}
	wg.Wait()
	return keys
}
