package outline

import (
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"pintail/ui/kit"
)

const typeAheadGap = time.Second

type typedState struct {
	text string
	at   time.Time
}

// FocusGained is called by the toolkit.
func (o *Outline) FocusGained() {
	o.focused = true
	if o.cursor == 0 && o.model.Len() > 0 && !o.byMouse {
		o.cursor = o.model.Key(min(int(o.off/o.rowHeight()), o.model.Len()-1))
		o.anchor = o.cursor
	}
	o.Refresh()
}

// FocusLost is called by the toolkit.
func (o *Outline) FocusLost() {
	o.focused, o.byMouse = false, false
	o.Refresh()
}

// Focused tells whether the outline has the keyboard.
func (o *Outline) Focused() bool { return o.focused }

// TypedKey is called by the toolkit with keys that carry no Ctrl, Alt or Super.
func (o *Outline) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && o.cancelDrag() {
		return
	}
	if o.moveKey(e.Name) || o.rowKey(e.Name) {
		if e.Name != fyne.KeySpace { // which may be part of a name
			o.typed.text = ""
		}
		return
	}
	if o.OnKey != nil && o.OnKey(e) {
		return
	}
	kit.PassKey(o, e)
}

// moveKey moves the cursor; with Shift it extends the selection.
func (o *Outline) moveKey(key fyne.KeyName) bool {
	n := o.model.Len()
	i := o.cursorIndex()
	page := max(int(o.viewHeight()/o.rowHeight())-1, 1)
	to := i
	switch key {
	case fyne.KeyDown:
		to = i + 1
	case fyne.KeyUp:
		to = i - 1
		if i < 0 {
			to = n - 1
		}
	case fyne.KeyPageDown:
		to = max(i, 0) + page
	case fyne.KeyPageUp:
		to = i - page
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = n - 1
	default:
		return false
	}
	if n > 0 {
		o.moveTo(min(max(to, 0), n-1))
	}
	return true
}

func (o *Outline) moveTo(i int) {
	o.byMouse = false
	if o.opt.Modifiers()&fyne.KeyModifierShift != 0 && o.cursor != 0 {
		if o.sel.Len() == 0 {
			o.anchor = o.cursor
		}
		o.extend(i)
	} else {
		o.only(i)
	}
	o.reveal(i)
	o.Refresh()
	o.selected()
}

// rowKey is what the other keys do to the current row or the selection.
func (o *Outline) rowKey(key fyne.KeyName) bool {
	i := o.cursorIndex()
	var row Row
	if i >= 0 {
		o.model.Row(i, &row)
	}
	switch key {
	case fyne.KeySpace:
		if !o.typing() && o.OnSpace != nil {
			o.OnSpace()
		}
		return true
	case fyne.KeyDelete, fyne.KeyBackspace:
		if o.OnDelete == nil || o.sel.Len() == 0 {
			return false
		}
		o.OnDelete()
		return true
	case fyne.KeyRight, fyne.KeyLeft:
		if i >= 0 {
			o.sideKey(i, &row, key == fyne.KeyRight)
		}
		return true
	case fyne.KeyReturn, fyne.KeyEnter:
		if i >= 0 {
			o.open(i, &row)
		}
		return i >= 0
	case fyne.KeyF2:
		return i >= 0 && o.BeginRename(row.Key)
	case desktop.KeyMenu:
		o.keyMenu(i)
		return true
	case fyne.KeyF10:
		if o.opt.Modifiers()&fyne.KeyModifierShift == 0 {
			return false
		}
		o.keyMenu(i)
		return true
	}
	return false
}

// sideKey opens and closes folders, or goes into and out of them.
func (o *Outline) sideKey(i int, row *Row, right bool) {
	switch {
	case right && row.Expandable && !row.Expanded:
		o.toggle(i, true)
	case right:
		if i+1 < o.model.Len() && o.model.Parent(i+1) == i {
			o.moveTo(i + 1)
		}
	case row.Expanded:
		o.toggle(i, false)
	default:
		if p := o.model.Parent(i); p >= 0 {
			o.moveTo(p)
		}
	}
}

// keyMenu opens the context menu below the current row.
func (o *Outline) keyMenu(i int) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	if i < 0 {
		o.contextMenu(0, at.AddXY(20, o.headerHeight()))
		return
	}
	k := o.model.Key(i)
	if !o.sel.Has(k) {
		o.only(i)
		o.selected()
	}
	o.reveal(i)
	o.Refresh()
	y := float32(float64(i+1)*o.rowHeight()-o.off) + o.headerHeight()
	o.contextMenu(k, at.AddXY(40, y))
}

func (o *Outline) typing() bool {
	return o.typed.text != "" && o.opt.Now().Sub(o.typed.at) < typeAheadGap
}

// TypedRune finds a row by the beginning of its name.
func (o *Outline) TypedRune(c rune) {
	if !o.typing() {
		o.typed.text = ""
	}
	if c == ' ' && o.typed.text == "" || unicode.IsControl(c) {
		return
	}
	from := o.cursorIndex()
	if o.typed.text == "" {
		from++
	}
	o.typed.text += string(c)
	o.typed.at = o.opt.Now()
	if i := o.model.Find(o.typed.text, max(from, 0)); i >= 0 {
		o.byMouse = false
		o.only(i)
		o.reveal(i)
		o.Refresh()
		o.selected()
	}
}

// TypedShortcut answers what is the outline's own and hands the rest on to the window's menus: Ctrl with an arrow too,
// which goes into and out of folders there. So it is Ctrl+Shift with an arrow that moves the cursor and leaves the selection, and
// Ctrl+Space that selects there.
func (o *Outline) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutSelectAll:
		o.SelectAll()
		return
	case *desktop.CustomShortcut:
		if s.Modifier == fyne.KeyModifierShortcutDefault && s.KeyName == fyne.KeySpace {
			o.flipCursor()
			return
		}
		if s.Modifier == fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift && o.walk(s.KeyName) {
			return
		}
	}
	kit.PassShortcut(o, s)
}

// walk moves the cursor without a change of the selection.
func (o *Outline) walk(key fyne.KeyName) bool {
	i, n := o.cursorIndex(), o.model.Len()
	switch key {
	case fyne.KeyDown:
		i++
	case fyne.KeyUp:
		i--
	default:
		return false
	}
	if n == 0 {
		return true
	}
	i = min(max(i, 0), n-1)
	o.byMouse = false
	o.cursor = o.model.Key(i)
	o.reveal(i)
	o.Refresh()
	return true
}

// flipCursor selects the row under the cursor besides the others, or no longer.
func (o *Outline) flipCursor() {
	if o.cursorIndex() < 0 {
		return
	}
	o.sel.Flip(o.cursor)
	o.anchor = o.cursor
	o.Refresh()
	o.selected()
}
