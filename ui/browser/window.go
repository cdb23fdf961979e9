package browser

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	uibookmarks "pintail/ui/bookmarks"
	"pintail/ui/chooser"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/report"
	"pintail/ui/tasks"
	"pintail/ui/transfers"
)

// Host is the program around the windows.
type Host interface {
	NewWindow()
	OpenConnection(from *Window)
	EditBookmark(from *Window, b bookmarks.Bookmark, isNew bool)
	ShowTransfers()
	ShowProfiles(from *Window)
	ImportBookmarks(from *Window)
	ExportBookmarks(from *Window)
	ShowPreferences(from *Window)
	// Active is told that the person does something in this window.
	Active(w *Window)
	// Synchronize opens the window that compares a folder on a connection with a local one.
	Synchronize(from *Window, remote storage.Location, connection string)
	ShowAbout()
	ShowShortcuts()
	SetTheme(mode string) // "", "light", "dark"
	Theme() string
	Windows() []*Window
	MayClose(w *Window) bool // false: the program asks, and closes the window itself if that is the answer
	Closed(w *Window)
	Quit()
	// Choose lets the person choose local paths; done is called on the window's thread, not on Cancel.
	Choose(from *Window, o chooser.Options)
	SaveState()
}

// Services is what every browser window works with.
type Services struct {
	App         fyne.App
	Host        Host
	Commands    *command.Set
	Connector   Connector
	Queue       Queue
	Transfers   transfers.Queue
	Feed        *transfers.Feed
	Preferences *preferences.Preferences
	Profiles    *profiles.Registry
	AWSProfiles func() []keychain.AWSProfile
	Bookmarks   *bookmarks.Store
	History     *bookmarks.History
	Clipboard   *Clipboard
	Awaited     *Awaited
	Post        kit.Post
	Modifiers   kit.Modifiers // nil asks the driver
	Register    func(w fyne.Window, id string, o fyne.CanvasObject)
	Downloads   string
	HasDemo     bool
}

// Window is one browser window.
type Window struct {
	Win   fyne.Window
	VM    *ViewModel
	Marks *uibookmarks.ViewModel

	s       Services
	tasks   *tasks.Group
	bar     *command.Bar
	menu    *kit.MenuBar
	tools   map[command.ID]*kit.ToolButton
	path    *pathBar
	navs    map[command.ID]*kit.IconButton
	filter  *kit.SearchField
	list    *outline.Outline
	layer   *kit.DragLayer
	side    *kit.SourceList
	find    *kit.SearchField // among the bookmarks
	split   *kit.Split
	info    *inspector
	center  *fyne.Container
	past    *pastBar
	rows    *fyne.Container // the outline with what stands above it
	welcome *welcome
	strip   *strip
	status  *kit.StatusBar

	sum       Summary
	sorts     map[string]Sort // by depth
	depth     string
	notice    string
	noticeEnd *time.Timer
	closed    bool
}

// Sort is how the rows of one depth are sorted.
type Sort struct {
	Column string `json:"column"`
	Desc   bool   `json:"desc,omitempty"`
}

// Open makes and shows a window that is not connected yet.
func Open(ctx context.Context, s Services) *Window {
	w := &Window{s: s, tools: map[command.ID]*kit.ToolButton{}, navs: map[command.ID]*kit.IconButton{}, sorts: map[string]Sort{}}
	w.Win = s.App.NewWindow("Pintail")
	w.Win.SetPadded(false)
	w.tasks = tasks.New(kit.WithWindow(ctx, w.Win), s.Post)
	w.VM = New(Config{Connector: s.Connector, Queue: s.Queue, Preferences: s.Preferences, Clipboard: s.Clipboard, Awaited: s.Awaited, Tasks: w.tasks,
		Face: w, Downloads: s.Downloads, Browse: s.App.OpenURL})
	w.Marks = uibookmarks.New(s.Bookmarks, s.History, w.tasks, func(err error) { w.Report(Problem{Failures: []report.Failure{{Err: err}}}) })
	w.build()
	w.Marks.Watch(w.bookmarksChanged)
	unsubscribe := s.Feed.Subscribe(w.transfersChanged)
	w.Win.SetCloseIntercept(w.Close)
	w.Win.SetOnClosed(func() {
		unsubscribe()
		w.end()
	})
	w.Win.SetOnDropped(func(at fyne.Position, uris []fyne.URI) { w.HandleDrop(at, uris) })
	size := preferences.BrowserWindow.Get(s.Preferences)
	w.Win.Resize(fyne.NewSize(float32(size.Width), float32(size.Height)))
	w.bookmarksChanged()
	w.transfersChanged()
	w.Changed(Connection)
	w.Win.Show()
	return w
}

