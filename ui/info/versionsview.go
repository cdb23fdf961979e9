package info

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/consent"
	"pintail/ui/kit"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/report"
)

// versionsView draws the Versions tab.
type versionsView struct {
	p                    *Pane
	list                 *outline.Outline
	fetch, turn, destroy *kit.Button
	compare              *kit.Button
	note                 *kit.Label
	box                  *fyne.Container
	about                Subject
}

func newVersionsView(p *Pane) *versionsView {
	v := &versionsView{p: p, note: kit.NewCaption("")}
	v.list = outline.New(versionModel{p.VM}, []outline.Column{
		{ID: "date", Title: text.T("info.ver_date"), Width: 130, Min: 100, Flex: true, Fixed: true},
		{ID: "size", Title: text.T("info.size_label"), Width: 56, Min: 40, Align: model.Trailing},
		{ID: "class", Title: text.T("info.class"), Width: 82, Min: 50},
		{ID: "version", Title: text.T("info.version"), Width: 150, Min: 50, Hidden: true, Mono: true},
		{ID: "owner", Title: text.T("info.owner"), Width: 90, Min: 50, Hidden: true},
		{ID: "etag", Title: "ETag", Width: 150, Min: 50, Hidden: true, Mono: true},
	}, outline.Options{})
	v.list.OnSelect = v.buttons
	v.list.OnOpen = func(model.Key) { v.act(FetchVersion) }
	v.list.OnDelete = func() { v.act(DeleteVersion) }
	v.list.CanStart = func(model.Key) bool { return false }
	v.list.OnMenu = v.menu
	v.fetch = kit.NewButton(text.T("info.download"), kit.Plain, func() { v.act(FetchVersion) })
	v.turn = kit.NewButton(text.T("info.revert_to"), kit.Plain, func() {
		if e, ok := v.chosen(); ok && p.VM.Can(Undelete, e) {
			v.act(Undelete)
			return
		}
		v.act(RevertTo)
	})
	v.destroy = kit.NewButton(text.T("info.destroy"), kit.Plain, func() { v.act(DeleteVersion) })
	v.compare = kit.NewButton(text.T("compare.button"), kit.Plain, v.showDifference)
	bar := container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), container.New(layout.NewCustomPaddedVBoxLayout(8),
		container.New(layout.NewCustomPaddedHBoxLayout(8), v.fetch, v.turn, v.destroy), container.New(layout.NewCustomPaddedHBoxLayout(8), v.compare)))
	v.box = container.NewBorder(nil, container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewHairline(), v.note, bar), nil, nil, v.list)
	for id, o := range map[string]fyne.CanvasObject{"versions": v.list, "versions.download": v.fetch, "versions.revert": v.turn, "versions.delete": v.destroy, "versions.compare": v.compare, "versions.note": v.note} {
		p.register(id, o)
	}
	return v
}

func (v *versionsView) object() fyne.CanvasObject { return v.box }

func (v *versionsView) update() {
	vm := v.p.VM
	if s := vm.Subject(); !sameThings(s, v.about) {
		v.about = s
		v.list.SetModel(versionModel{vm})
	}
	reason := vm.VersionState()
	var m *outline.Message
	switch {
	case len(vm.Versions()) > 0:
	case reason == "":
		m = &outline.Message{Icon: "waiting", Title: text.T("info.loading_versions")}
	default:
		m = &outline.Message{Title: reason}
	}
	v.list.SetMessage(m)
	v.list.Changed(true)
	v.buttons()
}

// chosen is the selected row.
func (v *versionsView) chosen() (storage.Entry, bool) {
	if v.list.SelectedCount() != 1 {
		return storage.Entry{}, false
	}
	for k := range v.list.Selection().All() {
		if i := int(k) - 1; i < len(v.p.VM.Versions()) {
			return v.p.VM.Versions()[i], true
		}
	}
	return storage.Entry{}, false
}

// allChosen are the places of the selected rows, a few at most.
func (v *versionsView) allChosen() []int {
	if v.list.SelectedCount() > 2 {
		return nil
	}
	var out []int
	for k := range v.list.Selection().All() {
		if i := int(k) - 1; i < len(v.p.VM.Versions()) {
			out = append(out, i)
		}
	}
	return out
}

