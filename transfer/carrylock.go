package transfer

import (
	"context"
	"errors"

	"pintail/internal/text"
	"pintail/storage"
)

// lockBetween gives a copy on another connection the retention and the legal hold of its source, and names what cannot be carried; for
// a move that is an error.
func (r *run) lockBetween(ctx context.Context, it *liveItem, src storage.Info, w storage.Written) (left []string, err error) {
	lock, unseen, err := r.lockOfSource(ctx, it, src)
	if err != nil {
		return nil, err
	}
	if unseen {
		left = append(left, text.T("transfer.left_lock_unread"))
	}
	if !lock.Hold && (lock.Mode == "" || !lock.Until.After(r.q.now())) {
		return left, nil
	}
	keeps, err := r.targetKeeps(ctx, it)
	if err != nil {
		return nil, err
	}
	to := it.to()
	to.Version = w.Version
	if err = noLocks(to); keeps.Lock {
		err = r.try(ctx, request{class: small, ref: r.req.targetRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
			return s.CarryLock(ctx, to, lock)
		}})
	}
	if err == nil || r.req.Kind == Move {
		return left, err
	}
	switch kind := storage.KindOf(err); {
	case errors.Is(err, storage.ErrNotReadBack):
		return append(left, text.T("transfer.left_lock_unproved")), nil
	case kind == storage.KindPermission || kind == storage.KindUnsupported || kind == storage.KindInvalid:
		return append(left, text.T("transfer.left_lock")), nil
	}
	return left, err
}

// lockOfSource is the lock of what was copied. Unseen: its bucket has locks, and this one may not be read.
func (r *run) lockOfSource(ctx context.Context, it *liveItem, src storage.Info) (lock storage.Lock, unseen bool, err error) {
	err = r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		var err error
		lock, err = s.LockOf(ctx, src)
		return err
	}})
	switch storage.KindOf(err) {
	case storage.KindPermission, storage.KindUnsupported:
		return lock, true, nil
	}
	return lock, false, err
}
