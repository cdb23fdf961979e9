package main

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/explain"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

type rewindOptions struct {
	Address address
	To      time.Time
}

func rewindCommand(a *app, run func(context.Context, *app, rewindOptions) error) *cobra.Command {
	var o rewindOptions
	var to string
	c := &cobra.Command{
		Use: "rewind ADDR --to TIME", Short: text.T("rewind.short"), Args: exactly(1),
		Example: "  pintail-cli rewind --dry-run --to 2026-11-20T14:00:00Z s3://bucket/folder/",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err != nil {
				return err
			}
			if o.Address.IsRoot() {
				return usagef("%s stands for all buckets; name one", o.Address.Given)
			}
			if to == "" {
				return usagef("rewind needs --to TIME, as 2026-11-20T14:00:00Z")
			}
			if o.To, err = units.ParseTime(to, time.Local); err != nil {
				return usagef("--to: %v", err)
			}
			if !o.To.Before(a.sys.Now()) {
				return usagef("%s", text.T("rewind.future", to))
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&to, "to", "", "the `TIME` to go back to: 2026-11-20T14:00:00Z, 2026-11-20 14:00, 2026-11-20")
	return c
}

// rewinder plans and then does; the versions are listed for each, so that nothing of a large folder is held.
type rewinder struct {
	app *app
	s   *storage.Session
	o   rewindOptions

	mu    sync.Mutex // guards all below, and the order of printing
	total outcome
	same  int64
}

// rewindPlan is what there is to do.
type rewindPlan struct{ copies, undeletes, deletes, same, bytes int64 }

func (p rewindPlan) any() bool { return p.copies+p.undeletes+p.deletes > 0 }

func runRewind(ctx context.Context, a *app, o rewindOptions) error {
	question := text.T("rewind.ask", o.Address.Given, localTime(o.To))
	if !a.opts.DryRun {
		if err := a.mustAsk(question); err != nil {
			return err
		}
	}
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	r := &rewinder{app: a, s: c.Session, o: o}
	p, err := r.plan(ctx)
	var e *storage.Error
	switch {
	case errors.As(err, &e) && e.Code == storage.CodeNotVersioned:
		return usagef("%s", text.T("rewind.not_versioned", "s3://"+o.Address.Bucket))
	case err != nil:
		return err
	case p == rewindPlan{}:
		return &notFoundError{text.T("rewind.none", o.Address.Given)}
	}
	n := units.FormatCount
	sum := text.T("rewind.plan", n(p.copies), units.FormatBytes(p.bytes, a.sizes()), n(p.undeletes), n(p.deletes), n(p.same))
	if !p.any() {
		a.note(text.T("rewind.nothing"))
	}
	if a.opts.DryRun || !p.any() {
		if p.any() {
			a.note(sum)
		}
		return a.out.flush()
	}
	if _, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: question, Text: sum + "\n" + text.T("rewind.kept")}); err != nil {
		return err
	}
	return r.run(ctx)
}

// keys are the keys of the address as they were: the object of that name and all below it.
func (r *rewinder) keys(ctx context.Context) iter.Seq2[storage.Then, error] {
	addr := r.o.Address.Location
	locs := []storage.Location{addr}
	if !addr.IsBucket() && !addr.IsFolder() {
		locs = append(locs, storage.Location{Bucket: addr.Bucket, Key: addr.Key + "/"})
	}
	return func(yield func(storage.Then, error) bool) {
		for _, loc := range locs {
			after := ""
			stopped := false
			err := again(ctx, r.app, func() error {
				for page, err := range r.s.AsOf(ctx, loc, r.o.To, storage.ListOptions{StartAfter: after}) {
					if err != nil {
						return err
					}
					for _, k := range page.Keys {
						after = k.Key // what is listed anew begins behind it
						if stopped = !yield(k, nil); stopped {
							return nil
						}
					}
				}
				return nil
			})
			if err != nil {
				yield(storage.Then{}, err)
			}
			if err != nil || stopped {
				return
			}
		}
	}
}

