package rows

import (
	"pintail/ui/outline/model"
)

var _ model.Model = (*Store)(nil)

// Len is the number of rows shown.
func (s *Store) Len() int {
	s.ensure()
	return len(s.flat)
}

// Key is the key of the row at place i.
func (s *Store) Key(i int) model.Key {
	s.ensure()
	return model.Key(s.flat[i])
}

// Index is the place of row k.
func (s *Store) Index(k model.Key) (int, bool) {
	s.ensure()
	if s.alive(k) == nil || k == 0 {
		return 0, false
	}
	return s.index(uint32(k))
}

// Parent is the place of the row that holds the one at place i, -1 at the top.
func (s *Store) Parent(i int) int {
	s.ensure()
	p := s.recs.at(s.flat[i]).parent
	if p == 0 {
		return -1
	}
	at, ok := s.index(p)
	if !ok {
		return -1
	}
	return at
}

// Toggle opens or closes the row at place i.
func (s *Store) Toggle(i int, open bool) {
	s.ensure()
	s.setOpen(s.flat[i], open)
}

// SetOpen opens or closes row k, shown or not.
func (s *Store) SetOpen(k model.Key, open bool) {
	if s.alive(k) != nil && k != 0 {
		s.ensure()
		s.setOpen(uint32(k), open)
	}
}

// IsOpen tells whether row k is open.
func (s *Store) IsOpen(k model.Key) bool {
	r := s.alive(k)
	return r != nil && r.flags&flagOpen != 0
}

// Find is the first row from place from on, going round, whose shown name begins with prefix in any case, or -1.
func (s *Store) Find(prefix string, from int) int {
	n := s.Len()
	for k := range n {
		i := (from + k) % n
		if hasPrefixFold(s.name(s.recs.at(s.flat[i])), prefix) {
			return i
		}
	}
	return -1
}

// Row fills into with the row at place i.
func (s *Store) Row(i int, into *model.Row) {
	s.ensure()
	id := s.flat[i]
	r := s.recs.at(id)
	into.Key = model.Key(id)
	into.Depth = 0
	for p := r.parent; p != 0; p = s.recs.at(p).parent {
		into.Depth++
	}
	into.Expandable = r.kind == Bucket || r.kind == Folder
	into.Expanded = into.Expandable && r.flags&flagOpen != 0
	into.Loading = r.dir != 0 && s.dirs[r.dir].state == Listing && into.Expanded
	into.Dimmed = r.kind == Version || r.kind == Marker || r.kind == Upload
	into.Droppable = into.Expandable
	into.Icon = iconOf(r.kind, s.name(r))
	into.Badge, into.Note = "", ""
	x := s.extras[id]
	if x != nil {
		into.Note = x.note
	}
	if note, badge := s.restoreState(r, x); note != "" && into.Note == "" {
		into.Note, into.Badge = note, badge
	}
	for c, col := range s.cfg.Columns {
		if into.Wants(c) {
			into.SetCell(c, s.cell(col, id, r, x))
		} else {
			into.SetCell(c, "")
		}
	}
	into.Cells = into.Cells[:len(s.cfg.Columns)]
}
