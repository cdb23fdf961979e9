package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

func transfersCommand(a *app) *cobra.Command {
	ls := &cobra.Command{Use: "ls", Short: text.T("cli.transfers.ls"), Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		return runTransfersLs(cmd.Context(), a)
	}}
	withIDs := func(use, short string, least int, run func(context.Context, *app, []transfer.ID) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: atLeast(least), RunE: func(cmd *cobra.Command, args []string) error {
			var ids []transfer.ID
			for _, arg := range args {
				id, err := parseID(arg)
				if err != nil {
					return err
				}
				ids = append(ids, id)
			}
			return run(cmd.Context(), a, ids)
		}}
	}
	return group("transfers", text.T("cli.transfers.short"), ls,
		withIDs("resume [ID...]", text.T("cli.transfers.resume"), 0, runTransfersResume),
		withIDs("rm ID...", text.T("cli.transfers.rm"), 1, runTransfersRm),
		withIDs("log [ID...]", text.T("cli.transfers.log"), 0, runTransfersLog),
	)
}

// withQueue runs f with the journal open.
func withQueue(ctx context.Context, a *app, f func(*transfer.Queue) error) error {
	q, err := a.openQueue(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(q), a.closeQueue(ctx, q))
}

// transferLine is a transfer in JSON output.
type transferLine struct {
	ID         transfer.ID    `json:"id"`
	Kind       transfer.Kind  `json:"kind"`
	State      transfer.State `json:"state"`
	From       string         `json:"from"`
	To         string         `json:"to,omitempty"`
	Change     string         `json:"change,omitempty"`
	Connection string         `json:"connection,omitempty"`
	Files      int64          `json:"files"`
	Done       int64          `json:"done"`
	Skipped    int64          `json:"skipped"`
	Failed     int64          `json:"failed"`
	Unknown    int64          `json:"unknown"`
	Bytes      int64          `json:"bytes"`
	BytesDone  int64          `json:"bytes_done"`
	Owner      string         `json:"owner,omitempty"`
	Message    string         `json:"message,omitempty"`
	Added      *string        `json:"added,omitempty"`
}

func runTransfersLs(ctx context.Context, a *app) error {
	return withQueue(ctx, a, func(q *transfer.Queue) error {
		all := sorted(q)
		for _, t := range all {
			var err error
			if t.Message, err = reason(ctx, q, t); err != nil {
				return err
			}
			if a.opts.json() {
				a.out.object(transferLine{
					ID: t.ID, Kind: t.Kind, State: t.State, From: t.From, To: t.To, Change: changeWords(t), Connection: connectionName(t.Connection), Files: t.Files,
					Done: t.FilesDone, Skipped: t.Skipped, Failed: t.Failed, Unknown: t.Unknown, Bytes: t.Bytes, BytesDone: t.BytesDone,
					Owner: t.Owner, Message: t.Message, Added: stamp(t.Added),
				})
				continue
			}
			what := t.From
			if t.To != "" {
				what += " → " + t.To
			}
			if words := changeWords(t); words != "" {
				what += ": " + words
			}
			a.out.line("%5d  %-8s  %-8s  %18s  %8s of %8s  %s%s", t.ID, t.State, t.Kind, units.FormatDate(t.Added.Local(), a.sys.Now()),
				units.FormatBytes(t.BytesDone, a.sizes()), units.FormatBytes(t.Bytes, a.sizes()), a.out.name(what), owner(t))
			if t.Message != "" {
				a.out.line("       %s", a.out.name(t.Message))
			}
		}
		if len(all) == 0 {
			a.note(text.T("cli.transfers.none"))
		}
		return a.out.flush()
	})
}

// changeWords is what a transfer changes of the objects, or asks of the archive.
func changeWords(t transfer.Transfer) string {
	switch {
	case t.Edit != nil:
		return explain.Edit(*t.Edit)
	case t.Restore != nil:
		return explain.Restore(*t.Restore)
	}
	return ""
}

// reason is why a transfer stands as it does: its own message, else that of the first of its files that is not done.
func reason(ctx context.Context, q *transfer.Queue, t transfer.Transfer) (string, error) {
	if t.Message != "" || t.State != transfer.Failed || t.Failed+t.Unknown == 0 {
		return t.Message, nil
	}
	failures, err := q.Failures(ctx, t.ID, 0, 1)
	if err != nil || len(failures) == 0 || failures[0].Err == nil {
		return "", err
	}
	s := explain.Error(failures[0].Err).Sentence
	if more := t.Failed + t.Unknown - 1; more > 0 {
		s += " " + text.N("cli.transfers.more", int(more), units.FormatCount(more))
	}
	return s, nil
}