// Close closes the window, unless the program has to ask first.
func (w *Window) Close() {
	if w.closed || !w.s.Host.MayClose(w) {
		return
	}
	w.Remember()
	w.Win.Close()
}

// Remember keeps the window's size and columns for the next start.
func (w *Window) Remember() {
	if c := w.Win.Canvas().Size(); c.Width > 200 && c.Height > 200 {
		w.keep(preferences.BrowserWindow.Set(w.s.Preferences, preferences.Size{Width: int(c.Width), Height: int(c.Height)}))
	}
	w.s.Host.SaveState()
}

// keep says in the status bar that a setting could not be saved; nothing else depends on it.
func (w *Window) keep(err error) {
	if err != nil {
		w.Notice(explain.Error(err).Sentence)
	}
}

func (w *Window) end() {
	if w.closed {
		return
	}
	w.closed = true
	w.info.unpin()
	w.VM.Close()
	w.tasks.Close()
	w.s.Host.Closed(w)
}

// Wait returns when the window's background work has ended. It must not be called on the window's thread.
func (w *Window) Wait() {
	w.tasks.Wait()
	w.VM.store.Close()
}

func (w *Window) register(id string, o fyne.CanvasObject) { w.s.Register(w.Win, id, o) }

func (w *Window) build() {
	w.layer = kit.NewDragLayer(nil)
	w.buildList() // the menus ask it for its columns
	w.buildSide()
	w.bar = command.NewBar(w.s.Commands, w, command.BrowserMenus(command.Dynamic{
		Columns: func() []*fyne.MenuItem { return w.list.ColumnMenu() }, SortBy: w.sortMenu,
		Bookmarks: w.bookmarkMenu, History: w.historyMenu, Windows: w.windowMenu,
	}))
	w.menu = kit.NewMenuBar(w.Win, w.bar.Menu)
	w.welcome = newWelcome(w)
	w.past = newPastBar(w)
	w.rows = container.NewBorder(w.past.box, nil, nil, nil, w.list)
	w.center = container.NewStack(w.rows)
	w.info = newInspector(w, w.center)
	w.split = kit.NewSplit(true, true, w.sideWithSearch(), w.info.split, float32(max(preferences.SidebarWidth.Get(w.s.Preferences), 120)))
	w.split.OnMoved = func(size float32) { w.keep(preferences.SidebarWidth.Set(w.s.Preferences, int64(size))) }
	w.split.ShowFixed(preferences.SidebarWidth.Get(w.s.Preferences) > 0)
	w.strip = newStrip(w)
	w.status = kit.NewStatusBar()
	top := container.New(layout.NewCustomPaddedVBoxLayout(0), w.menu, kit.NewHairline(), w.buildTools(), w.buildPath(), kit.NewHairline())
	bottom := container.New(layout.NewCustomPaddedVBoxLayout(0), w.strip.object, w.status)
	w.layer.SetContent(container.NewBorder(top, bottom, nil, nil, w.split))
	w.Win.SetContent(w.layer)
	w.Win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { w.key(e) })
	for id, o := range map[string]fyne.CanvasObject{"menubar": w.menu, "outline": w.list, "pathbar": w.path, "pathbar.edit": w.path.field,
		"filter": w.filter, "sidebar": w.side, "status.text": w.status, "activity": w.strip.object, "activity.pause": w.strip.pause,
		"activity.text": w.strip.label, "drag": w.layer} {
		w.register(id, o)
	}
}

