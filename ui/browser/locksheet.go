package browser

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/tasks"
)

// The choices of the lock sheet in their order.
const (
	retentionStays = iota
	retentionGovernance
	retentionCompliance
	retentionNone
)

const (
	holdStays = iota
	holdOn
	holdOff
)

// lockChoice is what the lock sheet says.
type lockChoice struct {
	retention, hold int
	until           string // as it is typed, of this machine's zone
	bypass          bool
}

// ends is when the wanted retention ends; false if it cannot be read.
func (c lockChoice) ends(zone *time.Location) (time.Time, bool) {
	for _, form := range dateForms() {
		if t, err := time.ParseInLocation(form, strings.TrimSpace(c.until), zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (c lockChoice) dated() bool {
	return c.retention == retentionGovernance || c.retention == retentionCompliance
}

// problem is why the choice cannot be sent; "" also where there is nothing to send yet.
func (c lockChoice) problem(now time.Time) string {
	end, ok := c.ends(now.Location())
	switch {
	case !c.dated():
		return ""
	case !ok:
		return text.T("lock.bad_end", now.AddDate(1, 0, 0).Format(dateForms()[0]))
	case !end.After(now):
		return text.T("lock.past")
	}
	return ""
}

// edit is nil where nothing is wanted.
func (c lockChoice) edit(zone *time.Location) *storage.LockEdit {
	if c.retention == retentionStays && c.hold == holdStays {
		return nil
	}
	l := &storage.LockEdit{}
	switch {
	case c.retention == retentionNone:
		l.Retention = &storage.Retention{Bypass: c.bypass}
	case c.dated():
		end, _ := c.ends(zone)
		mode := storage.RetentionGovernance
		if c.retention == retentionCompliance {
			mode = storage.RetentionCompliance
		}
		l.Retention = &storage.Retention{Mode: mode, Until: end.UTC(), Bypass: c.bypass}
	}
	if c.hold != holdStays {
		on := c.hold == holdOn
		l.Hold = &on
	}
	return l
}

// lockSheet asks for the retention and the legal hold of objects, or of all below folders.
type lockSheet struct {
	editSheet
	choice   lockChoice
	untilRow *kit.FormRow
	passRow  *kit.FormRow
	obstacle string
}

// askLock opens it, and looks meanwhile whether the bucket has object lock at all.
func (w *Window) askLock(items []Item) {
	if len(items) == 0 {
		return
	}
	l := &lockSheet{editSheet: editSheet{title: titled(items, text.T("locks.one", plainName(items[0])), text.N("locks.many", len(items), len(items))),
		form: kit.NewForm(), role: kit.Default, ok: text.T("locks.ok")}}
	l.build(w)
	l.fine = func() bool {
		return l.obstacle == "" && l.choice.edit(w.VM.Now().Location()) != nil && l.choice.problem(w.VM.Now()) == ""
	}
	l.says = func(p DeletePlan) []editLine { return l.lines(w, p) }
	l.done = func() { w.VM.Change(items, storage.Edit{Lock: l.choice.edit(w.VM.Now().Location())}) }
	l.show(w, items)
	s, at := w.VM.Connection().Session, storage.Location{Bucket: items[0].At.Bucket}
	tasks.Run(w.tasks, func(ctx context.Context) (storage.ObjectLockDefault, error) { return s.ObjectLockDefault(ctx, at) },
		func(d storage.ObjectLockDefault, err error) {
			if err == nil && !d.On { // what may not be looked at shows when the change is made
				l.obstacle = text.T("locks.no_lock")
				l.update()
			}
		})
}

func (l *lockSheet) build(w *Window) {
	until := kit.NewEntry()
	until.SetPlaceHolder(text.T("lock.hint", w.VM.Now().AddDate(1, 0, 0).Format(dateForms()[0])))
	until.OnChanged = func(s string) { l.choice.until = s; l.update() }
	bypass := kit.NewCheck(text.T("lock.bypass"), func(on bool) { l.choice.bypass = on; l.update() })
	mode := kit.NewSelect([]string{text.T("locks.stays"), storage.RetentionGovernance, storage.RetentionCompliance, text.T("locks.none")}, func(i int) {
		l.choice.retention = i
		if i == retentionStays {
			l.choice.bypass = false
			bypass.SetChecked(false)
		}
		l.untilRow.SetVisible(l.choice.dated())
		l.passRow.SetVisible(i != retentionStays)
		l.update()
	})
	hold := kit.NewSelect([]string{text.T("locks.stays"), text.T("locks.on"), text.T("locks.off")}, func(i int) { l.choice.hold = i; l.update() })
	mode.SetIndex(retentionStays)
	hold.SetIndex(holdStays)
	l.form.Add(text.T("info.retention"), mode)
	l.untilRow, l.passRow = l.form.Add(text.T("lock.until"), until), l.form.Add("", bypass)
	l.untilRow.SetVisible(false)
	l.passRow.SetVisible(false)
	l.form.Add(text.T("info.hold"), hold)
	l.first = mode
	for id, o := range map[string]fyne.CanvasObject{"retention": mode, "until": until, "bypass": bypass, "hold": hold} {
		w.register("lock."+id, o)
	}
}

// lines say what the change does.
func (l *lockSheet) lines(w *Window, p DeletePlan) []editLine {
	if l.obstacle != "" {
		return []editLine{warned(l.obstacle)}
	}
	var out []editLine
	if p.Folders+p.Buckets > 0 {
		out = append(out, said(w.counted(p)))
	}
	now := w.VM.Now()
	problem := l.choice.problem(now)
	switch {
	case problem != "" && l.choice.until != "":
		out = append(out, warned(problem))
	case problem == "" && l.choice.retention == retentionCompliance:
		end, _ := l.choice.ends(now.Location())
		out = append(out, warned(text.T("locks.compliance", units.FormatUTC(end))))
	}
	if l.choice.bypass {
		out = append(out, warned(text.T("lock.effect_bypass")))
	}
	return append(out, remarked(text.T("locks.what")))
}
