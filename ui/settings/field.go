package settings

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/ui/kit"
)

// labelWidth makes the fields of all pages begin at one line.
const labelWidth = 140

// field is one control with the preference that it shows.
type field struct {
	w     *Window
	row   *kit.FormRow
	hint  string
	entry *kit.Entry // of those to type in
	load  func()     // shows what is in force
	store func()     // stores what was typed
	typed bool       // since it was stored last
}

// sheet is a page under construction: groups of fields.
type sheet struct {
	w     *Window
	parts []fyne.CanvasObject
	form  *kit.Form
}

// group begins a group of fields under a heading.
func (s *sheet) group(title string) {
	s.form = kit.NewForm()
	s.form.SetLabelWidth(labelWidth)
	if title != "" {
		head := kit.NewLabel(title, kit.LabelStyle{Size: theme.SizeNameText, Bold: true, Cut: kit.CutEnd})
		s.parts = append(s.parts, head)
	}
	s.parts = append(s.parts, s.form)
}

// page ends the construction.
func (s *sheet) page(id, title string) page {
	p := kit.NewPage(16, 10, s.parts...)
	return page{id: id, title: title, body: p, fit: p.Fit}
}

func (s *sheet) add(name, label, hint string, o, control fyne.CanvasObject) *field {
	f := &field{w: s.w, hint: hint, row: s.form.Add(label, o), store: func() {}}
	f.row.SetHint(hint)
	s.w.fields[name] = append(s.w.fields[name], f)
	s.w.s.Register("settings."+name, control)
	return f
}

// say shows what is wrong below the field, or its remark if nothing is.
func (f *field) say(wrong string) {
	if wrong != "" {
		f.row.SetError(wrong)
	} else {
		f.row.SetHint(f.hint)
	}
	f.w.fitted()
}

// put stores a value and says what keeps it from being stored.
func (f *field) put(name, value string) bool {
	err := f.w.s.Preferences.SetString(name, value)
	f.say(wrong(f.w.definition(name), err))
	return err == nil
}

func (w *Window) value(name string) string {
	v, _ := w.s.Preferences.GetString(name) // the pages name only those that exist
	return v
}

func (w *Window) definition(name string) preferences.Definition {
	for _, d := range preferences.All() {
		if d.Name == name {
			return d
		}
	}
	return preferences.Definition{}
}

// check adds a box to tick.
func (s *sheet) check(k preferences.Key[bool], words, hint string) {
	var f *field
	box := kit.NewCheck(words, func(on bool) {
		if k.Get(s.w.s.Preferences) == on {
			return
		}
		value := "false"
		if on {
			value = "true"
		}
		f.put(k.Name(), value)
	})
	f = s.add(k.Name(), "", hint, box, box)
	f.load = func() { box.SetChecked(k.Get(s.w.s.Preferences)) }
	f.load()
}

// option is one value of a choice and how it is called.
type option struct{ value, title string }

// choice adds a field that offers some values. A value that is in force and not among them is offered too.
func (s *sheet) choice(name, label, hint string, options []option) {
	var f *field
	var values []string
	pick := kit.NewSelect(nil, nil)
	pick.OnChanged = func(i int) {
		if !f.put(name, values[i]) {
			f.load()
		}
	}
	f = s.add(name, label, hint, pick, pick)
	f.load = func() {
		now := s.w.value(name)
		titles, at := []string{}, -1
		values = nil
		for _, o := range options {
			values, titles = append(values, o.value), append(titles, o.title)
			if o.value == now {
				at = len(values) - 1
			}
		}
		if at < 0 {
			values, titles, at = append(values, now), append(titles, now), len(values)
		}
		pick.SetOptions(titles)
		pick.SetIndex(at)
	}
	f.load()
}

// entry adds a field to type in. It is stored on Return and when it is left; what is wrong stays, with the reason below it.
func (s *sheet) entry(name, label, hint string, c codec) *field {
	e := kit.NewEntry()
	e.SetPlaceHolder(c.hint)
	var o fyne.CanvasObject = e
	switch {
	case c.width > 0:
		o = container.NewHBox(container.New(&widthLayout{c.width}, e))
	case c.beside != nil:
		o = container.New(layout.NewCustomPaddedLayout(0, 0, 0, 0), container.NewBorder(nil, nil, nil, c.beside, e))
	}
	f := s.add(name, label, hint, o, e)
	f.entry = e
	filling := false
	f.load = func() {
		filling = true
		e.SetText(c.show(s.w.value(name)))
		filling, f.typed = false, false
	}
	f.load()
	f.store = func() {
		f.typed = false
		value, ok := c.read(e.Text, s.w.value(name))
		if !ok {
			f.say(wrong(s.w.definition(name), preferences.ErrInvalid))
			return
		}
		if value == s.w.value(name) {
			f.say("")
			f.load()
			return
		}
		if f.put(name, value) {
			f.load()
		}
	}
	e.OnChanged = func(string) { f.typed = f.typed || !filling }
	e.OnBlur = func() {
		if f.typed {
			f.store()
		}
	}
	e.OnSubmitted = func(string) { f.store() }
	e.OnEscape = func() bool {
		if !f.typed && f.row.Remark() == f.hint {
			return false
		}
		f.load()
		f.say("")
		return true
	}
	return f
}

// wrong is an error in a person's words: for a value that is not taken, what would be.
func wrong(d preferences.Definition, err error) string {
	switch {
	case err == nil:
		return ""
	case !errors.Is(err, preferences.ErrInvalid):
		return explain.Error(err).Sentence
	}
	switch d.Kind {
	case preferences.KindBytes, preferences.KindInt:
		c := codecOf(d)
		low, high := c.show(format(d.Min)), c.show(format(d.Max))
		if low == "" {
			return text.T("settings.bad_most", high)
		}
		return text.T("settings.bad_range", low, high)
	case preferences.KindRegexp:
		return text.T("settings.bad_pattern")
	case preferences.KindSize:
		return text.T("settings.bad_size")
	case preferences.KindBool, preferences.KindChoice:
		return text.T("settings.bad_choice")
	}
	if d.Name == preferences.S3Metadata.Name() {
		return text.T("settings.bad_pairs")
	}
	return text.T("settings.bad_text")
}