func (v *versionsView) buttons() {
	if v.destroy == nil {
		return
	}
	e, ok := v.chosen()
	vm := v.p.VM
	v.fetch.SetEnabled(ok && vm.Can(FetchVersion, e) && v.p.o.Download != nil)
	words := text.T("info.revert_to")
	if ok && e.Marker && e.Latest {
		words = text.T("info.undelete")
	}
	v.turn.SetText(words)
	v.turn.SetEnabled(ok && (vm.Can(RevertTo, e) || vm.Can(Undelete, e)))
	v.destroy.SetEnabled(ok && vm.Can(DeleteVersion, e))
	_, _, can, reason := vm.Comparable(v.allChosen())
	v.compare.SetEnabled(can)
	v.note.SetText(or(reason, vm.VersionNote()))
	v.note.Hidden = v.note.Text() == ""
}

func (v *versionsView) menu(k model.Key, at fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(v.list)
	e, ok := v.chosen()
	if k == 0 || !ok || c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, d := range []struct {
		deed VersionDeed
		name string
	}{{FetchVersion, text.T("info.download")}, {RevertTo, text.T("info.revert_to")}, {Undelete, text.T("info.undelete")}, {DeleteVersion, text.T("info.destroy")}} {
		it := fyne.NewMenuItem(d.name, func() { v.act(d.deed) })
		it.Disabled = !v.p.VM.Can(d.deed, e)
		items = append(items, it)
	}
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(text.T("info.copy_version"), func() { v.p.o.Copy(e.Version) }))
	kit.ShowMenu(c, fyne.NewMenu("", items...), at)
}

// act does something with the selected version; what destroys asks first.
func (v *versionsView) act(d VersionDeed) {
	e, ok := v.chosen()
	vm := v.p.VM
	if !ok || !vm.Can(d, e) {
		return
	}
	switch d {
	case FetchVersion:
		if v.p.o.Download != nil {
			v.p.o.Download(vm.versionAt(e), e.Size)
		}
	case DeleteVersion:
		v.askDestroy(e)
	case RevertTo:
		v.askRevert(e)
	default:
		v.do(d, e, "")
	}
}

// askRevert makes a version the current one; where the connection is marked as production it asks first.
func (v *versionsView) askRevert(e storage.Entry) {
	word, c := v.p.word(), fyne.CurrentApp().Driver().CanvasForObject(v.list)
	if word == "" || c == nil {
		v.do(RevertTo, e, "")
		return
	}
	q := consent.Question{Title: text.N("production.revert", 1, 1), Text: text.T("production.revert_text"), OK: text.T("production.revert_ok")}
	consent.Ask(c, v.p.o.Register, word, q, func() { v.do(RevertTo, e, "") })
}

func (v *versionsView) askDestroy(e storage.Entry) {
	c := fyne.CurrentApp().Driver().CanvasForObject(v.list)
	if c == nil {
		return
	}
	words := text.T("info.destroy_version", versionDate(e))
	switch {
	case e.Marker && e.Latest:
		words = text.T("info.destroy_marker")
	case e.Marker:
		words = text.T("info.destroy_old_marker")
	}
	var sheet *kit.Sheet
	var field *consent.Field
	ok := kit.NewButton(text.T("info.destroy_now"), kit.Danger, func() { sheet.Close(); v.do(DeleteVersion, e, "") })
	field = consent.NewField(v.p.word(), v.p.o.Register, func() { ok.SetEnabled(field.Right()) })
	ok.SetEnabled(field.Right())
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { sheet.Close() })
	v.p.o.Register("dialog.ok", ok)
	v.p.o.Register("dialog.cancel", cancel)
	sheet = kit.ShowSheet(c, text.T("info.destroy_title"), container.New(layout.NewCustomPaddedVBoxLayout(8),
		report.Paragraph(words, 400, kit.LabelStyle{}), field.Object), field.First(cancel), cancel, ok)
}

// versionDate names a version, to the second: several may be of one minute.
func versionDate(e storage.Entry) string { return e.Modified.Local().Format("2 Jan 2006 15:04:05") }

// do carries a deed out; a bucket that wants a code of a device asks for it.
func (v *versionsView) do(d VersionDeed, e storage.Entry, mfa string) {
	v.p.VM.Do(d, e, mfa, func(err error) {
		c := fyne.CurrentApp().Driver().CanvasForObject(v.list)
		switch {
		case err == nil:
		case storage.KindOf(err) == storage.KindNeedsMFA && c != nil:
			askLine(c, v.p.o.Register, text.T("info.mfa_title"), text.T("info.mfa_label"), "", func(code string) { v.do(d, e, code) })
		default:
			v.p.o.Failed(err)
		}
	})
}
