package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/preferences"
	"pintail/storage"
)

type restoreOptions struct {
	Address   address
	Version   string
	Recursive bool
	Wait      bool
	Restore   storage.RestoreOptions // zero fields = the preferences
}

var tiers = []string{"Standard", "Bulk", "Expedited"}

func restoreCommand(a *app, run func(context.Context, *app, restoreOptions) error) *cobra.Command {
	var o restoreOptions
	c := &cobra.Command{
		Use: "restore [-r] [--days N] [--tier Standard|Bulk|Expedited] [--wait] ADDR", Short: text.T("restore.short"), Args: exactly(1),
		Example: "  pintail-cli restore --days 7 s3://bucket/film.mov\n  pintail-cli restore -r --tier Bulk --wait s3://bucket/2019/",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err != nil {
				return err
			}
			switch {
			case o.Address.IsRoot():
				return usagef("%s stands for all buckets; name one", o.Address.Given)
			case (o.Address.IsBucket() || o.Address.IsFolder()) && !o.Recursive:
				return usagef("%s is a folder; add -r to restore all below it", o.Address.Given)
			case o.Recursive && o.Version != "":
				return usagef("--version goes with one object")
			case cmd.Flags().Changed("days") && o.Restore.Days < 1:
				return usagef("--days %d: a restored copy is kept for at least one day", o.Restore.Days)
			case o.Restore.Tier != "" && !slices.Contains(tiers, o.Restore.Tier):
				return usagef("--tier %s: choose Standard, Bulk or Expedited", o.Restore.Tier)
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVarP(&o.Recursive, "recursive", "r", false, "everything below the address")
	c.Flags().IntVar(&o.Restore.Days, "days", 0, "for how many days the copy can be read (2)")
	c.Flags().StringVar(&o.Restore.Tier, "tier", "", "how fast: `Standard|Bulk|Expedited` (Standard)")
	c.Flags().BoolVar(&o.Wait, "wait", false, "wait until all can be read")
	c.Flags().StringVar(&o.Version, "version", "", "the version `ID` of one object")
	return c
}

func runRestore(ctx context.Context, a *app, o restoreOptions) error {
	prefs, err := a.preferences()
	if err != nil {
		return err
	}
	if o.Restore.Days == 0 {
		o.Restore.Days = int(preferences.S3RestoreDays.Get(prefs))
	}
	if o.Restore.Tier == "" {
		o.Restore.Tier = preferences.S3RestoreTier.Get(prefs)
	}
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	r := &restorer{app: a, s: c.Session, o: o, counts: map[storage.RestoreOutcome]int64{}}
	if !o.Recursive {
		loc, err := a.single(ctx, c.Session, o.Address, o.Address.Location)
		if err != nil {
			return err
		}
		loc.Version = o.Version
		err = r.one(ctx, loc)
		var e *storage.Error
		if errors.As(err, &e) && e.Code == "InvalidTier" {
			return usagef("%s", e.Message)
		}
		if err != nil {
			return missingVersion(err, loc)
		}
		return errors.Join(r.wait(ctx), a.out.flush())
	}
	err = r.below(ctx)
	if err == nil {
		err = r.wait(ctx)
	}
	return r.end(err)
}

// restorer asks for objects, several at a time.
type restorer struct {
	app *app
	s   *storage.Session
	o   restoreOptions

	mu       sync.Mutex // guards all below, and the order of printing
	counts   map[storage.RestoreOutcome]int64
	statuses []int
	waiting  []storage.Location
}

// restoreLanes is how many objects are asked for at once.
const restoreLanes = 16

// below asks for all objects below the address. The listing's classes tell which need not be asked for.
func (r *restorer) below(ctx context.Context) error {
	prefix := r.o.Address.Key
	want := func(string) bool { return true }
	if !r.app.opts.Raw && hasWildcard(prefix) {
		g, err := newGlob(prefix)
		if err != nil {
			return err
		}
		prefix, want = g.prefix, func(key string) bool { return g.match(key) || g.matchAbove(key) != "" }
	} else if prefix != "" && !r.o.Address.IsFolder() {
		prefix += "/"
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, restoreLanes)
	found := false
	for page, err := range r.app.list(ctx, r.s, r.o.Address.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if !want(e.Key) {
				continue
			}
			found = true
			loc := storage.Location{Bucket: r.o.Address.Bucket, Key: e.Key}
			if !storage.MayBeArchived(e.Class) {
				r.tell(loc, storage.Restoring{Outcome: storage.RestoreNotArchived, Class: classOf(e.Class)})
				continue
			}
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				if err := r.one(ctx, loc); err != nil {
					r.failed(loc, err)
				}
			})
		}
		if err := r.app.out.flush(); err != nil {
			return err
		}
	}
	if !found {
		return &notFoundError{text.T("cli.ls.missing", r.o.Address.Given)}
	}
	return nil
}

