package kit

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2/canvas"
)

// NewFill returns a plain area of colour c: a picture of one pixel, stretched. The toolkit's rectangle reckons border and shadow
// for each pixel, which costs three times as much where there is no graphics card, and most of a window is plain.
func NewFill(c color.Color) *canvas.Image {
	f := &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScalePixels}
	SetFill(f, c)
	return f
}

// SetFill gives a fill another colour.
func SetFill(f *canvas.Image, c color.Color) {
	want := color.RGBAModel.Convert(c).(color.RGBA)
	if old, ok := f.Image.(*image.RGBA); ok && old.RGBAAt(0, 0) == want {
		return
	}
	pixel := image.NewRGBA(image.Rect(0, 0, 1, 1))
	pixel.SetRGBA(0, 0, want)
	f.Image = pixel
	f.Refresh()
}
