package outline

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// sheet is the picture of all rows on screen: their backgrounds, pictures and plain texts, drawn here and handed to the
// toolkit as one. An object for each of them costs three times as much where there is no graphics card, and the toolkit
// draws every new text into a texture of its own.
type sheet struct {
	img     *canvas.Image
	shown   *image.RGBA // what img has
	next    *image.RGBA // being drawn
	scale   float32
	body    color.RGBA
	rowHigh int // device pixels
}

func newSheet() sheet {
	return sheet{img: &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScalePixels}}
}

// begin makes a picture of exactly the device pixels that the rows' area will have, all in the colour of the body.
func (s *sheet) begin(r *renderer, width, height float32) {
	top := r.o.headerHeight()
	place(s.img, 0, top, width, height)
	s.scale = r.scale
	s.rowHigh = s.px(float32(r.o.rowHeight()))
	s.body = rgba(r.pal.body)
	// The toolkit rounds both corners to pixels, by their place in the window.
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.o)
	size := image.Rect(s.px(at.X), s.px(at.Y+top), s.px(at.X+width), s.px(at.Y+top+height))
	w, h := max(size.Dx(), 1), max(size.Dy(), 1)
	if s.next == nil || s.next.Rect.Dx() != w || s.next.Rect.Dy() != h {
		s.next = image.NewRGBA(image.Rect(0, 0, w, h))
	}
	s.fill(s.next.Rect, s.body)
}

// row colours the row whose top is at y.
func (s *sheet) row(y float32, fill color.Color) {
	c := rgba(fill)
	if c == s.body {
		return
	}
	top := s.px(y)
	s.fill(image.Rect(0, top, s.next.Rect.Dx(), top+s.rowHigh), c)
}

// picture draws pic, which is in device pixels, with its corner at x, y; faint shows it at half strength.
func (s *sheet) picture(pic image.Image, x, y float32, faint bool) {
	b := pic.Bounds()
	to := b.Sub(b.Min).Add(image.Pt(s.px(x), s.px(y)))
	if faint {
		draw.DrawMask(s.next, to, pic, b.Min, image.NewUniform(color.Alpha{A: 128}), image.Point{}, draw.Over)
		return
	}
	draw.Draw(s.next, to, pic, b.Min, draw.Over)
}

// end shows the picture, unless it is the same as before. The one that was shown is drawn over next time.
func (s *sheet) end() {
	if s.shown != nil && s.shown.Rect == s.next.Rect && bytes.Equal(s.shown.Pix, s.next.Pix) {
		return
	}
	s.shown, s.next = s.next, s.shown
	s.img.Image = s.shown
	s.img.Refresh()
}

// fill paints a rectangle of one colour without a mixture.
func (s *sheet) fill(area image.Rectangle, c color.RGBA) {
	area = area.Intersect(s.next.Rect)
	if area.Empty() {
		return
	}
	line := s.next.Pix[s.next.PixOffset(area.Min.X, area.Min.Y):][:4*area.Dx()]
	line[0], line[1], line[2], line[3] = c.R, c.G, c.B, c.A
	for have := 4; have < len(line); have *= 2 {
		copy(line[have:], line[:have])
	}
	for y := area.Min.Y + 1; y < area.Max.Y; y++ {
		copy(s.next.Pix[s.next.PixOffset(area.Min.X, y):], line)
	}
}

// px is v in device pixels, rounded as the toolkit rounds.
func (s *sheet) px(v float32) int {
	if v < 0 {
		return -int(-v*s.scale + 0.5)
	}
	return int(v*s.scale + 0.5)
}

func rgba(c color.Color) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }
