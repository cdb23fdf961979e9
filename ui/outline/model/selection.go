package model

import (
	"iter"
	"math/bits"
	"slices"
)

const (
	chunkBits  = 1 << 15 // keys in one chunk
	chunkWords = chunkBits / 64
)

// Selection is a set of keys. A million neighbouring keys take 125 KB; the zero value is empty and ready for use.
type Selection struct {
	chunks map[Key]*chunk
	n      int
}

type chunk struct {
	n     int
	words [chunkWords]uint64
}

// Len is the number of selected keys.
func (s *Selection) Len() int { return s.n }

// Has tells whether k is selected.
func (s *Selection) Has(k Key) bool {
	c := s.chunks[k/chunkBits]
	return c != nil && c.words[k%chunkBits/64]&(1<<(k%64)) != 0
}

// Add selects k; the zero key is never selected.
func (s *Selection) Add(k Key) {
	if k == 0 || s.Has(k) {
		return
	}
	if s.chunks == nil {
		s.chunks = map[Key]*chunk{}
	}
	c := s.chunks[k/chunkBits]
	if c == nil {
		c = &chunk{}
		s.chunks[k/chunkBits] = c
	}
	c.words[k%chunkBits/64] |= 1 << (k % 64)
	c.n++
	s.n++
}

// Remove takes k out.
func (s *Selection) Remove(k Key) {
	if !s.Has(k) {
		return
	}
	c := s.chunks[k/chunkBits]
	c.words[k%chunkBits/64] &^= 1 << (k % 64)
	c.n--
	s.n--
	if c.n == 0 {
		delete(s.chunks, k/chunkBits)
	}
}

// Flip selects k if it is not, and the other way round.
func (s *Selection) Flip(k Key) {
	if s.Has(k) {
		s.Remove(k)
		return
	}
	s.Add(k)
}

// Clear selects nothing.
func (s *Selection) Clear() { s.chunks, s.n = nil, 0 }

// Clone is a copy that does not change with s.
func (s *Selection) Clone() *Selection {
	out := &Selection{n: s.n}
	if s.chunks != nil {
		out.chunks = make(map[Key]*chunk, len(s.chunks))
		for k, c := range s.chunks {
			dup := *c
			out.chunks[k] = &dup
		}
	}
	return out
}

// All runs over the selected keys in rising order.
func (s *Selection) All() iter.Seq[Key] {
	return func(yield func(Key) bool) {
		ids := make([]Key, 0, len(s.chunks))
		for id := range s.chunks {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			c := s.chunks[id]
			for w, word := range c.words {
				for ; word != 0; word &= word - 1 {
					if !yield(id*chunkBits + Key(w*64+bits.TrailingZeros64(word))) {
						return
					}
				}
			}
		}
	}
}

// Keep removes every key for which ok is false and tells how many it removed.
func (s *Selection) Keep(ok func(Key) bool) int {
	var gone []Key
	for k := range s.All() {
		if !ok(k) {
			gone = append(gone, k)
		}
	}
	for _, k := range gone {
		s.Remove(k)
	}
	return len(gone)
}
