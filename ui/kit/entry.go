package kit

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is a text field that lets its window have what it does not use: Esc, Return, and shortcuts of the menus.
type Entry struct {
	widget.Entry
	// OnEscape is called on Esc; it returns false to pass the key on to the window.
	OnEscape func() bool
	// OnKey sees each key first and returns true to keep it.
	OnKey func(*fyne.KeyEvent) bool
	// OnBlur is called when the field has lost the keyboard.
	OnBlur func()

	onFocus func()
	self    fyne.Widget // what hangs in the window: this field or what is built on it
}

// ExtendBaseWidget is called by constructors of fields that are built on this one.
func (e *Entry) ExtendBaseWidget(w fyne.Widget) {
	e.self = w
	e.Entry.ExtendBaseWidget(w)
}

// NewEntry returns a field of one line.
func NewEntry() *Entry {
	e := &Entry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// NewPasswordEntry returns a field of one line that hides what is typed.
func NewPasswordEntry() *Entry {
	e := NewEntry()
	e.Password = true
	return e
}

// SetOnFocus sets what is called when the keyboard has come here.
func (e *Entry) SetOnFocus(f func()) { e.onFocus = f }

// FocusGained is called by the toolkit.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if e.onFocus != nil {
		e.onFocus()
	}
}

// FocusLost is called by the toolkit.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnBlur != nil {
		e.OnBlur()
	}
}

// TypedKey is called by the toolkit.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if e.OnKey != nil && e.OnKey(k) {
		return
	}
	switch k.Name {
	case fyne.KeyEscape:
		if e.OnEscape == nil || !e.OnEscape() {
			PassKey(e.self, k)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if !e.MultiLine && e.OnSubmitted == nil {
			PassKey(e.self, k)
			return
		}
		e.Entry.TypedKey(k)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut keeps the shortcuts of editing and hands the others on.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	if custom, ok := s.(*desktop.CustomShortcut); ok && !editingKey(custom) {
		PassShortcut(e.self, s)
		return
	}
	e.Entry.TypedShortcut(s)
}

// editingKey tells the combinations by which a field moves over words.
func editingKey(s *desktop.CustomShortcut) bool {
	switch s.KeyName {
	case fyne.KeyLeft, fyne.KeyRight, fyne.KeyHome, fyne.KeyEnd, fyne.KeyBackspace, fyne.KeyDelete:
		return true
	}
	return false
}

// SelectFirst selects the first n characters; n below zero or past the end means all.
// The toolkit has no call for that, so this does what a person does: Home, then Shift and Right.
func (e *Entry) SelectFirst(n int) {
	if total := utf8.RuneCountInString(e.Text); n < 0 || n >= total {
		e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
		return
	}
	e.CursorRow, e.CursorColumn = 0, 0
	shift := &fyne.KeyEvent{Name: desktop.KeyShiftLeft}
	e.KeyDown(shift)
	for range n {
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	}
	e.KeyUp(shift)
}

// SearchField is a field with a glass before the text and a button that clears it.
type SearchField struct {
	Entry
	// OnLeave is called when Esc is pressed in the empty field, to give the keyboard back.
	OnLeave func()
	clear   *IconButton
}

// NewSearchField returns a field with hint as its grey text; changed is called at each change of the text.
func NewSearchField(hint, clearLabel string, changed func(string)) *SearchField {
	f := &SearchField{}
	f.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	f.PlaceHolder = hint
	f.Icon = fieldIcon()
	f.clear = NewIconButton("close", clearLabel, f.Clear)
	f.clear.size = 20
	f.clear.Hide()
	f.ActionItem = f.clear
	f.OnChanged = func(s string) {
		if s == "" {
			f.clear.Hide()
		} else {
			f.clear.Show()
		}
		if changed != nil {
			changed(s)
		}
	}
	f.OnEscape = func() bool {
		switch {
		case f.Text != "":
			f.Clear()
		case f.OnLeave != nil:
			f.OnLeave()
		default:
			return false
		}
		return true
	}
	f.ExtendBaseWidget(f)
	return f
}

// Clear empties the field.
func (f *SearchField) Clear() { f.SetText("") }

// FieldText is what the field holds, for the test socket.
func (e *Entry) FieldText() string { return e.Text }
