package transfer

import (
	"context"
	"errors"

	"pintail/internal/text"
	"pintail/storage"
)

// carryLock gives a copy on the same connection the lock of its source, and names what cannot be carried; for a move that is an error.
func (r *run) carryLock(ctx context.Context, it *liveItem, src storage.Info, headed bool, to storage.Location, keeps bool) error {
	lock, unread, err := r.lockOfSource(ctx, it, src, headed)
	if err != nil {
		return err
	}
	if unread != nil {
		if err := r.lostNote(it, unread, text.T("transfer.lock_unread")); err != nil {
			return err
		}
	}
	switch err = r.setLock(ctx, it, r.req.Connection, lock, to, keeps); {
	case !keeps:
		return r.lostNote(it, err, text.T("transfer.lock_no_bucket"))
	case errors.Is(err, storage.ErrNotReadBack):
		return r.lostNote(it, err, text.T("transfer.lock_unproved"))
	}
	return r.lostNote(it, err, text.T("transfer.lock_lost"))
}

// lockBetween gives a copy on another connection the retention and the legal hold of its source, and names what cannot be carried; for
// a move that is an error.
func (r *run) lockBetween(ctx context.Context, it *liveItem, src storage.Info, w storage.Written) (left []string, err error) {
	lock, unread, err := r.lockOfSource(ctx, it, src, true)
	if err == nil && r.req.Kind == Move {
		err = unread
	}
	if err != nil {
		return nil, err
	}
	if unread != nil {
		left = append(left, text.T("transfer.left_lock_unread"))
	}
	if !r.locks(lock) {
		return left, nil
	}
	keeps, err := r.targetKeeps(ctx, it)
	if err != nil {
		return nil, err
	}
	to := it.to()
	to.Version = w.Version
	if err = r.setLock(ctx, it, r.req.targetRef(), lock, to, keeps.Lock); err == nil || r.req.Kind == Move {
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

// lockOfSource is the lock of what was copied; it is asked for if only a listing told of that. unread is why it may not be read, in a
// bucket that has locks or may have.
func (r *run) lockOfSource(ctx context.Context, it *liveItem, src storage.Info, headed bool) (lock storage.Lock, unread, err error) {
	err = r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		if k, err := s.Keeps(ctx, src.Location.Bucket); err != nil || !k.Lock {
			return err
		}
		if !headed {
			info, err := s.Stat(ctx, src.Location)
			if err != nil {
				return err
			}
			src, headed = info, true
		}
		var err error
		lock, err = s.LockOf(ctx, src)
		return err
	}})
	switch storage.KindOf(err) {
	case storage.KindPermission, storage.KindUnsupported:
		return lock, err, nil
	}
	return lock, nil, err
}

// locks tells whether a lock keeps anything from being deleted.
func (r *run) locks(l storage.Lock) bool {
	return l.Hold || l.Mode != "" && l.Until.After(r.q.now())
}

// setLock gives what was written a lock. A bucket that has no locks takes none.
func (r *run) setLock(ctx context.Context, it *liveItem, ref string, lock storage.Lock, to storage.Location, keeps bool) error {
	switch {
	case !r.locks(lock):
		return nil
	case !keeps:
		return &storage.Error{Op: "PutObjectRetention", Location: to, Kind: storage.KindUnsupported, Code: "NoObjectLock", Message: "the bucket has no object lock"}
	}
	return r.try(ctx, request{class: small, ref: ref, item: it, do: func(ctx context.Context, s *storage.Session) error {
		return s.CarryLock(ctx, to, lock)
	}})
}
