package browser

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/info"
	"pintail/ui/kit"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

const (
	infoItems  = 1000                  // of a greater selection the inspector shows only how many they are
	infoSettle = 40 * time.Millisecond // a selection that moves on sooner asks the server nothing
)

// inspector is the pane on the right.
type inspector struct {
	w     *Window
	pane  *info.Pane
	split *kit.Split
	about info.Subject
	pins  []*pinned
}

// pinned is an inspector in a window of its own, about what it was opened for.
type pinned struct {
	win   fyne.Window
	tasks *tasks.Group
	of    *storage.Session
}

// newInspector puts the pane beside center.
func newInspector(w *Window, center fyne.CanvasObject) *inspector {
	in := &inspector{w: w}
	in.pane = in.newPane(w.tasks, info.Options{Prefix: "info", Copy: w.Clipboard, Register: w.register, Pin: in.pin,
		Close: func() { in.show(false) }})
	p := w.s.Preferences
	in.split = kit.NewSplit(true, false, in.pane.Object, center, float32(preferences.InspectorWidth.Get(p)))
	in.split.OnMoved = func(size float32) { w.keep(preferences.InspectorWidth.Set(p, int64(size))) }
	in.split.ShowFixed(preferences.InspectorShown.Get(p))
	return in
}

func (in *inspector) newPane(g *tasks.Group, o info.Options) *info.Pane {
	var pane *info.Pane
	w := in.w
	vm := info.New(info.Config{Tasks: g, Policy: w.VM.policy, Base: func() units.Base { return Base(w.s.Preferences) }, Now: w.VM.Now,
		Distributed: w.VM.Serve, Settle: infoSettle, Touched: func(at storage.Location) { w.VM.RefreshBelow(at) }, Applied: in.applied, Dropped: func(n int, name string) { w.Notice(text.N("info.dropped", n, n, name)) }, Changed: func() {
			if pane != nil {
				pane.Update()
			}
		}})
	o.CacheSeconds = func() int64 { return preferences.S3CacheSeconds.Get(w.s.Preferences) }
	o.Restoring = func() (int64, string) {
		return preferences.S3RestoreDays.Get(w.s.Preferences), preferences.S3RestoreTier.Get(w.s.Preferences)
	}
	o.Word = w.VM.Word
	o.Failed = func(err error) { w.Report(Problem{Failures: []report.Failure{{Err: err}}}) }
	o.CopyLink = func(at []storage.Location, span time.Duration) {
		items := make([]Item, len(at))
		for i, l := range at {
			items[i] = Item{At: l}
		}
		w.VM.CopyPresigned(items, span)
	}
	o.Rename = func(it info.Item, name string) string {
		return w.rename(Item{At: it.At, Size: it.Size, Folder: it.Folder}, name)
	}
	o.Download = func(at storage.Location, size int64) { w.VM.Download([]Item{{At: at, Size: size}}, "") }
	pane = info.NewPane(vm, o)
	return pane
}

func (in *inspector) shown() bool { return in.split.FixedShown() }

// show shows or hides the pane and remembers it.
func (in *inspector) show(on bool) {
	in.split.ShowFixed(on)
	in.w.keep(preferences.InspectorShown.Set(in.w.s.Preferences, on))
	in.follow()
	if !on {
		in.w.focusList()
	}
	in.w.update()
}

// follow turns to what is selected now, or to the folder that is shown if nothing is. It does nothing if that is the same as before.
func (in *inspector) follow() {
	s := info.Subject{}
	if in.shown() {
		s = in.subject()
	}
	if s.Session == in.about.Session && s.Count == in.about.Count && slices.Equal(s.Items, in.about.Items) {
		return
	}
	in.about = s
	in.pane.VM.Show(s)
}

