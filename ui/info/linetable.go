package info

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/uitest"
)

const (
	lineGap    = 4
	lineButton = 22
)

// lineTable is a table of names with values that can be edited.
type lineTable struct {
	widget.BaseWidget
	vm     *ViewModel
	group  MetaGroup
	adopt  func(fyne.CanvasObject)
	preset func(name string, below fyne.CanvasObject) // offers usual values; nil if there are none for the table
	title  *kit.Label
	reason *kit.Label
	add    *kit.IconButton
	rows   []*lineRow
	used   int
	fill   bool // the fields are set by the program
}

type lineRow struct {
	label  *kit.Label // of a name that stays
	name   *kit.Entry // of a new line
	value  *kit.Entry
	button *kit.IconButton
}

func newLineTable(vm *ViewModel, g MetaGroup, title string, adopt func(fyne.CanvasObject)) *lineTable {
	t := &lineTable{vm: vm, group: g, adopt: adopt, title: kit.NewLabel(title, kit.LabelStyle{Bold: true}), reason: kit.NewLabel("", kit.LabelStyle{Color: look.ColorSecondary, Cut: kit.CutEnd})}
	t.add = kit.NewIconButton("plus", text.T("info.add"), func() {
		vm.AddLine(g)
		vm.Tasks.Post(func() { // the character of the key that pressed the button must not go into the field
			if c := fyne.CurrentApp().Driver().CanvasForObject(t.add); c != nil && t.used > 0 {
				c.Focus(t.rows[t.used-1].name)
			}
		})
	})
	t.add.SetSize(lineButton)
	adopt(t.add)
	t.ExtendBaseWidget(t)
	return t
}

func (t *lineTable) newRow(i int) *lineRow {
	r := &lineRow{label: kit.NewLabel("", kit.LabelStyle{Align: fyne.TextAlignTrailing, Color: look.ColorSecondary, Cut: kit.CutMiddle}),
		name: kit.NewEntry(), value: kit.NewEntry()}
	r.name.SetPlaceHolder(text.T("info.line_name"))
	r.name.OnChanged = func(s string) {
		if !t.fill {
			t.vm.SetName(t.group, i, s)
		}
	}
	r.value.OnChanged = func(s string) {
		if !t.fill {
			t.vm.SetValue(t.group, i, s)
		}
	}
	r.button = kit.NewIconButton("minus", text.T("info.remove"), nil)
	r.button.SetAct(func() {
		if t.vm.Lines(t.group)[i].Fixed {
			t.preset(t.vm.Lines(t.group)[i].Name, r.button)
			return
		}
		t.vm.RemoveLine(t.group, i)
	})
	r.button.SetSize(lineButton)
	for _, o := range []fyne.CanvasObject{r.name, r.value, r.button} {
		t.adopt(o)
	}
	return r
}

// update shows the lines that the view-model has.
func (t *lineTable) update() {
	open, reason := t.vm.MetaState(t.group)
	list := t.vm.Lines(t.group)
	if !open {
		list = nil
	}
	t.used = len(list)
	t.reason.SetText(reason)
	switch {
	case !open && reason == "":
		t.reason.SetText(text.T("info.busy"))
	case open && t.used == 0:
		t.reason.SetText(text.T("info.none"))
	}
	t.add.Hidden = t.group == Headers
	t.add.SetEnabled(open)
	t.fill = true
	for i, n := range list {
		if i == len(t.rows) {
			t.rows = append(t.rows, t.newRow(i))
		}
		t.rows[i].show(n, t.preset != nil && n.Fixed && hasPreset(n.Name))
	}
	t.fill = false
	t.Refresh()
}

