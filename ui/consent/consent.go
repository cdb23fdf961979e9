// Package consent asks for the name of a connection that is marked as production before something is taken away there.
// It must never decide what destroys: that is told by the commands and the view-models.
// Start reading at [Ask], then [Field].
package consent

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/report"
)

const width = 400

// Register gives a control its name in the window harness.
type Register func(id string, o fyne.CanvasObject)

// Field asks for a word before a button can be pressed. Without a word nothing is asked.
type Field struct {
	Object fyne.CanvasObject
	word   string
	entry  *kit.Entry
}

// NewField is a field for a question's body. word is the name of the connection, "" where nothing has to be typed; changed is called
// after each key.
func NewField(word string, register Register, changed func()) *Field {
	f := &Field{word: word, Object: container.NewVBox()}
	if word == "" {
		return f
	}
	f.entry = kit.NewEntry()
	f.entry.SetPlaceHolder(word)
	f.entry.OnChanged = func(string) { changed() }
	register("dialog.field", f.entry)
	f.Object = container.New(layout.NewCustomPaddedVBoxLayout(4), kit.NewLabel(text.T("production.type", word), kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}), f.entry)
	return f
}

// Right tells whether the word is there.
func (f *Field) Right() bool { return f.entry == nil || f.entry.Text == f.word }

// First is where the keyboard begins: the field, or other without one.
func (f *Field) First(other fyne.Focusable) fyne.Focusable {
	if f.entry == nil {
		return other
	}
	return f.entry
}

// Question is what is about to be done.
type Question struct {
	Title string // "Move 3 items?"
	Text  string // what becomes of it; "" = only that the connection is marked
	OK    string // the button
}

// Ask shows a question of its own whose button does nothing before the word has been typed.
func Ask(c fyne.Canvas, register Register, word string, q Question, do func()) {
	var s *kit.Sheet
	var f *Field
	yes := kit.NewButton(q.OK, kit.Danger, func() {
		if f.Right() {
			s.Close()
			do()
		}
	})
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	f = NewField(word, register, func() { yes.SetEnabled(f.Right()) })
	yes.SetEnabled(f.Right())
	register("dialog.ok", yes)
	register("dialog.cancel", no)
	wide := max(min(width, c.Size().Width-48), 200)
	body := container.New(layout.NewCustomPaddedVBoxLayout(8))
	if q.Text != "" {
		body.Add(report.Paragraph(q.Text, wide, kit.LabelStyle{Color: theme.ColorNameForeground}))
	}
	body.Add(report.Paragraph(text.T("production.marked", word), wide, kit.LabelStyle{Color: theme.ColorNameError}))
	body.Add(f.Object)
	s = kit.ShowSheet(c, q.Title, body, f.First(no), no, yes)
}
