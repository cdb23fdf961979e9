package main

import (
	"context"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"pintail/internal/explain"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

type rmOptions struct {
	Addresses []address
	Recursive bool
	Versions  bool
	Version   string
	Sure      bool // nothing is asked
}

func rmCommand(a *app, run func(context.Context, *app, rmOptions) error) *cobra.Command {
	var o rmOptions
	c := &cobra.Command{
		Use: "rm [-r] [--versions] [--version ID] ADDR...", Short: text.T("cli.rm.short"), Args: atLeast(1),
		Example: "  pintail-cli rm s3://bucket/a.txt s3://bucket/b.txt\n  pintail-cli rm -r --yes s3://bucket/old/",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Addresses = nil
			for _, arg := range args {
				addr, err := remoteAddress(arg)
				if err != nil {
					return err
				}
				o.Addresses = append(o.Addresses, addr)
			}
			if err := o.check(); err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVarP(&o.Recursive, "recursive", "r", false, "everything below folders")
	c.Flags().BoolVar(&o.Versions, "versions", false, "all versions and delete markers, for ever")
	c.Flags().StringVar(&o.Version, "version", "", "the version `ID` of one object, for ever")
	return c
}

func (o rmOptions) check() error {
	for _, addr := range o.Addresses {
		switch {
		case addr.IsRoot():
			return usagef("%s stands for all buckets; name one", addr.Given)
		case addr.Bookmark != o.Addresses[0].Bookmark:
			return usagef("addresses of one call are on one connection")
		case (addr.IsBucket() || addr.IsFolder()) && !o.Recursive && o.Version == "" && !hasWildcard(addr.Key):
			return usagef("%s is a folder; add -r to delete all below it", addr.Given)
		}
	}
	switch {
	case o.Version != "" && len(o.Addresses) > 1:
		return usagef("--version goes with one object")
	case o.Version != "" && (o.Recursive || o.Versions):
		return usagef("--version names one version; -r and --versions name many")
	}
	return nil
}

func runRm(ctx context.Context, a *app, o rmOptions) error {
	if (o.Recursive || o.Versions) && !o.Sure && !a.opts.DryRun {
		if err := a.mustAsk(text.T("cli.rm.ask", o.Addresses[0].Given)); err != nil {
			return err
		}
	}
	c, err := a.connectToChange(ctx, o.Addresses[0])
	if err != nil {
		return err
	}
	if o.Version != "" {
		return a.removeVersion(ctx, c.Session, o)
	}
	req := transfer.Request{Kind: transfer.Delete, Connection: c.Ref, Options: transfer.Options{Versions: o.Versions}}
	p := plan{kind: transfer.Delete, session: c.Session}
	named, err := a.removals(ctx, &p, req, o)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		return a.dryRun(ctx, p)
	}
	var missing []error
	if !o.Recursive && !o.Versions && len(named) > 0 {
		if missing, p.requests[0].Sources = a.missing(ctx, c.Session, named); len(p.requests[0].Sources) == 0 {
			p.requests = p.requests[1:]
		}
	}
	if len(p.requests) == 0 {
		if len(missing) == 1 {
			return missing[0]
		}
		for _, err := range missing {
			a.printItem(transfer.Item{Result: transfer.ResultFailed, Err: err})
		}
		return &statusError{explain.ExitNotFound}
	}
	if (o.Recursive || o.Versions) && !o.Sure {
		if err := a.confirmRemove(ctx, c.Session, o); err != nil {
			return err
		}
	}
	return a.runAll(ctx, p.requests, following{missing: missing})
}

// removals turns the addresses into requests. named are those that are single objects or whole folders.
func (a *app) removals(ctx context.Context, p *plan, req transfer.Request, o rmOptions) (named []transfer.Source, err error) {
	var contents []content
	for _, addr := range o.Addresses {
		if o.Versions && (a.opts.Raw || !hasWildcard(addr.Key)) { // what is hidden by a marker shows in no listing
			named = append(named, transfer.Source{Remote: addr.Location})
			continue
		}
		more, below, err := a.remoteSource(ctx, p.session, addr, cpOptions{Recursive: o.Recursive})
		if err != nil {
			return nil, err
		}
		named, contents = append(named, more...), append(contents, below...)
	}
	if len(named) > 0 {
		r := req
		r.Sources = named
		p.requests = append(p.requests, r)
	}
	for _, c := range contents {
		r := req
		r.Sources = []transfer.Source{c.Source}
		if c.include != "" {
			r.Options.Include = []string{c.include}
		}
		p.requests = append(p.requests, r)
	}
	return named, nil
}

// mostLooks is how many objects are looked at at once.
const mostLooks = 16

// missing tells who mistyped a name: S3 itself reports the deletion of what never was as a success. What cannot be looked at counts
// as there: who may delete and not look, deletes.
func (a *app) missing(ctx context.Context, s *storage.Session, named []transfer.Source) (gone []error, there []transfer.Source) {
	found := make([]error, len(named))
	var g errgroup.Group
	g.SetLimit(mostLooks)
	for i, n := range named {
		g.Go(func() error {
			found[i] = again(ctx, a, func() error { _, err := s.Stat(ctx, n.Remote); return err })
			return nil
		})
	}
	_ = g.Wait() // none returns one
	for i, err := range found {
		if storage.KindOf(err) == storage.KindNotFound {
			gone = append(gone, err)
		} else {
			there = append(there, named[i])
		}
	}
	return gone, there
}

func (a *app) removeVersion(ctx context.Context, s *storage.Session, o rmOptions) error {
	loc := o.Addresses[0].Location
	loc.Version = o.Version
	if a.opts.DryRun {
		a.out.line("%s", text.T("cli.dry.delete", a.out.name(loc.String())))
		return nil
	}
	err := again(ctx, a, func() error {
		r, err := s.Delete(ctx, loc)
		if err == nil {
			err = r.Err
		}
		return err
	})
	if err != nil {
		return err
	}
	a.printItem(transfer.Item{Source: loc.String(), Result: transfer.ResultDone})
	return nil
}

// mostCounted is how many objects are counted before the question; beyond it reads "more than".
const mostCounted = 10000

// confirmRemove counts what would go, and asks.
func (a *app) confirmRemove(ctx context.Context, s *storage.Session, o rmOptions) error {
	if a.opts.Yes {
		return nil
	}
	var sum usage
	for _, addr := range o.Addresses {
		if err := a.count(ctx, s, addr, &sum); err != nil {
			return err
		}
	}
	what := text.N("cli.rm.count", int(sum.Objects), units.FormatCount(sum.Objects), units.FormatBytes(sum.Bytes, a.sizes()))
	if sum.Objects >= mostCounted {
		what = text.T("cli.rm.many", units.FormatCount(mostCounted))
	}
	if o.Versions {
		what += " " + text.T("cli.rm.versions")
	}
	_, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: text.T("cli.rm.ask", o.Addresses[0].Given), Text: what})
	return err
}

func (a *app) count(ctx context.Context, s *storage.Session, addr address, sum *usage) error {
	prefix, want := addr.Key, func(string) bool { return true }
	if !a.opts.Raw && hasWildcard(addr.Key) {
		g, err := newGlob(addr.Key)
		if err != nil {
			return err
		}
		prefix, want = g.prefix, func(key string) bool { return g.match(key) || g.matchAbove(key) != "" }
	}
	for page, err := range a.list(ctx, s, addr.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if want(e.Key) {
				sum.add(e.Size)
			}
		}
		if sum.Objects >= mostCounted {
			return nil
		}
	}
	return nil
}

// mustAsk is a usage error when a question has to be asked and nobody can answer it. Nothing was sent then.
func (a *app) mustAsk(question string) error {
	if a.opts.Yes {
		return nil
	}
	t, err := a.sys.OpenTerminal()
	if err != nil {
		return usagef("%s %s", question, text.T("cli.ask.nobody"))
	}
	return t.Close()
}
