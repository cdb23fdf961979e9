// Package ui is the windows of the program together: which are open, what is kept between starts, and how the program ends.
// It must never block the windows' thread, touch a file itself, or speak to S3.
// Start reading at [App]; each window is a package below this one.
package ui

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	uibookmarks "pintail/ui/bookmarks"
	"pintail/ui/browser"
	"pintail/ui/chooser"
	"pintail/ui/command"
	"pintail/ui/connection"
	"pintail/ui/kit"
	"pintail/ui/profilelist"
	"pintail/ui/report"
	"pintail/ui/settings"
	"pintail/ui/synchronize"
	"pintail/ui/tasks"
	"pintail/ui/transfers"
	"pintail/ui/uitest"
)

// Queue is the transfer engine as the windows use it.
type Queue interface {
	transfers.Queue
	browser.Queue
	synchronize.Queue
}

// Native is the desktop's own chooser. It returns chosen = false when there is none, so that ours is used.
type Native interface {
	Choose(ctx context.Context, o chooser.Options) (paths []string, chosen bool, err error)
}

// Secrets is the store of secrets. Its methods may block.
type Secrets interface {
	// Kind says where secrets go now.
	Kind() keychain.StoreKind
	// ChangePassphrase asks for a new passphrase of the encrypted file.
	ChangePassphrase(context.Context) error
}

// State keeps what comes back at the next start. Both may touch the disk.
type State interface {
	Load() []byte
	Save([]byte) error
}

// Config is what the windows work with. Everything is required unless said otherwise.
type Config struct {
	App         fyne.App
	Connector   browser.Connector
	Try         connection.Try // nil: connections are not tested before they are opened
	Queue       Queue
	Preferences *preferences.Preferences
	Profiles    *profiles.Registry
	AWSProfiles func() []keychain.AWSProfile
	Bookmarks   *bookmarks.Store
	History     *bookmarks.History
	State       State
	Imports     uibookmarks.Importer
	Secrets     Secrets // nil = the system's keychain
	SyncJobs    synchronize.Jobs
	Files       chooser.Reader
	Native      Native               // nil = our own chooser
	Prompter    *connection.Prompter // nil = the core asks elsewhere
	Registry    *uitest.Registry     // nil = nobody watches
	Reveal      func(ctx context.Context, path string) error
	Post        kit.Post
	Modifiers   kit.Modifiers // nil asks the driver
	Downloads   string
	HasDemo     bool
	Version     string
	Warnings    []string // said in the first window's status bar
}

// App is the program's windows. It belongs to the windows' thread.
type App struct {
	c         Config
	ctx       context.Context
	tasks     *tasks.Group
	commands  *command.Set
	feed      *transfers.Feed
	clipboard browser.Clipboard
	awaited   browser.Awaited
	windows   []*browser.Window
	active    *browser.Window // where the person acted last, as far as is known; may have closed
	transfers *transfers.Window
	profiles  *profilelist.Window
	settings  *settings.Window
	syncs     []*synchronize.Window
	saved     workspace
	theme     string
	quitting  bool

	waits  sync.WaitGroup // windows that end
	latest atomic.Pointer[[]byte]
	saving sync.Mutex // held while the state is written
}

// New prepares the windows; nothing is shown before [App.Start]. The end of ctx ends all background work.
func New(ctx context.Context, c Config) *App {
	a := &App{c: c, ctx: ctx, commands: command.New(command.Platform()), tasks: tasks.New(ctx, c.Post)}
	a.feed = transfers.NewFeed(c.Queue, a.tasks.Post)
	if c.Prompter != nil {
		c.Prompter.Use(a.front, a.base)
		c.Prompter.Remember(a.canRemember, a.remember)
	}
	a.theme = themeOf(c.Preferences)
	a.applyTheme()
	return a
}

