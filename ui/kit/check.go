package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// Check is a box to tick that lets its window have Return, Esc and shortcuts.
type Check struct {
	widget.Check
	onFocus func()
}

// NewCheck returns a box with a text; changed may be nil.
func NewCheck(text string, changed func(bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// SetOnFocus sets what is called when the keyboard has come here.
func (c *Check) SetOnFocus(f func()) { c.onFocus = f }

// FocusGained is called by the toolkit.
func (c *Check) FocusGained() {
	c.Check.FocusGained()
	if c.onFocus != nil {
		c.onFocus()
	}
}

// TypedKey hands all keys on; the box itself answers to Space as a typed character.
func (c *Check) TypedKey(e *fyne.KeyEvent) {
	c.Check.TypedKey(e)
	if e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter || e.Name == fyne.KeyEscape {
		PassKey(c, e)
	}
}

// TypedShortcut hands shortcuts on to the window.
func (c *Check) TypedShortcut(s fyne.Shortcut) { PassShortcut(c, s) }

// IsChecked tells whether the box is ticked, for the test socket.
func (c *Check) IsChecked() bool { return c.Checked }

// FieldText is the text beside the box, for the test socket.
func (c *Check) FieldText() string { return c.Text }
