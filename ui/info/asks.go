package info

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/ui/kit"
)

const askWidth = 400

// sheetWidth is how wide the content of a question may be: the pane can have a narrow window of its own.
func sheetWidth(c fyne.Canvas, wanted float32) float32 {
	return max(min(wanted, c.Size().Width-48), 200)
}

// askLine asks for one line of text, which may not be empty.
func askLine(c fyne.Canvas, register func(string, fyne.CanvasObject), title, label, start string, done func(string)) {
	field := kit.NewEntry()
	form := kit.NewForm()
	form.Add(label, field)
	var sheet *kit.Sheet
	ok := kit.NewButton(text.T("common.ok"), kit.Default, func() {
		if s := strings.TrimSpace(field.Text); s != "" {
			sheet.Close()
			done(s)
		}
	})
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { sheet.Close() })
	field.OnChanged = func(s string) { ok.SetEnabled(strings.TrimSpace(s) != "") }
	ok.SetEnabled(start != "")
	register("dialog.field", field)
	register("dialog.ok", ok)
	register("dialog.cancel", cancel)
	sheet = kit.ShowSheet(c, title, container.New(layout.NewGridWrapLayout(fyne.NewSize(sheetWidth(c, askWidth), form.MinSize().Height)), form), field, cancel, ok)
	field.SetText(start)
	field.SelectFirst(-1)
}
