package rows

import (
	"pintail/internal/units"

	"context"
	"slices"

	"pintail/ui/outline/model"
)

// jobState is the background work under way. A result counts only if its generation is still the current one.
type jobState struct {
	gen       int
	sorting   int // generation of the sort that is awaited, 0 for none
	filtering int
	next      order    // the order that is being made
	wanted    string   // the filter that is being made
	touched   []uint32 // rows renamed or changed since the snapshot
}

// Busy tells whether a sort or filter of many rows has not taken effect yet.
func (s *Store) Busy() bool { return s.jobs.sorting != 0 || s.jobs.filtering != 0 }

// Sort orders all rows by a column. With many rows it returns at once and takes effect later, through Config.Changed.
func (s *Store) Sort(column string, desc bool) {
	o := order{column: column, desc: desc, mix: s.cfg.MixFolders}
	if s.jobs.sorting != 0 && s.jobs.next == o || s.jobs.sorting == 0 && s.order == o {
		return
	}
	s.resort(o)
}

// SetBase changes the unit of sizes.
func (s *Store) SetBase(b units.Base) { s.cfg.Base = b }

// SetMixFolders puts folders among the files or before them.
func (s *Store) SetMixFolders(mix bool) {
	if mix == s.cfg.MixFolders {
		return
	}
	s.cfg.MixFolders = mix
	o := s.order
	if s.jobs.sorting != 0 {
		o = s.jobs.next
	}
	o.mix = mix
	s.resort(o)
}

func (s *Store) resort(o order) {
	s.jobs.gen++
	if s.live <= inline {
		s.jobs.sorting = 0
		s.order = o
		for i := 1; i < len(s.dirs); i++ {
			s.sortDir(&s.dirs[i])
		}
		s.flatDirty = true
		return
	}
	gen := s.jobs.gen
	s.jobs.sorting, s.jobs.next, s.jobs.touched = gen, o, nil
	work := s.snapshot(o)
	text, last, ctx := s.text.snapshot(), uint32(s.recs.len()), s.ctx
	s.run(func() {
		for i := range work {
			if !mergeSort(ctx, work[i].keys, func(a, b *sortKey) int { return o.compare(&text, a, b) }) {
				return
			}
		}
		s.cfg.Post(func() { s.applySort(gen, o, work, last) })
	})
}

// run starts background work that Close waits for.
func (s *Store) run(f func()) {
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		f()
	}()
}

func (s *Store) sortDir(d *dir) {
	keys := make([]sortKey, len(d.kids))
	for i, id := range d.kids {
		keys[i] = s.sortKey(s.order, id)
	}
	slices.SortFunc(keys, func(a, b sortKey) int { return s.order.compare(&s.text, &a, &b) })
	for i := range keys {
		d.kids[i] = keys[i].id
	}
}

type sortWork struct {
	dir  int
	keys []sortKey
}

func (s *Store) snapshot(o order) []sortWork {
	var work []sortWork
	for i := 1; i < len(s.dirs); i++ {
		if len(s.dirs[i].kids) == 0 {
			continue
		}
		w := sortWork{dir: i, keys: make([]sortKey, len(s.dirs[i].kids))}
		for k, id := range s.dirs[i].kids {
			w.keys[k] = s.sortKey(o, id)
		}
		work = append(work, w)
	}
	return work
}

// applySort puts the new order in force and then inserts what has come or changed since the snapshot.
func (s *Store) applySort(gen int, o order, work []sortWork, last uint32) {
	if s.jobs.sorting != gen {
		return
	}
	late := map[uint32]bool{}
	for _, id := range s.jobs.touched {
		late[id] = true
	}
	s.jobs.sorting, s.jobs.touched = 0, nil
	s.order = o
	s.flatDirty = true
	for _, w := range work {
		d := &s.dirs[w.dir]
		var fresh []uint32
		for _, id := range d.kids {
			if id >= last || late[id] {
				fresh = append(fresh, id)
			}
		}
		d.kids = d.kids[:0]
		for i := range w.keys {
			if id := w.keys[i].id; !late[id] && s.recs.at(id).flags&flagDead == 0 {
				d.kids = append(d.kids, id)
			}
		}
		s.insert(d.id, fresh)
	}
	for i := 1; i < len(s.dirs); i++ { // folders that had no rows at the snapshot
		if d := &s.dirs[i]; len(d.kids) > 0 && !slices.ContainsFunc(work, func(w sortWork) bool { return w.dir == i }) {
			s.sortDir(d)
		}
	}
	s.changed(false)
}

