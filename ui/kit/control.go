package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

// control is what all things to press share: hover, pressed, focus and disabled states, Space and Return.
// A click does not take the keyboard from where it is, so the ring shows only to those who came by Tab.
type control struct {
	widget.DisableableWidget
	self                      fyne.Widget
	hovered, pressed, focused bool
	act                       func()
	onFocus                   func()
}

func (c *control) init(self fyne.Widget, act func()) {
	c.self, c.act = self, act
	c.ExtendBaseWidget(self)
}

// Tapped runs the action unless disabled.
func (c *control) Tapped(*fyne.PointEvent) {
	if !c.Disabled() && c.act != nil {
		c.act()
	}
}

// SetEnabled enables or disables.
func (c *control) SetEnabled(on bool) {
	if on != c.Disabled() {
		return
	}
	if on {
		c.Enable()
	} else {
		c.hovered, c.pressed = false, false
		c.Disable()
	}
}

// MouseIn is called by the toolkit.
func (c *control) MouseIn(*desktop.MouseEvent) { c.set(&c.hovered, true) }

// MouseMoved is called by the toolkit.
func (c *control) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is called by the toolkit.
func (c *control) MouseOut() { c.pressed = false; c.set(&c.hovered, false) }

// MouseDown is called by the toolkit.
func (c *control) MouseDown(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonPrimary {
		c.set(&c.pressed, true)
	}
}

// MouseUp is called by the toolkit.
func (c *control) MouseUp(*desktop.MouseEvent) { c.set(&c.pressed, false) }

// FocusGained is called by the toolkit.
func (c *control) FocusGained() {
	c.focused = true
	c.self.Refresh()
	if c.onFocus != nil {
		c.onFocus()
	}
}

// SetOnFocus sets what is called when the keyboard has come here.
func (c *control) SetOnFocus(f func()) { c.onFocus = f }

// FocusLost is called by the toolkit.
func (c *control) FocusLost() { c.focused = false; c.self.Refresh() }

// TypedRune is called by the toolkit.
func (c *control) TypedRune(rune) {}

// TypedShortcut hands shortcuts on to the window.
func (c *control) TypedShortcut(s fyne.Shortcut) { PassShortcut(c.self, s) }

// TypedKey presses on Space and Return and hands all else on to the window.
func (c *control) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.Tapped(nil)
	default:
		PassKey(c.self, e)
	}
}

func (c *control) set(flag *bool, v bool) {
	if *flag != v && !c.Disabled() {
		*flag = v
		c.self.Refresh()
	}
}

// paintBack colours the plate behind a flat button.
func (c *control) paintBack(bg *canvas.Rectangle) {
	bg.FillColor = color.Transparent
	switch {
	case c.Disabled():
	case c.pressed:
		bg.FillColor = themed(c.self, theme.ColorNamePressed)
	case c.hovered:
		bg.FillColor = themed(c.self, theme.ColorNameHover)
	}
	c.paintRing(bg, color.Transparent, 0)
}

// paintRing frames bg: the focus ring if focused, otherwise the given border.
func (c *control) paintRing(bg *canvas.Rectangle, border color.Color, width float32) {
	bg.StrokeColor, bg.StrokeWidth = border, width
	if c.focused {
		bg.StrokeColor, bg.StrokeWidth = themed(c.self, look.ColorRing), 2
	}
}

// themed is the colour n in the theme of w.
func themed(w fyne.Widget, n fyne.ThemeColorName) color.Color {
	return theme.CurrentForWidget(w).Color(n, fyne.CurrentApp().Settings().ThemeVariant())
}

// sized is the size n in the theme of w.
func sized(w fyne.Widget, n fyne.ThemeSizeName) float32 { return theme.CurrentForWidget(w).Size(n) }

// picture is a square line icon whose colour follows the state of its owner.
func picture(name string) *canvas.Image {
	img := canvas.NewImageFromResource(look.Icon(name))
	img.FillMode = canvas.ImageFillContain
	return img
}

// setPicture changes name and colour, drawing anew only when they differ.
func setPicture(img *canvas.Image, name string, ink fyne.ThemeColorName) {
	res := look.IconIn(name, ink)
	if img.Resource == nil || img.Resource.Name() != res.Name() || img.Image == nil {
		img.Resource = res
		img.Refresh()
	}
}

// blank is a rectangle without a colour yet; the toolkit cannot draw a nil colour.
func blank() *canvas.Rectangle { return canvas.NewRectangle(color.Transparent) }

// words is a text without content yet.
func words() *canvas.Text { return canvas.NewText("", color.Transparent) }
