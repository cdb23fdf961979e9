package browser

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/consent"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

const sheetWidth = 400

// taken tells whether a name is known to be there already in a folder on screen.
func (vm *ViewModel) taken(at storage.Location, name string) bool {
	if at == vm.at {
		return vm.store.FindChild(0, name) != 0 || vm.store.FindChild(0, name+"/") != 0
	}
	for _, k := range vm.openFolders() {
		if vm.store.Path(k) == at {
			return vm.store.FindChild(k, name) != 0 || vm.store.FindChild(k, name+"/") != 0
		}
	}
	return false
}

func nameErrorText(e NameError) string {
	switch e {
	case NameEmpty:
		return text.T("browser.name_empty")
	case NameSlash:
		return text.T("browser.name_slash")
	case NameLong:
		return text.T("browser.name_long")
	case NameTaken:
		return text.T("browser.name_taken")
	}
	return ""
}

// nameSheet asks for one name; check says what is wrong with it.
type nameSheet struct {
	title, label, ok, start string
	stem                    int                 // characters selected at first; -1 all
	check                   func(string) string // what is wrong
	warn                    func(string) string // what to know; nil = nothing
	extra                   func(*kit.Form)
	done                    func(string)
}

func (w *Window) askName(n nameSheet) {
	field := kit.NewEntry()
	form := kit.NewForm()
	row := form.Add(n.label, field)
	if n.extra != nil {
		n.extra(form)
	}
	var s *kit.Sheet
	ok := kit.NewButton(n.ok, kit.Default, func() {
		if n.check(field.Text) == "" && field.Text != "" {
			s.Close()
			n.done(field.Text)
		}
	})
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	hold := container.New(&leastLayout{fyne.NewSize(sheetWidth, 0)}, form)
	field.OnChanged = func(t string) {
		wrong := n.check(t)
		ok.SetEnabled(wrong == "" && t != "")
		if t == "" {
			wrong = ""
		}
		row.SetError(wrong)
		if wrong == "" && n.warn != nil {
			row.SetHint(n.warn(t))
		}
		if row.Remark() == "" {
			row.SetHint(" ")
		}
		hold.Refresh()
	}
	ok.SetEnabled(false)
	w.register("dialog.field", field)
	w.register("dialog.ok", ok)
	w.register("dialog.cancel", cancel)
	row.SetError(" ") // keeps the place, so that the sheet does not jump
	s = kit.ShowSheet(w.Win.Canvas(), n.title, hold, field, cancel, ok)
	if n.start != "" {
		field.SetText(n.start)
		field.SelectFirst(n.stem)
	}
}

// leastLayout gives its one object at least a size.
type leastLayout struct{ least fyne.Size }

func (l *leastLayout) Layout(o []fyne.CanvasObject, s fyne.Size) { o[0].Resize(s) }
func (l *leastLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	return fyne.NewSize(max(m.Width, l.least.Width), max(m.Height, l.least.Height))
}

func (w *Window) askFolder(at storage.Location) {
	w.askName(nameSheet{title: text.T("browser.new_folder_title", plain(Title(at))), label: text.T("browser.name"), ok: text.T("browser.create"),
		check: func(s string) string {
			return nameErrorText(CheckName(s, at, true, func(n string) bool { return w.VM.taken(at, n) }))
		},
		done: func(s string) { w.VM.NewFolder(at, s, func() { w.selectNamed(at, s+"/") }) }})
}

// selectNamed selects a row once it has arrived; the listing has only begun.
func (w *Window) selectNamed(at storage.Location, name string) {
	w.VM.WhenListed(func() {
		if at == w.VM.At() {
			if k := w.VM.store.FindChild(0, name); k != 0 {
				w.list.Select(k)
			}
		}
	})
}

