package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/look"
)

// Select is a field with a border that offers one of several options.
type Select struct {
	control
	// OnChanged is called when the user picks another option.
	OnChanged func(index int)

	options []string
	index   int
	hint    string
}

// NewSelect returns a field without a choice yet; changed may be nil.
func NewSelect(options []string, changed func(index int)) *Select {
	s := &Select{options: options, index: -1, OnChanged: changed}
	s.init(s, s.openMenu)
	return s
}

// SetHint is the grey text while nothing is chosen.
func (s *Select) SetHint(hint string) { s.hint = hint; s.Refresh() }

// SetOptions replaces the options and keeps the choice if its text is still there.
func (s *Select) SetOptions(options []string) {
	old := s.Selected()
	s.options, s.index = options, -1
	for i, o := range options {
		if o == old {
			s.index = i
		}
	}
	s.Refresh()
}

// SetIndex chooses without calling OnChanged; -1 chooses nothing.
func (s *Select) SetIndex(i int) {
	if i < len(s.options) {
		s.index = max(i, -1)
		s.Refresh()
	}
}

// Index is the place of the choice, -1 for none.
func (s *Select) Index() int { return s.index }

// Selected is the text of the choice, empty for none.
func (s *Select) Selected() string {
	if s.index < 0 || s.index >= len(s.options) {
		return ""
	}
	return s.options[s.index]
}

func (s *Select) pick(i int) {
	if i < 0 || i >= len(s.options) || i == s.index {
		return
	}
	s.index = i
	s.Refresh()
	if s.OnChanged != nil {
		s.OnChanged(i)
	}
}

func (s *Select) openMenu() {
	c := canvasFor(s)
	if c == nil || len(s.options) == 0 {
		return
	}
	items := make([]*fyne.MenuItem, len(s.options))
	for i, o := range s.options {
		items[i] = fyne.NewMenuItem(o, func() { s.pick(i) })
		items[i].Checked = i == s.index
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s)
	m := ShowMenu(c, fyne.NewMenu("", items...), at.AddXY(0, s.Size().Height+1))
	if s.index >= 0 {
		m.last().activate(s.index)
		m.last().reveal(s.index)
	}
}

// TypedKey changes the choice by Up and Down and opens the list on Space.
func (s *Select) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		s.pick(s.index - 1)
	case fyne.KeyDown:
		s.pick(s.index + 1)
	case fyne.KeySpace:
		s.Tapped(nil)
	default: // Return belongs to the dialog's default button
		PassKey(s, e)
	}
}

// AccessibilityLabel names the choice for screen readers.
func (s *Select) AccessibilityLabel() string { return s.Selected() }

// AccessibilityRole is that of a button.
func (s *Select) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is called by the toolkit.
func (s *Select) CreateRenderer() fyne.WidgetRenderer {
	r := &selectRenderer{s: s, bg: blank(), over: blank(),
		text: NewLabel("", LabelStyle{Cut: CutMiddle}), arrow: picture("menu-down")}
	r.paint()
	return r
}

type selectRenderer struct {
	s        *Select
	bg, over *canvas.Rectangle
	text     *Label
	arrow    *canvas.Image
}

func (r *selectRenderer) paint() {
	s := r.s
	fill, ink, line := theme.ColorNameInputBackground, theme.ColorNameForeground, look.ColorInk
	if s.Disabled() {
		fill, ink, line = theme.ColorNameDisabledButton, theme.ColorNameDisabled, theme.ColorNameDisabled
	}
	caption := s.Selected()
	if caption == "" {
		caption = s.hint
		ink = theme.ColorNamePlaceHolder
	}
	radius := sized(s, theme.SizeNameInputRadius)
	r.bg.CornerRadius, r.over.CornerRadius = radius, radius
	r.bg.FillColor = themed(s, fill)
	r.bg.StrokeColor, r.bg.StrokeWidth = themed(s, theme.ColorNameInputBorder), 1
	s.paintBack(r.over)
	r.text.SetText(caption)
	r.text.SetColor(ink)
	setPicture(r.arrow, "menu-down", line)
}

func (r *selectRenderer) Layout(size fyne.Size) {
	r.bg.Resize(size)
	r.over.Resize(size)
	r.text.Resize(fyne.NewSize(size.Width-30, size.Height))
	r.text.Move(fyne.NewPos(8, 0))
	r.arrow.Resize(fyne.NewSquareSize(16))
	r.arrow.Move(fyne.NewPos(size.Width-20, (size.Height-16)/2))
}

func (r *selectRenderer) MinSize() fyne.Size {
	w := float32(60)
	for _, o := range r.s.options {
		w = max(w, fyne.MeasureText(o, sized(r.s, theme.SizeNameText), fyne.TextStyle{}).Width)
	}
	return fyne.NewSize(min(w, 260)+38, sized(r.s, look.SizeField))
}

func (r *selectRenderer) Refresh() { r.paint(); canvas.Refresh(r.s) }
func (r *selectRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bg, r.over, r.text, r.arrow}
}
func (r *selectRenderer) Destroy() {}
