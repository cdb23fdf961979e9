package info

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
)

const (
	factGap   = 5  // between facts
	factIn    = 10 // between label and value
	copySize  = 20
	maxLabel  = 104
	lineLimit = 6 // a value that is longer is cut; it can be copied whole
)

// factTable shows a [Section]: labels end at one line, values begin behind it and wrap.
type factTable struct {
	widget.BaseWidget
	section Section
	copy    func(string)
	adopt   func(fyne.CanvasObject) // each thing that can have the keyboard
	title   *kit.Label
	rows    []*factRow
	used    int // rows that show something
	label   float32
}

type factRow struct {
	label  *kit.Label
	lines  []*kit.Label
	note   *kit.Label
	button *kit.IconButton
	fact   Fact
}

func newFactTable(copy func(string), adopt func(fyne.CanvasObject)) *factTable {
	t := &factTable{copy: copy, adopt: adopt, title: kit.NewLabel("", kit.LabelStyle{Bold: true})}
	t.ExtendBaseWidget(t)
	return t
}

// set shows s; label is the width of the labels, which tables of one page share.
func (t *factTable) set(s Section, label float32) {
	t.section, t.label, t.used = s, label, len(s.Facts)
	t.title.SetText(s.Title)
	for len(t.rows) < t.used {
		r := &factRow{label: kit.NewLabel("", kit.LabelStyle{Align: fyne.TextAlignTrailing, Color: look.ColorSecondary, Cut: kit.CutEnd}),
			note: kit.NewCaption("")}
		r.button = kit.NewIconButton("copy", text.T("info.copy"), func() { t.copy(r.fact.Value) })
		r.button.SetSize(copySize)
		t.adopt(r.button)
		t.rows = append(t.rows, r)
	}
	for i, r := range t.rows {
		if i < t.used {
			r.fact = s.Facts[i]
			r.label.SetText(r.fact.Label)
			r.note.SetText(r.fact.Note)
		}
	}
	t.Refresh()
}

// labelWidth is what the labels of sections need, within reason.
func labelWidth(sections ...Section) float32 {
	w := float32(0)
	for _, s := range sections {
		for _, f := range s.Facts {
			w = max(w, fyne.MeasureText(f.Label, theme.Size(theme.SizeNameText), fyne.TextStyle{}).Width)
		}
	}
	return min(w, maxLabel) + 1
}

// words is what stands in the place of the value.
func (f Fact) words() (string, fyne.ThemeColorName) {
	switch {
	case f.Busy:
		return text.T("info.busy"), look.ColorSecondary
	case f.Reason != "":
		return f.Reason, look.ColorSecondary
	}
	return f.Value, theme.ColorNameForeground
}

// HeightFor is called by the page.
func (t *factTable) HeightFor(width float32) float32 { return t.place(width) }

// place puts everything where it belongs and returns the height.
func (t *factTable) place(width float32) float32 {
	if t.used == 0 {
		return 0
	}
	y := float32(0)
	if t.section.Title != "" {
		h := t.title.MinSize().Height
		t.title.Move(fyne.NewPos(0, 6))
		t.title.Resize(fyne.NewSize(width, h))
		y = h + 6 + factGap
	}
	for _, r := range t.rows[:t.used] {
		y += t.placeRow(r, y, width) + factGap
	}
	return y - factGap
}

func (t *factTable) placeRow(r *factRow, y, width float32) float32 {
	size := theme.Size(theme.SizeNameText)
	line := fyne.MeasureText("M", size, fyne.TextStyle{}).Height
	x := t.label + factIn
	room := width - x
	if r.fact.Copy {
		room -= copySize + 2
	}
	r.label.Move(fyne.NewPos(0, y))
	r.label.Resize(fyne.NewSize(t.label, line))
	words, ink := r.fact.words()
	lines := kit.WrapText(words, max(room, 20), func(s string) float32 { return fyne.MeasureText(s, size, fyne.TextStyle{}).Width })
	if len(lines) > lineLimit {
		lines = append(lines[:lineLimit-1:lineLimit-1], lines[lineLimit-1]+"…")
	}
	for len(r.lines) < len(lines) {
		r.lines = append(r.lines, kit.NewLabel("", kit.LabelStyle{Cut: kit.CutEnd}))
	}
	h := float32(0)
	for i, l := range r.lines {
		l.Hidden = i >= len(lines)
		if l.Hidden {
			continue
		}
		l.SetText(lines[i])
		l.SetColor(ink)
		l.Move(fyne.NewPos(x, y+h))
		l.Resize(fyne.NewSize(max(room, 20)+1, line))
		h += line
	}
	r.button.Hidden = !r.fact.Copy || r.fact.Value == ""
	r.button.Move(fyne.NewPos(width-copySize, y+(line-copySize)/2))
	r.button.Resize(fyne.NewSquareSize(copySize))
	r.note.Hidden = r.fact.Note == "" || r.fact.Reason != "" || r.fact.Busy
	if !r.note.Hidden {
		nh := r.note.MinSize().Height
		r.note.Move(fyne.NewPos(x, y+h-1))
		r.note.Resize(fyne.NewSize(width-x, nh))
		h += nh - 1
	}
	return max(h, line)
}

// UIText is the table for the test socket, a fact a line.
func (t *factTable) UIText() string {
	var b strings.Builder
	for _, f := range t.section.Facts {
		w, _ := f.words()
		b.WriteString(f.Label + ": " + w + "\n")
	}
	return strings.TrimSpace(b.String())
}

// CreateRenderer is called by the toolkit.
func (t *factTable) CreateRenderer() fyne.WidgetRenderer { return &factRenderer{t} }

type factRenderer struct{ t *factTable }

func (r *factRenderer) Layout(s fyne.Size) { r.t.place(s.Width) }
func (r *factRenderer) MinSize() fyne.Size {
	return fyne.NewSize(maxLabel+factIn+90, 0)
}
func (r *factRenderer) Refresh() {
	r.t.place(r.t.Size().Width)
	for _, row := range r.t.rows[:r.t.used] {
		row.button.Refresh()
	}
}
func (r *factRenderer) Objects() []fyne.CanvasObject {
	if r.t.used == 0 {
		return nil
	}
	out := []fyne.CanvasObject{}
	if r.t.section.Title != "" {
		out = append(out, r.t.title)
	}
	for _, row := range r.t.rows[:r.t.used] {
		out = append(out, row.label, row.note, row.button)
		for _, l := range row.lines {
			out = append(out, l)
		}
	}
	return out
}
func (r *factRenderer) Destroy() {}
