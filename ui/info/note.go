package info

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/kit"
	"pintail/ui/look"
)

// note is a remark that wraps; without words it takes no place.
type note struct {
	widget.BaseWidget
	words string
	ink   fyne.ThemeColorName
	lines []*kit.Label
	used  int
}

func newNote() *note {
	n := &note{ink: look.ColorSecondary}
	n.ExtendBaseWidget(n)
	return n
}

func (n *note) set(words string) { n.words = words; n.Refresh() }

// HeightFor is called by the page.
func (n *note) HeightFor(width float32) float32 {
	if n.words == "" {
		n.used = 0
		return 0
	}
	size := theme.Size(look.SizeStatus)
	lines := kit.WrapText(n.words, max(width, 40), func(s string) float32 { return fyne.MeasureText(s, size, fyne.TextStyle{}).Width })
	n.used = len(lines)
	y := float32(0)
	for i, s := range lines {
		if i == len(n.lines) {
			n.lines = append(n.lines, kit.NewLabel("", kit.LabelStyle{Size: look.SizeStatus, Color: n.ink}))
		}
		l := n.lines[i]
		l.SetText(s)
		h := l.MinSize().Height
		l.Move(fyne.NewPos(0, y))
		l.Resize(fyne.NewSize(width, h))
		y += h
	}
	return y
}

// UIText is the remark for the test socket.
func (n *note) UIText() string { return n.words }

// CreateRenderer is called by the toolkit.
func (n *note) CreateRenderer() fyne.WidgetRenderer { return &noteRenderer{n} }

type noteRenderer struct{ n *note }

func (r *noteRenderer) Layout(s fyne.Size) { r.n.HeightFor(s.Width) }
func (r *noteRenderer) MinSize() fyne.Size { return fyne.NewSize(80, 0) }
func (r *noteRenderer) Refresh()           { r.n.HeightFor(r.n.Size().Width) }
func (r *noteRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, r.n.used)
	for _, l := range r.n.lines[:r.n.used] {
		out = append(out, l)
	}
	return out
}
func (r *noteRenderer) Destroy() {}
