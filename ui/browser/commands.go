package browser

import (
	"fyne.io/fyne/v2"

	"pintail/internal/text"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/chooser"
	"pintail/ui/command"
	"pintail/ui/connection"
	"pintail/ui/kit"
	"pintail/ui/outline/model"
)

// State tells the menus and tools what is possible.
func (w *Window) State() command.State {
	vm := w.VM
	t := w.s.Feed.Totals()
	s := command.State{Listing: vm.Listing() || vm.Connecting() || vm.deed != nil, Hidden: preferences.ShowHidden.Get(w.s.Preferences),
		FoldersFirst: preferences.FoldersFirst.Get(w.s.Preferences), Theme: w.s.Host.Theme(),
		Sidebar: w.split == nil || w.split.FixedShown(), Inspector: w.info != nil && w.info.shown(), HistoryKnown: w.Marks.HasHistory(), Clipboard: !w.s.Clipboard.Empty(),
		TransfersRunning: t.Active > 0, TransfersResumable: t.Resumable > 0, TransfersFailed: t.Failed > 0, TransfersEnded: t.Ended > 0}
	if w.side != nil {
		if id := w.side.Selected(); isBookmark(id) {
			i, n := w.Marks.Place(id)
			s.BookmarkSelected, s.BookmarkFirst, s.BookmarkLast = true, i == 0, i == n-1
		}
	}
	c := vm.Connection()
	if c == nil {
		return s
	}
	s.Connected = true
	s.Anonymous = c.Session.Anonymous()
	s.CanPresign = !s.Anonymous
	s.ReadOnly = vm.ReadOnly()
	s.Secure, s.Amazon = c.Session.Secure(), c.Session.Amazon()
	s.CDN = vm.Served(w.target().Bucket)
	s.Published = vm.Connection() != nil && vm.Connection().Publishes()
	s.CanBack, s.CanForward, s.CanUp = vm.CanBack(), vm.CanForward(), vm.CanUp()
	s.Selected, s.SelectedFolders, s.SelectedBuckets = w.sum.Count, w.sum.Folders, w.sum.Buckets
	s.Uploads = !w.target().IsRoot() && vm.Past().IsZero()
	s.Old = w.old()
	return s
}

// Focused is what has the keyboard.
func (w *Window) Focused() fyne.Focusable { return w.Win.Canvas().Focused() }

// invoke runs a command if it does something now.
func (w *Window) invoke(id command.ID) {
	if w.s.Commands.Get(id).Enabled(w.State()) {
		w.Run(id)
	}
}

// target is the folder that uploads and pastes go to.
func (w *Window) target() storage.Location {
	if w.list.SelectedCount() == 0 {
		return w.VM.At()
	}
	return w.VM.Target(w.list.Selection())
}

// folderFor is where a new folder goes: the folder that is shown, or at the list of buckets the one of what is selected in a bucket.
func (w *Window) folderFor() storage.Location {
	at := w.VM.At()
	if !at.IsRoot() {
		return at
	}
	for _, it := range w.Items() {
		if it.At.Key != "" {
			return it.At.Parent()
		}
	}
	return at
}

// Run does what a command says.
func (w *Window) Run(id command.ID) {
	w.s.Host.Active(w)
	if w.runProgram(id) || w.runView(id) || w.runMarks(id) || w.runTransfers(id) || w.runOld(id) || w.runEdits(id) || w.VM.Address(id, w.Items()) {
		return
	}
	vm := w.VM
	switch id {
	case command.Open, command.Inside:
		if k, ok := w.single(); ok {
			w.open(k)
		}
	case command.NewFolder:
		if at := w.folderFor(); at.IsRoot() {
			w.askBucket()
		} else {
			w.askFolder(at)
		}
	case command.Rename:
		if k, ok := w.single(); ok {
			w.list.BeginRename(k)
		}
	case command.Duplicate:
		w.askDuplicate(w.Items())
	case command.Download:
		vm.Download(w.Items(), "")
	case command.DownloadTo:
		w.chooseDownload(w.Items())
	case command.UploadFiles:
		w.chooseUpload(w.target())
	case command.Synchronize:
		w.s.Host.Synchronize(w, w.target(), vm.Connection().Ref)
	case command.Delete:
		w.askDelete(w.Items())
	case command.Cut:
		vm.Copy(w.Items(), true)
	case command.Copy:
		vm.Copy(w.Items(), false)
	case command.Paste:
		vm.Paste(w.target())
	case command.SelectAll:
		w.list.SelectAll()
	case command.Invert:
		w.list.InvertSelection()
	case command.CopyPresignX:
		w.showLinks(w.Items())
	}
}

