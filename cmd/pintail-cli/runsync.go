package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pintail/internal/dirwatch"
	"pintail/internal/explain"
	"pintail/internal/syncjobs"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

func runSync(ctx context.Context, a *app, o syncOptions) error {
	switch {
	case o.Jobs:
		return a.listJobs()
	case o.Drop != "":
		return a.syncJobs().Remove(o.Drop)
	}
	var r transfer.Request
	var err error
	if o.Job != "" {
		var j syncjobs.Job
		if j, err = a.syncJobs().Get(o.Job); err != nil {
			return err
		}
		r = j.Request()
		o.Watch = o.Watch && r.Sources[0].Local != ""
	}
	deletes := o.Delete && !o.limited || r.Sync != nil && r.Sync.Delete && r.Sync.MaxDelete == nil
	// Where nobody can agree to a deletion nothing is sent at all.
	if deletes && !a.opts.DryRun && o.Save == "" {
		if err := a.mustAsk(text.T("cli.sync.ask")); err != nil {
			return err
		}
	}
	if o.Job == "" {
		if r, err = a.syncRequest(ctx, o); err != nil {
			return err
		}
	}
	if o.Save != "" {
		return a.syncJobs().Put(syncjobs.FromRequest(o.Save, r))
	}
	if err := a.agreeToSync(ctx, r); err != nil {
		return err
	}
	q, err := a.openQueue(ctx)
	if err != nil {
		return err
	}
	if o.Watch {
		return a.watchSync(ctx, q, r)
	}
	return a.syncOnce(ctx, q, r, o)
}

// syncOnce plans, asks and carries out.
func (a *app) syncOnce(ctx context.Context, q *transfer.Queue, r transfer.Request, o syncOptions) error {
	p, err := q.PlanSync(ctx, r)
	if err != nil {
		return errors.Join(err, a.closeQueue(ctx, q))
	}
	err = p.Wait(ctx)
	if err == nil && a.opts.DryRun {
		err = a.printPlan(p, o)
	}
	if err != nil || a.opts.DryRun {
		return errors.Join(err, p.Close(), a.closeQueue(ctx, q))
	}
	total := &outcome{proofs: map[storage.Proof]int64{}}
	f := following{}
	if held := p.Totals().Held; held != nil && p.Totals().Extra.Files > 0 {
		a.warn(held)
		total.statuses = append(total.statuses, explain.ExitPartly)
	}
	id, err := p.Start(ctx, total.itemPrinter(a, f))
	err = errors.Join(err, p.Close())
	if errors.Is(err, transfer.ErrNothingToDo) {
		if status := total.status(); status != explain.ExitDone {
			return errors.Join(&statusError{status}, a.closeQueue(ctx, q))
		}
		a.note(text.T("cli.sync.nothing", units.FormatCount(p.Totals().Same)))
		a.printSummary(total)
		return a.closeQueue(ctx, q)
	}
	if err != nil {
		return errors.Join(err, a.closeQueue(ctx, q))
	}
	return a.follow(ctx, q, []transfer.ID{id}, total, f)
}

// printSummary is the last line of a sync that had nothing to do.
func (a *app) printSummary(o *outcome) {
	if a.opts.json() {
		a.printOutcome(o)
	}
}

// planLine is a line of a plan for programs.
type planLine struct {
	Event  string `json:"event"`
	Class  string `json:"class"`
	Do     string `json:"do,omitempty"`
	Key    string `json:"key"`
	Source string `json:"source,omitempty"`
	Target string `json:"target,omitempty"`
	Bytes  int64  `json:"bytes"`
	Why    string `json:"why"`
}

var planClasses = map[transfer.SyncClass]string{
	transfer.SyncNew: "new", transfer.SyncChanged: "changed", transfer.SyncDeleted: "deleted", transfer.SyncConflict: "conflict",
	transfer.SyncProblem: "problem", transfer.SyncLeft: "left",
}

