package info

import (
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/kit"
)

// serviceView draws the S3 tab: class, encryption, link and restore of objects, settings of a bucket.
type serviceView struct {
	p                      *Pane
	page                   *kit.Page
	storing, linking, back *kit.Form
	bucket                 *settingsForm
	docs                   *docRows
	doc                    *docView
	rules                  *rulesView
	listed                 *listedView
	storeTitle, linkTitle  *kit.Label
	backTitle              *kit.Label
	class, enc, span, tier *kit.Select
	key, days              *kit.Entry
	keyRow, typedRow       *kit.FormRow
	keys                   *kit.Select
	link, restore          *kit.Button
	note, reason           *note
	lock                   *lockView
	points                 *factTable
	fill                   bool
}

var linkSpans = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

func newServiceView(p *Pane) *serviceView {
	v := &serviceView{p: p, page: kit.NewPage(12, 10), note: newNote(), reason: newNote()}
	title := func(s string) *kit.Label { return kit.NewLabel(s, kit.LabelStyle{Bold: true}) }
	v.storeTitle, v.linkTitle = title(text.T("info.service")), title(text.T("info.link"))
	v.backTitle = title(text.T("info.restore_title"))
	v.buildStoring()
	v.buildLink()
	v.buildRestore()
	keep := func(o fyne.CanvasObject) { adopt(v.page, o) }
	v.lock = newLockView(p, keep)
	v.bucket, v.docs = newSettingsForm(p, Service, keep), newDocRows(p, Service, keep)
	v.doc = newDocView(p, Service, v.docs)
	v.rules = newRulesView(p, v.docs.focus)
	v.listed = newListedView(p, v.doc, v.docs.focus)
	v.bucket.inLine(v.docs)
	v.points = newFactTable(p.o.Copy, keep)
	p.register("points", v.points)
	width := fyne.MeasureText(text.T("info.class"), theme.Size(theme.SizeNameText), fyne.TextStyle{}).Width
	for _, f := range []*kit.Form{v.storing, v.lock.form, v.linking, v.back} {
		f.SetLabelWidth(width)
	}
	for _, o := range []fyne.CanvasObject{v.class, v.enc, v.keys, v.key, v.span, v.link, v.days, v.tier, v.restore} {
		adopt(v.page, o)
	}
	for id, o := range map[string]fyne.CanvasObject{"class": v.class, "encryption": v.enc, "kmskeys": v.keys, "kmskey": v.key, "span": v.span, "link": v.link,
		"days": v.days, "tier": v.tier, "restore": v.restore} {
		p.register(id, o)
	}
	return v
}

func (v *serviceView) buildStoring() {
	vm := v.p.VM
	v.class = kit.NewSelect(nil, func(i int) { vm.SetClass(vm.Classes()[i]) })
	v.class.SetHint(text.T("info.several"))
	v.enc = kit.NewSelect(nil, func(i int) {
		_, key := vm.Encryption()
		vm.SetEncryption(encryptionTypes()[i], key)
	})
	v.enc.SetHint(text.T("info.several"))
	v.key = kit.NewEntry()
	v.keys = kit.NewSelect(nil, vm.ChooseKey)
	v.key.OnChanged = func(s string) {
		if !v.fill {
			kind, _ := vm.Encryption()
			vm.SetEncryption(kind, s)
		}
	}
	v.storing = kit.NewForm()
	v.storing.Add(text.T("info.class"), v.class)
	v.storing.Add(text.T("info.encryption"), v.enc)
	v.keyRow = v.storing.Add(text.T("info.kms_key"), v.keys)
	v.typedRow = v.storing.Add("", v.key)
}

func (v *serviceView) buildLink() {
	var names []string
	for _, d := range linkSpans {
		names = append(names, units.FormatSpan(d))
	}
	v.span = kit.NewSelect(names, nil)
	v.span.SetIndex(1)
	v.link = kit.NewButton(text.T("info.copy_link"), kit.Plain, func() {
		var at []storage.Location
		for _, it := range v.p.VM.Subject().Items {
			at = append(at, it.At)
		}
		v.p.o.CopyLink(at, linkSpans[v.span.Index()])
	})
	v.linking = kit.NewForm()
	v.linking.Add(text.T("info.link_for"), v.span)
	v.linking.Add("", container.New(layout.NewCustomPaddedHBoxLayout(0), v.link))
}

