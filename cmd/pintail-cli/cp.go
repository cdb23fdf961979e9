package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/storage"
)

// cpOptions is what cp and mv were asked for.
type cpOptions struct {
	Sources      []address
	Target       address
	Recursive    bool
	Move         bool
	Write        storage.WriteOptions
	KeyFile      string // of a key for SSE-C
	NoSSE        bool   // no encryption is asked for, whatever the preferences say
	ReplaceMeta  bool   // metadata, headers or tags were given: a copy does not keep the source's
	Preserve     bool
	Plain        bool // of a copy, what does not come by itself is left behind
	Include      []string
	Exclude      []string
	Older, Newer time.Duration
	NoClobber    bool
	OwnNames     bool // folders go under their own names also when a slash ends them
	Sure         bool // nothing is asked before a move
}

// writeFlags are the options about the new object as they are typed.
type writeFlags struct {
	class, sse, acl, contentType string
	keyFile                      string
	metadata, headers, tags      []string
	older, newer                 string
}

func cpCommand(a *app, run func(context.Context, *app, cpOptions) error) *cobra.Command {
	return transferCommand(a, run, false, &cobra.Command{
		Use: "cp [-r] SRC... DST", Short: text.T("cli.cp.short"),
		Example: "  pintail-cli cp report.pdf s3://bucket/reports/\n" +
			"  pintail-cli cp -r photos s3://bucket/      (below photos/)\n" +
			"  pintail-cli cp -r photos/ s3://bucket/2026/ (directly below 2026/)\n" +
			"  pintail-cli cp 's3://bucket/logs/*.gz' .\n" +
			"  pintail-cli cp -r home:s3://docs/ work:s3://backup/docs/\n" +
			"  tar c . | pintail-cli cp - s3://bucket/all.tar",
	})
}

func mvCommand(a *app, run func(context.Context, *app, cpOptions) error) *cobra.Command {
	return transferCommand(a, run, true, &cobra.Command{
		Use: "mv [-r] SRC... DST", Short: text.T("cli.mv.short"),
		Example: "  pintail-cli mv s3://bucket/a.txt s3://bucket/b.txt\n  pintail-cli mv -r s3://bucket/old/ s3://bucket/archive/old/",
	})
}

func transferCommand(a *app, run func(context.Context, *app, cpOptions) error, move bool, c *cobra.Command) *cobra.Command {
	o := cpOptions{Move: move}
	var w writeFlags
	c.Args = atLeast(2)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.addresses(args); err != nil {
			return err
		}
		if err := w.apply(&o); err != nil {
			return err
		}
		return run(cmd.Context(), a, o)
	}
	f := c.Flags()
	f.BoolVarP(&o.Recursive, "recursive", "r", false, "folders with all below them")
	f.BoolVar(&o.Preserve, "preserve", false, "keep modification times")
	f.BoolVar(&o.Plain, "plain", false, "a copy on the server leaves access list and lock behind")
	f.StringArrayVar(&o.Include, "include", nil, "of folders take only paths that match `GLOB` (**, repeatable)")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "leave out paths that match `GLOB`")
	f.BoolVar(&o.NoClobber, "no-clobber", false, "never replace: what exists is skipped (If-None-Match)")
	w.addTo(f)
	return c
}

func (w *writeFlags) addTo(f *pflag.FlagSet) {
	f.StringVar(&w.class, "storage-class", "", "storage `CLASS` of new objects")
	f.StringVar(&w.sse, "sse", "", "encryption: `none|AES256|aws:kms[:KEY]`")
	f.StringVar(&w.keyFile, "sse-c", "", "`FILE` with the key for SSE-C: objects are written and read with it, over https only")
	f.StringVar(&w.acl, "acl", "", "`CANNED` access list")
	f.StringArrayVar(&w.metadata, "metadata", nil, "user metadata `K=V`")
	f.StringArrayVar(&w.headers, "header", nil, "standard header `K=V`, for example Cache-Control=no-cache")
	f.StringArrayVar(&w.tags, "tag", nil, "tag `K=V`")
	f.StringVar(&w.contentType, "content-type", "", "content `TYPE`; else by name and content")
	f.StringVar(&w.older, "older", "", "only what was changed longer than `TIME` ago")
	f.StringVar(&w.newer, "newer", "", "only what was changed less than `TIME` ago")
}

