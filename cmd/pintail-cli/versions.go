package main

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

// versionsOptions is what the versions commands were asked for.
type versionsOptions struct {
	Address address
	Version string
	MFA     string // "SERIAL CODE"
	Plain   bool
}

func versionsCommand(a *app) *cobra.Command {
	command := func(use, short string, named bool, run func(context.Context, *app, versionsOptions) error, flags func(*cobra.Command, *versionsOptions)) *cobra.Command {
		var o versionsOptions
		c := &cobra.Command{Use: use, Short: short, Args: exactly(1), RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = objectAddress(args[0]); err != nil {
				return err
			}
			if named && o.Version == "" {
				return usagef("%s needs --version ID; see %s versions ls %s", cmd.Name(), program, args[0])
			}
			if o.MFA != "" && len(strings.Fields(o.MFA)) != 2 {
				return usagef(`--mfa takes the device and its code: --mfa "SERIAL CODE"`)
			}
			return run(cmd.Context(), a, o)
		}}
		if named {
			c.Flags().StringVar(&o.Version, "version", "", "the version `ID`")
		}
		if flags != nil {
			flags(c, &o)
		}
		return c
	}
	mfa := func(c *cobra.Command, o *versionsOptions) {
		c.Flags().StringVar(&o.MFA, "mfa", "", "for a bucket with MFA delete: `\"SERIAL CODE\"`, the device and its code")
	}
	plain := func(c *cobra.Command, o *versionsOptions) {
		c.Flags().BoolVar(&o.Plain, "plain", false, "leave the access list of the old version behind")
	}
	return group("versions", text.T("versions.short"),
		command("ls ADDR", text.T("versions.ls"), false, runVersionsLs, nil),
		command("revert ADDR --version ID", text.T("versions.revert"), true, runRevert, plain),
		command("undelete ADDR [--mfa \"SERIAL CODE\"]", text.T("versions.undelete"), false, runUndelete, mfa),
		command("rm ADDR --version ID [--mfa \"SERIAL CODE\"]", text.T("versions.rm"), true, runVersionsRm, mfa),
	)
}

func runVersionsLs(ctx context.Context, a *app, o versionsOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	l := &lister{app: a, s: c.Session, long: true}
	n := 0
	pages := retried(ctx, a, func() pagesOf { return c.Session.Versions(ctx, o.Address.Location, storage.ListOptions{}) })
	for page, err := range pages {
		if err != nil {
			return err
		}
		for _, e := range page {
			n++
			l.print(versionEntry(o.Address.Bucket, e), e.Key)
		}
		if err := a.out.flush(); err != nil {
			return err
		}
	}
	if n == 0 {
		return &notFoundError{text.T("versions.none", o.Address.Given)}
	}
	return nil
}

// pagesOf are the versions of one object.
type pagesOf = iter.Seq2[[]storage.Entry, error]

func runRevert(ctx context.Context, a *app, o versionsOptions) error {
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	old := o.Address.Location
	old.Version = o.Version
	began := a.sys.Now()
	if a.opts.DryRun {
		var info storage.Info
		err := again(ctx, a, func() (err error) { info, err = c.Session.Stat(ctx, old); return err })
		if err != nil {
			return missingVersion(err, old)
		}
		a.out.line("%s", text.T("versions.would_revert", o.Version, a.out.name(o.Address.Given), units.FormatBytes(info.Size, a.sizes())))
		return a.out.flush()
	}
	var r storage.Reverted
	err = again(ctx, a, func() (err error) {
		r, err = c.Session.Revert(ctx, old, storage.RevertOptions{Plain: o.Plain})
		return err
	})
	if err != nil {
		return missingVersion(err, old)
	}
	it := transfer.Item{Source: old.String(), Target: o.Address.Location.String(), Bytes: r.Size, Result: transfer.ResultDone, Proof: r.Proof, Version: r.Version,
		Seconds: a.sys.Now().Sub(began).Seconds()}
	said := text.T("versions.reverted", escape(o.Address.Given), o.Version, r.Version)
	if r.Current {
		it.Result, said = transfer.ResultSkipped, text.T("versions.current", o.Version)
	}
	return a.oneDone(it, said)
}

// oneDone reports a command that did one thing.
func (a *app) oneDone(it transfer.Item, said string) error {
	if a.opts.json() {
		a.printItem(it)
	} else {
		a.note(said)
	}
	return a.out.flush()
}

func runUndelete(ctx context.Context, a *app, o versionsOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	loc := o.Address.Location
	if a.opts.DryRun {
		for page, err := range retried(ctx, a, func() pagesOf { return c.Session.Versions(ctx, loc, storage.ListOptions{PageSize: 10}) }) {
			if err != nil {
				return err
			}
			if page[0].Marker {
				a.out.line("%s", text.T("versions.would_undelete", page[0].Version, a.out.name(o.Address.Given)))
			}
			return a.out.flush()
		}
		return &notFoundError{text.T("versions.none", o.Address.Given)}
	}
	var u storage.Undeleted
	err = again(ctx, a, func() (err error) { u, err = c.Session.Undelete(ctx, loc, o.MFA); return err })
	if err != nil {
		return err
	}
	it := transfer.Item{Source: storage.Location{Bucket: loc.Bucket, Key: loc.Key, Version: u.Marker}.String(), Target: loc.String(), Bytes: u.Info.Size,
		Result: transfer.ResultDone, Version: u.Info.Location.Version}
	said := text.T("versions.undeleted", escape(o.Address.Given))
	if u.Hidden {
		said = text.T("versions.still_hidden", escape(o.Address.Given))
		it.Note = said
	}
	return a.oneDone(it, said)
}

func runVersionsRm(ctx context.Context, a *app, o versionsOptions) error {
	loc := o.Address.Location
	loc.Version = o.Version
	question := text.T("versions.ask", o.Version, o.Address.Given)
	if !a.opts.DryRun {
		if err := a.mustAsk(question); err != nil {
			return err
		}
	}
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	if err := a.checkVersion(ctx, c.Session, loc); err != nil {
		return err
	}
	if a.opts.DryRun {
		a.out.line("%s", text.T("versions.would_remove", o.Version, a.out.name(o.Address.Given)))
		return a.out.flush()
	}
	if _, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: question, Text: text.T("versions.ask_text")}); err != nil {
		return err
	}
	var r storage.DeleteResult
	err = again(ctx, a, func() (err error) { r, err = c.Session.DeleteVersion(ctx, loc, o.MFA); return err })
	if err != nil {
		return missingVersion(err, loc)
	}
	said := text.T("versions.removed", o.Version, escape(o.Address.Given))
	if r.MarkerVersion != "" {
		said = text.T("versions.removed_marker", o.Version, escape(o.Address.Given))
	}
	return a.oneDone(transfer.Item{Source: loc.String(), Result: transfer.ResultDone, Version: o.Version}, said)
}

// checkVersion tells a person who mistyped an id: S3 itself reports the removal of what never was as a success.
func (a *app) checkVersion(ctx context.Context, s *storage.Session, loc storage.Location) error {
	err := again(ctx, a, func() error { _, err := s.Stat(ctx, loc); return err })
	var e *storage.Error
	if errors.As(err, &e) && e.Code == "DeleteMarker" {
		return nil
	}
	err = missingVersion(err, loc)
	var missing *notFoundError
	if errors.As(err, &missing) || storage.KindOf(err) == storage.KindNotFound {
		return &notFoundError{text.T("cli.version.missing", loc.Version, storage.Location{Bucket: loc.Bucket, Key: loc.Key}.String())}
	}
	return nil // who may remove and not look, removes
}