func (r *restorer) one(ctx context.Context, loc storage.Location) error {
	var got storage.Restoring
	if r.app.opts.DryRun {
		var info storage.Info
		err := again(ctx, r.app, func() (err error) { info, err = r.s.Stat(ctx, loc); return err })
		if err == nil && info.InArchive(r.app.sys.Now()) && !info.Restore.Ongoing {
			r.app.out.line("%s", text.T("restore.line", r.app.out.name(loc.String()), text.T("restore.would", r.o.Restore.Tier)))
		}
		return err
	}
	err := again(ctx, r.app, func() (err error) { got, err = r.s.Restore(ctx, loc, r.o.Restore); return err })
	if err == nil {
		r.tell(loc, got)
	}
	return err
}

// restoreLine is an object in JSON output.
type restoreLine struct {
	Event  string     `json:"event"`
	Source string     `json:"source"`
	Class  string     `json:"class,omitempty"`
	Until  *string    `json:"until,omitempty"`
	Error  *jsonError `json:"error,omitempty"`
}

func (r *restorer) tell(loc storage.Location, got storage.Restoring) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[got.Outcome]++
	if got.Outcome == storage.RestoreAsked || got.Outcome == storage.RestoreInProgress {
		r.waiting = append(r.waiting, loc)
	}
	r.print(loc, got)
}

func (r *restorer) print(loc storage.Location, got storage.Restoring) {
	if r.app.opts.json() {
		l := restoreLine{Event: string(got.Outcome), Source: loc.String(), Class: got.Class}
		if !got.Until.IsZero() {
			l.Until = stamp(got.Until)
		}
		r.app.out.object(l)
		return
	}
	state := map[storage.RestoreOutcome]string{
		storage.RestoreAsked: text.T("restore.asked"), storage.RestoreInProgress: text.T("restore.in_progress"),
		storage.RestoreNotArchived: text.T("restore.not_archived"), storage.RestoreAvailable: text.T("restore.available_ever"),
	}[got.Outcome]
	if got.Outcome == storage.RestoreAvailable && !got.Until.IsZero() {
		state = text.T("restore.available", localTime(got.Until))
	}
	r.app.out.line("%s", text.T("restore.line", r.app.out.name(loc.String()), state))
}

func (r *restorer) failed(loc storage.Location, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := explained(err)
	r.statuses = append(r.statuses, e.Exit)
	if r.app.opts.json() {
		j := toJSONError(err, e)
		r.app.out.object(restoreLine{Event: "failed", Source: loc.String(), Error: &j})
		return
	}
	r.app.console.line(escape(text.T("cli.item.failed", e.Sentence)))
}

// The pauses between two looks at what is on its way: it takes minutes at least, and mostly hours.
const (
	firstLook = time.Second
	mostPause = time.Minute
)

// wait looks again and again until everything that was asked for can be read.
func (r *restorer) wait(ctx context.Context) error {
	if !r.o.Wait || len(r.waiting) == 0 {
		return nil
	}
	if err := r.app.out.flush(); err != nil {
		return err
	}
	r.app.note(text.N("restore.waiting", len(r.waiting), units.FormatCount(int64(len(r.waiting)))))
	for pause := firstLook; len(r.waiting) > 0; pause = min(2*pause, mostPause) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		list := r.waiting
		r.waiting = nil
		for _, loc := range list {
			if err := r.look(ctx, loc); err != nil {
				return err
			}
		}
		if err := r.app.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (r *restorer) look(ctx context.Context, loc storage.Location) error {
	var info storage.Info
	err := again(ctx, r.app, func() (err error) { info, err = r.s.Stat(ctx, loc); return err })
	switch {
	case err != nil && r.o.Recursive && ctx.Err() == nil:
		r.failed(loc, err)
	case err != nil:
		return err
	case info.InArchive(r.app.sys.Now()) && info.Restore.Ongoing:
		r.waiting = append(r.waiting, loc)
	default:
		r.print(loc, storage.Restoring{Outcome: storage.RestoreAvailable, Class: classOf(info.Class), Until: info.Restore.Until})
	}
	return nil
}

// restoreSum is the last line of a folder in JSON output.
type restoreSum struct {
	Event       string `json:"event"`
	Asked       int64  `json:"asked"`
	InProgress  int64  `json:"in_progress"`
	Available   int64  `json:"available"`
	NotArchived int64  `json:"not_archived"`
	Failed      int64  `json:"failed"`
}

// end prints the sum and returns the error that carries the exit status.
func (r *restorer) end(err error) error {
	n := func(o storage.RestoreOutcome) string { return units.FormatCount(r.counts[o]) }
	sum := text.T("restore.sum", n(storage.RestoreAsked), n(storage.RestoreInProgress), n(storage.RestoreAvailable), n(storage.RestoreNotArchived))
	failed := int64(len(r.statuses))
	if failed > 0 {
		sum += ", " + text.T("restore.sum_failed", units.FormatCount(failed))
	}
	if err == nil && !r.app.opts.DryRun {
		r.app.note(sum)
		if r.app.opts.json() {
			c := r.counts
			r.app.out.object(restoreSum{"summary", c[storage.RestoreAsked], c[storage.RestoreInProgress], c[storage.RestoreAvailable], c[storage.RestoreNotArchived], failed})
		}
	}
	var done int64
	for _, c := range r.counts {
		done += c
	}
	if status := explain.ExitOf(done, r.statuses...); err == nil && status != explain.ExitDone {
		err = &statusError{status}
	}
	return errors.Join(err, r.app.out.flush())
}
