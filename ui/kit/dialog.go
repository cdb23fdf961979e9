package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

// Dialog is a small window of its own with a row of buttons: Return presses the default one, Esc the cancelling one.
type Dialog struct {
	Window  fyne.Window
	buttons []*Button
}

// NewDialog makes a window with content over buttons, which stand at the right in the given order. It is not shown yet.
// Closing the window by its frame presses the cancelling button.
func NewDialog(app fyne.App, title string, content fyne.CanvasObject, buttons ...*Button) *Dialog {
	d := &Dialog{Window: app.NewWindow(title), buttons: buttons}
	d.Window.SetPadded(false)
	d.Window.SetContent(dialogBody(content, buttons))
	d.Window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { pressByKey(d.buttons, e) })
	d.Window.SetCloseIntercept(func() {
		if !pressRole(d.buttons, Cancel) {
			d.Window.Close()
		}
	})
	return d
}

// Show opens the window in the middle of the screen and gives the keyboard to first, or to the first field if first is nil.
func (d *Dialog) Show(first fyne.Focusable) {
	d.Window.CenterOnScreen()
	d.Window.Show()
	if first != nil {
		d.Window.Canvas().Focus(first)
	} else {
		d.Window.Canvas().FocusNext()
	}
}

// Close closes the window without pressing anything.
func (d *Dialog) Close() { d.Window.Close() }

func dialogBody(content fyne.CanvasObject, buttons []*Button) fyne.CanvasObject {
	row := container.New(layout.NewCustomPaddedHBoxLayout(8), layout.NewSpacer())
	for _, b := range buttons {
		row.Add(b)
	}
	return container.New(layout.NewCustomPaddedLayout(14, 14, 16, 16),
		container.NewBorder(nil, container.New(layout.NewCustomPaddedLayout(14, 0, 0, 0), row), nil, nil, content))
}

func pressByKey(buttons []*Button, e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		return pressRole(buttons, Default)
	case fyne.KeyEscape:
		return pressRole(buttons, Cancel)
	}
	return false
}

func pressRole(buttons []*Button, role ButtonRole) bool {
	for _, b := range buttons {
		if b.Role() == role {
			b.Tapped(nil)
			return true
		}
	}
	return false
}

// Sheet is a dialog inside a window, for short questions about what is in that window.
type Sheet struct {
	canvas  fyne.Canvas
	popup   *widget.PopUp
	before  func(*fyne.KeyEvent)
	focused fyne.Focusable
	closed  bool
}

// ShowSheet shows content with a title, if it has one, over buttons, in the middle of c; first gets the keyboard, or if nil the default
// button. Each button must close the sheet itself by [Sheet.Close] or stay open on purpose.
func ShowSheet(c fyne.Canvas, title string, content fyne.CanvasObject, first fyne.Focusable, buttons ...*Button) *Sheet {
	s := &Sheet{canvas: c, before: c.OnTypedKey(), focused: c.Focused()}
	body := content
	if title != "" {
		head := NewLabel(title, LabelStyle{Size: theme.SizeNameSubHeadingText, Bold: true, Cut: CutMiddle})
		body = container.NewBorder(container.New(layout.NewCustomPaddedLayout(0, 8, 0, 0), head), nil, nil, nil, content)
	}
	least := blank()
	least.SetMinSize(fyne.NewSize(340, 1))
	s.popup = widget.NewModalPopUp(container.NewStack(least, NewPlate(look.ColorBar), dialogBody(body, buttons)), c)
	c.SetOnTypedKey(func(e *fyne.KeyEvent) { pressByKey(buttons, e) })
	s.popup.Show()
	switch {
	case first != nil:
		c.Focus(first)
	default:
		for _, b := range buttons {
			if b.Role() == Default {
				c.Focus(b)
			}
		}
	}
	return s
}

// Fit makes the sheet as large as what is in it, which may have become less.
func (s *Sheet) Fit() { s.popup.Resize(s.popup.MinSize()) }

// Close removes the sheet and gives the keyboard back; closing twice does nothing.
func (s *Sheet) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.canvas.SetOnTypedKey(s.before)
	s.popup.Hide()
	if s.focused != nil {
		s.canvas.Focus(s.focused)
	}
}
