package info

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// settingsForm draws the settings of a bucket that belong to one tab: a form for each title.
type settingsForm struct {
	p      *Pane
	tab    Tab
	adopt  func(fyne.CanvasObject)
	fields map[string]*settingField
	parts  []fyne.CanvasObject
	forms  []*kit.Form
	width  float32 // of the labels
	fill   bool    // the fields are set by the program
}

// settingField is a setting in its form: a choice or a text.
type settingField struct {
	row    *kit.FormRow
	choice *kit.Select
	text   *kit.Entry
}

func newSettingsForm(p *Pane, t Tab, adopt func(fyne.CanvasObject)) *settingsForm {
	f := &settingsForm{p: p, tab: t, adopt: adopt, fields: map[string]*settingField{}}
	var form *kit.Form
	for i, g := range bucketGroups() {
		if g.tab != t {
			continue
		}
		if form == nil || g.title != "" {
			form = kit.NewForm()
			f.forms = append(f.forms, form)
			title := g.title
			if i == 0 {
				title = text.T("info.bucket_settings")
			}
			if title != "" {
				f.parts = append(f.parts, kit.NewLabel(title, kit.LabelStyle{Bold: true}))
			}
			f.parts = append(f.parts, form)
		}
		for _, set := range g.list {
			f.add(form, set)
			f.width = max(f.width, textWidth(set.Label))
		}
	}
	return f
}

func textWidth(s string) float32 {
	return fyne.MeasureText(s, theme.Size(theme.SizeNameText), fyne.TextStyle{}).Width
}

// inLine makes the fields of all forms of a bucket's page begin at one line.
func (f *settingsForm) inLine(docs *docRows, more ...*kit.Form) {
	width := max(f.width, docs.width)
	for _, o := range append(append(more, docs.form), f.forms...) {
		o.SetLabelWidth(width)
	}
}

func (f *settingsForm) add(form *kit.Form, set Setting) {
	n := &settingField{}
	f.fields[set.ID] = n
	if set.Choices == nil {
		n.text = kit.NewEntry()
		n.text.OnChanged = func(s string) {
			if !f.fill {
				f.p.VM.Set(set.ID, s)
			}
		}
		n.row = form.Add(set.Label, n.text)
		f.adopt(n.text)
		f.p.register("set."+set.ID, n.text)
		return
	}
	var names []string
	for _, c := range set.Choices {
		names = append(names, choiceName(c))
	}
	n.choice = kit.NewSelect(names, func(i int) { f.p.VM.Set(set.ID, set.Choices[i]) })
	n.row = form.Add(set.Label, n.choice)
	f.adopt(n.choice)
	f.p.register("set."+set.ID, n.choice)
}

func (f *settingsForm) update() {
	vm := f.p.VM
	f.fill = true
	defer func() { f.fill = false }()
	shown := map[string]Setting{}
	for _, set := range vm.Settings(f.tab) {
		shown[set.ID] = set
	}
	for id, n := range f.fields {
		set, ok := shown[id]
		n.row.SetVisible(ok)
		if ok {
			n.show(set, vm)
		}
	}
}

// show puts the wanted value into a field, or why it is not known below it.
func (n *settingField) show(set Setting, vm *ViewModel) {
	value, open, reason := vm.SettingValue(set.ID)
	n.row.SetHint(reason)
	if n.text != nil {
		setEntry(n.text, value, set.Hint)
		return
	}
	hint := text.T("info.busy")
	if reason != "" {
		hint = "–"
	}
	at := -1
	if open {
		if at = slices.Index(set.Choices, value); at < 0 {
			hint = value // what this program does not know stays as it is
		}
	}
	n.choice.SetHint(hint)
	n.choice.SetIndex(at)
	n.choice.SetEnabled(open)
}
