package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"pintail/internal/connect"
	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
	"pintail/transfer"
)

// openQueue opens the journal that this program shares with the window.
func (a *app) openQueue(ctx context.Context) (*transfer.Queue, error) {
	prefs, err := a.preferences()
	if err != nil {
		return nil, err
	}
	limits := a.opts.limits
	if limits.Connections == 0 {
		limits.Connections = int(preferences.ConnectionsLimit.Get(prefs))
	}
	if limits.UpBytes == 0 {
		limits.UpBytes = max(0, preferences.UploadBandwidth.Get(prefs))
		limits.DownBytes = max(0, preferences.DownloadBandwidth.Get(prefs))
	}
	return transfer.Open(ctx, transfer.Config{
		Journal: a.sys.Dirs.Journal(), Connect: a.connectRef, Prompter: a.prompts, Limits: limits, GiveUp: a.opts.giveUp,
		Owner: program, Logger: a.log, Halts: &a.halts,
	})
}

// connectRef opens a connection that the journal names.
func (a *app) connectRef(ctx context.Context, ref string) (*storage.Session, error) {
	env, err := a.env(ctx)
	if err != nil {
		return nil, err
	}
	c, err := connect.OpenRef(ctx, env, ref)
	if err != nil {
		return nil, err
	}
	return c.Session, nil
}

// runTransfers runs requests to their end: it shows progress, prints each item that failed, and returns an error whose status says
// what became of the whole. onItem is told each item that ended; it may be nil.
func (a *app) runTransfers(ctx context.Context, requests []transfer.Request, onItem func(transfer.Item)) error {
	return a.runAll(ctx, requests, following{onItem: onItem})
}

// following says how transfers are followed.
type following struct {
	onItem  func(transfer.Item) // told each item that ended; may be nil
	resumed bool                // what failed is printed, and how what is done was proved is counted, at the end: nobody saw the items end
	missing []error             // what was named and is not there: it fails beside the transfers
	silent  bool                // what is done is not printed: it is part of something greater
}

func (a *app) runAll(ctx context.Context, requests []transfer.Request, f following) error {
	q, err := a.openQueue(ctx)
	if err != nil {
		return err
	}
	total := &outcome{deletes: requests[0].Kind == transfer.Delete, changes: requests[0].Kind == transfer.Change, proofs: map[storage.Proof]int64{}}
	for _, err := range f.missing {
		a.printItem(transfer.Item{Result: transfer.ResultFailed, Err: err})
		total.failed++
		total.statuses = append(total.statuses, explain.Exit(err))
	}
	var ids []transfer.ID
	for _, r := range requests {
		r.OnItem = total.itemPrinter(a, f)
		id, err := q.Add(ctx, r)
		if err != nil {
			return errors.Join(err, a.closeQueue(ctx, q))
		}
		ids = append(ids, id)
	}
	return a.follow(ctx, q, ids, total, f)
}

// itemPrinter prints items as they end, one at a time, and counts how strongly they were proved.
func (o *outcome) itemPrinter(a *app, f following) func(transfer.Item) {
	return func(it transfer.Item) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if it.Result == transfer.ResultDone {
			o.proofs[it.Proof]++
		}
		if !f.silent || it.Err != nil {
			a.printItem(it)
		}
		if f.onItem != nil {
			f.onItem(it)
		}
	}
}

// follow waits for transfers with a progress line and reports what they came to.
func (a *app) follow(ctx context.Context, q *transfer.Queue, ids []transfer.ID, total *outcome, f following) error {
	began := a.sys.Now()
	stopProgress := a.showProgress(ctx, q, ids)
	for _, id := range ids {
		sum, err := q.Wait(ctx, id)
		if err != nil { // interrupted: stop, so that the journal says so
			total.interrupted = append(total.interrupted, id)
			total.statuses = append(total.statuses, explain.Exit(err))
			continue
		}
		total.add(id, sum)
		for _, e := range sum.Errors {
			if f.resumed {
				a.printItem(transfer.Item{Source: e.Source, Target: e.Target, Result: transfer.ResultFailed, Err: e.Err})
			}
		}
		if f.resumed {
			if err := total.countProofs(ctx, q, id); err != nil {
				return errors.Join(err, a.closeQueue(ctx, q))
			}
		}
	}
	stopProgress()
	closing := a.closeQueue(ctx, q)
	total.seconds = a.sys.Now().Sub(began).Seconds()
	if !f.silent || total.status() != explain.ExitDone {
		a.printOutcome(total)
	}
	if status := total.status(); status != explain.ExitDone {
		return errors.Join(&statusError{status}, closing)
	}
	return closing
}

// closeQueue gives what runs the grace time to leave everything resumable.
func (a *app) closeQueue(ctx context.Context, q *transfer.Queue) error {
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer cancel()
	return q.Close(grace)
}

// outcome is what several transfers came to together.
type outcome struct {
	deletes bool
	changes bool // of what belongs to objects, not of their bytes

	mu     sync.Mutex // guards proofs, and the order of printing
	proofs map[storage.Proof]int64

	done, skipped, failed, unknown, bytes int64
	seconds                               float64
	statuses                              []int // of what is not done
	whole                                 []error
	interrupted, resumable                []transfer.ID
}

func (o *outcome) add(id transfer.ID, s transfer.Summary) {
	o.done += s.Done
	o.skipped += s.Skipped
	o.failed += s.Failed
	o.unknown += s.Unknown
	o.bytes += s.Bytes
	for _, e := range s.Errors {
		o.statuses = append(o.statuses, explain.Exit(e.Err))
	}
	if s.Unknown > 0 {
		o.statuses = append(o.statuses, explain.ExitGaveUp)
	}
	if s.Err != nil {
		o.whole = append(o.whole, s.Err)
		o.statuses = append(o.statuses, explain.Exit(s.Err))
	}
	switch s.State {
	case transfer.Done:
	case transfer.Paused, transfer.Stopped, transfer.Failed:
		o.resumable = append(o.resumable, id)
		switch {
		case len(o.statuses) > 0:
		case s.State == transfer.Stopped: // a person chose to end it
			o.statuses = append(o.statuses, explain.ExitInterrupted)
		default:
			o.statuses = append(o.statuses, explain.ExitFailed)
		}
	}
}

// countProofs counts how what is done of a transfer was proved, in this run or before.
func (o *outcome) countProofs(ctx context.Context, q *transfer.Queue, id transfer.ID) error {
	const page = 1000
	for from := 0; ; from += page {
		items, err := q.Items(ctx, id, from, page)
		if err != nil {
			return err
		}
		for _, it := range items {
			if it.Result == transfer.ResultDone {
				o.proofs[it.Proof]++
			}
		}
		if len(items) < page {
			return nil
		}
	}
}

// status is the exit status of the whole; skipped counts as done.
func (o *outcome) status() int { return explain.ExitOf(o.done+o.skipped, o.statuses...) }

// printItem prints one item when it ends: with --json always, else failures, notes, and with --verbose each.
func (a *app) printItem(it transfer.Item) {
	if a.opts.json() {
		a.out.object(itemLine(it))
		if err := a.out.flush(); err != nil {
			a.log.Error("standard output", "error", err)
		}
		return
	}
	what := it.Source
	if it.Target != "" {
		what += " → " + it.Target
	}
	switch {
	case it.Err != nil && (it.Result == transfer.ResultFailed || it.Result == transfer.ResultUnknown):
		a.printFailure(it)
	case a.opts.Quiet:
	case it.Note != "":
		a.console.line(escape(text.T("cli.item.note", what, it.Note)))
	case a.opts.Verbose:
		a.console.line(escape(text.T("cli.item.done", what, it.Proof.String())))
	}
}

// printFailure prints one line for an item that is not done; advice is kept for the end, where each is said once.
func (a *app) printFailure(it transfer.Item) {
	e := explained(it.Err)
	if storage.KindOf(it.Err) == storage.KindArchived {
		e.Advice = text.T("restore.advice_many", program) // once for all of them
	}
	sentence := e.Sentence
	if !strings.Contains(sentence, it.Source) {
		sentence = it.Source + ": " + sentence
	}
	if it.Result == transfer.ResultUnknown {
		sentence = text.T("cli.item.unknown", sentence)
	} else {
		sentence = text.T("cli.item.failed", sentence)
	}
	a.console.line(escape(sentence))
	if e.Details != "" && a.opts.Verbose {
		a.console.line("  " + escape(e.Details))
	}
	a.keepAdvice(e.Advice)
}

// keepAdvice keeps an advice for the end.
func (a *app) keepAdvice(advice string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if advice != "" && !slices.Contains(a.advice, advice) {
		a.advice = append(a.advice, advice)
	}
}

// jsonItem is the line of an item that ended.
type jsonItem struct {
	Event    transfer.Result `json:"event"`
	Source   string          `json:"source"`
	Target   string          `json:"target,omitempty"`
	Bytes    int64           `json:"bytes"`
	Verified string          `json:"verified,omitempty"`
	Version  string          `json:"version,omitempty"`
	Note     string          `json:"note,omitempty"`
	Seconds  float64         `json:"seconds"`
	Error    *jsonError      `json:"error,omitempty"`
}

func itemLine(it transfer.Item) jsonItem {
	j := jsonItem{
		Event: it.Result, Source: it.Source, Target: it.Target, Bytes: max(0, it.Bytes), Version: it.Version, Note: it.Note, Seconds: it.Seconds,
	}
	if it.Result == transfer.ResultDone && it.Proof != storage.ProofNone {
		j.Verified = it.Proof.String()
	}
	if it.Err != nil {
		e := toJSONError(it.Err, explained(it.Err))
		j.Error = &e
	}
	return j
}

// printOutcome ends a transfer: the sum, why it ended as a whole, and the lines that resume it.
func (a *app) printOutcome(o *outcome) {
	if a.opts.json() {
		a.out.object(struct {
			Event   string  `json:"event"`
			Done    int64   `json:"done"`
			Skipped int64   `json:"skipped"`
			Failed  int64   `json:"failed"`
			Unknown int64   `json:"unknown"`
			Bytes   int64   `json:"bytes"`
			Seconds float64 `json:"seconds"`
		}{"summary", o.done, o.skipped, o.failed, o.unknown, o.bytes, o.seconds})
	}
	for _, err := range o.whole {
		e := explained(err)
		if !a.opts.json() {
			a.keepAdvice(e.Advice)
			e.Advice = ""
		}
		a.printError(err, e)
	}
	a.printAdvice()
	status := o.status()
	if !a.opts.json() && (status != explain.ExitDone || !a.opts.Quiet) {
		a.console.line(a.sumLine(o))
	}
	if status == explain.ExitDone || status == explain.ExitNotFound || status == explain.ExitUsage {
		return // going on would not help
	}
	for _, id := range append(o.interrupted, o.resumable...) {
		line := text.T("cli.resume", program+" transfers resume "+strconv.FormatInt(int64(id), 10))
		if a.opts.json() {
			a.out.object(map[string]any{"event": "resumable", "transfer": id, "command": program + " transfers resume " + strconv.FormatInt(int64(id), 10)})
			continue
		}
		a.console.line(line)
	}
}

// printAdvice says what to do about the items that failed, each advice once.
func (a *app) printAdvice() {
	a.mu.Lock()
	advice := a.advice
	a.advice = nil
	a.mu.Unlock()
	for _, s := range advice {
		a.console.line("  " + escape(s))
	}
}

func (a *app) sumLine(o *outcome) string {
	s := text.N("cli.sum", int(o.done), units.FormatCount(o.done), units.FormatBytes(o.bytes, a.sizes()))
	if o.deletes {
		s = text.N("cli.sum.deleted", int(o.done), units.FormatCount(o.done))
	}
	if o.changes {
		s = text.N("cli.sum.changed", int(o.done), units.FormatCount(o.done))
	}
	if o.seconds >= 1 {
		s += " " + text.T("cli.sum.time", units.FormatSpan(time.Duration(o.seconds*float64(time.Second))))
		if o.bytes > 0 && !o.changes {
			s += ", " + units.FormatRate(float64(o.bytes)/o.seconds, a.sizes())
		}
	}
	if proof := o.proof(); proof != "" {
		s += ", " + proof
	}
	for _, part := range []struct {
		n  int64
		id func(string) string
	}{
		{o.skipped, func(n string) string { return text.T("cli.sum.skipped", n) }},
		{o.failed, func(n string) string { return text.T("cli.sum.failed", n) }},
		{o.unknown, func(n string) string { return text.T("cli.sum.unknown", n) }},
	} {
		if part.n > 0 {
			s += ", " + part.id(units.FormatCount(part.n))
		}
	}
	return s
}

// proof says how strongly what is done was verified: "verified: full", or the count of each level.
func (o *outcome) proof() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var parts []string
	for p := storage.ProofFull; p > storage.ProofNone; p-- {
		if n := o.proofs[p]; n > 0 {
			parts = append(parts, units.FormatCount(n)+" "+p.String())
		}
	}
	switch {
	case len(parts) == 0 || o.deletes:
		return ""
	case len(parts) == 1:
		_, word, _ := strings.Cut(parts[0], " ")
		return text.T("cli.sum.verified", word)
	}
	return text.T("cli.sum.verified", strings.Join(parts, ", "))
}

// note prints what is good to know, unless --quiet.
func (a *app) note(s string) {
	if !a.opts.Quiet && !a.opts.json() {
		a.console.line(s)
	}
}

// parseID reads the number of a transfer.
func parseID(s string) (transfer.ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, usagef("%q is not the number of a transfer; see %s transfers ls", s, program)
	}
	return transfer.ID(n), nil
}

// connectionName is how a recorded connection is shown.
func connectionName(ref string) string {
	s, err := connect.ParseRef(ref)
	if err != nil {
		return ""
	}
	for _, v := range []string{s.Bookmark, s.Endpoint, s.Profile} {
		if v != "" {
			return v
		}
	}
	return fmt.Sprintf("Amazon S3 %s", s.Region)
}