func (w *Window) runProgram(id command.ID) bool {
	h := w.s.Host
	switch id {
	case command.NewWindow:
		h.NewWindow()
	case command.OpenConnection:
		h.OpenConnection(w)
	case command.QuickConnect:
		connection.QuickConnect(w.Win.Canvas(), w.Marks.Names(), w.register, func(s string) {
			w.VM.Connect(w.Marks.Quick(s), storage.Location{})
		})
	case command.CloseWindow:
		w.Close()
	case command.Quit:
		h.Quit()
	case command.ShowTransfers:
		h.ShowTransfers()
	case command.Preferences:
		h.ShowPreferences(w)
	case command.ShowProfiles:
		h.ShowProfiles(w)
	case command.ImportBookmarks:
		h.ImportBookmarks(w)
	case command.ExportBookmarks:
		h.ExportBookmarks(w)
	case command.Shortcuts:
		h.ShowShortcuts()
	case command.About:
		h.ShowAbout()
	case command.ThemeSystem:
		h.SetTheme("")
	case command.ThemeLight:
		h.SetTheme("light")
	case command.ThemeDark:
		h.SetTheme("dark")
	default:
		return false
	}
	return true
}

func (w *Window) runView(id command.ID) bool {
	vm, p := w.VM, w.s.Preferences
	switch id {
	case command.ShowSidebar:
		w.split.ShowFixed(!w.split.FixedShown())
		size := int64(0)
		if w.split.FixedShown() {
			size = int64(w.split.FixedSize())
		}
		w.keep(preferences.SidebarWidth.Set(p, size))
	case command.Info:
		w.info.show(!w.info.shown())
	case command.ShowHidden:
		w.keep(preferences.ShowHidden.Set(p, !preferences.ShowHidden.Get(p))) // takes effect by SettingChanged
	case command.FoldersFirst:
		w.keep(preferences.FoldersFirst.Set(p, !preferences.FoldersFirst.Get(p)))
	case command.Refresh:
		vm.Refresh()
	case command.Stop:
		vm.Stop()
	case command.Back:
		vm.Back()
	case command.Forward:
		vm.Forward()
	case command.Up:
		w.goUp()
	case command.GoTo:
		w.path.edit()
	case command.Filter:
		w.Win.Canvas().Focus(w.filter)
	case command.Disconnect:
		vm.Disconnect()
	default:
		return false
	}
	w.update()
	return true
}

// SettingChanged makes a preference take effect that was changed here, in another window or by another program.
func (w *Window) SettingChanged(name string) {
	switch name {
	case preferences.HiddenRegex.Name():
		w.VM.Refresh()
	case preferences.ShowHidden.Name(), preferences.ShowVersions.Name():
		w.showOld()
	case preferences.DecimalSizes.Name():
		w.VM.store.SetBase(Base(w.s.Preferences))
		w.list.Changed(false)
	case preferences.FoldersFirst.Name():
		w.VM.store.SetMixFolders(!preferences.FoldersFirst.Get(w.s.Preferences))
		w.list.Changed(false)
	}
	w.update()
}

// goUp goes to the enclosing folder and selects where one came from, unless something else is chosen meanwhile.
func (w *Window) goUp() {
	from := w.VM.At()
	w.VM.Up()
	w.focusList()
	name := from.Name()
	if from.Key != "" {
		name += "/"
	}
	w.VM.WhenListed(func() {
		if k := w.VM.store.FindChild(0, name); k != 0 && w.VM.At() == from.Parent() && w.list.SelectedCount() == 0 {
			w.list.Select(k)
		}
	})
}

