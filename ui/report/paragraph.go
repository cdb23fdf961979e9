package report

import (
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
	for _, line := range kit.WrapText(s, width, func(t string) float32 { return fyne.MeasureText(t, theme.Size(size), ts).Width }) {
		box.Add(kit.NewLabel(line, style))
	}
	return box
}
