package report

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
)

const width = 460

// Config says what to show.
type Config struct {
	Failures []Failure
	Total    int    // how many things were tried; 0 = as many as failed
	Retry    func() // nil = there is nothing to try again
	Other    *Other // something else to do about it; nil = nothing
	Copy     func(string)
	Register func(id string, o fyne.CanvasObject) // for the window harness
}

// Other is a button of a report beside Retry.
type Other struct {
	Words string
	Do    func()
}

// Show shows the report over the window of c.
func Show(c fyne.Canvas, cfg Config) {
	if len(cfg.Failures) == 0 {
		return
	}
	title := heading(cfg.Failures, cfg.Total)
	var s *kit.Sheet
	closeIt := kit.NewButton(text.T("common.close"), kit.Cancel, func() { s.Close() })
	copyIt := kit.NewButton(text.T("report.copy"), kit.Plain, func() { cfg.Copy(Text(title, cfg.Failures)) })
	buttons := []*kit.Button{copyIt, closeIt}
	first := fyne.Focusable(closeIt)
	cfg.Register("report.copy", copyIt)
	cfg.Register("dialog.cancel", closeIt)
	if cfg.Retry != nil {
		words := text.T("report.retry")
		if len(cfg.Failures) > 1 {
			words = text.T("report.retry_failed")
		}
		retry := kit.NewButton(words, kit.Default, func() { s.Close(); cfg.Retry() })
		cfg.Register("dialog.ok", retry)
		buttons = append(buttons, retry)
		first = retry
	}
	if o := cfg.Other; o != nil {
		other := kit.NewButton(o.Words, kit.Plain, func() { s.Close(); o.Do() })
		cfg.Register("report.other", other)
		buttons = append(buttons, other)
	}
	content := Body(cfg.Failures)
	cfg.Register("report.text", content)
	s = kit.ShowSheet(c, title, content, first, buttons...)
}

// Body is the report without its title and buttons.
func Body(failures []Failure) fyne.CanvasObject {
	if len(failures) == 1 {
		return one(failures[0])
	}
	rows := container.New(layout.NewCustomPaddedVBoxLayout(8))
	for i, f := range failures {
		if i == maxListed {
			rows.Add(kit.NewCaption(text.N("report.more", len(failures)-i, len(failures)-i)))
			break
		}
		rows.Add(one(f))
	}
	scroll := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(6, 6, 8, 14), rows))
	scroll.SetMinSize(fyne.NewSize(width+24, min(280, rows.MinSize().Height+14)))
	edge := canvas.NewRectangle(color.Transparent)
	edge.StrokeWidth, edge.StrokeColor, edge.CornerRadius = 1, theme.Color(look.ColorHairline), 4
	return container.NewStack(edge, scroll)
}

// one is one failure: what, why, what to do, what is missing, and the small print.
func one(f Failure) fyne.CanvasObject {
	e := explain.Error(f.Err)
	box := container.New(layout.NewCustomPaddedVBoxLayout(5))
	if f.What != "" {
		box.Add(Paragraph(f.What, width, kit.LabelStyle{Bold: true}))
	}
	box.Add(Paragraph(e.Sentence, width, kit.LabelStyle{}))
	if e.Advice != "" {
		box.Add(Paragraph(e.Advice, width, kit.LabelStyle{}))
	}
	if p := permission(e); p != "" {
		icon := canvas.NewImageFromResource(look.IconIn("key", theme.ColorNameWarning))
		icon.FillMode = canvas.ImageFillContain
		icon.SetMinSize(fyne.NewSquareSize(14))
		box.Add(container.New(layout.NewCustomPaddedHBoxLayout(5), icon, kit.NewLabel(p, kit.LabelStyle{Bold: true})))
	}
	if e.Details != "" {
		box.Add(Paragraph(e.Details, width, kit.LabelStyle{Color: look.ColorSecondary, Size: theme.SizeNameCaptionText}))
	}
	return box
}
