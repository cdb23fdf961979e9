package transfer

import (
	"context"
	"fmt"

	"pintail/internal/text"
	"pintail/storage"
)

// deleteItems deletes a batch of items and records what became of each.
func (r *run) deleteItems(ctx context.Context, rows []itemRow) {
	var items []*liveItem
	for _, row := range rows {
		it := &liveItem{itemRow: row, begun: r.q.now()}
		it.moved.Store(it.begun.UnixNano())
		items = append(items, it)
	}
	err := r.deleteAll(ctx, items)
	if ctx.Err() == nil || err == nil {
		if jerr := r.recordAll(context.WithoutCancel(ctx), items); jerr != nil {
			r.end(jerr)
			return
		}
		for _, it := range items {
			if it.result != Pending {
				r.tally(it)
			}
		}
	}
}

// deleteAll deletes the sources of items, a thousand a request, and sets the result of each. It returns an error only when it
// was cut short; then some are still pending.
func (r *run) deleteAll(ctx context.Context, items []*liveItem) error {
	type group struct {
		bucket string
		plain  bool // goes without a condition: a version that was named, or nothing to hold it against
	}
	groups := map[group][]*liveItem{}
	var order []group
	for _, it := range items {
		g := group{it.from().Bucket, it.version != "" || it.etag == ""}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], it)
	}
	for _, g := range order {
		if err := r.deleteBatch(ctx, g.bucket, groups[g]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) deleteBatch(ctx context.Context, bucket string, open []*liveItem) error {
	last := map[*liveItem]error{}
	err := r.try(ctx, request{class: small, ref: r.req.deleteRef(), do: func(ctx context.Context, s *storage.Session) error {
		if err := r.mine(ctx); err != nil {
			return err
		}
		results, err := r.deleteLocations(ctx, s, bucket, open)
		if err != nil {
			return err
		}
		var left []*liveItem
		var again error
		for i, res := range results {
			it := open[i]
			what, _ := judge(res.Err)
			switch {
			case res.Err == nil:
				if it.result = ResultDone; it.proof == storage.ProofNone { // of a move the copy's proof and version stand
					it.proof, it.wrote = storage.ProofSize, res.MarkerVersion
				}
			case what == giveIn:
				it.deleteFailed(res.Err)
			default:
				left, again = append(left, it), res.Err
				last[it] = res.Err
			}
		}
		if len(left) < len(open) {
			r.progressed(nil)
		}
		open = left
		return again
	}})
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, it := range open {
		it.deleteFailed(err)
	}
	return nil
}

// deleteFailed notes why the source is still there. One that is no longer what was copied was kept on purpose.
func (it *liveItem) deleteFailed(err error) {
	it.result, it.err = ResultFailed, err
	if storage.KindOf(err) == storage.KindPrecondition {
		it.err = fmt.Errorf("%w: %s was kept: %w", ErrObjectChanged, it.from(), err)
		it.addNote(text.T("transfer.source_changed"))
	}
}

// deleteLocations uses the single request for a single key: it is understood everywhere. The sources of a move go only while they
// are what was copied, where the server looks.
func (r *run) deleteLocations(ctx context.Context, s *storage.Session, bucket string, items []*liveItem) ([]storage.DeleteResult, error) {
	locs, etags := make([]storage.Location, len(items)), make([]string, len(items))
	conditional := r.conditional(ctx, bucket)
	for i, it := range items {
		locs[i], etags[i] = it.from(), it.etag
		conditional = conditional && it.version == "" && it.etag != ""
	}
	if conditional {
		return s.DeleteUnchanged(ctx, bucket, locs, etags)
	}
	if len(locs) > 1 {
		return s.DeleteMany(ctx, bucket, locs)
	}
	res, err := s.Delete(ctx, locs[0])
	if err != nil {
		return nil, err
	}
	return []storage.DeleteResult{res}, nil
}

// recordAll records the ends of many items in one commit.
func (r *run) recordAll(ctx context.Context, items []*liveItem) error {
	counts := map[Result]int64{}
	var bytes int64
	return r.write(ctx, false, func(t *tx) error {
		clear(counts)
		bytes = 0
		for _, it := range items {
			if it.result == Pending {
				continue
			}
			stage := r.endStage(it)
			_, err := t.exec("UPDATE items SET result = ?, stage = ?, proof = max(proof, ?), error = ?, note = ?, wrote = CASE WHEN wrote = '' THEN ? ELSE wrote END WHERE transfer = ? AND seq = ?",
				it.result, stage, it.proof, encodeError(it.err), it.note, it.wrote, r.id, it.seq)
			if err != nil {
				return err
			}
			counts[it.result]++
			if it.result == ResultDone {
				bytes += max(0, it.size)
			}
		}
		_, err := t.exec("UPDATE transfers SET done = done + ?, failed = failed + ?, bytes_done = bytes_done + ? WHERE id = ?",
			counts[ResultDone], counts[ResultFailed], bytes, r.id)
		return err
	})
}

// countStaged puts what a move had copied before into the progress.
func (r *run) countStaged(ctx context.Context) error {
	var bytes int64
	err := r.q.j.r.QueryRowContext(ctx, "SELECT coalesce(sum(max(size, 0)), 0) FROM items WHERE transfer = ? AND stage = 2", r.id).Scan(&bytes)
	if err != nil {
		return err
	}
	r.bytesDone.Add(bytes)
	return nil
}
