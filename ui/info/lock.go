package info

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// The modes of a retention beside none.
const (
	lockNone   = "none"
	governance = "GOVERNANCE"
	compliance = "COMPLIANCE"
)

// lock is the draft of the retention and the legal hold of objects. "" is several, or not known.
type lock struct {
	made            bool
	mode, wasMode   string
	until, wasUntil string // as it is typed, of this machine's zone
	end             time.Time
	hold, wasHold   string // [on] or [off]
	bypass          bool
	heads           []storage.Info
	now             time.Time
}

// lockModes are the choices of a retention in their order.
func lockModes() []string { return []string{lockNone, governance, compliance} }

// endForms are the ways to write the end of a retention; the first is how it is shown.
func endForms() []string { return []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02"} }

func newLock(heads []storage.Info, now time.Time) lock {
	l := lock{made: true, heads: heads, now: now}
	for i, h := range heads {
		mode, hold := or(h.Lock.Mode, lockNone), off
		if h.Lock.Hold {
			hold = on
		}
		if i == 0 {
			l.wasMode, l.wasHold, l.end = mode, hold, h.Lock.Until
			continue
		}
		if mode != l.wasMode || !h.Lock.Until.Equal(l.end) {
			l.wasMode, l.end = "", time.Time{}
		}
		if hold != l.wasHold {
			l.wasHold = ""
		}
	}
	if !l.end.IsZero() {
		l.wasUntil = l.end.In(now.Location()).Format(endForms()[0])
	}
	l.mode, l.until, l.hold = l.wasMode, l.wasUntil, l.wasHold
	return l
}

// loadLock asks whether the bucket has object lock, and then for the locks of the objects: a head leaves out what may not be seen.
func (vm *ViewModel) loadLock() {
	s, heads := vm.subject.Session, vm.heads.value
	ask(vm, &vm.locks, func(ctx context.Context) ([]storage.Info, error) {
		if l, err := s.ObjectLockDefault(ctx, storage.Location{Bucket: heads[0].Location.Bucket}); err != nil || !l.On {
			return nil, err
		}
		out := slices.Clone(heads)
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(headAt)
		for i, h := range heads {
			g.Go(func() error {
				var err error
				if out[i].Lock, err = s.LockOf(ctx, h); storage.KindOf(err) == storage.KindUnsupported {
					return nil // there is none to see
				}
				return err
			})
		}
		return out, g.Wait()
	})
	switch {
	case vm.service.lock.made:
	case vm.locks.state == ready && vm.locks.value == nil:
		vm.service.lock = newLock(heads, vm.Now())
	case vm.locks.state == ready:
		vm.service.lock = newLock(vm.locks.value, vm.Now())
	case vm.locks.state == failed:
		vm.service.lock = lock{made: true} // not known
	}
}

// LockState says whether retention and legal hold can be edited, and if not, why: a reason, or "" while it is being asked for.
func (vm *ViewModel) LockState() (open bool, reason string) {
	switch fine, reason := vm.ServiceState(); {
	case !fine:
		return false, reason
	case vm.locks.state == failed:
		return false, Reason(vm.locks.err)
	case vm.locks.state == ready && vm.locks.value == nil:
		return false, text.T("lock.none")
	}
	return vm.locks.state == ready, ""
}

// Retention is the wanted mode ("" for several) with its end as it is written.
func (vm *ViewModel) Retention() (mode, until string) {
	return vm.service.lock.mode, vm.service.lock.until
}

// SetRetention chooses a mode with its end as it is typed.
func (vm *ViewModel) SetRetention(mode, until string) {
	vm.service.lock.mode, vm.service.lock.until = mode, until
	if !vm.service.lock.bypassable() {
		vm.service.lock.bypass = false
	}
	vm.Changed()
}

// Hold is the wanted legal hold: on, off, or "" for several.
func (vm *ViewModel) Hold() string { return vm.service.lock.hold }

// SetHold wants a legal hold, or none.
func (vm *ViewModel) SetHold(want bool) {
	vm.service.lock.hold = off
	if want {
		vm.service.lock.hold = on
	}
	vm.Changed()
}

// Bypass tells whether a retention in GOVERNANCE is to be set aside, and whether that is a question at all.
func (vm *ViewModel) Bypass() (on, asked bool) {
	return vm.service.lock.bypass, vm.service.lock.bypassable()
}

// SetBypass answers it.
func (vm *ViewModel) SetBypass(on bool) { vm.service.lock.bypass = on; vm.Changed() }

// ends is when the wanted retention ends.
func (l *lock) ends() (time.Time, bool) {
	typed := strings.TrimSpace(l.until)
	if typed == l.wasUntil && !l.end.IsZero() {
		return l.end, true // with its seconds
	}
	for _, form := range endForms() {
		if t, err := time.ParseInLocation(form, typed, l.now.Location()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (l *lock) retentionChanged() bool {
	return l.mode != l.wasMode || l.mode != lockNone && strings.TrimSpace(l.until) != l.wasUntil
}

// standing are the retentions in mode that have not ended.
func (l *lock) standing(mode string) []storage.Lock {
	var out []storage.Lock
	for _, h := range l.heads {
		if h.Lock.Mode == mode && h.Lock.Until.After(l.now) {
			out = append(out, h.Lock)
		}
	}
	return out
}

// sooner tells whether the wanted retention ends before one of list, or there is to be none.
func (l *lock) sooner(list []storage.Lock) bool {
	end, ok := l.ends()
	for _, o := range list {
		if l.mode == lockNone || ok && end.Before(o.Until) {
			return true
		}
	}
	return false
}

// bypassable tells whether a retention in GOVERNANCE becomes another than a longer one.
func (l *lock) bypassable() bool {
	list := l.standing(governance)
	return l.retentionChanged() && (l.sooner(list) || len(list) > 0 && l.mode != governance)
}

func (l *lock) changes() []Change {
	var out []Change
	if l.retentionChanged() {
		was := l.words(l.wasMode, l.end)
		if l.wasMode == "" {
			was = text.T("info.several")
		}
		end, _ := l.ends()
		out = append(out, Change{text.T("info.retention"), was, l.words(l.mode, end)})
	}
	if l.hold != l.wasHold {
		was := text.T("info.several")
		if l.wasHold != "" {
			was = choiceName(l.wasHold)
		}
		out = append(out, Change{text.T("info.hold"), was, choiceName(l.hold)})
	}
	return out
}

// words is a retention with its exact end.
func (l *lock) words(mode string, end time.Time) string {
	if mode == lockNone {
		return text.T("info.none")
	}
	return text.T("info.retention_until", mode, units.FormatUTC(end))
}

// problem is why the wanted retention cannot be: S3 would refuse it, or give another.
func (l *lock) problem() string {
	if !l.retentionChanged() {
		return ""
	}
	end, ok := l.ends()
	strict := l.standing(compliance)
	switch {
	case l.mode == "":
		return text.T("lock.no_mode")
	case l.mode != lockNone && !ok:
		return text.T("lock.bad_end", l.now.AddDate(1, 0, 0).Format(endForms()[0]))
	case l.mode != lockNone && !end.After(l.now):
		return text.T("lock.past")
	case len(strict) > 0 && (l.mode != compliance || l.sooner(strict)):
		return text.T("lock.compliance")
	case l.sooner(l.standing(governance)) && !l.bypass:
		return text.T("lock.needs_bypass")
	}
	return ""
}

// effects are what cannot be taken back.
func (l *lock) effects() []string {
	end, _ := l.ends()
	var out []string
	if l.retentionChanged() && l.mode == compliance {
		out = append(out, text.T("lock.effect_compliance", units.FormatUTC(end)))
	}
	if l.retentionChanged() && l.bypass {
		out = append(out, text.T("lock.effect_bypass"))
	}
	return out
}

// lockEdit is a change of locks.
type lockEdit struct {
	retention, bypass bool
	mode              string // "" takes the retention away
	until             time.Time
	hold              *bool
}

func (l *lock) edit() lockEdit {
	var e lockEdit
	if e.retention = l.retentionChanged(); e.retention {
		e.mode, e.bypass = l.mode, l.bypass
		e.until, _ = l.ends()
		if e.mode == lockNone {
			e.mode, e.until = "", time.Time{}
		}
	}
	if l.hold != l.wasHold {
		want := l.hold == on
		e.hold = &want
	}
	return e
}

// set gives the version at the change. What can be set is set, also where the other part fails.
func (e lockEdit) set(ctx context.Context, s *storage.Session, at storage.Location) error {
	var err error
	if e.retention {
		err = s.SetRetention(ctx, at, e.mode, e.until, e.bypass)
	}
	if e.hold != nil {
		err = errors.Join(err, s.SetHold(ctx, at, *e.hold))
	}
	return err
}
