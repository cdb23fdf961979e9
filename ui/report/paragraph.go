package report

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/ui/kit"
)

// Paragraph is text broken into lines of at most width, so that a dialog knows its size before it is shown.
func Paragraph(s string, width float32, style kit.LabelStyle) fyne.CanvasObject {
	size := style.Size
	if size == "" {
		size = theme.SizeNameText
	}
	box := container.New(layout.NewCustomPaddedVBoxLayout(1))
	ts := fyne.TextStyle{Bold: style.Bold, Monospace: style.Mono}
	for _, line := range wrap(s, width, func(t string) float32 { return fyne.MeasureText(t, theme.Size(size), ts).Width }) {
		box.Add(kit.NewLabel(line, style))
	}
	return box
}

// wrap breaks s at spaces, and inside words that are longer than a line (addresses, request ids).
func wrap(s string, width float32, measure func(string) float32) []string {
	var out []string
	for para := range strings.SplitSeq(s, "\n") {
		line := ""
		for _, word := range strings.Fields(para) {
			for measure(word) > width {
				head := fit(word, width, measure)
				if line != "" {
					out, line = append(out, line), ""
				}
				out = append(out, head)
				word = word[len(head):]
			}
			switch {
			case line == "":
				line = word
			case measure(line+" "+word) <= width:
				line += " " + word
			default:
				out, line = append(out, line), word
			}
		}
		out = append(out, line)
	}
	return out
}

// fit is the longest beginning of word that is not wider than width, at least one character.
func fit(word string, width float32, measure func(string) float32) string {
	end := 0
	for i := range word {
		if i > 0 && measure(word[:i]) > width {
			break
		}
		end = i
	}
	if end == 0 {
		_, end = utf8.DecodeRuneInString(word)
	}
	return word[:end]
}
