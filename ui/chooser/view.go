package chooser

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/tasks"
)

// Options says what is chosen.
type Options struct {
	Title, OK string
	Folder    bool // one folder; otherwise files and folders, many at once
	File      bool // one file, and no folder
	Start     string
	Base      units.Base
	Register  func(id string, o fyne.CanvasObject)
	Done      func(paths []string) // not called on Cancel
}

// Chooser is the window.
type Chooser struct {
	opt    Options
	reader Reader
	tasks  *tasks.Group
	d      *kit.Dialog
	list   *outline.Outline
	model  *files
	path   *kit.Entry
	places *kit.SourceList
	ok     *kit.Button
	dir    string
	load   context.CancelFunc
}

// Show opens a chooser window of app. t ends it.
func Show(app fyne.App, r Reader, t *tasks.Group, o Options) *Chooser {
	c := &Chooser{opt: o, reader: r, tasks: t, model: &files{base: o.Base, now: time.Now}, load: func() {}}
	c.build(app)
	c.open(o.Start)
	c.d.Window.Resize(fyne.NewSize(760, 500))
	c.d.Show(c.list)
	return c
}

func (c *Chooser) build(app fyne.App) {
	c.list = outline.New(c.model, []model.Column{
		{ID: "name", Title: text.T("chooser.name"), Flex: true, Min: 200, Fixed: true},
		{ID: "size", Title: text.T("chooser.size"), Width: 90, Align: model.Trailing, SortDescFirst: true},
		{ID: "modified", Title: text.T("chooser.modified"), Width: 150, SortDescFirst: true},
	}, outline.Options{})
	c.list.SetState(model.State{Sort: "name"})
	c.list.OnSelect = c.selected
	c.list.OnOpen = c.activate
	c.list.OnKey = func(e *fyne.KeyEvent) bool {
		if e.Name == fyne.KeyBackspace {
			c.open(c.reader.Parent(c.dir))
			return true
		}
		return false
	}
	c.path = kit.NewEntry()
	c.path.OnSubmitted = c.typed
	c.path.OnChanged = func(string) {
		if c.ok != nil {
			c.selected()
		}
	}
	up := kit.NewIconButton("up", text.T("chooser.up"), func() { c.open(c.reader.Parent(c.dir)) })
	hidden := kit.NewCheck(text.T("chooser.hidden"), func(on bool) {
		c.model.dots = on
		c.model.arrange()
		if len(c.model.all) > 0 { // else what is said of the folder stays true
			c.message(nil)
		}
		c.list.Changed(true)
	})
	c.places = kit.NewSourceList()
	items := []kit.SourceItem{{ID: "places", Title: text.T("chooser.places"), Heading: true}}
	for _, p := range c.reader.Places() {
		items = append(items, kit.SourceItem{ID: p.Path, Title: p.Title, Icon: p.Icon})
	}
	c.places.SetItems(items)
	c.places.OnSelect = c.open
	c.ok = kit.NewButton(c.opt.OK, kit.Default, c.accept)
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, c.shut)
	for id, o := range map[string]fyne.CanvasObject{"chooser.path": c.path, "chooser.list": c.list, "chooser.up": up,
		"chooser.hidden": hidden, "chooser.ok": c.ok, "chooser.cancel": cancel, "chooser.places": c.places} {
		c.opt.Register(id, o)
	}
	top := container.New(layout.NewCustomPaddedLayout(0, 8, 0, 0), container.NewBorder(nil, nil, up, nil, c.path))
	body := container.NewStack(kit.NewPlate(theme.ColorNameInputBackground), kit.NewSplit(true, true, container.NewStack(kit.NewPlate(look.ColorSidebar), c.places), c.list, 150))
	content := container.NewBorder(top, container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), hidden), nil, nil, body)
	c.d = kit.NewDialog(app, c.opt.Title, content, cancel, c.ok)
	c.selected()
}

func (c *Chooser) shut() {
	c.load()
	c.d.Close()
}

// open shows a folder.
func (c *Chooser) open(dir string) {
	c.load()
	ctx, cancel := context.WithCancel(c.tasks.Context())
	c.load = cancel
	c.list.SetMessage(&outline.Message{Title: text.T("chooser.loading")})
	tasks.RunIn(c.tasks, ctx, func(ctx context.Context) ([]File, error) { return c.reader.List(ctx, dir) }, func(list []File, err error) {
		if ctx.Err() != nil {
			return
		}
		c.dir = dir
		c.path.SetText(dir)
		c.places.Select(dir)
		c.model.set(list)
		c.list.SetModel(c.model)
		c.message(err)
		c.selected()
	})
}

// message says why the list is empty.
func (c *Chooser) message(err error) {
	var m *outline.Message
	switch {
	case err != nil:
		e := explain.Error(err)
		m = &outline.Message{Icon: "warning", Title: e.Title, Text: e.Sentence}
	case len(c.model.all) == 0:
		m = &outline.Message{Title: text.T("chooser.empty")}
	case c.model.Len() == 0:
		m = &outline.Message{Title: text.T("chooser.only_hidden")}
	}
	c.list.SetMessage(m)
}

// typed opens a typed folder, or chooses a typed file.
func (c *Chooser) typed(s string) {
	abs, folder, exists := c.reader.Abs(s)
	switch {
	case folder:
		c.open(abs)
		kit.FocusOn(c.list)
	case exists && !c.opt.Folder:
		c.finish([]string{abs})
	default:
		c.list.SetMessage(&outline.Message{Icon: "warning", Title: text.T("chooser.missing"), Text: abs})
		c.model.set(nil)
		c.list.Changed(true)
	}
}

// activate goes into a folder or chooses a file.
func (c *Chooser) activate(k model.Key) {
	f, ok := c.model.file(k)
	switch {
	case !ok:
	case f.Folder:
		c.open(c.reader.Join(c.dir, f.Name))
	case !c.opt.Folder:
		c.accept()
	}
}

func (c *Chooser) selected() {
	n := c.list.SelectedCount()
	c.ok.SetEnabled(c.opt.Folder || n == 1 || n > 0 && !c.opt.File || c.differs())
}

// differs tells whether another path was typed than the folder that is shown.
func (c *Chooser) differs() bool { return c.path.Text != "" && c.path.Text != c.dir }

// accept takes what is selected; a typed path that is not shown is gone to first.
func (c *Chooser) accept() {
	if c.differs() {
		if abs, folder, exists := c.reader.Abs(c.path.Text); exists && (folder == c.opt.Folder || !c.opt.Folder && !c.opt.File) {
			c.finish([]string{abs})
			return
		}
		c.typed(c.path.Text)
		return
	}
	var out []string
	for k := range c.list.Selection().All() {
		if f, ok := c.model.file(k); ok && f.Folder && c.opt.File {
			c.activate(k) // a folder is gone into
			return
		}
		if f, ok := c.model.file(k); ok && (!c.opt.Folder || f.Folder) {
			out = append(out, c.reader.Join(c.dir, f.Name))
		}
	}
	if c.opt.Folder && len(out) == 0 {
		out = []string{c.dir}
	}
	if len(out) > 0 {
		c.finish(out)
	}
}

func (c *Chooser) finish(paths []string) {
	c.shut()
	c.opt.Done(paths)
}
