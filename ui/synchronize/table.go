package synchronize

import (
	"context"
	"slices"
	"strings"
	"time"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/transfer"
	"pintail/ui/outline/model"
	"pintail/ui/tasks"
)

// The columns of the plan, as [Table.Row] fills them.
const (
	colName = iota
	colWhat
	colSize
	colLocal
	colRemote
	colWhy
)

const pageSize = 256

// keptPages bounds what is remembered of a plan: what is scrolled over, not all of it.
const keptPages = 64

// Table is the plan as the outline shows it. Entries are read page by page in the background, as a long plan lies on the disk; until they
// are there a row is empty. It belongs to the window's thread.
type Table struct {
	tasks   *tasks.Group
	base    func() units.Base
	now     func() time.Time
	changed func()

	plan    *transfer.SyncPlan
	fromA   bool // the local side is the request's source
	n       int
	chosen  []int // with a filter: the entries that it chooses
	pages   map[int]*page
	version int // of what is switched
}

type page struct {
	entries []transfer.SyncEntry
	version int
	loading bool
}

// reset shows another plan, or with nil none.
func (t *Table) reset(p *transfer.SyncPlan, localIsSource bool) {
	t.plan, t.fromA, t.n, t.chosen, t.pages = p, localIsSource, 0, nil, map[int]*page{}
}

// grown notes that the plan has n entries by now.
func (t *Table) grown(n int) {
	if n != t.n {
		if last := t.pages[t.n/pageSize]; last != nil {
			last.version = -1
		}
		t.n = n
	}
}

// stale says that entries were switched.
func (t *Table) stale() { t.version++ }

// filter shows only some entries; nil shows all.
func (t *Table) filter(chosen []int) { t.chosen = chosen }

// entry is the entry at row i, if it has been read; else it is on its way.
func (t *Table) entry(i int) (transfer.SyncEntry, bool) {
	at := i
	if t.chosen != nil {
		at = t.chosen[i]
	}
	number := at / pageSize
	p := t.pages[number]
	if p == nil {
		if len(t.pages) >= keptPages {
			clear(t.pages)
		}
		p = &page{version: -1}
		t.pages[number] = p
	}
	if p.version != t.version && !p.loading {
		t.load(number, p)
	}
	if k := at % pageSize; k < len(p.entries) {
		return p.entries[k], true
	}
	return transfer.SyncEntry{}, false
}

func (t *Table) load(number int, p *page) {
	p.loading = true
	plan, version := t.plan, t.version
	tasks.Run(t.tasks, func(context.Context) ([]transfer.SyncEntry, error) {
		return plan.Entries(number*pageSize, pageSize)
	}, func(entries []transfer.SyncEntry, err error) {
		p.loading = false
		if plan != t.plan {
			return
		}
		p.version = version
		if err == nil {
			p.entries = entries
		}
		t.changed()
	})
}

// Len is the number of rows.
func (t *Table) Len() int {
	if t.chosen != nil {
		return len(t.chosen)
	}
	return t.n
}

// Key is the number of the entry in the plan, from 1.
func (t *Table) Key(i int) model.Key {
	if t.chosen != nil {
		return model.Key(t.chosen[i] + 1)
	}
	return model.Key(i + 1)
}

// Index is the row of an entry.
func (t *Table) Index(k model.Key) (int, bool) {
	at := int(k) - 1
	if t.chosen != nil {
		return slices.BinarySearch(t.chosen, at)
	}
	return at, at >= 0 && at < t.n
}

// Toggle does nothing: a plan has no folders.
func (t *Table) Toggle(int, bool) {}

// Parent is none.
func (t *Table) Parent(int) int { return -1 }

// Sort does nothing: a plan is in the order of its keys.
func (t *Table) Sort(string, bool) {}

// Find is the first row from place from on whose name begins with prefix, among those that have been read.
func (t *Table) Find(prefix string, from int) int {
	prefix = strings.ToLower(prefix)
	for k := range min(t.Len(), pageSize) {
		i := (from + k) % t.Len()
		if e, ok := t.entry(i); ok && strings.HasPrefix(strings.ToLower(e.Key), prefix) {
			return i
		}
	}
	return -1
}

// Row fills in row i.
func (t *Table) Row(i int, into *model.Row) {
	*into = model.Row{Key: t.Key(i), Cells: into.Cells[:0], Wanted: into.Wanted}
	e, ok := t.entry(i)
	if !ok {
		into.SetCell(colName, "…")
		return
	}
	into.Dimmed = !e.On
	into.Icon, into.Badge = boxIcon(e), badge(e)
	into.SetCell(colName, e.Key)
	into.SetCell(colWhat, what(e))
	local, remote := t.sides(e)
	size := e.Bytes
	if e.Class == transfer.SyncDeleted {
		size = e.Target.Size
	}
	into.SetCell(colSize, units.FormatBytes(size, t.base()))
	into.SetCell(colLocal, t.moment(local))
	into.SetCell(colRemote, t.moment(remote))
	into.SetCell(colWhy, explain.Planned(e))
}

// sides are the local and the remote side of an entry.
func (t *Table) sides(e transfer.SyncEntry) (local, remote transfer.SyncSide) {
	sourceIsLocal := t.fromA
	switch e.Do {
	case transfer.Upload:
		sourceIsLocal = true
	case transfer.Download:
		sourceIsLocal = false
	}
	if sourceIsLocal {
		return e.Source, e.Target
	}
	return e.Target, e.Source
}

func (t *Table) moment(s transfer.SyncSide) string {
	if !s.There {
		return "–"
	}
	return units.FormatDate(s.Modified, t.now())
}

// boxIcon is the box before a line: to be carried out or not.
func boxIcon(e transfer.SyncEntry) string {
	switch {
	case e.Class == transfer.SyncLeft:
		return "minus"
	case e.On:
		return "box-on"
	}
	return "box-off"
}

func badge(e transfer.SyncEntry) string {
	switch e.Do {
	case transfer.Upload:
		return "arrow-up"
	case transfer.Download:
		return "arrow-down"
	case transfer.Delete:
		return "delete"
	}
	switch e.Class {
	case transfer.SyncConflict, transfer.SyncProblem:
		return "warning"
	}
	return ""
}

// what is the class of an entry in words.
func what(e transfer.SyncEntry) string {
	switch e.Class {
	case transfer.SyncNew:
		return text.T("synchronize.new")
	case transfer.SyncChanged:
		return text.T("synchronize.changed")
	case transfer.SyncDeleted:
		return text.T("synchronize.delete")
	case transfer.SyncConflict:
		return text.T("synchronize.conflict")
	case transfer.SyncProblem:
		return text.T("synchronize.problem")
	}
	return text.T("synchronize.left")
}
