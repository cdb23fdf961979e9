package settings

import (
	"slices"
	"strings"

	"pintail/ui/outline/model"
)

// line is one row of a [table].
type line struct {
	id    string // what the row is of
	cells []string
	icon  string
	note  string // grey, after the name
}

// table is a short list as an outline shows it. A key stays with its id.
type table struct {
	lines []line
	keys  map[string]model.Key
	col   int
	desc  bool
}

func (t *table) set(lines []line) {
	t.lines = lines
	if t.keys == nil {
		t.keys = map[string]model.Key{}
	}
	for _, l := range lines {
		if t.keys[l.id] == 0 {
			t.keys[l.id] = model.Key(len(t.keys) + 1)
		}
	}
	t.arrange()
}

func (t *table) arrange() {
	slices.SortStableFunc(t.lines, func(a, b line) int {
		c := strings.Compare(strings.ToLower(a.cells[t.col]), strings.ToLower(b.cells[t.col]))
		if t.desc {
			return -c
		}
		return c
	})
}

// find is the row of a key.
func (t *table) find(k model.Key) (line, bool) {
	if i, ok := t.Index(k); ok {
		return t.lines[i], true
	}
	return line{}, false
}

// Len is the number of rows.
func (t *table) Len() int { return len(t.lines) }

// Key is the key of row i.
func (t *table) Key(i int) model.Key { return t.keys[t.lines[i].id] }

// Index is the row of a key.
func (t *table) Index(k model.Key) (int, bool) {
	i := slices.IndexFunc(t.lines, func(l line) bool { return t.keys[l.id] == k })
	return i, i >= 0
}

// Toggle does nothing: there are no folders.
func (t *table) Toggle(int, bool) {}

// Parent is none.
func (t *table) Parent(int) int { return -1 }

// Sort orders by a column, whose id is its place.
func (t *table) Sort(column string, desc bool) {
	t.col, t.desc = int(column[0]-'0'), desc
	t.arrange()
}

// Find is the first row from place from on whose name begins with prefix.
func (t *table) Find(prefix string, from int) int {
	for k := range t.lines {
		i := (from + k) % len(t.lines)
		if strings.HasPrefix(strings.ToLower(t.lines[i].cells[0]), strings.ToLower(prefix)) {
			return i
		}
	}
	return -1
}

// Row fills in row i.
func (t *table) Row(i int, into *model.Row) {
	l := t.lines[i]
	*into = model.Row{Key: t.Key(i), Cells: into.Cells[:0], Wanted: into.Wanted, Icon: l.icon, Note: l.note}
	for c, s := range l.cells {
		into.SetCell(c, s)
	}
}
