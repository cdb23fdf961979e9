package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

type treeOptions struct{ Address address }

func treeCommand(a *app, run func(context.Context, *app, treeOptions) error) *cobra.Command {
	return &cobra.Command{
		Use: "tree ADDR", Short: text.T("cli.tree.short"), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			addr, err := remoteAddress(args[0])
			if err == nil && addr.IsRoot() {
				err = usagef("tree needs a bucket: s3://BUCKET")
			}
			if err != nil {
				return err
			}
			return run(cmd.Context(), a, treeOptions{addr})
		},
	}
}

// runTree draws a folder with all below it. A line is drawn as soon as the next name is known, so that memory holds one branch only.
func runTree(ctx context.Context, a *app, o treeOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	prefix := o.Address.Key
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	t := &treePrinter{app: a, bucket: o.Address.Bucket, prefix: prefix}
	n := 0
	for page, err := range a.list(ctx, c.Session, o.Address.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			n++
			t.add(e)
		}
		if err := a.out.flush(); err != nil {
			return err
		}
	}
	if n == 0 && prefix != "" {
		return &notFoundError{text.T("cli.ls.missing", o.Address.Given)}
	}
	if !a.opts.json() && !a.opts.Null && !a.opts.Quiet {
		a.out.line("")
		a.out.line("%s", text.T("cli.tree.sum", units.FormatCount(t.folders), units.FormatCount(t.sum.Objects),
			units.FormatBytes(t.sum.Bytes, a.sizes())))
	}
	return a.out.flush()
}

// treePrinter turns sorted keys into indented lines.
type treePrinter struct {
	app            *app
	bucket, prefix string
	open           []string // folders of the branch that is drawn
	folders        int64
	sum            usage
}

func (t *treePrinter) add(e storage.Entry) {
	rest := e.Key[len(t.prefix):]
	parts := strings.Split(rest, "/")
	folders := parts[:len(parts)-1]
	same := 0
	for same < len(folders) && same < len(t.open) && folders[same] == t.open[same] {
		same++
	}
	for i := same; i < len(folders); i++ {
		t.folders++
		key := t.prefix + strings.Join(folders[:i+1], "/") + "/"
		t.line(i, folders[i]+"/", entry{kind: "folder", bucket: t.bucket, key: key, size: -1})
	}
	t.open = folders
	if rest == "" || parts[len(parts)-1] == "" && e.Size == 0 {
		return // a folder's marker is the folder
	}
	t.sum.add(e.Size)
	name := parts[len(parts)-1]
	if !t.app.opts.json() && !t.app.opts.Null {
		name += "  (" + units.FormatBytes(e.Size, t.app.sizes()) + ")"
	}
	t.line(len(folders), name, objectEntry(t.bucket, e))
}

func (t *treePrinter) line(depth int, name string, e entry) {
	o := t.app.out
	switch {
	case t.app.opts.json():
		o.object(e.line())
	case t.app.opts.Null:
		o.raw(e.key)
	default:
		o.line("%s%s", strings.Repeat("  ", depth), o.name(name))
	}
}
