package browser

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/consent"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/report"
)

// pastBar stands above the rows while they are of the past.
type pastBar struct {
	box  *fyne.Container
	said *kit.Label
}

func newPastBar(w *Window) *pastBar {
	b := &pastBar{said: kit.NewLabel("", kit.LabelStyle{Cut: kit.CutEnd})}
	restore := kit.NewButton(text.T("menu.restore_point"), kit.Plain, func() { w.invoke("file.restorepoint") })
	leave := kit.NewButton(text.T("menu.now"), kit.Plain, func() { w.invoke("view.now") })
	w.register("past.text", b.said)
	w.register("past.restore", restore)
	w.register("past.leave", leave)
	row := container.NewBorder(nil, nil, nil, container.New(layout.NewCustomPaddedHBoxLayout(8), restore, leave), container.New(&middleLayout{}, b.said))
	b.box = container.New(layout.NewCustomPaddedVBoxLayout(0), container.New(layout.NewCustomPaddedLayout(5, 5, 10, 8), row), kit.NewHairline())
	b.box.Hide()
	return b
}

// middleLayout puts its one object in the middle of the height, with all the width.
type middleLayout struct{}

func (middleLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(s.Width, h))
	o[0].Move(fyne.NewPos(0, (s.Height-h)/2))
}
func (middleLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// follow shows the time that the rows are of.
func (b *pastBar) follow(vm *ViewModel) {
	past := vm.Past()
	if past.IsZero() {
		b.box.Hide()
		return
	}
	b.said.SetText(text.T("old.as_it_was", momentText(past)))
	b.box.Show()
}

// askAsOf asks for the time to show.
func (w *Window) askAsOf() {
	now := w.VM.Now()
	start := w.VM.Past()
	if start.IsZero() {
		start = now.Add(-24 * time.Hour)
	}
	w.askName(nameSheet{title: text.T("old.as_of_title", plain(Title(w.VM.At()))), label: text.T("old.as_of_label"), ok: text.T("old.as_of_ok"),
		start: start.Local().Format("2006-01-02 15:04"), stem: -1,
		check: func(s string) string { _, wrong := pastTime(s, now); return wrong },
		warn: func(s string) string {
			t, _ := pastTime(s, now)
			return text.T("old.as_of_hint", momentText(t), units.FormatSpan(now.Sub(t)))
		},
		done: func(s string) {
			if t, wrong := pastTime(s, now); wrong == "" {
				w.VM.AsOf(t)
			}
		}})
}

// pastTime reads a moment, or how long ago it was, or says what is wrong with it.
func pastTime(s string, now time.Time) (t time.Time, wrong string) {
	s = strings.TrimSpace(s)
	t, err := units.ParseTime(s, time.Local)
	if err != nil {
		d, derr := units.ParseDuration(s)
		if derr != nil || d <= 0 {
			return time.Time{}, text.T("old.as_of_bad")
		}
		t = now.Add(-d)
	}
	if !t.Before(now) {
		return time.Time{}, text.T("old.as_of_future")
	}
	return t, ""
}

// planModel is the changes of a plan as rows.
type planModel struct{ p *RewindPlan }

// Len and the other methods are those of model.Model.
func (m planModel) Len() int { return len(m.p.First) }

// Key is the key of a row.
func (m planModel) Key(i int) model.Key { return model.Key(i + 1) }

// Index is the place of a row.
func (m planModel) Index(k model.Key) (int, bool) { return int(k) - 1, k > 0 && int(k) <= m.Len() }

// Toggle does nothing: there are no folders.
func (m planModel) Toggle(int, bool) {}

// Parent is none.
func (m planModel) Parent(int) int { return -1 }

// Sort does nothing: the changes stand in the order of their keys.
func (m planModel) Sort(string, bool) {}

// Find finds nothing.
func (m planModel) Find(string, int) int { return -1 }

// Row is one change.
func (m planModel) Row(i int, into *model.Row) {
	k := m.p.First[i]
	*into = model.Row{Key: m.Key(i), Cells: into.Cells[:0], Wanted: into.Wanted, Icon: rows.Icon(rows.Object, k.Key)}
	into.SetCell(0, plain(strings.TrimPrefix(k.Key, m.p.At.Key)))
	when := "—"
	if k.Existed() {
		when = k.Was.Modified.Local().Format("2006-01-02 15:04")
	}
	words := text.T("old.change_copy")
	switch k.Action {
	case storage.RewindUndelete:
		words, into.Icon = text.T("old.change_undelete"), "kind-marker"
	case storage.RewindDelete:
		words, into.Icon = text.T("old.change_delete"), "delete"
	}
	into.SetCell(1, words)
	into.SetCell(2, when)
}

// restorePlace is the folder that Restore to this point puts back: the one selected, or the one that is shown.
func (w *Window) restorePlace() storage.Location {
	if items := w.Items(); len(items) == 1 && items[0].Folder {
		return items[0].At
	}
	return w.VM.At()
}

// askRewind shows what would change, and does it when that is wanted.
func (w *Window) askRewind() {
	at, to := w.restorePlace(), w.VM.Past()
	plan := RewindPlan{At: at, To: to}
	list := outline.New(planModel{&plan}, []outline.Column{
		{ID: "name", Title: text.T("browser.col_name"), Flex: true, Width: 200, Min: 120, Fixed: true},
		{ID: "what", Title: text.T("old.col_change"), Width: 190, Min: 60},
		{ID: "was", Title: text.T("old.col_was"), Width: 130, Min: 60},
	}, outline.Options{})
	list.CanStart = func(model.Key) bool { return false }
	said := container.New(layout.NewCustomPaddedVBoxLayout(4))
	var s *kit.Sheet
	cancel := func() {}
	yes := kit.NewButton(text.T("old.rewind_yes"), kit.Danger, func() { cancel(); s.Close(); w.VM.answered(func() { w.VM.Rewind(plan) }) })
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { cancel(); s.Close() })
	var name *consent.Field
	enable := func() { yes.SetEnabled(!plan.Counting && plan.Err == nil && plan.Changes() > 0 && name.Right()) }
	name = w.typedName(enable)
	yes.SetEnabled(false)
	for id, o := range map[string]fyne.CanvasObject{"dialog.ok": yes, "dialog.cancel": no, "rewind.list": list} {
		w.register(id, o)
	}
	hold := container.New(&leastLayout{fyne.NewSize(planWidth, 200)}, list)
	body := container.NewBorder(nil, container.New(layout.NewCustomPaddedLayout(8, 0, 0, 0), container.New(layout.NewCustomPaddedVBoxLayout(8), said, name.Object)), nil, nil, hold)
	s = kit.ShowSheet(w.Win.Canvas(), text.T("old.rewind_title", plain(Title(at)), momentText(to)), body, name.First(no), no, yes)
	cancel = w.VM.PlanRewind(at, to, func(p RewindPlan) {
		plan = p
		said.Objects = rewindWords(p, Base(w.s.Preferences))
		enable()
		list.Changed(false)
		body.Refresh()
	})
	w.register("rewind.text", said)
}

const planWidth = 560

// rewindWords say what a plan counts.
func rewindWords(p RewindPlan, base units.Base) []fyne.CanvasObject {
	line := func(s string, ink fyne.ThemeColorName) fyne.CanvasObject {
		return report.Paragraph(s, planWidth, kit.LabelStyle{Color: ink})
	}
	n := units.FormatCount
	sum := text.T("old.rewind_sum", n(p.Copies), units.FormatBytes(p.Bytes, base), n(p.Undeletes), n(p.Deletes), n(p.Same))
	out := []fyne.CanvasObject{line(sum, theme.ColorNameForeground)}
	switch {
	case p.Counting:
		out = append(out, line(text.T("old.rewind_counting"), look.ColorSecondary))
	case p.Err != nil:
		out = append(out, line(explain.Error(p.Err).Sentence, theme.ColorNameError))
	case p.Changes() == 0:
		out = append(out, line(text.T("old.rewind_nothing"), look.ColorSecondary))
	default:
		out = append(out, line(text.T("old.rewind_kept"), look.ColorSecondary))
	}
	return out
}
