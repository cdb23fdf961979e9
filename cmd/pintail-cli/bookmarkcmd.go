package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pintail/bookmarks"
	"pintail/internal/atomicfile"
	"pintail/internal/text"
	"pintail/profiles"
)

// bookmarkOptions is what add and edit set. Connection fields come from the global options.
type bookmarkOptions struct {
	Name                                                    string
	Nickname, Path, Folder, Colour, Comment, DownloadFolder string
	WebURL                                                  string
	Labels                                                  []string
	Production, ReadOnly                                    bool

	given map[string]bool // flags that were on the command line
}

func bookmarkCommand(a *app) *cobra.Command {
	return group("bookmark", text.T("cli.bookmark.short"),
		&cobra.Command{Use: "ls", Short: text.T("cli.bookmark.ls"), Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
			return runBookmarkLs(a)
		}},
		bookmarkEditCommand(a, "add NAME", text.T("cli.bookmark.add"), runBookmarkAdd),
		bookmarkEditCommand(a, "edit NAME", text.T("cli.bookmark.edit"), runBookmarkEdit),
		&cobra.Command{Use: "rm NAME...", Short: text.T("cli.bookmark.rm"), Args: atLeast(1), RunE: func(_ *cobra.Command, args []string) error {
			return runBookmarkRm(a, args)
		}},
		bookmarkImportCommand(a),
		bookmarkExportCommand(a),
	)
}

