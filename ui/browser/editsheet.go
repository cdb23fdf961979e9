package browser

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/ui/command"
	"pintail/ui/consent"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

// editSheet asks whether, and how, what is selected is to be changed. It counts what is below folders while it is shown.
type editSheet struct {
	title string
	form  *kit.Form      // what is to be chosen; nil = nothing
	first fyne.Focusable // gets the keyboard; nil = the cancelling button
	role  kit.ButtonRole // of the button that does it
	ok    string         // its words
	fine  func() bool    // whether it can be pressed; nil = always
	says  func(DeletePlan) []editLine
	done  func()
	adds  bool // it leaves what is there as it is: a production connection does not ask for its name

	w     *Window
	items []Item
	plan  DeletePlan
	said  *fyne.Container
	body  fyne.CanvasObject
	name  *consent.Field // of a production connection
	yes   *kit.Button
	sheet *kit.Sheet
}

// editLine is a paragraph of the sheet.
type editLine struct {
	words string
	style kit.LabelStyle
}

func said(words string) editLine { return editLine{words: words} }
func warned(words string) editLine {
	return editLine{words, kit.LabelStyle{Color: theme.ColorNameError}}
}
func remarked(words string) editLine {
	return editLine{words, kit.LabelStyle{Color: look.ColorSecondary, Size: theme.SizeNameCaptionText}}
}

// show opens the sheet about items.
func (e *editSheet) show(w *Window, items []Item) {
	e.w, e.items, e.said = w, items, container.New(layout.NewCustomPaddedVBoxLayout(8))
	cancel := func() {}
	e.yes = kit.NewButton(e.ok, e.role, func() {
		if e.possible() {
			cancel()
			e.sheet.Close()
			w.VM.answered(e.done) // the word was asked for here
		}
	})
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { cancel(); e.sheet.Close() })
	w.register("dialog.ok", e.yes)
	w.register("dialog.cancel", no)
	w.register("dialog.text", e.said)
	parts := []fyne.CanvasObject{e.said}
	if e.form != nil {
		parts = []fyne.CanvasObject{e.form, e.said}
	}
	word := w.VM.Word()
	if e.adds {
		word = ""
	}
	e.name = consent.NewField(word, w.register, e.update)
	parts = append(parts, e.name.Object)
	e.body = container.New(&leastLayout{fyne.NewSize(sheetWidth, 0)}, container.New(layout.NewCustomPaddedVBoxLayout(10), parts...))
	if e.first == nil {
		e.first = no
	}
	cancel = w.VM.PlanDelete(items, func(p DeletePlan) { // the first time before it returns
		e.plan = p
		e.update()
	})
	first := e.first
	if e.form == nil { // else what is to be chosen comes first
		first = e.name.First(first)
	}
	e.sheet = kit.ShowSheet(w.Win.Canvas(), e.title, e.body, first, no, e.yes)
}

// possible tells whether the button can be pressed.
func (e *editSheet) possible() bool { return (e.fine == nil || e.fine()) && e.name.Right() }

// titled is the title about one item, or about several.
func titled(items []Item, one, several string) string {
	if len(items) == 1 {
		return one
	}
	return several
}

// update says anew what would happen.
func (e *editSheet) update() {
	e.said.Objects = nil
	for _, l := range e.says(e.plan) {
		e.said.Add(report.Paragraph(l.words, sheetWidth, l.style))
	}
	e.yes.SetEnabled(e.possible())
	e.body.Refresh()
	if e.sheet != nil {
		e.sheet.Fit()
	}
}

// runEdits does what a command that changes objects in place says.
func (w *Window) runEdits(id command.ID) bool {
	switch id {
	case command.Restore:
		w.askRestore(w.Items(), nil)
	case command.ChangeClass:
		w.askClass(w.Items())
	case command.Encrypt:
		w.askEncrypt(w.Items())
	case command.ObjectLock:
		w.askLock(w.Items())
	case command.Share:
		w.askShare(w.Items())
	case command.MakePublic:
		w.askPublic(w.Items(), true)
	case command.MakePrivate:
		w.askPublic(w.Items(), false)
	default:
		return false
	}
	return true
}

// counted is how many objects there are: "1,204 objects, 8.1 MB so far…".
func (w *Window) counted(p DeletePlan) string {
	n := units.FormatCount(p.Objects)
	if p.More {
		n += "+"
	}
	s := text.N("browser.delete_objects", int(p.Objects), n, units.FormatBytes(p.Bytes, Base(w.s.Preferences)))
	if p.Counting {
		s += " " + text.T("browser.delete_counting")
	}
	return s
}

// rewriteLines say what a copy of objects onto themselves does beside what it is for.
func (w *Window) rewriteLines(p DeletePlan) []editLine {
	n, bytes := units.FormatCount(p.Objects), units.FormatBytes(p.Bytes, Base(w.s.Preferences))
	var out []editLine
	switch {
	case p.Counting || p.More:
		out = append(out, said(w.counted(p)), said(text.T("edits.rewrites")))
	case p.Fate == FateHidden:
		out = append(out, said(text.N("edit.versions", int(p.Objects), n, bytes)))
	default:
		out = append(out, said(text.N("edit.rewrites", int(p.Objects), n, bytes)))
	}
	if p.Archived > 0 {
		out = append(out, warned(text.N("edits.archived", int(p.Archived), units.FormatCount(p.Archived))))
	}
	return append(out, remarked(text.T("edits.kept")))
}
