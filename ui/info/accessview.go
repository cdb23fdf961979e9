package info

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/kit"
)

// accessView draws the Permissions tab.
type accessView struct {
	p      *Pane
	page   *kit.Page
	grid   *grid
	form   *kit.Form
	owner  *kit.Label
	canned *kit.Select
	names  []string
	note   *note
	bucket *settingsForm
	docs   *docRows
	doc    *docView
	who    *factTable
	block  *note
	check  *checkView
	try    *kit.Button
	tryRow fyne.CanvasObject
}

func newAccessView(p *Pane) *accessView {
	v := &accessView{p: p, page: kit.NewPage(12, 14), owner: kit.NewLabel("", kit.LabelStyle{Cut: kit.CutMiddle})}
	v.grid = newGrid(p.VM, func(o fyne.CanvasObject) { adopt(v.page, o) }, v.addMenu)
	v.canned = kit.NewSelect(nil, func(i int) {
		name := ""
		if i > 0 {
			name = v.names[i-1]
		}
		p.VM.SetCanned(name)
	})
	adopt(v.page, v.canned)
	v.form = kit.NewForm()
	v.form.Add(text.T("info.owner"), v.owner)
	v.form.Add(text.T("info.canned"), v.canned)
	p.register("grants", v.grid)
	p.register("grants.add", v.grid.add)
	p.register("canned", v.canned)
	v.note = newNote()
	keep := func(o fyne.CanvasObject) { adopt(v.page, o) }
	v.bucket, v.docs = newSettingsForm(p, Permissions, keep), newDocRows(p, Permissions, keep)
	v.doc = newDocView(p, Permissions, v.docs)
	v.bucket.inLine(v.docs)
	v.who, v.block = newFactTable(p.o.Copy, keep), newNote()
	p.register("effective", v.who)
	v.check = newCheckView(p, func() { p.VM.Tasks.Post(func() { kit.FocusOn(v.try) }) }) // when it hangs in the window again
	v.try = kit.NewButton(text.T("check.open"), kit.Plain, p.VM.OpenCheck)
	v.tryRow = container.New(layout.NewCustomPaddedHBoxLayout(0), v.try)
	keep(v.try)
	p.register("check", v.try)
	return v
}

func (v *accessView) object() fyne.CanvasObject {
	switch {
	case v.check.shown:
		return v.check.frame
	case v.doc.feature != "":
		return v.doc
	}
	return v.page
}

func (v *accessView) update() {
	vm := v.p.VM
	if v.check.update() || v.doc.update() {
		return
	}
	open, _ := vm.AccessState()
	v.owner.SetText(or(vm.Owners(), text.T("info.busy")))
	if !open {
		v.owner.SetText("")
	}
	v.names = vm.CannedChoices()
	v.canned.SetOptions(append([]string{text.T("info.canned_none")}, v.names...))
	v.canned.SetIndex(0)
	for i, n := range v.names {
		if n == vm.Canned() {
			v.canned.SetIndex(i + 1)
		}
	}
	v.canned.SetEnabled(open)
	v.grid.update()
	words := ""
	if open && !vm.access.bucket {
		words = text.T("info.no_object_write")
	}
	v.note.set(words)
	parts := []fyne.CanvasObject{v.form, v.grid, v.note}
	width := max(textWidth(text.T("info.owner")), textWidth(text.T("info.canned")))
	if _, ok := vm.bucket(); ok {
		v.bucket.update()
		v.docs.update()
		width = max(width, v.bucket.width, v.docs.width)
		parts = append(append(parts, v.docs.form), v.bucket.parts...)
	}
	v.form.SetLabelWidth(width)
	v.form.Refresh()
	if s := vm.EffectiveAccess(); len(s.Facts) > 0 {
		v.who.set(s, max(labelWidth(s), width+formInset-factIn)) // its values begin where the fields of the forms do
		v.block.set("")
		if vm.AccountBlock() {
			v.block.set(text.T("access.account"))
		}
		parts = append(parts, v.who, v.block)
	}
	if vm.CanCheck() {
		parts = append(parts, v.tryRow)
	}
	v.page.SetParts(parts...)
}

// addMenu offers whom to give access.
func (v *accessView) addMenu(below fyne.CanvasObject) {
	vm := v.p.VM
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(below)
	if c == nil {
		return
	}
	give := func(label string, who storage.Grantee) *fyne.MenuItem {
		return fyne.NewMenuItem(label, func() { vm.AddGrantee(who) })
	}
	var items []*fyne.MenuItem
	if o, ok := vm.Owner(); ok {
		items = append(items, give(text.T("info.who_owner"), o))
	}
	items = append(items, give(text.T("info.everyone"), storage.Grantee{URI: storage.GroupEveryone}),
		give(text.T("info.authenticated"), storage.Grantee{URI: storage.GroupAuthenticated}))
	if vm.access.bucket {
		items = append(items, give(text.T("info.log_delivery"), storage.Grantee{URI: storage.GroupLogDelivery}))
	}
	items = append(items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(text.T("info.who_id"), func() {
			v.ask(c, text.T("info.who_id_label"), func(s string) { vm.AddGrantee(storage.Grantee{ID: s}) })
		}),
		fyne.NewMenuItem(text.T("info.who_email"), func() {
			v.ask(c, text.T("info.who_email_label"), func(s string) { vm.AddGrantee(storage.Grantee{Email: s}) })
		}))
	kit.ShowMenu(c, fyne.NewMenu("", items...), d.AbsolutePositionForObject(below).AddXY(0, below.Size().Height))
}

// ask asks for one line of text.
func (v *accessView) ask(c fyne.Canvas, label string, done func(string)) {
	askLine(c, v.p.o.Register, text.T("info.who_title"), label, "", done)
}
