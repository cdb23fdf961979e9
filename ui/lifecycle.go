package ui

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/transfer"
	"pintail/ui/browser"
	"pintail/ui/chooser"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
	"pintail/ui/tasks"
	"pintail/ui/transfers"
)

// workspace is what comes back at the next start, besides the preferences.
type workspace struct {
	Windows []savedWindow           `json:"windows,omitempty"`
	Sort    map[string]browser.Sort `json:"sort,omitempty"`
	Awaited []transfer.ID           `json:"awaited,omitempty"` // transfers that go on when the archive has what they need
}

// savedWindow is where a window was. Connection is a reference of internal/connect and holds no secret.
type savedWindow struct {
	Connection string `json:"connection"`
	Bucket     string `json:"bucket,omitempty"`
	Key        string `json:"key,omitempty"`
}

// SaveState keeps where the windows are. It is called at each change that matters, so that a kill loses nothing.
func (a *App) SaveState() {
	if a.quitting {
		return
	}
	w := workspace{Sort: map[string]browser.Sort{}, Awaited: a.awaited.IDs()}
	for _, o := range a.windows {
		for k, v := range o.SortState() {
			w.Sort[k] = v
		}
		if c := o.VM.Connection(); c != nil {
			at := o.VM.At()
			w.Windows = append(w.Windows, savedWindow{Connection: c.Ref, Bucket: at.Bucket, Key: at.Key})
		}
	}
	a.saved = w
	a.windowsChanged() // their titles are in the menus
	raw, err := json.Marshal(w)
	if err != nil { // plain strings always encode
		return
	}
	a.latest.Store(&raw)
	a.tasks.Go(func(context.Context) {
		a.saving.Lock() // one at a time, and each writes the latest: an older state never replaces a newer one
		err := a.c.State.Save(*a.latest.Load())
		a.saving.Unlock()
		if err != nil {
			a.tasks.Post(func() {
				if len(a.windows) > 0 {
					a.windows[0].Notice(err.Error())
				}
			})
		}
	})
}

func (a *App) base() units.Base { return browser.Base(a.c.Preferences) }

// Quit ends the program; while transfers run it asks.
func (a *App) Quit() {
	running := 0
	for _, t := range a.feed.Transfers() {
		if transfers.Active(t.State) {
			running++
		}
	}
	if running == 0 || len(a.windows) == 0 {
		a.end()
		return
	}
	w := a.windows[0]
	w.Win.RequestFocus()
	a.question(w, text.N("app.quit_title", running, running), text.T("app.quit_text"), []choice{
		{text.T("common.cancel"), kit.Cancel, func() {}},
		{text.T("app.quit_wait"), kit.Plain, a.endWhenDone},
		{text.T("app.quit_stop"), kit.Default, a.end},
	})
}

// endWhenDone ends the program once nothing runs any more.
func (a *App) endWhenDone() {
	var stop func()
	stop = a.feed.Subscribe(func() {
		if a.feed.Totals().Active == 0 {
			stop()
			a.end()
		}
	})
	a.ShowTransfers()
}

// MayClose tells whether a window may close at once: the last one may not while transfers run.
func (a *App) MayClose(*browser.Window) bool {
	if len(a.windows) > 1 || a.quitting || a.feed.Totals().Active == 0 {
		return true
	}
	a.Quit()
	return false
}

func (a *App) end() {
	for _, w := range a.windows {
		w.Remember()
	}
	a.SaveState()
	a.quitting = true
	a.c.App.Quit()
}

// Wait waits for all background work of the windows. It is called after the toolkit's loop has ended and ctx was cancelled.
func (a *App) Wait() {
	for _, w := range a.windows {
		w.Wait()
	}
	if a.profiles != nil {
		a.profiles.Wait()
	}
	if a.transfers != nil {
		a.transfers.Wait()
	}
	for _, w := range a.syncs {
		if err := w.Wait(); err != nil {
			fyne.LogError("close a plan", err)
		}
	}
	a.waits.Wait()
	a.tasks.Wait()
}

// programRunner does what the commands of a window without a connection can do.
type programRunner struct{ a *App }

// State is that of a program without a connection.
func (r programRunner) State() command.State { return command.State{} }

// Focused is nothing.
func (r programRunner) Focused() fyne.Focusable { return nil }

// Run does what a command says.
func (r programRunner) Run(id command.ID) {
	switch id {
	case command.NewWindow:
		r.a.NewWindow()
	case command.Quit:
		r.a.Quit()
	case command.ShowTransfers:
		r.a.ShowTransfers()
	}
}

// Choose lets the person choose local paths with the desktop's chooser, or ours where there is none.
func (a *App) Choose(from *browser.Window, o chooser.Options) {
	own := func() {
		if o.Start == "" {
			o.Start, _, _ = a.c.Files.Abs("~")
		}
		chooser.Show(a.c.App, a.c.Files, a.tasks, o)
	}
	if a.c.Native == nil {
		own()
		return
	}
	type picked struct {
		paths  []string
		chosen bool
	}
	tasks.Run(a.tasks, func(ctx context.Context) (picked, error) {
		paths, chosen, err := a.c.Native.Choose(ctx, o)
		return picked{paths, chosen}, err
	}, func(p picked, err error) {
		switch {
		case err != nil && !errors.Is(err, context.Canceled):
			from.Report(browser.Problem{Failures: []report.Failure{{Err: err}}})
		case !p.chosen:
			own()
		case len(p.paths) > 0:
			o.Done(p.paths)
		}
	})
}

// ShowAbout says what the program is.
func (a *App) ShowAbout() {
	icon := kit.NewLabel("Pintail", kit.LabelStyle{Bold: true, Size: theme.SizeNameHeadingText, Align: fyne.TextAlignCenter})
	lines := container.New(layout.NewCustomPaddedVBoxLayout(4), icon,
		kit.NewLabel(text.T("app.version", a.c.Version), kit.LabelStyle{Color: look.ColorSecondary, Align: fyne.TextAlignCenter}),
		kit.NewLabel(text.T("app.about"), kit.LabelStyle{Align: fyne.TextAlignCenter}),
		kit.NewLabel(text.T("app.licence"), kit.LabelStyle{Color: look.ColorSecondary, Align: fyne.TextAlignCenter}))
	a.info(text.T("menu.about"), lines)
}

// ShowShortcuts lists every command with its keys.
func (a *App) ShowShortcuts() {
	form := kit.NewForm()
	for _, c := range a.commands.All() {
		if words := c.Chord.Words(command.Platform()); words != "" {
			form.Add(words, kit.NewLabel(strings.TrimSuffix(c.Title, "…"), kit.LabelStyle{}))
		}
	}
	scroll := container.NewVScroll(form)
	scroll.SetMinSize(fyne.NewSize(420, 420))
	a.info(text.T("menu.shortcuts"), scroll)
}

func (a *App) info(title string, content fyne.CanvasObject) {
	var d *kit.Dialog
	shut := kit.NewButton(text.T("common.close"), kit.Cancel, func() { d.Close() })
	a.c.Registry.Set("dialog.cancel", shut)
	d = kit.NewDialog(a.c.App, title, content, shut)
	d.Show(shut)
}

// Transfers is the list that the windows show, for tests.
func (a *App) Transfers() []transfer.Transfer { return a.feed.Transfers() }
