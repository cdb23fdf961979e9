package profilelist

import (
	"context"
	"errors"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// Services is what the window needs of the program.
type Services struct {
	App         fyne.App
	Profiles    *profiles.Registry
	Preferences *preferences.Preferences
	Post        kit.Post
	Register    func(w fyne.Window, id string, o fyne.CanvasObject)
	// Choose asks for local files, or for one folder.
	Choose func(title, ok string, folder bool, done func(paths []string))
	Closed func()
}

// Window is the window.
type Window struct {
	Win fyne.Window

	s                                       Services
	tasks                                   *tasks.Group
	table                                   *Table
	list                                    *outline.Outline
	search                                  *kit.SearchField
	install, duplicate, edit, export, close *kit.Button
	remove                                  *kit.Button
	status                                  *kit.StatusBar
	closed                                  bool
}

// Open shows the window.
func Open(ctx context.Context, s Services) *Window {
	w := &Window{s: s, table: &Table{}}
	w.Win = s.App.NewWindow(text.T("profilelist.title"))
	w.Win.SetPadded(false)
	w.tasks = tasks.New(kit.WithWindow(ctx, w.Win), s.Post)
	w.build()
	w.Win.SetOnClosed(func() {
		w.closed = true
		w.tasks.Close()
		s.Closed()
	})
	w.Win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { w.dropped(uris) })
	w.Win.Resize(fyne.NewSize(820, 560))
	w.read("")
	w.Win.Show()
	w.Win.Canvas().Focus(w.search)
	return w
}

// Wait returns when the window's background work has ended. It must not be called on the window's thread.
func (w *Window) Wait() { w.tasks.Wait() }

// Close closes the window.
func (w *Window) Close() {
	if !w.closed {
		w.Win.Close()
	}
}

func columns() []outline.Column {
	return []outline.Column{
		{ID: "name", Title: text.T("profilelist.col_name"), Width: 260, Min: 120, Flex: true, Fixed: true},
		{ID: "host", Title: text.T("profilelist.col_host"), Width: 220, Min: 60},
		{ID: "kind", Title: text.T("profilelist.col_kind"), Width: 80, Min: 50},
		{ID: "note", Title: text.T("profilelist.col_note"), Width: 200, Min: 60},
	}
}

func (w *Window) build() {
	w.list = outline.New(w.table, columns(), outline.Options{})
	w.list.OnSelect = w.enable
	w.list.OnSpace = func() { w.flip(slices.Collect(w.list.Selection().All())) }
	w.list.OnIcon = func(k outline.Key) { w.flip([]model.Key{k}) }
	w.list.OnOpen = func(outline.Key) { w.editOrCopy() }
	w.list.OnDelete = w.askRemove
	w.list.CanStart = func(outline.Key) bool { return false }
	w.list.OnMenu = func(_ outline.Key, at fyne.Position) { kit.ShowMenu(w.Win.Canvas(), w.menu(), at) }
	w.search = kit.NewSearchField(text.T("profilelist.search"), text.T("profilelist.clear"), func(s string) {
		w.table.search(s)
		w.changed()
	})
	w.search.OnLeave = w.Close
	w.install = kit.NewButton(text.T("profilelist.install"), kit.Plain, w.choose)
	w.duplicate = kit.NewButton(text.T("profilelist.duplicate"), kit.Plain, w.copy)
	w.edit = kit.NewButton(text.T("profilelist.edit"), kit.Plain, w.change)
	w.export = kit.NewButton(text.T("profilelist.export"), kit.Plain, w.chooseFolder)
	w.remove = kit.NewButton(text.T("profilelist.remove"), kit.Plain, w.askRemove)
	w.close = kit.NewButton(text.T("common.close"), kit.Cancel, w.Close)
	w.status = kit.NewStatusBar()
	for id, o := range map[string]fyne.CanvasObject{"list": w.list, "search": w.search, "install": w.install, "duplicate": w.duplicate, "edit": w.edit,
		"export": w.export, "remove": w.remove, "close": w.close, "status": w.status} {
		w.register("profilelist."+id, o)
	}
	bar := container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), w.search)
	buttons := container.New(layout.NewCustomPaddedLayout(8, 10, 12, 12), container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedHBoxLayout(8), w.install, w.duplicate, w.edit, w.export, w.remove), w.close))
	top := container.New(layout.NewCustomPaddedVBoxLayout(0), bar, kit.NewHairline())
	bottom := container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewHairline(), buttons, w.status)
	w.Win.SetContent(container.NewBorder(top, bottom, nil, nil, container.NewStack(kit.NewPlate(look.ColorBody), w.list)))
	w.Win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			w.Close()
		}
	})
}

func (w *Window) register(id string, o fyne.CanvasObject) { w.s.Register(w.Win, id, o) }

func (w *Window) menu() *fyne.Menu {
	r, one := w.selected()
	item := func(words string, on bool, act func()) *fyne.MenuItem {
		it := fyne.NewMenuItem(words, act)
		it.Disabled = !on
		return it
	}
	offer := item(text.T("profilelist.offer"), one && r.problem == nil, func() { w.flip(slices.Collect(w.list.Selection().All())) })
	offer.Checked = one && !r.hidden && r.problem == nil
	return fyne.NewMenu("", offer, fyne.NewMenuItemSeparator(), item(text.T("profilelist.install"), true, w.choose),
		item(text.T("profilelist.duplicate"), one && !r.broken, w.copy), item(text.T("profilelist.edit"), one && !r.broken && !r.p.Bundled, w.change),
		item(text.T("profilelist.export"), one && !r.broken, w.chooseFolder), fyne.NewMenuItemSeparator(),
		item(text.T("profilelist.remove"), one && !r.broken && !r.p.Bundled, w.askRemove))
}

