package info

import (
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/kit"
)

// ruleView is the form of one lifecycle rule.
type ruleView struct {
	p           *Pane
	frame       *fyne.Container
	page        *kit.Page
	title       *kit.Label
	fault, more *note
	small       *kit.FormRow
	shape       string // of what it was built for
	parts       []fyne.CanvasObject
	forms       []*kit.Form
	rows        map[string]*kit.FormRow // by the field of a fault
	setters     []func(RuleFields)
	next        string // the field that gets the keyboard when it is there
	fields      map[string]*kit.Entry
	fill        bool
}

func newRuleView(p *Pane) *ruleView {
	v := &ruleView{p: p, page: kit.NewPage(12, 8), title: kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}), fault: newNote(), more: newNote()}
	v.fault.ink = theme.ColorNameError
	back := kit.NewIconButton("back", text.T("lifecycle.back"), v.leave)
	remove := kit.NewButton(text.T("lifecycle.remove_rule"), kit.Plain, func() { p.VM.RemoveRule(p.VM.docs.form.rule) })
	p.register("rule.back", back)
	p.register("rule.remove", remove)
	p.register("rule.fault", v.fault)
	p.register("rule.more", v.more)
	v.frame = container.NewBorder(pageHead(back, v.title, remove), nil, nil, nil, v.page)
	return v
}

func (v *ruleView) leave() { v.p.VM.OpenRule(-1) }

// update shows the rule that is open; false if none is.
func (v *ruleView) update() bool {
	f, faults, more, ok := v.p.VM.OpenedRule()
	if !ok {
		v.shape = ""
		return false
	}
	if shape := fmt.Sprint(v.p.VM.docs.form.rule, len(f.Tags), len(f.Moves), len(f.OldMoves)); shape != v.shape {
		if v.shape == "" {
			v.page.Top()
			v.next = or(v.next, "prefix")
		}
		v.shape = shape
		v.build(f)
	}
	v.title.SetText(or(strings.TrimSpace(f.ID), text.T("lifecycle.unnamed")))
	v.fill = true
	for _, set := range v.setters {
		set(f)
	}
	v.fill = false
	for field, row := range v.rows {
		row.SetError(faults[field])
	}
	if f.SmallRule() {
		v.small.SetHint(text.T("lifecycle.small"))
	}
	v.fault.set(faults[""])
	v.more.set("")
	if len(more) > 0 {
		v.more.set(text.T("lifecycle.foreign", strings.Join(more, ", ")))
	}
	v.page.SetParts(v.parts...)
	if next := v.fields[v.next]; next != nil {
		v.p.VM.Tasks.Post(func() { kit.FocusOn(next) }) // when it hangs in the window
	}
	v.next = ""
	return true
}

// edit changes the rule.
func (v *ruleView) edit(change func(*RuleFields)) {
	if !v.fill {
		v.p.VM.EditRule(v.p.VM.docs.form.rule, change)
	}
}

