package info

import (
	"image/color"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/kit"
	"pintail/ui/look"
)

// codeField is a field of many lines that leaves Tab to the window: whoever has no mouse must get out of it.
type codeField struct{ kit.Entry }

func newCodeField() *codeField {
	f := &codeField{}
	f.MultiLine, f.Wrapping, f.Scroll = true, fyne.TextWrapOff, fyne.ScrollNone
	f.TextStyle = fyne.TextStyle{Monospace: true}
	f.ExtendBaseWidget(f)
	return f
}

// AcceptsTab is called by the toolkit.
func (f *codeField) AcceptsTab() bool { return false }

// editor is a field for code with the numbers of its lines; the line with a fault is marked.
type editor struct {
	widget.BaseWidget
	field  *codeField
	scroll *container.Scroll
	inner  *fyne.Container
	gutter *gutter
	frame  *canvas.Rectangle // of what is seen of the field, whose own border scrolls away

	lit     bool // it has the keyboard
	fitting bool
}

func newEditor(changed func(string)) *editor {
	e := &editor{field: newCodeField()}
	e.field.OnChanged = func(s string) {
		changed(s)
		e.fit()
	}
	e.gutter = newGutter(e)
	e.inner = container.New(editorLayout{e}, e.field, e.gutter)
	e.scroll = container.NewScroll(e.inner)
	e.scroll.OnScrolled = func(fyne.Position) { e.fit() }
	e.field.OnCursorChanged = e.reveal
	e.frame = canvas.NewRectangle(color.Transparent)
	e.field.SetOnFocus(func() { e.lit = true; e.drawFrame() })
	e.field.OnBlur = func() { e.lit = false; e.drawFrame() }
	e.ExtendBaseWidget(e)
	return e
}

// setText shows another text unless it is shown already; the caret of who types stays.
func (e *editor) setText(s string) {
	if e.field.Text == s {
		return
	}
	e.field.CursorRow, e.field.CursorColumn = 0, 0
	e.field.SetText(s)
	e.scroll.ScrollToOffset(fyne.Position{})
	e.fit()
}

// mark marks a line, from 1; 0 is none.
func (e *editor) mark(line int) {
	if line != e.gutter.marked {
		e.gutter.marked = line
		e.gutter.Refresh()
	}
}

// fit is called when the text or what is seen of it has changed. It draws neither the field nor the text anew, which the toolkit does
// in a time that grows with the square of the text.
func (e *editor) fit() {
	if e.fitting {
		return
	}
	e.fitting = true
	defer func() { e.fitting = false }()
	e.inner.Resize(e.inner.MinSize().Max(e.scroll.Size()))
	e.inner.Layout.Layout(e.inner.Objects, e.inner.Size())
	off := e.scroll.Offset
	e.scroll.Offset.Y-- // its bars follow a change of the offset alone
	e.scroll.ScrollToOffset(off)
	e.gutter.Refresh()
	e.drawFrame()
}

func (e *editor) pitch() float32 {
	return fyne.MeasureText("M", theme.Size(theme.SizeNameText), fyne.TextStyle{Monospace: true}).Height
}

// reveal scrolls to the caret.
func (e *editor) reveal() {
	if e.gutter == nil {
		return
	}
	at, size, off := e.field.CursorPosition(), e.scroll.Size(), e.scroll.Offset
	room, margin := size.Width-e.gutter.width(), e.pitch()/2
	if size.Height < e.pitch() || room < margin {
		return
	}
	to := off
	to.Y = min(to.Y, max(at.Y-margin, 0))
	to.Y = max(to.Y, at.Y+e.pitch()+margin-size.Height)
	to.X = min(to.X, max(at.X-3*margin, 0))
	to.X = max(to.X, at.X+3*margin-room)
	if to != off {
		e.inner.Resize(e.inner.MinSize().Max(size))
		e.scroll.ScrollToOffset(to)
		e.fit()
	}
}

// drawFrame draws the frame where the field's own border is when nothing is scrolled.
func (e *editor) drawFrame() {
	ink, line := theme.ColorNameInputBorder, theme.InputBorderSize()
	if e.lit {
		ink = theme.ColorNamePrimary
	}
	left, size := e.gutter.width(), e.scroll.Size()
	e.frame.Move(fyne.NewPos(left+line/2, line/2))
	e.frame.Resize(fyne.NewSize(max(size.Width-left-line-.5, 0), max(size.Height-line-.5, 0)))
	e.frame.StrokeColor, e.frame.StrokeWidth, e.frame.CornerRadius = theme.Color(ink), line, theme.InputRadiusSize()
	e.frame.Refresh()
}

// HasFocus tells whether the keyboard is in the field.
func (e *editor) HasFocus() bool {
	c := fyne.CurrentApp().Driver().CanvasForObject(e.field)
	return c != nil && c.Focused() == fyne.Focusable(e.field)
}

