// Package outline is the list of files: a tree with columns that stays quick with a million rows.
// It must never know what its rows are (no S3), hold one object per row, or walk all rows to draw.
// Start reading at [Outline]; what it shows comes from a [Model].
package outline

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline/model"
	"pintail/ui/uitest"
)

// The words of the model, so that most users need to import one package only.
type (
	Key         = model.Key
	Row         = model.Row
	Model       = model.Model
	Column      = model.Column
	ColumnState = model.ColumnState
	State       = model.State
	Selection   = model.Selection
)

// Options are what a test or a window may put in; the zero value is for ordinary use.
type Options struct {
	// Modifiers tells the held modifier keys; nil asks the driver.
	Modifiers kit.Modifiers
	// Now is the clock of double clicks and type-ahead; nil is the system's.
	Now func() time.Time
	// Layer shows the floating label of a drag; nil shows none.
	Layer *kit.DragLayer
}

// Message is what stands in the middle of an outline without rows: that it is empty, loading, or what went wrong.
type Message struct {
	Icon, Title, Text string
	Action            string // text of a button, or empty
	OnAction          func()
}

// Out says what happens to rows that are dragged outside of the outline.
type Out int

// What happens to them.
const (
	OutMoving Out = iota
	OutDropped
	OutEnded // back inside, or given up
)

// Outline is the widget. All its methods are for the thread of the windows; callbacks may be nil.
type Outline struct {
	widget.BaseWidget

	OnSelect  func()                           // another selection
	OnOpen    func(k Key)                      // double click or Return; if nil, folders open and close
	OnToggle  func(k Key, open bool)           // a row was opened or closed by the user
	OnRename  func(k Key, name string)         // F2 and a new name
	CanRename func(k Key) bool                 // nil allows
	OnDelete  func()                           // Delete
	OnSpace   func()                           // Space, unless a name is being typed
	OnIcon    func(k Key)                      // a click on the picture, which then selects nothing; nil = it is part of the row
	OnSort    func(column string, desc bool)   // the model has been told already
	OnState   func()                           // columns or sorting changed: time to save [Outline.State]
	OnShown   func(first, last int)            // other rows are visible; last is past the end
	OnKey     func(*fyne.KeyEvent) bool        // sees keys that the outline does not use; false hands them on
	OnMenu    func(k Key, at fyne.Position)    // context menu; k is zero beside the rows
	CanStart  func(k Key) bool                 // may rows be dragged; nil allows
	CanDrop   func(target Key, copy bool) bool // may the selection be dropped there; zero is beside the rows; nil allows
	// OnDrop is called when the selection was dropped on a row (or beside the rows: zero).
	OnDrop func(rows *Selection, target Key, copy bool)
	// OnDragOut is called while rows are dragged outside of the outline, and once more when that ends: dropped there, back inside or
	// given up.
	OnDragOut func(rows *Selection, at fyne.Position, out Out)

	model   Model
	opt     Options
	decl    []Column
	cols    []colState
	sortCol string
	desc    bool

	sel            Selection
	cursor, anchor Key
	off            float64 // pixels above the view; not float32, which cannot count a million rows
	offX           float32
	top            Key     // first visible row, to hold the place when rows come and go
	topOff         float64 // and how far it is scrolled out
	focused        bool
	byMouse        bool // the keyboard came by a click: no ring
	message        *Message
	shownFirst     int
	shownLast      int

	mouse mouseState
	typed typedState
	edit  *rename
	r     *renderer
}

