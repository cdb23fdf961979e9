package kit

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

// Graph is a row of bars, the newest at the right, scaled to the highest. It is one picture, drawn when the values change.
type Graph struct {
	widget.BaseWidget
	values []float64
	height float32
}

// NewGraph returns an empty graph of the given height.
func NewGraph(height float32) *Graph {
	g := &Graph{height: height}
	g.ExtendBaseWidget(g)
	return g
}

// Set shows values, oldest first; those that do not fit are left out at the old end. The graph keeps a copy.
func (g *Graph) Set(values []float64) {
	g.values = append(g.values[:0], values...)
	g.Refresh()
}

// Values is what the graph shows.
func (g *Graph) Values() []float64 { return g.values }

// CreateRenderer is called by the toolkit.
func (g *Graph) CreateRenderer() fyne.WidgetRenderer {
	r := &graphRenderer{g: g, img: &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScalePixels}, base: blank()}
	return r
}

type graphRenderer struct {
	g    *Graph
	img  *canvas.Image
	base *canvas.Rectangle
}

const graphStep = 3 // pixels of a bar with its gap

func (r *graphRenderer) Layout(s fyne.Size) {
	r.img.Resize(fyne.NewSize(s.Width, max(s.Height-1, 1)))
	r.base.Move(fyne.NewPos(0, s.Height-1))
	r.base.Resize(fyne.NewSize(s.Width, 1))
	r.draw()
}

func (r *graphRenderer) draw() {
	s := r.img.Size()
	r.base.FillColor = themed(r.g, look.ColorHairline)
	img := image.NewRGBA(image.Rect(0, 0, max(int(s.Width), 1), max(int(s.Height), 1)))
	w, h := img.Rect.Dx(), img.Rect.Dy()
	values := r.g.values
	if most := w / graphStep; len(values) > most {
		values = values[len(values)-most:]
	}
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	ink := color.RGBAModel.Convert(themed(r.g, theme.ColorNamePrimary)).(color.RGBA)
	for i, v := range values {
		if v <= 0 || top <= 0 {
			continue
		}
		x := w - (len(values)-i)*graphStep
		for y := h - max(int(v/top*float64(h)), 1); y < h; y++ {
			for dx := range graphStep - 1 {
				img.SetRGBA(x+dx, y, ink)
			}
		}
	}
	r.img.Image = img
	r.img.Refresh()
}

func (r *graphRenderer) MinSize() fyne.Size { return fyne.NewSize(40, r.g.height) }
func (r *graphRenderer) Refresh()           { r.Layout(r.g.Size()); canvas.Refresh(r.g) }
func (r *graphRenderer) Destroy()           {}
func (r *graphRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.base, r.img}
}