// FieldText is the text for the test socket.
func (e *editor) FieldText() string { return e.field.Text }

// CreateRenderer is called by the toolkit.
func (e *editor) CreateRenderer() fyne.WidgetRenderer {
	return &editorRenderer{e: e, ground: canvas.NewRectangle(color.Transparent)}
}

type editorRenderer struct {
	e      *editor
	ground *canvas.Rectangle
}

func (r *editorRenderer) Layout(s fyne.Size) {
	r.ground.Resize(s)
	r.e.scroll.Resize(s)
	r.e.fit()
}
func (r *editorRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 120) }
func (r *editorRenderer) Refresh() {
	r.ground.FillColor = theme.Color(look.ColorBody)
	r.ground.Refresh()
	r.e.fit()
}
func (r *editorRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.e.scroll, r.e.frame}
}
func (r *editorRenderer) Destroy() {}

// editorLayout puts the field right of the numbers, which stay at the left edge of what is seen.
type editorLayout struct{ e *editor }

func (l editorLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return l.e.field.MinSize().AddWidthHeight(l.e.gutter.width(), 0)
}

func (l editorLayout) Layout([]fyne.CanvasObject, fyne.Size) {
	w := l.e.gutter.width()
	size := l.e.field.MinSize().Max(l.e.scroll.Size().SubtractWidthHeight(w, 0))
	l.e.field.Move(fyne.NewPos(w, 0))
	l.e.field.Resize(size)
	l.e.gutter.Move(fyne.NewPos(l.e.scroll.Offset.X, 0))
	l.e.gutter.Resize(fyne.NewSize(w, size.Height))
}

// gutter draws the numbers of the lines that are seen.
type gutter struct {
	widget.BaseWidget
	e      *editor
	marked int
	ground *canvas.Rectangle
	band   *canvas.Rectangle
	texts  []*canvas.Text
	used   int
}

func newGutter(e *editor) *gutter {
	g := &gutter{e: e, ground: canvas.NewRectangle(color.Transparent), band: canvas.NewRectangle(color.Transparent)}
	g.ExtendBaseWidget(g)
	return g
}

func (g *gutter) lines() int { return strings.Count(g.e.field.Text, "\n") + 1 }

func (g *gutter) width() float32 {
	digits := max(len(strconv.Itoa(g.lines())), 2)
	return fyne.MeasureText(strings.Repeat("0", digits), theme.Size(look.SizeStatus), fyne.TextStyle{Monospace: true}).Width + 12
}

// place puts the numbers beside their lines.
func (g *gutter) place() {
	pitch, size := g.e.pitch(), theme.Size(look.SizeStatus)
	top := theme.Size(theme.SizeNameInnerPadding)
	off, height := g.e.scroll.Offset.Y, g.e.scroll.Size().Height
	first := max(int((off-top)/pitch), 0)
	last := min(int((off+height)/pitch)+1, g.lines())
	g.used = max(last-first, 0)
	g.ground.Resize(g.Size())
	g.ground.FillColor = theme.Color(look.ColorBar)
	g.band.Hidden = true
	for i := range g.used {
		if i == len(g.texts) {
			g.texts = append(g.texts, canvas.NewText("", color.Transparent))
		}
		t, n := g.texts[i], first+i+1
		t.Text, t.TextSize, t.TextStyle, t.Alignment = strconv.Itoa(n), size, fyne.TextStyle{Monospace: true}, fyne.TextAlignTrailing
		t.Color = theme.Color(look.ColorSecondary)
		y := top + float32(n-1)*pitch
		if n == g.marked {
			t.Color = theme.Color(theme.ColorNameError)
			g.band.Hidden = false
			g.band.FillColor = t.Color
			g.band.Move(fyne.NewPos(0, y))
			g.band.Resize(fyne.NewSize(3, pitch))
		}
		t.Move(fyne.NewPos(0, y))
		t.Resize(fyne.NewSize(g.width()-6, pitch))
	}
}

// CreateRenderer is called by the toolkit.
func (g *gutter) CreateRenderer() fyne.WidgetRenderer { return &gutterRenderer{g} }

type gutterRenderer struct{ g *gutter }

func (r *gutterRenderer) Layout(fyne.Size)   { r.g.place() }
func (r *gutterRenderer) MinSize() fyne.Size { return fyne.NewSize(r.g.width(), 0) }
func (r *gutterRenderer) Refresh() {
	r.g.place()
	canvas.Refresh(r.g)
}
func (r *gutterRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.g.ground, r.g.band}
	for _, t := range r.g.texts[:r.g.used] {
		out = append(out, t)
	}
	return out
}
func (r *gutterRenderer) Destroy() {}
