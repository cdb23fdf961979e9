package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"pintail/storage"
)

// A folder is deleted page by page as it is listed, while the next page is on its way. The journal has no row for a key that is
// gone, only how far all is deleted, and a row for each key that is left. What a kill cuts off is listed again, as far as it is there.

// errOnePage ends a listing after a page.
var errOnePage = errors.New("one page")

// deletePage is a page with what came behind it.
type deletePage struct {
	entries []storage.Entry
	err     error // why there is none; nil at the end
}

// inOrder tells whether a bucket is listed in the order of its keys, so that a listing can begin behind any of them.
func inOrder(bucket string) bool { return !strings.HasSuffix(bucket, "--x-s3") }

// pageAfter lists one page. A listing that does not move on would never end.
func (p *planning) pageAfter(ctx context.Context, l storage.Location, after string) (d deletePage) {
	d.err = p.list(ctx, l, after, func(pg storage.Page) error {
		if len(pg.Entries) == 0 {
			return nil
		}
		if pg.Entries[0].Key <= after {
			return &storage.Error{Op: "ListObjectsV2", Location: l, Kind: storage.KindNotS3, Code: "BadPaging", Message: "the listing does not begin where it was asked to"}
		}
		d.entries = pg.Entries
		return errOnePage
	})
	if errors.Is(d.err, errOnePage) {
		p.r.progressed(nil)
		d.err = nil
	}
	return d
}

// deleteListing deletes all below a folder. any tells whether there was something.
func (p *planning) deleteListing(ctx context.Context, f *folderPlan) (any bool, err error) {
	if err := p.flush(ctx, false); err != nil { // the cursor must not get ahead of what is not recorded
		return false, err
	}
	p.r.setState(Running)
	page := p.pageAfter(ctx, f.from, string(p.c.After))
	if len(page.entries) > 0 && !p.c.Seen {
		if err := p.saw(ctx); err != nil {
			return false, err
		}
	}
	for len(page.entries) > 0 {
		any = true
		last := page.entries[len(page.entries)-1].Key
		ahead := make(chan deletePage, 1)
		go func() { ahead <- p.pageAfter(ctx, f.from, last) }()
		err := p.deleteEntries(ctx, f, page.entries)
		page = <-ahead
		if err != nil {
			return any, err
		}
	}
	return any, page.err
}

// saw records that there is something, before it is deleted: a folder that a kill leaves empty is done, not missing.
func (p *planning) saw(ctx context.Context) error {
	p.c.Seen = true
	c, err := json.Marshal(p.c)
	if err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	return p.r.write(ctx, true, func(t *tx) error {
		_, err := t.exec(`UPDATE transfers SET cursor = ? WHERE id = ?`, c, int64(p.r.id))
		return err
	})
}

// deleteEntries deletes what a page shows and records it.
func (p *planning) deleteEntries(ctx context.Context, f *folderPlan, entries []storage.Entry) error {
	items := make([]*liveItem, 0, len(entries))
	now := p.r.q.now()
	for _, e := range entries {
		if f.leaves(e) {
			continue
		}
		p.seq++
		it := &liveItem{itemRow: itemRow{seq: p.seq, kind: itemDelete, source: f.from.Bucket + "/" + e.Key, etag: e.ETag}, begun: now}
		it.moved.Store(now.UnixNano())
		items = append(items, it)
	}
	if err := p.r.deleteAll(ctx, items); err != nil {
		return err
	}
	p.c.After = []byte(entries[len(entries)-1].Key)
	c, err := json.Marshal(p.c)
	if err != nil {
		return fmt.Errorf("record plan: %w", err)
	}
	err = p.r.write(context.WithoutCancel(ctx), false, func(t *tx) error {
		var n counts
		for _, it := range items {
			n.add(it)
			if it.result == ResultDone {
				continue
			}
			if err := t.addItem(p.r.id, it.itemRow); err != nil {
				return err
			}
		}
		_, err := t.exec(`UPDATE transfers SET cursor = ?, files = files + ?, started = CASE WHEN started = 0 THEN ? ELSE started END WHERE id = ?`,
			c, int64(len(items)), unixNano(p.begun), int64(p.r.id))
		if err != nil {
			return err
		}
		return t.count(p.r.id, n)
	})
	if err != nil {
		return err
	}
	p.r.files.Add(int64(len(items)))
	for _, it := range items {
		p.r.tally(it)
	}
	return nil
}
