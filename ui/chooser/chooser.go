// Package chooser lets a person choose local files: many at once, or a folder. It is used where the desktop has no chooser of its own.
// It must never open a file nor touch the disk itself: a [Reader] lists folders.
// Start reading at [Chooser].
package chooser

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"pintail/internal/units"
	"pintail/ui/look"
	"pintail/ui/outline/model"
)

// File is one entry of a folder.
type File struct {
	Name     string
	Folder   bool
	Size     int64
	Modified time.Time
}

// Reader is the local file system as far as the chooser needs it. Its methods may block.
type Reader interface {
	List(ctx context.Context, dir string) ([]File, error)
	// Abs makes a typed path absolute ("~" is the home folder) and tells whether it is a folder that exists.
	Abs(path string) (abs string, folder, exists bool)
	Join(dir, name string) string
	Parent(dir string) string
	Places() []Place
}

// Place is a shortcut in the sidebar.
type Place struct{ Title, Path, Icon string }

// files is the model of one folder's rows.
type files struct {
	all   []File
	shown []int // places in all, sorted
	col   string
	desc  bool
	dots  bool
	base  units.Base
	now   func() time.Time
}

// The columns.
const (
	colName = iota
	colSize
	colModified
)

func (m *files) set(list []File) {
	m.all = list
	m.arrange()
}

func (m *files) arrange() {
	m.shown = m.shown[:0]
	for i, f := range m.all {
		if m.dots || !strings.HasPrefix(f.Name, ".") {
			m.shown = append(m.shown, i)
		}
	}
	slices.SortStableFunc(m.shown, func(a, b int) int { return m.compare(m.all[a], m.all[b]) })
}

func (m *files) compare(a, b File) int {
	if a.Folder != b.Folder {
		if a.Folder {
			return -1
		}
		return 1
	}
	n := 0
	switch m.col {
	case "size":
		n = cmp.Compare(a.Size, b.Size)
	case "modified":
		n = a.Modified.Compare(b.Modified)
	}
	if n == 0 {
		n = strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	}
	if m.desc {
		return -n
	}
	return n
}

func (m *files) Len() int { return len(m.shown) }

func (m *files) Key(i int) model.Key { return model.Key(m.shown[i] + 1) }

func (m *files) Index(k model.Key) (int, bool) {
	i := slices.Index(m.shown, int(k)-1)
	return i, i >= 0
}

func (m *files) file(k model.Key) (File, bool) {
	if k == 0 || int(k) > len(m.all) {
		return File{}, false
	}
	return m.all[k-1], true
}

func (m *files) Row(i int, into *model.Row) {
	f := m.all[m.shown[i]]
	*into = model.Row{Key: m.Key(i), Icon: look.FileIcon(f.Name), Cells: into.Cells[:0], Wanted: into.Wanted}
	size := units.FormatBytes(f.Size, m.base)
	if f.Folder {
		into.Icon, size = "kind-folder", "–"
	}
	into.SetCell(colName, f.Name)
	into.SetCell(colSize, size)
	into.SetCell(colModified, units.FormatDate(f.Modified, m.now()))
}

func (m *files) Toggle(int, bool) {}

func (m *files) Parent(int) int { return -1 }

func (m *files) Sort(column string, desc bool) {
	m.col, m.desc = column, desc
	m.arrange()
}

func (m *files) Find(prefix string, from int) int {
	prefix = strings.ToLower(prefix)
	for k := range m.shown {
		i := (from + k) % len(m.shown)
		if strings.HasPrefix(strings.ToLower(m.all[m.shown[i]].Name), prefix) {
			return i
		}
	}
	return -1
}
