package browser

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/preferences"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/transfers"
)

// toolLine is the line between groups of tools: a hairline that does not reach the edges.
type toolLine struct{ widget.BaseWidget }

func newToolLine() *toolLine {
	l := &toolLine{}
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer is called by the toolkit.
func (l *toolLine) CreateRenderer() fyne.WidgetRenderer {
	line := kit.NewPlate(look.ColorHairline)
	return widget.NewSimpleRenderer(container.New(&lineLayout{}, line))
}

type lineLayout struct{}

func (*lineLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Move(fyne.NewPos(6, 8))
	o[0].Resize(fyne.NewSize(1, s.Height-16))
}
func (*lineLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(13, 30) }

// strip is the line of running transfers above the status bar; it is not there while nothing runs.
type strip struct {
	w      *Window
	object *fyne.Container
	icon   *canvas.Image
	label  *kit.Label
	bar    *kit.ThinBar
	pause  *kit.IconButton
	last   string
}

func newStrip(w *Window) *strip {
	s := &strip{w: w, icon: &canvas.Image{FillMode: canvas.ImageFillContain}, bar: kit.NewThinBar(),
		label: kit.NewLabel("", kit.LabelStyle{Size: look.SizeStatus, Cut: kit.CutEnd})}
	s.icon.SetMinSize(fyne.NewSquareSize(14))
	s.pause = kit.NewIconButton("pause", text.T("menu.pause_all"), s.toggle)
	open := newTapArea(s.label, w.s.Host.ShowTransfers)
	row := container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedLayout(0, 0, 10, 6), container.NewCenter(s.icon)),
		container.New(layout.NewCustomPaddedHBoxLayout(8), container.NewCenter(container.New(&widthLayout{190}, s.bar)),
			container.New(layout.NewCustomPaddedLayout(0, 0, 0, 6), container.NewCenter(s.pause))), open)
	s.object = container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewHairline(), row)
	s.object.Hide()
	return s
}

func (s *strip) toggle() {
	if s.w.s.Feed.Totals().Active > 0 {
		s.w.Run(command.PauseAll)
	} else {
		s.w.Run(command.ResumeAll)
	}
}

func (s *strip) update(t transfers.Totals) {
	shown := t.Active > 0 || t.Paused > 0
	if shown != s.object.Visible() {
		if shown {
			s.object.Show()
		} else {
			s.object.Hide()
		}
		s.w.layer.Refresh()
	}
	if !shown {
		return
	}
	icon := "copy" // from place to place on the server, or in its place
	switch {
	case t.Up && t.Down:
		icon = "transfers"
	case t.Up:
		icon = "upload"
	case t.Down:
		icon = "download"
	case t.Active == 0:
		icon = "pause"
	}
	if icon != s.last {
		s.last = icon
		s.icon.Resource = look.Icon(icon)
		s.icon.Refresh()
	}
	s.label.SetText(transfers.Strip(t, Base(s.w.s.Preferences)))
	switch {
	case t.Active == 0:
		s.pause.SetIcon("resume", text.T("menu.resume_all"))
		s.bar.Set(kit.BarPaused, 1)
	case t.Bytes == 0:
		s.bar.Set(kit.BarUnknown, 0)
		s.bar.Step()
		s.pause.SetIcon("pause", text.T("menu.pause_all"))
	default:
		s.bar.Set(kit.BarRunning, float64(t.BytesDone)/float64(t.Bytes))
		s.pause.SetIcon("pause", text.T("menu.pause_all"))
	}
}

// transfersChanged is called after each change of the queue.
func (w *Window) transfersChanged() {
	t := w.s.Feed.Totals()
	w.strip.update(t)
	badge := ""
	switch {
	case t.Failed > 0:
		badge = "!"
	case t.Active > 0:
		badge = strconv.Itoa(t.Active)
	}
	w.tools[command.ShowTransfers].SetBadge(badge, t.Failed > 0)
	w.VM.Transfers(w.s.Feed.Transfers())
	w.bar.Update()
}

// tapArea makes what it holds open something on a click.
type tapArea struct {
	widget.BaseWidget
	content fyne.CanvasObject
	act     func()
}

func newTapArea(content fyne.CanvasObject, act func()) *tapArea {
	t := &tapArea{content: content, act: act}
	t.ExtendBaseWidget(t)
	return t
}

