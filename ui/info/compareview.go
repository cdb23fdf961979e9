package info

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/text"
	"pintail/internal/textdiff"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

const (
	differenceWidth  = 760
	differenceHeight = 480
	longestLine      = 500 // characters that are shown of a line
)

// showDifference compares the selected versions in a window.
func (v *versionsView) showDifference() {
	vm := v.p.VM
	older, newer, ok, _ := vm.Comparable(v.allChosen())
	if !ok {
		return
	}
	title, _, _ := vm.Heading()
	names := text.T("compare.versions", versionDate(older), versionDate(newer))
	vm.Compare(older, newer, func(d Difference, err error) {
		c := fyne.CurrentApp().Driver().CanvasForObject(v.list)
		switch {
		case err != nil:
			v.p.o.Failed(err)
		case c != nil && d.Reason != "":
			var sheet *kit.Sheet
			shut := kit.NewButton(text.T("common.close"), kit.Cancel, func() { sheet.Close() })
			v.p.o.Register("dialog.cancel", shut)
			sheet = kit.ShowSheet(c, text.T("compare.title", title), report.Paragraph(d.Reason, sheetWidth(c, askWidth), kit.LabelStyle{}), shut, shut)
		case c != nil:
			showLines(text.T("compare.title", title), names, d.Lines)
		}
	})
}

// showLines shows a comparison in a window of its own.
func showLines(title, names string, lines []textdiff.Line) *kit.Dialog {
	list := newDifferenceList(lines)
	head := container.NewBorder(nil, nil, nil, nil, kit.NewLabel(names, kit.LabelStyle{Color: look.ColorSecondary, Cut: kit.CutMiddle}))
	var d *kit.Dialog
	shut := kit.NewButton(text.T("common.close"), kit.Cancel, func() { d.Close() })
	d = kit.NewDialog(fyne.CurrentApp(), title, container.NewBorder(head, nil, nil, nil, list), shut)
	d.Window.Resize(fyne.NewSize(differenceWidth, differenceHeight))
	d.Show(shut)
	return d
}

// newDifferenceList draws only the lines that are in sight.
func newDifferenceList(lines []textdiff.Line) fyne.CanvasObject {
	size := theme.Size(theme.SizeNameCaptionText) + 1
	longest := ""
	for _, l := range lines {
		if s := lineWords(l); len(s) > len(longest) {
			longest = s
		}
	}
	list := widget.NewList(func() int { return len(lines) }, func() fyne.CanvasObject {
		words := canvas.NewText("", color.Transparent)
		words.TextStyle.Monospace, words.TextSize = true, size
		return container.NewStack(canvas.NewRectangle(color.Transparent), words)
	}, func(i widget.ListItemID, o fyne.CanvasObject) {
		parts := o.(*fyne.Container).Objects
		back, words := parts[0].(*canvas.Rectangle), parts[1].(*canvas.Text)
		words.Text = lineWords(lines[i])
		back.FillColor, words.Color = lineColors(lines[i].Op)
		back.Refresh()
		words.Refresh()
	})
	list.HideSeparators = true
	list.OnSelected = func(widget.ListItemID) { list.UnselectAll() }
	wide := canvas.NewRectangle(color.Transparent)
	wide.SetMinSize(fyne.NewSize(fyne.MeasureText(longest, size, fyne.TextStyle{Monospace: true}).Width+16, 0))
	return container.NewHScroll(container.NewStack(wide, list))
}

// lineColors are behind a line and of its words.
func lineColors(op textdiff.Op) (back, ink color.Color) {
	variant := fyne.CurrentApp().Settings().ThemeVariant()
	named := func(n fyne.ThemeColorName) color.NRGBA {
		return color.NRGBAModel.Convert(fyne.CurrentApp().Settings().Theme().Color(n, variant)).(color.NRGBA)
	}
	tint := func(n fyne.ThemeColorName) color.Color { c := named(n); c.A = 48; return c }
	switch op {
	case textdiff.Old:
		return tint(theme.ColorNameError), named(theme.ColorNameForeground)
	case textdiff.New:
		return tint(theme.ColorNameSuccess), named(theme.ColorNameForeground)
	case textdiff.Gap:
		return color.Transparent, named(look.ColorSecondary)
	}
	return color.Transparent, named(theme.ColorNameForeground)
}

// lineWords is a line with a sign before it that says what became of it.
func lineWords(l textdiff.Line) string {
	if l.Op == textdiff.Gap {
		return text.N("compare.gap", l.Count, l.Count)
	}
	sign := map[textdiff.Op]string{textdiff.Same: "  ", textdiff.Old: "− ", textdiff.New: "+ "}[l.Op]
	s := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return '·'
		}
		return r
	}, l.Text)
	s = strings.ReplaceAll(s, "\t", "    ")
	if r := []rune(s); len(r) > longestLine {
		s = string(r[:longestLine]) + "…"
	}
	return sign + s
}