// Start shows the first windows: the ones of last time, or what was asked for on the command line.
func (a *App) Start(asked *connect.Spec, at storage.Location) {
	a.tasks.Go(a.feed.Run)
	a.followSettings()
	if raw := a.c.State.Load(); len(raw) > 0 {
		_ = json.Unmarshal(raw, &a.saved) // a broken state is as good as none
	}
	a.awaited.Use(a.saved.Awaited)
	a.awaited.Changed = a.SaveState
	w := a.open()
	switch {
	case asked != nil:
		w.VM.Connect(*asked, at)
	case len(a.saved.Windows) > 0:
		for i, s := range a.saved.Windows {
			if i > 0 {
				w = a.open()
			}
			a.restore(w, s)
		}
	}
	if len(a.c.Warnings) > 0 {
		w.Notice(a.c.Warnings[0])
	}
	a.offerResume()
}

func (a *App) restore(w *browser.Window, s savedWindow) {
	if spec, err := connect.ParseRef(s.Connection); err == nil {
		w.VM.Connect(spec, storage.Location{Bucket: s.Bucket, Key: s.Key})
	}
}

// offerResume asks whether transfers that a stop of the program cut off shall go on.
func (a *App) offerResume() {
	var once sync.Once
	var end func()
	end = a.feed.Subscribe(func() {
		once.Do(func() {
			end()
			var ids []transfer.ID
			for _, t := range a.feed.Transfers() {
				if t.State == transfer.Stopped && t.Interrupted {
					ids = append(ids, t.ID)
				}
			}
			if len(ids) > 0 && len(a.windows) > 0 {
				a.whenIdle(func() { a.askResume(ids) })
			}
		})
	})
}

// whenIdle calls f when the core asks nothing.
func (a *App) whenIdle(f func()) {
	if a.c.Prompter == nil {
		f()
		return
	}
	a.c.Prompter.WhenIdle(f)
}

func (a *App) askResume(ids []transfer.ID) {
	if len(a.windows) == 0 {
		return
	}
	w := a.windows[0]
	a.question(w, text.N("app.resume_title", len(ids), len(ids)), text.T("app.resume_text"), []choice{
		{text.T("app.resume_later"), kit.Cancel, func() {}},
		{text.T("app.resume_now"), kit.Default, func() {
			a.background(w, func(ctx context.Context) error { return a.c.Queue.Resume(ctx, ids...) })
			a.ShowTransfers()
		}},
	})
}

// choice is one button of a question.
type choice struct {
	words string
	role  kit.ButtonRole
	act   func()
}

// question asks in a sheet over a window. The default button is "dialog.ok", the cancelling one "dialog.cancel".
func (a *App) question(w *browser.Window, title, words string, choices []choice) {
	var s *kit.Sheet
	var buttons []*kit.Button
	for _, c := range choices {
		b := kit.NewButton(c.words, c.role, func() { s.Close(); c.act() })
		buttons = append(buttons, b)
		id := "dialog.ok"
		switch c.role {
		case kit.Cancel:
			id = "dialog.cancel"
		case kit.Plain:
			id = "dialog.other"
		}
		a.register(w.Win, id, b)
	}
	s = kit.ShowSheet(w.Win.Canvas(), title, report.Paragraph(words, 420, kit.LabelStyle{}), nil, buttons...)
}

func (a *App) background(w *browser.Window, f func(context.Context) error) {
	tasks.Run(a.tasks, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) }, func(_ struct{}, err error) {
		if err != nil && a.ctx.Err() == nil {
			w.Report(browser.Problem{Failures: []report.Failure{{Err: err}}})
		}
	})
}

func (a *App) register(_ fyne.Window, id string, o fyne.CanvasObject) { a.c.Registry.Set(id, o) }

