package look

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/fyne-io/oksvg"
	"github.com/srwiley/rasterx"

	"pintail/assets/icons"
)

type svgKey struct {
	name string
	ink  color.NRGBA
}

type imageKey struct {
	svgKey
	px int
}

type imageEntry struct{ img image.Image }

// icon is a picture by name whose ink follows the theme in use, so it need not be made again when that changes.
type icon struct {
	name string
	ink  fyne.ThemeColorName
}

// Icon is the picture called name as a resource for the toolkit's widgets, drawn in the colour of line icons.
// An unknown name gives an empty picture; the tests find those.
func Icon(name string) fyne.Resource { return IconIn(name, ColorInk) }

// IconIn is [Icon] in another colour of the theme. Coloured pictures ("kind-…" and the
// program's own) keep their colours.
func IconIn(name string, ink fyne.ThemeColorName) fyne.Resource { return icon{name: name, ink: ink} }

// Name differs for each colour because the toolkit keeps rendered pictures by name.
func (i icon) Name() string {
	k := i.key()
	return fmt.Sprintf("%s-%02x%02x%02x.svg", k.name, k.ink.R, k.ink.G, k.ink.B)
}

// Content is the SVG text in the colour of the theme in use.
func (i icon) Content() []byte { return current().svg(i.key()) }

func (i icon) key() svgKey {
	k := svgKey{name: i.name}
	if !isColored(i.name) {
		k.ink = nrgba(theme.Color(i.ink))
	}
	return k
}

// Image is the picture called name, px pixels wide and high, in the colour ink of the theme in use.
// Pictures are kept, so a list may ask for one in every row of every frame.
func Image(name string, ink fyne.ThemeColorName, px int) image.Image {
	return current().image(imageKey{svgKey: icon{name: name, ink: ink}.key(), px: px})
}

const appIcon = "pintail"

// AppIcon is the picture of the program itself, the same in all themes.
func AppIcon() fyne.Resource { return Icon(appIcon) }

// HasIcon tells whether a picture of that name exists.
func HasIcon(name string) bool {
	_, err := icons.Files.ReadFile(name + ".svg")
	return err == nil
}

func isColored(name string) bool { return strings.HasPrefix(name, "kind-") || name == appIcon }

// current is the theme in use; a program without ours (a test of the toolkit's own look) gets one without a memory.
func current() *Theme {
	if t, ok := theme.Current().(*Theme); ok {
		return t
	}
	return New(Options{})
}

func nrgba(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }

func (t *Theme) svg(k svgKey) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.svgLocked(k)
}

func (t *Theme) svgLocked(k svgKey) []byte {
	if b, ok := t.svgs[k]; ok {
		return b
	}
	b, err := icons.Files.ReadFile(k.name + ".svg")
	if err != nil {
		b = []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"></svg>`)
	}
	if !isColored(k.name) {
		hex := fmt.Sprintf("#%02X%02X%02X", k.ink.R, k.ink.G, k.ink.B)
		b = bytes.ReplaceAll(b, []byte(icons.KeyColor), []byte(hex))
	}
	t.svgs[k] = b
	return b
}

func (t *Theme) image(k imageKey) image.Image {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.images[k]; ok {
		return e.img
	}
	img := rasterize(t.svgLocked(k.svgKey), k.px)
	t.images[k] = &imageEntry{img: img}
	return img
}

// rasterize draws an SVG of this program; px below one counts as one.
func rasterize(svg []byte, px int) image.Image {
	px = max(px, 1)
	img := image.NewRGBA(image.Rect(0, 0, px, px))
	ic, err := oksvg.ReadIconStream(bytes.NewReader(svg))
	if err != nil { // a file of the program itself: the tests draw every one
		return img
	}
	ic.SetTarget(0, 0, float64(px), float64(px))
	ic.Draw(rasterx.NewDasher(px, px, rasterx.NewScannerGV(px, px, img, img.Bounds())), 1)
	return img
}

// FileIcon is the name of the picture for a file called name; see [icons.ForFile].
func FileIcon(name string) string { return icons.ForFile(name) }
