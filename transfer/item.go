package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"pintail/internal/localfs"
	"pintail/storage"
)

// liveItem is an item under way.
type liveItem struct {
	itemRow
	begun    time.Time
	planned  string        // the target that the journal has
	single   bool          // it goes in one request: the journal has nothing of it that would have to be dropped
	dest     *localfs.Dest // where it became a file, in folder; nil = it did not
	folder   string
	moveAway bool         // what is at the target gets another name
	uploads  bool         // an upload in parts was begun in this run
	done     atomic.Int64 // bytes that count as done
	most     atomic.Int64 // the most that done has been
	moved    atomic.Int64 // when it last got on, in Unix nanoseconds
}

// from and to are the ends of an item, where they are remote.
func (it *liveItem) from() storage.Location { return location(it.source, it.version) }
func (it *liveItem) to() storage.Location   { return location(it.target, "") }

// item does one item and hands it over to be recorded. An item that was cut short by the end of ctx stays pending.
func (r *run) item(ctx context.Context, ends *ends, row itemRow) {
	it := &liveItem{itemRow: row, begun: r.q.now(), planned: row.target}
	it.moved.Store(it.begun.UnixNano())
	r.mu.Lock()
	r.live[row.seq] = it
	r.mu.Unlock()
	ends.atWork.Add(1)
	err := r.transferItem(ctx, it)
	ends.atWork.Add(-1)
	if gone := r.targetGone(err); gone != nil {
		defer r.end(gone)
	}
	if err == nil || ctx.Err() == nil || errors.Is(err, ErrGaveUp) {
		r.conclude(it, err)
		ends.queue <- it
		return
	}
	if it.stage != row.stage {
		if jerr := r.setStage(it); jerr != nil {
			r.q.log.Error("record an item", "error", jerr)
		}
	}
	r.leave(it)
}

// targetGone is the error of the whole if an item met that the bucket where all go is not there, or cannot be: each of the others would
// say the same.
func (r *run) targetGone(err error) error {
	var e *storage.Error
	if !errors.As(err, &e) || !bucketGone(err) && e.Code != "InvalidBucketName" || e.Location.Bucket != r.req.Target.Remote.Bucket || r.files.Load() < 2 {
		return nil
	}
	whole := *e
	whole.Location = storage.Location{Bucket: e.Location.Bucket}
	return &whole
}

// leave takes an item out of those under way.
func (r *run) leave(it *liveItem) {
	r.mu.Lock()
	delete(r.live, it.seq)
	r.mu.Unlock()
	if it.result == Pending {
		r.count(-it.done.Load())
	}
}

func (r *run) setStage(it *liveItem) error {
	return r.write(context.Background(), false, func(t *tx) error {
		_, err := t.exec("UPDATE items SET stage = ? WHERE transfer = ? AND seq = ?", it.stage, r.id, it.seq)
		return err
	})
}

// transferItem does the work of an item. On success it.result, proof, wrote and note are set.
func (r *run) transferItem(ctx context.Context, it *liveItem) error {
	if it.stage == stageCopied {
		it.result = ResultDone
		return nil
	}
	switch r.req.Kind {
	case Upload:
		return r.upload(ctx, it)
	case Download:
		return r.download(ctx, it)
	case Copy, Move:
		return r.copy(ctx, it)
	case Change:
		return r.change(ctx, it)
	case Restore:
		return r.restore(ctx, it)
	case Sync:
		return r.syncItem(ctx, it)
	}
	return fmt.Errorf("%w: kind %q", ErrRequest, r.req.Kind)
}

// conclude says how an item ended.
func (r *run) conclude(it *liveItem, err error) {
	switch {
	case err != nil && it.stage == stageUnsure:
		it.result, it.err = ResultUnknown, err
	case err != nil:
		it.result, it.err = ResultFailed, err
	case it.result == Pending:
		it.result = ResultDone
	}
	it.seconds = r.q.now().Sub(it.begun).Seconds()
	if r.req.Kind == Move && it.result == ResultDone {
		it.stage = stageCopied // it is counted when its source is gone
		it.result = Pending
	}
}

// tally counts an item that has ended and tells it.
func (r *run) tally(it *liveItem) {
	switch it.result {
	case ResultDone:
		r.count(max(0, it.size) - it.done.Load())
		r.filesDone.Add(1)
	case ResultSkipped:
		r.count(-it.done.Load())
		r.bytes.Add(-max(0, it.size))
		r.skipped.Add(1)
	case ResultFailed:
		r.count(-it.done.Load())
		r.failed.Add(1)
	case ResultUnknown:
		r.count(-it.done.Load())
		r.unknown.Add(1)
	}
	if it.err != nil {
		r.q.log.Warn("item not done", "transfer", int64(r.id), "item", it.seq, "result", string(it.result), "error", it.err)
	}
	if r.req.OnItem != nil {
		r.notifyMu.Lock()
		r.req.OnItem(r.view(it.itemRow))
		r.notifyMu.Unlock()
	}
	r.q.progress()
}

// count adds to the bytes done without calling it speed.
func (r *run) count(n int64) {
	if n != 0 {
		r.bytesDone.Add(n)
	}
}

// moveBytes notes bytes of an item that went or came; n is negative when a try is taken back.
func (r *run) moveBytes(it *liveItem, n int64) {
	it.done.Add(n)
	r.bytesDone.Add(n)
	r.meter.add(n)
	r.q.progress()
}

// sized sets the size of an item that the plan did not know.
func (r *run) sized(ctx context.Context, it *liveItem, size int64) error {
	if it.size == size {
		return nil
	}
	more := size - max(0, it.size)
	it.size = size
	r.bytes.Add(more)
	err := r.write(ctx, false, func(t *tx) error {
		if _, err := t.exec("UPDATE items SET size = ? WHERE transfer = ? AND seq = ?", size, r.id, it.seq); err != nil {
			return err
		}
		_, err := t.exec("UPDATE transfers SET bytes = bytes + ? WHERE id = ?", more, r.id)
		return err
	})
	return err
}
