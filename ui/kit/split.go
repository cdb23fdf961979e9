package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

const splitGrip = 7 // pixels that take the pointer; one of them is drawn

// Split is two panes with a hairline between them that can be dragged, or moved by the arrow keys when focused.
// One pane keeps its size in pixels when the window changes, the other takes the rest.
type Split struct {
	widget.BaseWidget
	Horizontal bool // side by side
	// OnMoved is called when the user has moved the line.
	OnMoved func(size float32)

	fixed, rest fyne.CanvasObject
	fixedFirst  bool
	size        float32
	grip        *splitGripper
}

// NewSplit returns a split whose fixed pane starts with size pixels. The fixed pane is left (top) if fixedFirst.
func NewSplit(horizontal, fixedFirst bool, fixed, rest fyne.CanvasObject, size float32) *Split {
	s := &Split{Horizontal: horizontal, fixed: fixed, rest: rest, fixedFirst: fixedFirst, size: size}
	s.grip = &splitGripper{s: s}
	s.grip.ExtendBaseWidget(s.grip)
	s.ExtendBaseWidget(s)
	return s
}

// FixedSize is the size of the fixed pane in pixels.
func (s *Split) FixedSize() float32 { return s.size }

// SetFixedSize sets it, within what both panes need.
func (s *Split) SetFixedSize(v float32) { s.size = s.clamp(v); s.Refresh() }

// ShowFixed shows or hides the fixed pane and its line.
func (s *Split) ShowFixed(on bool) {
	if on {
		s.fixed.Show()
	} else {
		s.fixed.Hide()
	}
	s.Refresh()
}

// FixedShown tells whether the fixed pane is shown.
func (s *Split) FixedShown() bool { return s.fixed.Visible() }

func (s *Split) along(v fyne.Size) float32 {
	if s.Horizontal {
		return v.Width
	}
	return v.Height
}

func (s *Split) clamp(v float32) float32 {
	if total := s.along(s.Size()); total > 0 {
		v = min(v, total-1-s.along(s.rest.MinSize()))
	}
	return max(v, s.along(s.fixed.MinSize()))
}

// CreateRenderer is called by the toolkit.
func (s *Split) CreateRenderer() fyne.WidgetRenderer {
	return &splitRenderer{s: s, line: canvas.NewRectangle(themed(s, look.ColorHairline))}
}

type splitRenderer struct {
	s    *Split
	line *canvas.Rectangle
}

func (r *splitRenderer) place(o fyne.CanvasObject, from, length, across float32) {
	if r.s.Horizontal {
		o.Resize(fyne.NewSize(length, across))
		o.Move(fyne.NewPos(from, 0))
		return
	}
	o.Resize(fyne.NewSize(across, length))
	o.Move(fyne.NewPos(0, from))
}

func (r *splitRenderer) Layout(size fyne.Size) {
	s := r.s
	total, across := size.Width, size.Height
	if !s.Horizontal {
		total, across = across, total
	}
	shown := s.fixed.Visible()
	r.line.Hidden, s.grip.Hidden = !shown, !shown
	if !shown {
		r.place(s.rest, 0, total, across)
		return
	}
	fixed := min(max(s.size, s.along(s.fixed.MinSize())), max(total-1-s.along(s.rest.MinSize()), 0))
	at := fixed
	if s.fixedFirst {
		r.place(s.fixed, 0, fixed, across)
		r.place(s.rest, fixed+1, max(total-fixed-1, 0), across)
	} else {
		at = total - fixed - 1
		r.place(s.rest, 0, max(at, 0), across)
		r.place(s.fixed, at+1, fixed, across)
	}
	r.place(r.line, at, 1, across)
	r.place(s.grip, at-(splitGrip-1)/2, splitGrip, across)
}

func (r *splitRenderer) MinSize() fyne.Size {
	a := r.s.rest.MinSize()
	if !r.s.fixed.Visible() {
		return a
	}
	b := r.s.fixed.MinSize()
	if r.s.Horizontal {
		return fyne.NewSize(a.Width+b.Width+1, max(a.Height, b.Height))
	}
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height+1)
}

func (r *splitRenderer) Refresh() {
	r.line.FillColor = themed(r.s, look.ColorHairline)
	r.Layout(r.s.Size())
	canvas.Refresh(r.s)
}

func (r *splitRenderer) Objects() []fyne.CanvasObject {
	if r.s.fixedFirst { // Tab goes from left to right
		return []fyne.CanvasObject{r.s.fixed, r.line, r.s.rest, r.s.grip}
	}
	return []fyne.CanvasObject{r.s.rest, r.line, r.s.fixed, r.s.grip}
}
func (r *splitRenderer) Destroy() {}

// splitGripper is the invisible strip over the hairline.
type splitGripper struct {
	widget.BaseWidget
	s       *Split
	focused bool
	moved   float32
	line    *canvas.Rectangle
}

func (g *splitGripper) CreateRenderer() fyne.WidgetRenderer {
	g.line = blank()
	g.paint()
	return widget.NewSimpleRenderer(g.line)
}

func (g *splitGripper) paint() {
	if g.line == nil {
		return
	}
	g.line.StrokeWidth = 0
	if g.focused {
		g.line.StrokeColor, g.line.StrokeWidth = themed(g, look.ColorRing), 2
	}
	g.line.Refresh()
}

// MinSize is nothing: the strip lies over the panes.
func (g *splitGripper) MinSize() fyne.Size { return fyne.Size{} }

// Cursor is the double arrow.
func (g *splitGripper) Cursor() desktop.Cursor {
	if g.s.Horizontal {
		return desktop.HResizeCursor
	}
	return desktop.VResizeCursor
}

// Dragged moves the line with the pointer, also when it has run against an end and comes back.
func (g *splitGripper) Dragged(e *fyne.DragEvent) {
	d := e.Dragged.DX
	if !g.s.Horizontal {
		d = e.Dragged.DY
	}
	if g.moved == 0 {
		g.moved = g.s.size
	}
	if !g.s.fixedFirst {
		d = -d
	}
	g.moved += d
	g.s.SetFixedSize(g.moved)
}

// DragEnd tells the owner.
func (g *splitGripper) DragEnd() {
	g.moved = 0
	if g.s.OnMoved != nil {
		g.s.OnMoved(g.s.size)
	}
}

func (g *splitGripper) FocusGained()                   { g.focused = true; g.paint() }
func (g *splitGripper) FocusLost()                     { g.focused = false; g.paint() }
func (g *splitGripper) TypedRune(rune)                 {}
func (g *splitGripper) TypedShortcut(sc fyne.Shortcut) { PassShortcut(g, sc) }

// TypedKey moves the line by the arrow keys.
func (g *splitGripper) TypedKey(e *fyne.KeyEvent) {
	less, more := fyne.KeyLeft, fyne.KeyRight
	if !g.s.Horizontal {
		less, more = fyne.KeyUp, fyne.KeyDown
	}
	if !g.s.fixedFirst {
		less, more = more, less
	}
	switch e.Name {
	case less:
		g.s.SetFixedSize(g.s.size - 10)
	case more:
		g.s.SetFixedSize(g.s.size + 10)
	default:
		PassKey(g, e)
		return
	}
	g.DragEnd()
}