// build makes the fields for as many tags and moves as there are.
func (v *ruleView) build(f RuleFields) {
	v.parts, v.forms, v.setters = nil, nil, nil
	v.rows, v.fields = map[string]*kit.FormRow{}, map[string]*kit.Entry{}
	v.parts = append(v.parts, v.fault)
	form := v.form("")
	v.text(form, "id", "ID", "", func(f *RuleFields) *string { return &f.ID })
	v.tick(form, "enabled", text.T("lifecycle.enabled"), func(f *RuleFields) *bool { return &f.Enabled })
	form = v.form(text.T("lifecycle.applies"))
	v.text(form, "prefix", text.T("lifecycle.prefix"), text.T("lifecycle.prefix_hint"), func(f *RuleFields) *string { return &f.Prefix })
	for i := range f.Tags {
		v.tag(form, i)
	}
	add := v.button(form, "addtag", text.T("lifecycle.add_tag"), func() {
		v.next = fmt.Sprintf("tag.%d", len(f.Tags))
		v.edit(func(f *RuleFields) { f.Tags = append(slices.Clone(f.Tags), storage.Tag{}) })
	})
	v.rows["tags"] = add
	v.text(form, "greater", text.T("lifecycle.larger"), text.T("lifecycle.size_hint"), func(f *RuleFields) *string { return &f.Greater })
	v.small = v.text(form, "less", text.T("lifecycle.smaller"), text.T("lifecycle.size_hint"), func(f *RuleFields) *string { return &f.Less })
	form = v.form(text.T("lifecycle.objects"))
	v.moves(form, "move", len(f.Moves), text.T("lifecycle.when"), func(f *RuleFields) *[]Move { return &f.Moves }, false)
	v.text(form, "expire", text.T("lifecycle.expire"), text.T("lifecycle.never"), func(f *RuleFields) *string { return &f.Expire })
	v.tick(form, "markers", text.T("lifecycle.markers_label"), func(f *RuleFields) *bool { return &f.Markers })
	form = v.form(text.T("lifecycle.older"))
	v.moves(form, "oldmove", len(f.OldMoves), text.T("lifecycle.days"), func(f *RuleFields) *[]Move { return &f.OldMoves }, true)
	v.text(form, "oldexpire", text.T("lifecycle.expire"), text.T("lifecycle.never"), func(f *RuleFields) *string { return &f.OldExpire })
	v.text(form, "oldkeep", text.T("lifecycle.keep"), text.T("lifecycle.keep_none"), func(f *RuleFields) *string { return &f.OldKeep })
	form = v.form(text.T("lifecycle.uploads"))
	v.text(form, "abort", text.T("lifecycle.abort"), text.T("lifecycle.never"), func(f *RuleFields) *string { return &f.Abort })
	v.parts = append(v.parts, v.more)
	v.inLine()
}

// inLine makes the fields of all forms begin at one line.
func (v *ruleView) inLine() {
	width := float32(0)
	for _, s := range []string{"lifecycle.larger", "lifecycle.smaller", "lifecycle.move", "lifecycle.expire", "lifecycle.keep", "lifecycle.abort"} {
		width = max(width, textWidth(text.T(s)))
	}
	for _, f := range v.forms {
		f.SetLabelWidth(width)
	}
}

func (v *ruleView) form(title string) *kit.Form {
	f := kit.NewForm()
	if title != "" {
		v.parts = append(v.parts, kit.NewLabel(title, kit.LabelStyle{Bold: true}))
	}
	v.parts, v.forms = append(v.parts, f), append(v.forms, f)
	return f
}

func (v *ruleView) keep(id string, o fyne.CanvasObject) {
	adopt(v.page, o)
	v.p.register("rule."+id, o)
}

func (v *ruleView) entry(id, hint string, at func(*RuleFields) *string) *kit.Entry {
	e := kit.NewEntry()
	e.SetPlaceHolder(hint)
	e.OnChanged = func(s string) { v.edit(func(f *RuleFields) { *at(f) = s }) }
	e.OnEscape = func() bool { v.leave(); return true }
	v.setters = append(v.setters, func(f RuleFields) { setEntry(e, *at(&f), hint) })
	v.fields[id] = e
	v.keep(id, e)
	return e
}

func (v *ruleView) text(form *kit.Form, id, label, hint string, at func(*RuleFields) *string) *kit.FormRow {
	row := form.Add(label, v.entry(id, hint, at))
	v.rows[id] = row
	return row
}

func (v *ruleView) tick(form *kit.Form, id, label string, at func(*RuleFields) *bool) {
	c := kit.NewCheck(label, func(on bool) { v.edit(func(f *RuleFields) { *at(f) = on }) })
	v.setters = append(v.setters, func(f RuleFields) { c.SetChecked(*at(&f)) })
	form.Add("", c)
	v.keep(id, c)
}

