package info

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/kit"
)

// distributionView draws the Distribution tab.
type distributionView struct {
	p              *Pane
	page           *kit.Page
	which          *kit.Select
	choice, form   *kit.Form
	facts          *factTable
	enabled        *kit.Check
	private        *kit.Check
	privateRow     *kit.FormRow
	entries        [5]*kit.Entry
	rows           [5]*kit.FormRow
	add, some, all *kit.Button
	adding         *fyne.Container
	forget         *fyne.Container
	title, clear   *kit.Label
	reason, told   *note
	fill           bool
}

func newDistributionView(p *Pane) *distributionView {
	v := &distributionView{p: p, page: kit.NewPage(12, 10), reason: newNote(), told: newNote(), form: kit.NewForm(), choice: kit.NewForm()}
	vm := p.VM
	keep := func(id string, o fyne.CanvasObject) { adopt(v.page, o); p.register("distribution"+id, o) }
	v.title = kit.NewLabel(text.T("distribution.settings"), kit.LabelStyle{Bold: true})
	v.clear = kit.NewLabel(text.T("distribution.forget"), kit.LabelStyle{Bold: true})
	v.facts = newFactTable(p.o.Copy, func(o fyne.CanvasObject) { adopt(v.page, o) })
	v.which = kit.NewSelect(nil, vm.ChooseDistribution)
	v.choice.Add(text.T("distribution.one"), v.which)
	v.enabled = kit.NewCheck(text.T("distribution.enabled"), func(bool) { v.typed() })
	v.form.Add("", v.enabled)
	v.private = kit.NewCheck(text.T("distribution.private"), func(bool) { v.typed() })
	v.privateRow = v.form.Add("", v.private)
	width := textWidth(text.T("distribution.one"))
	for i, f := range (DistributionForm{}).fields() {
		v.entries[i] = kit.NewEntry()
		v.entries[i].OnChanged = func(string) { v.typed() }
		v.rows[i] = v.form.Add(f[0], v.entries[i])
		width = max(width, textWidth(f[0]))
	}
	v.form.SetLabelWidth(width)
	v.choice.SetLabelWidth(width)
	v.add = kit.NewButton(text.T("distribution.add"), kit.Plain, vm.BeginDistribution)
	v.some = kit.NewButton(text.T("distribution.forget_some"), kit.Plain, func() { vm.Invalidate(false) })
	v.all = kit.NewButton(text.T("distribution.forget_all"), kit.Plain, func() { vm.Invalidate(true) })
	v.adding = container.New(layout.NewCustomPaddedHBoxLayout(0), v.add)
	v.forget = container.New(layout.NewCustomPaddedHBoxLayout(8), v.some, v.all)
	for id, o := range map[string]fyne.CanvasObject{"": v.facts, ".which": v.which, ".enabled": v.enabled, ".private": v.private, ".aliases": v.entries[0], ".certificate": v.entries[1],
		".root": v.entries[2], ".comment": v.entries[3], ".log": v.entries[4], ".add": v.add, ".forget": v.some, ".forgetall": v.all, ".reason": v.reason, ".told": v.told} {
		keep(id, o)
	}
	return v
}

// typed hands over what the fields hold.
func (v *distributionView) typed() {
	if v.fill {
		return
	}
	e := v.entries
	v.p.VM.SetDistributionForm(DistributionForm{v.enabled.IsChecked(), v.private.IsChecked(), e[0].Text, e[1].Text, e[2].Text, e[3].Text, e[4].Text})
}

func (v *distributionView) object() fyne.CanvasObject { return v.page }

func (v *distributionView) update() {
	vm := v.p.VM
	v.fill = true
	defer func() { v.fill = false }()
	open, reason := vm.DistributionState()
	if !open {
		v.reason.set(or(reason, text.T("info.busy")))
		v.page.SetParts(v.reason)
		return
	}
	var parts []fyne.CanvasObject
	list := vm.Distributions()
	if len(list) == 0 && !vm.NewDistribution() {
		bucket, _ := vm.oneBucket()
		v.reason.set(text.T("cdn.none", bucket))
		parts = append(parts, v.reason)
	}
	d, one := vm.Distribution()
	if one {
		if len(list) > 1 {
			v.showChoice(list)
			parts = append(parts, v.choice)
		}
		facts := vm.distributionFacts(d)
		v.facts.set(facts, labelWidth(facts))
		parts = append(parts, v.facts)
	}
	if f, ok := vm.DistributionForm(); ok {
		v.showForm(f)
		parts = append(parts, v.title, v.form)
	}
	if !vm.NewDistribution() {
		parts = append(parts, v.adding)
	}
	v.add.SetEnabled(!vm.Subject().Session.ReadOnly())
	if one {
		v.showForgetting(d)
		parts = append(parts, v.clear, v.forget, v.told)
	}
	v.page.SetParts(parts...)
}

