package browser

import (
	"fmt"
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"rsc.io/qr"
)

const (
	codeMargin = 4   // free squares around a QR code, as its standard wants
	codeLeast  = 240 // pixels of its side, for a short address
	codeSquare = 2   // pixels of a square, at least: a long address makes a code of up to 177 squares a side
)

// codeImage is an address as a QR code, each square scale pixels wide. It is black on white in every theme, since that is what cameras
// look for. An address of more than 2,953 bytes fits none.
func codeImage(address string, scale int) (*image.Gray, error) {
	c, err := qr.Encode(address, qr.L)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	side := (c.Size + 2*codeMargin) * scale
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			if !c.Black(x/scale-codeMargin, y/scale-codeMargin) {
				img.SetGray(x, y, color.Gray{Y: 0xff})
			}
		}
	}
	return img, nil
}

// linkCode is that code for a window, whose squares are whole pixels.
func linkCode(address string) (*canvas.Image, error) {
	one, err := codeImage(address, 1)
	if err != nil {
		return nil, err
	}
	scale := max(codeSquare, codeLeast/one.Rect.Dx())
	img, err := codeImage(address, scale)
	if err != nil {
		return nil, err
	}
	out := canvas.NewImageFromImage(img)
	out.FillMode, out.ScaleMode = canvas.ImageFillContain, canvas.ImageScalePixels
	out.SetMinSize(fyne.NewSquareSize(float32(img.Rect.Dx())))
	return out, nil
}
