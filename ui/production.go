package ui

import (
	"pintail/internal/connect"
	"pintail/ui/browser/rows"
)

// productionWord is what has to be typed before something is taken away at a connection: the name of one that is marked as production,
// by its bookmark as it is now or when it was opened; "" for nothing.
func (a *App) productionWord(ref string) string {
	spec, err := connect.ParseRef(ref)
	if err != nil {
		return ""
	}
	name, marked := "", spec.Production
	if b, err := a.c.Bookmarks.Find(spec.Bookmark); spec.Bookmark != "" && err == nil {
		name, marked = b.Title(), marked || b.Production
	}
	for _, w := range a.windows {
		if c := w.VM.Connection(); c != nil && c.Ref == ref {
			name, marked = w.VM.Name(), marked || c.Production
		}
	}
	if !marked {
		return ""
	}
	if name == "" {
		name = spec.Endpoint
	}
	if name == "" {
		name = "S3"
	}
	return rows.DisplayName(name)
}