// addresses reads SRC... DST and checks what can be checked without looking.
func (o *cpOptions) addresses(args []string) error {
	o.Sources = nil
	for i, arg := range args {
		addr, err := parseAddress(arg)
		if err != nil {
			return err
		}
		if i == len(args)-1 {
			o.Target = addr
		} else {
			o.Sources = append(o.Sources, addr)
		}
	}
	remote := 0
	for _, s := range o.Sources {
		if s.remote() {
			remote++
		}
		if s.remote() && s.IsRoot() {
			return usagef("%s stands for all buckets; name one", s.Given)
		}
		if s.Std && (len(o.Sources) > 1 || !o.Target.remote()) {
			return usagef("- (standard input) is copied alone, to an address on a server")
		}
		if s.Bookmark != o.Sources[0].Bookmark {
			return usagef("sources of one call come from one connection")
		}
	}
	switch {
	case remote != 0 && remote != len(o.Sources):
		return usagef("sources are either all on this computer or all on a server")
	case remote == 0 && !o.Target.remote():
		return usagef("neither source nor target is on a server; addresses begin with s3://")
	case o.Target.remote() && o.Target.IsRoot():
		return usagef("the target names no bucket")
	case o.Target.Std && (len(o.Sources) > 1 || o.Recursive):
		return usagef("- (standard output) takes one object")
	case o.Move && (o.Target.Std || o.Sources[0].Std):
		return usagef("mv does not work with -")
	case o.Sources[0].Std && (o.Target.Key == "" || o.Target.IsFolder()):
		return usagef("standard input has no name: name the object")
	}
	return nil
}

// apply gives the flags their meaning.
func (w *writeFlags) apply(o *cpOptions) error {
	o.Write = storage.WriteOptions{Class: w.class, ACL: w.acl}
	o.NoSSE = w.sse == "none"
	if w.keyFile != "" && w.sse != "" && w.sse != "none" {
		return usagef("--sse-c and --sse %s exclude each other", w.sse)
	}
	var err error
	if o.KeyFile, err = keyFile(w.keyFile); err != nil {
		return err
	}
	if w.sse != "" {
		if o.Write.Encryption, err = parseSSE(w.sse); err != nil {
			return err
		}
	}
	if o.Write.Metadata, err = pairs("--metadata", w.metadata); err != nil {
		return err
	}
	if o.Write.Tags, err = pairs("--tag", w.tags); err != nil {
		return err
	}
	const mostTags = 10
	if len(o.Write.Tags) > mostTags {
		return usagef("--tag: an object has %d tags at most", mostTags)
	}
	if err := parseHeaders(w.headers, &o.Write.Headers); err != nil {
		return err
	}
	if w.contentType != "" {
		o.Write.Headers.ContentType = w.contentType
	}
	o.ReplaceMeta = len(o.Write.Metadata) > 0 || len(o.Write.Tags) > 0 || o.Write.Headers != storage.Headers{}
	return parseAges(w.older, w.newer, &o.Older, &o.Newer)
}

// parseSSE reads a wish for encryption as --sse, encrypt and bucket set write it.
func parseSSE(s string) (storage.Encryption, error) {
	switch {
	case s == "none":
		return storage.Encryption{}, nil
	case strings.EqualFold(s, "AES256"):
		return storage.Encryption{Type: "AES256"}, nil
	}
	for _, kind := range []string{"aws:kms:dsse", "aws:kms"} {
		if s == kind {
			return storage.Encryption{Type: kind}, nil
		}
		if key, ok := strings.CutPrefix(s, kind+":"); ok && key != "" {
			return storage.Encryption{Type: kind, KeyID: key}, nil
		}
	}
	return storage.Encryption{}, usagef("%q is no encryption: choose none, AES256, aws:kms[:KEY] or aws:kms:dsse[:KEY]", s)
}

// pairs reads K=V arguments.
func pairs(flag string, args []string) (map[string]string, error) {
	if len(args) == 0 {
		return nil, nil
	}
	m := map[string]string{}
	for _, arg := range args {
		k, v, ok := strings.Cut(arg, "=")
		if !ok || k == "" {
			return nil, usagef("%s %q: write NAME=VALUE", flag, arg)
		}
		if _, twice := m[k]; twice {
			return nil, usagef("%s: %s is given twice", flag, k)
		}
		m[k] = v
	}
	return m, nil
}

// parseHeaders reads standard headers by their names, without case.
func parseHeaders(args []string, h *storage.Headers) error {
	for _, arg := range args {
		sep := strings.IndexAny(arg, "=:")
		if sep < 1 {
			return usagef("--header %q: write NAME=VALUE", arg)
		}
		field := connect.HeaderField(h, strings.TrimSpace(arg[:sep]))
		if field == nil {
			return usagef("--header %s: it is none of Content-Type, Content-Disposition, Content-Encoding, Content-Language, Cache-Control, "+
				"Expires and x-amz-website-redirect-location; for your own names use --metadata", arg[:sep])
		}
		*field = strings.TrimSpace(arg[sep+1:])
	}
	return nil
}
