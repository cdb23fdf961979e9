package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"pintail/storage"
)

// A folder is deleted page by page as it is listed, many pages at once. The journal has no row for a key that is
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

func notBehind(l storage.Location) error {
	return &storage.Error{Op: "ListObjectsV2", Location: l, Kind: storage.KindNotS3, Code: "BadPaging", Message: "the listing does not begin where it was asked to"}
}

// pageAfter lists one page. A listing that does not move on would never end.
func (p *planning) pageAfter(ctx context.Context, l storage.Location, after string) (d deletePage) {
	d.err = p.list(ctx, l, after, func(pg storage.Page) error {
		if len(pg.Entries) == 0 {
			return nil
		}
		if pg.Entries[0].Key <= after {
			return notBehind(l)
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

// pages lists a folder page by page behind a key, several requests at once unless a number of connections was set.
func (p *planning) pages(ctx context.Context, l storage.Location, after string, out chan<- deletePage) {
	defer close(out)
	send := func(d deletePage) bool {
		select {
		case out <- d:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for {
		lanes := p.r.q.pool.listingLanes()
		if lanes == 1 {
			d := p.pageAfter(ctx, l, after)
			if len(d.entries) == 0 && d.err == nil || !send(d) || d.err != nil {
				return
			}
			after = d.entries[len(d.entries)-1].Key
			continue
		}
		err := p.listOn(ctx, l, after, lanes, func(pg storage.Page) error {
			if len(pg.Entries) == 0 {
				return nil
			}
			if pg.Entries[0].Key <= after {
				return notBehind(l)
			}
			after = pg.Entries[len(pg.Entries)-1].Key
			switch {
			case !send(deletePage{entries: pg.Entries}):
				return context.Cause(ctx)
			case p.r.q.pool.listingLanes() < lanes:
				return errOnePage // on within the number that was set meanwhile
			}
			return nil
		})
		if errors.Is(err, errOnePage) {
			continue
		}
		if err != nil {
			send(deletePage{err: err})
		}
		return
	}
}

// deletesAhead is how many pages are deleted at once: as many as the pool lets through, but the journal learns of them in order.
const deletesAhead = 16

// deletedPage is a page on its way.
type deletedPage struct {
	items []*liveItem
	last  string     // its last key
	ended chan error // what became of it
}

// deleteListing deletes all below a folder. any tells whether there was something.
func (p *planning) deleteListing(ctx context.Context, f *folderPlan) (any bool, err error) {
	if err := p.flush(ctx, false); err != nil { // the cursor must not get ahead of what is not recorded
		return false, err
	}
	p.r.setState(Running)
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	pages, begun, recorded := make(chan deletePage), make(chan *deletedPage, deletesAhead), make(chan error, 1)
	after := string(p.c.After)
	wg.Go(func() { p.pages(ctx, f.from, after, pages) })
	wg.Go(func() { recorded <- p.recordPages(ctx, cancel, begun) })
	seen := p.c.Seen
	for page := range pages {
		if err = page.err; err != nil {
			break
		}
		any = true
		if !seen {
			if err = p.saw(ctx); err != nil {
				break
			}
			seen = true
		}
		d := p.pageItems(f, page.entries)
		wg.Go(func() { d.ended <- p.r.deleteAll(ctx, d.items) })
		begun <- d // recordPages takes every one
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx) // then the pages have ended because of it
	}
	close(begun)
	if rerr := <-recorded; rerr != nil {
		return any, rerr
	}
	return any, err
}

// recordPages records pages in their order, each once its keys are deleted. What a failure leaves is cut off.
func (p *planning) recordPages(ctx context.Context, cancel func(), begun <-chan *deletedPage) error {
	var failed error
	for d := range begun {
		err := <-d.ended
		if err == nil && failed == nil {
			err = p.recordPage(ctx, d)
		}
		if err != nil && failed == nil {
			failed = err
			cancel()
		}
	}
	return failed
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

// pageItems are the items of what a page shows.
func (p *planning) pageItems(f *folderPlan, entries []storage.Entry) *deletedPage {
	d := &deletedPage{items: make([]*liveItem, 0, len(entries)), last: entries[len(entries)-1].Key, ended: make(chan error, 1)}
	now := p.r.q.now()
	for _, e := range entries {
		if f.leaves(e) {
			continue
		}
		p.seq++
		it := &liveItem{itemRow: itemRow{seq: p.seq, kind: itemDelete, source: f.from.Bucket + "/" + e.Key, etag: e.ETag}, begun: now}
		it.moved.Store(now.UnixNano())
		d.items = append(d.items, it)
	}
	return d
}

// recordPage records what became of a page, and that all is done up to its end.
func (p *planning) recordPage(ctx context.Context, d *deletedPage) error {
	items := d.items
	p.c.After = []byte(d.last)
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
