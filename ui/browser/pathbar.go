package browser

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
)

const (
	crumbPad   = 6
	crumbArrow = 16 // room of the triangle between two parts
)

// pathBar shows the way to the current folder. A click on a part goes there, on the triangle after it opens a menu of what is in
// it, and beside the parts (or Ctrl+G) it turns into a field for an address.
type pathBar struct {
	widget.BaseWidget
	onGo    func(storage.Location)
	onMenu  func(of storage.Location, at fyne.Position) // the folders in of
	onTyped func(string) error
	onLeave func() // the field was left: the keyboard goes back

	crumbs  []Crumb
	address string
	field   *kit.Entry
	editing bool
	hot     int // part under the pointer; -1 none
	hotTri  bool
}

func newPathBar() *pathBar {
	p := &pathBar{field: kit.NewEntry(), hot: -1}
	p.field.Hide()
	p.field.OnSubmitted = func(s string) {
		if err := p.onTyped(s); err == nil {
			p.stopEdit()
		}
	}
	p.field.OnEscape = func() bool { p.stopEdit(); return true }
	p.field.OnBlur = func() {
		if p.editing {
			p.editing = false
			p.field.Hide()
			p.Refresh()
		}
	}
	p.ExtendBaseWidget(p)
	return p
}

// set shows another place; with no parts the bar is empty.
func (p *pathBar) set(crumbs []Crumb, address string) {
	p.crumbs, p.address = crumbs, address
	p.hot = -1
	p.Refresh()
}

// edit turns the bar into a field with the whole address selected.
func (p *pathBar) edit() {
	p.editing = true
	p.field.SetText(p.address)
	p.field.Show()
	p.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		c.Focus(p.field) // the field itself has no canvas before it has been drawn once
	}
	p.field.SelectFirst(-1)
}

func (p *pathBar) stopEdit() {
	p.editing = false
	p.field.Hide()
	p.Refresh()
	p.onLeave()
}

// span is one part on screen; from is the first that has room.
type span struct {
	crumb    int
	x, w     float32 // of the name; the triangle follows
	text     string
	ellipsis bool
}

// spans lays the parts out from the right end, so that the current folder is always seen.
func (p *pathBar) spans() []span {
	size := theme.TextSize()
	room := p.Size().Width - 2*crumbPad - 40 // some place is left for the click that starts editing
	var out []span
	used := float32(0)
	first := len(p.crumbs)
	for i := len(p.crumbs) - 1; i >= 0; i-- {
		w := fyne.MeasureText(plain(p.crumbs[i].Title), size, fyne.TextStyle{}).Width + 2*crumbPad + crumbArrow
		if used+w > room && i < len(p.crumbs)-1 {
			break
		}
		used += w
		first = i
	}
	x := float32(crumbPad)
	if first > 0 {
		w := fyne.MeasureText("…", size, fyne.TextStyle{}).Width + 2*crumbPad
		out = append(out, span{crumb: first - 1, x: x, w: w, text: "…", ellipsis: true})
		x += w + crumbArrow
	}
	for i := first; i < len(p.crumbs); i++ {
		name := plain(p.crumbs[i].Title)
		if i == 0 {
			x += 20 // the picture of the server
		}
		w := min(fyne.MeasureText(name, size, fyne.TextStyle{}).Width+2*crumbPad, max(room, 60))
		cut := kit.CutText(name, w-2*crumbPad+1, kit.CutMiddle, func(t string) float32 {
			return fyne.MeasureText(t, size, fyne.TextStyle{}).Width
		})
		out = append(out, span{crumb: i, x: x, w: w, text: cut})
		x += w + crumbArrow
	}
	return out
}

// hit is the part at x; tri tells that x is on the triangle after it.
func (p *pathBar) hit(x float32) (i int, tri bool) {
	for k, s := range p.spans() {
		if x >= s.x && x < s.x+s.w {
			return k, false
		}
		if x >= s.x+s.w && x < s.x+s.w+crumbArrow {
			return k, true
		}
	}
	return -1, false
}

// MouseDown goes to a part, opens its menu, or begins to edit.
func (p *pathBar) MouseDown(e *desktop.MouseEvent) {
	if len(p.crumbs) == 0 {
		return
	}
	k, tri := p.hit(e.Position.X)
	if k < 0 {
		p.edit()
		return
	}
	s := p.spans()[k]
	at := p.crumbs[s.crumb].At
	if tri || e.Button == desktop.MouseButtonSecondary {
		origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(p)
		p.onMenu(at, origin.AddXY(s.x+s.w-crumbPad, p.Size().Height))
		return
	}
	if s.crumb == len(p.crumbs)-1 {
		p.edit()
		return
	}
	p.onGo(at)
}

