package browser

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
)

// askShare offers the ways to let others in, the link first: it ends by itself, and lets in only those who have it. Each way goes on in
// its own window or sheet.
func (w *Window) askShare(items []Item) {
	if len(items) == 0 {
		return
	}
	var s *kit.Sheet
	can := func(id command.ID) bool { return w.s.Commands.Get(id).Enabled(w.State()) }
	way := func(id command.ID, role kit.ButtonRole) *kit.Button {
		b := kit.NewButton(w.s.Commands.Get(id).Title, role, func() { s.Close(); w.invoke(id) })
		b.SetEnabled(can(id))
		return b
	}
	link, public := way(command.CopyPresignX, kit.Default), way(command.MakePublic, kit.Plain)
	no := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { s.Close() })
	lines := []editLine{said(text.T("edits.share_link")), said(text.T("edits.share_public"))}
	first := fyne.Focusable(link)
	if !can(command.CopyPresignX) {
		lines[0], first = said(text.T("edits.share_no_link")), no
	}
	if !can(command.MakePublic) {
		lines[1] = said(text.T("edits.share_read_only"))
	}
	body := container.New(layout.NewCustomPaddedVBoxLayout(8))
	for _, l := range lines {
		body.Add(report.Paragraph(l.words, sheetWidth, kit.LabelStyle{Color: look.ColorInk}))
	}
	w.register("dialog.text", body)
	w.register("dialog.cancel", no)
	w.register("share.link", link)
	w.register("share.public", public)
	s = kit.ShowSheet(w.Win.Canvas(), titled(items, text.T("edits.share_one", plainName(items[0])), text.N("edits.share_many", len(items), len(items))), body, first, no, public, link)
}
