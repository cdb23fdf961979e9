package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
)

// Start carries out what is switched on, as a transfer: the plan must have come to its end. Deletions come last, and only if all
// else went well. It returns [ErrNothingToDo], [ErrTooManyDeletes], [ErrNotAgreed] or [ErrEmptySource] with nothing recorded or
// changed. The plan stays as it is; onItem is as in [Request].
func (p *SyncPlan) Start(ctx context.Context, onItem func(Item)) (ID, error) {
	select {
	case <-p.done:
	default:
		return 0, refuse("the plan is not complete yet")
	}
	p.mu.Lock()
	t, err := p.totals, p.err
	p.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if t.On()+t.Conflicts.Files+t.Problems.Files == 0 {
		return 0, ErrNothingToDo
	}
	if err := p.agree(ctx, t); err != nil {
		return 0, err
	}
	id, err := p.record(ctx)
	if err != nil {
		return 0, err
	}
	if onItem != nil && t.Conflicts.Files+t.Problems.Files > 0 {
		if err := p.tellFailed(ctx, id, onItem); err != nil {
			return id, err
		}
	}
	return id, p.q.start(ctx, id, onItem)
}

// tellFailed tells of the items that had failed before anything ran.
func (p *SyncPlan) tellFailed(ctx context.Context, id ID, onItem func(Item)) error {
	const page = 1000
	for from := 0; ; from += page {
		rows, err := p.q.j.rows(ctx, "transfer = ? AND result = ? ORDER BY seq LIMIT ? OFFSET ?", id, ResultFailed, page, from)
		if err != nil {
			return err
		}
		for _, row := range rows {
			onItem(viewItem(&p.req, row))
		}
		if len(rows) < page {
			return nil
		}
	}
}

// agree asks before deletions, or counts them against the limit.
func (p *SyncPlan) agree(ctx context.Context, t SyncTotals) error {
	if t.Deleted.Files == 0 {
		return nil
	}
	if most := p.req.sync().MaxDelete; most != nil {
		if t.Deleted.Files > *most {
			return fmt.Errorf("%w: %d, at most %d", ErrTooManyDeletes, t.Deleted.Files, *most)
		}
		return nil
	}
	if p.q.cfg.Prompter == nil {
		return ErrNotAgreed
	}
	shown, _ := p.b.name("", "")
	if p.b.local != "" {
		shown = p.b.local
	}
	yes, err := p.q.cfg.Prompter.Confirm(ctx, prompt.Confirm{
		Topic: prompt.TopicDelete, Title: text.N("sync.ask.title", int(t.Deleted.Files), units.FormatCount(t.Deleted.Files)),
		Text: text.T("sync.ask.text", shown), Yes: text.T("sync.ask.yes"),
	})
	switch {
	case errors.Is(err, prompt.ErrDismissed), err == nil && !yes:
		return ErrNotAgreed
	case err != nil:
		return fmt.Errorf("ask about deletions: %w", err)
	}
	return nil
}

// record puts the plan into the journal. Until all of it is there nothing of it runs, not even after a kill: see [ErrPlanLost].
func (p *SyncPlan) record(ctx context.Context) (ID, error) {
	request, err := encodeRequest(p.req)
	if err != nil {
		return 0, err
	}
	var id ID
	q := p.q
	err = q.j.write(ctx, true, func(t *tx) error {
		now := q.now()
		err := t.row(`INSERT INTO transfers (kind, state, request, owner, lease, added, revision) VALUES (?, ?, ?, ?, ?, ?, 0) RETURNING id`,
			[]any{p.req.Kind, Queued, request, q.owner, unixNano(now.Add(q.cfg.Lease)), unixNano(now)}, &id)
		if err != nil {
			return err
		}
		return t.bump(id)
	})
	if err != nil {
		return 0, err
	}
	w := &planWriter{p: p, id: id}
	if err := w.all(ctx); err != nil {
		gone := q.j.write(context.WithoutCancel(ctx), false, func(t *tx) error { return t.removeTransfer(id) })
		return 0, errors.Join(err, gone)
	}
	return id, nil
}

// planWriter records a plan: first what brings something, then what deletes.
type planWriter struct {
	p     *SyncPlan
	id    ID
	seq   int64
	batch []itemRow
	fold  localfs.Folding
}

