package transfer

import (
	"context"
	"time"

	"pintail/storage"
)

// Nothing is left on the server that the journal does not name: uploads whose making was never answered, and those that the server
// denied by a slip.

// sweepSpan is how far the clocks of the server and of this machine may drift apart between the making and the listing, for sweep to
// know its own.
const sweepSpan = time.Minute

// sweep aborts an upload that was made and whose id never reached the journal. It is told by its key, by the time just after it
// was to be made, and by having no part.
func sweep(ctx context.Context, s *storage.Session, u uploadRow) error {
	for page, err := range s.ListUploads(ctx, u.loc.Bucket, u.loc.Key, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, up := range page.Uploads {
			age := up.Initiated.Sub(u.created.Add(page.Ahead))
			if up.Key != u.loc.Key || age < -sweepSpan || age > sweepSpan {
				continue
			}
			empty, err := isEmpty(ctx, s, u.loc, up.ID)
			if err != nil {
				return err
			}
			if !empty {
				continue
			}
			if err := s.AbortUpload(ctx, u.loc, up.ID); err != nil && storage.KindOf(err) != storage.KindNotFound {
				return err
			}
		}
	}
	return nil
}

// isEmpty tells whether an upload that was just listed has no part. An answer that it does not exist is asked for again: it is either
// gone for good, or was a slip that would leave it behind.
func isEmpty(ctx context.Context, s *storage.Session, loc storage.Location, id string) (bool, error) {
	for range 4 {
		empty, gone := true, false
		for ps, err := range s.Parts(ctx, loc, id) {
			if gone = storage.KindOf(err) == storage.KindNotFound; err != nil && !gone {
				return false, err
			}
			empty = empty && len(ps) == 0
		}
		if !gone {
			return empty, nil
		}
	}
	return false, nil
}

// disown forgets an upload that the server says is gone. It is aborted once all the same: if that was a slip, nobody would know of
// it any more.
func (m *multipartJob) disown(ctx context.Context) error {
	if u, found, err := m.r.oldUpload(ctx, m.it); err == nil && found && u.upload.ID != "" {
		_ = m.unmake(ctx, u)
	}
	return m.forget(ctx)
}