func (r *lineRow) show(n Line, preset bool) {
	label := n.Name
	if n.Fixed && strings.EqualFold(n.Name, "x-amz-website-redirect-location") {
		label = text.T("info.redirect")
	}
	r.label.SetText(label)
	r.label.Hidden, r.name.Hidden = n.New, !n.New
	setEntry(r.name, n.Name, text.T("info.line_name"))
	hint := ""
	if n.Mixed && !n.touched {
		hint = text.T("info.several")
	}
	setEntry(r.value, n.Value, hint)
	r.button.Hidden = n.Fixed && !preset
	if n.Fixed {
		r.button.SetIcon("menu-down", text.T("info.presets", n.Name))
	} else {
		r.button.SetIcon("minus", text.T("info.remove_line", n.Name))
	}
}

// setEntry changes a field only where it differs, so that the caret of who types stays.
func setEntry(e *kit.Entry, s, hint string) {
	if e.PlaceHolder != hint {
		e.SetPlaceHolder(hint)
	}
	if e.Text != s {
		e.SetText(s)
	}
}

// HeightFor is called by the page.
func (t *lineTable) HeightFor(width float32) float32 { return t.place(width) }

func (t *lineTable) place(width float32) float32 {
	field := theme.Size(look.SizeField)
	t.title.Move(fyne.NewPos(0, 0))
	t.title.Resize(fyne.NewSize(width-lineButton, lineButton))
	t.add.Move(fyne.NewPos(width-lineButton, 0))
	t.add.Resize(fyne.NewSquareSize(lineButton))
	y := float32(lineButton + lineGap)
	t.reason.Hidden = t.used > 0
	if t.used == 0 {
		h := t.reason.MinSize().Height
		t.reason.Move(fyne.NewPos(0, y))
		t.reason.Resize(fyne.NewSize(width, h))
		return y + h
	}
	field = max(field, t.rows[0].value.MinSize().Height)
	left := min(max(width*0.4, 122), 190)
	for _, r := range t.rows[:t.used] {
		r.label.Move(fyne.NewPos(0, y))
		r.label.Resize(fyne.NewSize(left, field))
		r.name.Move(fyne.NewPos(0, y))
		r.name.Resize(fyne.NewSize(left, field))
		r.value.Move(fyne.NewPos(left+8, y))
		r.value.Resize(fyne.NewSize(width-left-8-lineButton-2, field))
		r.button.Move(fyne.NewPos(width-lineButton, y+(field-lineButton)/2))
		r.button.Resize(fyne.NewSquareSize(lineButton))
		y += field + lineGap
	}
	return y - lineGap
}

// UIText is the table for the test socket, a line each.
func (t *lineTable) UIText() string {
	if t.used == 0 {
		return t.title.Text() + ": " + t.reason.Text()
	}
	var b strings.Builder
	for _, n := range t.vm.Lines(t.group) {
		v := n.Value
		if n.Mixed && !n.touched {
			v = text.T("info.several")
		}
		b.WriteString(n.Name + ": " + v + "\n")
	}
	return strings.TrimSpace(b.String())
}

// UIRows are the places of the values for the test socket; that of a new line is called "new".
func (t *lineTable) UIRows() []uitest.Row {
	var out []uitest.Row
	for i, n := range t.vm.Lines(t.group) {
		if i >= t.used {
			break
		}
		r := t.rows[i]
		name := n.Name
		if n.New {
			name = "new"
		}
		out = append(out, uitest.Row{Name: name, Selected: n.changed(), Pos: r.value.Position(), Size: r.value.Size()})
	}
	return out
}

// CreateRenderer is called by the toolkit.
func (t *lineTable) CreateRenderer() fyne.WidgetRenderer { return &lineRenderer{t} }

type lineRenderer struct{ t *lineTable }

func (r *lineRenderer) Layout(s fyne.Size) { r.t.place(s.Width) }
func (r *lineRenderer) MinSize() fyne.Size { return fyne.NewSize(280, 0) }
func (r *lineRenderer) Refresh() {
	r.t.place(r.t.Size().Width)
	r.t.add.Refresh()
}
func (r *lineRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.t.title, r.t.add, r.t.reason}
	for _, row := range r.t.rows[:r.t.used] {
		out = append(out, row.label, row.name, row.value, row.button)
	}
	return out
}
func (r *lineRenderer) Destroy() {}