// plan counts what there is to do. What looks like a copy of what was is compared: a rewind that was cut off goes on where it ended.
func (r *rewinder) plan(ctx context.Context) (rewindPlan, error) {
	var p rewindPlan
	for k, err := range r.keys(ctx) {
		if err != nil {
			return p, err
		}
		if k.Action == storage.RewindCopy {
			var same bool
			err := again(ctx, r.app, func() (err error) { same, err = r.s.Alike(ctx, r.o.Address.Bucket, k); return err })
			if err != nil {
				return p, err
			}
			if same {
				k.Action = storage.RewindNothing
			}
		}
		switch k.Action {
		case storage.RewindNothing:
			p.same++
		case storage.RewindCopy:
			p.copies++
			p.bytes += k.Was.Size
		case storage.RewindUndelete:
			p.undeletes++
		case storage.RewindDelete:
			p.deletes++
		}
		if r.app.opts.DryRun && k.Action != storage.RewindNothing {
			r.planned(k)
		}
	}
	return p, r.app.out.flush()
}

func (r *rewinder) planned(k storage.Then) {
	out := r.app.out
	name := out.name(k.Key)
	switch {
	case r.app.opts.json():
		out.object(struct {
			Event   string `json:"event"`
			Action  string `json:"action"`
			Bucket  string `json:"bucket"`
			Key     string `json:"key"`
			Version string `json:"version,omitempty"`
			Size    int64  `json:"size"`
		}{"planned", string(k.Action), r.o.Address.Bucket, k.Key, k.Was.Version, k.Was.Size})
	case k.Action == storage.RewindCopy:
		out.line("%s", text.T("rewind.copy", name, localTime(k.Was.Modified), units.FormatBytes(k.Was.Size, r.app.sizes())))
	case k.Action == storage.RewindUndelete:
		out.line("%s", text.T("rewind.undelete", name))
	default:
		out.line("%s", text.T("rewind.delete", name))
	}
}

// rewindLanes is how many keys are put back at once.
const rewindLanes = 16

func (r *rewinder) run(ctx context.Context) error {
	slots := make(chan struct{}, rewindLanes)
	var wg sync.WaitGroup
	var broken error
	for k, err := range r.keys(ctx) {
		if err != nil {
			broken = err
			break
		}
		if k.Action == storage.RewindNothing {
			r.mu.Lock()
			r.same++
			r.mu.Unlock()
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			r.one(ctx, k)
		})
	}
	wg.Wait()
	a := r.app
	o := &r.total
	if broken != nil {
		o.statuses = append(o.statuses, explained(broken).Exit)
		o.whole = append(o.whole, broken)
	}
	failed := o.failed > 0 || broken != nil
	return o.end(a, func() {
		for _, err := range o.whole {
			a.warn(err)
		}
		said := text.T("rewind.done", units.FormatCount(o.done), units.FormatCount(r.same))
		if o.failed > 0 {
			said += ", " + text.T("rewind.failed", units.FormatCount(o.failed))
		}
		a.note(said)
		if failed && o.status() != explain.ExitDone {
			a.note(text.T("rewind.again", program+" rewind --to "+r.o.To.UTC().Format(time.RFC3339Nano)+" "+escape(r.o.Address.Given)))
		}
	})
}

func (r *rewinder) one(ctx context.Context, k storage.Then) {
	var done storage.Rewound
	began := r.app.sys.Now()
	err := again(ctx, r.app, func() (err error) { done, err = r.s.Rewind(ctx, r.o.Address.Bucket, k); return err })
	loc := storage.Location{Bucket: r.o.Address.Bucket, Key: k.Key}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && done.Action == storage.RewindNothing {
		r.same++
		return
	}
	r.total.bytes += done.Bytes
	r.total.one(r.app, transfer.Item{Source: loc.String(), Bytes: done.Bytes, Proof: done.Proof, Version: done.Version, Note: string(done.Action), Err: err,
		Seconds: r.app.sys.Now().Sub(began).Seconds()})
}