// Tapped is called by the toolkit.
func (t *tapArea) Tapped(*fyne.PointEvent) { t.act() }

// CreateRenderer is called by the toolkit.
func (t *tapArea) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.content) }

// The depths whose columns are remembered apart.
const (
	depthBuckets = "buckets"
	depthObjects = "objects"
)

func columnDeclarations() []model.Column {
	return []model.Column{
		{ID: "name", Title: text.T("browser.col_name"), Flex: true, Width: 220, Min: 160, Fixed: true},
		{ID: "size", Title: text.T("browser.col_size"), Width: 84, Min: 50, Align: model.Trailing, SortDescFirst: true},
		{ID: "modified", Title: text.T("browser.col_modified"), Width: 142, Min: 60, SortDescFirst: true},
		{ID: "class", Title: text.T("browser.col_class"), Width: 112, Min: 50},
		{ID: "kind", Title: text.T("browser.col_kind"), Width: 120, Min: 50},
		{ID: "owner", Title: text.T("browser.col_owner"), Width: 120, Min: 50, Hidden: true},
		{ID: "etag", Title: text.T("browser.col_etag"), Width: 220, Min: 60, Hidden: true, Mono: true},
		{ID: "region", Title: text.T("browser.col_region"), Width: 110, Min: 50, Hidden: true},
		{ID: "extension", Title: text.T("browser.col_extension"), Width: 80, Min: 40, Hidden: true},
		{ID: "version", Title: text.T("browser.col_version"), Width: 150, Min: 50, Hidden: true, Mono: true},
	}
}

func (w *Window) buildList() {
	w.list = outline.New(w.VM.store, columnDeclarations(), outline.Options{Modifiers: w.s.Modifiers, Layer: w.layer})
	o := w.list
	o.OnSelect = w.selection
	o.OnOpen = w.open
	o.OnToggle = func(k model.Key, open bool) {
		if open {
			w.VM.Expand(k)
		}
		w.update()
	}
	o.OnRename = w.renamed
	o.CanRename = func(k model.Key) bool { return !w.VM.isOld(k) && !w.VM.ReadOnly() }
	o.OnDelete = func() { w.invoke(command.Delete) }
	o.OnState = w.saveColumns
	o.OnKey = w.key
	o.OnMenu = w.contextMenu
	o.CanDrop = func(target model.Key, keep bool) bool {
		return w.VM.Past().IsZero() && !w.VM.ReadOnly() && CanMove(w.Items(), w.VM.Folder(target), keep)
	}
	o.OnDrop = func(sel *model.Selection, target model.Key, keep bool) {
		w.VM.Move(w.VM.Items(sel), w.VM.Folder(target), keep)
	}
	o.OnDragOut = w.dragOut
}

// useDepth takes the columns and the order of the list of buckets, or of objects.
func (w *Window) useDepth() {
	depth := depthObjects
	key := preferences.ObjectColumns
	if w.VM.At().IsRoot() {
		depth, key = depthBuckets, preferences.BucketColumns
	}
	if depth == w.depth {
		return
	}
	w.depth = depth
	s := w.sorts[depth]
	if s.Column == "" {
		s.Column = "name"
	}
	w.list.OnState = nil // what is restored needs no saving
	w.list.SetState(model.State{Columns: ColumnState(key.Get(w.s.Preferences)), Sort: s.Column, Desc: s.Desc})
	w.list.OnState = w.saveColumns
	w.bar.Refill()
}

func (w *Window) saveColumns() {
	st := w.list.State()
	key := preferences.ObjectColumns
	if w.depth == depthBuckets {
		key = preferences.BucketColumns
	}
	w.sorts[w.depth] = Sort{Column: st.Sort, Desc: st.Desc}
	w.keep(key.Set(w.s.Preferences, ColumnList(st.Columns)))
	w.bar.Refill()
	w.s.Host.SaveState()
}

func (w *Window) sortMenu() []*fyne.MenuItem {
	var out []*fyne.MenuItem
	if w.list == nil {
		return out
	}
	st := w.list.State()
	for _, c := range columnDeclarations() {
		it := fyne.NewMenuItem(c.Title, func() {
			s := w.list.State()
			desc := c.SortDescFirst
			if s.Sort == c.ID {
				desc = !s.Desc
			}
			w.list.SortBy(c.ID, desc)
		})
		it.Checked = st.Sort == c.ID
		out = append(out, it)
	}
	return out
}
