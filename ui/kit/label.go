package kit

import (
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/look"
)

// Cut says what a text does that is too long for its place.
type Cut int

// The ways to cut: not at all, at the end, in the middle (names: their beginning and ending both matter).
const (
	CutNone Cut = iota
	CutEnd
	CutMiddle
)

// LabelStyle is how a [Label] is drawn; zero fields mean ordinary text.
type LabelStyle struct {
	Color fyne.ThemeColorName
	Size  fyne.ThemeSizeName
	Bold  bool
	Mono  bool
	Align fyne.TextAlign
	Cut   Cut
}

// Label is one line of text that follows the theme.
type Label struct {
	widget.BaseWidget
	text  string
	style LabelStyle
}

// NewLabel returns a label.
func NewLabel(text string, style LabelStyle) *Label {
	l := &Label{text: text, style: style}
	l.ExtendBaseWidget(l)
	return l
}

// NewCaption returns a small grey label that is cut at its end.
func NewCaption(text string) *Label {
	return NewLabel(text, LabelStyle{Color: look.ColorSecondary, Size: theme.SizeNameCaptionText, Cut: CutEnd})
}

// Text is the whole text, also where it is drawn cut.
func (l *Label) Text() string { return l.text }

// SetText shows another text.
func (l *Label) SetText(text string) {
	if text != l.text {
		l.text = text
		l.Refresh()
	}
}

// SetColor draws in another colour of the theme.
func (l *Label) SetColor(n fyne.ThemeColorName) {
	if n != l.style.Color {
		l.style.Color = n
		l.Refresh()
	}
}

// CreateRenderer is called by the toolkit.
func (l *Label) CreateRenderer() fyne.WidgetRenderer {
	r := &labelRenderer{l: l, text: words()}
	r.apply()
	return r
}

type labelRenderer struct {
	l    *Label
	text *canvas.Text
}

func (r *labelRenderer) apply() {
	s := r.l.style
	if s.Color == "" {
		s.Color = theme.ColorNameForeground
	}
	if s.Size == "" {
		s.Size = theme.SizeNameText
	}
	th := r.l.Theme()
	r.text.Color = th.Color(s.Color, fyne.CurrentApp().Settings().ThemeVariant())
	r.text.TextSize = th.Size(s.Size)
	r.text.TextStyle = fyne.TextStyle{Bold: s.Bold, Monospace: s.Mono}
	r.text.Alignment = s.Align
	r.text.Text = r.l.text
	if s.Cut != CutNone {
		r.text.Text = CutText(r.l.text, r.l.Size().Width, s.Cut, func(t string) float32 {
			return fyne.MeasureText(t, r.text.TextSize, r.text.TextStyle).Width
		})
	}
}

func (r *labelRenderer) Layout(s fyne.Size) {
	r.apply()
	r.text.Resize(s)
	r.text.Refresh()
}

func (r *labelRenderer) MinSize() fyne.Size {
	m := fyne.MeasureText(r.l.text, r.text.TextSize, r.text.TextStyle)
	if r.l.style.Cut != CutNone {
		m.Width = min(m.Width, 24)
	}
	return m
}

func (r *labelRenderer) Refresh()                     { r.apply(); r.text.Refresh() }
func (r *labelRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }
func (r *labelRenderer) Destroy()                     {}

// CutText shortens s so that measure gives at most width, putting … where letters are missing.
// It never cuts inside a character; with no room at all it returns "".
func CutText(s string, width float32, cut Cut, measure func(string) float32) string {
	if s == "" || width <= 0 {
		return ""
	}
	w := measure(s)
	if w <= width {
		return s
	}
	n := utf8.RuneCountInString(s)
	at := runeOffsets(s, n)
	build := func(keep int) string {
		if cut == CutEnd {
			return s[:at[keep]] + "…"
		}
		tail := keep / 2
		return s[:at[keep-tail]] + "…" + s[at[n-tail]:]
	}
	// the first guess is in proportion; names of even letters need two measurings, not log n
	lo, hi := 0, n-1
	guess := int(float32(n) * width / w)
	for lo < hi {
		guess = min(max(guess, lo+1), hi)
		if measure(build(guess)) <= width {
			lo = guess
			guess++
		} else {
			hi = guess - 1
			guess--
		}
	}
	if lo == 0 && measure("…") > width {
		return ""
	}
	return build(lo)
}

func runeOffsets(s string, n int) []int {
	at := make([]int, 0, n+1)
	for i := range s {
		at = append(at, i)
	}
	return append(at, len(s))
}
