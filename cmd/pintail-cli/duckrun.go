package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
)

// runDuck runs a call in duck's form.
func (a *app) runDuck(ctx context.Context, d duckCall) error {
	cmd := &cobra.Command{}
	a.opts.addTo(cmd.Flags())
	if err := cmd.ParseFlags(d.flags()); err != nil {
		return usagef("%v", err)
	}
	if err := a.opts.parse(cmd); err != nil {
		return err
	}
	var err error
	if a.opts.existing, err = d.existing(); err != nil {
		return err
	}
	if err := a.prepare(); err != nil {
		return err
	}
	a.overrides, a.noKeychain = duckPreferences(a.sys.Getenv), d.has("nokeychain")
	if d.secretGiven() {
		a.console.line(program + ": " + text.T("cli.duck.password"))
	}
	all, err := a.profiles()
	if err != nil {
		return err
	}
	if d.action == "version" {
		a.out.line("%s %s", program, version)
		return a.out.flush()
	}
	addr, err := d.address(d.args[0], all)
	if err != nil {
		return err
	}
	if addr.IsRoot() && d.action != "list" && d.action != "longlist" {
		return usagef("%s names no bucket", addr.Given)
	}
	switch d.action {
	case "list", "longlist":
		a.note(text.T("cli.duck.listing", escape("/"+strings.TrimPrefix(addr.Location.String(), scheme))))
		return runLs(ctx, a, lsOptions{Address: addr, Long: d.action == "longlist"})
	case "download":
		to := "."
		if len(d.args) > 1 {
			to = d.args[1]
		}
		return runCp(ctx, a, d.transfer([]address{addr}, address{Local: a.homePath(to), Given: to}))
	case "upload":
		return a.duckUpload(ctx, d, addr)
	case "copy", "move":
		return a.duckCopy(ctx, d, addr)
	case "delete":
		return a.duckDelete(ctx, addr)
	case "mkdir":
		return a.duckMkdir(ctx, addr)
	case "synchronize":
		return a.duckSync(ctx, d, addr)
	case "edit":
		return a.duckEdit(ctx, addr, d.values["application"])
	case "purge":
		return runCDNInvalidate(ctx, a, cdnOptions{Address: addr})
	}
	return usagef("%s", text.T("cli.duck.notOffered", d.action))
}

// duckStatus is duck's exit status: 0 also when a person cancelled, 1 for all else that is not done.
func duckStatus(ctx context.Context, status int) int {
	if status == explain.ExitDone || status == explain.ExitInterrupted && ctx.Err() == nil {
		return explain.ExitDone
	}
	return explain.ExitFailed
}

// homePath is a path with "~" for the home folder, which duck knows.
func (a *app) homePath(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && a.sys.Dirs.Home != "" {
		return filepath.Join(a.sys.Dirs.Home, filepath.FromSlash(rest))
	}
	return path
}

// transfer are the options of a copy. Folders go under their own names, with or without a slash at the end.
func (d *duckCall) transfer(from []address, to address) cpOptions {
	o := cpOptions{Sources: from, Target: to, OwnNames: true, Preserve: d.has("preserve")}
	for _, s := range from {
		o.Recursive = o.Recursive || !s.remote() || s.IsFolder() || s.IsBucket() || hasWildcard(s.Key)
	}
	return o
}

func (a *app) duckUpload(ctx context.Context, d duckCall, to address) error {
	var from []address
	for _, path := range d.args[1:] {
		path = a.homePath(path)
		from = append(from, address{Local: path, Given: path})
	}
	return runCp(ctx, a, d.transfer(from, to))
}

// duckCopy copies or moves on the server or between servers. The target of a move may be a path on the same server.
func (a *app) duckCopy(ctx context.Context, d duckCall, from address) error {
	all, err := a.profiles()
	if err != nil {
		return err
	}
	to := from
	if path, ok := strings.CutPrefix(d.args[1], "/"); ok {
		to.Bucket, to.Key, _ = strings.Cut(path, "/")
		to.Given = d.args[1]
	} else if to, err = d.address(d.args[1], all); err != nil {
		return err
	}
	if to.IsRoot() {
		return usagef("%s names no bucket", to.Given)
	}
	o := d.transfer([]address{from}, to)
	if o.Move = d.action == "move"; o.Move {
		o.Sure = true // duck asks nothing here
		return runMv(ctx, a, o)
	}
	return runCp(ctx, a, o)
}

// duckSync brings a folder here and one on the server together. Without a word on the direction both sides get what they lack.
func (a *app) duckSync(ctx context.Context, d duckCall, remote address) error {
	o := syncOptions{From: address{Local: a.homePath(d.args[1]), Given: d.args[1]}, To: remote, Direction: "mirror", Compare: []string{"size", "mtime"}}
	if o.To.Key != "" && !o.To.IsFolder() {
		o.To.Key += "/"
	}
	switch way := strings.ToLower(d.values["existing"]); way {
	case "cancel":
		return nil
	case "download":
		o.From, o.To, o.Direction = o.To, o.From, way
	case "upload":
		o.Direction = way
	}
	return runSync(ctx, a, o)
}

// duckDelete deletes without a question, as duck does; only a whole bucket is asked for.
func (a *app) duckDelete(ctx context.Context, addr address) error {
	if addr.IsBucket() {
		return runRb(ctx, a, rbOptions{Address: addr, Force: true})
	}
	return runRm(ctx, a, rmOptions{Addresses: []address{addr}, Recursive: addr.IsFolder() || hasWildcard(addr.Key), Sure: true})
}

func (a *app) duckMkdir(ctx context.Context, addr address) error {
	if addr.IsBucket() {
		return runMb(ctx, a, mbOptions{Address: addr, Make: storage.MakeBucketOptions{Region: a.opts.Region}})
	}
	c, err := a.connect(ctx, addr)
	if err != nil {
		return err
	}
	loc := addr.Location
	if !loc.IsFolder() {
		loc.Key += "/"
	}
	if err := again(ctx, a, func() error { return c.Session.MakeFolder(ctx, loc) }); err != nil {
		return err
	}
	a.note(text.T("cli.duck.made", escape(loc.String())))
	return nil
}

// duckEditor is the program to edit with: the option's, else what the environment names.
func (a *app) duckEditor(application string) (string, error) {
	for _, e := range []string{application, a.sys.Getenv("VISUAL"), a.sys.Getenv("EDITOR")} {
		if e != "" {
			return e, nil
		}
	}
	return "", usagef("--edit: name an editor with --application or in the variable EDITOR")
}

// removeTemp takes a temporary folder away, unless it holds what could not be stored.
func (a *app) removeTemp(dir string) {
	if err := os.RemoveAll(dir); err != nil {
		a.warn(err)
	}
}
