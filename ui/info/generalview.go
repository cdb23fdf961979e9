package info

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// generalView draws the General tab.
type generalView struct {
	p         *Pane
	page      *kit.Page
	tables    []*factTable
	sum       *factTable
	calculate *kit.Button
	action    *fyne.Container
	name      *nameField
}

func newGeneralView(p *Pane) *generalView {
	v := &generalView{p: p, page: kit.NewPage(12, 10)}
	v.sum = v.table("content")
	v.name = newNameField(p, v.page)
	v.calculate = kit.NewButton(text.T("info.calculate"), kit.Plain, func() {
		if p.VM.Sum().Running {
			p.VM.StopCalculating()
		} else {
			p.VM.Calculate()
		}
	})
	adopt(v.page, v.calculate)
	p.register("calculate", v.calculate)
	v.action = container.New(layout.NewCustomPaddedHBoxLayout(0), v.calculate)
	return v
}

// adopt makes a page show what gets the keyboard.
func adopt(page *kit.Page, o fyne.CanvasObject) {
	if f, ok := o.(interface{ SetOnFocus(func()) }); ok {
		f.SetOnFocus(func() { page.Reveal(o) })
	}
}

func (v *generalView) table(id string) *factTable {
	t := newFactTable(v.p.o.Copy, func(o fyne.CanvasObject) { adopt(v.page, o) })
	v.p.register(id, t)
	return t
}

func (v *generalView) object() fyne.CanvasObject { return v.page }

func (v *generalView) update() {
	sections := v.p.VM.GeneralFacts()
	total := v.p.VM.SumFacts()
	width := labelWidth(append([]Section{total}, sections...)...)
	named := v.name.update(width)
	ids := []string{"general", "general.more", "general.addresses"}
	for len(v.tables) < len(sections) {
		v.tables = append(v.tables, v.table(ids[len(v.tables)]))
	}
	var parts []fyne.CanvasObject
	if named {
		sections[0].Facts = slices.DeleteFunc(sections[0].Facts, func(f Fact) bool { return f.ID == "name" })
		parts = append(parts, v.name.form)
	}
	for i, s := range sections {
		v.tables[i].set(s, width)
		parts = append(parts, v.tables[i])
		if i == 0 && v.p.VM.CanCalculate() {
			v.sum.set(total, width)
			parts = append(parts, v.sum, v.action)
		}
	}
	words := text.T("info.calculate")
	if v.p.VM.Sum().Running {
		words = text.T("info.stop")
	}
	v.calculate.SetText(words)
	v.page.SetParts(parts...)
}