// planMarks stand before the lines of a plan.
var planMarks = map[transfer.SyncClass]string{
	transfer.SyncNew: "+", transfer.SyncChanged: "~", transfer.SyncDeleted: "-", transfer.SyncConflict: "!", transfer.SyncProblem: "!", transfer.SyncLeft: "·",
}

// printPlan prints what would be done.
func (a *app) printPlan(p *transfer.SyncPlan, o syncOptions) error {
	const page = 1000
	for from := 0; ; from += page {
		list, err := p.Entries(from, page)
		if err != nil {
			return err
		}
		for _, e := range list {
			a.planLine(e)
		}
		if len(list) < page {
			break
		}
	}
	t := p.Totals()
	if a.opts.json() {
		a.out.object(map[string]any{
			"event": "plan", "new": t.New.Files, "changed": t.Changed.Files, "deleted": t.Extra.Files, "conflicts": t.Conflicts.Files, "problems": t.Problems.Files,
			"left": t.Left.Files, "same": t.Same, "kept": t.Kept, "bytes": t.Up.Bytes + t.Down.Bytes + t.Copied.Bytes, "requests": t.Requests,
		})
	} else {
		a.note(text.T("cli.sync.plan", units.FormatCount(t.New.Files), units.FormatCount(t.Changed.Files), units.FormatCount(t.Extra.Files),
			units.FormatCount(t.Conflicts.Files+t.Problems.Files), units.FormatCount(t.Same), units.FormatBytes(t.Up.Bytes+t.Down.Bytes+t.Copied.Bytes, a.sizes())))
		a.note(text.T("cli.dry.nothing"))
	}
	if t.Held != nil && t.Extra.Files > 0 {
		a.warn(t.Held)
	}
	if o.FailOnDifference && t.Differs() {
		return &statusError{explain.ExitPartly}
	}
	return nil
}

func (a *app) planLine(e transfer.SyncEntry) {
	switch {
	case a.opts.json():
		l := planLine{Event: "planned", Class: planClasses[e.Class], Do: string(e.Do), Key: e.Key, Bytes: e.Bytes, Why: string(e.Why), Target: e.Target.Name}
		if e.Do != transfer.Delete {
			l.Source = e.Source.Name
		}
		a.out.object(l)
	case e.Do == transfer.Delete:
		a.out.line("%s %s  (%s)", planMarks[e.Class], a.out.name(e.Target.Name), escape(explain.Planned(e)))
	default:
		a.out.line("%s %s → %s  (%s)", planMarks[e.Class], a.out.name(e.Source.Name), a.out.name(e.Target.Name), escape(explain.Planned(e)))
	}
}

// watchSync keeps the target up to date until it is interrupted.
func (a *app) watchSync(ctx context.Context, q *transfer.Queue, r transfer.Request) (err error) {
	defer func() { err = errors.Join(err, a.closeQueue(ctx, q)) }()
	if r.Sync.Delete && r.Sync.MaxDelete == nil {
		if !a.opts.Yes {
			return usagef("%s", text.T("cli.sync.watch.delete"))
		}
		most := int64(1) << 62 // agreed to by --yes
		r.Sync.MaxDelete = &most
	}
	t, err := dirwatch.StartTree(dirwatch.TreeConfig{Dir: r.Sources[0].Local})
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	a.note(text.T("cli.sync.watching", r.Sources[0].Local))
	return q.KeepSync(ctx, r, transfer.SyncWatch{
		Changed: t.Changed(), Quiet: time.Second, OnItem: a.printItem,
		OnRound: func(did bool, s transfer.Summary, err error) {
			if err != nil {
				a.warn(err)
			}
			if !did {
				return
			}
			o := &outcome{done: s.Done, skipped: s.Skipped, failed: s.Failed, unknown: s.Unknown, bytes: s.Bytes, seconds: s.Seconds, proofs: map[storage.Proof]int64{}}
			a.printOutcome(o)
		},
	})
}
