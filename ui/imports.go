package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"pintail/internal/text"
	uibookmarks "pintail/ui/bookmarks"
	"pintail/ui/browser"
	"pintail/ui/chooser"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// ImportBookmarks asks which connections of other programs become bookmarks.
func (a *App) ImportBookmarks(from *browser.Window) {
	register := func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) }
	uibookmarks.ShowImport(uibookmarks.ImportOptions{Canvas: from.Win.Canvas(), Tasks: a.tasks, Importer: a.c.Imports, Store: a.store, Register: register,
		Choose: func(done func([]string)) {
			a.Choose(from, chooser.Options{Title: text.T("importing.choose_title"), OK: text.T("importing.choose_ok"), Base: a.base(), Register: register, Done: done})
		}})
}

// ExportBookmarks asks for a folder and writes all bookmarks into a file there, without secrets.
func (a *App) ExportBookmarks(from *browser.Window) {
	n := len(a.c.Bookmarks.List())
	if n == 0 {
		from.Notice(text.T("importing.export_none"))
		return
	}
	register := func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) }
	a.Choose(from, chooser.Options{Title: text.T("importing.export_title"), OK: text.T("importing.export_ok"), Folder: true, Base: a.base(), Register: register,
		Done: func(paths []string) {
			tasks.Run(a.tasks, func(ctx context.Context) (string, error) { return a.c.Imports.Export(ctx, paths[0]) }, func(path string, err error) {
				if err != nil {
					from.Report(browser.Problem{Failures: []report.Failure{{Err: err}}})
					return
				}
				from.Notice(text.N("importing.exported", n, n, path))
			})
		}})
}

// choosePEM asks for a file of certificates.
func (a *App) choosePEM(from *browser.Window) func(func([]string)) {
	return func(done func([]string)) {
		a.Choose(from, chooser.Options{Title: text.T("advanced.choose_title"), OK: text.T("advanced.choose_ok"), Base: a.base(), Done: done,
			Register: func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) }})
	}
}
