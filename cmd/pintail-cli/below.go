package main

import (
	"context"
	"sync"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
)

// mostAtOnce is how many objects below a folder are worked on together, unless the cap on connections is lower.
const mostAtOnce = 16

// eachBelow calls do for every object below a folder or bucket as the listing comes, several at once, and reports each that
// failed. prints says that do prints what it found itself. The returned error has the status of the whole.
func (a *app) eachBelow(ctx context.Context, s *storage.Session, addr address, prints bool, do func(context.Context, storage.Location) error) error {
	total := &outcome{changes: true, proofs: map[storage.Proof]int64{}}
	began := a.sys.Now()
	work := make(chan storage.Location)
	var wg sync.WaitGroup
	for range min(mostAtOnce, a.listingLanes()) {
		wg.Go(func() {
			for loc := range work {
				total.object(a, loc, prints, do(ctx, loc))
			}
		})
	}
	listing := a.feedBelow(ctx, s, addr, work)
	close(work)
	wg.Wait()
	total.seconds = a.sys.Now().Sub(began).Seconds()
	if listing != nil {
		total.whole = append(total.whole, listing)
		total.statuses = append(total.statuses, explain.Exit(listing))
	}
	if total.done+total.failed == 0 && listing == nil {
		return &notFoundError{text.T("cli.ls.missing", addr.Given)}
	}
	if !prints || total.status() != explain.ExitDone {
		a.printOutcome(total)
	}
	if status := total.status(); status != explain.ExitDone {
		return &statusError{status}
	}
	return a.out.flush()
}

// feedBelow hands on what is listed. An object with the folder's own name is part of it.
func (a *app) feedBelow(ctx context.Context, s *storage.Session, addr address, work chan<- storage.Location) error {
	prefix, want := addr.Key, func(string) bool { return true }
	if !a.opts.Raw && hasWildcard(addr.Key) {
		g, err := newGlob(addr.Key)
		if err != nil {
			return err
		}
		prefix, want = g.prefix, func(key string) bool { return g.match(key) || g.matchAbove(key) != "" }
	} else if prefix != "" && !addr.IsFolder() {
		prefix += "/"
	}
	for page, err := range a.list(ctx, s, addr.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if !want(e.Key) {
				continue
			}
			select {
			case work <- storage.Location{Bucket: addr.Bucket, Key: e.Key}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// object counts and prints what became of one object.
func (o *outcome) object(a *app, loc storage.Location, prints bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	it := transfer.Item{Source: loc.String(), Result: transfer.ResultDone, Proof: storage.ProofNone, Err: err}
	if err == nil {
		o.done++
		if !prints {
			a.printItem(it)
		}
		return
	}
	o.failed++
	o.statuses = append(o.statuses, explain.Exit(err))
	it.Result = transfer.ResultFailed
	a.printItem(it)
}

// printDone tells of one thing that was done: with --json always, else with --verbose.
func (a *app) printDone(loc storage.Location) {
	a.printItem(transfer.Item{Source: loc.String(), Result: transfer.ResultDone})
}
