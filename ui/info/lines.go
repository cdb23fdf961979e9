package info

import (
	"maps"
	"slices"
	"strings"

	"pintail/internal/text"
)

// Line is one name with a value that can be edited.
type Line struct {
	Name, Value string
	Mixed       bool // the objects differ in it; left alone unless touched
	New         bool // added here: its name can be edited, too
	Fixed       bool // cannot be taken away, only emptied

	was     string
	touched bool
}

// lines are editable names with values, and those that were taken away.
type lines struct {
	list []Line
	gone []Line
}

// newLines shows what things have: values that not all of them share are mixed.
func newLines(of []map[string]string) lines {
	var l lines
	count, first, mixed := map[string]int{}, map[string]string{}, map[string]bool{}
	for _, m := range of {
		for k, v := range m {
			if count[k]++; count[k] == 1 {
				first[k] = v
			} else if first[k] != v {
				mixed[k] = true
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(count)) {
		n := Line{Name: k, Value: first[k], was: first[k]}
		if mixed[k] || count[k] < len(of) {
			n.Mixed, n.Value, n.was = true, "", ""
		}
		l.list = append(l.list, n)
	}
	return l
}

func (l *lines) setValue(i int, v string) {
	n := &l.list[i]
	n.touched = n.touched || v != n.Value
	n.Value = v
}

func (l *lines) setName(i int, s string) { l.list[i].Name = s }

func (l *lines) add(name, value string) {
	l.list = append(l.list, Line{Name: name, Value: value, New: true, touched: true})
}

func (l *lines) remove(i int) {
	if n := l.list[i]; !n.New {
		l.gone = append(l.gone, n)
	}
	l.list = slices.Delete(l.list, i, i+1)
}

// changed tells whether a line is to be sent.
func (n Line) changed() bool {
	switch {
	case n.New:
		return n.Name != "" || n.Value != ""
	case n.Mixed:
		return n.touched
	}
	return n.Value != n.was
}

// From is what stood there before, in words.
func (n Line) from() string {
	if n.Mixed {
		return text.T("info.several")
	}
	return n.was
}

// Change is one thing that an edit changes, for the look before it.
type Change struct{ What, From, To string }

// Words says a change in a sentence.
func (c Change) Words() string {
	from, to := text.T("info.quoted", c.From), text.T("info.quoted", c.To)
	switch {
	case c.From == "":
		return text.T("info.set_to", to)
	case c.To == "":
		return text.T("info.taken", from)
	}
	return text.T("info.from_to", from, to)
}

func (l *lines) changes() []Change {
	var out []Change
	for _, n := range l.list {
		if n.changed() {
			out = append(out, Change{n.Name, n.from(), n.Value})
		}
	}
	for _, n := range l.gone {
		if !slices.ContainsFunc(l.list, func(o Line) bool { return o.New && o.Name == n.Name }) {
			out = append(out, Change{n.Name, n.from(), ""})
		}
	}
	return out
}

// edit is what to set and what to take away.
func (l *lines) edit() (set map[string]string, remove []string) {
	for _, n := range l.list {
		if n.changed() {
			if set == nil {
				set = map[string]string{}
			}
			set[n.Name] = n.Value
		}
	}
	for _, n := range l.gone {
		if _, again := set[n.Name]; !again {
			remove = append(remove, n.Name)
		}
	}
	return set, remove
}

// problem is why the lines cannot be sent as they are. Names that differ in case only are the same where fold is set.
func (l *lines) problem(fold bool) string {
	seen := map[string]bool{}
	for _, n := range l.list {
		name := n.Name
		if fold {
			name = strings.ToLower(name)
		}
		switch {
		case n.New && n.Name == "" && n.Value != "":
			return text.T("info.no_name")
		case n.Name != "" && seen[name]:
			return text.T("info.twice", n.Name)
		}
		seen[name] = true
	}
	return ""
}
