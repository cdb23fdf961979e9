package outline

import (
	"image"
	"image/color"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"pintail/ui/kit"
	"pintail/ui/look"
)

// rowView is the objects that draw one row. It remembers what it shows, so that nothing is measured twice.
type rowView struct {
	tri, icon *canvas.Image
	badge     *canvas.Image
	note      *canvas.Text
	cells     []cellView
	shown     bool
}

// cellView is one cell. The toolkit draws each text of different words anew, which is most of the work of scrolling, and
// keeps the drawing. So cells like "2026-05-16 21:00" and "78.3 MB" are drawn as two texts of which few exist.
type cellView struct {
	text *canvas.Text
	tail *canvas.Text // what follows the last space, nil in the column of names
	full string       // the text before it was cut
	room float32      // the width for which it was cut
	size float32
	head float32 // width of text with its space, zero when all of it is in text
	end  float32 // width of tail
}

func newRowView(columns int) *rowView {
	v := &rowView{tri: newPicture(), icon: newPicture(), badge: newPicture(),
		note: canvas.NewText("", color.Black)}
	for c := range columns {
		cell := cellView{text: canvas.NewText("", color.Black), room: -1}
		if c > 0 {
			cell.tail = canvas.NewText("", color.Black)
		}
		v.cells = append(v.cells, cell)
	}
	return v
}

func newPicture() *canvas.Image {
	img := &canvas.Image{FillMode: canvas.ImageFillStretch}
	img.Hidden = true
	return img
}

func (v *rowView) append(objs []fyne.CanvasObject) []fyne.CanvasObject {
	objs = append(objs, v.tri, v.icon, v.badge, v.note)
	for _, c := range v.cells {
		objs = append(objs, c.text)
		if c.tail != nil {
			objs = append(objs, c.tail)
		}
	}
	return objs
}

func (v *rowView) hide() {
	v.shown = false
	v.tri.Hidden, v.icon.Hidden, v.badge.Hidden, v.note.Hidden = true, true, true, true
	for c := range v.cells {
		v.cells[c].hide()
	}
}

func (c *cellView) hide() {
	c.text.Hidden = true
	if c.tail != nil {
		c.tail.Hidden = true
	}
}

// show draws r.row as row i at height y.
func (v *rowView) show(r *renderer, i int, y float32) {
	o, row := r.o, &r.row
	rh := float32(o.rowHeight())
	name, soft, ink := r.paint(i, y)
	size := o.Theme().Size(look.SizeIcon)
	x := o.nameIndent(row.Depth) - o.offX
	v.tri.Hidden = !row.Expandable
	if row.Expandable {
		which := "tri-closed"
		if row.Expanded {
			which = "tri-open"
		}
		if row.Loading {
			which = "waiting"
		}
		v.picture(r, v.tri, which, ink, x, y+(rh-12)/2, 12)
	}
	v.icon.Hidden = row.Icon == ""
	if row.Icon != "" {
		v.picture(r, v.icon, row.Icon, ink, x+triWidth, y+(rh-size)/2, size)
		v.icon.Translucency = 0
		if row.Dimmed {
			v.icon.Translucency = 0.5
		}
	}
	for c := range v.cells {
		v.cells[c].hide()
	}
	v.note.Hidden, v.badge.Hidden = true, true
	for _, col := range r.cols {
		d := col.colState.decl
		if d >= len(row.Cells) {
			continue
		}
		if d == 0 {
			v.showName(r, col, y, rh, name, soft)
			continue
		}
		v.cells[d].show(r, row.Cells[d], soft, col, col.x+cellPad, y, col.w-2*cellPad, rh)
	}
	v.shown = true
}

// paint colours the background of row i and gives the colours of name, other cells and pictures.
func (r *renderer) paint(i int, y float32) (name, soft color.Color, ink fyne.ThemeColorName) {
	o, p := r.o, &r.pal
	name, soft, ink = p.fg, p.soft, look.ColorSecondary
	if r.row.Dimmed {
		name = p.soft
	}
	fill := p.body
	if i%2 == 1 {
		fill = p.alt
	}
	selected := o.sel.Has(r.row.Key)
	switch {
	case selected && (o.focused || o.edit != nil):
		fill, name, soft, ink = p.sel, p.selText, p.selText, look.ColorSelectedText
	case selected:
		fill, soft = p.idle, p.fg
	case o.mouse.dropOn && o.mouse.drop == r.row.Key:
		fill = p.dropFill
	case i == o.mouse.hot && o.mouse.grip == gripNone:
		fill = p.hover
	}
	r.stripes.row(y, fill)
	return name, soft, ink
}

