package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// Flowing is something whose height depends on how wide it is, such as text that wraps.
type Flowing interface {
	HeightFor(width float32) float32
}

// Page is a column of parts that scrolls and is as wide as its place.
type Page struct {
	widget.BaseWidget
	scroll *container.Scroll
	inner  *fyne.Container
	flow   *pageLayout
}

// NewPage returns a page with margins around its parts and gap between them.
func NewPage(margin, gap float32, parts ...fyne.CanvasObject) *Page {
	p := &Page{flow: &pageLayout{margin: margin, gap: gap}}
	p.inner = container.New(p.flow, parts...)
	p.scroll = container.NewVScroll(p.inner)
	p.ExtendBaseWidget(p)
	return p
}

// SetParts shows other parts.
func (p *Page) SetParts(parts ...fyne.CanvasObject) {
	p.inner.Objects = parts
	p.Fit()
}

// Fit is called when a part has become higher or lower.
func (p *Page) Fit() {
	p.inner.Layout.Layout(p.inner.Objects, fyne.NewSize(p.flow.width, 0))
	p.inner.Refresh()
	p.scroll.Refresh()
}

// Top scrolls to the beginning.
func (p *Page) Top() { p.scroll.ScrollToTop() }

// Reveal scrolls so that o, a part or something in one, can be seen.
func (p *Page) Reveal(o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	y := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(p.inner).Y
	top, height := p.scroll.Offset.Y, p.scroll.Size().Height
	switch {
	case y < top:
		top = y - p.flow.margin
	case y+o.Size().Height > top+height:
		top = y + o.Size().Height + p.flow.margin - height
	default:
		return
	}
	p.scroll.ScrollToOffset(fyne.NewPos(0, max(top, 0)))
}

// CreateRenderer is called by the toolkit.
func (p *Page) CreateRenderer() fyne.WidgetRenderer { return &pageRenderer{p} }

type pageRenderer struct{ p *Page }

func (r *pageRenderer) Layout(s fyne.Size) {
	r.p.flow.width = s.Width
	r.p.scroll.Resize(s)
	r.p.scroll.Refresh() // the height of the parts follows from the width
}
func (r *pageRenderer) MinSize() fyne.Size {
	return fyne.NewSize(r.p.flow.least(r.p.inner.Objects), 60)
}
func (r *pageRenderer) Refresh() { r.p.Fit() }
func (r *pageRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.p.scroll}
}
func (r *pageRenderer) Destroy() {}

// pageLayout puts parts below each other at the full width.
type pageLayout struct{ margin, gap, width float32 }

func (l *pageLayout) height(o fyne.CanvasObject) float32 {
	if f, ok := o.(Flowing); ok {
		return f.HeightFor(l.width - 2*l.margin)
	}
	return o.MinSize().Height
}

func (l *pageLayout) least(objects []fyne.CanvasObject) float32 {
	w := float32(0)
	for _, o := range objects {
		if o.Visible() {
			w = max(w, o.MinSize().Width)
		}
	}
	return w + 2*l.margin
}

func (l *pageLayout) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	y := l.margin
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := l.height(o)
		o.Move(fyne.NewPos(l.margin, y))
		o.Resize(fyne.NewSize(l.width-2*l.margin, h))
		if h > 0 {
			y += h + l.gap
		}
	}
}

func (l *pageLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	y := l.margin
	for _, o := range objects {
		if o.Visible() {
			if h := l.height(o); h > 0 {
				y += h + l.gap
			}
		}
	}
	return fyne.NewSize(l.least(objects), y-l.gap+l.margin)
}
