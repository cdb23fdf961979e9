package kit

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

const (
	menuPad   = 5  // above and below the items
	menuCheck = 22 // room for tick or picture
	menuLine  = 9  // height of a separator
	menuGap   = 28 // least room between text and shortcut
)

// menuPanel is one menu: a shadowed box with a line per item.
type menuPanel struct {
	widget.BaseWidget
	owner  *OpenMenu
	menu   *fyne.Menu
	depth  int
	active int // item under the pointer or chosen by key, -1 for none
	scroll *container.Scroll
	body   *menuBody
}

func newMenuPanel(o *OpenMenu, m *fyne.Menu, depth int) *menuPanel {
	p := &menuPanel{owner: o, menu: m, depth: depth, active: -1}
	p.body = newMenuBody(p)
	p.scroll = container.NewVScroll(p.body)
	p.ExtendBaseWidget(p)
	return p
}

func (p *menuPanel) current() *fyne.MenuItem {
	if p.active < 0 || p.active >= len(p.menu.Items) {
		return nil
	}
	return p.menu.Items[p.active]
}

func (p *menuPanel) activate(i int) {
	if i == p.active {
		return
	}
	p.active = i
	p.owner.cut(p.depth + 1)
	p.body.Refresh()
}

// step goes to the next item that can be chosen, round the ends.
func (p *menuPanel) step(d int) {
	n := len(p.menu.Items)
	i := p.active
	if i < 0 && d < 0 {
		i = n
	}
	for range n {
		i = ((i+d)%n + n) % n
		if it := p.menu.Items[i]; !it.IsSeparator && !it.Disabled {
			p.activate(i)
			p.reveal(i)
			return
		}
	}
}

func (p *menuPanel) seek(r rune) {
	n := len(p.menu.Items)
	for k := 1; k <= n; k++ {
		i := (p.active + k + n) % n
		it := p.menu.Items[i]
		if !it.IsSeparator && strings.HasPrefix(strings.ToLower(it.Label), string(unicode.ToLower(r))) {
			p.activate(i)
			p.reveal(i)
			return
		}
	}
}

func (p *menuPanel) reveal(i int) {
	top, bottom := p.body.span(i)
	switch {
	case top < p.scroll.Offset.Y:
		p.scroll.ScrollToOffset(fyne.NewPos(0, top))
	case bottom > p.scroll.Offset.Y+p.scroll.Size().Height:
		p.scroll.ScrollToOffset(fyne.NewPos(0, bottom-p.scroll.Size().Height))
	}
}

// openChild opens the submenu of the active item, if it has one.
func (p *menuPanel) openChild() bool {
	it := p.current()
	if it == nil || it.ChildMenu == nil || it.Disabled {
		return false
	}
	p.owner.cut(p.depth + 1)
	top, _ := p.body.span(p.active)
	at := p.Position().AddXY(p.Size().Width-3, top-p.scroll.Offset.Y-menuPad)
	p.owner.push(it.ChildMenu, at, p.Size().Width-6)
	return true
}

// CreateRenderer is called by the toolkit.
func (p *menuPanel) CreateRenderer() fyne.WidgetRenderer {
	bg := canvas.NewRectangle(themed(p, theme.ColorNameMenuBackground))
	bg.CornerRadius = sized(p, theme.SizeNameMenuRadius)
	bg.StrokeColor, bg.StrokeWidth = themed(p, look.ColorHairline), 1
	bg.Shadow = canvas.Shadow{Color: themed(p, theme.ColorNameShadow), BlurRadius: 12, Offset: fyne.NewPos(0, 3)}
	return widget.NewSimpleRenderer(container.NewStack(bg, p.scroll))
}

// MinSize is the size that shows every item.
func (p *menuPanel) MinSize() fyne.Size { return p.body.MinSize() }

// menuBody draws the items and takes the pointer.
type menuBody struct {
	widget.BaseWidget
	p *menuPanel
}

func newMenuBody(p *menuPanel) *menuBody {
	b := &menuBody{p: p}
	b.ExtendBaseWidget(b)
	return b
}

func (b *menuBody) lineHeight() float32 { return sized(b, look.SizeRow) + 2 }

// span is where item i begins and ends.
func (b *menuBody) span(i int) (top, bottom float32) {
	y := float32(menuPad)
	for k, it := range b.p.menu.Items {
		h := b.lineHeight()
		if it.IsSeparator {
			h = menuLine
		}
		if k == i {
			return y, y + h
		}
		y += h
	}
	return y, y + menuPad
}

func (b *menuBody) at(y float32) int {
	for i := range b.p.menu.Items {
		if top, bottom := b.span(i); y >= top && y < bottom {
			return i
		}
	}
	return -1
}

func (b *menuBody) MouseIn(e *desktop.MouseEvent) { b.MouseMoved(e) }
func (b *menuBody) MouseOut()                     {}

// MouseMoved follows the pointer and opens submenus on the way.
func (b *menuBody) MouseMoved(e *desktop.MouseEvent) {
	i := b.at(e.Position.Y)
	if i < 0 || b.p.menu.Items[i].IsSeparator {
		return
	}
	if i != b.p.active {
		b.p.activate(i)
		b.p.openChild()
	}
}

