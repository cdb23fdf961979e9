package transfer

import (
	"context"

	"pintail/storage"
)

// rangeBatch is ranges that one flush and one commit keep.
type rangeBatch struct {
	rows []partRow
	done bool // guarded by the job's flushing, like err
	err  error
}

// keepRange counts a range as had, once it is on the disk and the journal says so. A file of a single range is not worth it.
//
// The caller holds the slot of the range's request meanwhile: a range is in flight until it is kept, so that after a kill no more
// than the requests that the pool let through goes again. A flush keeps all that came while the one before it was under way.
func (j *downloadJob) keepRange(ctx context.Context, number int32, crc uint64) error {
	_, length := span(number, j.row.rangeSize, j.row.size)
	j.mu.Lock()
	j.ranges[number] = crc
	if j.row.rangeSize >= j.row.size {
		j.mu.Unlock()
		return nil
	}
	if j.batch == nil {
		j.batch = &rangeBatch{}
	}
	b := j.batch
	b.rows = append(b.rows, partRow{Part: storage.Part{Number: number, Size: length}, crc: crc})
	j.mu.Unlock()
	j.flushing.Lock()
	defer j.flushing.Unlock()
	if !b.done {
		b.done, b.err = true, j.flush(ctx, b)
	}
	return b.err
}

// flush closes a batch and keeps its ranges. The caller holds flushing.
func (j *downloadJob) flush(ctx context.Context, b *rangeBatch) error {
	j.mu.Lock()
	j.batch = nil
	j.mu.Unlock()
	if err := j.w.Sync(); err != nil {
		return err
	}
	return j.r.write(context.WithoutCancel(ctx), false, func(t *tx) error {
		for _, row := range b.rows {
			if err := t.putPart(j.r.id, j.it.seq, row); err != nil {
				return err
			}
		}
		return nil
	})
}
