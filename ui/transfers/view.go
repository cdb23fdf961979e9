package transfers

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/transfer"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// Services is what the window needs of the program.
type Services struct {
	App         fyne.App
	Queue       Queue
	Feed        *Feed
	Preferences *preferences.Preferences
	Post        kit.Post
	Commands    *command.Set
	Runner      command.Runner // for the shortcuts that every window has
	Base        func() units.Base
	Register    func(w fyne.Window, id string, o fyne.CanvasObject)
	Reveal      func(ctx context.Context, path string) error // shows a path in the file manager
	Closed      func()
}

// Window is the Transfers window.
type Window struct {
	Win fyne.Window
	VM  *ViewModel

	s      Services
	tasks  *tasks.Group
	list   *list
	empty  *fyne.Container
	tools  map[string]*kit.ToolButton
	status *kit.StatusBar
	graph  *kit.Graph
	speed  *kit.Label
	closed bool
}

// Show opens the window.
func Show(ctx context.Context, s Services) *Window {
	w := &Window{s: s, tools: map[string]*kit.ToolButton{}}
	w.Win = s.App.NewWindow(text.T("transfers.title"))
	w.Win.SetPadded(false)
	w.tasks = tasks.New(ctx, s.Post)
	w.VM = NewViewModel(Config{Feed: s.Feed, Queue: s.Queue, Tasks: w.tasks, Base: s.Base, Limits: LimitsOf(s.Preferences),
		Changed: w.changed, Failed: func(err error) { w.report([]report.Failure{{Err: err}}) }})
	w.build()
	unsubscribe := s.Feed.Subscribe(w.VM.Update)
	w.Win.SetCloseIntercept(w.Close)
	w.Win.SetOnClosed(func() {
		unsubscribe()
		w.closed = true
		w.tasks.Close()
		s.Closed()
	})
	size := preferences.TransfersWindow.Get(s.Preferences)
	w.Win.Resize(fyne.NewSize(float32(size.Width), float32(size.Height)))
	w.changed()
	w.Win.Show()
	w.Win.Canvas().Focus(w.list)
	return w
}

// Wait returns when the window's background work has ended. It must not be called on the window's thread.
func (w *Window) Wait() { w.tasks.Wait() }

// Close closes the window and remembers its size.
func (w *Window) Close() {
	if w.closed {
		return
	}
	if c := w.Win.Canvas().Size(); c.Width > 200 && c.Height > 150 {
		if err := preferences.TransfersWindow.Set(w.s.Preferences, preferences.Size{Width: int(c.Width), Height: int(c.Height)}); err != nil {
			w.status.SetText(err.Error())
		}
	}
	w.Win.Close()
}

// LimitsOf are the limits that the preferences ask for.
func LimitsOf(p *preferences.Preferences) transfer.Limits {
	return transfer.Limits{Connections: int(preferences.ConnectionsLimit.Get(p)),
		UpBytes: max(0, preferences.UploadBandwidth.Get(p)), DownBytes: max(0, preferences.DownloadBandwidth.Get(p))}
}

func (w *Window) build() {
	w.list = newList(w.VM)
	w.list.onMenu = func(at fyne.Position) { kit.ShowMenu(w.Win.Canvas(), w.menu(), at) }
	w.list.onKey = w.key
	row := container.New(layout.NewCustomPaddedHBoxLayout(1))
	tool := func(name, icon, caption string, act func()) {
		b := kit.NewToolButton(icon, caption, act)
		w.tools[name] = b
		w.s.Register(w.Win, "transfers."+name, b)
		row.Add(b)
	}
	tool("resume", "resume", text.T("transfers.resume"), w.VM.Resume)
	tool("pause", "pause", text.T("transfers.pause"), w.VM.Pause)
	tool("stop", "stop", text.T("transfers.stop"), w.VM.Stop)
	tool("retry", "refresh", text.T("transfers.retry"), w.VM.Retry)
	tool("remove", "delete", text.T("transfers.remove"), w.VM.Remove)
	tool("cleanup", "check", text.T("transfers.cleanup"), w.VM.CleanUp)
	tool("reveal", "reveal", text.T("transfers.reveal"), w.reveal)
	tool("copyerror", "copy", text.T("transfers.copyerror"), w.copyError)
	row.Add(layout.NewSpacer())
	for name, b := range map[string]*kit.ToolButton{
		"bandwidth":   kit.NewToolMenu("settings", text.T("transfers.bandwidth"), w.bandwidthMenu),
		"connections": kit.NewToolMenu("server", text.T("transfers.connections"), w.connectionsMenu),
	} {
		w.tools[name] = b
		w.s.Register(w.Win, "transfers."+name, b)
	}
	row.Add(w.tools["bandwidth"])
	row.Add(w.tools["connections"])
	w.empty = container.NewCenter(container.New(layout.NewCustomPaddedVBoxLayout(4),
		kit.NewLabel(text.T("transfers.none"), kit.LabelStyle{Bold: true, Align: fyne.TextAlignCenter}),
		kit.NewLabel(text.T("transfers.none_text"), kit.LabelStyle{Color: look.ColorSecondary, Align: fyne.TextAlignCenter})))
	w.status = kit.NewStatusBar()
	w.graph = kit.NewGraph(38)
	w.speed = kit.NewLabel("", kit.LabelStyle{Color: look.ColorSecondary, Size: look.SizeStatus, Align: fyne.TextAlignTrailing})
	speeds := container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewHairline(), container.New(layout.NewCustomPaddedLayout(5, 0, 12, 12),
		container.NewBorder(nil, nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 10, 0), container.NewCenter(w.speed)), w.graph)))
	top := container.New(layout.NewCustomPaddedVBoxLayout(0), container.New(layout.NewCustomPaddedLayout(3, 3, 6, 6), row), kit.NewHairline())
	body := container.NewStack(kit.NewPlate(look.ColorBody), w.list.scroll, w.empty)
	w.Win.SetContent(container.NewBorder(top, container.New(layout.NewCustomPaddedVBoxLayout(0), speeds, w.status), nil, nil, body))
	w.Win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { w.key(e) })
	command.Listen(w.Win.Canvas(), w.s.Commands, runner{w}, command.CloseWindow, command.ShowTransfers, command.NewWindow, command.Quit, command.SelectAll)
	w.s.Register(w.Win, "transfers.list", w.list)
	w.s.Register(w.Win, "transfers.status", w.status)
}

