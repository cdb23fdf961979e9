package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/storage"
)

// cdnOptions is what a cdn command was asked for.
type cdnOptions struct {
	Address address
	ID      string
	Edit    storage.DistributionEdit
	Wait    bool
}

func cdnCommand(a *app) *cobra.Command {
	return group("cdn", text.T("cdn.short"),
		cdnSub("ls ADDR", text.T("cdn.ls"), func(ctx context.Context, o cdnOptions) error { return runCDNLs(ctx, a, o) }),
		cdnSub("create ADDR", text.T("cdn.create"), func(ctx context.Context, o cdnOptions) error { return runCDNCreate(ctx, a, o) }, editFlags),
		cdnSub("set ADDR", text.T("cdn.set"), func(ctx context.Context, o cdnOptions) error { return runCDNSet(ctx, a, o) }, idFlag, editFlags),
		cdnSub("invalidate ADDR", text.T("cdn.invalidate"), func(ctx context.Context, o cdnOptions) error { return runCDNInvalidate(ctx, a, o) }, idFlag,
			func(c *cobra.Command, o *cdnOptions) func() error {
				c.Flags().BoolVar(&o.Wait, "wait", false, "until all places have forgotten")
				return nil
			}),
	)
}

// cdnSub makes one command; each of flags adds some and returns what reads them, or nil.
func cdnSub(use, short string, run func(context.Context, cdnOptions) error, flags ...func(*cobra.Command, *cdnOptions) func() error) *cobra.Command {
	var o cdnOptions
	var parse []func() error
	c := &cobra.Command{Use: use, Short: short, Args: exactly(1), RunE: func(cmd *cobra.Command, args []string) error {
		var err error
		if o.Address, err = remoteAddress(args[0]); err != nil {
			return err
		}
		if o.Address.IsRoot() {
			return usagef("cdn %s needs a bucket, for example s3://bucket", cmd.Name())
		}
		for _, p := range parse {
			if err := p(); err != nil {
				return err
			}
		}
		return run(cmd.Context(), o)
	}}
	for _, f := range flags {
		if p := f(c, &o); p != nil {
			parse = append(parse, p)
		}
	}
	return c
}

func idFlag(c *cobra.Command, o *cdnOptions) func() error {
	c.Flags().StringVar(&o.ID, "id", "", "the distribution's `ID`, where the bucket has several")
	return nil
}

// editFlags are what create and set take.
func editFlags(c *cobra.Command, o *cdnOptions) func() error {
	var aliases []string
	var root, comment, certificate, log string
	var on, off, private, public bool
	c.Flags().StringArrayVar(&aliases, "alias", nil, "another `NAME` at which it answers; may be repeated, \"\" for none")
	c.Flags().StringVar(&certificate, "certificate", "", "the `ARN` of the certificate for these names")
	c.Flags().StringVar(&root, "root", "", "the `KEY` that answers for the bare address")
	c.Flags().StringVar(&comment, "comment", "", "a `TEXT` to know it by")
	c.Flags().StringVar(&log, "log", "", "keep a log of requests below `s3://BUCKET/PREFIX`, or none")
	c.Flags().BoolVar(&on, "enable", false, "serve")
	c.Flags().BoolVar(&off, "disable", false, "do not serve")
	c.Flags().BoolVar(&private, "private", false, "read the bucket with a signature (origin access control), so that it need not be public")
	c.Flags().BoolVar(&public, "public", false, "read the bucket as anybody")
	return func() error {
		given := c.Flags().Changed
		if private && public {
			return usagef("--private and --public exclude each other")
		}
		if private || public {
			o.Edit.Private = &private
		}
		if on && off {
			return usagef("--enable and --disable exclude each other")
		}
		if on || off {
			o.Edit.Enabled = &on
		}
		for flag, field := range map[string]struct {
			to   **string
			from *string
		}{"root": {&o.Edit.Root, &root}, "comment": {&o.Edit.Comment, &comment}, "certificate": {&o.Edit.Certificate, &certificate}} {
			if given(flag) {
				*field.to = field.from
			}
		}
		if given("alias") {
			names := slices.DeleteFunc(aliases, func(s string) bool { return s == "" })
			o.Edit.Aliases = &names
		}
		if given("log") {
			l := storage.DistributionLog{}
			if log != "none" {
				at, err := remoteAddress(log)
				if err != nil {
					return err
				}
				if at.IsRoot() {
					return usagef("--log needs a bucket, for example s3://logs/cdn/, or none")
				}
				l = storage.DistributionLog{Bucket: at.Bucket, Prefix: at.Key}
			}
			o.Edit.Log = &l
		}
		if c.Name() == "set" && o.Edit == (storage.DistributionEdit{}) {
			return usagef("cdn set changes nothing: name --enable, --disable, --alias, --certificate, --root, --comment, --private, --public or --log")
		}
		return nil
	}
}

func runCDNLs(ctx context.Context, a *app, o cdnOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	var all []storage.Distribution
	if err := again(ctx, a, func() (err error) { all, err = c.Session.Distributions(ctx, o.Address.Bucket); return err }); err != nil {
		return err
	}
	if len(all) == 0 {
		a.note(text.T("cdn.none", o.Address.Bucket))
	}
	for _, d := range all {
		a.printDistribution(d)
	}
	return a.out.flush()
}

// distributionForm is a distribution in JSON.
type distributionForm struct {
	ID          string   `json:"id"`
	Domain      string   `json:"domain"`
	Aliases     []string `json:"aliases,omitempty"`
	Enabled     bool     `json:"enabled"`
	Status      string   `json:"status"`
	Root        string   `json:"root,omitempty"`
	Comment     string   `json:"comment,omitempty"`
	Origin      string   `json:"origin"`
	Access      string   `json:"origin_access_control,omitempty"`
	Certificate string   `json:"certificate,omitempty"`
	Log         string   `json:"log,omitempty"`
}

