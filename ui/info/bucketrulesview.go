package info

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// rulesView draws the lifecycle as a list of rules, and the form of the rule that is open.
type rulesView struct {
	p          *Pane
	shown      bool
	left       func(feature string) // it was left
	frame      *fyne.Container
	page       *kit.Page
	back       *kit.IconButton
	add, asDoc *kit.Button
	none       *note
	rows       []*settingRow
	rule       *ruleView
	inRule     bool
}

func newRulesView(p *Pane, left func(string)) *rulesView {
	v := &rulesView{p: p, left: left, page: kit.NewPage(12, 8), none: newNote()}
	v.back = kit.NewIconButton("back", text.T("bucketinfo.back"), v.leave)
	v.add = kit.NewButton(text.T("lifecycle.add"), kit.Plain, p.VM.AddRule)
	v.asDoc = kit.NewButton(text.T("lifecycle.document"), kit.Plain, func() { p.VM.OpenDoc(lifecycle) })
	v.frame = container.NewBorder(pageHead(v.back, kit.NewLabel(text.T("lifecycle.title"), kit.LabelStyle{Bold: true, Cut: kit.CutEnd}), v.add, v.asDoc), nil, nil, nil, v.page)
	for id, o := range map[string]fyne.CanvasObject{"back": v.back, "add": v.add, "document": v.asDoc, "none": v.none} {
		p.register("lifecycle."+id, o)
	}
	v.rule = newRuleView(p)
	return v
}

// pageHead is the head of a page within a tab: the way back, a title, and what can be done.
func pageHead(back fyne.CanvasObject, title fyne.CanvasObject, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(8, 0, 6, 12), container.NewBorder(nil, nil, container.NewCenter(back),
		container.New(layout.NewCustomPaddedHBoxLayout(8), buttons...), title))
}

func (v *rulesView) leave() {
	v.p.VM.CloseRules()
	v.left(lifecycle)
}

func (v *rulesView) object() fyne.CanvasObject {
	if v.inRule {
		return v.rule.frame
	}
	return v.frame
}

// update shows the list or the rule that is open; false if the lifecycle is not shown as a form.
func (v *rulesView) update() bool {
	vm := v.p.VM
	fresh := !v.shown
	if v.shown = vm.RulesOpen(); !v.shown {
		v.inRule = false
		return false
	}
	was := v.inRule
	if v.inRule = v.rule.update(); v.inRule {
		return true
	}
	open, reason := vm.RulesState()
	list := vm.Rules()
	v.add.SetEnabled(open)
	var parts []fyne.CanvasObject
	for i, r := range list {
		if i == len(v.rows) {
			v.rows = append(v.rows, v.newRow(i))
		}
		v.rows[i].show(r)
		if i > 0 {
			parts = append(parts, v.rows[i].line)
		}
		parts = append(parts, v.rows[i])
	}
	switch {
	case !open:
		v.none.set(or(reason, text.T("info.busy")))
		parts = append(parts, v.none)
	case len(list) == 0:
		v.none.set(text.T("lifecycle.none"))
		parts = append(parts, v.none)
	}
	v.page.SetParts(parts...)
	if fresh || was {
		vm.Tasks.Post(func() { kit.FocusOn(v.add) }) // when it hangs in the window
	}
	return true
}

func (v *rulesView) newRow(i int) *settingRow {
	vm := v.p.VM
	r := newSettingRow(func() { vm.OpenRule(i) }, func() { vm.RemoveRule(i) })
	r.turnedBy(func(on bool) { vm.EditRule(i, func(f *RuleFields) { f.Enabled = on }) })
	for name, o := range map[string]fyne.CanvasObject{"on": r.on, "edit": r.edit, "remove": r.remove, "words": r.words} {
		adopt(v.page, o)
		v.p.register(fmt.Sprintf("lifecycle.%s.%d", name, i), o)
	}
	return r
}