// runner closes this window on Ctrl+W; all else is done by the program.
type runner struct{ w *Window }

func (r runner) State() command.State {
	s := r.w.s.Runner.State()
	s.Connected = true
	return s
}
func (r runner) Focused() fyne.Focusable { return r.w.Win.Canvas().Focused() }
func (r runner) Run(id command.ID) {
	switch id {
	case command.CloseWindow, command.ShowTransfers:
		r.w.Close()
	case command.SelectAll:
		r.w.VM.SelectAll()
	default:
		r.w.s.Runner.Run(id)
	}
}

func (w *Window) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyDelete, fyne.KeyBackspace:
		w.VM.Remove()
	case fyne.KeySpace:
		if w.VM.Can().Pause {
			w.VM.Pause()
		} else {
			w.VM.Resume()
		}
	default:
		return false
	}
	return true
}

// changed draws what the view-model has.
func (w *Window) changed() {
	if w.list == nil || w.closed {
		return
	}
	w.list.update()
	c := w.VM.Can()
	for name, on := range map[string]bool{"resume": c.Resume, "pause": c.Pause, "stop": c.Stop, "retry": c.Retry, "remove": c.Remove,
		"cleanup": c.CleanUp, "reveal": c.Reveal, "copyerror": c.CopyError} {
		w.tools[name].SetEnabled(on)
	}
	if len(w.s.Feed.Transfers()) == 0 {
		w.empty.Show()
	} else {
		w.empty.Hide()
	}
	w.graph.Set(w.s.Feed.Speeds())
	w.speed.SetText(peak(w.s.Feed.Speeds(), w.VM.base()))
	t := w.s.Feed.Totals()
	w.status.SetText(summary(t, len(w.s.Feed.Transfers()), w.VM.base()))
	w.status.SetParts(limitParts(w.VM.Limits(), w.VM.base())...)
}

// peak says what the highest bar of the graph stands for.
func peak(speeds []float64, base units.Base) string {
	top := 0.0
	for _, v := range speeds {
		top = max(top, v)
	}
	if top == 0 {
		return text.T("transfers.no_speed")
	}
	return text.T("transfers.peak", units.FormatRate(top, base))
}

// summary is the status bar's sentence; the middle of an empty window says that there is nothing.
func summary(t Totals, n int, base units.Base) string {
	if n == 0 {
		return ""
	}
	s := text.N("transfers.count", n, n)
	if strip := Strip(t, base); strip != "" {
		s += " · " + strip
	}
	if t.Failed > 0 {
		s += " · " + text.N("transfers.count_failed", t.Failed, t.Failed)
	}
	return s
}

func limitParts(l transfer.Limits, base units.Base) []kit.StatusPart {
	var out []kit.StatusPart
	if l.UpBytes > 0 {
		out = append(out, kit.StatusPart{Icon: "arrow-up", Text: units.FormatRate(float64(l.UpBytes), base)})
	}
	if l.DownBytes > 0 {
		out = append(out, kit.StatusPart{Icon: "arrow-down", Text: units.FormatRate(float64(l.DownBytes), base)})
	}
	return out
}