func (w *Window) buildTools() fyne.CanvasObject {
	row := container.New(layout.NewCustomPaddedHBoxLayout(1))
	tool := func(id command.ID, icon, caption, name string) {
		b := kit.NewToolButton(icon, caption, func() { w.invoke(id) })
		w.tools[id] = b
		w.register("toolbar."+name, b)
		row.Add(b)
	}
	line := func() { row.Add(newToolLine()) }
	tool(command.OpenConnection, "connect", text.T("browser.tool_connect"), "connect")
	tool(command.QuickConnect, "quick-connect", text.T("browser.tool_quick"), "quickconnect")
	line()
	tool(command.UploadFiles, "upload", text.T("browser.tool_upload"), "upload")
	tool(command.Download, "download", text.T("browser.tool_download"), "download")
	tool(command.NewFolder, "new-folder", text.T("browser.tool_newfolder"), "newfolder")
	tool(command.Delete, "delete", text.T("browser.tool_delete"), "delete")
	line()
	tool(command.Info, "inspector", text.T("info.tool"), "info")
	tool(command.Refresh, "refresh", text.T("browser.tool_refresh"), "refresh")
	urls := kit.NewToolMenu("copy-url", text.T("browser.tool_url"), func() *fyne.Menu {
		return command.Popup(w.s.Commands, w, command.URLItems())
	})
	w.tools[command.CopyHTTPS] = urls
	w.register("toolbar.copyurl", urls)
	row.Add(urls)
	row.Add(layout.NewSpacer())
	tool(command.ShowTransfers, "transfers", text.T("browser.tool_transfers"), "transfers")
	return container.New(layout.NewCustomPaddedLayout(2, 1, 6, 6), row)
}

func (w *Window) buildPath() fyne.CanvasObject {
	nav := container.New(layout.NewCustomPaddedHBoxLayout(1))
	for _, n := range []struct {
		id         command.ID
		icon, name string
	}{{command.Back, "back", "back"}, {command.Forward, "forward", "forward"}, {command.Up, "up", "up"}} {
		b := kit.NewIconButton(n.icon, w.s.Commands.Get(n.id).Title, func() { w.invoke(n.id) })
		w.navs[n.id] = b
		w.register("pathbar."+n.name, b)
		nav.Add(container.NewCenter(b))
	}
	w.path = newPathBar()
	w.path.onGo = func(l storage.Location) { w.VM.Go(l); w.focusList() }
	w.path.onTyped = w.typedAddress
	w.path.onLeave = w.focusList
	w.path.onMenu = w.pathMenu
	w.filter = kit.NewSearchField(text.T("browser.filter"), text.T("browser.filter_clear"), func(s string) {
		w.VM.store.SetFilter(s)
		w.list.Changed(true)
		w.message()
		w.update()
	})
	w.filter.OnLeave = w.focusList
	w.filter.OnSubmitted = func(string) { w.focusList() }
	box := container.New(&widthLayout{220}, w.filter)
	return container.New(layout.NewCustomPaddedLayout(2, 6, 8, 8),
		container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 6), nav),
			container.New(layout.NewCustomPaddedLayout(0, 0, 8, 0), box), w.path))
}

// typedAddress goes to a typed place; an address that cannot be read is said in the status bar and stays to be corrected.
func (w *Window) typedAddress(s string) error {
	if w.VM.Connection() == nil {
		w.VM.Connect(w.Marks.Quick(s), storage.Location{})
		return nil
	}
	if err := w.VM.GoTo(s); err != nil {
		w.Notice(text.T("browser.bad_address"))
		return err
	}
	return nil
}

// pathMenu opens the menu of the folders in a place.
func (w *Window) pathMenu(of storage.Location, at fyne.Position) {
	if w.VM.Connection() == nil {
		return
	}
	w.VM.Siblings(of, func(list []storage.Location) {
		items := make([]*fyne.MenuItem, 0, len(list))
		for _, l := range list {
			it := fyne.NewMenuItem(plain(l.Name()), func() { w.VM.Go(l); w.focusList() })
			it.Checked = Inside(w.VM.At(), l)
			items = append(items, it)
		}
		if len(items) == 0 {
			none := fyne.NewMenuItem(text.T("browser.no_folders"), nil)
			none.Disabled = true
			items = append(items, none)
		}
		kit.ShowMenu(w.Win.Canvas(), fyne.NewMenu("", items...), at)
	})
}

func (w *Window) focusList() {
	if w.VM.Connection() != nil {
		w.Win.Canvas().Focus(w.list)
	}
}

// key takes the keys that carry no modifier and that nothing focused has used.
func (w *Window) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyF5:
		w.invoke(command.Refresh)
	case fyne.KeyEscape:
		w.invoke(command.Stop)
	case fyne.KeyF10:
		w.menu.Activate(0)
	default:
		return false
	}
	return true
}