func (a *App) open() *browser.Window {
	w := browser.Open(a.ctx, browser.Services{App: a.c.App, Host: a, Commands: a.commands, Connector: a.c.Connector, Queue: a.c.Queue,
		Transfers: a.c.Queue, Feed: a.feed, Preferences: a.c.Preferences, Profiles: a.c.Profiles, AWSProfiles: a.c.AWSProfiles,
		Bookmarks: a.c.Bookmarks, History: a.c.History, Clipboard: &a.clipboard, Awaited: &a.awaited, Post: a.c.Post, Modifiers: a.c.Modifiers,
		Register: a.register, Downloads: a.c.Downloads, HasDemo: a.c.HasDemo})
	w.RestoreSort(a.saved.Sort)
	a.windows = append(a.windows, w)
	a.windowsChanged()
	return w
}

func (a *App) windowsChanged() {
	for _, w := range a.windows {
		w.RefreshMenus()
	}
}

// store is where secrets go; it may block.
func (a *App) store() keychain.StoreKind {
	if a.c.Secrets == nil {
		return keychain.SystemStore
	}
	return a.c.Secrets.Kind()
}

// front is the window for questions that nobody in particular asks, such as those of a transfer.
func (a *App) front() fyne.Window {
	for _, w := range a.windows {
		if w == a.active {
			return w.Win
		}
	}
	if len(a.windows) == 0 {
		return nil
	}
	return a.windows[len(a.windows)-1].Win
}

// Active is told by a window that the person does something there.
func (a *App) Active(w *browser.Window) { a.active = w }

// NewWindow opens another browser window.
func (a *App) NewWindow() { a.open() }

// Windows are the open browser windows.
func (a *App) Windows() []*browser.Window { return a.windows }

// Closed is called by a window that has closed; the last one ends the program.
func (a *App) Closed(w *browser.Window) {
	for i, o := range a.windows {
		if o == w {
			a.windows = append(a.windows[:i:i], a.windows[i+1:]...)
			break
		}
	}
	if a.c.Prompter != nil {
		a.c.Prompter.Closed(w.Win)
	}
	a.waits.Go(w.Wait)
	a.windowsChanged()
	if len(a.windows) == 0 && !a.quitting {
		a.c.App.Quit()
	}
}

// OpenConnection shows the window that asks how to connect.
func (a *App) OpenConnection(from *browser.Window) {
	f := connection.NewForm(a.offered(bookmarks.Bookmark{}), a.c.AWSProfiles())
	connection.Show(a.c.App, f, connection.Options{Title: text.T("connection.title"), OK: text.T("connection.connect"), Try: a.c.Try, Store: a.store, Tasks: a.tasks,
		Register: func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) },
		Choose:   a.choosePEM(from),
		Done:     func() { from.VM.Connect(f.Spec(), storage.Location{}) }})
}

// EditBookmark shows the editor of a bookmark.
func (a *App) EditBookmark(from *browser.Window, b bookmarks.Bookmark, isNew bool) {
	f := connection.NewBookmarkForm(a.offered(b), a.c.AWSProfiles(), b)
	title := text.T("connection.bookmark_title")
	if isNew {
		title = text.T("connection.new_bookmark_title")
	}
	connection.Show(a.c.App, f, connection.Options{Title: title, OK: text.T("connection.save_bookmark"), Try: a.c.Try, Store: a.store, Tasks: a.tasks,
		Register: func(id string, o fyne.CanvasObject) { a.register(from.Win, id, o) },
		Choose:   a.choosePEM(from),
		Done:     func() { from.Marks.Save(f.Bookmark()) }})
}

// ShowTransfers shows the Transfers window.
func (a *App) ShowTransfers() {
	if a.transfers != nil {
		a.transfers.Win.RequestFocus()
		return
	}
	a.transfers = transfers.Show(a.ctx, transfers.Services{App: a.c.App, Queue: a.c.Queue, Feed: a.feed, Preferences: a.c.Preferences,
		Post: a.c.Post, Commands: a.commands, Runner: programRunner{a}, Register: a.register, Reveal: a.c.Reveal,
		Base: a.base, Closed: func() {
			w := a.transfers
			a.transfers = nil
			a.waits.Go(w.Wait)
		}})
}