func (w *Window) askBucket() {
	regions := w.regions()
	titles := make([]string, len(regions))
	for i, code := range regions {
		titles[i] = w.VM.Connection().Profile.RegionTitle(code)
	}
	pick := kit.NewSelect(titles, nil)
	if len(regions) > 0 {
		pick.SetIndex(0)
	}
	w.register("bucket.region", pick)
	w.askName(nameSheet{title: text.T("browser.new_bucket_title"), label: text.T("browser.name"), ok: text.T("browser.create"),
		check: w.bucketNameText, warn: bucketWarning,
		extra: func(f *kit.Form) {
			f.Add(text.T("browser.region"), pick)
		},
		done: func(s string) {
			region := "" // without a list of regions, the connection's own
			if i := pick.Index(); i >= 0 {
				region = regions[i]
			}
			w.VM.NewBucket(s, region, func() { w.selectNamed(storage.Location{}, s) })
		}})
}

// regions are those a new bucket can be in: the connection's own first.
func (w *Window) regions() []string {
	c := w.VM.Connection()
	own := c.Session.Region()
	out := []string{}
	if own != "" {
		out = append(out, own)
	}
	for _, r := range c.Profile.Regions {
		if r != own {
			out = append(out, r)
		}
	}
	return out
}

// bucketNameText says which rule a bucket's name breaks, while it is typed.
func (w *Window) bucketNameText(s string) string {
	if s == "" {
		return ""
	}
	if err := storage.CheckBucketName(s); err != nil {
		var e *storage.NameError
		if errors.As(err, &e) {
			return bucketRule(e)
		}
		return err.Error()
	}
	if w.VM.taken(storage.Location{}, s) {
		return text.T("browser.bucket_yours")
	}
	return ""
}

// askDuplicate asks for the name of one copy; several get proposed names by themselves.
func (w *Window) askDuplicate(items []Item) {
	if len(items) != 1 {
		for _, it := range items {
			w.VM.Duplicate(it, CopyName(it.At.Name(), w.VM.Now()))
		}
		return
	}
	it := items[0]
	start := CopyName(it.At.Name(), w.VM.Now())
	base, _ := splitExt(start)
	w.askName(nameSheet{title: text.T("browser.duplicate_title", plain(it.At.Name())), label: text.T("browser.name"), ok: text.T("browser.duplicate"),
		start: start, stem: len([]rune(base)),
		check: func(s string) string {
			return nameErrorText(CheckName(s, it.At.Parent(), it.Folder, func(n string) bool { return w.VM.taken(it.At.Parent(), n) }))
		},
		done: func(s string) { w.VM.Duplicate(it, s) }})
}

// askDelete says in words what would happen and deletes when that is wanted.
func (w *Window) askDelete(items []Item) {
	if len(items) == 0 {
		return
	}
	names := container.New(layout.NewCustomPaddedVBoxLayout(1))
	for i, it := range items {
		if i == 8 {
			names.Add(kit.NewCaption(text.N("report.more", len(items)-i, len(items)-i)))
			break
		}
		names.Add(kit.NewLabel("• "+plain(it.At.Name()), kit.LabelStyle{Cut: kit.CutMiddle}))
	}
	var s *kit.Sheet
	cancel := func() {}
	yes := kit.NewButton(deleteYes(items), kit.Danger, func() { cancel(); s.Close(); w.VM.answered(func() { w.VM.Delete(items) }) })
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { cancel(); s.Close() })
	w.register("dialog.ok", yes)
	w.register("dialog.cancel", no)
	said := container.New(layout.NewCustomPaddedVBoxLayout(8))
	possible := true
	var name *consent.Field
	enable := func() { yes.SetEnabled(possible && name.Right()) }
	name = w.typedName(enable)
	enable()
	body := container.New(&leastLayout{fyne.NewSize(sheetWidth, 0)}, container.New(layout.NewCustomPaddedVBoxLayout(8), names, said, name.Object))
	title := text.N("browser.delete_title", len(items), len(items))
	if len(items) == 1 {
		title = deleteTitle(items[0])
		names.Hide()
	}
	s = kit.ShowSheet(w.Win.Canvas(), title, body, name.First(no), no, yes)
	cancel = w.VM.PlanDelete(items, func(p DeletePlan) {
		said.Objects = deleteWords(p, Base(w.s.Preferences))
		possible = p.Buckets == 0 || p.InBuckets == 0 && !p.Counting
		enable()
		body.Refresh()
	})
}