func (in *inspector) subject() info.Subject {
	vm := in.w.VM
	c := vm.Connection()
	if c == nil || !vm.Past().IsZero() {
		return info.Subject{}
	}
	s := info.Subject{Session: c.Session, Count: in.w.list.SelectedCount()}
	if s.Count == 0 {
		if at := vm.At(); !at.IsRoot() {
			s.Count, s.Items = 1, []info.Item{vm.place(at)}
		}
		return s
	}
	for k := range in.w.list.Selection().All() {
		it, ok := vm.store.Get(k)
		if !ok || len(s.Items) == infoItems {
			break
		}
		at := vm.store.Path(k)
		at.Version = "" // Info is about objects, and its Versions tab about what is old of one
		s.Items = append(s.Items, infoItem(at, it))
	}
	return s
}

// place is a folder or bucket as an item of the inspector.
func (vm *ViewModel) place(at storage.Location) info.Item {
	it := rows.Item{Kind: rows.Folder, Name: at.Name() + "/"}
	if at.IsBucket() {
		it = rows.Item{Kind: rows.Bucket, Name: at.Bucket}
	}
	return infoItem(at, it)
}

func infoItem(at storage.Location, it rows.Item) info.Item {
	return info.Item{At: at, Folder: isContainer(it.Kind), Kind: rows.KindText(it.Kind, it.Name), Icon: rows.Icon(it.Kind, it.Name), Size: it.Size,
		Modified: it.Modified, Class: it.Class, ETag: it.ETag, Owner: it.Owner}
}

// applied shows what became of changes, and the rows as they are now.
func (in *inspector) applied(o info.Outcome, locs []storage.Location) {
	w := in.w
	w.VM.RefreshBelow(locs...)
	switch {
	case o.Unread > 0:
		w.Notice(text.N("bucketinfo.unread", o.Unread, o.Unread))
	case o.Bucket && o.Done > 0:
		w.Notice(text.N("bucketinfo.applied", o.Done, o.Done))
	case o.Done > 0 && len(o.Failed) == 0:
		w.Notice(text.N("info.applied", o.Done, o.Done))
	}
	if len(o.Ignored) > 0 {
		w.Notice(text.T("info.ignored", strings.Join(o.Ignored, ", ")))
	}
	if len(o.Unreadable) > 0 {
		w.askLoss(o.Unreadable, o.Plain)
		return
	}
	if len(o.Failed) > 0 {
		p := Problem{Total: o.Total, Retry: o.Retry}
		for _, f := range o.Failed {
			p.Failures = append(p.Failures, report.Failure{What: plain(f.At.Key), Err: f.Err})
		}
		w.Report(p)
	}
}

// pin opens what the pane shows in a window of its own.
func (in *inspector) pin() {
	s := in.about
	if len(s.Items) == 0 {
		return
	}
	w := in.w
	p := &pinned{of: s.Session, win: w.s.App.NewWindow(text.T("info.title"))}
	p.win.SetPadded(false)
	p.tasks = tasks.New(kit.WithWindow(w.tasks.Context(), p.win), w.s.Post)
	pane := in.newPane(p.tasks, info.Options{Prefix: "pinned", Copy: w.Clipboard, Register: func(id string, o fyne.CanvasObject) { w.s.Register(p.win, id, o) }})
	pane.VM.Choose(in.pane.VM.Tab())
	pane.VM.Show(s)
	title, _, _ := pane.VM.Heading()
	p.win.SetTitle(text.T("info.window_title", title))
	p.win.SetContent(pane.Object)
	p.win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			p.win.Close()
		}
	})
	p.win.SetOnClosed(func() {
		p.tasks.Close()
		in.pins = slices.DeleteFunc(in.pins, func(o *pinned) bool { return o == p })
	})
	in.pins = append(in.pins, p)
	size := in.pane.Object.Size()
	p.win.Resize(fyne.NewSize(max(size.Width, info.LeastWidth+20), max(size.Height, 420)))
	p.win.Show()
	p.win.Canvas().Focus(pane.Tabs())
}

// unpin closes the windows of connections other than the one that is open.
func (in *inspector) unpin() {
	c := in.w.VM.Connection()
	for _, p := range slices.Clone(in.pins) {
		if in.w.closed || c == nil || p.of != c.Session {
			p.win.Close()
		}
	}
}
