package outline

import (
	"image/color"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"pintail/ui/kit"
	"pintail/ui/look"
)

// rowView is what one row needs besides the [sheet]: objects for texts of scripts that need shaping, and what was cut.
type rowView struct {
	cells []cellView // by declaration; the note is the last
}

// cellView is one text. It remembers how it was cut, so that nothing is measured twice.
type cellView struct {
	text  *canvas.Text // for what the typesetter cannot draw
	full  string       // the text before it was cut
	cut   string       // as it is shown
	room  float32      // the width for which it was cut
	size  float32
	wide  float32 // width of cut
	plain bool
}

func newRowView(columns int) *rowView {
	v := &rowView{cells: make([]cellView, columns+1)}
	for c := range v.cells {
		v.cells[c] = cellView{text: canvas.NewText("", color.Black), room: -1}
		v.cells[c].text.Hidden = true
	}
	return v
}

func (v *rowView) append(objs []fyne.CanvasObject) []fyne.CanvasObject {
	for _, c := range v.cells {
		objs = append(objs, c.text)
	}
	return objs
}

func (v *rowView) hide() {
	for c := range v.cells {
		v.cells[c].text.Hidden = true
	}
}

// show draws r.row as row i at height y.
func (v *rowView) show(r *renderer, i int, y float32) {
	o, row := r.o, &r.row
	rh := float32(o.rowHeight())
	name, soft, ink := r.paint(i, y)
	size := o.Theme().Size(look.SizeIcon)
	x := o.nameIndent(row.Depth) - o.offX
	if row.Expandable {
		which := "tri-closed"
		if row.Expanded {
			which = "tri-open"
		}
		if row.Loading {
			which = "waiting"
		}
		r.picture(which, ink, x, y+(rh-12)/2, 12, false)
	}
	if row.Icon != "" {
		r.picture(row.Icon, ink, x+triWidth, y+(rh-size)/2, size, row.Dimmed)
	}
	v.hide()
	for _, col := range r.cols {
		d := col.colState.decl
		if d >= len(row.Cells) {
			continue
		}
		if d == 0 {
			v.showName(r, col, y, rh, name, soft)
			continue
		}
		v.cells[d].show(r, row.Cells[d], soft, o.alignment(col.decl.Align), col.x+cellPad, y, col.w-2*cellPad, rh)
	}
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
	r.sheet.row(y, fill)
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
	c := &v.cells[0]
	c.show(r, row.Cells[0], ink, fyne.TextAlignLeading, x, y, room-extra, rh)
	end := x + min(c.wide, max(room-extra, 0))
	if row.Badge != "" {
		r.picture(row.Badge, inkOf(r, soft), end+4, y+(rh-12)/2, 12, false)
		end += 18
	}
	if noteWidth > 0 {
		v.cells[len(v.cells)-1].show(r, row.Note, soft, fyne.TextAlignLeading, end+8, y, noteWidth, rh)
	}
}

func inkOf(r *renderer, c color.Color) fyne.ThemeColorName {
	if c == r.pal.selText {
		return look.ColorSelectedText
	}
	return look.ColorSecondary
}

// picture draws the picture called name.
func (r *renderer) picture(name string, ink fyne.ThemeColorName, x, y, size float32, faint bool) {
	r.sheet.picture(look.Image(name, ink, int(size*r.scale+0.5)), x, y, faint)
}

// show draws text s in the given room; the height of all texts is that of the row, so all scripts sit alike.
func (c *cellView) show(r *renderer, s string, ink color.Color, align fyne.TextAlign, x, y, w, h float32) {
	if s == "" || w < 4 {
		c.wide = 0
		return
	}
	if c.full != s || c.room != w || c.size != r.sizes.size {
		c.full, c.room, c.size = s, w, r.sizes.size
		c.cut = kit.CutText(s, w, kit.CutMiddle, r.sizes.width)
		c.wide, c.plain = r.sizes.width(c.cut), r.sizes.set.plain(c.cut)
	}
	switch {
	case !c.plain:
		if first, _ := utf8.DecodeRuneInString(c.cut); eastAsian(first) {
			y-- // the toolkit hangs fallback fonts by their own, greater height
		}
		t := c.text
		t.Text, t.TextSize, t.Color, t.Alignment, t.Hidden = c.cut, c.size, ink, align, false
		place(t, x, y, w, h)
		return
	case align == fyne.TextAlignTrailing:
		x += w - c.wide
	case align == fyne.TextAlignCenter:
		x += (w - c.wide) / 2
	}
	t := &r.sizes.set
	t.draw(r.sheet.next, c.cut, r.sheet.px(x), r.sheet.px(y+(h-t.height/r.scale)/2), rgba(ink))
}

// eastAsian tells the scripts whose letters come from a taller fallback font.
func eastAsian(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7ff || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xff00 && r <= 0xffef || r >= 0x20000 && r <= 0x3ffff
}

// textSizes remembers the widths of texts of which the toolkit must be asked, which is slow.
type textSizes struct {
	set    typeset
	size   float32
	scale  float32
	widths map[string]float32
}

const keptWidths = 8192

// use chooses font, size and scale.
func (t *textSizes) use(font fyne.Resource, size, scale float32) {
	t.set.set(font, size*scale)
	if t.size != size || t.scale != scale || t.widths == nil {
		t.size, t.scale, t.widths = size, scale, map[string]float32{}
	}
}

func (t *textSizes) width(s string) float32 {
	if t.set.plain(s) {
		return t.set.width(s) / t.scale
	}
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