// sorted are all transfers of the journal, the oldest first.
func sorted(q *transfer.Queue) []transfer.Transfer {
	_, all, _ := q.Snapshot(0)
	slices.SortFunc(all, func(a, b transfer.Transfer) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func owner(t transfer.Transfer) string {
	if t.Owner == "" {
		return ""
	}
	return "  (" + t.Owner + ")"
}

// runTransfersResume goes on with the named transfers, or with all that can go on.
func runTransfersResume(ctx context.Context, a *app, ids []transfer.ID) error {
	q, err := a.openQueue(ctx)
	if err != nil {
		return err
	}
	all := sorted(q)
	known := map[transfer.ID]transfer.Transfer{}
	for _, t := range all {
		known[t.ID] = t
	}
	unnamed := len(ids) == 0
	if unnamed {
		for _, t := range all {
			switch {
			case t.State != transfer.Stopped && t.State != transfer.Failed && t.State != transfer.Paused:
			case t.Kind == transfer.Sync && !t.Planned: // nothing of it can go on: see [transfer.ErrPlanLost]
				a.note(text.T("cli.transfers.lost", t.ID))
			default:
				ids = append(ids, t.ID)
			}
		}
	}
	for _, id := range ids {
		if _, ok := known[id]; !ok {
			return errors.Join(&notFoundError{text.T("cli.transfers.missing", id)}, a.closeQueue(ctx, q))
		}
	}
	if len(ids) == 0 {
		a.note(text.T("cli.transfers.nothing"))
		return a.closeQueue(ctx, q)
	}
	total := &outcome{proofs: map[storage.Proof]int64{}}
	going, refused := a.resumeEach(ctx, q, ids, unnamed)
	if len(going) == 0 {
		return errors.Join(append(refused, a.closeQueue(ctx, q))...)
	}
	for _, err := range refused { // they do not hold up the others
		total.whole = append(total.whole, err)
		total.statuses = append(total.statuses, explain.Exit(err))
	}
	return a.follow(ctx, q, going, total, following{resumed: true})
}

// resumeEach starts what can go on and gives the errors of the rest. What another process has in hand is no error unless it was named.
func (a *app) resumeEach(ctx context.Context, q *transfer.Queue, ids []transfer.ID, unnamed bool) (going []transfer.ID, refused []error) {
	for _, id := range ids {
		err := q.Resume(ctx, id)
		switch {
		case err == nil:
			going = append(going, id)
		case unnamed && errors.Is(err, transfer.ErrForeign):
			a.note(text.T("cli.transfers.foreign", id))
		default:
			refused = append(refused, err)
		}
	}
	return going, refused
}

func runTransfersRm(ctx context.Context, a *app, ids []transfer.ID) error {
	return withQueue(ctx, a, func(q *transfer.Queue) error {
		err := q.Remove(ctx, ids...)
		if errors.Is(err, transfer.ErrNotFound) {
			return &notFoundError{text.T("cli.transfers.missing", ids[0])}
		}
		return err
	})
}

// runTransfersLog prints the items of transfers, those that failed with the reason; without a number those of the newest one.
func runTransfersLog(ctx context.Context, a *app, ids []transfer.ID) error {
	return withQueue(ctx, a, func(q *transfer.Queue) error {
		const page = 500
		if all := sorted(q); len(ids) == 0 && len(all) > 0 {
			ids = []transfer.ID{all[len(all)-1].ID}
		} else if len(all) == 0 && len(ids) == 0 {
			a.note(text.T("cli.transfers.none"))
		}
		for _, id := range ids {
			for from := 0; ; from += page {
				items, err := q.Items(ctx, id, from, page)
				if errors.Is(err, transfer.ErrNotFound) {
					return &notFoundError{text.T("cli.transfers.missing", id)}
				}
				if err != nil {
					return err
				}
				for _, it := range items {
					a.logItem(it)
				}
				if err := a.out.flush(); err != nil {
					return err
				}
				if len(items) < page {
					break
				}
			}
		}
		return nil
	})
}

func (a *app) logItem(it transfer.Item) {
	if a.opts.json() {
		line := itemLine(it)
		if line.Event == transfer.Pending {
			line.Event = "pending"
		}
		a.out.object(line)
		return
	}
	state := string(it.Result)
	switch {
	case it.Result == transfer.ResultDone:
		state += " (" + it.Proof.String() + ")"
	case it.Result == transfer.Pending:
		state = "pending"
	}
	line := state + "\t" + it.Source
	if it.Target != "" {
		line += " → " + it.Target
	}
	if it.Note != "" {
		line += "  [" + it.Note + "]"
	}
	if it.Err != nil {
		line += "  " + explain.Error(it.Err).Sentence
	}
	a.out.line("%s", a.out.name(line))
}
