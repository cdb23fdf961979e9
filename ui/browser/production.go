package browser

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// Production tells whether the connection is marked so: what is deleted there is confirmed by typing.
func (vm *ViewModel) Production() bool { return vm.conn != nil && vm.conn.Production }

// productionBadge is the mark of a row, in words: a colour alone tells not everybody.
func productionBadge(on bool) string {
	if on {
		return text.T("advanced.production_mark")
	}
	return ""
}

// typed asks for a word before a button can be pressed. Without a word nothing is asked.
type typed struct {
	word   string
	field  *kit.Entry
	object fyne.CanvasObject
}

// typedName asks for the connection's name where it is marked as production.
func (w *Window) typedName(changed func()) *typed {
	t := &typed{object: container.NewVBox()}
	if !w.VM.Production() {
		return t
	}
	t.word = plain(w.VM.Name())
	t.field = kit.NewEntry()
	t.field.SetPlaceHolder(t.word)
	t.field.OnChanged = func(string) { changed() }
	w.register("dialog.field", t.field)
	t.object = container.New(layout.NewCustomPaddedVBoxLayout(4), kit.NewLabel(text.T("advanced.production_type", t.word), kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}), t.field)
	return t
}

// right tells whether the word is there.
func (t *typed) right() bool { return t.field == nil || t.field.Text == t.word }

// first is where the keyboard begins: the field, or other without one.
func (t *typed) first(other fyne.Focusable) fyne.Focusable {
	if t.field == nil {
		return other
	}
	return t.field
}
