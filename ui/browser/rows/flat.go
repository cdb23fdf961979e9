package rows

import (
	"slices"
	"sort"

	"pintail/ui/outline/model"
)

// The flat list is the rows as shown. Without a filter it is changed in place, so a page of rows costs what the page
// is worth; with a filter it is built anew when next asked for, since one row may bring its folders into sight.

// Append adds rows below parent (zero is the top) and puts each in its place in the order. Items of one call should
// come as listed. It returns the keys of the rows in the order of the items; during a refresh of many rows, when they
// have to wait, none.
func (s *Store) Append(parent model.Key, items []Item) []model.Key {
	if s.alive(parent) == nil || len(items) == 0 {
		return nil
	}
	if r := s.refreshes[uint32(parent)]; r != nil && !r.ended {
		return r.page(items)
	}
	return s.appendNew(uint32(parent), items)
}

func (s *Store) appendNew(parent uint32, items []Item) []model.Key {
	if len(items) == 0 {
		return nil
	}
	ids := make([]uint32, len(items))
	keys := make([]model.Key, len(items))
	for i := range items {
		ids[i] = s.create(parent, &items[i])
		keys[i] = model.Key(ids[i])
	}
	s.matchRows(ids)
	s.insert(parent, ids)
	return keys
}

func (s *Store) matchRows(ids []uint32) {
	if s.filter.off() {
		return
	}
	for _, id := range ids {
		r := s.recs.at(id)
		r.flags &^= flagMatch
		if s.filter.match(s.name(r)) {
			r.flags |= flagMatch
		}
	}
}

// insert puts records into the list of their parent; it keeps ids sorted afterwards.
func (s *Store) insert(parent uint32, ids []uint32) {
	keys := make([]sortKey, len(ids))
	for i, id := range ids {
		keys[i] = s.sortKey(s.order, id)
	}
	byOrder := func(a, b sortKey) int { return s.order.compare(&s.text, &a, &b) }
	if !slices.IsSortedFunc(keys, byOrder) {
		slices.SortFunc(keys, byOrder)
	}
	d := s.dirOf(parent)
	before := s.shownIn(parent)
	first := s.merge(d, keys)
	s.relist(parent, first, before)
}

// merge puts sorted keys into d.kids and returns the place of the first. Most pages belong at the end: one comparison.
func (s *Store) merge(d *dir, keys []sortKey) int {
	old := len(d.kids)
	less := func(place int, k *sortKey) bool {
		x := s.sortKey(s.order, d.kids[place])
		return s.order.compare(&s.text, &x, k) < 0
	}
	for range keys {
		d.kids = append(d.kids, 0)
	}
	hi := old // kids[:hi] are not yet moved
	for i := len(keys) - 1; i >= 0; i-- {
		at := hi
		if hi > 0 && !less(hi-1, &keys[i]) {
			at = sort.Search(hi, func(p int) bool { return !less(p, &keys[i]) })
		}
		copy(d.kids[at+i+1:], d.kids[at:hi])
		d.kids[at+i] = keys[i].id
		hi = at
	}
	return hi
}

// shownIn is how many rows below id are in the flat list; zero when id is closed or out of sight.
func (s *Store) shownIn(id uint32) int {
	r := s.recs.at(id)
	if r.dir == 0 || r.flags&flagOpen == 0 {
		return 0
	}
	return s.dirs[r.dir].shown
}

// visible tells whether the rows below id belong into the flat list.
func (s *Store) visible(id uint32) bool {
	for {
		r := s.recs.at(id)
		if r.flags&flagOpen == 0 {
			return false
		}
		if id == 0 {
			return true
		}
		id = r.parent
	}
}

