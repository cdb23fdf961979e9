package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/look"
)

// CreateRenderer is called by the toolkit.
func (b *sourceBody) CreateRenderer() fyne.WidgetRenderer {
	r := &sourceRenderer{b: b}
	r.Refresh()
	return r
}

type sourceRow struct {
	bg              *canvas.Rectangle
	tri, icon       *canvas.Image
	title, subtitle *Label
	badge           *Badge
	dot             *canvas.Circle
}

type sourceRenderer struct {
	b    *sourceBody
	rows []*sourceRow
	objs []fyne.CanvasObject
}

func (r *sourceRenderer) grow(n int) {
	for len(r.rows) < n {
		v := &sourceRow{bg: blank(), tri: picture("tri-closed"), icon: picture("server"),
			title:    NewLabel("", LabelStyle{Cut: CutMiddle}),
			subtitle: NewLabel("", LabelStyle{Cut: CutMiddle, Size: theme.SizeNameCaptionText}),
			badge:    NewBadge(""), dot: canvas.NewCircle(color.Transparent)}
		v.bg.CornerRadius = 4
		r.rows = append(r.rows, v)
		r.objs = append(r.objs, v.bg, v.tri, v.icon, v.dot, v.title, v.subtitle, v.badge)
	}
	for i, v := range r.rows {
		hide := i >= n
		for _, o := range []fyne.CanvasObject{v.bg, v.tri, v.icon, v.dot, v.title, v.subtitle, v.badge} {
			if hide {
				o.Hide()
			} else {
				o.Show()
			}
		}
	}
}

func (r *sourceRenderer) Layout(s fyne.Size) {
	for i := range r.b.l.items {
		if i < len(r.rows) {
			r.place(i, r.rows[i], s.Width)
		}
	}
}

func (r *sourceRenderer) place(i int, v *sourceRow, width float32) {
	it := r.b.l.items[i]
	top, bottom := r.b.span(i)
	h := bottom - top
	v.bg.Resize(fyne.NewSize(width-8, h))
	v.bg.Move(fyne.NewPos(4, top))
	if it.Heading {
		v.title.Resize(fyne.NewSize(width-20, h-6))
		v.title.Move(fyne.NewPos(10, top+5))
		return
	}
	x := 10 + float32(it.Depth)*sourceIndent
	if it.Expandable {
		v.tri.Resize(fyne.NewSquareSize(12))
		v.tri.Move(fyne.NewPos(x-5, top+(h-12)/2))
		x += 9
	}
	v.icon.Resize(fyne.NewSquareSize(16))
	v.icon.Move(fyne.NewPos(x, top+(h-16)/2))
	x += 24
	right := width - 10
	if m := v.badge.MinSize(); it.Badge != "" {
		right -= m.Width + 4
		v.badge.Resize(m)
		v.badge.Move(fyne.NewPos(right+2, top+(h-m.Height)/2))
	}
	if it.Mark != "" {
		right -= 12
		v.dot.Resize(fyne.NewSquareSize(7))
		v.dot.Move(fyne.NewPos(right+4, top+(h-7)/2))
	}
	line := h
	if it.Subtitle != "" {
		line = h/2 + 1
		v.subtitle.Resize(fyne.NewSize(right-x, h/2-3))
		v.subtitle.Move(fyne.NewPos(x, top+h/2+1))
	}
	v.title.Resize(fyne.NewSize(right-x, line))
	y := top
	if it.Subtitle != "" {
		y += 2
	}
	v.title.Move(fyne.NewPos(x, y))
}

func (r *sourceRenderer) Refresh() {
	l := r.b.l
	r.grow(len(l.items))
	for i, it := range l.items {
		r.paint(i, it, r.rows[i])
	}
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *sourceRenderer) paint(i int, it SourceItem, v *sourceRow) {
	l := r.b.l
	selected := it.ID != "" && it.ID == l.sel
	ink, soft := theme.ColorNameForeground, look.ColorSecondary
	v.bg.FillColor, v.bg.StrokeWidth = color.Transparent, 0
	switch {
	case selected && l.focused:
		v.bg.FillColor = themed(l, look.ColorSelected)
		ink, soft = look.ColorSelectedText, look.ColorSelectedText
	case selected:
		v.bg.FillColor = themed(l, look.ColorSelectedIdle)
		soft = theme.ColorNameForeground
	case i == r.b.hot && !it.Heading:
		v.bg.FillColor = themed(l, theme.ColorNameHover)
	}
	if l.drop != "" && l.drop == it.ID {
		v.bg.StrokeColor, v.bg.StrokeWidth = themed(l, look.ColorDrop), 2
		if !selected {
			v.bg.FillColor = themed(l, look.ColorDropFill)
		}
	}
	v.title.style.Bold, v.title.style.Size = it.Heading, ""
	if it.Heading {
		ink = look.ColorSecondary
		v.title.style.Size = theme.SizeNameCaptionText
	}
	v.title.SetColor(ink)
	v.title.SetText(it.Title)
	v.subtitle.SetColor(soft)
	v.subtitle.SetText(it.Subtitle)
	v.subtitle.Hidden = it.Subtitle == ""
	v.tri.Hidden = !it.Expandable
	if it.Expandable {
		name := "tri-closed"
		if it.Expanded {
			name = "tri-open"
		}
		setPicture(v.tri, name, soft)
	}
	v.icon.Hidden = it.Heading || it.Icon == ""
	if !v.icon.Hidden {
		setPicture(v.icon, it.Icon, ink)
	}
	v.badge.SetText(it.Badge)
	v.dot.Hidden = it.Mark == ""
	if it.Mark != "" {
		v.dot.FillColor = themed(l, it.Mark)
	}
}

func (r *sourceRenderer) MinSize() fyne.Size {
	_, bottom := r.b.span(len(r.b.l.items))
	return fyne.NewSize(80, bottom)
}

func (r *sourceRenderer) Objects() []fyne.CanvasObject { return r.objs }
func (r *sourceRenderer) Destroy()                     {}
