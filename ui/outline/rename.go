package outline

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"pintail/ui/kit"
)

// rename is an edit of a name in place.
type rename struct {
	key   Key
	old   string
	entry *kit.Entry
}

// BeginRename puts a field over the name of row k with the name's stem selected. Return and leaving the field call
// OnRename, Esc does not. It returns false if there is no such row or nobody takes the new name.
func (o *Outline) BeginRename(k Key) bool {
	i, ok := o.model.Index(k)
	if !ok || o.OnRename == nil || o.r == nil || o.CanRename != nil && !o.CanRename(k) {
		return false
	}
	o.cancelRename()
	var row Row
	o.model.Row(i, &row)
	if len(row.Cells) == 0 {
		return false
	}
	o.reveal(i)
	e := &rename{key: k, old: row.Cells[0], entry: kit.NewEntry()}
	e.entry.SetText(e.old)
	e.entry.OnSubmitted = func(string) { o.endRename(true) }
	e.entry.OnEscape = func() bool { o.endRename(false); return true }
	e.entry.OnBlur = func() { o.closeRename(e, true) } // the keyboard is on its way to something else
	o.edit = e
	o.r.setEdit(e.entry)
	o.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		c.Focus(e.entry)
		e.entry.SelectFirst(stem(e.old, row.Expandable))
	}
	return true
}

// stem is how many characters of a name come before its ending; -1 for all of it.
func stem(name string, folder bool) int {
	dot := strings.LastIndexByte(name, '.')
	if folder || dot <= 0 {
		return -1
	}
	return utf8.RuneCountInString(name[:dot])
}

// Renaming is the row whose name is being edited, zero for none.
func (o *Outline) Renaming() Key {
	if o.edit == nil {
		return 0
	}
	return o.edit.key
}

func (o *Outline) cancelRename() { o.endRename(false) }

// endRename closes the field and takes the keyboard back.
func (o *Outline) endRename(commit bool) {
	e := o.edit
	if e == nil {
		return
	}
	held := false
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		held = c.Focused() == fyne.Focusable(e.entry)
	}
	o.edit = nil // before the focus moves: losing it closes the field too
	if held {
		o.byMouse = true
		kit.FocusOn(o)
	}
	o.edit = e
	o.closeRename(e, commit)
}

func (o *Outline) closeRename(e *rename, commit bool) {
	if o.edit != e {
		return
	}
	o.edit = nil
	o.r.setEdit(nil)
	o.Refresh()
	if name := e.entry.Text; commit && name != "" && name != e.old {
		o.OnRename(e.key, name)
	}
}