func (w *Window) menu() *fyne.Menu {
	c := w.VM.Can()
	item := func(title string, on bool, act func()) *fyne.MenuItem {
		it := fyne.NewMenuItem(title, act)
		it.Disabled = !on
		return it
	}
	up := item(text.T("transfers.move_up"), c.Move, func() { w.VM.Move(-1) })
	up.Shortcut = kit.Key(fyne.KeyUp, fyne.KeyModifierShortcutDefault)
	down := item(text.T("transfers.move_down"), c.Move, func() { w.VM.Move(1) })
	down.Shortcut = kit.Key(fyne.KeyDown, fyne.KeyModifierShortcutDefault)
	only := fyne.NewMenuItem(text.T("transfers.only_failed"), func() { w.VM.ShowOnlyFailed(!w.VM.OnlyFailed()) })
	only.Checked = w.VM.OnlyFailed()
	return fyne.NewMenu("", item(text.T("transfers.resume"), c.Resume, w.VM.Resume), item(text.T("transfers.pause"), c.Pause, w.VM.Pause),
		item(text.T("transfers.stop"), c.Stop, w.VM.Stop), item(text.T("transfers.retry"), c.Retry, w.VM.Retry), fyne.NewMenuItemSeparator(),
		up, down, only, fyne.NewMenuItemSeparator(),
		item(text.T("transfers.reveal"), c.Reveal, w.reveal), item(text.T("transfers.copyerror"), c.CopyError, w.copyError),
		fyne.NewMenuItemSeparator(), item(text.T("transfers.remove"), c.Remove, w.VM.Remove), item(text.T("transfers.cleanup"), c.CleanUp, w.VM.CleanUp))
}

func (w *Window) reveal() {
	path := w.VM.Folder()
	if path == "" {
		return
	}
	tasks.Run(w.tasks, func(ctx context.Context) (struct{}, error) { return struct{}{}, w.s.Reveal(ctx, path) }, func(_ struct{}, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			w.report([]report.Failure{{What: path, Err: err}})
		}
	})
}

func (w *Window) copyError() {
	w.VM.ErrorText(func(s string) {
		if s != "" {
			w.s.App.Clipboard().SetContent(s)
		}
	})
}

func (w *Window) report(f []report.Failure) {
	report.Show(w.Win.Canvas(), report.Config{Failures: f, Copy: w.s.App.Clipboard().SetContent,
		Register: func(id string, o fyne.CanvasObject) { w.s.Register(w.Win, id, o) }})
}

const mega = 1_000_000

// bandwidthMenu offers limits for each direction, in force at once.
func (w *Window) bandwidthMenu() *fyne.Menu {
	var items []*fyne.MenuItem
	rates := []int64{0, 500_000, mega, 2 * mega, 5 * mega, 10 * mega, 20 * mega, 50 * mega, 100 * mega}
	side := func(title string, now int64, set func(*transfer.Limits, int64), key preferences.Key[int64]) {
		var sub []*fyne.MenuItem
		for _, r := range rates {
			words := text.T("transfers.unlimited")
			if r > 0 {
				words = units.FormatRate(float64(r), units.Decimal)
			}
			it := fyne.NewMenuItem(words, func() {
				l := w.VM.Limits()
				set(&l, r)
				w.VM.SetLimits(l)
				v := r
				if v == 0 {
					v = -1
				}
				w.keep(key.Set(w.s.Preferences, v))
			})
			it.Checked = r == now
			sub = append(sub, it)
		}
		it := fyne.NewMenuItem(title, nil)
		it.ChildMenu = fyne.NewMenu("", sub...)
		items = append(items, it)
	}
	l := w.VM.Limits()
	side(text.T("transfers.uploads"), l.UpBytes, func(l *transfer.Limits, v int64) { l.UpBytes = v }, preferences.UploadBandwidth)
	side(text.T("transfers.downloads"), l.DownBytes, func(l *transfer.Limits, v int64) { l.DownBytes = v }, preferences.DownloadBandwidth)
	return fyne.NewMenu("", items...)
}

// connectionsMenu offers how many requests run at once, in force at once.
func (w *Window) connectionsMenu() *fyne.Menu {
	var items []*fyne.MenuItem
	now := w.VM.Limits().Connections
	for _, n := range []int{0, 1, 2, 3, 5, 10, 20, 40, 64} {
		words := text.T("transfers.automatic")
		if n > 0 {
			words = text.N("transfers.n_connections", n, n)
		}
		it := fyne.NewMenuItem(words, func() {
			l := w.VM.Limits()
			l.Connections = n
			w.VM.SetLimits(l)
			w.keep(preferences.ConnectionsLimit.Set(w.s.Preferences, int64(n)))
		})
		it.Checked = n == now
		items = append(items, it)
	}
	return fyne.NewMenu("", items...)
}

func (w *Window) keep(err error) {
	if err != nil {
		w.report([]report.Failure{{Err: err}})
	}
}