func (b *menuBody) MouseDown(*desktop.MouseEvent) { b.p.owner.pressed = true }

// MouseUp chooses: so a press on the bar, a drag and a release work as well as two clicks.
func (b *menuBody) MouseUp(e *desktop.MouseEvent) {
	i := b.at(e.Position.Y)
	if i < 0 || b.p.owner.opening(e.AbsolutePosition) {
		return
	}
	b.p.activate(i)
	if it := b.p.menu.Items[i]; it.ChildMenu != nil {
		b.p.openChild()
	} else {
		// Once this event is over: at its end the toolkit takes the keyboard from whatever an item has given it to, be it the first
		// field of a sheet or the name in a row.
		fyne.Do(func() { b.p.owner.choose(it) })
	}
}

// CreateRenderer is called by the toolkit.
func (b *menuBody) CreateRenderer() fyne.WidgetRenderer {
	r := &menuBodyRenderer{b: b, bar: blank()}
	r.bar.CornerRadius = 3
	r.objs = append(r.objs, r.bar)
	for _, it := range b.p.menu.Items {
		r.add(it)
	}
	r.Refresh()
	return r
}

type menuLineView struct {
	it          *fyne.MenuItem
	rule        *canvas.Rectangle
	text, keys  *canvas.Text
	left, arrow *canvas.Image
}

type menuBodyRenderer struct {
	b     *menuBody
	bar   *canvas.Rectangle
	lines []menuLineView
	objs  []fyne.CanvasObject
}

func (r *menuBodyRenderer) add(it *fyne.MenuItem) {
	v := menuLineView{it: it}
	if it.IsSeparator {
		v.rule = blank()
		r.objs = append(r.objs, v.rule)
	} else {
		size := sized(r.b, theme.SizeNameText)
		v.text, v.keys = words(), words()
		v.text.Text, v.keys.Text = it.Label, ShortcutText(it.Shortcut)
		v.text.TextSize, v.keys.TextSize = size, size
		v.keys.Alignment = fyne.TextAlignTrailing
		v.left, v.arrow = picture("check"), picture("tri-closed")
		v.left.Hidden, v.arrow.Hidden = true, it.ChildMenu == nil
		r.objs = append(r.objs, v.text, v.keys, v.left, v.arrow)
	}
	r.lines = append(r.lines, v)
}

func (r *menuBodyRenderer) Layout(s fyne.Size) {
	r.bar.Hidden = true
	for i, v := range r.lines {
		top, bottom := r.b.span(i)
		h := bottom - top
		if v.rule != nil {
			v.rule.Resize(fyne.NewSize(s.Width-2, 1))
			v.rule.Move(fyne.NewPos(1, top+h/2))
			continue
		}
		if i == r.b.p.active && !v.it.Disabled {
			r.bar.Hidden = false
			r.bar.Resize(fyne.NewSize(s.Width-8, h))
			r.bar.Move(fyne.NewPos(4, top))
		}
		v.text.Resize(fyne.NewSize(s.Width-menuCheck, h))
		v.text.Move(fyne.NewPos(menuCheck+4, top))
		v.keys.Resize(fyne.NewSize(s.Width-16, h))
		v.keys.Move(fyne.NewPos(0, top))
		v.left.Resize(fyne.NewSquareSize(14))
		v.left.Move(fyne.NewPos(8, top+(h-14)/2))
		v.arrow.Resize(fyne.NewSquareSize(12))
		v.arrow.Move(fyne.NewPos(s.Width-20, top+(h-12)/2))
	}
}

func (r *menuBodyRenderer) MinSize() fyne.Size {
	var label, keys float32
	for _, v := range r.lines {
		if v.text != nil {
			label = max(label, v.text.MinSize().Width)
			keys = max(keys, v.keys.MinSize().Width)
		}
	}
	if keys > 0 {
		keys += menuGap
	}
	_, bottom := r.b.span(len(r.lines))
	return fyne.NewSize(max(menuCheck+4+label+keys+menuGap, 140), bottom)
}

func (r *menuBodyRenderer) Refresh() {
	for i, v := range r.lines {
		if v.rule != nil {
			v.rule.FillColor = themed(r.b, theme.ColorNameSeparator)
			continue
		}
		ink, soft := theme.ColorNameForeground, look.ColorSecondary
		switch {
		case v.it.Disabled:
			ink, soft = theme.ColorNameDisabled, theme.ColorNameDisabled
		case i == r.b.p.active:
			ink, soft = look.ColorSelectedText, look.ColorSelectedText
		}
		v.text.Text, v.text.Color, v.keys.Color = v.it.Label, themed(r.b, ink), themed(r.b, soft)
		v.left.Hidden = !v.it.Checked && v.it.Icon == nil
		switch {
		case v.it.Checked:
			setPicture(v.left, "check", ink)
		case v.it.Icon != nil && v.left.Resource != v.it.Icon:
			v.left.Resource = v.it.Icon
			v.left.Refresh()
		}
		if !v.arrow.Hidden {
			setPicture(v.arrow, "tri-closed", soft)
		}
	}
	r.bar.FillColor = themed(r.b, look.ColorSelected)
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *menuBodyRenderer) Objects() []fyne.CanvasObject { return r.objs }
func (r *menuBodyRenderer) Destroy()                     {}
