package kit

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

const barPad = 9 // left and right of a menu's title

// MenuBar is the row of menus at the top of a window. Put it first into the window's content.
// On a Mac it hands the menu to the system and shows nothing.
//
// It also makes the menus' shortcuts work. Unlike the toolkit's own bar it lets the focused field have a key first,
// so Ctrl+C in a field copies text even if a menu has a Copy.
type MenuBar struct {
	widget.BaseWidget
	w      fyne.Window
	menu   *fyne.MainMenu
	native bool
	hot    int // title under the pointer
	open   int // title whose menu is open, -1 for none
	shown  *OpenMenu
	keys   []fyne.Shortcut
}

// NewMenuBar returns the bar for the window w.
func NewMenuBar(w fyne.Window, menu *fyne.MainMenu) *MenuBar {
	b := &MenuBar{w: w, menu: menu, native: runtime.GOOS == "darwin", hot: -1, open: -1}
	b.ExtendBaseWidget(b)
	if b.native {
		w.SetMainMenu(menu)
	} else {
		b.bind()
	}
	return b
}

// Update must be called after items or shortcuts of the menu have changed.
func (b *MenuBar) Update() {
	if b.native {
		b.menu.Refresh()
		return
	}
	b.bind()
	b.Refresh()
}

// bind registers the shortcuts of all items with the window.
func (b *MenuBar) bind() {
	for _, s := range b.keys {
		b.w.Canvas().RemoveShortcut(s)
	}
	b.keys = b.keys[:0]
	for _, m := range b.menu.Items {
		b.bindMenu(m)
	}
}

func (b *MenuBar) bindMenu(m *fyne.Menu) {
	for _, it := range m.Items {
		if it.ChildMenu != nil {
			b.bindMenu(it.ChildMenu)
		}
		if it.Shortcut == nil {
			continue
		}
		b.keys = append(b.keys, it.Shortcut)
		b.w.Canvas().AddShortcut(it.Shortcut, func(s fyne.Shortcut) { b.Shortcut(s) })
	}
}

// Shortcut runs the item that has the shortcut s and tells whether there was one that could.
func (b *MenuBar) Shortcut(s fyne.Shortcut) bool {
	for _, m := range b.menu.Items {
		if runShortcut(m, s) {
			return true
		}
	}
	return false
}

func runShortcut(m *fyne.Menu, s fyne.Shortcut) bool {
	for _, it := range m.Items {
		if it.ChildMenu != nil && runShortcut(it.ChildMenu, s) {
			return true
		}
		if SameShortcut(it.Shortcut, s) && !it.Disabled && it.Action != nil {
			it.Action()
			return true
		}
	}
	return false
}

// Activate opens menu i with the keyboard (F10 opens the first).
func (b *MenuBar) Activate(i int) {
	if b.native || i < 0 || i >= len(b.menu.Items) {
		return
	}
	b.openMenu(i)
	b.shown.last().step(1)
}

// Open is the menu on screen, or nil.
func (b *MenuBar) Open() *OpenMenu { return b.shown }

func (b *MenuBar) origin() fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
}

func (b *MenuBar) openMenu(i int) {
	if b.shown != nil {
		b.shown.OnClose = nil
		b.shown.Close()
	}
	left, _ := b.span(i)
	o := newOpenMenu(b.w.Canvas())
	o.push(b.menu.Items[i], b.origin().AddXY(left, b.Size().Height-1), 0)
	o.OnClose = func() {
		b.shown, b.open = nil, -1
		b.Refresh()
	}
	o.onSide = func(step int) {
		n := len(b.menu.Items)
		b.Activate((i + step + n) % n)
	}
	o.onOutside = func(at fyne.Position) bool { return b.pointer(at, i) }
	b.shown, b.open = o, i
	o.show()
	b.Refresh()
}

// pointer is called while a menu is open: another title opens its menu. True keeps the menu open.
func (b *MenuBar) pointer(at fyne.Position, current int) bool {
	p := at.Subtract(b.origin())
	if p.Y < 0 || p.Y >= b.Size().Height {
		return false
	}
	i := b.at(p.X)
	if i >= 0 && i != current {
		b.openMenu(i)
		return true
	}
	return false
}