// Report shows what went wrong in one sheet. While another sheet is open it is only said in the status bar: nobody is
// interrupted twice, and transfers keep their errors in their own window.
func (w *Window) Report(p Problem) {
	if len(w.Win.Canvas().Overlays().List()) > 0 && len(p.Failures) > 0 {
		w.Notice(explain.Error(p.Failures[0].Err).Sentence)
		return
	}
	if !w.offer(p) {
		report.Show(w.Win.Canvas(), report.Config{Failures: p.Failures, Total: p.Total, Retry: p.Retry, Other: w.remedy(p), Copy: w.Clipboard, Register: w.register})
	}
}

// Clipboard puts text onto the system's clipboard.
func (w *Window) Clipboard(s string) { w.s.App.Clipboard().SetContent(s) }

const noticeFor = 8 * time.Second

// Notice shows a remark in the status bar for a while.
func (w *Window) Notice(s string) {
	w.notice = s
	if w.noticeEnd != nil {
		w.noticeEnd.Stop()
	}
	w.noticeEnd = time.AfterFunc(noticeFor, func() {
		w.tasks.Post(func() {
			if w.notice == s {
				w.notice = ""
				w.update()
			}
		})
	})
	w.update()
}

// Connected is called once the server has accepted the connection.
func (w *Window) Connected(c *connect.Connection) {
	if b, ok := w.Marks.Of(c, storage.Location{}); ok {
		w.Marks.Touch(b)
	}
	w.VM.uploadPending()
	w.s.Host.SaveState()
}

// Changed draws what has changed.
func (w *Window) Changed(what What) {
	switch what {
	case Rows:
		w.list.Changed(false)
	case RowsGone:
		w.list.Changed(true)
	case Place:
		w.filter.SetText("")
		w.placeChanged()
		w.useDepth()
		w.list.SetModel(w.VM.store)
		if !w.path.editing {
			w.focusList()
		}
		w.s.Host.SaveState()
	case Connection:
		w.placeChanged()
		w.info.unpin()
	}
	if what != Status {
		w.info.follow()
	}
	w.message()
	w.update()
}

// placeChanged shows where the window is.
func (w *Window) placeChanged() {
	if c := w.VM.Connection(); c == nil {
		w.path.set(nil, "")
		w.showCenter(w.VM.Connecting())
	} else {
		w.path.set(Crumbs(w.VM.Name(), w.VM.At()), Address(w.VM.At()))
		w.showCenter(true)
	}
	w.Win.SetTitle(w.VM.WindowTitle())
}

// showCenter shows the outline, or the welcome while there is no connection.
func (w *Window) showCenter(list bool) {
	w.past.follow(w.VM)
	var o fyne.CanvasObject = w.rows
	if !list {
		w.welcome.update()
		o = w.welcome.object
	}
	if w.center.Objects[0] != o {
		w.center.Objects = []fyne.CanvasObject{o}
		w.center.Refresh()
	}
}

// selection takes over what is selected in the outline.
func (w *Window) selection() {
	w.sum = w.VM.Summarize(w.list.Selection())
	w.notice = ""
	w.info.follow()
	w.update()
}

// List is the outline.
func (w *Window) List() *outline.Outline { return w.list }

// Items are the selected rows.
func (w *Window) Items() []Item { return w.VM.Items(w.list.Selection()) }

// Single is the one selected row.
func (w *Window) single() (model.Key, bool) {
	if w.list.SelectedCount() != 1 {
		return 0, false
	}
	for k := range w.list.Selection().All() {
		return k, true
	}
	return 0, false
}

// SortState is how each depth is sorted, to be kept with the program's state.
func (w *Window) SortState() map[string]Sort { return w.sorts }

// RestoreSort takes over what SortState gave.
func (w *Window) RestoreSort(m map[string]Sort) {
	for k, v := range m {
		w.sorts[k] = v
	}
}

// widthLayout gives its one object a fixed width.
type widthLayout struct{ width float32 }

func (l *widthLayout) Layout(o []fyne.CanvasObject, s fyne.Size) { o[0].Resize(s) }
func (l *widthLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width, o[0].MinSize().Height)
}
