package transfer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// Changing is a request that gives objects, or all objects below folders and in buckets, an edit. Run it with [Queue.Add] like any
// other: it is planned while it runs, can be stopped and resumed, and reports each object. Options.Plain goes on without what cannot be
// read before; Include and Exclude choose among what is below a folder.
func Changing(connection string, e storage.Edit, what ...storage.Location) Request {
	return Request{Kind: Change, Connection: connection, Edit: &e, Sources: remotes(what)}
}

// remotes makes sources of locations.
func remotes(what []storage.Location) []Source {
	out := make([]Source, len(what))
	for i, l := range what {
		out[i].Remote = l
	}
	return out
}

func (r *Request) validateChange() error {
	switch {
	case r.Kind != Change && r.Edit != nil:
		return refuse("an edit belongs to a transfer of kind %q", Change)
	case r.Kind != Change:
		return nil
	case r.Edit == nil || r.Edit.IsZero():
		return refuse("there is nothing to change")
	case r.Target != (Target{}):
		return refuse("a change has no target")
	}
	if err := r.Edit.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return nil
}

// change gives one object the edit. What it must be given back after the copy is in the journal before, so that neither a lost
// answer nor the end of the process takes it away.
func (r *run) change(ctx context.Context, it *liveItem) error {
	e := *r.req.Edit
	if e.OnlyClass() && it.class != "" && it.class == className(e.Class) {
		return r.asItWas(it)
	}
	st := storage.ReadRewriting([]byte(it.guard), it.from())
	o := storage.RewriteOptions{Plain: r.req.Options.Plain, SingleCopy: r.q.singleCopy, Resume: st, Stepwise: true, Sending: func(record []byte) error {
		return r.write(ctx, false, func(t *tx) error {
			_, err := t.exec("UPDATE items SET guard = ? WHERE transfer = ? AND seq = ?", string(record), int64(r.id), it.seq)
			return err
		})
	}}
	w := storage.Rewritten{Next: storage.RewriteRead}
	for w.Next != storage.RewriteDone {
		c := looked
		if w.Next == storage.RewriteCopy {
			c = small
		}
		err := r.try(ctx, request{class: c, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
			if err := r.mine(ctx); err != nil {
				return err
			}
			did, err := s.Rewrite(ctx, it.from(), e, o)
			it.stage = stageNone
			if isUnknown(err) {
				it.stage = stageUnsure
			}
			if err == nil {
				w = did
			}
			return err
		}})
		if err != nil {
			return changeError(err)
		}
	}
	if len(w.Lost) > 0 {
		it.addNote(text.T("transfer.change_lost", strings.Join(w.Lost, ", ")))
	}
	switch {
	case len(w.Ignored) > 0:
		return &storage.Error{Op: "CopyObject", Location: it.from(), Kind: storage.KindUnsupported, Code: storage.CodeIgnored,
			Message: "accepted without effect: " + strings.Join(w.Ignored, ", ")}
	case !w.Changed:
		return r.asItWas(it)
	}
	it.result, it.wrote, it.proof = ResultDone, w.Version, max(w.Proof, storage.ProofSize) // all of it was read back
	return nil
}

func (r *run) asItWas(it *liveItem) error {
	it.result = ResultSkipped
	it.addNote(text.T("transfer.unchanged"))
	return nil
}

// changeError gives the failure of a change its meaning here.
func changeError(err error) error {
	var lost *storage.NotKeptError
	var s *storage.Error
	switch {
	case errors.As(err, &lost):
		return fmt.Errorf("%w: %w", ErrNotCarried, err)
	case errors.As(err, &s) && (s.Kind == storage.KindPrecondition || s.Code == "Overwritten"):
		return fmt.Errorf("%w: %w", ErrObjectChanged, err)
	}
	return err
}