// span is where title i begins and ends.
func (b *MenuBar) span(i int) (left, right float32) {
	x := float32(4)
	for k, m := range b.menu.Items {
		w := fyne.MeasureText(m.Label, sized(b, theme.SizeNameText), fyne.TextStyle{}).Width + 2*barPad
		if k == i {
			return x, x + w
		}
		x += w
	}
	return x, x
}

func (b *MenuBar) at(x float32) int {
	for i := range b.menu.Items {
		if l, r := b.span(i); x >= l && x < r {
			return i
		}
	}
	return -1
}

// TitleBounds is the place of title i in the bar, for the test socket.
func (b *MenuBar) TitleBounds(i int) (fyne.Position, fyne.Size) {
	l, r := b.span(i)
	return fyne.NewPos(l, 0), fyne.NewSize(r-l, b.Size().Height)
}

// MouseDown opens the menu under the pointer.
func (b *MenuBar) MouseDown(e *desktop.MouseEvent) {
	if i := b.at(e.Position.X); i >= 0 {
		b.openMenu(i)
	}
}

// MouseUp is called by the toolkit.
func (b *MenuBar) MouseUp(*desktop.MouseEvent) {}

// MouseIn is called by the toolkit.
func (b *MenuBar) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }

// MouseMoved is called by the toolkit.
func (b *MenuBar) MouseMoved(e *desktop.MouseEvent) { b.setHot(b.at(e.Position.X)) }

// MouseOut is called by the toolkit.
func (b *MenuBar) MouseOut() { b.setHot(-1) }

func (b *MenuBar) setHot(i int) {
	if i != b.hot {
		b.hot = i
		b.Refresh()
	}
}

// CreateRenderer is called by the toolkit.
func (b *MenuBar) CreateRenderer() fyne.WidgetRenderer {
	r := &menuBarRenderer{b: b, plate: blank()} // the window's own ground is of the bar's colour
	r.Refresh()
	return r
}

type menuBarRenderer struct {
	b      *MenuBar
	plate  *canvas.Rectangle
	titles []*canvas.Text
}

func (r *menuBarRenderer) Layout(s fyne.Size) {
	for i, t := range r.titles {
		left, right := r.b.span(i)
		t.Resize(fyne.NewSize(right-left, s.Height))
		t.Move(fyne.NewPos(left, 0))
		if i == r.b.open || r.b.open < 0 && i == r.b.hot {
			r.plate.Resize(fyne.NewSize(right-left, s.Height-4))
			r.plate.Move(fyne.NewPos(left, 2))
		}
	}
}

func (r *menuBarRenderer) MinSize() fyne.Size {
	if r.b.native {
		return fyne.Size{}
	}
	_, right := r.b.span(len(r.b.menu.Items) - 1)
	return fyne.NewSize(right, sized(r.b, look.SizeHeader))
}

func (r *menuBarRenderer) Refresh() {
	b := r.b
	if b.native {
		return
	}
	for len(r.titles) < len(b.menu.Items) {
		t := words()
		t.Alignment = fyne.TextAlignCenter
		r.titles = append(r.titles, t)
	}
	r.titles = r.titles[:len(b.menu.Items)]
	for i, m := range b.menu.Items {
		ink := theme.ColorNameForeground
		if i == b.open {
			ink = look.ColorSelectedText
		}
		r.titles[i].Text, r.titles[i].Color = m.Label, themed(b, ink)
		r.titles[i].TextSize = sized(b, theme.SizeNameText)
	}
	r.plate.CornerRadius = 4
	r.plate.Hidden = b.open < 0 && b.hot < 0
	r.plate.FillColor = themed(b, theme.ColorNameHover)
	if b.open >= 0 {
		r.plate.FillColor = themed(b, look.ColorSelected)
	}
	r.Layout(b.Size())
	canvas.Refresh(b)
}

func (r *menuBarRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.plate}
	for _, t := range r.titles {
		out = append(out, t)
	}
	return out
}
func (r *menuBarRenderer) Destroy() {}
