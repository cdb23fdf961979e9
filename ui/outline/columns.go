package outline

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/outline/model"
)

const (
	barWidth  = 12 // the scroll bar's track
	cellPad   = 6
	leastCol  = 36
	edgeReach = 4 // pixels on both sides of a column's edge that take hold of it
)

// colState is one column as it is now; decl is its place in the declaration, and so in a row's cells.
type colState struct {
	decl   int
	width  float32
	hidden bool
}

func (o *Outline) setColumns(cols []Column) {
	o.decl = cols
	o.cols = o.cols[:0]
	for i, c := range cols {
		o.cols = append(o.cols, colState{decl: i, width: max(c.Width, c.Min), hidden: c.Hidden})
	}
}

// SetColumns declares other columns in their standard state.
func (o *Outline) SetColumns(cols []Column) {
	o.setColumns(cols)
	if o.r != nil {
		o.r.dropPool()
	}
	o.clampScroll()
	o.Refresh()
}

// State is what the user made of the columns and the sorting.
func (o *Outline) State() State {
	s := State{Sort: o.sortCol, Desc: o.desc}
	for _, c := range o.cols {
		s.Columns = append(s.Columns, ColumnState{ID: o.decl[c.decl].ID, Width: c.width, Hidden: c.hidden})
	}
	return s
}

// SetState restores what [Outline.State] gave: unknown columns are left out, missing ones keep their standard.
// It sorts the model but calls no callback.
func (o *Outline) SetState(s State) {
	old := o.cols
	var out []colState
	take := func(id string) (colState, bool) {
		for i, c := range old {
			if o.decl[c.decl].ID == id {
				old = append(append([]colState(nil), old[:i]...), old[i+1:]...)
				return c, true
			}
		}
		return colState{}, false
	}
	for _, st := range s.Columns {
		if c, ok := take(st.ID); ok {
			if st.Width > 0 {
				c.width = max(st.Width, o.decl[c.decl].Min, leastCol)
			}
			c.hidden = st.Hidden && !o.decl[c.decl].Fixed
			out = append(out, c)
		}
	}
	o.cols = append(out, old...)
	o.fixedFirst()
	o.sortCol, o.desc = s.Sort, s.Desc
	if s.Sort != "" {
		o.model.Sort(s.Sort, s.Desc)
	}
	o.Changed(false)
}

// fixedFirst puts the fixed columns before the others.
func (o *Outline) fixedFirst() {
	var fixed, rest []colState
	for _, c := range o.cols {
		if o.decl[c.decl].Fixed {
			fixed = append(fixed, c)
		} else {
			rest = append(rest, c)
		}
	}
	o.cols = append(fixed, rest...)
}

// placed is a visible column with its place on screen.
type placed struct {
	*colState
	decl  *Column
	index int // place in Outline.cols
	x, w  float32
}

func (o *Outline) cellsWidth() float32 { return max(o.Size().Width-barWidth, 0) }

// columnsWidth is what the visible columns need at least.
func (o *Outline) columnsWidth() float32 {
	w := float32(0)
	for _, c := range o.cols {
		switch d := o.decl[c.decl]; {
		case c.hidden:
		case d.Flex:
			w += max(d.Min, leastCol)
		default:
			w += c.width
		}
	}
	return w
}

// layoutColumns places the visible columns into out; the flexible one takes what the others leave.
func (o *Outline) layoutColumns(out []placed) []placed {
	out = out[:0]
	spare := max(o.cellsWidth()-o.columnsWidth(), 0)
	x := -o.offX
	for i := range o.cols {
		c := &o.cols[i]
		if c.hidden {
			continue
		}
		d := &o.decl[c.decl]
		w := c.width
		if d.Flex {
			w = max(d.Min, leastCol) + spare
			spare = 0
		}
		out = append(out, placed{colState: c, decl: d, index: i, x: x, w: w})
		x += w
	}
	return out
}

// columnAt is the visible column at x, or -1.
func (o *Outline) columnAt(x float32) int {
	for i, c := range o.layoutColumns(nil) {
		if x >= c.x && x < c.x+c.w {
			return i
		}
	}
	return -1
}

