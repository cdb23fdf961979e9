package ui

import (
	"fyne.io/fyne/v2"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
	"pintail/ui/uitest"
)

// CannotStart shows in a window of its own why the program cannot start: who opened it from a menu sees no terminal. Nothing was
// changed; closing the window quits. reg may be nil.
func CannotStart(a fyne.App, reg *uitest.Registry, err error) {
	a.Settings().SetTheme(look.New(look.Options{Mode: look.System}))
	title, why := text.T("app.cannot_start"), []report.Failure{{What: text.T("app.cannot_start"), Err: err}}
	words := report.Body(why)
	quit := kit.NewButton(text.T("menu.quit"), kit.Default, a.Quit)
	copyIt := kit.NewButton(text.T("report.copy"), kit.Plain, func() { a.Clipboard().SetContent(report.Text(title, why)) })
	d := kit.NewDialog(a, a.Metadata().Name, words, copyIt, quit)
	d.Window.SetMaster()
	reg.Set("report.text", words)
	reg.Set("report.copy", copyIt)
	reg.Set("dialog.ok", quit)
	d.Show(quit)
}
