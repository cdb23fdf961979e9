package outline

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/kit"
	"pintail/ui/look"
)

const (
	firstIndent = 6  // before the triangle of the top rows
	levelIndent = 16 // for each level below
	triWidth    = 16
	iconGap     = 5 // between picture and name
)

func (o *Outline) nameIndent(depth int) float32 { return firstIndent + float32(depth)*levelIndent }

func (o *Outline) textStart(depth int) float32 {
	return o.nameIndent(depth) + triWidth + o.Theme().Size(look.SizeIcon) + iconGap
}

// palette is the colours of one drawing, looked up once and not for each row.
type palette struct {
	fg, soft, dim, body, alt, sel, selText, idle, hover, drop, dropFill, ring color.Color
}

// renderer keeps a pool of views, one for each row on screen. Row i always uses view i modulo the size of the pool,
// so scrolling by a few rows changes only those few views.
type renderer struct {
	o    *Outline
	pool []*rowView
	body *fyne.Container
	clip *container.Clip
	head header

	sheet       sheet // the rows
	thumb, band *canvas.Rectangle
	mark        *canvas.Rectangle // where a dragged column would go
	frame       frame             // around all rows: focus, or a drop beside them
	ring        frame             // around one row: drop target, or cursor outside of the selection
	message     messageView
	edit        *kit.Entry

	objs  []fyne.CanvasObject
	row   Row
	cols  []placed
	sizes textSizes
	scale float32 // device pixels for one of ours
	pal   palette
}

// CreateRenderer is called by the toolkit.
func (o *Outline) CreateRenderer() fyne.WidgetRenderer {
	rect := func() *canvas.Rectangle { return canvas.NewRectangle(color.Transparent) }
	r := &renderer{o: o, sheet: newSheet(), thumb: rect(), band: rect(), mark: rect(), frame: newFrame(), ring: newFrame()}
	r.thumb.CornerRadius = 4
	r.body = container.NewWithoutLayout()
	r.clip = container.NewClip(r.body)
	r.clip.ExtendBaseWidget(r.clip) // else it has no place in the tree before it is first drawn
	r.head.init()
	r.message.init()
	o.r = r
	r.restack()
	return r
}

// MinSize is called by the toolkit.
func (r *renderer) MinSize() fyne.Size { return fyne.NewSize(160, r.o.headerHeight()+60) }

// Destroy is called by the toolkit.
func (r *renderer) Destroy() { r.o.stopTicks() }

// Objects is called by the toolkit.
func (r *renderer) Objects() []fyne.CanvasObject { return r.objs }

// Layout is called by the toolkit.
func (r *renderer) Layout(fyne.Size) {
	r.o.clampScroll()
	r.update()
}

// Refresh is called by the toolkit.
func (r *renderer) Refresh() {
	r.update()
	canvas.Refresh(r.o)
}

// dropPool forgets the views, as their number of columns is wrong.
func (r *renderer) dropPool() {
	r.pool = nil
	r.restack()
}

// setEdit shows or removes the field of a rename.
func (r *renderer) setEdit(e *kit.Entry) {
	if r == nil {
		return
	}
	r.edit = e
	r.restack()
}

// restack rebuilds the lists of objects; only when their number changes.
func (r *renderer) restack() {
	objs := []fyne.CanvasObject{}
	for _, v := range r.pool {
		objs = v.append(objs)
	}
	objs = r.ring.append(append(objs, r.band))
	if r.edit != nil {
		objs = append(objs, r.edit)
	}
	r.body.Objects = objs
	r.objs = append([]fyne.CanvasObject{r.sheet.img, r.clip, r.message.box}, r.head.objects()...)
	r.objs = r.frame.append(append(r.objs, r.mark, r.thumb))
}

func (r *renderer) color(n fyne.ThemeColorName) color.Color {
	return r.o.Theme().Color(n, fyne.CurrentApp().Settings().ThemeVariant())
}

func (r *renderer) readTheme() {
	r.pal = palette{fg: r.color(theme.ColorNameForeground), soft: r.color(look.ColorSecondary),
		dim: r.color(theme.ColorNameDisabled), body: r.color(look.ColorBody), alt: r.color(look.ColorAlternate),
		sel: r.color(look.ColorSelected), selText: r.color(look.ColorSelectedText), idle: r.color(look.ColorSelectedIdle),
		hover: r.color(look.ColorRowHover), drop: r.color(look.ColorDrop), dropFill: r.color(look.ColorDropFill),
		ring: r.color(look.ColorRing)}
	r.scale = 1
	if c := fyne.CurrentApp().Driver().CanvasForObject(r.o); c != nil {
		px, _ := c.PixelCoordinateForPosition(fyne.NewPos(100, 0))
		r.scale = max(float32(px)/100, 0.1)
	}
	r.sizes.use(r.o.Theme().Font(fyne.TextStyle{}), r.o.Theme().Size(theme.SizeNameText), r.scale)
}

// snap puts y on a whole device pixel: text between two is blurred.
func (r *renderer) snap(y float64) float32 {
	return float32(math.Round(y*float64(r.scale)) / float64(r.scale))
}

func (r *renderer) update() {
	o := r.o
	s := o.Size()
	if s.Width <= 0 || s.Height <= 0 {
		return
	}
	r.readTheme()
	r.cols = o.layoutColumns(r.cols)
	head := o.headerHeight()
	r.sheet.begin(r, s.Width, s.Height-head)
	place(r.clip, 0, head, s.Width, s.Height-head)
	r.body.Resize(fyne.NewSize(s.Width, s.Height-head))
	r.updateRows()
	r.sheet.end()
	r.updateBand()
	r.head.update(r, s)
	r.updateThumb(s)
	r.updateFrame(s)
	r.message.update(r, s)
	r.updateEdit()
}

