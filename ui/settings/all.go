package settings

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
)

// allPage is the list of every preference by its name, with its value as it is stored.
type allPage struct {
	w      *Window
	body   fyne.CanvasObject
	table  *table
	list   *outline.Outline
	search *kit.SearchField
	form   *kit.Form
	row    *kit.FormRow
	value  *kit.Entry
	set    *kit.Button
	reset  *kit.Button
	name   string // of the one that is shown below the list
}

func newAllPage(w *Window) *allPage {
	p := &allPage{w: w, table: &table{}, value: kit.NewEntry(), form: kit.NewForm()}
	p.list = outline.New(p.table, []outline.Column{
		{ID: "0", Title: text.T("settings.name"), Width: 240, Min: 120, Flex: true, Fixed: true},
		{ID: "1", Title: text.T("settings.value"), Width: 130, Min: 60},
		{ID: "2", Title: text.T("settings.default"), Width: 130, Min: 60},
	}, outline.Options{})
	p.list.OnSelect = p.chosen
	p.list.CanStart = func(outline.Key) bool { return false }
	p.list.OnOpen = func(outline.Key) { w.Win.Canvas().Focus(p.value) }
	p.list.OnDelete = p.back
	p.list.SetMessage(&outline.Message{Title: text.T("settings.none")})
	p.search = kit.NewSearchField(text.T("settings.search"), text.T("settings.clear"), func(string) { p.load() })
	p.search.OnLeave = func() { w.Close() }
	p.set = kit.NewButton(text.T("settings.set"), kit.Plain, p.store)
	p.reset = kit.NewButton(text.T("settings.reset"), kit.Plain, p.back)
	p.value.OnSubmitted = func(string) { p.store() }
	p.row = p.form.Add(text.T("settings.value"), p.value)
	for id, o := range map[string]fyne.CanvasObject{"list": p.list, "search": p.search, "value": p.value, "set": p.set, "reset": p.reset} {
		w.s.Register("settings.all."+id, o)
	}
	edit := container.New(layout.NewCustomPaddedLayout(10, 10, 0, 12), container.NewBorder(nil, nil, nil,
		container.NewVBox(container.New(layout.NewCustomPaddedLayout(0, 0, 8, 0), container.New(layout.NewCustomPaddedHBoxLayout(8), p.set, p.reset))), p.form))
	top := container.New(layout.NewCustomPaddedVBoxLayout(0), container.New(layout.NewCustomPaddedLayout(8, 8, 12, 12), p.search), kit.NewHairline())
	bottom := container.New(layout.NewCustomPaddedVBoxLayout(0), kit.NewHairline(), edit)
	p.body = container.NewBorder(top, bottom, nil, nil, container.NewStack(kit.NewPlate(look.ColorBody), p.list))
	p.load()
	p.chosen()
	return p
}

// load shows the preferences that have all words of the search in their name or sentence.
func (p *allPage) load() {
	words := strings.Fields(strings.ToLower(p.search.Text))
	prefs := p.w.s.Preferences
	var lines []line
next:
	for _, d := range preferences.All() {
		in := strings.ToLower(d.Name + " " + d.Sentence)
		for _, w := range words {
			if !strings.Contains(in, w) {
				continue next
			}
		}
		l := line{id: d.Name, cells: []string{d.Name, p.w.value(d.Name), d.Default}}
		if prefs.IsSet(d.Name) && l.cells[1] != d.Default {
			l.note = text.T("settings.changed")
		}
		lines = append(lines, l)
	}
	p.table.set(lines)
	p.list.Changed(true)
	if p.name != "" && p.value.Text == "" {
		p.show()
	}
}

func (p *allPage) chosen() {
	name := ""
	if p.list.SelectedCount() == 1 {
		for k := range p.list.Selection().All() {
			if l, ok := p.table.find(k); ok {
				name = l.id
			}
		}
	}
	p.name = name
	p.show()
}

// show shows the chosen preference below the list.
func (p *allPage) show() {
	d := p.w.definition(p.name)
	p.value.SetText(p.w.value(p.name))
	p.row.SetHint(d.Sentence)
	if p.name == "" {
		p.value.Disable()
		p.row.SetHint(text.T("settings.choose_one"))
	} else {
		p.value.Enable()
	}
	p.set.SetEnabled(p.name != "")
	p.reset.SetEnabled(p.name != "" && p.w.s.Preferences.IsSet(p.name))
	p.fit()
}

func (p *allPage) fit() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.body); c != nil {
		p.body.Refresh()
	}
}

func (p *allPage) store() {
	if p.name == "" {
		return
	}
	if err := p.w.s.Preferences.SetString(p.name, p.value.Text); err != nil {
		p.row.SetError(wrong(p.w.definition(p.name), err))
		p.fit()
		return
	}
	p.changed()
}

// back puts the default back.
func (p *allPage) back() {
	if p.name == "" {
		return
	}
	if err := p.w.s.Preferences.Reset(p.name); err != nil {
		p.row.SetError(explain.Error(err).Sentence)
		p.fit()
		return
	}
	p.changed()
}

func (p *allPage) changed() {
	p.w.SettingChanged(p.name)
	p.show()
}
