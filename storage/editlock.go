package storage

import (
	"context"
	"time"
)

// LockEdit is a change of what keeps a version of an object from being deleted: its retention, its legal hold, or both. It is set on
// the version that is there; nothing is written anew.
type LockEdit struct {
	Retention *Retention `json:",omitempty"` // nil = stays
	Hold      *bool      `json:",omitempty"` // nil = stays
}

// Retention is a wanted retention.
type Retention struct {
	Mode   string    `json:",omitempty"` // GOVERNANCE or COMPLIANCE; "" takes one in GOVERNANCE away
	Until  time.Time `json:",omitzero"`
	Bypass bool      `json:",omitempty"` // set a standing one in GOVERNANCE aside, which needs the right to do so
}

// The modes of a retention.
const (
	RetentionGovernance = "GOVERNANCE"
	RetentionCompliance = "COMPLIANCE"
)

// CodeRetained marks a wanted retention that is less than the one that stands. Nothing was sent.
const CodeRetained = "Retained"

func (l *LockEdit) isZero() bool { return l == nil || l.Retention == nil && l.Hold == nil }

// check refuses what no version can be given.
func (l *LockEdit) check() error {
	if l == nil || l.Retention == nil {
		return nil
	}
	switch r := l.Retention; {
	case r.Mode != "" && r.Mode != RetentionGovernance && r.Mode != RetentionCompliance:
		return invalid("PutObjectRetention", Location{}, "InvalidMode", "a retention is GOVERNANCE or COMPLIANCE, not %q", r.Mode)
	case (r.Mode == "") != r.Until.IsZero():
		return invalid("PutObjectRetention", Location{}, "InvalidDate", "a retention has a mode and an end")
	}
	return nil
}

// allows tells why a standing retention cannot become the wanted one, so that a right is not blamed that nobody has.
func (r Retention) allows(loc Location, have Lock, now time.Time) error {
	if have.Mode == "" || !have.Until.After(now) {
		return nil
	}
	until := have.Until.UTC().Format(time.RFC3339)
	sooner := r.Mode == "" || r.Until.Before(have.Until)
	switch {
	case have.Mode == RetentionCompliance && (sooner || r.Mode != RetentionCompliance):
		return invalid("PutObjectRetention", loc, CodeRetained, "a COMPLIANCE retention until %s stands; it can only be made longer", until)
	case have.Mode == RetentionGovernance && sooner && !r.Bypass:
		return invalid("PutObjectRetention", loc, CodeRetained, "a GOVERNANCE retention until %s stands; it must be set aside to end sooner", until)
	}
	return nil
}

// attachLock gives the version at loc, or the current one, the lock of an edit; what is known to be so already is not sent. What may
// not be looked at is sent all the same, and the error is [ErrNotReadBack].
func (s *Session) attachLock(ctx context.Context, loc Location, l LockEdit) (changed bool, err error) {
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return false, err
	}
	if l.Retention != nil {
		if changed, err = s.attachRetention(ctx, info, *l.Retention); err != nil {
			return changed, err
		}
	}
	if l.Hold == nil {
		return changed, nil
	}
	held := info.Lock.Hold
	if !*l.Hold {
		held, err = s.holdThere(ctx, info)
	}
	switch {
	case err != nil && !unseen(err):
		return changed, err
	case err == nil && held == *l.Hold:
		return changed, nil
	}
	if err := s.SetHold(ctx, info.Location, *l.Hold); err != nil {
		return changed, err
	}
	return true, nil
}

func (s *Session) attachRetention(ctx context.Context, info Info, r Retention) (changed bool, err error) {
	have := info.Lock
	if r.Mode == "" {
		have, err = s.retentionThere(ctx, info)
	}
	switch {
	case err != nil && !unseen(err):
		return false, err
	case err == nil && r.Mode == have.Mode && r.Until.Sub(have.Until).Abs() < time.Second:
		return false, nil
	}
	if err := r.allows(info.Location, have, s.now()); err != nil {
		return false, err
	}
	if err := s.SetRetention(ctx, info.Location, r.Mode, r.Until, r.Bypass); err != nil {
		return false, err
	}
	return true, nil
}