func (v *serviceView) buildRestore() {
	v.days = kit.NewEntry()
	days, _ := v.p.o.Restoring()
	v.days.SetText(strconv.FormatInt(days, 10))
	v.days.OnChanged = func(string) { v.restoring() }
	v.tier = kit.NewSelect(nil, nil)
	v.restore = kit.NewButton(text.T("info.restore_now"), kit.Plain, func() {
		if n, ok := Days(v.days.Text); ok {
			v.p.VM.Restore(n, v.tier.Selected())
		}
	})
	v.back = kit.NewForm()
	v.back.Add(text.T("info.restore_days"), v.days)
	v.back.Add(text.T("info.restore_tier"), v.tier)
	v.back.Add("", container.New(layout.NewCustomPaddedHBoxLayout(0), v.restore))
}

func (v *serviceView) object() fyne.CanvasObject {
	switch {
	case v.doc.feature != "": // also over the list it was opened from
		return v.doc
	case v.rules.shown:
		return v.rules.object()
	case v.listed.shown:
		return v.listed.frame
	}
	return v.page
}

func (v *serviceView) update() {
	vm := v.p.VM
	v.fill = true
	defer func() { v.fill = false }()
	if v.doc.update() || v.rules.update() || v.listed.update() {
		return
	}
	if _, ok := vm.bucket(); ok {
		v.bucket.update()
		v.docs.update()
		points := vm.PointFacts()
		v.points.set(points, labelWidth(points))
		v.page.SetParts(append(slices.Clone(v.bucket.parts), v.docs.title, v.docs.form, v.points)...)
		return
	}
	open, reason := vm.ServiceState()
	if !open {
		v.reason.set(or(reason, text.T("info.busy")))
		v.page.SetParts(v.reason)
		return
	}
	v.class.SetOptions(vm.Classes())
	v.class.SetIndex(slices.Index(vm.Classes(), vm.Class()))
	kind, key := vm.Encryption()
	var names []string
	for _, k := range encryptionTypes() {
		names = append(names, encryptionName(k))
	}
	v.enc.SetOptions(names)
	v.enc.SetIndex(slices.Index(encryptionTypes(), kind))
	v.chooseKey(kind, key)
	v.link.SetEnabled(v.p.o.CopyLink != nil && !vm.Subject().Session.Anonymous())
	v.restoring()
	parts := append([]fyne.CanvasObject{v.storeTitle, v.storing}, v.lock.parts()...)
	v.page.SetParts(append(parts, v.linkTitle, v.linking, v.backTitle, v.back, v.note)...)
}

// chooseKey shows the keys of KMS to choose from, or a field for one where they cannot be listed or another is wanted.
func (v *serviceView) chooseKey(kind, key string) {
	vm := v.p.VM
	list, reason := vm.Keys()
	v.keyRow.SetVisible(byKMS(kind) && reason == "")
	v.typedRow.SetVisible(byKMS(kind) && (reason != "" || vm.KeyTyped()))
	label := ""
	if reason != "" {
		label = text.T("info.kms_key")
		reason = text.T("kms.not_listed", reason)
	}
	v.typedRow.SetLabel(label)
	v.typedRow.SetHint(reason)
	setEntry(v.key, key, text.T("kms.typed_hint"))
	v.keys.SetEnabled(list != nil)
	if list == nil {
		v.keys.SetHint(text.T("info.busy"))
	}
	v.keys.SetOptions(list)
	v.keys.SetIndex(vm.KeyIndex())
	name := ""
	if reason == "" && !vm.KeyTyped() {
		name = vm.nameOfKey(key)
	}
	v.keyRow.SetHint(name)
}

func (v *serviceView) restoring() {
	at, tiers := v.p.VM.Archives()
	v.tier.SetOptions(tiers)
	if v.tier.Index() < 0 && len(tiers) > 0 {
		_, tier := v.p.o.Restoring()
		v.tier.SetIndex(max(slices.Index(tiers, tier), 0))
	}
	_, fine := Days(v.days.Text)
	_, _, busy := v.p.VM.Applying()
	v.restore.SetEnabled(len(at) > 0 && len(tiers) > 0 && fine && !busy)
	v.tier.SetEnabled(len(at) > 0)
	v.note.set(text.T("info.restore_none"))
	if len(at) > 0 {
		v.note.set(text.N("info.restore_note", len(at), len(at)))
	}
}
