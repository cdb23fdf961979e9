package transfer

import "context"

// Pragma changes how the journal's writing connection behaves, as a full volume or one that was mounted read-only would.
func (q *Queue) Pragma(ctx context.Context, pragma string) error {
	_, err := q.j.w.ExecContext(ctx, "PRAGMA "+pragma)
	return err
}

// ThroughJournal is an error as it comes back from the journal.
func ThroughJournal(err error) error { return decodeError(encodeError(err)) }
