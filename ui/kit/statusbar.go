package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

// StatusPart is one fact at the right end of a status bar; Icon may be empty.
type StatusPart struct {
	Icon, Text string
	Color      fyne.ThemeColorName // empty: grey
}

// StatusBar is the line at the bottom of a window: a sentence on the left, facts on the right.
type StatusBar struct {
	widget.BaseWidget
	left  *Label
	parts []StatusPart
}

// NewStatusBar returns an empty bar.
func NewStatusBar() *StatusBar {
	s := &StatusBar{left: NewLabel("", LabelStyle{Size: look.SizeStatus, Cut: CutEnd})}
	s.ExtendBaseWidget(s)
	return s
}

// SetText changes the sentence on the left.
func (s *StatusBar) SetText(text string) { s.left.SetText(text) }

// Text is the sentence on the left.
func (s *StatusBar) Text() string { return s.left.Text() }

// SetParts changes the facts on the right.
func (s *StatusBar) SetParts(parts ...StatusPart) { s.parts = parts; s.Refresh() }

// CreateRenderer is called by the toolkit.
func (s *StatusBar) CreateRenderer() fyne.WidgetRenderer {
	r := &statusRenderer{s: s, line: blank()} // the window's own ground is of the same colour
	r.Refresh()
	return r
}

type statusRenderer struct {
	s     *StatusBar
	line  *canvas.Rectangle
	texts []*canvas.Text
	icons []*canvas.Image
}

func (r *statusRenderer) Layout(size fyne.Size) {
	r.line.Resize(fyne.NewSize(size.Width, 1))
	x := size.Width - 10
	for i := len(r.texts) - 1; i >= 0; i-- {
		w := r.texts[i].MinSize().Width
		x -= w
		r.texts[i].Resize(fyne.NewSize(w, size.Height))
		r.texts[i].Move(fyne.NewPos(x, 0))
		if !r.icons[i].Hidden {
			x -= 17
			r.icons[i].Resize(fyne.NewSquareSize(13))
			r.icons[i].Move(fyne.NewPos(x, (size.Height-13)/2))
		}
		x -= 16
	}
	r.s.left.Resize(fyne.NewSize(max(x-10, 0), size.Height))
	r.s.left.Move(fyne.NewPos(10, 0))
}

func (r *statusRenderer) MinSize() fyne.Size { return fyne.NewSize(120, sized(r.s, look.SizeHeader)) }

func (r *statusRenderer) Refresh() {
	r.line.FillColor = themed(r.s, look.ColorHairline)
	r.texts, r.icons = r.texts[:0], r.icons[:0]
	for _, p := range r.s.parts {
		ink := p.Color
		if ink == "" {
			ink = look.ColorSecondary
		}
		t := canvas.NewText(p.Text, themed(r.s, ink))
		t.TextSize = sized(r.s, look.SizeStatus)
		img := picture("lock")
		img.Hidden = p.Icon == ""
		if p.Icon != "" {
			setPicture(img, p.Icon, ink)
		}
		r.texts, r.icons = append(r.texts, t), append(r.icons, img)
	}
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}

func (r *statusRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.line, r.s.left}
	for i := range r.texts {
		out = append(out, r.texts[i], r.icons[i])
	}
	return out
}
func (r *statusRenderer) Destroy() {}

// Hairline is a line of one pixel between panes.
type Hairline struct{ widget.BaseWidget }

// NewHairline returns a line; its container decides its direction.
func NewHairline() *Hairline {
	h := &Hairline{}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer is called by the toolkit.
func (h *Hairline) CreateRenderer() fyne.WidgetRenderer {
	return newPlateRenderer(h, look.ColorHairline, fyne.NewSize(1, 1))
}

// Plate is a plain area in a colour of the theme, to lie behind other things.
type Plate struct {
	widget.BaseWidget
	fill fyne.ThemeColorName
}

// NewPlate returns an area of colour fill.
func NewPlate(fill fyne.ThemeColorName) *Plate {
	p := &Plate{fill: fill}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is called by the toolkit.
func (p *Plate) CreateRenderer() fyne.WidgetRenderer {
	return newPlateRenderer(p, p.fill, fyne.Size{})
}

func newPlateRenderer(w fyne.Widget, fill fyne.ThemeColorName, least fyne.Size) fyne.WidgetRenderer {
	return &plateRenderer{w: w, fill: fill, least: least, area: NewFill(themed(w, fill))}
}

type plateRenderer struct {
	w     fyne.Widget
	fill  fyne.ThemeColorName
	least fyne.Size
	area  *canvas.Image
}

func (r *plateRenderer) Layout(s fyne.Size)           { r.area.Resize(s) }
func (r *plateRenderer) MinSize() fyne.Size           { return r.least }
func (r *plateRenderer) Refresh()                     { SetFill(r.area, themed(r.w, r.fill)) }
func (r *plateRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.area} }
func (r *plateRenderer) Destroy()                     {}

// SectionTitle is the small bold heading of a list or a group of fields.
func SectionTitle(text string) *Label {
	return NewLabel(text, LabelStyle{Color: look.ColorSecondary, Size: theme.SizeNameCaptionText, Bold: true, Cut: CutEnd})
}
