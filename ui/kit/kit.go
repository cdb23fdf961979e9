// Package kit holds the small parts that windows are built from: buttons, fields, lists, menus, dialogs.
// It must never know S3, files or transfers, and no part may be out of reach of the keyboard.
// Start reading at [Post] and at the constructors New….
package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Post runs a function on the thread of the windows: the one door from workers to what is shown.
// Whoever needs it takes a Post when made, [OnUI] in the program and [Inline] in tests.
type Post func(func())

// OnUI queues f for the thread of the windows and returns at once.
func OnUI(f func()) { fyne.Do(f) }

// Inline runs f at once, for tests that have one thread.
func Inline(f func()) { f() }

// Modifiers tells which modifier keys are held down; a test gives its own.
type Modifiers func() fyne.KeyModifier

// HeldModifiers asks the running program's driver.
func HeldModifiers() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// canvasFor is the canvas that shows o, or nil.
func canvasFor(o fyne.CanvasObject) fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(o) }

// FocusOn gives the keyboard to o if it is shown somewhere.
func FocusOn(o fyne.Focusable) {
	if obj, ok := o.(fyne.CanvasObject); ok {
		if c := canvasFor(obj); c != nil {
			c.Focus(o)
		}
	}
}

// PassKey hands a key that a focused part does not use on to its window: so Return and Esc reach a dialog's buttons.
func PassKey(o fyne.CanvasObject, e *fyne.KeyEvent) {
	if c := canvasFor(o); c != nil {
		if f := c.OnTypedKey(); f != nil {
			f(e)
		}
	}
}

// PassShortcut hands a shortcut that a focused part does not use on to its window.
func PassShortcut(o fyne.CanvasObject, s fyne.Shortcut) {
	if c, ok := canvasFor(o).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}