func (a *app) printDistribution(d storage.Distribution) {
	log := ""
	if d.Log.Bucket != "" {
		log = storage.Location{Bucket: d.Log.Bucket, Key: d.Log.Prefix}.String()
	}
	if a.opts.json() {
		a.out.object(distributionForm{d.ID, d.Domain, d.Aliases, d.Enabled, d.Status, d.Root, d.Comment, d.Origin, d.OriginAccess, d.Certificate, log})
		return
	}
	state := text.T("cdn.on")
	if !d.Enabled {
		state = text.T("cdn.off")
	}
	switch d.Status {
	case "Deployed":
	case "InProgress":
		state += ", " + text.T("cdn.in_progress")
	default:
		state += ", " + escape(d.Status)
	}
	a.out.line("%-15s %s  %s", escape(d.ID), escape(strings.Join(append([]string{d.Domain}, d.Aliases...), " ")), state)
	for _, l := range [][2]string{{text.T("cdn.root"), d.Root}, {text.T("cdn.comment"), d.Comment}, {text.T("cdn.log"), log}} {
		if l[1] != "" {
			a.out.line("  %s: %s", l[0], a.out.name(l[1]))
		}
	}
}

func runCDNCreate(ctx context.Context, a *app, o cdnOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		a.note(text.T("cdn.would_create", o.Address.Bucket))
		return nil
	}
	d, err := c.Session.MakeDistribution(ctx, o.Address.Bucket, o.Edit)
	if err != nil {
		return err
	}
	return a.distributionDone(d, o)
}

// distributionDone shows what was made or changed; where it reads with a signature now, the bucket's policy has to let it.
func (a *app) distributionDone(d storage.Distribution, o cdnOptions) error {
	a.printDistribution(d)
	switch {
	case o.Edit.Private == nil:
	case *o.Edit.Private != (d.OriginAccess != ""):
		a.note(text.T("info.ignored", text.T("distribution.private")))
	case *o.Edit.Private:
		a.note(text.T("cdn.policy", o.Address.Bucket, d.ReadPolicy(o.Address.Bucket)))
	}
	return a.out.flush()
}

// oneDistribution is the named distribution, or the bucket's only one.
func oneDistribution(ctx context.Context, a *app, s *storage.Session, o cdnOptions) (storage.Distribution, error) {
	var all []storage.Distribution
	if err := again(ctx, a, func() (err error) { all, err = s.Distributions(ctx, o.Address.Bucket); return err }); err != nil {
		return storage.Distribution{}, err
	}
	if o.ID != "" {
		if i := slices.IndexFunc(all, func(d storage.Distribution) bool { return d.ID == o.ID }); i >= 0 {
			return all[i], nil
		}
		return storage.Distribution{}, &notFoundError{text.T("cdn.no_id", o.ID, o.Address.Bucket)}
	}
	switch len(all) {
	case 0:
		return storage.Distribution{}, &notFoundError{text.T("cdn.none", o.Address.Bucket)}
	case 1:
		return all[0], nil
	}
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = d.ID
	}
	return storage.Distribution{}, usagef("%s has %d distributions; say which with --id: %s", o.Address.Bucket, len(all), strings.Join(ids, ", "))
}

func runCDNSet(ctx context.Context, a *app, o cdnOptions) error {
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	d, err := oneDistribution(ctx, a, c.Session, o)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		a.note(text.T("cdn.would_set", d.ID))
		return nil
	}
	if d, err = c.Session.SetDistribution(ctx, o.Address.Bucket, d.ID, o.Edit); err != nil {
		return err
	}
	return a.distributionDone(d, o)
}

// invalidationPoll is how long to wait between two looks at an invalidation, which takes a minute or more.
const invalidationPoll = 5 * time.Second

func runCDNInvalidate(ctx context.Context, a *app, o cdnOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	d, err := oneDistribution(ctx, a, c.Session, o)
	if err != nil {
		return err
	}
	path := storage.DistributionPath(o.Address.Location)
	if a.opts.DryRun {
		a.note(text.T("cdn.would_invalidate", path, d.ID))
		return nil
	}
	i, err := c.Session.Invalidate(ctx, o.Address.Bucket, d.ID, []string{path})
	if err != nil {
		return err
	}
	for o.Wait && !i.Done {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(invalidationPoll):
		}
		if err := again(ctx, a, func() (err error) { i, err = c.Session.Invalidation(ctx, o.Address.Bucket, d.ID, i.ID); return err }); err != nil {
			return err
		}
	}
	if a.opts.json() {
		a.out.object(map[string]any{"id": i.ID, "distribution": d.ID, "paths": i.Paths, "done": i.Done})
		return a.out.flush()
	}
	said := text.T("cdn.asked", path, d.Domain)
	if i.Done {
		said = text.T("cdn.forgotten", path, d.Domain)
	}
	a.out.line("%s", said)
	return a.out.flush()
}

// cdnURL is the address at which a distribution serves loc: one that is enabled before others.
func cdnURL(ctx context.Context, a *app, s *storage.Session, loc storage.Location) (string, error) {
	var all []storage.Distribution
	if err := again(ctx, a, func() (err error) { all, err = s.Distributions(ctx, loc.Bucket); return err }); err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", &notFoundError{text.T("cdn.none", loc.Bucket)}
	}
	i := max(slices.IndexFunc(all, func(d storage.Distribution) bool { return d.Enabled }), 0)
	return all[i].URL(loc), nil
}