// edgeAt is the column that a drag of the edge at x resizes (its place in cols), and in which direction; -1 for none.
// Behind the flexible column the edges belong to the column on their right, so that the edge follows the pointer.
func (o *Outline) edgeAt(x float32) (col int, sign float32) {
	cols := o.layoutColumns(nil)
	flexSeen := false
	for i := 0; i+1 < len(cols); i++ {
		flexSeen = flexSeen || cols[i].decl.Flex
		edge := cols[i].x + cols[i].w
		if x <= edge-edgeReach || x >= edge+edgeReach {
			continue
		}
		if flexSeen {
			return cols[i+1].index, -1
		}
		return cols[i].index, 1
	}
	return -1, 0
}

func (o *Outline) resizeColumn(col int, width float32) {
	c := &o.cols[col]
	c.width = max(width, o.decl[c.decl].Min, leastCol)
	o.clampScroll()
	o.Refresh()
}

// fitColumn makes a column as wide as its title and the cells on screen need.
func (o *Outline) fitColumn(col int) {
	d := o.cols[col].decl
	size := o.Theme().Size(theme.SizeNameText)
	w := fyne.MeasureText(o.decl[d].Title, size, fyne.TextStyle{Bold: true}).Width + 16
	var row Row
	first, last := o.VisibleRange()
	for i := first; i < last; i++ {
		row.Wanted = nil
		o.model.Row(i, &row)
		if d < len(row.Cells) {
			w = max(w, fyne.MeasureText(row.Cells[d], size, fyne.TextStyle{}).Width)
		}
	}
	o.resizeColumn(col, w+2*cellPad+1)
	o.stateChanged()
}

// moveColumn puts the column at place from before the one at place to (places in cols).
func (o *Outline) moveColumn(from, to int) {
	if from == to || from+1 == to || o.decl[o.cols[from].decl].Fixed {
		return
	}
	c := o.cols[from]
	rest := append(append([]colState(nil), o.cols[:from]...), o.cols[from+1:]...)
	if to > from {
		to--
	}
	to = min(max(to, 0), len(rest))
	o.cols = append(rest[:to:to], append([]colState{c}, rest[to:]...)...)
	o.fixedFirst()
	o.Refresh()
	o.stateChanged()
}

// SortBy sorts as a click on the column's title does, and tells the owner.
func (o *Outline) SortBy(column string, desc bool) {
	o.sortCol, o.desc = column, desc
	o.model.Sort(column, desc)
	o.Changed(false)
	if o.OnSort != nil {
		o.OnSort(column, desc)
	}
	o.stateChanged()
}

func (o *Outline) clickHeader(d *Column) {
	desc := d.SortDescFirst
	if o.sortCol == d.ID {
		desc = !o.desc
	}
	o.SortBy(d.ID, desc)
}

func (o *Outline) stateChanged() {
	if o.OnState != nil {
		o.OnState()
	}
}

// ColumnMenu is the menu that shows and hides columns, for the header and for a View menu.
func (o *Outline) ColumnMenu() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for i := range o.cols {
		id := o.decl[o.cols[i].decl].ID
		d := &o.decl[o.cols[i].decl]
		it := fyne.NewMenuItem(d.Title, func() { o.toggleColumn(id) })
		it.Checked, it.Disabled = !o.cols[i].hidden, d.Fixed
		items = append(items, it)
	}
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(text.T("outline.columns.reset"), func() {
		o.SetColumns(o.decl)
		o.stateChanged()
	}))
}

func (o *Outline) toggleColumn(id string) {
	for i := range o.cols {
		if o.decl[o.cols[i].decl].ID == id {
			o.cols[i].hidden = !o.cols[i].hidden
		}
	}
	o.clampScroll()
	o.Refresh()
	o.stateChanged()
}

func (o *Outline) headerMenu(at fyne.Position) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		kit.ShowMenu(c, fyne.NewMenu("", o.ColumnMenu()...), at)
	}
}

func (o *Outline) alignment(a model.Align) fyne.TextAlign {
	switch a {
	case model.Trailing:
		return fyne.TextAlignTrailing
	case model.Center:
		return fyne.TextAlignCenter
	}
	return fyne.TextAlignLeading
}
