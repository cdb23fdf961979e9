package info

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// settingRow is one of several settings in a list: whether it is on, if it can be turned off here, its name, what it does, and ways to
// edit and remove it.
type settingRow struct {
	widget.BaseWidget
	line         fyne.CanvasObject // above it
	on           *kit.Check        // nil: it cannot be turned here
	name         *kit.Label
	words, fault *note
	edit, remove *kit.IconButton
	fill         bool
}

func newSettingRow(edit, remove func()) *settingRow {
	r := &settingRow{line: kit.NewHairline(), name: kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}), words: newNote(), fault: newNote()}
	r.fault.ink = theme.ColorNameError
	r.edit = kit.NewIconButton("edit", "", edit)
	r.remove = kit.NewIconButton("minus", "", remove)
	r.ExtendBaseWidget(r)
	return r
}

// turnedBy lets the setting be turned on and off in its row.
func (r *settingRow) turnedBy(turn func(on bool)) {
	r.on = kit.NewCheck("", func(on bool) {
		if !r.fill {
			turn(on)
		}
	})
}

func (r *settingRow) show(row RuleRow) {
	ink := look.ColorInk
	if r.on != nil {
		r.fill = true
		r.on.SetChecked(row.Enabled)
		r.fill = false
	}
	if !row.Enabled {
		ink = theme.ColorNameDisabled
	}
	r.name.SetText(row.Name)
	r.name.SetColor(ink)
	r.words.set(row.Words)
	r.fault.set(row.Fault)
	r.edit.SetIcon("edit", text.T("lifecycle.edit", row.Name))
	r.remove.SetIcon("minus", text.T("lifecycle.remove", row.Name))
	r.Refresh()
}

// HeightFor is called by the page.
func (r *settingRow) HeightFor(width float32) float32 { return r.place(width) }

func (r *settingRow) place(width float32) float32 {
	const button, gap = 24, 4
	left := float32(0)
	if r.on != nil {
		box := r.on.MinSize()
		left = box.Width + gap
		r.on.Resize(box)
		r.on.Move(fyne.NewPos(0, (button-box.Height)/2))
	}
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
func (r *settingRow) CreateRenderer() fyne.WidgetRenderer { return &settingRowRenderer{r} }

type settingRowRenderer struct{ r *settingRow }

func (r *settingRowRenderer) Layout(s fyne.Size) { r.r.place(s.Width) }
func (r *settingRowRenderer) MinSize() fyne.Size { return fyne.NewSize(240, 0) }
func (r *settingRowRenderer) Refresh() {
	r.r.place(r.r.Size().Width)
	for _, o := range r.Objects() {
		o.Refresh()
	}
}
func (r *settingRowRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.r.name, r.r.words, r.r.fault, r.r.edit, r.r.remove}
	if r.r.on != nil {
		out = append([]fyne.CanvasObject{r.r.on}, out...) // the keyboard comes there first
	}
	return out
}
func (r *settingRowRenderer) Destroy() {}
