package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/look"
)

// ButtonRole says what a button in a dialog is for; it decides its colour and key.
type ButtonRole int

// The roles.
const (
	Plain   ButtonRole = iota
	Default            // Return presses it; drawn in the accent colour
	Cancel             // Esc presses it
	Danger             // destroys something; drawn in red, never the default
)

// Button is a button with a text and a border.
type Button struct {
	control
	text string
	role ButtonRole
}

// NewButton returns a button that calls act.
func NewButton(text string, role ButtonRole, act func()) *Button {
	b := &Button{text: text, role: role}
	b.init(b, act)
	return b
}

// Text is what the button says.
func (b *Button) Text() string { return b.text }

// SetText changes it.
func (b *Button) SetText(s string) { b.text = s; b.Refresh() }

// Role is what the button is for.
func (b *Button) Role() ButtonRole { return b.role }

// AccessibilityLabel names the button for screen readers.
func (b *Button) AccessibilityLabel() string { return b.text }

// AccessibilityRole is that of a button.
func (b *Button) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is called by the toolkit.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	r := &buttonRenderer{b: b, bg: blank(), over: blank(), text: words()}
	r.text.Alignment = fyne.TextAlignCenter
	r.paint()
	return r
}

type buttonRenderer struct {
	b        *Button
	bg, over *canvas.Rectangle
	text     *canvas.Text
}

func (r *buttonRenderer) paint() {
	b := r.b
	fill, ink, edge := theme.ColorNameButton, theme.ColorNameForeground, theme.ColorNameInputBorder
	switch {
	case b.Disabled():
		fill, ink = theme.ColorNameDisabledButton, theme.ColorNameDisabled
	case b.role == Default:
		fill, ink, edge = look.ColorAccentButton, look.ColorOnAccent, look.ColorAccentButton
	case b.role == Danger:
		ink, edge = theme.ColorNameError, theme.ColorNameError
	}
	radius := sized(b, theme.SizeNameButtonRadius)
	r.bg.CornerRadius, r.over.CornerRadius = radius, radius
	r.bg.FillColor = themed(b, fill)
	r.bg.StrokeColor, r.bg.StrokeWidth = themed(b, edge), 1
	b.paintBack(r.over)
	r.text.Text, r.text.Color, r.text.TextSize = b.text, themed(b, ink), sized(b, theme.SizeNameText)
	r.text.TextStyle.Bold = b.role == Default
}

func (r *buttonRenderer) Layout(s fyne.Size) {
	r.bg.Resize(s)
	r.over.Resize(s)
	if r.b.focused { // the ring stands free of the button's own edge
		r.over.Resize(s.AddWidthHeight(4, 4))
		r.over.Move(fyne.NewPos(-2, -2))
	} else {
		r.over.Move(fyne.NewPos(0, 0))
	}
	r.text.Resize(s)
}

func (r *buttonRenderer) MinSize() fyne.Size {
	w := fyne.MeasureText(r.b.text, r.text.TextSize, fyne.TextStyle{Bold: true}).Width
	return fyne.NewSize(max(w+28, 76), sized(r.b, look.SizeField))
}

func (r *buttonRenderer) Refresh() {
	r.paint()
	r.Layout(r.b.Size())
	canvas.Refresh(r.b)
}

func (r *buttonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bg, r.over, r.text}
}
func (r *buttonRenderer) Destroy() {}

// IconButton is a small button with a picture only; its label is for screen readers and tests.
type IconButton struct {
	control
	icon, label string
	size        float32
	on          bool
}

// NewIconButton returns a button that shows the picture called icon and calls act.
func NewIconButton(icon, label string, act func()) *IconButton {
	b := &IconButton{icon: icon, label: label, size: 24}
	b.init(b, act)
	return b
}

// SetIcon shows another picture.
func (b *IconButton) SetIcon(icon, label string) { b.icon, b.label = icon, label; b.Refresh() }

// SetAct sets what a press does.
func (b *IconButton) SetAct(act func()) { b.act = act }

// SetSize makes the button smaller or larger than the usual 24.
func (b *IconButton) SetSize(size float32) { b.size = size }

// IsOn tells whether it is drawn as switched on.
func (b *IconButton) IsOn() bool { return b.on }

// SetOn draws the button as switched on.
func (b *IconButton) SetOn(on bool) { b.on = on; b.Refresh() }

// Label says what the button does.
func (b *IconButton) Label() string { return b.label }

// AccessibilityLabel names the button for screen readers.
func (b *IconButton) AccessibilityLabel() string { return b.label }

// AccessibilityRole is that of a button.
func (b *IconButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer is called by the toolkit.
func (b *IconButton) CreateRenderer() fyne.WidgetRenderer {
	r := &iconButtonRenderer{b: b, bg: blank(), img: picture(b.icon)}
	r.paint()
	return r
}

type iconButtonRenderer struct {
	b   *IconButton
	bg  *canvas.Rectangle
	img *canvas.Image
}

func (r *iconButtonRenderer) paint() {
	ink := look.ColorInk
	switch {
	case r.b.Disabled():
		ink = theme.ColorNameDisabled
	case r.b.on:
		ink = theme.ColorNamePrimary
	}
	r.bg.CornerRadius = sized(r.b, theme.SizeNameButtonRadius)
	r.b.paintBack(r.bg)
	if r.b.on && !r.b.hovered && !r.b.pressed {
		r.bg.FillColor = themed(r.b, theme.ColorNameHover)
	}
	setPicture(r.img, r.b.icon, ink)
}

func (r *iconButtonRenderer) Layout(s fyne.Size) {
	r.bg.Resize(s)
	w := sized(r.b, look.SizeIcon)
	r.img.Resize(fyne.NewSquareSize(w))
	r.img.Move(fyne.NewPos((s.Width-w)/2, (s.Height-w)/2))
}

func (r *iconButtonRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(r.b.size) }
func (r *iconButtonRenderer) Refresh()           { r.paint(); canvas.Refresh(r.b) }
func (r *iconButtonRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bg, r.img}
}
func (r *iconButtonRenderer) Destroy() {}
