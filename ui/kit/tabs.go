package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/look"
	"pintail/ui/uitest"
)

const (
	tabPad      = 6 // beside each title
	tabPadLeast = 3 // where there is no room for that
)

// Tabs is a row of titles of which one is chosen. It is one stop of the Tab key; Left and Right choose.
type Tabs struct {
	control
	// OnChanged is called when the user chooses another one.
	OnChanged func(index int)

	titles []string
	index  int
	over   int // under the pointer, -1 for none
}

// NewTabs returns a row with the first title chosen; changed may be nil.
func NewTabs(titles []string, changed func(index int)) *Tabs {
	t := &Tabs{titles: titles, OnChanged: changed, over: -1}
	t.init(t, nil)
	return t
}

// SetTitles replaces the titles; the choice stays where it is if it can.
func (t *Tabs) SetTitles(titles []string) {
	t.titles = titles
	t.index = min(t.index, max(len(titles)-1, 0))
	t.Refresh()
}

// Index is the place of the chosen title.
func (t *Tabs) Index() int { return t.index }

// SetIndex chooses without calling OnChanged.
func (t *Tabs) SetIndex(i int) {
	if i >= 0 && i < len(t.titles) && i != t.index {
		t.index = i
		t.Refresh()
	}
}

func (t *Tabs) pick(i int) {
	if i < 0 || i >= len(t.titles) || i == t.index {
		return
	}
	t.SetIndex(i)
	if t.OnChanged != nil {
		t.OnChanged(i)
	}
}

// padding is the place beside each title in the width that there is.
func (t *Tabs) padding() float32 {
	room := t.Size().Width
	for _, s := range t.titles {
		room -= fyne.MeasureText(s, sized(t, theme.SizeNameText), fyne.TextStyle{Bold: true}).Width
	}
	return min(max(room/float32(2*max(len(t.titles), 1)), tabPadLeast), tabPad)
}

// span is where title i begins and how wide it is.
func (t *Tabs) span(i int) (x, width float32) { return t.spanWith(i, t.padding()) }

func (t *Tabs) spanWith(i int, pad float32) (x, width float32) {
	size := sized(t, theme.SizeNameText)
	for n, s := range t.titles {
		width = fyne.MeasureText(s, size, fyne.TextStyle{Bold: true}).Width + 2*pad // the chosen one is bold
		if n == i {
			break
		}
		x += width
	}
	return x, width
}

func (t *Tabs) at(x float32) int {
	for i := range t.titles {
		if from, w := t.span(i); x >= from && x < from+w {
			return i
		}
	}
	return -1
}

// Tapped chooses the title under the pointer.
func (t *Tabs) Tapped(e *fyne.PointEvent) {
	if e != nil && !t.Disabled() {
		t.pick(t.at(e.Position.X))
	}
}

// MouseMoved marks the title under the pointer.
func (t *Tabs) MouseMoved(e *desktop.MouseEvent) {
	if i := t.at(e.Position.X); i != t.over {
		t.over = i
		t.Refresh()
	}
}

// MouseOut takes the mark away.
func (t *Tabs) MouseOut() { t.over = -1; t.control.MouseOut() }

// TypedKey chooses by the arrow keys.
func (t *Tabs) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		t.pick(t.index - 1)
	case fyne.KeyRight:
		t.pick(t.index + 1)
	case fyne.KeyHome:
		t.pick(0)
	case fyne.KeyEnd:
		t.pick(len(t.titles) - 1)
	default:
		PassKey(t, e)
	}
}

// UIText is the chosen title for the test socket.
func (t *Tabs) UIText() string {
	if t.index < len(t.titles) {
		return t.titles[t.index]
	}
	return ""
}

// UIRows lists the titles for the test socket.
func (t *Tabs) UIRows() []uitest.Row {
	out := make([]uitest.Row, len(t.titles))
	for i, s := range t.titles {
		x, w := t.span(i)
		out[i] = uitest.Row{Name: s, Selected: i == t.index, Pos: fyne.NewPos(x, 0), Size: fyne.NewSize(w, t.Size().Height)}
	}
	return out
}

// AccessibilityLabel names the choice for screen readers.
func (t *Tabs) AccessibilityLabel() string { return t.UIText() }

// CreateRenderer is called by the toolkit.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer {
	r := &tabsRenderer{t: t, bar: blank(), ring: blank()}
	r.Refresh()
	return r
}

type tabsRenderer struct {
	t         *Tabs
	texts     []*canvas.Text
	bar, ring *canvas.Rectangle
}

func (r *tabsRenderer) paint() {
	t := r.t
	for len(r.texts) < len(t.titles) {
		w := words()
		w.Alignment = fyne.TextAlignCenter
		r.texts = append(r.texts, w)
	}
	for i, w := range r.texts {
		w.Hidden = i >= len(t.titles)
		if w.Hidden {
			continue
		}
		ink := look.ColorSecondary
		if i == t.index || i == t.over {
			ink = theme.ColorNameForeground
		}
		w.Text, w.Color, w.TextSize = t.titles[i], themed(t, ink), sized(t, theme.SizeNameText)
		w.TextStyle.Bold = i == t.index
	}
	r.bar.FillColor = themed(t, theme.ColorNamePrimary)
	r.bar.CornerRadius = 1
	r.ring.CornerRadius = sized(t, theme.SizeNameButtonRadius)
	t.paintRing(r.ring, themed(t, look.ColorBar), 0)
}

func (r *tabsRenderer) Layout(s fyne.Size) {
	for i, w := range r.texts {
		if i < len(r.t.titles) {
			x, width := r.t.span(i)
			w.Move(fyne.NewPos(x, 0))
			w.Resize(fyne.NewSize(width, s.Height-2))
		}
	}
	x, width := r.t.span(r.t.index)
	r.bar.Hidden = len(r.t.titles) == 0
	pad := r.t.padding()
	r.bar.Move(fyne.NewPos(x+pad-2, s.Height-2))
	r.bar.Resize(fyne.NewSize(width-2*pad+4, 2))
	r.ring.Move(fyne.NewPos(x, 2))
	r.ring.Resize(fyne.NewSize(width, s.Height-6))
}

func (r *tabsRenderer) MinSize() fyne.Size {
	x, w := r.t.spanWith(len(r.t.titles)-1, tabPadLeast)
	return fyne.NewSize(x+w, sized(r.t, look.SizeField)+4)
}

func (r *tabsRenderer) Refresh() { r.paint(); r.Layout(r.t.Size()); canvas.Refresh(r.t) }
func (r *tabsRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.ring, r.bar}
	for _, w := range r.texts {
		out = append(out, w)
	}
	return out
}
func (r *tabsRenderer) Destroy() {}
