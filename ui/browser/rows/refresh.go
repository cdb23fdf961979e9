package rows

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"

	"pintail/ui/outline/model"
)

// refresh is a new listing of a folder that is already shown.
type refresh struct {
	s       *Store
	ctx     context.Context // of the store's life in which this began
	parent  uint32
	seed    maphash.Seed
	index   []uint32 // open-addressed hash of the children by name, kind and version; ids, 0 is free
	bits    []uint64 // ids that were listed
	ready   bool
	waiting [][]Item
	// ended and complete are set by EndRefresh, also while pages wait
	ended, complete bool
}

// oldName is a row at the start of a refresh.
type oldName struct {
	id, off, ver uint32
	n            uint16
	verLen       uint8
	kind         Kind
}

// BeginRefresh starts a new listing of k (zero is the top). Until [Store.EndRefresh], what is appended below k is
// compared with what is there: rows that are listed again keep their key, and so their selection, place and open state.
//
// For many rows the table of the old names is made in the background. Pages that come before it is ready wait, and
// Config.Changed tells when they have taken effect.
func (s *Store) BeginRefresh(k model.Key) {
	if s.alive(k) == nil {
		return
	}
	r := &refresh{s: s, ctx: s.ctx, parent: uint32(k), seed: maphash.MakeSeed()}
	s.refreshes[uint32(k)] = r
	s.round++
	kids := s.dirOf(uint32(k)).kids
	old := make([]oldName, len(kids))
	for i, id := range kids {
		rec := s.recs.at(id)
		old[i] = oldName{id: id, off: rec.name, n: rec.nameLen, ver: rec.ver, verLen: rec.verLen, kind: rec.kind}
	}
	text := s.text.snapshot()
	if len(old) <= inline {
		r.index, r.ready = r.hashAll(old, &text), true
		return
	}
	s.run(func() {
		index := r.hashAll(old, &text)
		s.cfg.Post(func() { r.start(index) })
	})
}

func (r *refresh) hashAll(old []oldName, text *arena) []uint32 {
	size := 16
	for size < 2*len(old) {
		size *= 2
	}
	index := make([]uint32, size)
	mask := uint64(size - 1)
	for i, o := range old {
		if i%4096 == 0 && r.ctx.Err() != nil {
			return nil
		}
		h := r.hash(o.kind, text.bytes(o.off, int(o.n)), text.bytes(o.ver, int(o.verLen)))
		p := h & mask
		for index[p] != 0 {
			p = (p + 1) & mask
		}
		index[p] = o.id
	}
	return index
}

// start takes the pages that have waited.
func (r *refresh) start(index []uint32) {
	if !r.alive() || index == nil {
		return
	}
	r.index, r.ready = index, true
	for _, page := range r.waiting {
		r.add(page)
	}
	r.waiting = nil
	gone := false
	if r.ended {
		gone = r.end()
	}
	r.s.changed(gone)
}

// alive is false when the folder is gone, listed anew once more, or the store shows something else.
func (r *refresh) alive() bool {
	return r.ctx == r.s.ctx && r.s.refreshes[r.parent] == r && r.s.alive(model.Key(r.parent)) != nil
}

// byVersion tells the kinds of which one name has many rows. A new version of an object is the same row.
func byVersion(k Kind) bool { return k == Version || k == Marker || k == Upload }

func (r *refresh) hash(kind Kind, name, version []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(r.seed)
	_, _ = h.Write(name) // never fails
	_ = h.WriteByte(byte(kind))
	if byVersion(kind) {
		_, _ = h.Write(version)
	}
	return h.Sum64()
}

func (r *refresh) find(it *Item) uint32 {
	name, version := []byte(it.Name), []byte(it.Version)
	if len(version) > 255 { // kept apart from the table: always a new row
		return 0
	}
	mask := uint64(len(r.index) - 1)
	for p := r.hash(it.Kind, name, version) & mask; r.index[p] != 0; p = (p + 1) & mask {
		id := r.index[p]
		rec := r.s.recs.at(id)
		same := rec.kind == it.Kind && rec.flags&flagDead == 0 && bytes.Equal(r.s.name(rec), name)
		if same && (!byVersion(it.Kind) || bytes.Equal(r.s.versionOf(id, rec), version)) {
			return id
		}
	}
	return 0
}

// page takes one page of the new listing and gives the keys of its rows, none while it must wait.
func (r *refresh) page(items []Item) []model.Key {
	if r.ready {
		return r.add(items)
	}
	r.waiting = append(r.waiting, items)
	return nil
}

func (r *refresh) add(items []Item) []model.Key {
	s := r.s
	var fresh []Item
	var places []int
	keys := make([]model.Key, len(items))
	for i := range items {
		id := r.find(&items[i])
		if id == 0 {
			fresh, places = append(fresh, items[i]), append(places, i)
			continue
		}
		keys[i] = model.Key(id)
		r.mark(id)
		if old, ok := s.Get(keys[i]); ok {
			if it := keepKnown(old, items[i]); !sameItem(old, it) {
				s.Update(keys[i], it)
			}
		}
	}
	for i, k := range s.appendNew(r.parent, fresh) {
		keys[places[i]] = k
		r.mark(uint32(k))
	}
	return keys
}

func (r *refresh) mark(id uint32) {
	for int(id/64) >= len(r.bits) {
		r.bits = append(r.bits, 0)
	}
	r.bits[id/64] |= 1 << (id % 64)
}

func (r *refresh) has(id uint32) bool {
	return int(id/64) < len(r.bits) && r.bits[id/64]&(1<<(id%64)) != 0
}

// keepKnown fills what a listing does not tell from what was found out otherwise.
func keepKnown(old, it Item) Item {
	it.Note = cmp.Or(it.Note, old.Note)
	it.Region = cmp.Or(it.Region, old.Region)
	it.Owner = cmp.Or(it.Owner, old.Owner)
	if it.ETag == old.ETag { // the same content
		it.Encryption = cmp.Or(it.Encryption, old.Encryption)
		if it.Modified.UnixMilli() == old.Modified.UnixMilli() {
			it.Version = cmp.Or(it.Version, old.Version)
		}
	}
	return it
}

// sameItem compares to the millisecond that rows keep.
func sameItem(a, b Item) bool {
	same := a.Modified.UnixMilli() == b.Modified.UnixMilli() && a.Until.Equal(b.Until)
	b.Modified, b.Until = a.Modified, a.Until
	return same && a == b
}

// EndRefresh ends a new listing. If it was complete, the rows that were not listed go, and gone tells whether there were
// any; after a stop or a failure all old rows stay.
func (s *Store) EndRefresh(k model.Key, complete bool) (gone bool) {
	r := s.refreshes[uint32(k)]
	if r == nil || !r.alive() {
		return false
	}
	r.ended, r.complete = true, complete
	return r.ready && r.end()
}

func (r *refresh) end() bool {
	if r.s.refreshes[r.parent] == r {
		delete(r.s.refreshes, r.parent)
	}
	before := r.s.live
	if r.complete {
		r.s.removeKids(r.parent, func(id uint32) bool { return !r.has(id) })
	}
	return r.s.live != before
}
