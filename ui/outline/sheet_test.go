package outline_test

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"

	"pintail/ui/look"
)

// ink is the columns in which a picture has anything but back, and how much of it.
func ink(img image.Image, area image.Rectangle, back color.Color) (from, to int, weight float64) {
	br, bg, bb, _ := back.RGBA()
	from, to = -1, -1
	for x := area.Min.X; x < area.Max.X; x++ {
		for y := area.Min.Y; y < area.Max.Y; y++ {
			r, g, b, _ := img.At(x, y).RGBA()
			d := abs(int(r)-int(br)) + abs(int(g)-int(bg)) + abs(int(b)-int(bb))
			if d < 3*0x0800 {
				continue
			}
			if from < 0 {
				from = x
			}
			to = x
			weight += float64(d) / (3 * 0xffff)
		}
	}
	return from, to, weight
}

func abs(n int) int { return max(n, -n) }

// What we typeset must look as if the toolkit had: the same amount of ink within a tenth, and the length that the toolkit gives
// at a whole size, within three pixels. (At 12.5 it spaces letters as at 13.)
func TestSheet_LooksLikeTheToolkit(t *testing.T) {
	names := []string{"Quarterly AVATAR report.pdf", "x", "Übergröße – größer.txt", "x", "фото отпуск.jpg", "x", "fjord_office-WAVE.To.tgz"}
	b := newBench(t, names...)
	sheet := b.o.Sheet()
	if sheet == nil {
		t.Fatal("nothing was drawn")
	}
	back := look.Color(look.ColorBody)
	for i := 0; i < b.s.Len(); i += 2 { // the others are on the other colour
		name := b.name(b.s.Key(i))
		size := b.o.Theme().Size("text")
		text := canvas.NewText(name, look.Color("foreground"))
		text.TextSize = size
		c := software.NewCanvas()
		c.SetPadded(false)
		bg := canvas.NewRectangle(back)
		text.Resize(fyne.NewSize(300, 22))
		bg.Resize(fyne.NewSize(300, 22))
		c.SetContent(&fyne.Container{Objects: []fyne.CanvasObject{bg, text}})
		c.Resize(fyne.NewSize(300, 22))
		theirs := c.Capture()
		_, _, tw := ink(theirs, image.Rect(0, 0, 300, 22), back)
		start := b.o.NameStart()
		of, ot, ow := ink(sheet, image.Rect(start-2, i*22, start+200, i*22+22), back)
		if want := int(fyne.MeasureText(name, 100, fyne.TextStyle{}).Width * size / 100); abs(ot-of+1-want) > 3 {
			t.Errorf("%q is %d pixels long, want %d", name, ot-of+1, want)
		}
		if ow < 0.9*tw || ow > 1.1*tw {
			t.Errorf("%q has ink %.1f, with the toolkit %.1f", name, ow, tw)
		}
	}
}

// A picture that is the same is not handed over again; one row that changes gives another.
func TestSheet_ChangesOnlyWithWhatItShows(t *testing.T) {
	b := newBench(t, "a", "b", "c")
	before := b.o.Sheet()
	b.o.Refresh()
	if b.o.Sheet() != before {
		t.Error("the same rows gave another picture")
	}
	b.click(b.at(1))
	if b.o.Sheet() == before {
		t.Error("a selected row did not change the picture")
	}
}

// Texts that need shaping or another font are left to the toolkit.
func TestSheet_LeavesOtherScriptsToTheToolkit(t *testing.T) {
	others := []string{"日本語.png", "العربية.txt", "🎉.gif", "e\u0301.txt"}
	b := newBench(t, append(others, "plain.txt")...)
	var left []string
	for _, o := range test.LaidOutObjects(b.o) {
		if text, ok := o.(*canvas.Text); ok && text.Visible() && text.Size().Height == 22 {
			left = append(left, text.Text)
		}
	}
	for _, name := range others {
		if !slices.Contains(left, name) {
			t.Errorf("%q was drawn here", name)
		}
	}
	if slices.Contains(left, "plain.txt") {
		t.Error("a plain name was left to the toolkit")
	}
}
