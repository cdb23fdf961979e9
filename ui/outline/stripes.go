package outline

import (
	"bytes"
	"image"
	"image/color"

	"fyne.io/fyne/v2/canvas"
)

// stripes is what lies behind the rows: their colours from top to bottom as one picture of one pixel's width, stretched.
// A rectangle for each row costs three times as much to draw where there is no graphics card.
type stripes struct {
	img   *canvas.Image
	next  *image.RGBA
	scale float32
	body  color.RGBA
	high  int // device pixels of a row
}

func newStripes() stripes {
	return stripes{img: &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScalePixels}}
}

// begin makes a picture for the given size, all in the colour of the body.
func (s *stripes) begin(r *renderer, width, height float32) {
	place(s.img, 0, r.o.headerHeight(), width, height)
	s.scale = r.scale
	s.body = rgba(r.pal.body)
	s.high = s.px(float32(r.o.rowHeight()))
	s.next = image.NewRGBA(image.Rect(0, 0, 1, max(s.px(height), 1)))
	s.fill(0, s.next.Rect.Dy(), s.body)
}

// row colours the row whose top is at y.
func (s *stripes) row(y float32, fill color.Color) {
	top := s.px(y)
	s.fill(top, top+s.high, rgba(fill))
}

// end shows the picture, unless it is the same as before.
func (s *stripes) end() {
	if old, ok := s.img.Image.(*image.RGBA); ok && bytes.Equal(old.Pix, s.next.Pix) {
		return
	}
	s.img.Image = s.next
	s.img.Refresh()
}

func (s *stripes) fill(from, to int, c color.RGBA) {
	for y := max(from, 0); y < min(to, s.next.Rect.Dy()); y++ {
		s.next.SetRGBA(0, y, c)
	}
}

func (s *stripes) px(v float32) int {
	if v < 0 {
		return -int(-v*s.scale + 0.5)
	}
	return int(v*s.scale + 0.5)
}

func rgba(c color.Color) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }
