package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// NewParagraph returns text that wraps at words, in a colour of the theme.
func NewParagraph(text string, ink fyne.ThemeColorName, align fyne.TextAlign) *widget.RichText {
	style := widget.RichTextStyleParagraph
	style.ColorName = ink
	style.Alignment = align
	p := widget.NewRichText(&widget.TextSegment{Text: text, Style: style})
	p.Wrapping = fyne.TextWrapWord
	return p
}