// New returns an outline of m with the given columns.
func New(m Model, cols []Column, opt Options) *Outline {
	if opt.Modifiers == nil {
		opt.Modifiers = kit.HeldModifiers
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	o := &Outline{model: m, opt: opt}
	o.mouse.reset()
	o.mouse.hot = -1
	o.mouse.hotCol = -1
	o.setColumns(cols)
	o.ExtendBaseWidget(o)
	return o
}

// Model is what the outline shows.
func (o *Outline) Model() Model { return o.model }

// SetModel shows another list from its start, with nothing selected.
func (o *Outline) SetModel(m Model) {
	o.cancelRename()
	o.cancelDrag()
	o.model = m
	o.mouse.lastKey, o.typed.text = 0, "" // other rows may have the same keys: a first click on them is no second one
	o.sel.Clear()
	o.cursor, o.anchor, o.top, o.off, o.offX, o.topOff = 0, 0, 0, 0, 0, 0
	o.Refresh()
	o.selected()
}

// SetMessage says what stands in the middle while there are no rows; nil for nothing.
func (o *Outline) SetMessage(m *Message) { o.message = m; o.Refresh() }

// Changed must be called when rows of the model were added, sorted or changed; gone tells that some may be missing.
// What is on screen stays where it is, and the selection loses the rows that are gone.
func (o *Outline) Changed(gone bool) {
	if o.off > 0 && o.top != 0 {
		if i, ok := o.model.Index(o.top); ok {
			o.off = float64(i)*o.rowHeight() + o.topOff
		}
	}
	lost := 0
	if gone && o.sel.Len() > 0 {
		lost = o.sel.Keep(func(k Key) bool { _, ok := o.model.Index(k); return ok })
	}
	o.clampScroll()
	o.Refresh()
	if lost > 0 {
		o.selected()
	}
}

func (o *Outline) rowHeight() float64 { return float64(o.Theme().Size(look.SizeRow)) }

func (o *Outline) headerHeight() float32 { return o.Theme().Size(look.SizeHeader) }

func (o *Outline) viewHeight() float64 {
	return math.Max(0, float64(o.Size().Height-o.headerHeight()))
}

func (o *Outline) contentHeight() float64 { return float64(o.model.Len()) * o.rowHeight() }

func (o *Outline) clampScroll() {
	o.off = min(max(o.off, 0), max(o.contentHeight()-o.viewHeight(), 0))
	o.offX = min(max(o.offX, 0), max(o.columnsWidth()-o.cellsWidth(), 0))
}

// ScrollOffset is how many pixels of the rows are above the view.
func (o *Outline) ScrollOffset() float64 { return o.off }

// ScrollToOffset scrolls so that y pixels of the rows are above the view, within what there is.
func (o *Outline) ScrollToOffset(y float64) {
	old := o.off
	o.off = y
	o.clampScroll()
	if o.off != old {
		o.Refresh()
	}
}

// ScrollTo scrolls as little as shows the row k; false if there is no such row.
func (o *Outline) ScrollTo(k Key) bool {
	i, ok := o.model.Index(k)
	if ok {
		o.reveal(i)
		o.Refresh()
	}
	return ok
}

// reveal moves the view without drawing.
func (o *Outline) reveal(i int) {
	y, h := float64(i)*o.rowHeight(), o.viewHeight()
	switch {
	case h <= 0:
	case y < o.off:
		o.off = y
	case y+o.rowHeight() > o.off+h:
		o.off = y + o.rowHeight() - h
	}
	o.clampScroll()
}

// VisibleRange is the range of rows on screen; last is past the end.
func (o *Outline) VisibleRange() (first, last int) {
	n := o.model.Len()
	first = min(int(o.off/o.rowHeight()), n)
	return first, min(int(math.Ceil((o.off+o.viewHeight())/o.rowHeight())), n)
}

// rowAt is the row at y inside the widget, or -1 on the header and below the rows.
func (o *Outline) rowAt(y float32) int {
	if y < o.headerHeight() || y >= o.Size().Height {
		return -1
	}
	i := int((o.off + float64(y-o.headerHeight())) / o.rowHeight())
	if i < 0 || i >= o.model.Len() {
		return -1
	}
	return i
}

// inside turns a place in the window into one in the widget; false when it lies outside.
func (o *Outline) inside(abs fyne.Position) (fyne.Position, bool) {
	p := abs.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(o))
	return p, p.X >= 0 && p.Y >= 0 && p.X < o.Size().Width && p.Y < o.Size().Height
}

// RowAt is the row at a place in the window, zero beside the rows; false when the place is outside of the outline.
func (o *Outline) RowAt(abs fyne.Position) (Key, bool) {
	p, ok := o.inside(abs)
	if !ok {
		return 0, false
	}
	if i := o.rowAt(p.Y); i >= 0 {
		return o.model.Key(i), true
	}
	return 0, true
}

// DropAt is where something dropped at a place in the window would go: the row there if it takes drops, else the row
// that holds it, zero for beside the rows; false when the place is outside of the outline.
func (o *Outline) DropAt(abs fyne.Position) (Key, bool) {
	p, ok := o.inside(abs)
	if !ok {
		return 0, false
	}
	var row Row
	for i := o.rowAt(p.Y); i >= 0; i = o.model.Parent(i) {
		row.Wanted = nil
		o.model.Row(i, &row)
		if row.Droppable {
			return row.Key, true
		}
	}
	return 0, true
}

// SetDropTarget highlights the row k as the place of a drop, the whole outline for zero; on false nothing.
func (o *Outline) SetDropTarget(k Key, on bool) {
	if o.mouse.drop != k || o.mouse.dropOn != on {
		o.mouse.drop, o.mouse.dropOn = k, on
		o.Refresh()
	}
}

// RowInfo is a row on screen, for tests and the test socket.
type RowInfo struct {
	Key      Key
	Name     string
	Note     string
	Selected bool
	Pos      fyne.Position // inside the outline
	Size     fyne.Size
}

// VisibleRows lists the rows on screen from top to bottom.
func (o *Outline) VisibleRows() []RowInfo {
	first, last := o.VisibleRange()
	var out []RowInfo
	var row Row
	for i := first; i < last; i++ {
		o.model.Row(i, &row)
		name := ""
		if len(row.Cells) > 0 {
			name = row.Cells[0]
		}
		y := float32(float64(i)*o.rowHeight()-o.off) + o.headerHeight()
		out = append(out, RowInfo{Key: row.Key, Name: name, Note: row.Note, Selected: o.sel.Has(row.Key), Pos: fyne.NewPos(0, y),
			Size: fyne.NewSize(o.cellsWidth(), float32(o.rowHeight()))})
	}
	return out
}

// UIRows lists the rows on screen for the test socket.
func (o *Outline) UIRows() []uitest.Row {
	var out []uitest.Row
	for _, r := range o.VisibleRows() {
		out = append(out, uitest.Row{Name: r.Name, Selected: r.Selected, Pos: r.Pos, Size: r.Size})
	}
	return out
}
