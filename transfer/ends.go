package transfer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"pintail/internal/localfs"
)

const (
	endsAtOnce = 256                   // ends in one commit, and as many may wait for the next
	endsPause  = 10 * time.Millisecond // how long the end of a small item waits for others
	smallItem  = 1 << 20               // a larger one is recorded at once: doing it again would cost more
)

// ends records how items ended, many in one commit. An item counts and is told only once its end is in the journal. Those that a
// kill cuts off before that are done again: small ones of the last few milliseconds, which are like those in flight.
type ends struct {
	r      *run
	queue  chan *liveItem
	atWork atomic.Int64 // items that are under way
	done   sync.WaitGroup
	once   sync.Once
}

func newEnds(r *run) *ends {
	e := &ends{r: r, queue: make(chan *liveItem, endsAtOnce)}
	e.done.Go(e.run)
	return e
}

// close records what waits. Nothing may be added any more.
func (e *ends) close() {
	e.once.Do(func() { close(e.queue) })
	e.done.Wait()
}

func (e *ends) run() {
	pause := time.NewTimer(endsPause)
	pause.Stop()
	for first := range e.queue {
		batch := append(make([]*liveItem, 0, 16), first)
		heavy := first.heavy()
		pause.Reset(endsPause)
	collect:
		for len(batch) < endsAtOnce {
			var it *liveItem
			var open bool
			select {
			case it, open = <-e.queue:
			default:
				if heavy || e.atWork.Load() == 0 { // nothing is to come soon
					break collect
				}
				select {
				case it, open = <-e.queue:
				case <-pause.C:
					break collect
				}
			}
			if !open {
				break
			}
			batch, heavy = append(batch, it), heavy || it.heavy()
		}
		pause.Stop()
		e.flush(batch)
	}
}

func (it *liveItem) heavy() bool { return it.size > smallItem }

// flush records a batch, then counts and tells each of it.
func (e *ends) flush(batch []*liveItem) {
	r := e.r
	syncFolders(batch)
	err := r.record(context.Background(), batch) // what ended is recorded whatever ends the transfer
	if err != nil {
		r.end(err) // without a journal nothing can be relied on
	}
	for _, it := range batch {
		switch {
		case err != nil:
			it.result = Pending
		case it.stage == stageCopied:
			it.done.Store(0) // stays counted
		default:
			r.tally(it)
		}
		r.leave(it)
	}
}

// syncFolders makes the names of new files outlast a power cut, as their content does, before they are called done.
func syncFolders(batch []*liveItem) {
	type folder struct {
		d   *localfs.Dest
		rel string
	}
	var seen map[folder]error
	for _, it := range batch {
		if it.dest == nil || it.result != ResultDone {
			continue
		}
		f := folder{it.dest, it.folder}
		err, have := seen[f]
		if !have {
			if seen == nil {
				seen = map[folder]error{}
			}
			err = f.d.SyncFolder(f.rel)
			seen[f] = err
		}
		if err != nil {
			it.result, it.err = ResultFailed, err
		}
	}
}

// record writes the ends of items and the transfer's counts in one commit.
func (r *run) record(ctx context.Context, batch []*liveItem) error {
	return r.write(ctx, false, func(t *tx) error {
		var n counts
		for _, it := range batch {
			n.add(it)
			if err := t.endItem(r.id, it); err != nil {
				return err
			}
			if kept := it.result == ResultDone || it.result == ResultSkipped || it.stage == stageCopied; kept && (r.resumed || !it.single) {
				if err := t.forgetItem(r.id, it.seq); err != nil {
					return err
				}
			}
		}
		return t.count(r.id, n)
	})
}

// endItem writes the end of an item. Most ends differ in little, so that little is written.
func (t *tx) endItem(id ID, it *liveItem) error {
	if it.result == ResultDone && it.stage == stageNone && it.err == nil && it.target == it.planned {
		_, err := t.exec(`UPDATE items SET result = 'done', stage = 0, proof = ?, wrote = ?, note = ?, seconds = ?, size = ?, etag = ?
			WHERE transfer = ? AND seq = ?`, int64(it.proof), it.wrote, it.note, it.seconds, it.size, it.etag, int64(id), it.seq)
		return err
	}
	_, err := t.exec(`UPDATE items SET result = ?, stage = ?, proof = ?, wrote = ?, error = ?, note = ?, seconds = ?, size = ?, target = ?, etag = ?
		WHERE transfer = ? AND seq = ?`, it.result, it.stage, it.proof, it.wrote, encodeError(it.err), it.note, it.seconds, it.size,
		[]byte(it.target), it.etag, id, it.seq)
	return err
}

// counts are what items add to their transfer.
type counts struct{ done, skipped, failed, unknown, bytesDone, lessBytes int64 }

func (n *counts) add(it *liveItem) {
	switch it.result {
	case ResultDone:
		n.done++
		n.bytesDone += max(0, it.size)
	case ResultSkipped:
		n.skipped++
		n.lessBytes += max(0, it.size)
	case ResultFailed:
		n.failed++
	case ResultUnknown:
		n.unknown++
	}
}

func (t *tx) count(id ID, n counts) error {
	if n == (counts{}) {
		return nil
	}
	_, err := t.exec(`UPDATE transfers SET done = done + ?, skipped = skipped + ?, failed = failed + ?, unknown = unknown + ?,
		bytes_done = bytes_done + ?, bytes = bytes - ? WHERE id = ?`, n.done, n.skipped, n.failed, n.unknown, n.bytesDone, n.lessBytes, id)
	return err
}