// relist brings the flat list up to date after the children of parent have changed from place first on;
// before is how many rows it had shown.
func (s *Store) relist(parent uint32, first, before int) {
	if !s.visible(parent) {
		s.dirs[s.recs.at(parent).dir].shown = 0
		return
	}
	if !s.filter.off() || s.flatDirty {
		s.flatDirty = true
		return
	}
	d := &s.dirs[s.recs.at(parent).dir]
	start := 0 // where the rows of parent begin
	if parent != 0 {
		p, _ := s.index(parent)
		start = p + 1
	}
	end := start + before
	from := start
	if first > 0 {
		prev := d.kids[first-1]
		p, _ := s.index(prev)
		from = p + 1 + s.shownIn(prev)
	}
	old := len(s.flat)
	if end == old { // nothing behind: no copy
		s.flat = s.appendKids(s.flat[:from], d.kids[first:])
	} else {
		s.flat = slices.Replace(s.flat, from, end, s.appendKids(nil, d.kids[first:])...)
	}
	s.posValid = min(s.posValid, from)
	s.grow(parent, len(s.flat)-old)
}

// appendKids lists ids and what is open below them.
func (s *Store) appendKids(out []uint32, ids []uint32) []uint32 {
	for _, id := range ids {
		r := s.recs.at(id)
		out = append(out, id)
		if r.dir == 0 {
			continue
		}
		d := &s.dirs[r.dir]
		d.shown = 0
		if r.flags&flagOpen != 0 {
			at := len(out)
			out = s.appendKids(out, d.kids)
			s.dirs[r.dir].shown = len(out) - at
		}
	}
	return out
}

// grow adds n to the number of rows shown below id and all that hold it.
func (s *Store) grow(id uint32, n int) {
	for {
		r := s.recs.at(id)
		s.dirs[r.dir].shown += n
		if id == 0 {
			return
		}
		id = r.parent
	}
}

// ensure builds the flat list anew if it is out of date.
func (s *Store) ensure() {
	if !s.flatDirty {
		return
	}
	s.flatDirty = false
	s.posValid = 0
	top := &s.dirs[1]
	if s.filter.off() {
		s.flat = s.appendKids(s.flat[:0], top.kids)
	} else {
		s.flat = s.appendMatching(s.flat[:0], top.kids)
	}
	s.dirs[1].shown = len(s.flat)
}

// appendMatching lists the ids that pass the filter, and folders with something open below them that does.
func (s *Store) appendMatching(out []uint32, ids []uint32) []uint32 {
	for _, id := range ids {
		r := s.recs.at(id)
		if r.dir == 0 {
			if r.flags&flagMatch != 0 {
				out = append(out, id)
			}
			continue
		}
		at := len(out)
		out = append(out, id)
		if r.flags&flagOpen != 0 {
			out = s.appendMatching(out, s.dirs[r.dir].kids)
		}
		shown := len(out) - at - 1
		s.dirs[r.dir].shown = shown
		if shown == 0 && r.flags&flagMatch == 0 {
			out = out[:at]
		}
	}
	return out
}

// index is the place of id in the flat list.
func (s *Store) index(id uint32) (int, bool) {
	if p := s.posOf(id); p < s.posValid && s.flat[p] == id {
		return p, true
	}
	if s.posValid == len(s.flat) {
		return 0, false
	}
	if n := s.recs.len(); len(s.pos) < n {
		s.pos = slices.Grow(s.pos, n-len(s.pos))[:n]
	}
	for p := s.posValid; p < len(s.flat); p++ {
		s.pos[s.flat[p]] = uint32(p)
	}
	s.posValid = len(s.flat)
	p := s.posOf(id)
	return p, p < len(s.flat) && s.flat[p] == id
}

func (s *Store) posOf(id uint32) int {
	if int(id) >= len(s.pos) {
		return len(s.flat)
	}
	return int(s.pos[id])
}

// setOpen opens or closes the row id and splices its rows into or out of the flat list.
func (s *Store) setOpen(id uint32, open bool) {
	r := s.recs.at(id)
	if (r.flags&flagOpen != 0) == open {
		return
	}
	d := s.dirOf(id)
	before := s.shownIn(id)
	r.flags ^= flagOpen
	if !s.filter.off() || s.flatDirty {
		s.flatDirty = true
		return
	}
	p, shown := s.index(id)
	if !shown {
		d.shown = 0
		return
	}
	if !open {
		s.flat = slices.Delete(s.flat, p+1, p+1+before)
		s.posValid = min(s.posValid, p+1)
		s.grow(id, -before)
		d.shown = 0
		return
	}
	d.shown = 0
	s.relist(id, 0, 0)
}
