// Package profilelist is the window of the connection profiles: which there are, which of them the connection window offers, and
// how one's own are installed and changed. It must never touch a file itself: the registry does.
// Start reading at [Open], then [Table].
package profilelist

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/ui/outline/model"
)

// The columns.
const (
	colName = iota
	colHost
	colKind
	colNote
)

// HiddenName is how the preference of hidden profiles names p: a bundled one by its vendor, another by its file. A comma would end it.
func HiddenName(p profiles.Profile) string {
	name := p.Vendor
	if !p.Bundled {
		name = filepath.Base(p.File)
	}
	return strings.ReplaceAll(name, ",", "%2C")
}

// Offered are the profiles of list that the preferences do not hide. One with the vendor keep stays: it is in use.
func Offered(list []profiles.Profile, p *preferences.Preferences, keep string) []profiles.Profile {
	hidden := preferences.ProfilesHidden.Get(p)
	return slices.DeleteFunc(slices.Clone(list), func(p profiles.Profile) bool {
		return slices.Contains(hidden, HiddenName(p)) && (keep == "" || p.Vendor != keep)
	})
}

// row is a profile, or a file that is none.
type row struct {
	p       profiles.Profile
	file    string
	problem error // why it cannot be used; nil if it can
	broken  bool  // the file is no profile at all
	hidden  bool
}

func (r row) title() string {
	if r.broken {
		return filepath.Base(r.file)
	}
	return r.p.Title()
}

func (r row) kind() string {
	if r.p.Bundled {
		return text.T("profilelist.bundled")
	}
	return text.T("profilelist.installed")
}

// Table is the list as the outline shows it. It belongs to the window's thread.
type Table struct {
	all   []row
	shown []int
	words string
	col   string
	desc  bool
	keys  map[string]model.Key // by file; a key stays with its file
}

// set shows other profiles. hidden is the preference.
func (t *Table) set(list []profiles.Profile, problems []profiles.FileProblem, hidden []string) {
	t.all = nil
	for _, p := range list {
		if p.Vendor == profiles.VendorDemo && p.Bundled {
			continue // it is no provider
		}
		t.all = append(t.all, row{p: p, file: p.File, problem: p.SupportedByFields(), hidden: slices.Contains(hidden, HiddenName(p))})
	}
	for _, p := range problems {
		t.all = append(t.all, row{file: p.File, problem: p.Err, broken: true})
	}
	t.arrange()
}

// search shows the profiles whose title, host or vendor has all of the words.
func (t *Table) search(words string) {
	t.words = words
	t.arrange()
}

func (t *Table) arrange() {
	t.shown = t.shown[:0]
	words := strings.Fields(strings.ToLower(t.words))
	for i, r := range t.all {
		in := strings.ToLower(r.title() + " " + r.p.DefaultHostname + " " + r.p.Vendor + " " + r.kind())
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) }) {
			t.shown = append(t.shown, i)
		}
	}
	if t.col == "" {
		return
	}
	by := map[string]func(row) string{"name": row.title, "host": func(r row) string { return r.p.DefaultHostname }, "kind": row.kind, "note": note}[t.col]
	slices.SortStableFunc(t.shown, func(a, b int) int {
		c := cmp.Compare(strings.ToLower(by(t.all[a])), strings.ToLower(by(t.all[b])))
		if t.desc {
			return -c
		}
		return c
	})
}

// find is the row of a key.
func (t *Table) find(k model.Key) (row, bool) {
	for _, r := range t.all {
		if t.keys[r.file] == k && k != 0 {
			return r, true
		}
	}
	return row{}, false
}

// counts are how many profiles there are, how many of them are installed, and how many files are none.
func (t *Table) counts() (all, installed, broken int) {
	for _, r := range t.all {
		switch {
		case r.broken:
			broken++
		case r.p.Bundled:
			all++
		default:
			all++
			installed++
		}
	}
	return all, installed, broken
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.shown) }

// Key is the key of row i.
func (t *Table) Key(i int) model.Key { return t.keyOf(t.all[t.shown[i]].file) }

func (t *Table) keyOf(file string) model.Key {
	if t.keys == nil {
		t.keys = map[string]model.Key{}
	}
	k, ok := t.keys[file]
	if !ok {
		k = model.Key(len(t.keys) + 1)
		t.keys[file] = k
	}
	return k
}

// Index is the row of a key.
func (t *Table) Index(k model.Key) (int, bool) {
	for i := range t.shown {
		if t.Key(i) == k {
			return i, true
		}
	}
	return 0, false
}

// Toggle does nothing: there are no folders.
func (t *Table) Toggle(int, bool) {}

// Parent is none.
func (t *Table) Parent(int) int { return -1 }

// Sort orders by a column.
func (t *Table) Sort(column string, desc bool) {
	t.col, t.desc = column, desc
	t.arrange()
}

// Find is the first row from place from on whose title begins with prefix.
func (t *Table) Find(prefix string, from int) int {
	prefix = strings.ToLower(prefix)
	for k := range t.shown {
		i := (from + k) % len(t.shown)
		if strings.HasPrefix(strings.ToLower(t.all[t.shown[i]].title()), prefix) {
			return i
		}
	}
	return -1
}

// Row fills in row i.
func (t *Table) Row(i int, into *model.Row) {
	r := t.all[t.shown[i]]
	*into = model.Row{Key: t.Key(i), Cells: into.Cells[:0], Wanted: into.Wanted, Dimmed: r.problem != nil || r.hidden, Icon: "box-on"}
	switch {
	case r.problem != nil:
		into.Icon = "minus"
	case r.hidden:
		into.Icon = "box-off"
	}
	if r.broken {
		into.Badge = "warning"
	}
	into.SetCell(colName, r.title())
	into.SetCell(colHost, r.p.DefaultHostname)
	into.SetCell(colKind, r.kind())
	into.SetCell(colNote, note(r))
}

// note says why a profile cannot be used.
func note(r row) string {
	if r.problem == nil {
		return ""
	}
	return explain.Error(r.problem).Sentence
}
