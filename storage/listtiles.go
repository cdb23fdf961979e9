package storage

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// A listing of many pages is cut into tiles that are listed side by side. A tile is the keys behind one bound up to and with
// the next; the bounds are the folders and objects of the first level, asked for with a delimiter while the second page is on
// its way; where there are none, keys that are found by guessing (listflat.go). S3 lists keys in the order of their bytes, so
// that the tiles in their order are the listing. That each page of a tile lies in the tile and moves on is checked before it is
// given out. A server that orders keys otherwise or takes no notice
// of start-after shows itself there; the listing then goes on one page after the other from the place that the first tile
// has reached, and leaves out what was given already.

// tile is a piece of a listing. Its worker sends pages, then closes the channel.
type tile struct {
	after, upTo string // upTo "" = to the end
	pager       *pager // where it stands
	before      pager  // where it stood when it asked for its last page
	pages       chan tilePage
	turn        chan struct{} // closed when its pages are the next to be given out
}

type tilePage struct {
	page Page
	err  error
	held chan struct{} // what its place is given back to; nil = it has none
}

// errTile is a page that is not in its tile.
var errTile = errors.New("the server does not list in the order of keys, or takes no notice of where to begin")

// listTiles lists with up to o.Parallel requests at once.
func (s *Session) listTiles(ctx context.Context, loc Location, o ListOptions, yield func(Page, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	bounds := make(chan []string, 1)
	p := &pager{startAfter: o.StartAfter}
	begun := time.Now()
	l, err := s.listPage(ctx, loc, o, p, false)
	o.Parallel = lanesFor(time.Since(begun), o.Parallel)
	switch {
	case err != nil && KindOf(err) != KindUnsupported:
		yield(Page{}, err)
		return
	case err != nil || l.old:
		s.listOn(ctx, loc, o, &pager{startAfter: o.StartAfter}, yield) // in the old way
		return
	}
	var tiles []*tile
	last := o.StartAfter
	for n := 1; ; n++ {
		more, err := p.advance(l, "", false)
		ordered := inTile(l.page, last)
		last = max(last, lastOf(l))
		if !yield(l.page, nil) {
			return
		}
		if err != nil {
			yield(Page{}, s.badPaging(listOp(false), loc, err))
			return
		}
		switch {
		case !more:
			return
		case !ordered:
			s.listOn(ctx, loc, o, p, yield)
			return
		case n == 1: // most listings end before; the bounds come with the second page
			wg.Go(func() { bounds <- s.tileBounds(ctx, loc, o) })
		case n == 2:
			tiles = cutTiles(p, last, <-bounds, o.Parallel)
		case n == flatAfter:
			tiles = cutTiles(p, last, s.flatBounds(ctx, loc, o, l.page.Entries), o.Parallel)
		}
		if len(tiles) >= 2 {
			break
		}
		if n == flatAfter {
			s.listOn(ctx, loc, o, p, yield)
			return
		}
		if l, err = s.listPage(ctx, loc, o, p, false); err != nil {
			yield(Page{}, err)
			return
		}
		if l.old {
			s.listOn(ctx, loc, o, p, yield)
			return
		}
	}
	w := newLanes(o.Parallel)
	wg.Go(func() {
		for _, t := range tiles {
			select {
			case w.slots <- struct{}{}:
				wg.Go(func() {
					defer func() { <-w.slots }()
					s.listTile(ctx, loc, o, t, w)
				})
			case <-ctx.Done():
				return
			}
		}
	})
	s.giveTiles(ctx, loc, o, tiles, last, yield)
}

// giveTiles gives out the pages of the tiles in order. last is the key that was given before them.
func (s *Session) giveTiles(ctx context.Context, loc Location, o ListOptions, tiles []*tile, last string, yield func(Page, error) bool) {
	for i, t := range tiles {
		close(t.turn)
		for {
			var p tilePage
			var open bool
			select {
			case p, open = <-t.pages:
			case <-ctx.Done():
				p = tilePage{err: s.classify(ctx, &call{op: listOp(false), loc: loc}, ctx.Err())}
			}
			if p.err == nil && !open {
				break
			}
			if p.held != nil {
				<-p.held
			}
			switch {
			case p.err == nil:
				n := len(p.page.Entries)
				if n == 0 { // all that it had was behind the tile's end
					continue
				}
				last = p.page.Entries[n-1].Key
				if !yield(p.page, nil) {
					return
				}
				continue
			case mayRecover(p.err):
				from := tiles[0].before
				if i == 0 {
					from = t.before
				}
				s.listRest(ctx, loc, o, &from, last, yield)
			default:
				yield(Page{}, p.err)
			}
			return
		}
	}
}

// listRest goes on from p and leaves out what is not behind last. That is right only where keys are in order, so that one
// that is not ends the listing.
func (s *Session) listRest(ctx context.Context, loc Location, o ListOptions, p *pager, last string, yield func(Page, error) bool) {
	at := ""
	s.listOn(ctx, loc, o, p, func(page Page, err error) bool {
		if err == nil && !inTile(page, at) {
			yield(Page{}, s.badPaging(listOp(false), loc, errTile))
			return false
		}
		if n := len(page.Entries); n > 0 {
			at = page.Entries[n-1].Key
		}
		page.Entries = behind(page.Entries, last)
		return yield(page, err)
	})
}

// mayRecover tells whether the failure of a tile may be one of listing in tiles.
func mayRecover(err error) bool {
	switch KindOf(err) {
	case KindPermission, KindNotS3, KindInvalid, KindUnsupported:
		return true
	}
	return errors.Is(err, errTile)
}

// behind leaves out the entries that are not behind last, wherever they stand.
func behind(entries []Entry, last string) []Entry {
	return slices.DeleteFunc(entries, func(e Entry) bool { return e.Key <= last })
}

// listTile lists one tile.
func (s *Session) listTile(ctx context.Context, loc Location, o ListOptions, t *tile, w *lanes) {
	defer close(t.pages)
	send := func(p tilePage) bool {
		select {
		case t.pages <- p:
			return p.err == nil
		case <-ctx.Done():
			return false
		}
	}
	after := t.after
	for {
		held := w.hold(ctx, t)
		if held == nil {
			return
		}
		before := *t.pager
		l, err := s.listPage(ctx, loc, o, t.pager, false)
		if err == nil && (l.old || !inTile(l.page, after)) {
			err = errTile
		}
		t.before = before
		if err != nil {
			send(tilePage{err: err, held: held})
			return
		}
		more, err := t.pager.advance(l, "", false)
		page := l.page
		if n := len(page.Entries); n > 0 {
			after = page.Entries[n-1].Key
			if t.upTo != "" && after > t.upTo {
				for n > 0 && page.Entries[n-1].Key > t.upTo {
					n--
				}
				page.Entries, more, err = page.Entries[:n:n], false, nil
			}
		}
		if !send(tilePage{page: page, held: held}) {
			return
		}
		if err != nil {
			send(tilePage{err: s.badPaging(listOp(false), loc, err)})
			return
		}
		if !more || after == t.upTo {
			return
		}
	}
}

// inTile tells whether a page's keys are all behind after, each behind the one before.
func inTile(p Page, after string) bool {
	for i := range p.Entries {
		if key := p.Entries[i].Key; key <= after && (i > 0 || after != "") {
			return false
		}
		after = p.Entries[i].Key
	}
	return len(p.Prefixes) == 0
}

// maxBoundLevels is how deep the bounds are looked for when a level has one folder and nothing else.
const maxBoundLevels = 8

// tileBounds are keys to cut the listing at, in order: what one page with a delimiter shows. Any failure gives none.
func (s *Session) tileBounds(ctx context.Context, loc Location, o ListOptions) []string {
	for range maxBoundLevels {
		l, err := s.listPage(ctx, loc, ListOptions{Delimiter: "/", StartAfter: o.StartAfter, PageSize: o.PageSize}, &pager{startAfter: o.StartAfter}, false)
		if err != nil || l.old {
			return nil
		}
		if len(l.page.Prefixes) == 1 && len(l.page.Entries) == 0 && l.page.Prefixes[0] != loc.Key {
			loc.Key = l.page.Prefixes[0]
			continue
		}
		bounds := l.page.Prefixes
		if !slices.IsSorted(bounds) || !inTile(Page{Entries: l.page.Entries}, "") {
			return nil // in an order of its own
		}
		for _, e := range l.page.Entries {
			bounds = append(bounds, e.Key)
		}
		return bounds
	}
	return nil
}

// cutTiles makes tiles of what p has still to list behind last, at most four for each request that may be under way.
func cutTiles(p *pager, last string, bounds []string, parallel int) []*tile {
	var cuts []string
	for _, b := range slices.Sorted(slices.Values(bounds)) {
		if b > last && (len(cuts) == 0 || b > cuts[len(cuts)-1]) {
			cuts = append(cuts, b)
		}
	}
	if most := 4 * parallel; len(cuts) > most {
		for i := range most {
			cuts[i] = cuts[i*len(cuts)/most]
		}
		cuts = cuts[:most]
	}
	tiles := []*tile{{after: last, pager: p, before: *p}}
	for _, c := range cuts {
		tiles[len(tiles)-1].upTo = c
		tiles = append(tiles, &tile{after: c, pager: &pager{startAfter: c}})
	}
	for _, t := range tiles {
		t.turn = make(chan struct{})
		t.pages = make(chan tilePage, min(pagesHeld*parallel, max(4, 8*pagesHeld*parallel/len(tiles)))) // cheap: lanes bound the pages
	}
	return tiles
}