// state is what the registry has.
type state struct {
	list     []profiles.Profile
	problems []profiles.FileProblem
}

// read shows what the registry has now, and selects the profile of file.
func (w *Window) read(file string) {
	tasks.Run(w.tasks, func(context.Context) (state, error) { return state{w.s.Profiles.All(), w.s.Profiles.Problems()}, nil }, func(s state, _ error) {
		w.table.set(s.list, s.problems, preferences.ProfilesHidden.Get(w.s.Preferences))
		w.changed()
		if file != "" {
			w.list.Select(w.table.keyOf(file))
			w.list.ScrollTo(w.table.keyOf(file))
		}
	})
}

// Reload reads the folder again.
func (w *Window) Reload(file string) {
	w.work(func() (string, error) { return file, w.s.Profiles.Reload() })
}

// work changes the registry in the background and shows what came of it: the file of a profile is selected.
func (w *Window) work(f func() (file string, err error)) {
	tasks.Run(w.tasks, func(context.Context) (string, error) { return f() }, func(file string, err error) {
		if err != nil {
			w.failed(err)
		}
		w.read(file)
	})
}

func (w *Window) failed(err error) {
	var list []report.Failure
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		for _, e := range many.Unwrap() {
			list = append(list, report.Failure{Err: e})
		}
	} else {
		list = append(list, report.Failure{Err: err})
	}
	report.Show(w.Win.Canvas(), report.Config{Failures: list, Copy: w.s.App.Clipboard().SetContent, Register: w.register})
}

func (w *Window) changed() {
	w.list.SetMessage(&outline.Message{Title: text.T("profilelist.none")})
	w.list.Changed(true)
	all, own, broken := w.table.counts()
	w.status.SetText(text.N("profilelist.count", all, all, own))
	w.status.SetParts()
	if broken > 0 {
		w.status.SetParts(kit.StatusPart{Icon: "warning", Text: text.N("profilelist.broken", broken, broken)})
	}
	w.enable()
}

// selected is the one selected row.
func (w *Window) selected() (row, bool) {
	if w.list.SelectedCount() != 1 {
		return row{}, false
	}
	for k := range w.list.Selection().All() {
		return w.table.find(k)
	}
	return row{}, false
}

func (w *Window) enable() {
	r, one := w.selected()
	whole := one && !r.broken
	w.duplicate.SetEnabled(whole)
	w.export.SetEnabled(whole)
	w.edit.SetEnabled(whole && !r.p.Bundled)
	w.remove.SetEnabled(whole && !r.p.Bundled)
}

// flip offers profiles in the connection window or no longer.
func (w *Window) flip(keys []model.Key) {
	hidden := preferences.ProfilesHidden.Get(w.s.Preferences)
	for _, k := range keys {
		r, ok := w.table.find(k)
		if !ok || r.problem != nil {
			continue
		}
		name := HiddenName(r.p)
		if i := slices.Index(hidden, name); i >= 0 {
			hidden = slices.Delete(hidden, i, i+1)
		} else {
			hidden = append(hidden, name)
		}
	}
	w.work(func() (string, error) { return "", preferences.ProfilesHidden.Set(w.s.Preferences, hidden) })
}

// choose asks for files to install.
func (w *Window) choose() {
	w.s.Choose(text.T("profilelist.install_title"), text.T("profilelist.install_ok"), false, w.Install)
}

// Install installs files and tells of those that are no profiles.
func (w *Window) Install(paths []string) {
	if len(paths) == 0 {
		return
	}
	w.work(func() (string, error) {
		file := ""
		var errs []error
		for _, path := range paths {
			p, err := w.s.Profiles.InstallFile(path)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			file = p.File
		}
		return file, errors.Join(errs...)
	})
}

// dropped installs files of the file manager.
func (w *Window) dropped(uris []fyne.URI) {
	var paths []string
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, u.Path())
		}
	}
	w.Install(paths)
}

func (w *Window) chooseFolder() {
	r, one := w.selected()
	if !one || r.broken {
		return
	}
	w.s.Choose(text.T("profilelist.export_title"), text.T("profilelist.export_ok"), true, func(paths []string) {
		tasks.Run(w.tasks, func(context.Context) (string, error) { return w.s.Profiles.Export(r.file, paths[0]) }, func(path string, err error) {
			if err != nil {
				w.failed(err)
				return
			}
			w.status.SetText(text.T("profilelist.exported", path))
		})
	})
}

func (w *Window) askRemove() {
	r, one := w.selected()
	if !one || r.broken || r.p.Bundled {
		return
	}
	var s *kit.Sheet
	yes := kit.NewButton(text.T("profilelist.remove_yes"), kit.Danger, func() {
		s.Close()
		w.work(func() (string, error) { return "", w.s.Profiles.RemoveFile(r.file) })
	})
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	w.register("dialog.ok", yes)
	w.register("dialog.cancel", no)
	s = kit.ShowSheet(w.Win.Canvas(), text.T("profilelist.remove_title", r.title()), report.Paragraph(text.T("profilelist.remove_text"), 380, kit.LabelStyle{}), no, no, yes)
}