func (s *Store) changed(gone bool) {
	if s.cfg.Changed != nil {
		s.cfg.Changed(gone)
	}
}

const sortRun = 1 << 13

// mergeSort is a stable sort that looks at ctx on the way; false when it gave up.
func mergeSort(ctx context.Context, keys []sortKey, compare func(a, b *sortKey) int) bool {
	byValue := func(a, b sortKey) int { return compare(&a, &b) }
	for i := 0; i < len(keys); i += sortRun {
		if ctx.Err() != nil {
			return false
		}
		slices.SortStableFunc(keys[i:min(i+sortRun, len(keys))], byValue)
	}
	from, to := keys, make([]sortKey, len(keys))
	for width := sortRun; width < len(keys); width *= 2 {
		for i := 0; i < len(keys); i += 2 * width {
			if ctx.Err() != nil {
				return false
			}
			mid, end := min(i+width, len(keys)), min(i+2*width, len(keys))
			mergeRuns(to[i:end], from[i:mid], from[mid:end], compare)
		}
		from, to = to, from
	}
	if len(keys) > 0 && &from[0] != &keys[0] {
		copy(keys, from)
	}
	return true
}

func mergeRuns(out, a, b []sortKey, compare func(x, y *sortKey) int) {
	if len(a) == 0 || len(b) == 0 || compare(&a[len(a)-1], &b[0]) <= 0 { // already in order, as listings mostly are
		copy(out, a)
		copy(out[len(a):], b)
		return
	}
	for i := range out {
		if len(b) == 0 || len(a) > 0 && compare(&a[0], &b[0]) <= 0 {
			out[i], a = a[0], a[1:]
		} else {
			out[i], b = b[0], b[1:]
		}
	}
}

// SetFilter shows only rows whose name contains text (or, with * and ?, is of that form), and the folders that lead to
// them. Empty shows all. With many rows it takes effect later, through Config.Changed.
func (s *Store) SetFilter(text string) {
	if text == s.filter.text && s.jobs.filtering == 0 {
		return
	}
	s.jobs.gen++
	f := newFilter(text)
	if f.off() || s.live <= inline {
		s.jobs.filtering = 0
		s.filter = f
		s.flatDirty = true
		if !f.off() {
			for id := 1; id < s.recs.len(); id++ {
				s.matchRows([]uint32{uint32(id)})
			}
		}
		return
	}
	gen := s.jobs.gen
	s.jobs.filtering, s.jobs.wanted = gen, text
	type ref struct{ off, n uint32 }
	names := make([]ref, s.recs.len())
	for id := range names {
		r := s.recs.at(uint32(id))
		names[id] = ref{r.name, uint32(r.nameLen)}
	}
	words, ctx := s.text.snapshot(), s.ctx
	s.run(func() {
		hit := make([]bool, len(names))
		for id, n := range names {
			if id%4096 == 0 && ctx.Err() != nil {
				return
			}
			hit[id] = f.match(words.bytes(n.off, int(n.n)))
		}
		s.cfg.Post(func() { s.applyFilter(gen, f, hit) })
	})
}

func (s *Store) applyFilter(gen int, f filter, hit []bool) {
	if s.jobs.filtering != gen {
		return
	}
	s.jobs.filtering = 0
	s.filter = f
	s.flatDirty = true
	for id := 1; id < s.recs.len(); id++ {
		if id >= len(hit) {
			s.matchRows([]uint32{uint32(id)})
			continue
		}
		r := s.recs.at(uint32(id))
		r.flags &^= flagMatch
		if hit[id] {
			r.flags |= flagMatch
		}
	}
	s.changed(true)
}

// Filter is the text of the filter in force.
func (s *Store) Filter() string { return s.filter.text }

// touch notes that a row's place in an order being made is not what its snapshot says.
func (s *Store) touch(k model.Key) {
	if s.jobs.sorting != 0 {
		s.jobs.touched = append(s.jobs.touched, uint32(k))
	}
}
