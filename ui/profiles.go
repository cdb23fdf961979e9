package ui

import (
	"fyne.io/fyne/v2"

	"pintail/bookmarks"
	"pintail/profiles"
	"pintail/ui/browser"
	"pintail/ui/chooser"
	"pintail/ui/profilelist"
)

// ShowProfiles shows the window of the connection profiles.
func (a *App) ShowProfiles(from *browser.Window) {
	if a.profiles != nil {
		a.profiles.Win.RequestFocus()
		return
	}
	a.profiles = profilelist.Open(a.ctx, profilelist.Services{App: a.c.App, Profiles: a.c.Profiles, Preferences: a.c.Preferences, Post: a.c.Post,
		Register: a.register, Choose: func(title, ok string, folder bool, done func([]string)) {
			a.Choose(from, chooser.Options{Title: title, OK: ok, Folder: folder, Base: a.base(), Done: done,
				Register: func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) }})
		}, Closed: func() {
			w := a.profiles
			a.profiles = nil
			a.waits.Go(w.Wait)
		}})
}

// InstallProfile installs the file of a profile, and shows it among the others.
func (a *App) InstallProfile(path string) {
	if len(a.windows) == 0 {
		return
	}
	a.ShowProfiles(a.windows[0])
	a.profiles.Install([]string{path})
}

// offered are the profiles for a connection window; that of a bookmark stays with it.
func (a *App) offered(b bookmarks.Bookmark) []profiles.Profile {
	return profilelist.Offered(a.c.Profiles.All(), a.c.Preferences, b.Provider)
}
