package outline

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/kit"
)

const doubleClick = 400 * time.Millisecond

// grip is what the pressed mouse button holds.
type grip int

const (
	gripNone    grip = iota
	gripEdge         // a column's edge
	gripTitle        // a column's title: a click sorts, a drag moves it
	gripThumb        // the scroll bar
	gripRows         // the selection
	gripBand         // a rubber band
	gripRefused      // a drag that was cancelled or may not start: nothing until the button goes up
)

type mouseState struct {
	grip    grip
	moved   bool // the drag has begun
	pressed fyne.Position
	at      fyne.Position // last place in the widget
	abs     fyne.Position // last place in the window

	col       int     // gripEdge, gripTitle: place in cols
	sign      float32 // gripEdge
	startW    float32 // gripEdge
	insert    int     // gripTitle: the column goes before this place in cols, -1 nowhere
	thumbFrom float64 // gripThumb: distance of the pointer from the thumb's top

	collapse Key // select only this on release
	unselect Key // take this out on release
	band     band

	lastClick time.Time
	lastKey   Key

	hot    int // row under the pointer
	hotCol int // column edge under the pointer
	hotBar bool

	drop   Key
	dropOn bool
	out    bool      // the rows that are dragged are outside
	spring time.Time // since when the pointer is over the closed folder drop
	scroll *fyne.Animation
}

// band is a rubber band in the coordinates of the rows.
type band struct {
	x0, x1 float32
	y0, y1 float64
	before *Selection
}

func (m *mouseState) reset() {
	m.grip, m.moved, m.out, m.insert = gripNone, false, false, -1
	m.collapse, m.unselect = 0, 0
	m.band = band{}
}

// MouseDown selects on the press, so that it feels quick; clicks are counted here for the same reason.
func (o *Outline) MouseDown(e *desktop.MouseEvent) {
	m := &o.mouse
	m.reset()
	m.pressed, m.at, m.abs = e.Position, e.Position, e.AbsolutePosition
	if o.edit != nil {
		o.endRename(true)
	}
	o.takeFocus()
	switch {
	case e.Position.Y < o.headerHeight():
		o.pressHeader(e)
	case e.Position.X >= o.cellsWidth() && o.contentHeight() > o.viewHeight():
		o.pressBar(e.Position.Y)
	default:
		o.pressRows(e)
	}
	o.Refresh()
}

func (o *Outline) takeFocus() {
	o.byMouse = true
	if !o.focused {
		kit.FocusOn(o)
	}
}

func (o *Outline) pressHeader(e *desktop.MouseEvent) {
	m := &o.mouse
	if e.Button == desktop.MouseButtonSecondary {
		o.headerMenu(e.AbsolutePosition)
		return
	}
	if col, sign := o.edgeAt(e.Position.X); col >= 0 {
		if o.isDouble(Key(col)+1, true) {
			o.fitColumn(col)
			m.grip = gripRefused
			return
		}
		m.grip, m.col, m.sign, m.startW = gripEdge, col, sign, o.cols[col].width
		return
	}
	if i := o.columnAt(e.Position.X); i >= 0 {
		m.grip, m.col = gripTitle, o.layoutColumns(nil)[i].index
	}
}

// isDouble counts clicks: true for the second quick one on the same thing.
func (o *Outline) isDouble(what Key, edge bool) bool {
	m := &o.mouse
	if edge {
		what |= 1 << 63
	}
	now := o.opt.Now()
	if m.lastKey == what && now.Sub(m.lastClick) < doubleClick {
		m.lastKey = 0
		return true
	}
	m.lastKey, m.lastClick = what, now
	return false
}

func (o *Outline) pressRows(e *desktop.MouseEvent) {
	m := &o.mouse
	i := o.rowAt(e.Position.Y)
	secondary := e.Button == desktop.MouseButtonSecondary
	keep := e.Modifier&(fyne.KeyModifierShift|fyne.KeyModifierShortcutDefault) != 0
	if i < 0 {
		if !keep && o.sel.Len() > 0 {
			o.sel.Clear()
			o.selected()
		}
		if secondary {
			o.contextMenu(0, e.AbsolutePosition)
			return
		}
		o.startBand(keep)
		return
	}
	if secondary {
		o.pressSecondary(i, e.AbsolutePosition)
		return
	}
	var row Row
	o.model.Row(i, &row)
	if tri := o.nameIndent(row.Depth); row.Expandable && e.Position.X+o.offX >= tri-2 && e.Position.X+o.offX < tri+triWidth {
		o.toggle(i, !row.Expanded)
		m.grip = gripRefused
		return
	}
	if icon := o.nameIndent(row.Depth) + triWidth; o.OnIcon != nil && e.Position.X+o.offX >= icon-2 && e.Position.X+o.offX < o.textStart(row.Depth) {
		m.grip = gripRefused
		o.OnIcon(row.Key)
		return
	}
	m.grip = gripRows
	o.pressSelect(i, &row, e)
	if !keep && o.isDouble(row.Key, false) {
		m.grip = gripRefused
		m.collapse = 0
		o.open(i, &row)
	}
}