// showName draws the name with its badge and its note behind it.
func (v *rowView) showName(r *renderer, col placed, y, rh float32, ink, soft color.Color) {
	row := &r.row
	x := r.o.textStart(row.Depth) - r.o.offX
	room := col.x + col.w - cellPad - x
	extra := float32(0)
	if row.Badge != "" {
		extra += 18
	}
	noteWidth := float32(0)
	if row.Note != "" {
		noteWidth = r.sizes.width(row.Note)
		if noteWidth+60 > room-extra { // a note is never worth the name
			noteWidth = 0
		} else {
			extra += noteWidth + 10
		}
	}
	v.cells[0].show(r, row.Cells[0], ink, col, x, y, room-extra, rh)
	end := x + min(r.sizes.width(v.cells[0].text.Text), max(room-extra, 0))
	if row.Badge != "" {
		v.badge.Hidden = false
		v.picture(r, v.badge, row.Badge, inkOf(r, soft), end+4, y+(rh-12)/2, 12)
		end += 18
	}
	if noteWidth > 0 {
		v.note.Hidden = false
		v.note.Text, v.note.Color, v.note.TextSize = row.Note, soft, r.sizes.size
		place(v.note, end+8, y, noteWidth, rh)
	}
}

func inkOf(r *renderer, c color.Color) fyne.ThemeColorName {
	if c == r.pal.selText {
		return look.ColorSelectedText
	}
	return look.ColorSecondary
}

// picture shows the picture called name in device pixels; the toolkit is told only when it differs.
func (v *rowView) picture(r *renderer, img *canvas.Image, name string, ink fyne.ThemeColorName, x, y, size float32) {
	var pic image.Image = look.Image(name, ink, int(size*r.scale+0.5))
	place(img, x, y, size, size)
	if img.Image != pic {
		img.Image = pic
		img.Refresh()
	}
}

// show draws text s in the given room; the height of all texts is that of the row, so all scripts sit alike.
func (c *cellView) show(r *renderer, s string, ink color.Color, col placed, x, y, w, h float32) {
	t := c.text
	t.Hidden = s == "" || w < 4
	if t.Hidden {
		return
	}
	if c.full != s || c.room != w || c.size != r.sizes.size {
		c.fit(r, s, w)
	}
	if r, _ := utf8.DecodeRuneInString(t.Text); eastAsian(r) {
		y-- // the toolkit hangs fallback fonts by their own, greater height
	}
	t.Color = ink
	t.Alignment = r.o.alignment(col.decl.Align)
	if c.head == 0 {
		place(t, x, y, w, h)
		return
	}
	c.tail.Hidden = false
	c.tail.Color = ink
	switch t.Alignment {
	case fyne.TextAlignTrailing:
		x += w - c.head - c.end
	case fyne.TextAlignCenter:
		x += (w - c.head - c.end) / 2
	}
	t.Alignment = fyne.TextAlignLeading
	place(t, x, y, c.head, h)
	place(c.tail, x+c.head, y, c.end, h)
}

// fit puts s into the text objects, whole or cut.
func (c *cellView) fit(r *renderer, s string, w float32) {
	c.full, c.room, c.size, c.head = s, w, r.sizes.size, 0
	c.text.TextSize = c.size
	if cut := strings.LastIndexByte(s, ' '); c.tail != nil && cut > 0 && cut < len(s)-1 {
		head, end := r.sizes.width(s[:cut+1]), r.sizes.width(s[cut+1:])
		if head+end <= w {
			c.head, c.end = head, end
			c.text.Text, c.tail.Text, c.tail.TextSize = s[:cut], s[cut+1:], c.size
			return
		}
	}
	c.text.Text = kit.CutText(s, w, kit.CutMiddle, r.sizes.width)
}

// eastAsian tells the scripts whose letters come from a taller fallback font.
func eastAsian(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7ff || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xff00 && r <= 0xffef || r >= 0x20000 && r <= 0x3ffff
}

// textSizes remembers the widths of texts, which are slow to measure.
type textSizes struct {
	size   float32
	widths map[string]float32
}

const keptWidths = 8192

func (t *textSizes) set(size float32) {
	if t.size != size || t.widths == nil {
		t.size, t.widths = size, map[string]float32{}
	}
}

func (t *textSizes) width(s string) float32 {
	if w, ok := t.widths[s]; ok {
		return w
	}
	if len(t.widths) >= keptWidths {
		clear(t.widths)
	}
	w := fyne.MeasureText(s, t.size, fyne.TextStyle{}).Width
	t.widths[s] = w
	return w
}
