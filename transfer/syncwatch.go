package transfer

import (
	"context"
	"errors"
	"time"

	"pintail/storage"
)

// SyncWatch says how a target is kept up to date.
type SyncWatch struct {
	Changed <-chan struct{}                            // something may have changed in the source; never closed
	Quiet   time.Duration                              // nothing must have changed for so long; 0 = one second
	Retry   time.Duration                              // after a round that failed; 0 = half a minute
	OnPlan  func(SyncTotals)                           // told each plan that found something; may be nil
	OnItem  func(Item)                                 // as in [Request]
	OnRound func(did bool, summary Summary, err error) // told the end of each round; may be nil
}

// longestQuiet is how long files that are written all the time can put a round off.
const longestQuiet = 30

// KeepSync carries a sync out, and again whenever the source may have changed, until ctx ends; then it returns nil. Every round
// compares both sides anew, so nothing is missed by a notice that was lost. A file written to within the last Quiet waits for the
// next round. A round that fails is told and tried again; only one that can never go well ends it: a request that is refused,
// credentials that may not do it, a bucket or folder that is not there.
func (q *Queue) KeepSync(ctx context.Context, r Request, w SyncWatch) error {
	if w.Quiet <= 0 {
		w.Quiet = time.Second
	}
	if w.Retry <= 0 {
		w.Retry = 30 * time.Second
	}
	for first := true; ; first = false {
		again, err := q.syncRound(ctx, r, w)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (first || errors.Is(err, ErrRequest)) && !passing(err):
			return err
		case err != nil:
			again = w.Retry
		}
		if !w.await(ctx, again) {
			return nil
		}
	}
}

// passing tells failures of a round that the next may not have.
func passing(err error) bool {
	if errors.Is(err, ErrGaveUp) || errors.Is(err, ErrTooManyDeletes) {
		return true
	}
	what, _ := judge(err)
	return what != giveIn && what != renew || storage.KindOf(err) == storage.KindNetwork
}

// await waits for the next change, or with again > 0 at most that long, and then until it is quiet.
func (w *SyncWatch) await(ctx context.Context, again time.Duration) bool {
	var timeout <-chan time.Time
	if again > 0 {
		t := time.NewTimer(again)
		defer t.Stop()
		timeout = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-timeout:
	case <-w.Changed:
	}
	longest := time.NewTimer(longestQuiet * w.Quiet)
	defer longest.Stop()
	for {
		quiet := time.NewTimer(w.Quiet)
		select {
		case <-ctx.Done():
			quiet.Stop()
			return false
		case <-quiet.C:
			return true
		case <-longest.C:
			quiet.Stop()
			return true
		case <-w.Changed:
			quiet.Stop()
		}
	}
}

// syncRound makes both sides alike once. again > 0 says that it has to be looked at anew after that time.
func (q *Queue) syncRound(ctx context.Context, r Request, w SyncWatch) (again time.Duration, err error) {
	did := false
	var sum Summary
	defer func() {
		if w.OnRound != nil && ctx.Err() == nil {
			w.OnRound(did, sum, err)
		}
	}()
	p, err := q.PlanSync(ctx, r)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if err := p.Wait(ctx); err != nil {
		return 0, err
	}
	if again, err = p.leaveFresh(w.Quiet); err != nil {
		return 0, err
	}
	if t := p.Totals(); t.Differs() && w.OnPlan != nil {
		w.OnPlan(t)
	}
	id, err := p.Start(ctx, w.OnItem)
	if errors.Is(err, ErrNothingToDo) {
		return again, nil
	}
	if err != nil {
		return 0, err
	}
	did = true
	if sum, err = q.Wait(ctx, id); err != nil {
		return 0, err
	}
	if sum.State == Done {
		return again, nil
	}
	// The next round finds out again what is missing; the journal would only hold the same failures many times.
	return w.Retry, q.Remove(ctx, id)
}

// leaveFresh switches off what was written to a moment ago: it may not be whole yet.
func (p *SyncPlan) leaveFresh(quiet time.Duration) (again time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	err = p.each(SyncFilter{Do: []Kind{Upload}}, 0, len(p.store.marks), func(i int, r *syncRecord) bool {
		age := now.Sub(r.source.modified)
		if p.store.marks[i]&markOn != 0 && !r.folder && age >= 0 && age < quiet {
			p.store.marks[i] &^= markOn
			p.countOn(r, -1)
			again = quiet
		}
		return true
	})
	return again, err
}
