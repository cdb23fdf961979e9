package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

const (
	formRowGap = 6
	formColGap = 10
	formIndent = 14 // before the labels
	checkInset = 5  // what a box to tick keeps free before itself: it begins where the other fields do
)

// Form is a column of labelled fields: labels end at one line, fields begin at it and fill the width.
type Form struct {
	widget.BaseWidget
	rows  []*FormRow
	least float32 // of the labels
}

// FormRow is one line of a form with an optional remark below the field.
type FormRow struct {
	form  *Form
	label *Label
	Field fyne.CanvasObject
	hint  *fyne.Container // a label for each line of said
	said  string
	ink   fyne.ThemeColorName
	width float32 // for which said was broken into lines
}

// NewForm returns an empty form.
func NewForm() *Form {
	f := &Form{}
	f.ExtendBaseWidget(f)
	return f
}

// Add appends a line; an empty label leaves the place before the field free.
func (f *Form) Add(label string, field fyne.CanvasObject) *FormRow {
	r := &FormRow{form: f, Field: field,
		label: NewLabel(label, LabelStyle{Align: fyne.TextAlignTrailing}),
		hint:  container.New(layout.NewCustomPaddedVBoxLayout(0))}
	r.hint.Hide()
	f.rows = append(f.rows, r)
	f.Refresh()
	return r
}

// SetLabelWidth makes room for labels of that width, so that the fields of several forms begin at one line.
func (f *Form) SetLabelWidth(width float32) { f.least = width }

// SetLabel changes the text before the field.
func (r *FormRow) SetLabel(s string) { r.label.SetText(s); r.form.Refresh() }

// SetVisible shows or hides the whole line.
func (r *FormRow) SetVisible(on bool) {
	if on == r.Field.Visible() {
		return
	}
	if on {
		r.Field.Show()
	} else {
		r.Field.Hide()
	}
	r.form.Refresh()
}

// SetHint shows a grey remark below the field; empty hides it.
func (r *FormRow) SetHint(s string) { r.remark(s, look.ColorSecondary) }

// SetError shows what is wrong with the field below it; empty hides it.
func (r *FormRow) SetError(s string) { r.remark(s, theme.ColorNameError) }

// Remark is the text below the field.
func (r *FormRow) Remark() string { return r.said }

func (r *FormRow) remark(s string, ink fyne.ThemeColorName) {
	if s == r.said && ink == r.ink {
		return
	}
	r.said, r.ink = s, ink
	before := len(r.hint.Objects)
	r.breakLines(r.width)
	if before != len(r.hint.Objects) {
		r.form.Refresh()
	}
}

// breakLines puts the remark into lines of a width; before that is known it is one.
func (r *FormRow) breakLines(width float32) {
	r.width = width
	lines := []string{r.said}
	if size := theme.Size(theme.SizeNameCaptionText); width > 0 && r.said != " " {
		lines = WrapText(r.said, width, func(s string) float32 { return fyne.MeasureText(s, size, fyne.TextStyle{}).Width })
	}
	r.hint.Hidden = r.said == ""
	r.hint.Objects = nil
	if r.said == "" {
		return
	}
	for _, line := range lines {
		l := NewCaption(line)
		l.SetColor(r.ink)
		r.hint.Objects = append(r.hint.Objects, l)
	}
	r.hint.Refresh()
}

// CreateRenderer is called by the toolkit.
func (f *Form) CreateRenderer() fyne.WidgetRenderer { return &formRenderer{f: f} }

type formRenderer struct{ f *Form }

func (r *formRenderer) labelWidth() float32 {
	w := r.f.least
	for _, row := range r.f.rows {
		if row.Field.Visible() {
			w = max(w, row.label.MinSize().Width)
		}
	}
	return w + formIndent
}

func (r *formRenderer) Layout(s fyne.Size) {
	lw := r.labelWidth()
	x := lw + formColGap
	y := float32(0)
	for _, row := range r.f.rows {
		shown := row.Field.Visible()
		row.label.Hidden = !shown
		if !shown {
			row.hint.Move(fyne.NewPos(0, -100))
			continue
		}
		h := row.Field.MinSize().Height
		line := min(h, sized(r.f, look.SizeField))
		row.label.Resize(fyne.NewSize(lw, line))
		row.label.Move(fyne.NewPos(0, y))
		in := float32(0)
		if _, ok := row.Field.(*Check); ok {
			in = checkInset
		}
		row.Field.Resize(fyne.NewSize(s.Width-x+in, h))
		row.Field.Move(fyne.NewPos(x-in, y))
		y += h
		if w := s.Width - x; row.hint.Visible() && w != row.width {
			row.breakLines(w)
		}
		if row.hint.Visible() {
			hh := row.hint.MinSize().Height
			row.hint.Resize(fyne.NewSize(s.Width-x, hh))
			row.hint.Move(fyne.NewPos(x, y+1))
			y += hh + 1
		}
		y += formRowGap
	}
}

func (r *formRenderer) MinSize() fyne.Size {
	var w, h float32
	for _, row := range r.f.rows {
		if !row.Field.Visible() {
			continue
		}
		m := row.Field.MinSize()
		w = max(w, m.Width)
		h += m.Height + formRowGap
		if row.hint.Visible() {
			h += row.hint.MinSize().Height + 1
		}
	}
	return fyne.NewSize(r.labelWidth()+formColGap+w, max(h-formRowGap, 0))
}

func (r *formRenderer) Refresh() {
	r.Layout(r.f.Size())
	for _, row := range r.f.rows {
		row.label.Refresh()
		row.Field.Refresh()
	}
}

func (r *formRenderer) Objects() []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, row := range r.f.rows {
		out = append(out, row.label, row.Field, row.hint)
	}
	return out
}
func (r *formRenderer) Destroy() {}
