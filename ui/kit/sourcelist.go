package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/uitest"
)

// SourceItem is one row of a [SourceList]: a heading, or a thing with one or two lines.
type SourceItem struct {
	ID       string // never empty for rows that can be selected
	Title    string
	Subtitle string
	Icon     string
	Badge    string // short text at the right end
	Heading  bool
	Depth    int
	// Expandable rows have a triangle; OnToggle is called when it is used.
	Expandable, Expanded bool
	// Mark is the colour of a small dot before the title, or empty.
	Mark fyne.ThemeColorName
}

const (
	sourceLine    = 24 // a row of one line
	sourceTwo     = 38 // a row of two lines
	sourceHead    = 26 // a heading
	sourceIndent  = 14
	doubleClick   = 400 * time.Millisecond
	sourceTypeGap = time.Second
)

// SourceList is the list at the side of a window: bookmarks, history, searches. One row is selected at a time.
type SourceList struct {
	widget.BaseWidget
	OnSelect  func(id string)
	OnOpen    func(id string) // double click or Return
	OnToggle  func(id string, open bool)
	OnContext func(id string, at fyne.Position) // id is empty beside the rows
	OnDelete  func(id string)
	OnRename  func(id string)                    // F2
	OnMove    func(id, before string, into bool) // a row was dragged before another, into it, or below all (before is empty)
	// Now is the clock of double clicks; a test gives its own.
	Now func() time.Time
	// Modifiers tells the held modifier keys; a test gives its own.
	Modifiers Modifiers

	items   []SourceItem
	sel     string
	drop    string
	body    *sourceBody
	scroll  *container.Scroll
	focused bool
}

// NewSourceList returns an empty list. It has no ground of its own.
func NewSourceList() *SourceList {
	l := &SourceList{Now: time.Now, Modifiers: HeldModifiers}
	l.body = &sourceBody{l: l, hot: -1}
	l.body.ExtendBaseWidget(l.body)
	l.scroll = container.NewVScroll(l.body)
	l.ExtendBaseWidget(l)
	return l
}

// SetItems shows other rows; the selection stays if its row is still there.
func (l *SourceList) SetItems(items []SourceItem) {
	l.items = items
	if l.index(l.sel) < 0 {
		l.sel = ""
	}
	l.body.Refresh()
	l.scroll.Refresh()
}

// Items are the rows.
func (l *SourceList) Items() []SourceItem { return l.items }

// Selected is the id of the selected row, or empty.
func (l *SourceList) Selected() string { return l.sel }

// Select selects a row without calling OnSelect; an unknown or empty id selects nothing.
func (l *SourceList) Select(id string) {
	if l.index(id) < 0 {
		id = ""
	}
	l.sel = id
	l.body.Refresh()
}

// SetDropTarget highlights a row as the place of a drop; empty for none.
func (l *SourceList) SetDropTarget(id string) {
	if id != l.drop {
		l.drop = id
		l.body.Refresh()
	}
}

// ItemAt is the id of the row at a place in the window, or empty.
func (l *SourceList) ItemAt(abs fyne.Position) string {
	p := abs.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(l))
	if p.X < 0 || p.Y < 0 || p.X >= l.Size().Width || p.Y >= l.Size().Height {
		return ""
	}
	if i := l.body.at(p.Y + l.scroll.Offset.Y); i >= 0 {
		return l.items[i].ID
	}
	return ""
}

// ItemBounds is the place of a row inside the list as it is scrolled now.
func (l *SourceList) ItemBounds(id string) (fyne.Position, fyne.Size, bool) {
	i := l.index(id)
	if i < 0 {
		return fyne.Position{}, fyne.Size{}, false
	}
	top, bottom := l.body.span(i)
	return fyne.NewPos(0, top-l.scroll.Offset.Y), fyne.NewSize(l.Size().Width, bottom-top), true
}

func (l *SourceList) index(id string) int {
	for i := range l.items {
		if id != "" && l.items[i].ID == id && !l.items[i].Heading {
			return i
		}
	}
	return -1
}

// choose selects row i and tells the owner.
func (l *SourceList) choose(i int) {
	if i < 0 || i >= len(l.items) || l.items[i].Heading {
		return
	}
	changed := l.sel != l.items[i].ID
	l.sel = l.items[i].ID
	l.reveal(i)
	l.body.Refresh()
	if changed && l.OnSelect != nil {
		l.OnSelect(l.sel)
	}
}

func (l *SourceList) reveal(i int) {
	top, bottom := l.body.span(i)
	h := l.scroll.Size().Height
	switch {
	case top < l.scroll.Offset.Y:
		l.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case h > 0 && bottom > l.scroll.Offset.Y+h:
		l.scroll.ScrollToOffset(fyne.NewPos(0, bottom-h))
	}
}

