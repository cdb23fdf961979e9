package synchronize

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/transfer"
	"pintail/ui/consent"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// Services is what the window needs of the program.
type Services struct {
	App      fyne.App
	Queue    Queue
	Post     kit.Post
	Base     func() units.Base
	Register func(w fyne.Window, id string, o fyne.CanvasObject)
	Choose   func(start string, done func(folder string)) // a local folder
	Jobs     Jobs
	Started  func(transfer.ID)               // the plan is a transfer from now on
	Options  func(Settings) transfer.Options // as in [Config]
	Closed   func(*Window)
	// Word is what has to be typed before something is taken away at a connection: the name of one marked as production, "" for nothing.
	Word func(connection string) string
}

// Window is the window.
type Window struct {
	Win fyne.Window
	VM  *ViewModel

	s        Services
	tasks    *tasks.Group
	settings Settings
	filling  bool // the fields are set by the program

	local                       *kit.Entry
	remote                      *kit.Label
	direction, compare, show    *kit.Select
	delete, skip                *kit.Check
	list                        *outline.Outline
	search                      *kit.SearchField
	compareButton, start, close *kit.Button
	all, none                   *kit.Button
	status                      *kit.StatusBar
	deleteRow                   *kit.FormRow
	closed                      bool
}

// Open shows the window with the given settings.
func Open(ctx context.Context, s Services, settings Settings) *Window {
	w := &Window{s: s, settings: settings}
	w.Win = s.App.NewWindow(text.T("synchronize.title"))
	w.Win.SetPadded(false)
	w.tasks = tasks.New(kit.WithWindow(ctx, w.Win), s.Post)
	w.VM = New(Config{Queue: s.Queue, Tasks: w.tasks, Base: s.Base, Changed: w.changed, Failed: w.failed, Options: s.Options, Agree: w.agree,
		Started: func(id transfer.ID) { s.Started(id); w.Close() }})
	w.build()
	w.fill()
	w.Win.SetOnClosed(func() {
		w.closed = true
		w.tasks.Close()
		s.Closed(w)
	})
	w.Win.Resize(fyne.NewSize(900, 620))
	w.changed()
	w.Win.Show()
	w.Win.Canvas().Focus(w.local)
	return w
}

// Close closes the window; what was started goes on.
func (w *Window) Close() {
	if !w.closed {
		w.Win.Close()
	}
}

// Wait returns when the window's background work has ended and its plan is gone. It must not be called on the window's thread.
func (w *Window) Wait() error {
	w.tasks.Wait()
	return w.VM.Close()
}

func columns() []outline.Column {
	return []outline.Column{
		{ID: "name", Title: text.T("synchronize.col_name"), Width: 240, Min: 120, Flex: true, Fixed: true},
		{ID: "what", Title: text.T("synchronize.col_what"), Width: 90, Min: 50},
		{ID: "size", Title: text.T("synchronize.col_size"), Width: 80, Min: 40, Align: model.Trailing},
		{ID: "local", Title: text.T("synchronize.col_local"), Width: 140, Min: 50},
		{ID: "remote", Title: text.T("synchronize.col_remote"), Width: 140, Min: 50},
		{ID: "why", Title: text.T("synchronize.col_why"), Width: 190, Min: 60},
	}
}

var comparisons = []transfer.Compare{transfer.CompareTime, transfer.CompareSize, transfer.CompareChecksum}

func (w *Window) build() {
	w.buildFields()
	w.buildList()
	form := kit.NewForm()
	browse := kit.NewButton(text.T("synchronize.choose"), kit.Plain, func() {
		w.s.Choose(w.local.Text, func(folder string) { w.local.SetText(folder) })
	})
	w.register("synchronize.choose", browse)
	form.Add(text.T("synchronize.local"), container.NewBorder(nil, nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 8, 0), browse), w.local))
	form.Add(text.T("synchronize.remote"), w.remote)
	form.Add(text.T("synchronize.direction"), w.direction)
	form.Add(text.T("synchronize.compare"), w.compare)
	w.deleteRow = form.Add("", container.New(layout.NewCustomPaddedHBoxLayout(16), w.delete, w.skip))
	var jobs *kit.Button
	jobs = kit.NewButton(text.T("synchronize.jobs"), kit.Plain, func() {
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(jobs)
		kit.ShowMenu(w.Win.Canvas(), w.jobsMenu(), at.AddXY(0, jobs.Size().Height))
	})
	w.register("synchronize.jobs", jobs)
	head := container.New(layout.NewCustomPaddedLayout(12, 10, 8, 14),
		container.NewBorder(nil, nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 16, 0), container.NewVBox(jobs)), form))
	bar := container.New(layout.NewCustomPaddedLayout(4, 4, 12, 12), container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedHBoxLayout(8), w.show, w.all, w.none), nil,
		container.New(layout.NewCustomPaddedLayout(0, 0, 12, 0), w.search)))
	buttons := container.New(layout.NewCustomPaddedLayout(8, 10, 12, 12), container.NewBorder(nil, nil, w.compareButton,
		container.New(layout.NewCustomPaddedHBoxLayout(8), w.close, w.start)))
	top := container.New(layout.NewCustomPaddedVBoxLayout(0), head, kit.NewHairline(), bar, kit.NewHairline())
	bottom := container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewHairline(), buttons, w.status)
	w.Win.SetContent(container.NewBorder(top, bottom, nil, nil, container.NewStack(kit.NewPlate(look.ColorBody), w.list)))
	w.Win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyEscape:
			w.escape()
		case fyne.KeyReturn, fyne.KeyEnter:
			w.enter()
		}
	})
}

