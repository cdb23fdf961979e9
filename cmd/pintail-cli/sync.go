package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/prompt"
	"pintail/internal/syncjobs"
	"pintail/internal/text"
	"pintail/transfer"
)

// syncOptions is what sync was asked for.
type syncOptions struct {
	From, To         address
	Direction        string
	Delete, SizeOnly bool
	Compare          []string
	Include, Exclude []string
	MaxDelete        int64
	limited          bool // MaxDelete was given
	FailOnDifference bool
	Watch            bool
	Save, Job, Drop  string
	Jobs             bool
	write            writeFlags
	cp               cpOptions // of the new objects
}

func syncCommand(a *app, run func(context.Context, *app, syncOptions) error) *cobra.Command {
	var o syncOptions
	c := &cobra.Command{
		Use: "sync SRC DST", Short: text.T("cli.sync.short"),
		Example: "  pintail-cli sync --dry-run photos/ s3://bucket/photos/\n  pintail-cli sync --delete --max-delete 100 s3://bucket/site/ site/\n" +
			"  pintail-cli sync --direction mirror notes/ s3://bucket/notes/\n  pintail-cli sync --watch --delete --yes out/ s3://bucket/out/\n" +
			"  pintail-cli sync --save nightly photos/ s3://bucket/photos/\n  pintail-cli sync --job nightly",
		Args: between(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.limited = cmd.Flags().Changed("max-delete")
			if err := o.check(args, cmd.Flags().Changed("compare")); err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Direction, "direction", "", "`WAY`: upload, download or mirror (both ways, nothing deleted); else from SRC to DST")
	f.BoolVar(&o.Delete, "delete", false, "delete from DST what SRC does not have")
	f.StringSliceVar(&o.Compare, "compare", []string{"size", "mtime"}, "what tells files apart: `size,mtime,checksum`")
	f.BoolVar(&o.SizeOnly, "size-only", false, "compare sizes only")
	f.StringArrayVar(&o.Include, "include", nil, "only paths that match `GLOB` (**, repeatable)")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "leave out paths that match `GLOB`, on both sides")
	f.Int64Var(&o.MaxDelete, "max-delete", 0, "do nothing at all if more than `N` files were to be deleted")
	f.BoolVar(&o.FailOnDifference, "fail-on-difference", false, "with --dry-run: exit 5 if anything differs")
	f.BoolVar(&o.Watch, "watch", false, "go on: keep DST up to date with the local folder SRC")
	f.StringVar(&o.Save, "save", "", "keep this sync as the job `NAME`, and do nothing else")
	f.StringVar(&o.Job, "job", "", "run the job `NAME`")
	f.BoolVar(&o.Jobs, "jobs", false, "list the jobs")
	f.StringVar(&o.Drop, "remove-job", "", "forget the job `NAME`")
	o.write.addTo(f)
	for _, name := range []string{"older", "newer"} {
		f.Lookup(name).Hidden = true // they would make every other file look deleted
	}
	return c
}

// check finds what cannot be right before anything is opened.
func (o *syncOptions) check(args []string, compared bool) error {
	alone := 0
	for _, set := range []bool{o.Save != "", o.Job != "", o.Jobs, o.Drop != ""} {
		if set {
			alone++
		}
	}
	named := o.Job != "" || o.Jobs || o.Drop != ""
	switch {
	case alone > 1:
		return usagef("--save, --job, --jobs and --remove-job exclude each other")
	case named && len(args) > 0:
		return usagef("a job has its own addresses; leave %s out", args[0])
	case named:
		return nil
	case len(args) != 2:
		return usagef("name SRC and DST")
	case !slices.Contains([]string{"", "upload", "download", "mirror"}, o.Direction):
		return usagef("--direction %s: choose upload, download or mirror", o.Direction)
	case o.Direction == "mirror" && o.Delete:
		return usagef("--delete does not go with --direction mirror: neither side is the model")
	case o.limited && !o.Delete:
		return usagef("--max-delete goes with --delete")
	case o.limited && o.MaxDelete < 0:
		return usagef("--max-delete %d: it is a number from 0", o.MaxDelete)
	case o.SizeOnly && compared:
		return usagef("--size-only and --compare exclude each other")
	case o.write.older+o.write.newer != "":
		return usagef("sync takes no --older and --newer: every other file would look deleted")
	}
	for _, c := range o.Compare {
		if !slices.Contains([]string{"size", "mtime", "checksum"}, c) {
			return usagef("--compare %s: choose of size, mtime and checksum", c)
		}
	}
	if err := o.write.apply(&o.cp); err != nil {
		return err
	}
	return o.addresses(args)
}