// MouseUp is called by the toolkit.
func (p *pathBar) MouseUp(*desktop.MouseEvent) {}

// MouseIn is called by the toolkit.
func (p *pathBar) MouseIn(e *desktop.MouseEvent) { p.MouseMoved(e) }

// MouseMoved is called by the toolkit.
func (p *pathBar) MouseMoved(e *desktop.MouseEvent) {
	k, tri := p.hit(e.Position.X)
	if k != p.hot || tri != p.hotTri {
		p.hot, p.hotTri = k, tri
		p.Refresh()
	}
}

// MouseOut is called by the toolkit.
func (p *pathBar) MouseOut() { p.hot = -1; p.Refresh() }

// CreateRenderer is called by the toolkit.
func (p *pathBar) CreateRenderer() fyne.WidgetRenderer {
	r := &pathRenderer{p: p, bg: canvas.NewRectangle(nil), plate: canvas.NewRectangle(nil), icon: &canvas.Image{FillMode: canvas.ImageFillContain},
		box: container.NewWithoutLayout()}
	r.Refresh()
	return r
}

type pathRenderer struct {
	p         *pathBar
	bg, plate *canvas.Rectangle
	icon      *canvas.Image
	texts     []*canvas.Text
	arrows    []*canvas.Image
	box       *fyne.Container
}

func (r *pathRenderer) MinSize() fyne.Size { return fyne.NewSize(120, theme.Size(look.SizeField)) }

func (r *pathRenderer) Layout(s fyne.Size) {
	r.bg.Resize(s)
	r.p.field.Resize(s)
	r.box.Resize(s)
	r.place()
}

func (r *pathRenderer) place() {
	p := r.p
	h := p.Size().Height
	r.box.RemoveAll()
	r.plate.Hidden, r.icon.Hidden = true, true
	if p.editing {
		return
	}
	for i, s := range p.spans() {
		for len(r.texts) <= i {
			r.texts = append(r.texts, canvas.NewText("", nil))
			r.arrows = append(r.arrows, &canvas.Image{FillMode: canvas.ImageFillContain})
		}
		ink := look.ColorSecondary
		last := s.crumb == len(p.crumbs)-1
		if last {
			ink = theme.ColorNameForeground
		}
		t, a := r.texts[i], r.arrows[i]
		t.Text, t.Color, t.TextSize = s.text, theme.Color(ink), theme.TextSize()
		t.Resize(fyne.NewSize(s.w, h))
		t.Move(fyne.NewPos(s.x+crumbPad, 0))
		r.box.Add(t)
		if !last || s.crumb >= 0 {
			a.Resource = look.IconIn("tri-closed", look.ColorSecondary)
			a.Resize(fyne.NewSquareSize(10))
			a.Move(fyne.NewPos(s.x+s.w+(crumbArrow-10)/2-2, (h-10)/2))
			a.Refresh()
			r.box.Add(a)
		}
		if s.crumb == 0 && !s.ellipsis {
			r.icon.Hidden = false
			r.icon.Resource = look.IconIn("server", look.ColorSecondary)
			r.icon.Resize(fyne.NewSquareSize(14))
			r.icon.Move(fyne.NewPos(s.x-16, (h-14)/2))
			r.icon.Refresh()
		}
		if i == p.hot {
			r.plate.Hidden = false
			x, w := s.x, s.w
			if p.hotTri {
				x, w = s.x+s.w-1, crumbArrow-2
			}
			r.plate.Resize(fyne.NewSize(w, h-6))
			r.plate.Move(fyne.NewPos(x, 3))
		}
	}
}

func (r *pathRenderer) Refresh() {
	r.bg.FillColor = theme.Color(theme.ColorNameInputBackground)
	r.bg.StrokeColor, r.bg.StrokeWidth = theme.Color(theme.ColorNameInputBorder), 1
	r.bg.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	r.plate.FillColor, r.plate.CornerRadius = theme.Color(theme.ColorNameHover), 3
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *pathRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bg, r.plate, r.icon, r.box, r.p.field}
}

// Destroy is called by the toolkit.
func (r *pathRenderer) Destroy() {}

// UIText is the address, for the window harness.
func (p *pathBar) UIText() string { return p.address }