func (v *ruleView) button(form *kit.Form, id, label string, act func()) *kit.FormRow {
	b := kit.NewButton(label, kit.Plain, act)
	v.keep(id, b)
	return form.Add("", container.New(layout.NewCustomPaddedHBoxLayout(0), b))
}

func (v *ruleView) minus(id, label string, act func()) fyne.CanvasObject {
	b := kit.NewIconButton("minus", label, act)
	b.SetSize(lineButton)
	v.keep(id, b)
	return container.New(layout.NewCustomPaddedLayout(0, 0, 4, 0), container.NewCenter(b))
}

func (v *ruleView) tag(form *kit.Form, i int) {
	name := v.entry(fmt.Sprintf("tag.%d", i), text.T("lifecycle.tag_name"), func(f *RuleFields) *string { return &f.Tags[i].Key })
	value := v.entry(fmt.Sprintf("tagvalue.%d", i), text.T("lifecycle.tag_value"), func(f *RuleFields) *string { return &f.Tags[i].Value })
	remove := v.minus(fmt.Sprintf("tagremove.%d", i), text.T("info.remove"), func() {
		v.edit(func(f *RuleFields) { f.Tags = slices.Delete(slices.Clone(f.Tags), i, i+1) })
	})
	form.Add(text.T("lifecycle.tag"), container.NewBorder(nil, nil, nil, remove, container.New(layout.NewGridLayout(2), name, value)))
}

// moves are the transitions of current objects or of older versions.
func (v *ruleView) moves(form *kit.Form, id string, n int, hint string, list func(*RuleFields) *[]Move, older bool) {
	for i := range n {
		part := func(name string) string { return fmt.Sprintf("%s.%d.%s", id, i, name) }
		when := v.entry(part("when"), hint, func(f *RuleFields) *string { return &(*list(f))[i].When })
		remove := v.minus(part("remove"), text.T("info.remove"), func() {
			v.edit(func(f *RuleFields) { *list(f) = slices.Delete(slices.Clone(*list(f)), i, i+1) })
		})
		v.rows[fmt.Sprintf("%s%d", id, i)] = form.Add(text.T("lifecycle.move"), container.NewBorder(nil, nil, nil, remove, when))
		form.Add(text.T("lifecycle.to"), v.class(part("class"), func(f *RuleFields) *string { return &(*list(f))[i].Class }))
		if older {
			form.Add(text.T("lifecycle.keep"), v.entry(part("keep"), text.T("lifecycle.keep_none"), func(f *RuleFields) *string { return &(*list(f))[i].Keep }))
		}
	}
	v.button(form, "add"+id, text.T("lifecycle.add_move"), func() {
		v.next = fmt.Sprintf("%s.%d.when", id, n)
		v.edit(func(f *RuleFields) { *list(f) = append(slices.Clone(*list(f)), nextMove(*list(f))) })
	})
}

// nextMove goes to a colder class than those before.
func nextMove(before []Move) Move {
	at := 0
	for _, m := range before {
		at = max(at, slices.Index(RuleClasses(), m.Class)+1)
	}
	m := Move{Class: RuleClasses()[min(at, len(RuleClasses())-1)]}
	if len(before) == 0 {
		m.When = "30"
	}
	return m
}

// class is a choice of a storage class; one that is there already is offered, too.
func (v *ruleView) class(id string, at func(*RuleFields) *string) fyne.CanvasObject {
	s := kit.NewSelect(RuleClasses(), nil)
	s.OnChanged = func(int) { v.edit(func(f *RuleFields) { *at(f) = s.Selected() }) }
	v.setters = append(v.setters, func(f RuleFields) {
		options := RuleClasses()
		if c := *at(&f); c != "" && !slices.Contains(options, c) {
			options = append(options, c)
		}
		s.SetOptions(options)
		s.SetIndex(slices.Index(options, *at(&f)))
	})
	v.keep(id, s)
	return s
}
