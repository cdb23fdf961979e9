package kit

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// WrapText breaks s into lines of at most width as measure tells: at spaces, and words that are longer than a line (paths,
// addresses, request ids) behind a character that separates their parts, or else anywhere.
func WrapText(s string, width float32, measure func(string) float32) []string {
	var out []string
	for para := range strings.SplitSeq(s, "\n") {
		line := ""
		for _, word := range strings.Fields(para) {
			for word != "" && measure(word) > width {
				head := fit(word, width, measure)
				if line != "" {
					out, line = append(out, line), ""
				}
				out = append(out, head)
				word = word[len(head):]
			}
			switch {
			case word == "": // all of it is in lines of its own
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

// fit is the longest beginning of word that is not wider than width, at least one character; it ends behind the last
// separator if that leaves a third of the line or more.
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
	if at := strings.LastIndexAny(word[:end], `/\-_.?&=`) + 1; at >= end/3 && at > 0 {
		end = at
	}
	return word[:end]
}

// Wrapped is [WrapText] for text in a size and style of the theme, as one string with line breaks.
func Wrapped(s string, width, size float32, style fyne.TextStyle) string {
	return strings.Join(WrapText(s, width, func(t string) float32 { return fyne.MeasureText(t, size, style).Width }), "\n")
}