func (w *planWriter) all(ctx context.Context) error {
	if w.p.req.syncsDown() {
		// Names that the disk takes for one are found here; the folder is made, if need be, by the transfer itself.
		if d, err := localfs.OpenDest(w.p.req.syncLocal(), false); err == nil {
			w.fold = d.Folding()
			if err := d.Close(); err != nil {
				return err
			}
		}
	}
	for _, deletes := range []bool{false, true} {
		for i, n := 0, w.p.Len(); i < n; i++ {
			row, ok, err := w.p.row(i, deletes)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			w.seq++
			row.seq = w.seq
			if w.batch = append(w.batch, row); len(w.batch) == planBatch {
				if err := w.flush(ctx, false); err != nil {
					return err
				}
			}
		}
	}
	return w.flush(ctx, true)
}

// row is an entry as an item, if it is switched on.
func (p *SyncPlan) row(i int, deletes bool) (itemRow, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return itemRow{}, false, errPlanClosed
	}
	mark := p.store.marks[i]
	if mark&markOn == 0 || (SyncClass(mark&^markOn) == SyncDeleted) != deletes {
		return itemRow{}, false, nil
	}
	r, err := p.store.record(i)
	if err != nil {
		return itemRow{}, false, err
	}
	g := syncGuard{Do: r.do, There: r.targetThere, Source: r.source.size, Keep: r.keep, Folder: r.folder}
	from, to := p.ends(r.do)
	it := itemRow{size: max(0, r.bytes()), modified: r.source.modified, etag: r.source.etag}
	if r.targetThere {
		g.Size, g.Time, g.ETag = r.target.size, unixNano(r.target.modified), r.target.etag
	}
	switch {
	case r.class == SyncConflict || r.class == SyncProblem:
		it.kind, it.result, it.err = itemReport, ResultFailed, r.err
		it.source, it.target = first(from.name(r.key, r.path)), first(to.name(r.key, ""))
	case r.do == Delete:
		it.kind, it.stage, it.etag, g.Local = itemDelete, stageCopied, r.target.etag, p.b.local != ""
		it.source, it.size = second(to.name(r.key, r.path)), 0
		it.modified = r.target.modified
	default:
		if r.folder {
			it.kind = itemFolder
		}
		if r.do == Copy {
			it.class = className(r.source.class)
		}
		it.source, it.target = second(from.name(r.key, r.path)), second(to.name(r.key, ""))
		if r.do == Download {
			if it.target, err = localfs.KeyToLocal(r.key); err != nil {
				it.kind, it.result, it.err = itemReport, ResultFailed, err
			}
		}
	}
	b, err := json.Marshal(g)
	if err != nil {
		return itemRow{}, false, fmt.Errorf("record sync plan: %w", err)
	}
	it.guard = string(b)
	return it, true, nil
}

func first(a, _ string) string  { return a }
func second(_, b string) string { return b }

func (w *planWriter) flush(ctx context.Context, last bool) error {
	q := w.p.q
	err := q.j.write(ctx, last, func(t *tx) error {
		var bytes, failed int64
		for _, it := range w.batch {
			if err := w.distinct(t, &it); err != nil {
				return err
			}
			if err := t.addItem(w.id, it); err != nil {
				return err
			}
			if it.result == ResultFailed {
				failed++
			} else {
				bytes += max(0, it.size)
			}
		}
		now := q.now()
		_, err := t.exec(`UPDATE transfers SET files = files + ?, bytes = bytes + ?, failed = failed + ?, planned = ?, lease = ?,
			started = ? WHERE id = ?`, len(w.batch), bytes, failed, last, unixNano(now.Add(q.cfg.Lease)), unixNano(now), w.id)
		if err != nil || !last {
			return err
		}
		return t.bump(w.id)
	})
	w.batch = w.batch[:0]
	return err
}

// distinct refuses a new local name that the disk takes for one before it.
func (w *planWriter) distinct(t *tx, it *itemRow) error {
	if w.fold == (localfs.Folding{}) || it.kind != itemFile || it.result != Pending || syncKind(*it) != Download {
		return nil
	}
	added, err := t.exec("INSERT OR IGNORE INTO names VALUES (?, ?)", w.id, []byte(w.fold.Key(it.target)))
	if err == nil && added == 0 {
		it.kind, it.result, it.err = itemReport, ResultFailed, ErrConflict
	}
	return err
}
