package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/storage"
)

func metaCommand(a *app) *cobra.Command {
	return group("meta", text.T("edit.meta"),
		readCommand("get ADDR [--version ID]", text.T("edit.meta.get"), func(ctx context.Context, o statOptions) error { return a.metaGet(ctx, o) }),
		editCommand(a, &cobra.Command{Use: "set [-r] ADDR NAME=VALUE...", Short: text.T("edit.meta.set"), Args: atLeast(2),
			Example: "  pintail-cli meta set s3://bucket/a.html Cache-Control=no-cache Content-Type=text/html reviewed=yes\n" +
				"  pintail-cli meta set -r s3://bucket/site/ Cache-Control=public,max-age=3600"}, metaSet),
		editCommand(a, &cobra.Command{Use: "rm [-r] ADDR NAME...", Short: text.T("edit.meta.rm"), Args: atLeast(2)}, metaRemove),
	)
}

func tagCommand(a *app) *cobra.Command {
	return group("tag", text.T("edit.tag"),
		readCommand("get ADDR [--version ID]", text.T("edit.tag.get"), func(ctx context.Context, o statOptions) error { return a.tagGet(ctx, o) }),
		editCommand(a, &cobra.Command{Use: "set [-r] ADDR NAME=VALUE...", Short: text.T("edit.tag.set"), Args: atLeast(2),
			Example: "  pintail-cli tag set s3://bucket/a.txt team=blue year=2026"},
			func(args []string, e *storage.Edit) (err error) {
				e.Tags, err = pairs("a tag", args)
				return err
			}),
		editCommand(a, &cobra.Command{Use: "rm [-r] ADDR NAME...", Short: text.T("edit.tag.rm"), Args: atLeast(2)},
			func(args []string, e *storage.Edit) error {
				e.RemoveTags = args
				return nil
			}),
	)
}

// readCommand is a command that shows something of one object.
func readCommand(use, short string, run func(context.Context, statOptions) error) *cobra.Command {
	var o statOptions
	c := &cobra.Command{Use: use, Short: short, Args: exactly(1), RunE: func(cmd *cobra.Command, args []string) (err error) {
		if o.Address, err = objectAddress(args[0]); err != nil {
			return err
		}
		return run(cmd.Context(), o)
	}}
	c.Flags().StringVar(&o.Version, "version", "", "the version `ID`")
	return c
}

// metaName is a name of metadata without the prefix that it has on the wire.
func metaName(name string) string {
	const prefix = "x-amz-meta-"
	if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
		return name[len(prefix):]
	}
	return name
}

func metaSet(args []string, e *storage.Edit) error {
	set, err := pairs("metadata", args)
	if err != nil {
		return err
	}
	e.Headers, e.Metadata = map[string]string{}, map[string]string{}
	var h storage.Headers
	for name, v := range set {
		if h.Field(name) != nil {
			e.Headers[name] = v
		} else {
			e.Metadata[metaName(name)] = v
		}
	}
	return nil
}

func metaRemove(args []string, e *storage.Edit) error {
	e.Headers = map[string]string{}
	var h storage.Headers
	for _, name := range args {
		if h.Field(name) != nil {
			e.Headers[name] = ""
		} else {
			e.RemoveMetadata = append(e.RemoveMetadata, metaName(name))
		}
	}
	return nil
}

// object finds the one object that a command is about.
func (a *app) object(ctx context.Context, o statOptions) (*storage.Session, storage.Location, error) {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return nil, storage.Location{}, err
	}
	loc := o.Address.Location
	loc.Version = o.Version
	loc, err = a.single(ctx, c.Session, o.Address, loc)
	return c.Session, loc, err
}

func (a *app) metaGet(ctx context.Context, o statOptions) error {
	s, loc, err := a.object(ctx, o)
	if err != nil {
		return err
	}
	var info storage.Info
	if err := again(ctx, a, func() (err error) { info, err = s.Stat(ctx, loc); return err }); err != nil {
		return missingVersion(err, loc)
	}
	headers := headersOf(info.Headers)
	if a.opts.json() {
		a.out.object(struct {
			Address  string            `json:"address"`
			Version  string            `json:"version,omitempty"`
			Headers  map[string]string `json:"headers"`
			Metadata map[string]string `json:"metadata"`
		}{storage.Location{Bucket: loc.Bucket, Key: loc.Key}.String(), info.Location.Version, headers, info.Metadata})
		return a.out.flush()
	}
	a.printPairs(headers, "", ": ")
	a.printPairs(info.Metadata, "x-amz-meta-", ": ")
	return a.out.flush()
}

func (a *app) tagGet(ctx context.Context, o statOptions) error {
	s, loc, err := a.object(ctx, o)
	if err != nil {
		return err
	}
	var tags map[string]string
	if err := again(ctx, a, func() (err error) { tags, err = s.Tags(ctx, loc); return err }); err != nil {
		return missingVersion(err, loc)
	}
	if a.opts.json() {
		a.out.object(struct {
			Address string            `json:"address"`
			Version string            `json:"version,omitempty"`
			Tags    map[string]string `json:"tags"`
		}{storage.Location{Bucket: loc.Bucket, Key: loc.Key}.String(), loc.Version, tags})
		return a.out.flush()
	}
	a.printPairs(tags, "", "=")
	return a.out.flush()
}

// printPairs prints names and values in order.
func (a *app) printPairs(m map[string]string, prefix, between string) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		a.out.line("%s", a.out.name(prefix+name+between+m[name]))
	}
}
