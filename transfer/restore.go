package transfer

import (
	"context"
	"time"

	"pintail/internal/text"
	"pintail/storage"
)

// Restoring is a request that asks the archive for objects, or for all archived objects below folders and in buckets. It is done when
// each has been asked for, which is hours before it can be read. What is in no archive is skipped without a request where a listing
// tells its class.
func Restoring(connection string, o storage.RestoreOptions, what ...storage.Location) Request {
	return Request{Kind: Restore, Connection: connection, Restore: &o, Sources: remotes(what)}
}

func (r *Request) validateRestore() error {
	switch {
	case r.Kind != Restore && r.Restore != nil:
		return refuse("days and a tier belong to a transfer of kind %q", Restore)
	case r.Kind != Restore:
		return nil
	case r.Restore == nil || r.Restore.Days < 1:
		return refuse("a restored copy is kept for at least one day")
	case r.Target != (Target{}):
		return refuse("a restore has no target")
	}
	return nil
}

// inPlace tells whether a transfer does something to its sources and has no target.
func (k Kind) inPlace() bool { return k == Delete || k == Change || k == Restore }

// restore asks for one object and says what became of the wish.
func (r *run) restore(ctx context.Context, it *liveItem) error {
	got := storage.Restoring{Outcome: storage.RestoreNotArchived}
	if it.class == "" || storage.MayBeArchived(it.class) {
		err := r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
			if err := r.mine(ctx); err != nil {
				return err
			}
			var err error
			got, err = s.Restore(ctx, it.from(), *r.req.Restore)
			return err
		}})
		if err != nil {
			return err
		}
	}
	it.result = ResultDone
	switch got.Outcome {
	case storage.RestoreAsked:
		it.addNote(text.T("restore.asked"))
	case storage.RestoreAvailable:
		note := text.T("restore.available_ever")
		if !got.Until.IsZero() {
			note = text.T("restore.available", got.Until.Local().Format(time.DateOnly))
		}
		it.addNote(note)
	case storage.RestoreInProgress:
		it.result = ResultSkipped
		it.addNote(text.T("restore.in_progress"))
	case storage.RestoreNotArchived:
		it.result = ResultSkipped
		it.addNote(text.T("restore.not_archived"))
	}
	return nil
}
