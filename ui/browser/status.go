package browser

import (
	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/ui/browser/rows"
	"pintail/ui/kit"
	"pintail/ui/outline"

	"fyne.io/fyne/v2/theme"
)

// message says in the middle of an empty outline why it is empty.
func (w *Window) message() {
	vm := w.VM
	var m *outline.Message
	switch n, st := vm.store.Children(0); {
	case vm.Connecting():
		m = &outline.Message{Icon: "connect", Title: text.T("browser.connecting"), Action: text.T("browser.stop"), OnAction: vm.Stop}
	case vm.Connection() == nil:
	case vm.Err() != nil:
		e := explain.Error(vm.Err())
		words := e.Sentence
		if e.Advice != "" {
			words += " " + e.Advice
		}
		if e.Permission != "" {
			words += "\n" + text.T("report.permission", e.Permission)
		}
		m = &outline.Message{Icon: "warning", Title: e.Title, Text: words, Action: text.T("report.retry"), OnAction: vm.Refresh}
	case n == 0 && st == rows.Listing:
		m = &outline.Message{Title: text.T("browser.listing")}
	case n == 0 && vm.At().IsRoot():
		m = &outline.Message{Icon: "kind-bucket", Title: text.T("browser.no_buckets"), Text: text.T("browser.no_buckets_text")}
	case n == 0 && !vm.Past().IsZero():
		m = &outline.Message{Icon: "folder-line", Title: text.T("old.was_empty")}
	case n == 0:
		m = &outline.Message{Icon: "folder-line", Title: text.T("browser.empty"), Text: text.T("browser.empty_text")}
	case vm.store.Len() == 0:
		m = &outline.Message{Icon: "filter", Title: text.T("browser.no_match")}
	}
	w.list.SetMessage(m)
}

// update brings status bar, toolbar, navigation and menu in line with the state.
func (w *Window) update() {
	if w.closed || w.status == nil {
		return
	}
	s := w.State()
	for id, b := range w.tools {
		b.SetEnabled(w.s.Commands.Get(id).Enabled(s))
	}
	for id, b := range w.navs {
		b.SetEnabled(w.s.Commands.Get(id).Enabled(s))
	}
	if s.Connected {
		w.filter.Enable()
	} else {
		w.filter.Disable()
	}
	words := w.VM.StatusText(w.sum)
	if w.notice != "" {
		words = w.notice
	}
	w.status.SetText(words)
	f := w.VM.Facts()
	if f.TLS == "" {
		w.status.SetParts()
	} else {
		lock := "lock"
		if !w.VM.Connection().Session.Secure() {
			lock = "unlock"
		}
		var parts []kit.StatusPart
		if past := w.VM.Past(); !past.IsZero() {
			parts = append(parts, kit.StatusPart{Icon: "history", Text: text.T("old.as_of_status", momentText(past)), Color: theme.ColorNameForeground})
		}
		if w.VM.Production() {
			parts = append(parts, kit.StatusPart{Icon: "warning", Text: text.T("advanced.production_mark"), Color: theme.ColorNameForeground})
		}
		parts = append(parts, kit.StatusPart{Icon: lock, Text: f.TLS})
		if f.Region != "" {
			parts = append(parts, kit.StatusPart{Icon: "globe", Text: f.Region})
		}
		if f.Key != "" {
			parts = append(parts, kit.StatusPart{Icon: "key", Text: f.Key})
		}
		w.status.SetParts(parts...)
	}
	w.bar.Update()
}
