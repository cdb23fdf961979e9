package storage

import (
	"context"
	"errors"
)

// LockOf is what keeps the version that info is of from being deleted, with what its HEAD leaves out. An error of KindPermission or
// KindUnsupported leaves unknown what may not be asked.
func (s *Session) LockOf(ctx context.Context, info Info) (Lock, error) {
	l, err := s.retentionThere(ctx, info)
	if err != nil && !unseen(err) {
		return Lock{}, err
	}
	held, herr := s.holdThere(ctx, info)
	if herr != nil && !unseen(herr) {
		return Lock{}, herr
	}
	l.Hold = held
	return l, errors.Join(err, herr)
}

// CarryLock sees to it that the version at loc is kept from being deleted at least as well as l says, as for a copy of what l locks: a
// stronger lock that it has, by its bucket's default say, stays. What is set is read back; where that may not be done the error
// is [ErrNotReadBack]. A retention in the past is none.
func (s *Session) CarryLock(ctx context.Context, loc Location, l Lock) error {
	if err := s.writable("PutObjectRetention", loc); err != nil {
		return err
	}
	retained := l.Mode != "" && l.Until.After(s.now())
	if !retained && !l.Hold {
		return nil
	}
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return err
	}
	have, err := s.LockOf(ctx, info)
	if err != nil && !unseen(err) { // what may not be seen is set all the same
		return err
	}
	if retained {
		mode, until := l.Mode, l.Until
		if have.Mode != "" && have.Until.After(s.now()) {
			if have.Mode == RetentionCompliance {
				mode = RetentionCompliance
			}
			if have.Until.After(until) {
				until = have.Until
			}
		}
		if mode != have.Mode || !until.Equal(have.Until) {
			if err := s.SetRetention(ctx, info.Location, mode, until, false); err != nil {
				return err
			}
		}
	}
	if l.Hold && !have.Hold {
		return s.SetHold(ctx, info.Location, true)
	}
	return nil
}
