package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/look"
)

// ToolButton is a button of the tool bar: a picture over a caption, with an arrow if it opens a menu and a badge.
type ToolButton struct {
	control
	icon, caption string
	menu          func() *fyne.Menu
	badge         string
	alarm         bool
}

// NewToolButton returns a button that calls act.
func NewToolButton(icon, caption string, act func()) *ToolButton {
	t := &ToolButton{icon: icon, caption: caption}
	t.init(t, act)
	return t
}

// NewToolMenu returns a button with an arrow that opens the menu made by menu, below itself.
func NewToolMenu(icon, caption string, menu func() *fyne.Menu) *ToolButton {
	t := &ToolButton{icon: icon, caption: caption, menu: menu}
	t.init(t, t.openMenu)
	return t
}

func (t *ToolButton) openMenu() {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(t)
	if c := canvasFor(t); c != nil {
		ShowMenu(c, t.menu(), at.AddXY(0, t.Size().Height))
	}
}

// SetBadge shows a short text on the picture; empty hides it. In the colour of alarm it says that something failed.
func (t *ToolButton) SetBadge(s string, alarm bool) {
	if s != t.badge || alarm != t.alarm {
		t.badge, t.alarm = s, alarm
		t.Refresh()
	}
}

// Badge is the text on the picture.
func (t *ToolButton) Badge() string { return t.badge }

// Caption is the text under the picture.
func (t *ToolButton) Caption() string { return t.caption }

// SetIcon shows another picture and caption.
func (t *ToolButton) SetIcon(icon, caption string) { t.icon, t.caption = icon, caption; t.Refresh() }

// AccessibilityLabel names the button for screen readers.
func (t *ToolButton) AccessibilityLabel() string { return t.caption }

// AccessibilityRole is that of a button.
func (t *ToolButton) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// TypedKey also opens the menu on the down arrow.
func (t *ToolButton) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyDown && t.menu != nil {
		t.Tapped(nil)
		return
	}
	t.control.TypedKey(e)
}

// CreateRenderer is called by the toolkit.
func (t *ToolButton) CreateRenderer() fyne.WidgetRenderer {
	r := &toolRenderer{t: t, bg: blank(), img: picture(t.icon), text: words(),
		arrow: picture("menu-down"), badge: NewBadge("")}
	r.text.Alignment = fyne.TextAlignCenter
	r.paint()
	return r
}

type toolRenderer struct {
	t          *ToolButton
	bg         *canvas.Rectangle
	img, arrow *canvas.Image
	text       *canvas.Text
	badge      *Badge
}

func (r *toolRenderer) paint() {
	ink, words := look.ColorInk, theme.ColorNameForeground
	if r.t.Disabled() {
		ink, words = theme.ColorNameDisabled, theme.ColorNameDisabled
	}
	r.bg.CornerRadius = 5
	r.t.paintBack(r.bg)
	setPicture(r.img, r.t.icon, ink)
	setPicture(r.arrow, "menu-down", ink)
	r.arrow.Hidden = r.t.menu == nil
	r.text.Text, r.text.Color = r.t.caption, themed(r.t, words)
	r.text.TextSize = sized(r.t, theme.SizeNameCaptionText)
	r.badge.fill = look.ColorAccentButton
	if r.t.alarm {
		r.badge.fill = look.ColorBadge
	}
	r.badge.SetText(r.t.badge)
	r.badge.Refresh()
}

func (r *toolRenderer) Layout(s fyne.Size) {
	r.bg.Resize(s)
	w := sized(r.t, look.SizeToolIcon)
	x := (s.Width - w) / 2
	r.img.Resize(fyne.NewSquareSize(w))
	r.img.Move(fyne.NewPos(x, 5))
	r.arrow.Resize(fyne.NewSquareSize(12))
	r.arrow.Move(fyne.NewPos(x+w, 5+(w-12)/2))
	h := r.text.MinSize().Height
	r.text.Resize(fyne.NewSize(s.Width, h))
	r.text.Move(fyne.NewPos(0, 5+w+2))
	b := r.badge.MinSize()
	r.badge.Resize(b)
	r.badge.Move(fyne.NewPos(min(x+w-7, s.Width-b.Width), 2))
}

func (r *toolRenderer) MinSize() fyne.Size {
	m := fyne.MeasureText(r.t.caption, r.text.TextSize, r.text.TextStyle)
	w := sized(r.t, look.SizeToolIcon)
	return fyne.NewSize(max(w+32, m.Width+12), 5+w+2+m.Height+4)
}

func (r *toolRenderer) Refresh() { r.paint(); r.Layout(r.t.Size()); canvas.Refresh(r.t) }
func (r *toolRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.bg, r.img, r.text, r.arrow, r.badge}
}
func (r *toolRenderer) Destroy() {}
