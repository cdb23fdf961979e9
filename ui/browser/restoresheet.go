package browser

import (
	"slices"
	"strconv"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/info"
	"pintail/ui/kit"
)

// restoreTiers are the tiers that all items can be restored with. What is below a folder is not known: then it is each tier.
func restoreTiers(items []Item) []string {
	tiers := []string{"Standard", "Bulk", "Expedited"}
	for _, it := range items {
		if own := storage.RestoreTiers(it.Class); len(own) > 0 {
			tiers = slices.DeleteFunc(tiers, func(t string) bool { return !slices.Contains(own, t) })
		}
	}
	return tiers
}

// tierWords say what a tier means, and where it is not possible.
func tierWords(tier string) string {
	switch tier {
	case "Standard":
		return text.T("edits.tier_standard")
	case "Bulk":
		return text.T("edits.tier_bulk")
	case "Expedited":
		return text.T("edits.tier_expedited")
	}
	return ""
}

// mayRestore tells whether anything may be in an archive, as far as it was counted.
func mayRestore(p DeletePlan) bool { return p.Counting || p.More || p.Restorable > 0 }

// askRestore asks for days and tier and says what a restore does. goOn goes on with what failed because of the archive; nil if
// the restore was asked for by itself.
func (w *Window) askRestore(items []Item, goOn *Later) {
	items = readable(items)
	if len(items) == 0 {
		return
	}
	p, tiers := w.s.Preferences, restoreTiers(items)
	days, form := kit.NewEntry(), kit.NewForm()
	days.SetText(strconv.FormatInt(preferences.S3RestoreDays.Get(p), 10))
	form.Add(text.T("info.restore_days"), days)
	var hint *kit.FormRow
	tier := kit.NewSelect(tiers, func(i int) { hint.SetHint(tierWords(tiers[i])); form.Refresh() })
	hint = form.Add(text.T("info.restore_tier"), tier)
	if i := max(slices.Index(tiers, preferences.S3RestoreTier.Get(p)), 0); i < len(tiers) {
		tier.SetIndex(i)
		hint.SetHint(tierWords(tiers[i]))
	}
	wait := kit.NewCheck(text.T("edits.restore_wait"), nil)
	if goOn != nil {
		if goOn.Transfer == 0 {
			wait = kit.NewCheck(text.T("edits.restore_wait_window"), nil)
		}
		wait.SetChecked(true)
		form.Add("", wait)
		w.register("restore.wait", wait)
	}
	w.register("restore.days", days)
	w.register("restore.tier", tier)
	e := &editSheet{title: titled(items, text.T("edits.restore_one", plainName(items[0])), text.N("edits.restore_many", len(items), len(items))), form: form, first: days, role: kit.Default, ok: text.T("edits.restore_ok"), adds: true}
	e.fine = func() bool {
		_, ok := info.Days(days.Text)
		return ok && len(tiers) > 0 && mayRestore(e.plan)
	}
	e.says = func(p DeletePlan) []editLine { return w.restoreLines(p, days.Text, goOn != nil) }
	e.done = func() {
		n, _ := info.Days(days.Text)
		then := goOn
		if !wait.Checked {
			then = nil
		}
		w.VM.Restore(items, storage.RestoreOptions{Days: n, Tier: tier.Selected()}, then)
	}
	days.OnChanged = func(string) { e.update() }
	e.show(w, items)
}

func (w *Window) restoreLines(p DeletePlan, days string, failed bool) []editLine {
	var out []editLine
	archived := units.FormatCount(p.Archived)
	switch {
	case !mayRestore(p) && p.Folders+p.Buckets > 0:
		return []editLine{said(w.counted(p)), warned(text.T("edits.restore_none_below"))}
	case !mayRestore(p):
		return []editLine{said(text.N("edits.restore_none", len(p.Items)))}
	case failed:
		out = append(out, said(text.N("edits.restore_first", len(p.Items), units.FormatCount(int64(len(p.Items))))))
	case p.Counting || p.More || p.Folders+p.Buckets > 0:
		out = append(out, said(w.counted(p)+", "+text.N("edits.of_archived", int(p.Archived), archived)))
	case p.Archived == 0:
		out = append(out, said(text.T("edits.restore_again")))
	}
	n, ok := info.Days(days)
	if !ok {
		return append(out, warned(text.T("edits.restore_bad_days")))
	}
	return append(out, said(text.N("edits.restore_what", n, n)), remarked(text.T("edits.restore_cost")))
}