// addresses reads SRC and DST, turned round if the direction asks for it.
func (o *syncOptions) addresses(args []string) error {
	var err error
	if o.From, err = parseAddress(args[0]); err != nil {
		return err
	}
	if o.To, err = parseAddress(args[1]); err != nil {
		return err
	}
	for _, addr := range []*address{&o.From, &o.To} {
		switch {
		case addr.Std:
			return usagef("- cannot be synchronised")
		case addr.remote() && addr.IsRoot():
			return usagef("%s stands for all buckets; name one", addr.Given)
		case addr.remote() && addr.Key != "" && !addr.IsFolder():
			addr.Key += "/"
		}
	}
	up, down := !o.From.remote(), !o.To.remote()
	switch {
	case up && down:
		return usagef("neither side is on a server; addresses begin with s3://")
	case !up && !down && o.Direction != "":
		return usagef("--direction needs one side on this computer")
	case o.Direction == "upload" && !up, o.Direction == "download" && !down:
		o.From, o.To = o.To, o.From
	}
	if o.Watch && (o.From.remote() || o.Direction == "mirror") {
		return usagef("--watch needs a folder on this computer as the source")
	}
	return nil
}

// compare is the strongest that was asked for.
func (o *syncOptions) compare() transfer.Compare {
	switch {
	case o.SizeOnly:
		return transfer.CompareSize
	case slices.Contains(o.Compare, "checksum"):
		return transfer.CompareChecksum
	case slices.Contains(o.Compare, "mtime"):
		return transfer.CompareTime
	}
	return transfer.CompareSize
}

// syncRequest opens the connections and makes the request.
func (a *app) syncRequest(ctx context.Context, o syncOptions) (transfer.Request, error) {
	remote := o.From
	kind := transfer.Copy
	switch {
	case !o.From.remote():
		remote, kind = o.To, transfer.Upload
		info, err := os.Stat(o.From.Local)
		if err != nil {
			return transfer.Request{}, err
		}
		if !info.IsDir() {
			return transfer.Request{}, usagef("%s is not a folder", o.From.Given)
		}
	case !o.To.remote():
		kind = transfer.Download
	}
	c, err := a.connect(ctx, remote)
	if err != nil {
		return transfer.Request{}, err
	}
	r := transfer.Request{Kind: transfer.Sync, Connection: c.Ref, Sync: &transfer.SyncOptions{
		Mirror: o.Direction == "mirror", Delete: o.Delete, Compare: o.compare(), SkipExisting: a.opts.existing == prompt.Skip,
	}}
	into, bucket := c, remote.Bucket
	if kind == transfer.Copy && !sameConnection(o.From, o.To) {
		to, err := a.connect(ctx, o.To)
		if err != nil {
			return r, err
		}
		r.TargetConnection, into = to.Ref, to
	}
	if kind == transfer.Copy {
		bucket = o.To.Bucket
	}
	o.cp.Include, o.cp.Exclude = o.Include, o.Exclude
	if r.Options, err = a.transferOptions(o.cp, transfer.Upload, into, bucket); err != nil { // what is left out is left out on both sides
		return r, err
	}
	r.Options.Existing, r.Options.PreserveTime = "", true
	r.Sources = []transfer.Source{{Remote: o.From.Location}}
	r.Target = transfer.Target{Remote: o.To.Location, Exact: true}
	if kind == transfer.Upload {
		r.Sources[0].Local, err = filepath.Abs(o.From.Local)
	} else if kind == transfer.Download {
		r.Target.Local, err = filepath.Abs(o.To.Local)
	}
	if o.limited {
		r.Sync.MaxDelete = &o.MaxDelete
	}
	return r, err
}

func (a *app) syncJobs() *syncjobs.Store { return syncjobs.Open(a.sys.Dirs.SyncJobs()) }

// listJobs prints the jobs.
func (a *app) listJobs() error {
	jobs, err := a.syncJobs().List()
	if err != nil {
		return err
	}
	for _, j := range jobs {
		r := j.Request()
		from, to := r.Sources[0].Local+remoteName(r.Sources[0].Remote.String()), r.Target.Local+remoteName(r.Target.Remote.String())
		if a.opts.json() {
			a.out.object(map[string]any{"type": "job", "name": j.Name, "source": from, "target": to, "mirror": j.Sync.Mirror, "delete": j.Sync.Delete})
			continue
		}
		a.out.line("%s\t%s → %s", a.out.name(j.Name), a.out.name(from), a.out.name(to))
	}
	return nil
}

// remoteName is an address, "" for that of nothing.
func remoteName(s string) string {
	if s == scheme || strings.TrimPrefix(s, scheme) == "" {
		return ""
	}
	return s
}