func bookmarkEditCommand(a *app, use, short string, run func(context.Context, *app, bookmarkOptions) error) *cobra.Command {
	var o bookmarkOptions
	c := &cobra.Command{
		Use: use, Short: short, Args: exactly(1), Long: text.T("cli.bookmark.long"),
		Example: "  pintail-cli bookmark add work --endpoint-url https://s3.example.com --username AKIAEXAMPLE --path bucket/folder",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.given = args[0], map[string]bool{}
			cmd.Flags().Visit(func(f *pflag.Flag) { o.given[f.Name] = true })
			return run(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Nickname, "nickname", "", "new `NAME`")
	f.StringVar(&o.Path, "path", "", "begin in `BUCKET/FOLDER`")
	f.StringVar(&o.Folder, "group", "", "group in the sidebar, `A/B`")
	f.StringVar(&o.Colour, "colour", "", "`COLOUR`: red, orange, yellow, green, blue, purple or grey")
	f.StringVar(&o.Comment, "comment", "", "free `TEXT`")
	f.StringVar(&o.DownloadFolder, "download-folder", "", "`FOLDER` for downloads")
	f.StringVar(&o.WebURL, "web-url", "", "`URL` below which the objects are on the web; {bucket} and {key} may stand in it")
	f.StringArrayVar(&o.Labels, "label", nil, "`LABEL` (repeatable)")
	f.BoolVar(&o.Production, "production", false, "mark as production: the name is asked for before something there is changed or taken away")
	f.BoolVar(&o.ReadOnly, "read-only", false, "change nothing")
	return c
}

func runBookmarkLs(a *app) error {
	s, err := a.bookmarks()
	if err != nil {
		return err
	}
	for _, b := range s.List() {
		switch {
		case a.opts.json():
			a.out.object(map[string]any{
				"id": b.ID, "name": b.Title(), "provider": b.Provider, "endpoint": addressOf(b), "region": b.Region, "username": b.Username,
				"path": b.Path, "anonymous": b.Anonymous, "labels": b.Labels, "group": b.Folder, "web_url": bookmarks.PlainURL(b.WebURL),
			})
		case a.opts.Null:
			a.out.raw(b.Title())
		default:
			a.out.line("%-24s %s", a.out.name(b.Title()), a.out.name(addressOf(b)))
		}
	}
	for _, p := range s.Problems() {
		a.warn(fmt.Errorf("%s: %w", p.File, p.Err))
	}
	return a.out.flush()
}

// addressOf is where a bookmark leads; a host that looks like another one shows as what it is.
func addressOf(b bookmarks.Bookmark) string {
	host := bookmarks.PlainURL(b.EndpointURL)
	switch {
	case host != "":
	case b.Hostname != "" && b.Port != 0:
		host = fmt.Sprintf("%s:%d", bookmarks.PlainHost(b.Hostname), b.Port)
	case b.Hostname != "":
		host = bookmarks.PlainHost(b.Hostname)
	default:
		host = "Amazon S3"
	}
	if b.Path != "" {
		host += " " + b.Path
	}
	return host
}

func runBookmarkAdd(_ context.Context, a *app, o bookmarkOptions) error {
	s, err := a.bookmarks()
	if err != nil {
		return err
	}
	if _, err := s.Find(o.Name); err == nil {
		return usagef("there is a bookmark %q already; use edit", o.Name)
	}
	b := bookmarks.Bookmark{Protocol: profiles.S3, Nickname: o.Name}
	if err := a.fill(&b, o); err != nil {
		return err
	}
	b, err = s.Add(b)
	if err == nil {
		a.note(text.T("cli.bookmark.added", escape(b.Title())))
	}
	return err
}

func runBookmarkEdit(_ context.Context, a *app, o bookmarkOptions) error {
	s, err := a.bookmarks()
	if err != nil {
		return err
	}
	b, err := s.Find(o.Name)
	if err != nil {
		return err
	}
	if err := a.fill(&b, o); err != nil {
		return err
	}
	return s.Update(b)
}

// fill puts what was given into b and leaves the rest.
func (a *app) fill(b *bookmarks.Bookmark, o bookmarkOptions) error {
	g := a.opts
	for name, set := range map[string]func(){
		"nickname": func() { b.Nickname = o.Nickname }, "path": func() { b.Path = o.Path }, "group": func() { b.Folder = o.Folder },
		"colour": func() { b.Colour = o.Colour }, "comment": func() { b.Comment = o.Comment }, "label": func() { b.Labels = o.Labels },
		"web-url":         func() { b.WebURL = o.WebURL },
		"download-folder": func() { b.DownloadFolder = o.DownloadFolder }, "production": func() { b.Production = o.Production },
		"read-only": func() { b.ReadOnly = o.ReadOnly }, "endpoint-url": func() { b.EndpointURL, b.Hostname, b.Port = g.Endpoint, "", 0 },
		"region": func() { b.Region = g.Region }, "username": func() { b.Username = g.Username },
		"aws-profile": func() { b.AWSProfile = g.AWSProfile }, "anonymous": func() { b.Anonymous = g.Anonymous },
		"proxy": func() { b.Proxy = g.Proxy }, "no-proxy": func() { b.ProxyBypass = g.NoProxy }, "ca-bundle": func() { b.CABundle = g.CABundle }, "client-cert": func() { b.ClientCert, b.ClientKey = g.ClientCert, g.ClientKey },
		"client-key": func() { b.ClientCert, b.ClientKey = g.ClientCert, g.ClientKey }, "buckets": func() { b.Buckets = g.Buckets },
		"path-style": func() { b.Addressing = bookmarks.AddressingPath }, "virtual-host": func() { b.Addressing = bookmarks.AddressingVirtual },
	} {
		if o.given[name] {
			set()
		}
	}
	if o.given["password-stdin"] {
		return usagef("a bookmark holds no secret; use %s login --bookmark %s", program, o.Name)
	}
	if !o.given["profile"] {
		return nil
	}
	r, err := a.profiles()
	if err != nil {
		return err
	}
	p, err := r.Find(g.Profile)
	if err != nil {
		return fmt.Errorf("%w (install it first: %s profile install FILE)", err, program)
	}
	b.Provider = p.Vendor
	if b.EndpointURL == "" && b.Hostname == "" {
		b.Hostname = p.DefaultHostname
	}
	return nil
}

func runBookmarkRm(a *app, names []string) error {
	s, err := a.bookmarks()
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		b, err := s.Find(name)
		if err == nil && !a.opts.DryRun {
			err = s.Remove(b.ID)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// runBookmarkExport writes a bookmark without anything that is only of use here; it never holds a secret.
func runBookmarkExport(a *app, name, file string) error {
	s, err := a.bookmarks()
	if err != nil {
		return err
	}
	b, err := s.Find(name)
	if err != nil {
		return err
	}
	if file == "-" {
		_, err := a.sys.Stdout.Write(b.Export())
		return err
	}
	return atomicfile.Write(file, b.Export(), 0o644)
}