func (r *renderer) updateRows() {
	o := r.o
	rh := o.rowHeight()
	need := int(math.Ceil(o.viewHeight()/rh)) + 1
	if need > len(r.pool) {
		for len(r.pool) < need {
			r.pool = append(r.pool, newRowView(len(o.decl)))
		}
		r.restack()
	}
	n := o.model.Len()
	first := int(o.off / rh)
	r.row.Wanted = r.wanted()
	for k := range r.pool {
		i := first + k
		v := r.pool[i%len(r.pool)]
		y := r.snap(float64(i)*rh - o.off)
		if i >= n || k >= need {
			v.hide()
			if i%2 == 1 && n > 0 { // the stripes go on below the rows
				r.sheet.row(y, r.pal.alt)
			}
			continue
		}
		o.model.Row(i, &r.row)
		if i == first && n > 0 {
			o.top, o.topOff = r.row.Key, o.off-float64(i)*rh
		}
		v.show(r, i, y)
	}
	if a, b := o.VisibleRange(); a != o.shownFirst || b != o.shownLast {
		o.shownFirst, o.shownLast = a, b
		if o.OnShown != nil {
			o.OnShown(a, b)
		}
	}
}

func (r *renderer) wanted() []bool {
	w := r.row.Wanted[:0]
	for range r.o.decl {
		w = append(w, false)
	}
	for _, c := range r.cols {
		w[c.colState.decl] = true
	}
	if len(w) > 0 {
		w[0] = true
	}
	return w
}

func (r *renderer) updateBand() {
	o := r.o
	b := o.mouse.band
	r.band.Hidden = o.mouse.grip != gripBand || !o.mouse.moved
	if r.band.Hidden {
		return
	}
	fill := color.NRGBAModel.Convert(r.pal.drop).(color.NRGBA)
	fill.A = 40
	r.band.FillColor, r.band.StrokeColor, r.band.StrokeWidth = fill, r.pal.drop, 1
	y := float32(min(b.y0, b.y1) - o.off)
	place(r.band, min(b.x0, b.x1), y, float32(math.Abs(float64(b.x1-b.x0))), float32(math.Abs(b.y1-b.y0)))
}

func (r *renderer) updateThumb(s fyne.Size) {
	y, h, ok := r.o.thumb()
	r.thumb.Hidden = !ok
	if !ok {
		return
	}
	w := float32(7)
	if r.o.mouse.hotBar || r.o.mouse.grip == gripThumb {
		w = 9
	}
	r.thumb.CornerRadius = w / 2
	r.thumb.FillColor = r.color(theme.ColorNameScrollBar)
	place(r.thumb, s.Width-w-2, r.o.headerHeight()+float32(y)+1, w, float32(h)-2)
}

// updateFrame draws the ring of the focus, or the frame of a drop beside the rows.
func (r *renderer) updateFrame(s fyne.Size) {
	o := r.o
	head := o.headerHeight()
	switch {
	case o.mouse.dropOn && o.mouse.drop == 0:
		r.frame.show(r.pal.drop, 2, 0, head, s.Width, s.Height-head)
	case o.focused && !o.byMouse:
		r.frame.show(r.pal.ring, 1, 0, head, s.Width, s.Height-head)
	default:
		r.frame.hide()
	}
	ink, key, width := r.pal.ring, o.cursor, float32(1)
	switch {
	case o.mouse.dropOn && o.mouse.drop != 0:
		ink, key, width = r.pal.drop, o.mouse.drop, 2
	case !o.focused || o.byMouse || o.sel.Has(o.cursor):
		key = 0
	}
	i, ok := o.model.Index(key)
	if key == 0 || !ok {
		r.ring.hide()
		return
	}
	r.ring.show(ink, width, 1, r.snap(float64(i)*o.rowHeight()-o.off), o.cellsWidth()-1, float32(o.rowHeight()))
}

// frame is four lines. A rectangle with a stroke would be drawn a little beside its place where it is clipped.
type frame [4]*canvas.Rectangle

func newFrame() frame {
	var f frame
	for i := range f {
		f[i] = canvas.NewRectangle(color.Transparent)
		f[i].Hidden = true
	}
	return f
}

func (f frame) append(objs []fyne.CanvasObject) []fyne.CanvasObject {
	for _, l := range f {
		objs = append(objs, l)
	}
	return objs
}

func (f frame) hide() {
	for _, l := range f {
		l.Hidden = true
	}
}

func (f frame) show(ink color.Color, width, x, y, w, h float32) {
	for _, l := range f {
		l.Hidden, l.FillColor = false, ink
	}
	place(f[0], x, y, w, width)
	place(f[1], x, y+h-width, w, width)
	place(f[2], x, y, width, h)
	place(f[3], x+w-width, y, width, h)
}

func (r *renderer) updateEdit() {
	o := r.o
	if o.edit == nil || r.edit == nil || len(r.cols) == 0 {
		return
	}
	i, ok := o.model.Index(o.edit.key)
	if !ok {
		r.edit.Hide()
		return
	}
	r.edit.Show()
	r.row.Wanted = nil
	o.model.Row(i, &r.row)
	x := o.textStart(r.row.Depth) - o.offX - 7
	rh := float32(o.rowHeight())
	h := max(rh, r.edit.MinSize().Height)
	y := r.snap(float64(i)*o.rowHeight()-o.off) + (rh-h)/2
	place(r.edit, x, max(y, 0), max(r.cols[0].x+r.cols[0].w-x-4, 80), h)
}

func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
	o.Move(fyne.NewPos(x, y))
}
