package info

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
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
	rows       []*ruleRow
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
			v.rows = append(v.rows, newRuleRow(v.p, v.page, i))
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

// ruleRow is a rule in the list: whether it is on, its name, what it does, and ways to edit and remove it.
type ruleRow struct {
	widget.BaseWidget
	line         fyne.CanvasObject // above it
	on           *kit.Check
	name         *kit.Label
	words, fault *note
	edit, remove *kit.IconButton
	fill         bool
}

func newRuleRow(p *Pane, page *kit.Page, i int) *ruleRow {
	r := &ruleRow{line: kit.NewHairline(), name: kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}), words: newNote(), fault: newNote()}
	r.fault.ink = theme.ColorNameError
	r.on = kit.NewCheck("", func(on bool) {
		if !r.fill {
			p.VM.EditRule(i, func(f *RuleFields) { f.Enabled = on })
		}
	})
	r.edit = kit.NewIconButton("edit", "", func() { p.VM.OpenRule(i) })
	r.remove = kit.NewIconButton("minus", "", func() { p.VM.RemoveRule(i) })
	for name, o := range map[string]fyne.CanvasObject{"on": r.on, "edit": r.edit, "remove": r.remove, "words": r.words} {
		adopt(page, o)
		p.register(fmt.Sprintf("lifecycle.%s.%d", name, i), o)
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *ruleRow) show(row RuleRow) {
	r.fill = true
	r.on.SetChecked(row.Enabled)
	r.fill = false
	r.name.SetText(row.Name)
	ink := look.ColorInk
	if !row.Enabled {
		ink = theme.ColorNameDisabled
	}
	r.name.SetColor(ink)
	r.words.set(row.Words)
	r.fault.set(row.Fault)
	r.edit.SetIcon("edit", text.T("lifecycle.edit", row.Name))
	r.remove.SetIcon("minus", text.T("lifecycle.remove", row.Name))
	r.Refresh()
}

// HeightFor is called by the page.
func (r *ruleRow) HeightFor(width float32) float32 { return r.place(width) }

func (r *ruleRow) place(width float32) float32 {
	const button, gap = 24, 4
	box := r.on.MinSize()
	left := box.Width + gap
	r.on.Resize(box)
	r.on.Move(fyne.NewPos(0, (button-box.Height)/2))
	for i, b := range []*kit.IconButton{r.remove, r.edit} {
		b.Resize(fyne.NewSquareSize(button))
		b.Move(fyne.NewPos(width-float32(i+1)*button, 0))
	}
	h := r.name.MinSize().Height
	w := width - left - 2*button - gap
	r.name.Resize(fyne.NewSize(w, h))
	r.name.Move(fyne.NewPos(left, (button-h)/2))
	y := float32(button)
	for _, n := range []*note{r.words, r.fault} {
		high := n.HeightFor(width - left - gap)
		n.Resize(fyne.NewSize(width-left-gap, high))
		n.Move(fyne.NewPos(left, y))
		y += high
	}
	return y
}

// CreateRenderer is called by the toolkit.
func (r *ruleRow) CreateRenderer() fyne.WidgetRenderer { return &ruleRowRenderer{r} }

type ruleRowRenderer struct{ r *ruleRow }

func (r *ruleRowRenderer) Layout(s fyne.Size) { r.r.place(s.Width) }
func (r *ruleRowRenderer) MinSize() fyne.Size { return fyne.NewSize(240, 0) }
func (r *ruleRowRenderer) Refresh() {
	r.r.place(r.r.Size().Width)
	for _, o := range r.Objects() {
		o.Refresh()
	}
}
func (r *ruleRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.r.on, r.r.name, r.r.words, r.r.fault, r.r.edit, r.r.remove}
}
func (r *ruleRowRenderer) Destroy() {}
