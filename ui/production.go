package ui

import (
	"pintail/internal/connect"
	"pintail/ui/browser/rows"
)

// productionWord is what has to be typed before something is taken away at a connection: the name of one that is marked as production,
// by its bookmark as it is now or when it was opened; "" for nothing.
func (a *App) productionWord(ref string) string {
	name, marked := connect.ProductionOf(a.c.Bookmarks, ref)
	for _, w := range a.windows {
		if c := w.VM.Connection(); c != nil && c.Ref == ref {
			name, marked = w.VM.Name(), marked || c.Production
		}
	}
	if !marked {
		return ""
	}
	return rows.DisplayName(name)
}