// deleteWords are the paragraphs of the question.
func deleteWords(p DeletePlan, base units.Base) []fyne.CanvasObject {
	out := oldWords(p.Old, base)
	if p.Objects == 0 && p.Folders+p.Buckets == 0 {
		return out
	}
	out = append(out, report.Paragraph(deleteWhat(p, base), sheetWidth, kit.LabelStyle{}))
	if words, ink := deleteFate(p); words != "" {
		out = append(out, report.Paragraph(words, sheetWidth, kit.LabelStyle{Color: ink}))
	}
	if words := deleteMore(p); words != "" {
		out = append(out, kit.NewCaption(words))
	}
	return out
}

// deleteWhat counts what would go.
func deleteWhat(p DeletePlan, base units.Base) string {
	n := units.FormatCount(p.Objects)
	if p.More {
		n += "+"
	}
	s := text.N("browser.delete_objects", int(p.Objects), n, units.FormatBytes(p.Bytes, base))
	if p.Counting {
		s += " " + text.T("browser.delete_counting")
	}
	switch {
	case p.InBuckets > 0:
		n = units.FormatCount(p.InBuckets)
		if p.More {
			n += "+"
		}
		return text.N("browser.delete_bucket_full", p.Buckets, n)
	case p.Buckets > 0 && p.Objects > 0:
		return s + ". " + text.N("browser.delete_buckets", p.Buckets, p.Buckets)
	case p.Buckets > 0 && !p.Counting:
		return text.N("browser.delete_buckets", p.Buckets, p.Buckets)
	}
	return s
}

// deleteFate says what a deletion does, with the colour of how grave that is.
func deleteFate(p DeletePlan) (string, fyne.ThemeColorName) {
	switch {
	case p.Buckets > 0 && p.Objects == p.InBuckets:
		return "", theme.ColorNameForeground
	case p.Fate == FateHidden:
		return text.T("browser.fate_hidden"), theme.ColorNameForeground
	case p.Fate == FateNull:
		return text.T("browser.fate_null"), theme.ColorNameError
	case p.Fate == FateDestroyed:
		return text.T("browser.fate_destroyed"), theme.ColorNameError
	}
	return text.T("browser.fate_unknown"), look.ColorSecondary
}

func deleteMore(p DeletePlan) string {
	if p.Folders > 0 {
		return text.N("browser.delete_folders", p.Folders, p.Folders)
	}
	return ""
}

// askDeleteBookmark asks before a bookmark goes.
func (w *Window) askDeleteBookmark(id string) {
	b, ok := w.Marks.Bookmark(id)
	if !ok {
		return
	}
	var s *kit.Sheet
	yes := kit.NewButton(text.T("bookmarks.delete_yes"), kit.Danger, func() { s.Close(); w.Marks.Remove(id) })
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	w.register("dialog.ok", yes)
	w.register("dialog.cancel", no)
	s = kit.ShowSheet(w.Win.Canvas(), text.T("bookmarks.delete_title", plain(b.Title())),
		report.Paragraph(text.T("bookmarks.delete_text"), sheetWidth, kit.LabelStyle{}), no, no, yes)
}

// bucketRule is the sentence about a rule for buckets' names.
func bucketRule(e *storage.NameError) string {
	switch e.Rule {
	case "length":
		return text.T("browser.rule_length")
	case "character":
		return text.T("browser.rule_character")
	case "edge":
		return text.T("browser.rule_edge")
	case "dots":
		return text.T("browser.rule_dots")
	case "address":
		return text.T("browser.rule_address")
	}
	return e.Text
}

// bucketWarning is what a name that is allowed brings with it.
func bucketWarning(s string) string {
	if strings.Contains(s, ".") {
		return text.T("browser.bucket_dot")
	}
	return ""
}