func (v *distributionView) showChoice(list []storage.Distribution) {
	var names []string
	for _, d := range list {
		names = append(names, shorten(or(d.Comment, d.Domain)))
	}
	v.which.SetOptions(names)
	v.which.SetIndex(v.p.VM.DistributionIndex())
}

func (v *distributionView) showForm(f DistributionForm) {
	v.title.SetText(text.T("distribution.settings"))
	if v.p.VM.NewDistribution() {
		v.title.SetText(text.T("distribution.new"))
	}
	v.enabled.SetChecked(f.Enabled)
	v.showPrivate(f.Private)
	hints := [5]string{"www.example.com", "arn:aws:acm:us-east-1:…", "index.html", "", "s3://bucket/prefix/"}
	for i, s := range []string{f.Aliases, f.Certificate, f.Root, f.Comment, f.Log} {
		setEntry(v.entries[i], s, hints[i])
	}
}

// showPrivate shows how the distribution reads the bucket, and what that needs.
func (v *distributionView) showPrivate(on bool) {
	v.private.SetChecked(on)
	hint := ""
	switch d, one := v.p.VM.Distribution(); {
	case !v.p.VM.CanBePrivate():
		v.private.Disable()
		v.privateRow.SetHint(text.T("distribution.private_website"))
		return
	case on && one && d.ReadsByControl():
		hint = text.T("distribution.private_policy")
	case on:
		hint = text.T("distribution.private_later")
	}
	v.private.Enable()
	v.privateRow.SetHint(hint)
}

func (v *distributionView) showForgetting(d storage.Distribution) {
	vm := v.p.VM
	_, bucket := vm.bucket()
	v.some.SetEnabled(vm.CanInvalidate() && !bucket)
	v.all.SetEnabled(vm.CanInvalidate())
	words := ""
	if f := vm.Forgetting(); f != nil && f.ID == d.ID {
		words = f.Words()
	}
	v.told.set(or(words, text.T("distribution.forget_note")))
}

// distributionStatement is what the bucket's policy must hold for the distribution to read it.
func (vm *ViewModel) distributionStatement(d storage.Distribution) string {
	if !d.ReadsByControl() {
		return ""
	}
	return d.ReadPolicy(vm.cdn.bucket)
}

// distributionFacts are what only CloudFront sets.
func (vm *ViewModel) distributionFacts(d storage.Distribution) Section {
	state := text.T("cdn.on")
	if !d.Enabled {
		state = text.T("cdn.off")
	}
	switch d.Status {
	case "Deployed", "":
	case "InProgress":
		state += ", " + text.T("cdn.in_progress")
	default:
		state += ", " + visible(d.Status)
	}
	s := Section{Title: text.T("distribution.title"), Facts: []Fact{
		{ID: "state", Label: text.T("distribution.state"), Value: state},
		{ID: "domain", Label: text.T("distribution.domain"), Value: d.Domain, Copy: true},
		{ID: "id", Label: text.T("distribution.id"), Value: d.ID, Copy: true},
		{ID: "origin", Label: text.T("distribution.origin"), Value: d.Origin},
		{ID: "access", Label: text.T("distribution.access"), Value: or(d.OriginAccess, text.T("distribution.public"))},
		{ID: "statement", Label: text.T("distribution.statement"), Value: vm.distributionStatement(d), Copy: true},
		{ID: "modified", Label: text.T("info.modified"), Value: units.FormatDate(d.Modified, vm.Now())}}}
	if it, ok := vm.single(); ok && !it.Folder {
		s.Facts = append(s.Facts, Fact{ID: "url", Label: text.T("distribution.url"), Value: d.URL(it.At), Copy: true})
	}
	s.Facts = slices.DeleteFunc(s.Facts, func(f Fact) bool { return f.Value == "" })
	return s
}
