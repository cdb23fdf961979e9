package transfer

import (
	"context"
	"encoding/json"
	"fmt"

	"pintail/storage"
)

// unlisted is a folder that could not be listed to its end: which source it is, what of it is planned, and the item that says so.
type unlisted struct {
	Source int      `json:"source"`
	After  []byte   `json:"after,omitempty"`
	Held   []holder `json:"held,omitempty"`
	Seq    int64    `json:"seq"`
}

// begin prepares the next source to be planned, or the next folder to be listed again. False: there is none.
func (p *planning) begin() bool {
	p.left = false
	c := &p.c
	if c.Source < len(p.r.req.Sources) {
		return true
	}
	if len(c.Again) == 0 {
		return false
	}
	if len(c.After) == 0 && len(c.Held) == 0 { // else it has got on since, before the end of an earlier run
		c.After, c.Held = c.Again[0].After, c.Again[0].Held
	}
	return true
}

// present is the index of the source that is planned.
func (p *planning) present() int {
	if p.c.Source < len(p.r.req.Sources) {
		return p.c.Source
	}
	return p.c.Again[0].Source
}

// past is the cursor behind the present one of so many sources.
func (c cursor) past(sources int) cursor {
	next := cursor{Source: c.Source, Failed: c.Failed, Again: c.Again}
	if c.Source < sources {
		next.Source++
	} else {
		next.Again = c.Again[1:]
	}
	return next
}

// unlisted goes past a folder that cannot be listed now; the others may. It is a failed item, and listed again when the transfer
// is resumed.
func (p *planning) unlisted(ctx context.Context, l storage.Location, held []holder, err error) error {
	u := unlisted{Source: p.present(), After: p.c.After, Held: held, Seq: p.seq + 1}
	p.c = p.c.past(len(p.r.req.Sources))
	p.c.Failed = append(p.c.Failed, u)
	p.left = true
	return p.report(ctx, remoteEnd(l), "", err)
}

// listAgain makes the plan of a transfer go on with the folders that could not be listed; the items that said so are no more.
func (t *tx) listAgain(id ID) error {
	var saved []byte
	if err := t.row("SELECT coalesce(cursor, '') FROM transfers WHERE id = ?", []any{id}, &saved); err != nil || len(saved) == 0 {
		return err
	}
	var c cursor
	if err := json.Unmarshal(saved, &c); err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	if len(c.Failed) == 0 {
		return nil
	}
	for _, u := range c.Failed {
		if _, err := t.exec("DELETE FROM items WHERE transfer = ? AND seq = ? AND kind = ?", id, u.Seq, itemReport); err != nil {
			return err
		}
	}
	n := len(c.Failed)
	c.Again, c.Failed = append(c.Again, c.Failed...), nil
	saved, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	_, err = t.exec("UPDATE transfers SET cursor = ?, planned = 0, files = files - ? WHERE id = ?", saved, n, id)
	return err
}
