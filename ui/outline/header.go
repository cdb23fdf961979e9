package outline

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/kit"
	"pintail/ui/look"
)

// header draws the titles of the columns.
type header struct {
	bg          *canvas.Image
	line, plate *canvas.Rectangle
	titles      []*canvas.Text
	seps        []*canvas.Rectangle
	arrow       *canvas.Image
	box         *fyne.Container
	clip        *container.Clip
}

func (h *header) init() {
	h.bg = kit.NewFill(color.Transparent)
	h.line, h.plate = canvas.NewRectangle(color.Transparent), canvas.NewRectangle(color.Transparent)
	h.arrow = newPicture()
	h.box = container.NewWithoutLayout()
	h.clip = container.NewClip(h.box)
	h.clip.ExtendBaseWidget(h.clip)
}

func (h *header) objects() []fyne.CanvasObject { return []fyne.CanvasObject{h.clip} }

func (h *header) grow(n int) {
	for len(h.titles) < n {
		h.titles = append(h.titles, canvas.NewText("", color.Black))
		h.seps = append(h.seps, canvas.NewRectangle(color.Transparent))
	}
	objs := []fyne.CanvasObject{h.bg, h.plate}
	for i := range h.titles {
		objs = append(objs, h.titles[i], h.seps[i])
	}
	h.box.Objects = append(objs, h.arrow, h.line)
}

func (h *header) update(r *renderer, s fyne.Size) {
	o := r.o
	height := o.headerHeight()
	if len(h.titles) < len(r.cols) || len(h.box.Objects) == 0 {
		h.grow(len(r.cols))
	}
	kit.SetFill(h.bg, r.color(theme.ColorNameHeaderBackground))
	h.line.FillColor = r.color(look.ColorHairline)
	place(h.clip, 0, 0, s.Width, height)
	h.box.Resize(fyne.NewSize(s.Width, height))
	place(h.bg, 0, 0, s.Width, height)
	place(h.line, 0, height-1, s.Width, 1)
	h.arrow.Hidden, h.plate.Hidden = true, true
	for i := range h.titles {
		h.titles[i].Hidden, h.seps[i].Hidden = i >= len(r.cols), i >= len(r.cols)
		if i < len(r.cols) {
			h.column(r, i, height)
		}
	}
	r.mark.Hidden = true
	if m := &o.mouse; m.grip == gripTitle && m.moved {
		h.moving(r, s, height)
	}
}

func (h *header) column(r *renderer, i int, height float32) {
	o, c := r.o, r.cols[i]
	t := h.titles[i]
	sorted := o.sortCol == c.decl.ID
	t.TextSize = o.Theme().Size(look.SizeStatus)
	t.TextStyle.Bold = sorted
	t.Color, t.Alignment = r.pal.soft, o.alignment(c.decl.Align)
	if sorted {
		t.Color = r.pal.fg
	}
	x, w := c.x+cellPad, c.w-2*cellPad
	if i == 0 {
		x, w = x+4, w-4
	}
	if sorted {
		w -= 13
	}
	t.Text = kit.CutText(c.decl.Title, w, kit.CutEnd, func(s string) float32 {
		return fyne.MeasureText(s, t.TextSize, t.TextStyle).Width
	})
	place(t, x, 0, w, height)
	if sorted {
		name := "sort-up"
		if o.desc {
			name = "sort-down"
		}
		h.arrow.Hidden = false
		if img := look.Image(name, theme.ColorNameForeground, int(12*r.scale+0.5)); h.arrow.Image != img {
			h.arrow.Image = img
			h.arrow.Refresh()
		}
		place(h.arrow, c.x+c.w-cellPad-12, (height-12)/2, 12, 12)
	}
	h.seps[i].FillColor = r.color(theme.ColorNameSeparator)
	place(h.seps[i], c.x+c.w-1, 5, 1, height-10)
}

// moving shows which column is dragged and where it would go.
func (h *header) moving(r *renderer, s fyne.Size, height float32) {
	m := &r.o.mouse
	x := float32(-1)
	for _, c := range r.cols {
		if c.index == m.col {
			h.plate.Hidden = false
			h.plate.FillColor = r.color(theme.ColorNameHover)
			place(h.plate, c.x, 0, c.w, height)
		}
		if c.index == m.insert {
			x = c.x
		}
	}
	if m.insert >= len(r.o.cols) && len(r.cols) > 0 {
		last := r.cols[len(r.cols)-1]
		x = last.x + last.w
	}
	if x >= 0 {
		r.mark.Hidden = false
		r.mark.FillColor = r.pal.drop
		place(r.mark, x-1, 0, 2, s.Height)
	}
}

const messageWidth = 420

// messageView is what stands in the middle when there are no rows.
type messageView struct {
	box    *fyne.Container
	shown  *Message
	icon   *canvas.Image
	button *kit.Button
}

func (v *messageView) init() { v.box = container.NewWithoutLayout() }

func (v *messageView) update(r *renderer, s fyne.Size) {
	m := r.o.message
	if m == nil || r.o.model.Len() > 0 {
		v.box.Hide()
		return
	}
	if v.shown != m {
		v.build(m)
	}
	v.box.Show()
	head := r.o.headerHeight()
	place(v.box, 0, head, s.Width, s.Height-head)
	size := v.box.Objects[0].MinSize()
	w := min(max(size.Width, messageWidth), max(s.Width-40, 0))
	y := max((s.Height-head-size.Height)/2-20, 8)
	place(v.box.Objects[0], (s.Width-w)/2, y, w, size.Height)
	if v.icon != nil {
		if img := look.Image(m.Icon, look.ColorSecondary, int(36*r.scale+0.5)); v.icon.Image != img {
			v.icon.Image = img
			v.icon.Refresh()
		}
	}
}

func (v *messageView) build(m *Message) {
	v.shown, v.icon, v.button = m, nil, nil
	col := container.New(layout.NewCustomPaddedVBoxLayout(5))
	if m.Icon != "" {
		v.icon = newPicture()
		v.icon.Hidden = false
		v.icon.SetMinSize(fyne.NewSquareSize(36))
		col.Add(container.NewCenter(v.icon))
	}
	col.Add(kit.NewLabel(m.Title, kit.LabelStyle{Size: theme.SizeNameSubHeadingText, Bold: true, Align: fyne.TextAlignCenter, Cut: kit.CutMiddle}))
	if m.Text != "" {
		words := kit.Wrapped(m.Text, messageWidth-8, theme.TextSize(), fyne.TextStyle{}) // the toolkit would break paths anywhere
		col.Add(kit.NewParagraph(words, look.ColorSecondary, fyne.TextAlignCenter))
	}
	if m.Action != "" {
		v.button = kit.NewButton(m.Action, kit.Plain, m.OnAction)
		col.Add(container.NewCenter(v.button))
	}
	v.box.Objects = []fyne.CanvasObject{col}
}

func newPicture() *canvas.Image {
	img := &canvas.Image{FillMode: canvas.ImageFillStretch}
	img.Hidden = true
	return img
}
