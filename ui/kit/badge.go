package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

// Badge is a small filled pill with a number or a word; with no text it shows nothing.
type Badge struct {
	widget.BaseWidget
	text string
	fill fyne.ThemeColorName
}

// NewBadge returns a badge.
func NewBadge(text string) *Badge {
	b := &Badge{text: text, fill: look.ColorBadge}
	b.ExtendBaseWidget(b)
	return b
}

// NewFloatingLabel returns a badge in the colours of floating labels: what is shown under the pointer in a drag.
func NewFloatingLabel(text string) *Badge {
	b := NewBadge(text)
	b.fill = look.ColorTooltip
	return b
}

// SetText changes the text.
func (b *Badge) SetText(s string) {
	if s != b.text {
		b.text = s
		b.Refresh()
	}
}

// Text is what it says.
func (b *Badge) Text() string { return b.text }

// CreateRenderer is called by the toolkit.
func (b *Badge) CreateRenderer() fyne.WidgetRenderer {
	r := &badgeRenderer{b: b, bg: blank(), text: words()}
	r.text.Alignment = fyne.TextAlignCenter
	r.paint()
	return r
}

type badgeRenderer struct {
	b    *Badge
	bg   *canvas.Rectangle
	text *canvas.Text
}

func (r *badgeRenderer) paint() {
	ink := look.ColorOnAccent
	r.text.TextSize = 9.5
	if r.b.fill == look.ColorTooltip {
		ink = look.ColorTooltipText
		r.text.TextSize = sized(r.b, look.SizeStatus)
	}
	r.bg.FillColor = themed(r.b, r.b.fill)
	r.text.Text, r.text.Color = r.b.text, themed(r.b, ink)
	r.text.TextStyle.Bold = true
	r.bg.Hidden, r.text.Hidden = r.b.text == "", r.b.text == ""
}

func (r *badgeRenderer) Layout(s fyne.Size) {
	r.bg.CornerRadius = s.Height / 2
	r.bg.Resize(s)
	r.text.Resize(s)
}

func (r *badgeRenderer) MinSize() fyne.Size {
	m := fyne.MeasureText(r.b.text, r.text.TextSize, r.text.TextStyle)
	h := m.Height + 1
	return fyne.NewSize(max(m.Width+9, h), h)
}

func (r *badgeRenderer) Refresh() { r.paint(); r.Layout(r.b.Size()); canvas.Refresh(r.b) }
func (r *badgeRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bg, r.text}
}
func (r *badgeRenderer) Destroy() {}
