package info

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// listedView draws the settings of one feature that a bucket has several of: each with a way to its document.
type listedView struct {
	p     *Pane
	shown bool
	doc   *docView // that deletes
	left  func(feature string)
	frame *fyne.Container
	page  *kit.Page
	title *kit.Label
	add   *kit.Button
	none  *note
	rows  []*listedRow
	of    string
}

// listedRow is a setting in the list, with the key of its document.
type listedRow struct {
	*settingRow
	key string
}

func newListedView(p *Pane, doc *docView, left func(string)) *listedView {
	v := &listedView{p: p, doc: doc, left: left, page: kit.NewPage(12, 8), none: newNote(), title: kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutEnd})}
	back := kit.NewIconButton("back", text.T("bucketinfo.back"), v.leave)
	v.add = kit.NewButton(text.T("listed.add"), kit.Plain, v.templates)
	v.frame = container.NewBorder(pageHead(back, v.title, v.add), nil, nil, nil, v.page)
	for id, o := range map[string]fyne.CanvasObject{"back": back, "add": v.add, "none": v.none} {
		p.register("listed."+id, o)
	}
	return v
}

func (v *listedView) leave() {
	of := v.of
	v.p.VM.OpenListed("")
	v.left(of)
}

// update shows the list that is open; false if none is.
func (v *listedView) update() bool {
	vm := v.p.VM
	of, keys, ok := vm.Listed()
	fresh := !v.shown
	if v.shown = ok; !ok {
		return false
	}
	v.of = of.Feature
	v.title.SetText(of.Label)
	_, open, reason := vm.ListedState(of.Feature)
	v.add.SetEnabled(open)
	var parts []fyne.CanvasObject
	for i, key := range keys {
		if i == len(v.rows) {
			v.rows = append(v.rows, v.newRow(i))
		}
		v.rows[i].of(vm, key)
		if i > 0 {
			parts = append(parts, v.rows[i].line)
		}
		parts = append(parts, v.rows[i].settingRow)
	}
	switch {
	case !open:
		v.none.set(or(reason, text.T("info.busy")))
		parts = append(parts, v.none)
	case len(keys) == 0:
		v.none.set(text.T("listed.none"))
		parts = append(parts, v.none)
	}
	v.page.SetParts(parts...)
	if fresh {
		vm.Tasks.Post(func() { kit.FocusOn(v.add) }) // when it hangs in the window
	}
	return true
}

func (v *listedView) newRow(i int) *listedRow {
	r := &listedRow{}
	r.settingRow = newSettingRow(func() { v.p.VM.OpenDoc(r.key) }, func() {
		if v.p.VM.CanDeleteDoc(r.key) {
			v.doc.askDeleteOf(r.remove, r.key)
			return
		}
		v.p.VM.DropDoc(r.key)
	})
	for id, o := range map[string]fyne.CanvasObject{"edit": r.edit, "remove": r.remove, "name": r.name, "words": r.words} {
		adopt(v.page, o)
		v.p.register(fmt.Sprintf("listed.%s.%d", id, i), o)
	}
	return r
}

func (r *listedRow) of(vm *ViewModel, key string) {
	r.key = key
	j := vm.docs.judge(key, "")
	_, id := splitKey(key)
	row := RuleRow{Name: or(j.doc.ID(), id), Words: listedWords(j.doc), Enabled: true, Fault: j.fault}
	if vm.docs.changed(key) {
		row.Words = text.T("bucketinfo.changed") + " · " + row.Words
	}
	r.show(row)
}

// templates offers what a setting can be started from.
func (v *listedView) templates() {
	v.doc.templateMenu(v.add, v.of, v.p.VM.AddListed)
}
