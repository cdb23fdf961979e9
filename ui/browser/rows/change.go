package rows

import (
	"math"
	"slices"

	"pintail/ui/outline/model"
)

// Update replaces what is known of row k and moves it to its place; its children stay. A name may differ.
func (s *Store) Update(k model.Key, it Item) bool {
	r := s.alive(k)
	if r == nil || k == 0 {
		return false
	}
	id := uint32(k)
	oldKey := s.sortKey(s.order, id)
	if it.Name != string(s.name(r)) {
		r.name, r.nameLen = s.text.add(it.Name), uint16(min(len(it.Name), math.MaxUint16))
	}
	s.fill(id, r, &it)
	s.touch(k)
	s.matchRows([]uint32{id})
	if !s.filter.off() {
		s.flatDirty = true
	}
	if newKey := s.sortKey(s.order, id); newKey == oldKey {
		return true
	}
	s.take(id)
	s.insert(r.parent, []uint32{id})
	return true
}

// Rename gives row k another raw name (a folder's ends in "/") and moves it to its place.
func (s *Store) Rename(k model.Key, name string) bool {
	it, ok := s.Get(k)
	if !ok {
		return false
	}
	it.Name = name
	return s.Update(k, it)
}

// take removes one row from its parent's list and from the flat list, but keeps its record.
func (s *Store) take(id uint32) {
	parent := s.recs.at(id).parent
	d := s.dirOf(parent)
	at := slices.Index(d.kids, id)
	if at < 0 {
		return
	}
	before := s.shownIn(parent)
	d.kids = slices.Delete(d.kids, at, at+1)
	s.relist(parent, at, before)
}

// Remove takes rows away, with all below them.
func (s *Store) Remove(keys ...model.Key) {
	byParent := map[uint32]map[uint32]bool{}
	for _, k := range keys {
		if r := s.alive(k); r != nil && k != 0 {
			if byParent[r.parent] == nil {
				byParent[r.parent] = map[uint32]bool{}
			}
			byParent[r.parent][uint32(k)] = true
		}
	}
	for parent, gone := range byParent {
		if s.recs.at(parent).flags&flagDead == 0 {
			s.removeKids(parent, func(id uint32) bool { return gone[id] })
		}
	}
}

// Clear takes away all rows below k, as before a new listing.
func (s *Store) Clear(k model.Key) {
	if r := s.alive(k); r != nil && r.dir != 0 {
		s.removeKids(uint32(k), func(uint32) bool { return true })
	}
}

// removeKids removes those children of parent for which gone is true.
func (s *Store) removeKids(parent uint32, gone func(uint32) bool) {
	d := s.dirOf(parent)
	before := s.shownIn(parent)
	first := -1
	kept := d.kids[:0]
	for i, id := range d.kids {
		if !gone(id) {
			kept = append(kept, id)
			continue
		}
		if first < 0 {
			first = i
		}
		s.bury(id)
	}
	if first < 0 {
		return
	}
	d.kids = kept
	s.relist(parent, first, before)
}

// bury marks a row and all below it as gone.
func (s *Store) bury(id uint32) {
	r := s.recs.at(id)
	if r.flags&flagDead != 0 {
		return
	}
	r.flags |= flagDead
	s.live--
	delete(s.extras, id)
	if r.dir != 0 {
		d := &s.dirs[r.dir]
		for _, kid := range d.kids {
			s.bury(kid)
		}
		d.kids, d.shown = nil, 0
	}
}
