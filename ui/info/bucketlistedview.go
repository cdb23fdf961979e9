package info

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
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

type listedRow struct {
	key          string
	name         *kit.Label
	state        *kit.Label
	edit, remove *kit.IconButton
	line, whole  fyne.CanvasObject
}

func newListedView(p *Pane, doc *docView, left func(string)) *listedView {
	v := &listedView{p: p, doc: doc, left: left, page: kit.NewPage(12, 6), none: newNote(), title: kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutEnd})}
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
		v.rows[i].show(vm, key)
		if i > 0 {
			parts = append(parts, v.rows[i].line)
		}
		parts = append(parts, v.rows[i].whole)
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
	r := &listedRow{name: kit.NewLabel("", kit.LabelStyle{Cut: kit.CutMiddle}), state: kit.NewLabel("", kit.LabelStyle{Size: theme.SizeNameCaptionText, Color: look.ColorSecondary}), line: kit.NewHairline()}
	r.edit = kit.NewIconButton("edit", "", func() { v.p.VM.OpenDoc(r.key) })
	r.remove = kit.NewIconButton("minus", "", func() {
		if v.p.VM.CanDeleteDoc(r.key) {
			v.doc.askDeleteOf(r.remove, r.key)
			return
		}
		v.p.VM.DropDoc(r.key)
	})
	for id, o := range map[string]fyne.CanvasObject{"edit": r.edit, "remove": r.remove, "name": r.name} {
		adopt(v.page, o)
		v.p.register(fmt.Sprintf("listed.%s.%d", id, i), o)
	}
	r.whole = container.NewBorder(nil, nil, nil, container.New(layout.NewCustomPaddedHBoxLayout(0), r.edit, r.remove),
		container.NewBorder(nil, nil, nil, container.NewCenter(r.state), r.name))
	return r
}

func (r *listedRow) show(vm *ViewModel, key string) {
	r.key = key
	j := vm.docs.judge(key, "")
	_, id := splitKey(key)
	name := or(j.doc.ID(), id)
	r.name.SetText(name)
	state := ""
	if vm.docs.changed(key) {
		state = text.T("bucketinfo.changed")
	}
	r.state.SetText(state)
	r.edit.SetIcon("edit", text.T("lifecycle.edit", name))
	r.remove.SetIcon("minus", text.T("lifecycle.remove", name))
}

// templates offers what a setting can be started from.
func (v *listedView) templates() {
	v.doc.templateMenu(v.add, v.of, v.p.VM.AddListed)
}
