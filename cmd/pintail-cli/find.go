package main

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/cobra"

	"pintail/internal/pattern"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// findOptions is what find was asked for. All conditions that are given must hold.
type findOptions struct {
	Address      address
	Names        []string // globs of the last part of the key; one must match
	Low, High    int64    // bytes; High < 0 = no limit
	Older, Newer time.Duration
	Classes      []string // one must be the object's
	Tags         []string // K or K=V; all must be there
	Long         bool
}

func findCommand(a *app, run func(context.Context, *app, findOptions) error) *cobra.Command {
	var o findOptions
	var size, older, newer string
	c := &cobra.Command{
		Use:   "find ADDR [--name GLOB] [--size +N|-N|N] [--older TIME] [--newer TIME] [--class CLASS] [--tag K[=V]]",
		Short: text.T("cli.find.short"), Args: exactly(1),
		Example: "  pintail-cli find s3://bucket/logs/ --name '*.gz' --older 30d\n  pintail-cli find s3://bucket --size +1GiB --class STANDARD -l\n" +
			"  pintail-cli find s3://bucket --tag project=x --null | xargs -0 pintail-cli rm --raw",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err == nil && o.Address.IsRoot() {
				err = usagef("find needs a bucket: s3://BUCKET")
			}
			if err != nil {
				return err
			}
			if o.Low, o.High, err = parseSizeRange(size); err != nil {
				return err
			}
			if err := parseAges(older, newer, &o.Older, &o.Newer); err != nil {
				return err
			}
			for _, n := range o.Names {
				if !doublestar.ValidatePattern(n) {
					return usagef("--name %s: the pattern cannot be read", n)
				}
			}
			return run(cmd.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.Names, "name", nil, "last part of the key matches `GLOB`")
	f.StringVar(&size, "size", "", "`SIZE`: +10MB is more than that, -10MB less, 10MB exactly")
	f.StringVar(&older, "older", "", "changed longer than `TIME` ago")
	f.StringVar(&newer, "newer", "", "changed less than `TIME` ago")
	f.StringArrayVar(&o.Classes, "class", nil, "storage `CLASS`")
	f.StringArrayVar(&o.Tags, "tag", nil, "has the tag `K[=V]`; one request for each object that fits otherwise")
	f.BoolVarP(&o.Long, "long", "l", false, "show size, date and storage class")
	return c
}

// parseSizeRange reads +N, -N and N as the first and the last size that fit.
func parseSizeRange(s string) (low, high int64, err error) {
	if s == "" {
		return 0, -1, nil
	}
	n, err := units.ParseBytes(strings.TrimLeft(s, "+-"))
	if err != nil || strings.HasPrefix(strings.TrimLeft(s, "+-"), "-") || len(s)-len(strings.TrimLeft(s, "+-")) > 1 {
		return 0, 0, usagef("--size %s: write +10MB, -10MB or 10MB", s)
	}
	switch s[0] {
	case '+':
		return n + 1, -1, nil
	case '-':
		if n == 0 {
			return 0, 0, usagef("--size -0: nothing is smaller than 0")
		}
		return 0, n - 1, nil
	}
	return n, n, nil
}

// parseAges reads --older and --newer; "" is 0, no condition.
func parseAges(older, newer string, o, n *time.Duration) error {
	for _, d := range []struct {
		name, value string
		to          *time.Duration
	}{{"--older", older, o}, {"--newer", newer, n}} {
		if d.value == "" {
			continue
		}
		var err error
		if *d.to, err = units.ParseDuration(d.value); err != nil {
			return usagef("%s: %v", d.name, err)
		}
	}
	return nil
}

// fits tells whether an object meets all conditions that the listing can answer.
func (o findOptions) fits(e storage.Entry, now time.Time) bool {
	age := now.Sub(e.Modified)
	switch {
	case e.Size < o.Low, o.High >= 0 && e.Size > o.High, o.Older > 0 && age < o.Older, o.Newer > 0 && age > o.Newer:
		return false
	case len(o.Classes) > 0 && !slices.ContainsFunc(o.Classes, func(c string) bool { return strings.EqualFold(c, classOf(e.Class)) }):
		return false
	case len(o.Names) == 0:
		return true
	}
	name := path.Base(e.Key)
	return slices.ContainsFunc(o.Names, func(glob string) bool { return pattern.Match(glob, name) })
}

// tagged tells whether tags hold all that were asked for.
func (o findOptions) tagged(tags map[string]string) bool {
	for _, want := range o.Tags {
		k, v, exact := strings.Cut(want, "=")
		have, ok := tags[k]
		if !ok || exact && have != v {
			return false
		}
	}
	return true
}

// runFind lists everything below the address and prints what fits, with whole addresses. It keeps nothing of the listing.
func runFind(ctx context.Context, a *app, o findOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	match := func(string) bool { return true }
	prefix := o.Address.Key
	if !a.opts.Raw && hasWildcard(prefix) {
		g, err := newGlob(prefix)
		if err != nil {
			return err
		}
		prefix, match = g.prefix, func(key string) bool { return g.match(key) || g.matchAbove(key) != "" }
	} else if prefix != "" && !strings.HasSuffix(prefix, "/") {
		match = func(key string) bool { return key == prefix || strings.HasPrefix(key, prefix+"/") }
	}
	l := &lister{app: a, s: c.Session, o: lsOptions{Address: o.Address}, long: o.Long}
	there := prefix == ""
	for page, err := range a.list(ctx, c.Session, o.Address.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if !match(e.Key) {
				continue
			}
			there = true
			if err := l.found(ctx, o, e); err != nil {
				return err
			}
		}
		if err := a.out.flush(); err != nil {
			return err
		}
	}
	if !there {
		return &notFoundError{text.T("cli.ls.missing", o.Address.Given)}
	}
	return nil
}

// found prints an object if it fits. Tags cost a request, so they are looked at last.
func (l *lister) found(ctx context.Context, o findOptions, e storage.Entry) error {
	loc := storage.Location{Bucket: o.Address.Bucket, Key: e.Key}
	if !o.fits(e, l.app.sys.Now()) {
		return nil
	}
	if len(o.Tags) > 0 {
		var tags map[string]string
		err := again(ctx, l.app, func() (err error) { tags, err = l.s.Tags(ctx, loc); return err })
		if storage.KindOf(err) == storage.KindNotFound {
			return nil // deleted since it was listed
		}
		if err != nil {
			return err
		}
		if !o.tagged(tags) {
			return nil
		}
	}
	shown := loc.String()
	if o.Address.Bookmark != "" {
		shown = o.Address.Bookmark + ":" + shown
	}
	l.print(objectEntry(o.Address.Bucket, e), shown)
	return nil
}