func (w *Window) runMarks(id command.ID) bool {
	sel := w.side.Selected()
	switch id {
	case command.NewBookmark:
		w.newBookmark()
	case command.EditBookmark:
		if b, ok := w.Marks.Bookmark(sel); ok {
			w.s.Host.EditBookmark(w, b, false)
		}
	case command.DeleteBookmark:
		w.askDeleteBookmark(sel)
	case command.DuplicateBookmark:
		w.Marks.Duplicate(sel)
	case command.BookmarkUp:
		w.Marks.Step(sel, -1)
	case command.BookmarkDown:
		w.Marks.Step(sel, 1)
	case command.ClearHistory:
		w.Marks.ClearHistory()
	default:
		return false
	}
	return true
}

// open goes into a folder or fetches a file.
func (w *Window) open(k model.Key) {
	it, ok := w.VM.store.Get(k)
	switch {
	case !ok:
	case isContainer(it.Kind):
		w.VM.Go(w.VM.store.Path(k))
	case it.Kind == rows.Marker:
		w.Notice(text.T("old.marker_empty", plain(it.Name)))
	case it.Kind == rows.Upload:
		w.Notice(text.T("old.upload_empty", plain(it.Name)))
	default:
		w.VM.Download([]Item{itemOf(w.VM.store.Path(k), it)}, "")
	}
}

// renamed is called with a new name typed in place.
func (w *Window) renamed(k model.Key, name string) {
	it, ok := w.VM.store.Get(k)
	if !ok {
		return
	}
	at := w.VM.store.Path(k)
	item := Item{At: at, Size: it.Size, Folder: isContainer(it.Kind)}
	switch {
	case item.Bucket():
		w.Notice(text.T("browser.bucket_rename"))
		return
	case name == shownName(it):
		return
	}
	if problem := w.rename(item, name); problem != "" {
		w.Notice(problem)
	}
}

// rename gives an item another name, or says why it cannot have it.
func (w *Window) rename(item Item, name string) (problem string) {
	taken := func(n string) bool { return w.VM.taken(item.At.Parent(), n) }
	if e := CheckName(name, item.At.Parent(), item.Folder, taken); e != NameFine {
		return nameErrorText(e)
	}
	w.VM.Rename(item, name)
	return ""
}

func (w *Window) contextMenu(k model.Key, at fyne.Position) {
	if w.VM.Connection() == nil {
		return
	}
	entries := command.EmptyMenu()
	if k != 0 {
		entries = command.ContextMenu()
	}
	kit.ShowMenu(w.Win.Canvas(), command.Popup(w.s.Commands, w, entries), at)
}

func (w *Window) chooseUpload(into storage.Location) {
	w.s.Host.Choose(w, chooser.Options{Title: text.T("chooser.upload_title", Where(into)), OK: text.T("chooser.upload"), Base: Base(w.s.Preferences),
		Register: w.register, Done: func(paths []string) { w.VM.Upload(paths, into) }})
}

func (w *Window) chooseDownload(items []Item) {
	w.s.Host.Choose(w, chooser.Options{Title: text.T("chooser.download_title"), OK: text.T("chooser.download"), Folder: true,
		Start: w.VM.DownloadFolder(), Base: Base(w.s.Preferences), Register: w.register,
		Done: func(paths []string) { w.VM.Download(items, paths[0]) }})
}

// HandleDrop uploads what another program dropped at a place of the window: into the folder under the pointer, into the current
// one beside the rows, or to a bookmark, which connects first.
func (w *Window) HandleDrop(at fyne.Position, uris []fyne.URI) {
	w.s.Host.Active(w)
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	if len(paths) == 0 {
		return
	}
	if id := w.side.ItemAt(at); id != "" && w.split.FixedShown() {
		if spec, ok := w.Marks.Spec(id); ok {
			w.VM.ConnectAndUpload(spec, paths)
			return
		}
	}
	if w.VM.Connection() == nil {
		w.Notice(text.T("browser.drop_connect"))
		return
	}
	if !w.VM.Past().IsZero() {
		w.Notice(text.T("old.read_only"))
		return
	}
	into := w.VM.At()
	if k, ok := w.list.DropAt(at); ok {
		into = w.VM.Folder(k)
	}
	if into.IsRoot() {
		w.Notice(text.T("browser.drop_bucket"))
		return
	}
	w.VM.Upload(paths, into)
}
