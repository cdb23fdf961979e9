package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// duOptions is what du was asked for.
type duOptions struct {
	Address                  address
	ByPrefix, ByClass, ByAge bool
}

func duCommand(a *app, run func(context.Context, *app, duOptions) error) *cobra.Command {
	var o duOptions
	var by []string
	c := &cobra.Command{
		Use: "du [--by prefix,class,age] ADDR", Short: text.T("cli.du.short"), Args: exactly(1),
		Example: "  pintail-cli du s3://bucket\n  pintail-cli du --by class,age s3://bucket/archive/",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err == nil && o.Address.IsRoot() {
				err = usagef("du needs a bucket: s3://BUCKET")
			}
			if err != nil {
				return err
			}
			if len(by) == 0 {
				by = []string{""} // an empty list is none of the kinds
			}
			for _, b := range by {
				to := map[string]*bool{"prefix": &o.ByPrefix, "class": &o.ByClass, "age": &o.ByAge}[b]
				if to == nil {
					return usagef("--by %s: choose prefix, class, age or several of them joined by commas", b)
				}
				*to = true
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringSliceVar(&by, "by", []string{"prefix"}, "a line for each `KIND`: prefix (what is directly below), class, age")
	return c
}

// ageSteps are the classes of age, the youngest first. The last one has no end.
var ageSteps = []struct {
	below time.Duration
	name  string
}{
	{24 * time.Hour, "under 1d"}, {7 * 24 * time.Hour, "1d-7d"}, {30 * 24 * time.Hour, "7d-30d"}, {90 * 24 * time.Hour, "30d-90d"},
	{365 * 24 * time.Hour, "90d-365d"}, {1<<63 - 1, "over 365d"},
}

func ageStep(age time.Duration) int {
	return slices.IndexFunc(ageSteps, func(s struct {
		below time.Duration
		name  string
	}) bool {
		return age < s.below
	})
}

// usageKey is what objects are added up by, besides the prefix.
type usageKey struct {
	class string
	age   int
}

// usageTable adds up objects. Keys of one prefix come one after another, so only one prefix is kept at a time.
type usageTable struct {
	app    *app
	o      duOptions
	base   string
	name   string
	any    bool
	sums   map[usageKey]*usage
	totals map[usageKey]*usage
}

func runDu(ctx context.Context, a *app, o duOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	prefix, err := a.folderOrObject(ctx, c.Session, o.Address)
	if err != nil {
		return err
	}
	t := &usageTable{app: a, o: o, base: prefix, sums: map[usageKey]*usage{}, totals: map[usageKey]*usage{}}
	for page, err := range a.list(ctx, c.Session, o.Address.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if strings.HasSuffix(prefix, "/") || prefix == "" || e.Key == prefix {
				t.add(e)
			}
		}
		if err := a.out.flush(); err != nil {
			return err
		}
	}
	t.end()
	return a.out.flush()
}

// folderOrObject is the prefix to list for an address: a folder's with its slash, else the very key of an object.
func (a *app) folderOrObject(ctx context.Context, s *storage.Session, addr address) (string, error) {
	if !a.opts.Raw && hasWildcard(addr.Key) {
		return "", usagef("wildcards do not work here; name a folder, or use --raw")
	}
	if addr.Key == "" || addr.IsFolder() {
		return addr.Key, a.mustExist(ctx, s, addr)
	}
	l := &lister{app: a, s: s}
	exact, folder, err := l.look(ctx, addr.Location)
	switch {
	case err != nil:
		return "", err
	case folder:
		return addr.Key + "/", nil
	case exact:
		return addr.Key, nil
	}
	return "", &notFoundError{text.T("cli.ls.missing", addr.Given)}
}

func (t *usageTable) add(e storage.Entry) {
	var k usageKey
	if t.o.ByClass {
		k.class = classOf(e.Class)
	}
	if t.o.ByAge {
		k.age = ageStep(t.app.sys.Now().Sub(e.Modified))
	}
	addTo(t.totals, k, e.Size)
	if !t.o.ByPrefix {
		return
	}
	name := e.Key[len(t.base):]
	if i := strings.IndexByte(name, '/'); i >= 0 {
		name = name[:i+1]
	}
	if name == "" {
		return // the folder's own marker, or the one object that was named
	}
	if !t.any || name != t.name {
		t.lines(t.name, t.sums)
		t.any, t.name, t.sums = true, name, map[usageKey]*usage{}
	}
	addTo(t.sums, k, e.Size)
}

func addTo(sums map[usageKey]*usage, k usageKey, bytes int64) {
	if sums[k] == nil {
		sums[k] = &usage{}
	}
	sums[k].add(bytes)
}

// end prints what is left, and the sums of all.
func (t *usageTable) end() {
	t.lines(t.name, t.sums)
	if t.o.ByClass || t.o.ByAge {
		t.lines("", t.totals)
	}
	var all usage
	for _, u := range t.totals {
		all.Objects += u.Objects
		all.Bytes += u.Bytes
	}
	t.line("", nil, all)
}

func (t *usageTable) lines(name string, sums map[usageKey]*usage) {
	keys := make([]usageKey, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b usageKey) int { return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.age, b.age)) })
	for _, k := range keys {
		t.line(name, &k, *sums[k])
	}
}

// line prints one sum; without a key it is that of all.
func (t *usageTable) line(name string, k *usageKey, u usage) {
	class, age := "", ""
	if k != nil {
		class = k.class
		if t.o.ByAge {
			age = ageSteps[k.age].name
		}
	}
	o := t.app.out
	if t.app.opts.json() {
		o.object(struct {
			Type    string `json:"type"`
			Bucket  string `json:"bucket"`
			Key     string `json:"key"`
			Class   string `json:"class,omitempty"`
			Age     string `json:"age,omitempty"`
			Objects int64  `json:"objects"`
			Size    int64  `json:"size"`
		}{"usage", t.o.Address.Bucket, t.base + name, class, age, u.Objects, u.Bytes})
		return
	}
	if name == "" {
		name = text.T("cli.ls.total")
	}
	line := ""
	if t.o.ByClass {
		line += "  " + pad(class, 19)
	}
	if t.o.ByAge {
		line += "  " + pad(age, 9)
	}
	o.line("%12s %10s%s  %s", units.FormatBytes(u.Bytes, t.app.sizes()), units.FormatCount(u.Objects), line, o.name(name))
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-len(s))) }
