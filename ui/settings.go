package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/ui/browser"
	"pintail/ui/chooser"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/settings"
	"pintail/ui/tasks"
	"pintail/ui/transfers"
)

// followSettings makes preferences take effect at once, whoever changes them: a window, or another program.
func (a *App) followSettings() {
	names, end := a.c.Preferences.Watch()
	a.tasks.Go(func(ctx context.Context) {
		defer end()
		for {
			select {
			case <-ctx.Done():
				return
			case name, open := <-names:
				if !open {
					return
				}
				a.tasks.Post(func() { a.settingChanged(name) })
			}
		}
	})
}

func (a *App) settingChanged(name string) {
	p := a.c.Preferences
	switch name {
	case preferences.Theme.Name():
		if m := themeOf(p); m != a.theme {
			a.theme = m
			a.applyTheme()
		}
	case preferences.ConnectionsLimit.Name(), preferences.UploadBandwidth.Name(), preferences.DownloadBandwidth.Name():
		if l := transfers.LimitsOf(p); a.transfers != nil {
			a.transfers.VM.SetLimits(l)
		} else {
			a.c.Queue.SetLimits(l)
		}
	}
	if name == preferences.HistoryLimit.Name() {
		a.keepHistory(int(preferences.HistoryLimit.Get(p)))
	}
	a.tellWindows(name)
}

// keepHistory keeps only so many recent connections.
func (a *App) keepHistory(n int) {
	a.tasks.Go(func(context.Context) {
		if err := a.c.History.SetLimit(n); err != nil {
			a.tasks.Post(func() {
				if len(a.windows) > 0 {
					a.windows[0].Notice(err.Error())
				}
			})
		}
	})
}

// ShowPreferences shows the Preferences window.
func (a *App) ShowPreferences(from *browser.Window) {
	if a.settings != nil {
		a.settings.Win.RequestFocus()
		return
	}
	a.settings = settings.Open(settings.Services{App: a.c.App, Preferences: a.c.Preferences,
		Register: func(id string, o fyne.CanvasObject) { a.register(nil, id, o) },
		Here: func() (host, bucket string) {
			if c := from.VM.Connection(); c != nil {
				return connect.PreferenceHost(c.Host), from.VM.At().Bucket
			}
			return preferences.AmazonHost, ""
		},
		ChooseFolder: func(start string, done func(string)) {
			if start == "" {
				start = from.VM.DownloadFolder()
			}
			a.Choose(from, chooser.Options{Title: text.T("settings.choose_title"), OK: text.T("settings.choose_ok"), Folder: true, Start: start, Base: a.base(),
				Register: func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) },
				Done:     func(paths []string) { done(paths[0]) }})
		},
		ChangePassphrase: a.changePassphrase,
		Closed: func() {
			if a.c.Prompter != nil {
				a.c.Prompter.Closed(a.settings.Win)
			}
			a.settings = nil
		}})
}

// changePassphrase gives the encrypted file of secrets another passphrase, with its questions over a window.
func (a *App) changePassphrase(over fyne.Window, done func(error)) {
	tasks.Run(a.tasks, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, a.c.Secrets.ChangePassphrase(kit.WithWindow(ctx, over))
	}, func(_ struct{}, err error) { done(err) })
}

func (a *App) tellWindows(name string) {
	for _, w := range a.windows {
		w.SettingChanged(name)
	}
	if a.settings != nil {
		a.settings.SettingChanged(name)
	}
}

// themeOf is the look that the preferences ask for; "" is the system's.
func themeOf(p *preferences.Preferences) string {
	if m := preferences.Theme.Get(p); m != "system" {
		return m
	}
	return ""
}

// Theme is the look that was chosen: "", "light" or "dark".
func (a *App) Theme() string { return a.theme }

// SetTheme changes the look of all windows.
func (a *App) SetTheme(mode string) {
	a.theme = mode
	if mode == "" {
		mode = "system"
	}
	if err := preferences.Theme.Set(a.c.Preferences, mode); err != nil && len(a.windows) > 0 {
		a.windows[0].Notice(err.Error())
	}
	a.applyTheme()
	a.tellWindows(preferences.Theme.Name())
}

func (a *App) applyTheme() {
	m := look.System
	switch a.theme {
	case "light":
		m = look.Light
	case "dark":
		m = look.Dark
	}
	a.c.App.Settings().SetTheme(look.New(look.Options{Mode: m}))
}
