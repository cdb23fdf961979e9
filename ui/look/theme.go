// Package look says how the program looks: colours, sizes and icons, light and dark.
// It must never draw anything itself, nor know what a window is for.
// Start reading at [Theme].
package look

import (
	"image/color"
	"math"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Mode chooses between light and dark.
type Mode int

// The modes: follow the desktop, or a fixed choice.
const (
	System Mode = iota
	Light
	Dark
)

// Sizes of our own.
const (
	SizeRow      fyne.ThemeSizeName = "pintailRow"      // height of a list row
	SizeHeader   fyne.ThemeSizeName = "pintailHeader"   // height of a column header
	SizeIcon     fyne.ThemeSizeName = "pintailIcon"     // icons in rows and fields
	SizeToolIcon fyne.ThemeSizeName = "pintailToolIcon" // icons of the tool bar
	SizeStatus   fyne.ThemeSizeName = "pintailStatus"   // text of status bars
	SizeBarThin  fyne.ThemeSizeName = "pintailBarThin"  // height of a progress bar
	SizeField    fyne.ThemeSizeName = "pintailField"    // height of a one-line field or button
)

const baseText = 12.5

// Options are the choices a person has; the zero value follows the desktop at the normal size.
type Options struct {
	Mode Mode
	// TextSize of ordinary text; 0 means 12.5. Rows and icons keep their proportion to it.
	TextSize float32
}

// Theme is the look of the whole program. It is immutable: to change it, set a new one.
type Theme struct {
	opt         Options
	light, dark palette
	base        fyne.Theme

	mu     sync.Mutex // guards the two caches
	svgs   map[svgKey][]byte
	images map[imageKey]*imageEntry
}

var _ fyne.Theme = (*Theme)(nil)

// New returns the look for o.
func New(o Options) *Theme {
	if o.TextSize <= 0 {
		o.TextSize = baseText
	}
	return &Theme{opt: o, light: lightPalette(), dark: darkPalette(), base: theme.DefaultTheme(),
		svgs: map[svgKey][]byte{}, images: map[imageKey]*imageEntry{}}
}

// Options returns what the theme was made from.
func (t *Theme) Options() Options { return t.opt }

func (t *Theme) palette(v fyne.ThemeVariant) palette {
	switch {
	case t.opt.Mode == Dark, t.opt.Mode == System && v == theme.VariantDark:
		return t.dark
	default:
		return t.light
	}
}

// Color answers the toolkit's names and ours; v counts only when the mode is [System].
func (t *Theme) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	p := t.palette(v)
	if c, ok := p[n]; ok {
		return c
	}
	fixed := theme.VariantLight
	if t.IsDark(v) {
		fixed = theme.VariantDark
	}
	return t.base.Color(n, fixed)
}

// IsDark tells whether the dark colours are in use under variant v.
func (t *Theme) IsDark(v fyne.ThemeVariant) bool {
	return t.opt.Mode == Dark || t.opt.Mode == System && v == theme.VariantDark
}

// Font is the toolkit's own: it covers Latin, Greek and Cyrillic and takes the rest from the system.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource { return t.base.Font(s) }

// Icon is the toolkit's own set, used only inside its stock widgets.
func (t *Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return t.base.Icon(n) }

// Size answers the toolkit's names and ours, in proportion to the text size.
func (t *Theme) Size(n fyne.ThemeSizeName) float32 {
	k := t.opt.TextSize / baseText
	scaled := func(v float32) float32 { return float32(math.Round(float64(v * k))) }
	switch n {
	case theme.SizeNameText:
		return t.opt.TextSize
	case theme.SizeNameCaptionText:
		return 10.5 * k
	case SizeStatus:
		return 11 * k
	case theme.SizeNameSubHeadingText:
		return 14 * k
	case theme.SizeNameHeadingText:
		return 18 * k
	case SizeRow:
		return scaled(22)
	case SizeHeader:
		return scaled(24)
	case SizeField:
		return scaled(26)
	case SizeIcon, theme.SizeNameInlineIcon:
		return scaled(16)
	case SizeToolIcon:
		return scaled(22)
	}
	if v, ok := fixedSizes[n]; ok {
		return v
	}
	return t.base.Size(n)
}

var fixedSizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNamePadding: 3, theme.SizeNameInnerPadding: 5, theme.SizeNameLineSpacing: 3,
	theme.SizeNameScrollBar: 10, theme.SizeNameScrollBarSmall: 4, theme.SizeNameScrollBarRadius: 4,
	theme.SizeNameSeparatorThickness: 1, theme.SizeNameInputBorder: 1, theme.SizeNameSplitThickness: 5,
	theme.SizeNameInputRadius: 4, theme.SizeNameSelectionRadius: 4, theme.SizeNameButtonRadius: 4,
	theme.SizeNamePopupRadius: 6, theme.SizeNameMenuRadius: 5, theme.SizeNameDialogRadius: 8, theme.SizeNameCardRadius: 6,
	SizeBarThin: 6,
}

// Color is the colour n of the running program's theme.
func Color(n fyne.ThemeColorName) color.Color { return theme.Color(n) }

// Size is the size n of the running program's theme.
func Size(n fyne.ThemeSizeName) float32 { return theme.Size(n) }

// Contrast is the contrast ratio of two opaque colours by WCAG 2, between 1 and 21.
func Contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	if la < lb {
		la, lb = lb, la
	}
	return (la + 0.05) / (lb + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	lin := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*lin(r) + 0.7152*lin(g) + 0.0722*lin(b)
}
