package browser

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// directLimit is up to how many bytes one object is rewritten at once. A larger one takes long enough to want a line among the
// transfers, where it can be stopped.
const directLimit = 64 << 20

func locations(items []Item) []storage.Location {
	out := make([]storage.Location, len(items))
	for i, it := range items {
		out[i] = it.At
	}
	return out
}

// atOnce tells whether an action on items is one request or two: else it is a job of the queue.
func atOnce(items []Item) bool { return len(items) == 1 && !items[0].Folder }

// Change gives items an edit; all that it does not name stays. Folders, buckets and several objects are one job of the queue.
func (vm *ViewModel) Change(items []Item, e storage.Edit) {
	if vm.conn == nil || len(items) == 0 {
		return
	}
	vm.destroying(vm.Word(), editing(items, e), func() { vm.change(items, e) })
}

func (vm *ViewModel) change(items []Item, e storage.Edit) {
	switch {
	case vm.conn == nil:
	case atOnce(items) && (!e.Rewrites() || items[0].Size <= directLimit):
		vm.changeOne(items[0], e, false, &storage.Rewriting{})
	default:
		vm.changeMany(transfer.Changing(vm.conn.Ref, e, locations(items)...))
	}
}

// changeMany hands a change to the queue and remembers it, for the question whether to go on without what cannot be kept.
func (vm *ViewModel) changeMany(r transfer.Request) {
	vm.enqueueThen(r, func(id transfer.ID) { vm.changes[id] = r })
}

// lostBy names what failures of a change could not read before it; nothing if one of them has another reason.
func lostBy(errs []transfer.ItemError) (what []string) {
	reads := map[string]string{"GetObjectAcl": storage.PartACL, "GetObjectTagging": storage.PartTags, "GetObjectRetention": storage.PartLock,
		"GetObjectLegalHold": storage.PartLock}
	for _, e := range errs {
		var s *storage.Error
		if !errors.As(e.Err, &s) || s.Kind != storage.KindPermission || reads[s.Op] == "" {
			return nil
		}
		if !slices.Contains(what, reads[s.Op]) {
			what = append(what, reads[s.Op])
		}
	}
	return what
}

// mend says what can be done about the failures of a transfer beside trying them again.
func (vm *ViewModel) mend(p *Problem, t transfer.Transfer, errs []transfer.ItemError) {
	if vm.conn == nil || t.Connection != vm.conn.Ref {
		return
	}
	p.Archived, p.Readable = archivedOf(errs), &Later{t.ID, p.Retry}
	if r, ok := vm.changes[t.ID]; ok && r.Edit.Rewrites() && !r.Options.Plain {
		r.Options.Plain = true // what is changed already is left as it is
		p.Lost, p.Plain = lostBy(errs), func() { vm.changeMany(r) }
	}
}

// changeOne changes one object. plain goes on without what cannot be read before; state remembers how far it is.
func (vm *ViewModel) changeOne(it Item, e storage.Edit, plain bool, state *storage.Rewriting) {
	s, policy := vm.conn.Session, vm.policy()
	tasks.Run(vm.Tasks, func(ctx context.Context) (w storage.Rewritten, err error) {
		err = policy.Do(ctx, func() (err error) {
			w, err = s.Rewrite(ctx, it.At, e, storage.RewriteOptions{Plain: plain, Resume: state})
			return err
		})
		return w, err
	}, func(w storage.Rewritten, err error) {
		vm.RefreshBelow(it.At)
		var unread *storage.UnreadableError
		p := Problem{Failures: []report.Failure{{What: plainName(it), Err: err}}, Retry: func() { vm.changeOne(it, e, plain, state) }}
		switch {
		case errors.Is(err, context.Canceled):
		case errors.As(err, &unread):
			p.Lost, p.Plain = unread.What, func() { vm.changeOne(it, e, true, state) }
			vm.Face.Report(p)
		case storage.KindOf(err) == storage.KindArchived:
			p.Archived, p.Readable = []Item{it}, &Later{Do: func() { vm.changeOne(it, e, plain, state) }}
			vm.Face.Report(p)
		case err != nil:
			vm.Face.Report(p)
		case len(w.Ignored) > 0:
			vm.Face.Notice(text.T("info.ignored", strings.Join(w.Ignored, ", ")))
		case !w.Changed:
			vm.Face.Notice(text.T("edits.as_it_was", plainName(it)))
		default:
			vm.Face.Notice(text.T("edits.changed", plainName(it)))
		}
	})
}

func plainName(it Item) string { return plain(it.At.Name()) }

// Restore asks the archive for items, or for all archived objects below them. then goes on once what was asked for can be
// read; nil if nothing waits for it.
func (vm *ViewModel) Restore(items []Item, o storage.RestoreOptions, then *Later) {
	switch {
	case vm.conn == nil || len(items) == 0:
	case atOnce(items):
		vm.restoreOne(items[0], o, then)
	default:
		s, policy := vm.conn.Session, vm.policy()
		vm.enqueueThen(transfer.Restoring(vm.conn.Ref, o, locations(items)...), func(id transfer.ID) {
			if then == nil {
				return
			}
			vm.await(then)
			tasks.Run(vm.Tasks, func(ctx context.Context) (int, error) {
				if _, err := vm.Queue.Wait(ctx, id); err != nil {
					return 0, err
				}
				w := restoreWatch{session: s, policy: policy, now: vm.Now, first: firstLook}
				return w.wait(ctx, locations(items))
			}, vm.afterRestore(s, then))
		})
	}
}

func (vm *ViewModel) restoreOne(it Item, o storage.RestoreOptions, then *Later) {
	s, policy := vm.conn.Session, vm.policy()
	tasks.Run(vm.Tasks, func(ctx context.Context) (got storage.Restoring, err error) {
		err = policy.Do(ctx, func() (err error) { got, err = s.Restore(ctx, it.At, o); return err })
		return got, err
	}, func(got storage.Restoring, err error) {
		vm.RefreshBelow(it.At)
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				vm.fail(report.Failure{What: plainName(it), Err: err}, func() { vm.restoreOne(it, o, then) })
			}
			return
		}
		vm.Face.Notice(restoredWords(it, got))
		if then != nil {
			vm.await(then)
			w := restoreWatch{session: s, policy: policy, now: vm.Now, first: firstLook}
			tasks.Run(vm.Tasks, func(ctx context.Context) (int, error) { return w.wait(ctx, []storage.Location{it.At}) }, vm.afterRestore(s, then))
		}
	})
}

// restoredWords says what became of the wish for one object.
func restoredWords(it Item, got storage.Restoring) string {
	switch got.Outcome {
	case storage.RestoreInProgress:
		return text.T("edits.restore_in_progress", plainName(it))
	case storage.RestoreAvailable:
		return text.T("edits.restore_available", plainName(it), got.Until.Local().Format("2 Jan 2006"))
	case storage.RestoreNotArchived:
		return text.T("edits.restore_not_archived", plainName(it))
	}
	return text.T("edits.restore_asked", plainName(it))
}

// archivedOf is what of a transfer failed because it is in an archive.
func archivedOf(errs []transfer.ItemError) []Item {
	var out []Item
	for _, e := range errs {
		var s *storage.Error
		if errors.As(e.Err, &s) && s.Kind == storage.KindArchived && s.Location.Key != "" {
			out = append(out, Item{At: s.Location, Archived: true})
		}
	}
	return out
}

// The pauses between two looks at what is on its way from the archive: that takes minutes at least, and mostly hours.
const (
	firstLook = time.Second
	mostPause = time.Minute
)