func (w *Window) register(id string, o fyne.CanvasObject) { w.s.Register(w.Win, id, o) }

func (w *Window) buildFields() {
	w.local = kit.NewEntry()
	w.local.OnChanged = func(s string) { w.set(func(x *Settings) { x.Local = s }) }
	w.remote = kit.NewLabel("", kit.LabelStyle{Cut: kit.CutMiddle})
	w.direction = kit.NewSelect([]string{text.T("synchronize.up"), text.T("synchronize.down"), text.T("synchronize.mirror")}, func(i int) {
		w.set(func(x *Settings) { x.Direction = Direction(i) })
		w.choices()
	})
	w.compare = kit.NewSelect([]string{text.T("synchronize.by_time"), text.T("synchronize.by_size"), text.T("synchronize.by_checksum")},
		func(i int) { w.set(func(x *Settings) { x.Compare = comparisons[i] }) })
	w.delete = kit.NewCheck(text.T("synchronize.delete_up"), func(on bool) { w.set(func(x *Settings) { x.Delete = on }) })
	w.skip = kit.NewCheck(text.T("synchronize.skip"), func(on bool) { w.set(func(x *Settings) { x.SkipExisting = on }) })
	w.show = kit.NewSelect([]string{text.T("synchronize.show_all"), text.T("synchronize.new"), text.T("synchronize.changed"),
		text.T("synchronize.delete"), text.T("synchronize.show_trouble"), text.T("synchronize.left")},
		func(i int) {
			if !w.filling {
				w.VM.Filter(Show(i), w.search.Text)
			}
		})
	w.search = kit.NewSearchField(text.T("synchronize.filter"), text.T("synchronize.clear"), func(s string) { w.VM.Filter(Show(w.show.Index()), s) })
	w.all = kit.NewButton(text.T("synchronize.all"), kit.Plain, func() { w.VM.SwitchShown(true) })
	w.none = kit.NewButton(text.T("synchronize.none"), kit.Plain, func() { w.VM.SwitchShown(false) })
	w.compareButton = kit.NewButton(text.T("synchronize.begin"), kit.Plain, w.begin)
	w.start = kit.NewButton(text.T("synchronize.start"), kit.Default, w.VM.Start)
	w.close = kit.NewButton(text.T("synchronize.close"), kit.Cancel, w.Close)
	w.status = kit.NewStatusBar()
	for id, o := range map[string]fyne.CanvasObject{"local": w.local, "direction": w.direction, "compare_by": w.compare, "delete": w.delete,
		"skip": w.skip, "show": w.show, "search": w.search, "all": w.all, "none": w.none, "compare": w.compareButton, "start": w.start,
		"close": w.close, "status": w.status} {
		w.register("synchronize."+id, o)
	}
}

func (w *Window) buildList() {
	w.list = outline.New(w.VM.Table, columns(), outline.Options{})
	w.list.OnSpace = w.flip
	w.list.OnIcon = func(k outline.Key) { w.VM.Flip([]model.Key{k}) }
	w.list.OnOpen = func(k outline.Key) { w.VM.Flip([]model.Key{k}) }
	w.list.CanStart = func(outline.Key) bool { return false }
	w.list.OnMenu = func(k outline.Key, at fyne.Position) {
		if k == 0 {
			return
		}
		flip := fyne.NewMenuItem(text.T("synchronize.flip"), w.flip)
		flip.Disabled = w.VM.Phase() != Planned
		kit.ShowMenu(w.Win.Canvas(), fyne.NewMenu("", flip), at)
	}
	w.register("synchronize.list", w.list)
}

// flip switches the selected lines.
func (w *Window) flip() { w.VM.Flip(slices.Collect(w.list.Selection().All())) }