// CreateRenderer is called by the toolkit.
func (l *SourceList) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(l.scroll)
}

// sourceBody draws the rows and takes pointer and keys.
type sourceBody struct {
	widget.BaseWidget
	l       *SourceList
	hot     int
	last    time.Time
	lastRow int
	drag    string
	dragAt  fyne.Position
	typed   string
	typedAt time.Time
}

func (b *sourceBody) height(i int) float32 {
	switch it := b.l.items[i]; {
	case it.Heading:
		return sourceHead
	case it.Subtitle != "":
		return sourceTwo
	}
	return sourceLine
}

func (b *sourceBody) span(i int) (top, bottom float32) {
	y := float32(2)
	for k := range b.l.items {
		h := b.height(k)
		if k == i {
			return y, y + h
		}
		y += h
	}
	return y, y + 2
}

func (b *sourceBody) at(y float32) int {
	for i := range b.l.items {
		if top, bottom := b.span(i); y >= top && y < bottom {
			return i
		}
	}
	return -1
}

// MouseDown selects, opens on the second click, and calls the menu on the other button.
func (b *sourceBody) MouseDown(e *desktop.MouseEvent) {
	FocusOn(b)
	i := b.at(e.Position.Y)
	l := b.l
	if e.Button == desktop.MouseButtonSecondary {
		id := ""
		if i >= 0 {
			l.choose(i)
			id = l.items[i].ID
		}
		if l.OnContext != nil {
			l.OnContext(id, e.AbsolutePosition)
		}
		return
	}
	if i < 0 || l.items[i].Heading {
		return
	}
	it := l.items[i]
	if it.Expandable && e.Position.X < float32(it.Depth)*sourceIndent+18 {
		b.toggle(it, !it.Expanded)
		return
	}
	l.choose(i)
	now := l.Now()
	if i == b.lastRow && now.Sub(b.last) < doubleClick {
		b.last = time.Time{}
		b.open(it)
		return
	}
	b.last, b.lastRow = now, i
}

func (b *sourceBody) toggle(it SourceItem, open bool) {
	if it.Expandable && it.Expanded != open && b.l.OnToggle != nil {
		b.l.OnToggle(it.ID, open)
	}
}

func (b *sourceBody) open(it SourceItem) {
	if it.Expandable {
		b.toggle(it, !it.Expanded)
	} else if b.l.OnOpen != nil {
		b.l.OnOpen(it.ID)
	}
}

func (b *sourceBody) MouseUp(*desktop.MouseEvent)      {}
func (b *sourceBody) MouseIn(e *desktop.MouseEvent)    { b.MouseMoved(e) }
func (b *sourceBody) MouseMoved(e *desktop.MouseEvent) { b.setHot(b.at(e.Position.Y)) }
func (b *sourceBody) MouseOut()                        { b.setHot(-1) }

func (b *sourceBody) setHot(i int) {
	if i != b.hot {
		b.hot = i
		b.Refresh()
	}
}

// Dragged moves a row within the list.
func (b *sourceBody) Dragged(e *fyne.DragEvent) {
	if b.l.OnMove == nil || b.l.sel == "" {
		return
	}
	b.drag, b.dragAt = b.l.sel, e.Position
	if i := b.at(e.Position.Y); i >= 0 && b.l.items[i].ID != b.drag {
		b.l.SetDropTarget(b.l.items[i].ID)
	} else {
		b.l.SetDropTarget("")
	}
}

// DragEnd puts the row down: into a folder when in the middle of one, else before the row under the pointer.
func (b *sourceBody) DragEnd() {
	id := b.drag
	b.drag = ""
	b.l.SetDropTarget("")
	i := b.at(b.dragAt.Y)
	if id == "" || i >= 0 && b.l.items[i].ID == id {
		return
	}
	if i < 0 {
		b.l.OnMove(id, "", false)
		return
	}
	top, bottom := b.span(i)
	third := (bottom - top) / 3
	into := b.l.items[i].Expandable && b.dragAt.Y > top+third && b.dragAt.Y < bottom-third
	b.l.OnMove(id, b.l.items[i].ID, into)
}

func (b *sourceBody) FocusGained() { b.l.focused = true; b.Refresh() }

func (b *sourceBody) FocusLost() { b.l.focused = false; b.Refresh() }

func (b *sourceBody) TypedShortcut(s fyne.Shortcut) { PassShortcut(b, s) }

// UIRows lists the rows for the test socket.
func (l *SourceList) UIRows() []uitest.Row {
	var out []uitest.Row
	for _, it := range l.items {
		if pos, size, ok := l.ItemBounds(it.ID); ok && pos.Y+size.Height > 0 && pos.Y < l.Size().Height {
			out = append(out, uitest.Row{Name: it.Title, Selected: it.ID == l.sel, Pos: pos, Size: size})
		}
	}
	return out
}
