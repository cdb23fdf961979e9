package transfer

import (
	"context"
	"fmt"
)

// schemaPriority: the place of a transfer in the order that a person gave, 1 being the first; 0 = behind all that have one.
const schemaPriority = `ALTER TABLE transfers ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;`

// SetPriority puts transfers into the order in which their requests are served, in every process and after a restart. Those that
// are not named come behind them, in turn with each other; without ids all are alike. What stands further down is slowed, never
// stopped. It returns [ErrNotFound] for an id that is not there, and changes nothing then.
func (q *Queue) SetPriority(ctx context.Context, ids ...ID) error {
	err := q.j.write(ctx, false, func(t *tx) error {
		if _, err := t.exec("UPDATE counter SET value = value + 1 WHERE name = 'revision'"); err != nil {
			return err
		}
		const bump = ", revision = (SELECT value FROM counter WHERE name = 'revision')"
		if _, err := t.exec("UPDATE transfers SET priority = 0" + bump + " WHERE priority > 0"); err != nil {
			return err
		}
		for i, id := range ids {
			n, err := t.exec("UPDATE transfers SET priority = ?"+bump+" WHERE id = ?", i+1, id)
			if err != nil {
				return err
			}
			if n == 0 {
				return fmt.Errorf("transfer %d: %w", id, ErrNotFound)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("set priority: %w", err)
	}
	return q.refresh(ctx)
}

// takePriority takes over the place that the journal says. The caller holds mu.
func (q *Queue) takePriority(e *entry, n int) {
	if e == nil || e.row.priority == n {
		return
	}
	e.row.priority = n
	if e.run != nil {
		q.pool.setRank(e.row.id, n)
	}
	q.touch(e)
}