// fill shows the settings in the fields.
func (w *Window) fill() {
	w.filling = true
	s := w.settings
	w.local.SetText(s.Local)
	w.remote.SetText(s.Remote.String())
	w.direction.SetIndex(int(s.Direction))
	w.compare.SetIndex(0)
	for i, c := range comparisons {
		if c == s.Compare {
			w.compare.SetIndex(i)
		}
	}
	w.delete.SetChecked(s.Delete)
	w.skip.SetChecked(s.SkipExisting)
	w.show.SetIndex(0)
	w.filling = false
	w.choices()
}

// choices offers what the direction allows, in its words: a mirror deletes nothing.
func (w *Window) choices() {
	w.delete.SetText(text.T("synchronize.delete_up"))
	if w.settings.Direction == Down {
		w.delete.SetText(text.T("synchronize.delete_down"))
	}
	w.deleteRow.SetVisible(w.settings.Direction != Mirror)
}

// set changes a setting; a plan that was made with others is forgotten.
func (w *Window) set(change func(*Settings)) {
	if w.filling {
		return
	}
	change(&w.settings)
	w.VM.Forget()
}

func (w *Window) begin() {
	if w.VM.Phase() == Comparing {
		w.VM.StopComparing()
		return
	}
	w.VM.Compare(w.settings)
}

func (w *Window) enter() {
	switch {
	case w.VM.CanStart():
		w.VM.Start()
	case w.settings.Local != "" && w.VM.Phase() != Comparing:
		w.begin()
	}
}

func (w *Window) escape() {
	if w.VM.Phase() == Comparing {
		w.VM.StopComparing()
		return
	}
	w.Close()
}

// changed draws what the view-model has.
func (w *Window) changed() {
	if w.list == nil || w.closed {
		return
	}
	p := w.VM.Phase()
	w.list.SetMessage(w.message(p))
	w.list.Changed(true)
	words := text.T("synchronize.begin")
	if p == Comparing {
		words = text.T("synchronize.stop")
	}
	w.compareButton.SetText(words)
	w.compareButton.SetEnabled(w.settings.Local != "" && p != Starting)
	w.start.SetEnabled(w.VM.CanStart())
	w.all.SetEnabled(p == Planned)
	w.none.SetEnabled(p == Planned)
	w.status.SetText(w.VM.Sentence())
	if held := w.VM.Totals().Held; held != nil && p == Planned {
		w.status.SetParts(kit.StatusPart{Icon: "warning", Text: text.T("synchronize.held")})
	} else {
		w.status.SetParts()
	}
}

func (w *Window) message(p Phase) *outline.Message {
	switch {
	case p == Setting:
		return &outline.Message{Icon: "transfers", Title: text.T("synchronize.empty"), Text: text.T("synchronize.empty_text")}
	case p == Broken:
		e := explain.Error(w.VM.Err())
		return &outline.Message{Icon: "warning", Title: e.Title, Text: e.Sentence}
	case p == Comparing:
		return &outline.Message{Icon: "waiting", Title: text.T("synchronize.busy")}
	case !w.VM.Totals().Differs():
		return &outline.Message{Icon: "done", Title: text.T("synchronize.equal")}
	}
	return &outline.Message{Title: text.T("synchronize.none_shown")}
}

func (w *Window) failed(err error) {
	report.Show(w.Win.Canvas(), report.Config{Failures: []report.Failure{{Err: err}}, Copy: w.s.App.Clipboard().SetContent, Register: w.register})
}

// agree asks for the name of the connection that is marked as production before a plan deletes or replaces there.
func (w *Window) agree(s Settings, t transfer.SyncTotals, do func()) {
	word := ""
	if w.s.Word != nil {
		word = w.s.Word(s.Connection)
	}
	if word == "" {
		do()
		return
	}
	q := consent.Question{Title: text.T("synchronize.title"), OK: text.T("synchronize.start"),
		Text: text.T("production.sync_text", units.FormatCount(t.Deleted.Files), units.FormatCount(t.Changed.Files))}
	consent.Ask(w.Win.Canvas(), w.register, word, q, do)
}

// ask asks for one line of text.
func (w *Window) ask(title, label, start string, done func(string)) {
	field := kit.NewEntry()
	form := kit.NewForm()
	form.Add(label, field)
	var sheet *kit.Sheet
	ok := kit.NewButton(text.T("common.ok"), kit.Default, func() {
		if field.Text != "" {
			sheet.Close()
			done(field.Text)
		}
	})
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { sheet.Close() })
	field.OnChanged = func(s string) { ok.SetEnabled(s != "") }
	ok.SetEnabled(start != "")
	w.register("dialog.field", field)
	w.register("dialog.ok", ok)
	w.register("dialog.cancel", cancel)
	sheet = kit.ShowSheet(w.Win.Canvas(), title, container.New(layout.NewGridWrapLayout(fyne.NewSize(380, form.MinSize().Height)), form), field, cancel, ok)
	field.SetText(start)
}
