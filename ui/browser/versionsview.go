package browser

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/report"
)

// old is what the menus have to know about what is old.
func (w *Window) old() command.Old {
	o := w.sum.Old
	o.Versions = preferences.ShowVersions.Get(w.s.Preferences)
	o.Working = w.VM.deed != nil
	o.Past = !w.VM.Past().IsZero()
	o.InBucket = !w.VM.At().IsRoot()
	return o
}

// runOld does what a command for what is old says.
func (w *Window) runOld(id command.ID) bool {
	vm, p := w.VM, w.s.Preferences
	switch id {
	case command.ShowVersions:
		w.keep(preferences.ShowVersions.Set(p, !preferences.ShowVersions.Get(p))) // takes effect by SettingChanged
	case command.AsOf:
		w.askAsOf()
	case command.LeavePast:
		vm.AsOf(time.Time{})
		w.focusList()
	case command.RestorePoint:
		w.askRewind()
	case command.Revert:
		vm.Revert(w.Items())
	case command.AbortUpload:
		w.askDelete(w.Items())
	case command.AdoptUpload:
		w.chooseAdopt(w.Items())
	case command.CompleteUpload:
		w.askComplete(w.Items())
	case command.Undelete:
		vm.Undelete(w.Items(), "", w.askCode)
	default:
		return false
	}
	w.update()
	return true
}

// askCode asks for the code of the device of the bucket's owner.
func (w *Window) askCode(then func(code string)) {
	w.askName(nameSheet{title: text.T("old.mfa_title"), label: text.T("old.mfa_label"), ok: text.T("old.mfa_ok"), done: then,
		check: func(s string) string {
			if len(strings.Fields(s)) != 2 {
				return text.T("old.mfa_bad")
			}
			return ""
		}})
}

// showOld lists again after a switch for what is hidden. The Version column comes and goes with the old versions.
func (w *Window) showOld() {
	list := preferences.ObjectColumns.Get(w.s.Preferences)
	has := func(c string) bool { return c == "version" || strings.HasPrefix(c, "version:") }
	on := w.VM.contents().versions
	if on != slices.ContainsFunc(list, has) {
		if list = slices.DeleteFunc(slices.Clone(list), has); on {
			list = append(list, "version")
		}
		w.keep(preferences.ObjectColumns.Set(w.s.Preferences, list))
		if w.depth == depthObjects {
			w.depth = ""
			w.useDepth()
		}
	}
	w.VM.Refresh()
	if on && w.VM.Connection() != nil && !w.VM.At().IsRoot() {
		w.Notice(text.T("old.cost"))
	}
}

// deleteTitle is the question for one item.
func deleteTitle(it Item) string {
	name := plain(it.At.Name())
	switch {
	case it.Upload != "":
		return text.T("old.abort_one", name)
	case it.Marker:
		return text.T("old.delete_marker", name)
	case it.At.Version != "":
		return text.T("old.delete_version", name)
	}
	return text.T("browser.delete_one", name)
}

// oldWords say what becomes of what is old.
func oldWords(o DeleteOld, base units.Base) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	if o.Versions > 0 {
		out = append(out, report.Paragraph(text.N("old.destroyed", o.Versions, units.FormatCount(int64(o.Versions)), units.FormatBytes(o.Bytes, base)),
			sheetWidth, kit.LabelStyle{Color: theme.ColorNameError}))
	}
	if o.Hiding > 0 {
		out = append(out, report.Paragraph(text.N("old.comes_back", o.Hiding, units.FormatCount(int64(o.Hiding))), sheetWidth, kit.LabelStyle{}))
	}
	if o.Uploads > 0 {
		out = append(out, report.Paragraph(text.N("old.aborts", o.Uploads, units.FormatCount(int64(o.Uploads)), units.FormatBytes(o.Held, base)),
			sheetWidth, kit.LabelStyle{Color: theme.ColorNameError}))
	}
	if o.Markers > 0 {
		out = append(out, report.Paragraph(text.N("old.markers_go", o.Markers, units.FormatCount(int64(o.Markers))), sheetWidth, kit.LabelStyle{}))
	}
	return out
}
