package transfer

import (
	"context"
	"errors"
	"slices"
	"time"
)

// keep renews the leases of what runs here, and notices what other processes write. It ends with ctx.
func (q *Queue) keep(ctx context.Context) {
	every := min(pollEvery, q.cfg.Lease/3)
	tick := time.NewTicker(every)
	defer tick.Stop()
	var renewed time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// Leases count real time: an injected clock that stands still must not keep them from being renewed.
		if time.Since(renewed) >= q.cfg.Lease/4 {
			if err := q.renewLeases(ctx); err != nil {
				q.log.Warn("renew leases", "error", err)
			} else {
				renewed = time.Now()
			}
		}
		if err := q.refresh(ctx); err != nil && ctx.Err() == nil {
			q.log.Warn("read the journal", "error", err)
		}
	}
}

// renewNow renews leases that have become old, as after the machine or the process was asleep.
func (q *Queue) renewNow(ctx context.Context) error {
	q.renewing.Lock()
	defer q.renewing.Unlock()
	if q.leaseFresh() {
		return nil
	}
	return q.renewLeases(ctx)
}

// renewLeases also shows others how far each transfer is. A run whose transfer is another's by now is ended.
func (q *Queue) renewLeases(ctx context.Context) error {
	q.mu.Lock()
	var runs []*run
	for _, e := range q.all {
		if e.run != nil {
			runs = append(runs, e.run)
		}
	}
	q.mu.Unlock()
	if len(runs) == 0 {
		q.fresh.Store(time.Now().Add(q.cfg.Lease / 2).UnixNano())
		return nil
	}
	begun := time.Now()
	lost := map[*run]bool{}
	err := q.j.write(ctx, false, func(t *tx) error {
		clear(lost)
		lease := unixNano(q.now().Add(q.cfg.Lease))
		for _, r := range runs {
			n, err := t.exec("UPDATE transfers SET lease = ?, live = ? WHERE id = ? AND owner = ?", lease, r.bytesDone.Load(), r.id, q.owner)
			if err != nil {
				return err
			}
			if n == 0 {
				lost[r] = true
				continue
			}
			if err := t.bump(r.id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for r := range lost {
		select {
		case <-r.done: // it has ended meanwhile and let go by itself
		default:
			if !r.cancelled() {
				q.log.Warn("another process has taken a transfer over", "transfer", int64(r.id))
			}
			r.cancel(ErrForeign)
		}
	}
	q.fresh.Store(begun.Add(q.cfg.Lease / 2).UnixNano())
	return nil
}

// leaseFresh tells whether all leases were renewed so lately that nobody can have taken a transfer over.
func (q *Queue) leaseFresh() bool { return time.Now().UnixNano() < q.fresh.Load() }

// adoptOrphans marks what ran in processes that are gone as stopped.
func (q *Queue) adoptOrphans(ctx context.Context) error {
	rows, err := q.j.transfers(ctx, -1)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !q.orphan(row) {
			continue
		}
		err := q.j.write(ctx, false, func(t *tx) error {
			n, err := t.exec(`UPDATE transfers SET state = ?, interrupted = 1, owner = '', lease = 0, ended = ?, live = `+storedBytes+` WHERE id = ? AND owner = ?`,
				Stopped, unixNano(q.now()), row.id, row.owner)
			if err != nil || n == 0 {
				return err
			}
			return t.bump(row.id)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// orphan tells whether a transfer ran in a process that is gone.
func (q *Queue) orphan(row transferRow) bool {
	switch row.state {
	case Queued, Planning, Running, Waiting:
	default:
		return false
	}
	if row.owner == q.owner {
		return false
	}
	return row.owner == "" || ownerGone(row.owner) || !q.now().Before(row.lease)
}

// maxHistoryItems bounds the items of all ended transfers together, about 200 MB of journal.
const maxHistoryItems = 1_000_000

// trim keeps the history within its bounds: the oldest transfers that are done go.
func (q *Queue) trim(ctx context.Context) error {
	rows, err := q.j.transfers(ctx, -1)
	if err != nil {
		return err
	}
	var transfers, items int64
	for _, row := range slices.Backward(rows) {
		if row.state != Done {
			continue
		}
		transfers++
		items += row.files
		if transfers == 1 || transfers <= int64(q.cfg.History) && items <= maxHistoryItems {
			continue
		}
		if err := q.j.write(ctx, false, func(t *tx) error { return t.removeTransfer(row.id) }); err != nil {
			return err
		}
	}
	return nil
}

// refresh takes over what changed in the journal since the last time, by whomever.
func (q *Queue) refresh(ctx context.Context) error {
	q.mu.Lock()
	since := q.since
	q.mu.Unlock()
	rows, err := q.j.transfers(ctx, since)
	if err != nil {
		return err
	}
	ids, err := q.j.ids(ctx)
	if err != nil {
		return err
	}
	var orphans bool
	q.mu.Lock()
	for _, row := range rows {
		q.since = max(q.since, row.revision)
		q.take(row)
	}
	for id, e := range q.all {
		if e.run == nil && !ids[id] {
			q.drop(id)
		}
		if e.run == nil && e.row.owner != q.owner && q.orphan(e.row) && ids[id] {
			orphans = true
		}
	}
	q.mu.Unlock()
	if orphans {
		return errors.Join(q.adoptOrphans(ctx))
	}
	return nil
}

// take puts a row of the journal into the table. The caller holds mu.
func (q *Queue) take(row transferRow) {
	e := q.all[row.id]
	q.takePriority(e, row.priority)
	if row.owner == q.owner || e != nil && e.run != nil {
		return // start and ended keep it up to date
	}
	if e == nil {
		e = &entry{}
		e.req, e.fail = decodeRequest(row.request)
		q.all[row.id] = e
	}
	if e.rev != 0 && e.row.revision == row.revision {
		return
	}
	e.row = row
	q.touch(e)
}

// drop takes a transfer out. The caller holds mu.
func (q *Queue) drop(id ID) {
	delete(q.all, id)
	q.rev++
	q.gone = append(q.gone, removal{id, q.rev})
	close(q.waiters)
	q.waiters = make(chan struct{})
	select {
	case q.changed <- struct{}{}:
	default:
	}
}
