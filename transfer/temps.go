package transfer

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"pintail/internal/localfs"
)

// A small download goes into a temporary file whose name follows from a number of the run and the item's own, so that the journal
// needs no row for each. After a kill what is left is found by these names: items begin in their order, so that only the first of
// those that have not ended can have left one.

// schemaTemps: the numbers of the runs of a transfer that may have left temporary files.
const schemaTemps = `CREATE TABLE temps (transfer INTEGER NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (transfer, run)) WITHOUT ROWID;`

// mostBegun is more items than can be under way or wait for their end to be recorded.
const mostBegun = 4 * (2*mostSmall + endsAtOnce)

// tempsOf is the number of this run, in the journal before the first file is made.
func (r *run) tempsOf(ctx context.Context) (int64, error) {
	r.tempsMu.Lock()
	defer r.tempsMu.Unlock()
	if r.temps != 0 {
		return r.temps, nil
	}
	var b [8]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	n := int64(binary.BigEndian.Uint64(b[:])>>1) | 1
	err := r.write(ctx, true, func(t *tx) error {
		_, err := t.exec("INSERT INTO temps VALUES (?, ?)", int64(r.id), n)
		return err
	})
	if err == nil {
		r.temps = n
	}
	return n, err
}

func tempName(run, seq int64, rel string) string { return localfs.TempOf(rel, uint64(run+seq)) }

// flushRemoval makes the removal of a temporary file outlast a power cut. The journal forgets the file after that: one that came back
// would be known to nobody.
func flushRemoval(d *localfs.Dest, temp string) error {
	if err := d.SyncFolder(path.Dir(temp)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// sweepTemps removes the temporary files that earlier runs of a transfer left without a row of their own.
func (q *Queue) sweepTemps(ctx context.Context, id ID, d *localfs.Dest) error {
	runs, err := q.j.temps(ctx, id)
	if err != nil || len(runs) == 0 {
		return err
	}
	rows, err := q.j.rows(ctx, "transfer = ? AND result = '' AND kind = ? ORDER BY seq LIMIT ?", id, int64(itemFile), mostBegun)
	if err != nil {
		return err
	}
	for _, run := range runs {
		for _, row := range rows {
			if err := d.RemoveTemp(tempName(run, row.seq, row.target)); err != nil {
				return err
			}
		}
	}
	return nil
}

// temps are the numbers of the runs of a transfer.
func (j *journal) temps(ctx context.Context, id ID) ([]int64, error) {
	rs, err := j.r.QueryContext(ctx, "SELECT run FROM temps WHERE transfer = ?", id)
	if err != nil {
		return nil, fmt.Errorf("read runs: %w", err)
	}
	defer rs.Close() // rs.Err says what went wrong
	var out []int64
	for rs.Next() {
		var n int64
		if err := rs.Scan(&n); err != nil {
			return nil, fmt.Errorf("read runs: %w", err)
		}
		out = append(out, n)
	}
	return out, rs.Err()
}

// forgetTemps forgets earlier runs, once what they left is gone.
func (r *run) forgetTemps(ctx context.Context) error {
	if !r.resumed || r.dest == nil || r.req.Kind != Download {
		return nil
	}
	if err := r.q.sweepTemps(ctx, r.id, r.dest); err != nil {
		return err
	}
	return r.write(ctx, false, func(t *tx) error {
		_, err := t.exec("DELETE FROM temps WHERE transfer = ?", r.id)
		return err
	})
}

// plainTemp tells whether a download of one request does without a row: what it replaces is nobody's business, so that after a kill
// it may simply be done again, and it goes into the destination itself.
func (j *downloadJob) plainTemp() bool {
	return j.r.req.Kind == Download && j.r.overwrites() && j.d == j.r.dest && j.rel == j.it.target
}

// name names the temporary file, in the journal before the file is there, so that no kill leaves one that nobody knows; a large one not even a power cut.
func (j *downloadJob) name(ctx context.Context, single bool) error {
	j.it.single = single && j.plainTemp()
	if j.noRow = j.it.single; j.noRow {
		n, err := j.r.tempsOf(ctx)
		j.row.temp = tempName(n, j.it.seq, j.rel)
		return err
	}
	j.row.temp = localfs.TempFor(j.rel)
	return j.r.write(ctx, !single, func(t *tx) error {
		if err := t.forgetItem(j.r.id, j.it.seq); err != nil {
			return err
		}
		return t.putDownload(j.r.id, j.row)
	})
}
