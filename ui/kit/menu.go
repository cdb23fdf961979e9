package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

func fieldIcon() fyne.Resource { return look.Icon("search") }

// The menus here take the toolkit's fyne.Menu but draw it themselves: the toolkit writes shortcuts at a fifth of the
// text's strength, which nobody can read, and offers no way to change that.

// ShowMenu opens m on c with its corner at the place at, moved to fit into the window. Esc or a click elsewhere closes it.
func ShowMenu(c fyne.Canvas, m *fyne.Menu, at fyne.Position) *OpenMenu {
	o := newOpenMenu(c)
	o.from = &at
	o.push(m, at, 0)
	o.show()
	return o
}

// OpenMenu is a menu on screen with its submenus. It covers the window and holds the keyboard until it closes.
type OpenMenu struct {
	widget.BaseWidget
	// OnClose is called when the menu has closed, before the chosen item acts.
	OnClose func()

	canvas fyne.Canvas
	panels []*menuPanel
	cont   *fyne.Container
	closed bool
	// A menu with no room below the pointer lies under it: the release of the button that opened it there, at from, chooses nothing.
	from    *fyne.Position
	pressed bool

	// a bar listens to what leaves the panels
	onSide    func(step int)
	onOutside func(fyne.Position) bool
}

func newOpenMenu(c fyne.Canvas) *OpenMenu {
	o := &OpenMenu{canvas: c, cont: container.NewWithoutLayout()}
	o.ExtendBaseWidget(o)
	return o
}

func (o *OpenMenu) show() {
	o.canvas.Overlays().Add(o)
	o.Resize(o.canvas.Size())
	o.canvas.Focus(o)
}

// push opens m below the panels there are; width moves it to the left of its parent if there is no room.
func (o *OpenMenu) push(m *fyne.Menu, at fyne.Position, width float32) {
	p := newMenuPanel(o, m, len(o.panels))
	size, room := p.MinSize(), o.canvas.Size()
	size.Height = min(size.Height, room.Height)
	if at.X+size.Width > room.Width {
		at.X = max(at.X-width-size.Width, 0)
		if width == 0 {
			at.X = max(room.Width-size.Width, 0)
		}
	}
	at.Y = max(min(at.Y, room.Height-size.Height), 0)
	p.Resize(size)
	p.Move(at)
	o.panels = append(o.panels, p)
	o.cont.Objects = append(o.cont.Objects, p)
	o.cont.Refresh()
}

// cut closes the panels from depth on.
func (o *OpenMenu) cut(depth int) {
	if depth < len(o.panels) {
		o.panels = o.panels[:depth]
		o.cont.Objects = o.cont.Objects[:depth]
		o.cont.Refresh()
	}
}

// Close removes the menu; closing twice does nothing.
func (o *OpenMenu) Close() {
	if o.closed {
		return
	}
	o.closed = true
	o.canvas.Overlays().Remove(o)
	if o.OnClose != nil {
		o.OnClose()
	}
}

// opening tells whether a release of a button belongs to the press that opened the menu.
func (o *OpenMenu) opening(at fyne.Position) bool {
	const still = 4
	if o.pressed || o.from == nil {
		return false
	}
	d := at.Subtract(*o.from)
	return max(d.X, -d.X) <= still && max(d.Y, -d.Y) <= still
}

func (o *OpenMenu) choose(it *fyne.MenuItem) {
	if it.Disabled || it.IsSeparator || o.closed {
		return
	}
	o.Close()
	if it.Action != nil {
		it.Action()
	}
}

// Items are the items of the deepest open panel, for tests and the test socket.
func (o *OpenMenu) Items() []*fyne.MenuItem { return o.last().menu.Items }

func (o *OpenMenu) last() *menuPanel { return o.panels[len(o.panels)-1] }

// CreateRenderer is called by the toolkit.
func (o *OpenMenu) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(o.cont) }

// MouseDown outside of the panels closes the menu.
func (o *OpenMenu) MouseDown(e *desktop.MouseEvent) {
	if o.onOutside != nil && o.onOutside(e.AbsolutePosition) {
		return
	}
	o.Close()
}

// MouseUp is called by the toolkit.
func (o *OpenMenu) MouseUp(*desktop.MouseEvent) {}

// MouseIn is called by the toolkit.
func (o *OpenMenu) MouseIn(e *desktop.MouseEvent) { o.MouseMoved(e) }

// MouseMoved lets a bar open its other menus.
func (o *OpenMenu) MouseMoved(e *desktop.MouseEvent) {
	if o.onSide != nil && o.onOutside != nil {
		o.onOutside(e.AbsolutePosition)
	}
}

// MouseOut is called by the toolkit.
func (o *OpenMenu) MouseOut() {}

// FocusGained is called by the toolkit.
func (o *OpenMenu) FocusGained() {}

// FocusLost is called by the toolkit.
func (o *OpenMenu) FocusLost() {}

// TypedRune goes to the next item that begins with the letter.
func (o *OpenMenu) TypedRune(r rune) { o.last().seek(r) }

// TypedKey moves through the menu.
func (o *OpenMenu) TypedKey(e *fyne.KeyEvent) {
	p := o.last()
	switch e.Name {
	case fyne.KeyEscape:
		o.back(o.Close)
	case fyne.KeyDown:
		p.step(1)
	case fyne.KeyUp:
		p.step(-1)
	case fyne.KeyHome:
		p.active = -1
		p.step(1)
	case fyne.KeyEnd:
		p.active = len(p.menu.Items)
		p.step(-1)
	case fyne.KeyLeft:
		o.back(func() { o.side(-1) })
	case fyne.KeyRight:
		if !p.openChild() {
			o.side(1)
		}
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if it := p.current(); it != nil && !p.openChild() {
			o.choose(it)
		}
	}
}

// back closes the last submenu, or does what is given when there is none.
func (o *OpenMenu) back(top func()) {
	if len(o.panels) > 1 {
		o.cut(len(o.panels) - 1)
		return
	}
	top()
}

func (o *OpenMenu) side(step int) {
	if o.onSide != nil {
		o.onSide(step)
	}
}
