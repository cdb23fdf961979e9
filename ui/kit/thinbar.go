package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

// BarState is what a [ThinBar] says beside how much is done. Each state has its own shape, not only its own colour.
type BarState int

// The states.
const (
	BarRunning BarState = iota // a solid bar
	BarUnknown                 // a piece that moves on with each call of Step
	BarPaused                  // dashes
	BarFailed                  // a frame with a cross at its end
	BarDone                    // full, with a tick at its end
)

const barDashes = 24

// ThinBar is a progress bar of six pixels.
type ThinBar struct {
	widget.BaseWidget
	state    BarState
	fraction float64
	phase    int
}

// NewThinBar returns an empty bar.
func NewThinBar() *ThinBar {
	b := &ThinBar{}
	b.ExtendBaseWidget(b)
	return b
}

// Set shows state and fraction (0 to 1); it draws only if something changed.
func (b *ThinBar) Set(state BarState, fraction float64) {
	fraction = min(max(fraction, 0), 1)
	if state != b.state || fraction != b.fraction {
		b.state, b.fraction = state, fraction
		b.Refresh()
	}
}

// Step moves the piece of [BarUnknown] on. The bar has no clock of its own, so an idle window stays idle.
func (b *ThinBar) Step() {
	b.phase = (b.phase + 1) % 20
	b.Refresh()
}

// State is what the bar says.
func (b *ThinBar) State() (BarState, float64) { return b.state, b.fraction }

// CreateRenderer is called by the toolkit.
func (b *ThinBar) CreateRenderer() fyne.WidgetRenderer {
	r := &thinBarRenderer{b: b, track: blank(), fill: blank(), mark: picture("close")}
	for range barDashes {
		r.dashes = append(r.dashes, blank())
	}
	return r
}

type thinBarRenderer struct {
	b           *ThinBar
	track, fill *canvas.Rectangle
	dashes      []*canvas.Rectangle
	mark        *canvas.Image
}

func (r *thinBarRenderer) Layout(s fyne.Size) {
	b := r.b
	h := sized(b, look.SizeBarThin)
	y := (s.Height - h) / 2
	w := s.Width
	marked := b.state == BarFailed || b.state == BarDone
	if marked {
		w -= 14
	}
	w = max(w, 0)
	r.track.Resize(fyne.NewSize(w, h))
	r.track.Move(fyne.NewPos(0, y))
	done := w * float32(b.fraction)
	x := float32(0)
	if b.state == BarUnknown {
		done = w / 4
		x = (w - done) * float32(b.phase) / 19
	}
	if done > 0 {
		done = max(done, h)
	}
	r.fill.Resize(fyne.NewSize(done, h))
	r.fill.Move(fyne.NewPos(x, y))
	step := w / barDashes
	for i, d := range r.dashes {
		d.Hidden = b.state != BarPaused || float32(i)*step >= done
		d.Resize(fyne.NewSize(max(step-3, 1), h))
		d.Move(fyne.NewPos(float32(i)*step, y))
	}
	r.mark.Resize(fyne.NewSquareSize(11))
	r.mark.Move(fyne.NewPos(w+3, (s.Height-11)/2))
	r.paint()
}

func (r *thinBarRenderer) paint() {
	b := r.b
	ink := map[BarState]fyne.ThemeColorName{BarRunning: theme.ColorNamePrimary, BarUnknown: theme.ColorNamePrimary,
		BarPaused: look.ColorSecondary, BarFailed: theme.ColorNameError, BarDone: theme.ColorNameSuccess}[b.state]
	radius := sized(b, look.SizeBarThin) / 2
	r.track.CornerRadius, r.fill.CornerRadius = radius, radius
	r.track.FillColor, r.track.StrokeWidth = themed(b, look.ColorTrack), 0
	if b.state == BarFailed {
		r.track.StrokeColor, r.track.StrokeWidth = themed(b, ink), 1
	}
	r.fill.FillColor = themed(b, ink)
	r.fill.Hidden = b.state == BarPaused
	for _, d := range r.dashes {
		d.FillColor, d.CornerRadius = themed(b, ink), 1.5
	}
	r.mark.Hidden = b.state != BarFailed && b.state != BarDone
	name := "close"
	if b.state == BarDone {
		name = "check"
	}
	if !r.mark.Hidden {
		setPicture(r.mark, name, ink)
	}
}

func (r *thinBarRenderer) MinSize() fyne.Size { return fyne.NewSize(40, 12) }
func (r *thinBarRenderer) Refresh()           { r.Layout(r.b.Size()); canvas.Refresh(r.b) }
func (r *thinBarRenderer) Destroy()           {}
func (r *thinBarRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.track, r.fill}
	for _, d := range r.dashes {
		out = append(out, d)
	}
	return append(out, r.mark)
}
