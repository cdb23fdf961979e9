package ui

import (
	"context"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/ui/browser"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// canRemember tells whether the bookmark of a connection can keep what is chosen for files that exist.
func (a *App) canRemember(ref, kind string) bool {
	return connect.CanRememberExisting(a.c.Bookmarks, ref, kind)
}

// remember keeps it there for the transfers that begin from now on.
func (a *App) remember(ref, kind string, action prompt.Action) {
	work := func(context.Context) (struct{}, error) {
		return struct{}{}, connect.RememberExisting(a.c.Bookmarks, ref, kind, action)
	}
	tasks.Run(a.tasks, work, func(_ struct{}, err error) {
		if err != nil && len(a.windows) > 0 {
			a.windows[0].Report(browser.Problem{Failures: []report.Failure{{Err: err}}})
		}
	})
}
