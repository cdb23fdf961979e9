package browser

import (
	"strings"

	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/report"
)

// offer asks at once for what a failure needs, where that is all there is to say: then no report is shown.
func (w *Window) offer(p Problem) bool {
	switch {
	case len(p.Lost) > 0:
		w.askLoss(p.Lost, p.Plain)
	case len(p.Archived) > 0 && len(p.Archived) == len(p.Failures):
		w.askRestore(p.Archived, p.Readable)
	default:
		return false
	}
	return true
}

// remedy is the button of a report for those failures of several that a restore would mend.
func (w *Window) remedy(p Problem) *report.Other {
	if len(p.Archived) == 0 {
		return nil
	}
	return &report.Other{Words: text.T("edits.restore"), Do: func() { w.askRestore(p.Archived, p.Readable) }}
}

// askLoss asks whether to go on without what cannot be read, and so cannot be kept.
func (w *Window) askLoss(what []string, goOn func()) {
	var sheet *kit.Sheet
	lose := kit.NewButton(text.T("info.lose_ok"), kit.Danger, func() { sheet.Close(); goOn() })
	cancel := kit.NewButton(text.T("common.cancel"), kit.Cancel, func() { sheet.Close() })
	w.register("dialog.ok", lose)
	w.register("dialog.cancel", cancel)
	words := text.T("info.lose", strings.Join(what, ", "))
	sheet = kit.ShowSheet(w.Win.Canvas(), text.T("info.lose_title"), report.Paragraph(words, 420, kit.LabelStyle{}), cancel, cancel, lose)
}
