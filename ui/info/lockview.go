package info

import (
	"slices"

	"fyne.io/fyne/v2"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// lockView draws the retention and the legal hold of objects: a part of the S3 tab.
type lockView struct {
	p          *Pane
	title      *kit.Label
	form       *kit.Form
	mode, hold *kit.Select
	until      *kit.Entry
	bypass     *kit.Check
	modeRow    *kit.FormRow
	untilRow   *kit.FormRow
	bypassRow  *kit.FormRow
	reason     *note
	fill       bool
}

func newLockView(p *Pane, keep func(fyne.CanvasObject)) *lockView {
	v := &lockView{p: p, title: kit.NewLabel(text.T("lock.title"), kit.LabelStyle{Bold: true}), form: kit.NewForm(), until: kit.NewEntry(), reason: newNote()}
	vm := p.VM
	v.mode = kit.NewSelect([]string{text.T("info.none"), governance, compliance}, func(i int) {
		_, until := vm.Retention()
		vm.SetRetention(lockModes()[i], until)
	})
	v.until.OnChanged = func(s string) {
		if !v.fill {
			mode, _ := vm.Retention()
			vm.SetRetention(mode, s)
		}
	}
	v.bypass = kit.NewCheck(text.T("lock.bypass"), func(on bool) {
		if !v.fill {
			vm.SetBypass(on)
		}
	})
	v.hold = kit.NewSelect([]string{text.T("info.off"), text.T("info.on")}, func(i int) { vm.SetHold(i == 1) })
	v.mode.SetHint(text.T("info.several"))
	v.hold.SetHint(text.T("info.several"))
	v.modeRow = v.form.Add(text.T("info.retention"), v.mode)
	v.untilRow = v.form.Add(text.T("lock.until"), v.until)
	v.bypassRow = v.form.Add("", v.bypass)
	v.form.Add(text.T("info.hold"), v.hold)
	for id, o := range map[string]fyne.CanvasObject{"retention": v.mode, "until": v.until, "bypass": v.bypass, "hold": v.hold, "lock.reason": v.reason} {
		p.register(id, o)
		keep(o)
	}
	return v
}

// parts shows what the view-model has and returns what is to stand on the page.
func (v *lockView) parts() []fyne.CanvasObject {
	vm := v.p.VM
	v.fill = true
	defer func() { v.fill = false }()
	open, reason := vm.LockState()
	if !open && reason == "" {
		reason = text.T("info.busy")
	}
	v.reason.set(reason)
	mode, until := vm.Retention()
	v.mode.SetIndex(slices.Index(lockModes(), mode))
	v.hold.SetIndex(slices.Index([]string{off, on}, vm.Hold()))
	setEntry(v.until, until, text.T("lock.hint", vm.Now().AddDate(1, 0, 0).Format(endForms()[0])))
	v.untilRow.SetVisible(mode != lockNone)
	on, asked := vm.Bypass()
	v.bypass.SetChecked(on)
	v.bypassRow.SetVisible(asked)
	v.modeRow.SetError(vm.service.lock.problem()) // the foot has no room for all of it
	for _, o := range []interface{ SetEnabled(bool) }{v.mode, v.hold} {
		o.SetEnabled(open)
	}
	if open {
		v.until.Enable()
		return []fyne.CanvasObject{v.title, v.form}
	}
	v.until.Disable()
	return []fyne.CanvasObject{v.title, v.form, v.reason}
}