// pressSelect is what a press on row i does to the selection.
func (o *Outline) pressSelect(i int, row *Row, e *desktop.MouseEvent) {
	m := &o.mouse
	selected := o.sel.Has(row.Key)
	switch {
	case e.Modifier&fyne.KeyModifierShift != 0:
		o.extend(i)
	case e.Modifier&fyne.KeyModifierShortcutDefault != 0:
		if selected {
			m.unselect = row.Key // on release: until then it may become a drag that copies
			return
		}
		o.sel.Add(row.Key)
		o.cursor, o.anchor = row.Key, row.Key
	case selected && o.sel.Len() > 1:
		m.collapse = row.Key // on release: otherwise a group could not be dragged
		return
	case selected:
		o.cursor, o.anchor = row.Key, row.Key
		return
	default:
		o.only(i)
		if e.Position.X > o.nameEnd(row) { // beside the name a drag draws a band
			o.startBand(false)
		}
	}
	o.selected()
}

func (o *Outline) pressSecondary(i int, at fyne.Position) {
	k := o.model.Key(i)
	if !o.sel.Has(k) {
		o.only(i)
		o.selected()
	} else {
		o.cursor = k
	}
	o.mouse.grip = gripRefused
	o.Refresh()
	o.contextMenu(k, at)
}

func (o *Outline) contextMenu(k Key, at fyne.Position) {
	if o.OnMenu != nil {
		o.OnMenu(k, at)
	}
}

// open is what double click and Return do.
func (o *Outline) open(i int, row *Row) {
	switch {
	case o.OnOpen != nil:
		o.OnOpen(row.Key)
	case row.Expandable:
		o.toggle(i, !row.Expanded)
	}
}

// nameEnd is where the drawn name of a row ends.
func (o *Outline) nameEnd(row *Row) float32 {
	name := ""
	if len(row.Cells) > 0 {
		name = row.Cells[0]
	}
	w := fyne.MeasureText(name, o.Theme().Size(theme.SizeNameText), fyne.TextStyle{}).Width
	cols := o.layoutColumns(nil)
	if len(cols) == 0 {
		return 0
	}
	return min(o.textStart(row.Depth)-o.offX+w+8, cols[0].x+cols[0].w)
}

// MouseUp finishes a click; the toolkit calls DragEnd after it if there was a drag.
func (o *Outline) MouseUp(*desktop.MouseEvent) {
	m := &o.mouse
	if m.moved {
		return
	}
	switch {
	case m.grip == gripTitle:
		o.clickHeader(&o.decl[o.cols[m.col].decl])
	case m.collapse != 0:
		if i, ok := o.model.Index(m.collapse); ok {
			o.only(i)
			o.selected()
		}
	case m.unselect != 0:
		o.sel.Remove(m.unselect)
		o.cursor, o.anchor = m.unselect, m.unselect
		o.selected()
	}
	m.reset()
	o.Refresh()
}

// MouseIn is called by the toolkit.
func (o *Outline) MouseIn(e *desktop.MouseEvent) { o.MouseMoved(e) }

// MouseMoved lights up what is under the pointer.
func (o *Outline) MouseMoved(e *desktop.MouseEvent) {
	edge, row, bar := -1, -1, false
	switch {
	case e.Position.Y < o.headerHeight():
		edge, _ = o.edgeAt(e.Position.X)
	case e.Position.X >= o.cellsWidth():
		bar = true
	default:
		row = o.rowAt(e.Position.Y)
	}
	o.setHot(edge, row, bar)
}

// MouseOut is called by the toolkit.
func (o *Outline) MouseOut() { o.setHot(-1, -1, false) }

func (o *Outline) setHot(edge, row int, bar bool) {
	m := &o.mouse
	m.hotCol = edge
	if m.hot != row || m.hotBar != bar {
		m.hot, m.hotBar = row, bar
		o.Refresh()
	}
}

// Cursor is the double arrow over a column's edge.
func (o *Outline) Cursor() desktop.Cursor {
	if o.mouse.hotCol >= 0 || o.mouse.grip == gripEdge {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// Scrolled is called by the toolkit.
func (o *Outline) Scrolled(e *fyne.ScrollEvent) {
	oldX := o.offX
	o.offX -= e.Scrolled.DX
	o.clampScroll()
	if o.offX != oldX {
		o.Refresh()
	}
	if e.Scrolled.DY != 0 {
		o.ScrollToOffset(o.off - float64(e.Scrolled.DY))
		o.mouse.hot = -1
	}
}

// thumb is the place and length of the scroll bar's handle below the header; false when all rows fit.
func (o *Outline) thumb() (y, h float64, ok bool) {
	view, total := o.viewHeight(), o.contentHeight()
	if total <= view || view <= 0 {
		return 0, 0, false
	}
	h = max(28, view*view/total)
	return (view - h) * o.off / (total - view), h, true
}

func (o *Outline) pressBar(at float32) {
	y, h, ok := o.thumb()
	p := float64(at - o.headerHeight())
	switch {
	case !ok:
	case p < y:
		o.ScrollToOffset(o.off - o.viewHeight() + o.rowHeight())
		o.mouse.grip = gripRefused
	case p >= y+h:
		o.ScrollToOffset(o.off + o.viewHeight() - o.rowHeight())
		o.mouse.grip = gripRefused
	default:
		o.mouse.grip, o.mouse.thumbFrom = gripThumb, p-y
	}
}
