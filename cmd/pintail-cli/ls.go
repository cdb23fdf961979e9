package main

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// lsOptions is what ls was asked for.
type lsOptions struct {
	Long, Recursive, All, Versions, Uploads, Usage bool
	Address                                        address
}

func lsCommand(a *app, run func(context.Context, *app, lsOptions) error) *cobra.Command {
	var o lsOptions
	c := &cobra.Command{
		Use: "ls [-l] [-r] [-a] [--versions] [--uploads] [--du] [ADDR]", Short: text.T("cli.ls.short"), Args: between(0, 1),
		Example: "  pintail-cli ls s3://\n  pintail-cli ls -l s3://bucket/folder/\n  pintail-cli ls -r --json 's3://bucket/**/*.csv'",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(firstArg(args, scheme)); err != nil {
				return err
			}
			if o.Usage && (o.All || o.Versions || o.Uploads) {
				return usagef("--du cannot be joined with -a, --versions or --uploads")
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVarP(&o.Long, "long", "l", false, "show size, date and storage class")
	c.Flags().BoolVarP(&o.Recursive, "recursive", "r", false, "list everything below")
	c.Flags().BoolVarP(&o.All, "all", "a", false, "show versions, delete markers and unfinished uploads")
	c.Flags().BoolVar(&o.Versions, "versions", false, "show versions and delete markers")
	c.Flags().BoolVar(&o.Uploads, "uploads", false, "show unfinished uploads")
	c.Flags().BoolVar(&o.Usage, "du", false, "add up sizes: each folder with what is below it")
	return c
}

func firstArg(args []string, other string) string {
	if len(args) == 0 {
		return other
	}
	return args[0]
}

func runLs(ctx context.Context, a *app, o lsOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	if o.Address.IsRoot() && !c.Start.IsRoot() {
		o.Address.Location = c.Start // a bookmark begins where it says
	}
	l := &lister{app: a, s: c.Session, o: o, long: o.Long || a.opts.Output == "table"}
	if o.Address.IsRoot() {
		return l.buckets(ctx)
	}
	return l.folder(ctx)
}

// lister prints a listing page by page; it keeps nothing of what it printed.
type lister struct {
	app    *app
	s      *storage.Session
	o      lsOptions
	long   bool
	base   string // names are printed without it
	header bool
}

func (l *lister) buckets(ctx context.Context) error {
	for page, err := range retried(ctx, l.app, func() iter.Seq2[storage.BucketPage, error] { return l.s.Buckets(ctx) }) {
		if err != nil {
			return err
		}
		for _, b := range page.Buckets {
			l.print(entry{kind: "bucket", bucket: b.Name, region: b.Region, size: -1, modified: b.Created}, b.Name)
		}
		if err := l.app.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

// folder lists what the address names: a pattern, a folder, an object, or an object and the folder of the same name.
func (l *lister) folder(ctx context.Context) error {
	loc := l.o.Address.Location
	if !l.app.opts.Raw && hasWildcard(loc.Key) {
		return l.pattern(ctx, loc)
	}
	found := false
	prefix := loc.Key
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		exact, folder, err := l.look(ctx, loc)
		if err != nil {
			return err
		}
		if !folder && !exact {
			return l.missing()
		}
		if exact {
			found = true
			l.base = loc.Parent().Key
			if err := l.all(ctx, loc.Key, func(key string) bool { return key == loc.Key }); err != nil {
				return err
			}
		}
		if !folder {
			return l.app.out.flush()
		}
		prefix += "/"
	}
	l.base = prefix
	n, err := l.walk(ctx, prefix)
	if err != nil {
		return err
	}
	if n == 0 && !found && prefix != "" {
		return l.missing()
	}
	return l.app.out.flush()
}

func (l *lister) missing() error {
	return &notFoundError{text.T("cli.ls.missing", l.o.Address.Given)}
}

// look tells whether there is an object with the very key, and whether there is a folder of that name.
func (l *lister) look(ctx context.Context, loc storage.Location) (exact, folder bool, err error) {
	if l.versions() || l.uploads() {
		return true, true, nil // each listing finds out by itself
	}
	first := func(prefix string) (storage.Page, error) {
		for page, err := range l.app.list(ctx, l.s, loc.Bucket, prefix, storage.ListOptions{PageSize: 1}) {
			return page, err
		}
		return storage.Page{}, nil
	}
	page, err := first(loc.Key)
	if err != nil || len(page.Entries) == 0 {
		return false, false, err
	}
	exact = page.Entries[0].Key == loc.Key
	if strings.HasPrefix(page.Entries[0].Key, loc.Key+"/") {
		return exact, true, nil
	}
	page, err = first(loc.Key + "/")
	return exact, len(page.Entries) > 0, err
}

func (l *lister) versions() bool { return l.o.Versions || l.o.All }
func (l *lister) uploads() bool  { return l.o.Uploads || l.o.All }

// walk lists a folder and returns how many lines there were, a folder's own marker included.
func (l *lister) walk(ctx context.Context, prefix string) (int, error) {
	if l.o.Usage {
		return l.usage(ctx, prefix)
	}
	n := 0
	err := l.all(ctx, prefix, func(string) bool { n++; return true })
	return n, err
}

// all lists what the options ask for below prefix: objects or versions, then unfinished uploads.
func (l *lister) all(ctx context.Context, prefix string, want func(key string) bool) error {
	var err error
	switch {
	case l.versions():
		err = l.versionsBelow(ctx, prefix, want)
	case !l.o.Uploads:
		err = l.objectsBelow(ctx, prefix, want)
	}
	if err != nil || !l.uploads() {
		return err
	}
	return l.uploadsBelow(ctx, prefix, want)
}

func (l *lister) listOptions() storage.ListOptions {
	if l.o.Recursive {
		return storage.ListOptions{}
	}
	return storage.ListOptions{Delimiter: "/"}
}

func (l *lister) objectsBelow(ctx context.Context, prefix string, want func(string) bool) error {
	bucket := l.o.Address.Bucket
	for page, err := range l.app.list(ctx, l.s, bucket, prefix, l.listOptions()) {
		if err != nil {
			return err
		}
		l.page(page, want, func(e storage.Entry) entry { return objectEntry(bucket, e) })
		if err := l.app.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) versionsBelow(ctx context.Context, prefix string, want func(string) bool) error {
	bucket := l.o.Address.Bucket
	for page, err := range l.app.listVersions(ctx, l.s, bucket, prefix, l.listOptions()) {
		if err != nil {
			return err
		}
		l.page(page, want, func(e storage.Entry) entry { return versionEntry(bucket, e) })
		if err := l.app.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

// page prints folders and objects in the order of their names, as one listing.
func (l *lister) page(page storage.Page, want func(string) bool, line func(storage.Entry) entry) {
	folders := page.Prefixes
	printFolders := func(before string, last bool) {
		for len(folders) > 0 && (last || folders[0] < before) {
			if want(folders[0]) {
				l.print(entry{kind: "folder", bucket: l.o.Address.Bucket, key: folders[0], size: -1}, l.shown(folders[0]))
			}
			folders = folders[1:]
		}
	}
	for i := range page.Entries {
		e := &page.Entries[i] // an entry is large
		printFolders(e.Key, false)
		if !want(e.Key) {
			continue
		}
		if e.Key == l.base && strings.HasSuffix(l.base, "/") && !l.app.opts.json() && !l.o.Recursive && !l.versions() {
			continue // the folder's own marker is not one of its names
		}
		l.print(line(*e), l.shown(e.Key))
	}
	printFolders("", true)
}

func (l *lister) uploadsBelow(ctx context.Context, prefix string, want func(string) bool) error {
	bucket := l.o.Address.Bucket
	for page, err := range l.app.listUploads(ctx, l.s, bucket, prefix, l.listOptions()) {
		if err != nil {
			return err
		}
		for _, u := range page.Uploads {
			if want(u.Key) {
				l.print(entry{kind: "upload", bucket: bucket, key: u.Key, size: -1, class: u.Class, uploadID: u.ID, modified: u.Initiated}, l.shown(u.Key))
			}
		}
		if err := l.app.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

// pattern lists the keys that match; folders match with or without their slash.
func (l *lister) pattern(ctx context.Context, loc storage.Location) error {
	if l.versions() || l.uploads() || l.o.Usage {
		return usagef("wildcards cannot be joined with -a, --versions, --uploads or --du")
	}
	g, err := newGlob(loc.Key)
	if err != nil {
		return err
	}
	n := 0
	opts := storage.ListOptions{}
	if !g.deep() && !l.o.Recursive {
		opts.Delimiter = "/"
	}
	for page, err := range l.app.list(ctx, l.s, loc.Bucket, g.prefix, opts) {
		if err != nil {
			return err
		}
		want := func(key string) bool {
			ok := g.match(key) || l.o.Recursive && g.matchAbove(key) != ""
			if ok {
				n++
			}
			return ok
		}
		l.page(page, want, func(e storage.Entry) entry { return objectEntry(loc.Bucket, e) })
		if err := l.app.out.flush(); err != nil {
			return err
		}
	}
	if n == 0 {
		return &notFoundError{text.T("cli.glob.none", l.o.Address.Given)}
	}
	return nil
}

// shown is a key as a name below the folder that is listed.
func (l *lister) shown(key string) string {
	name := strings.TrimPrefix(key, l.base)
	if name == "" {
		return "./"
	}
	return name
}

// usage prints each direct child with all that is below it, and the total. Keys of one folder come one after another, so only one
// sum is kept.
func (l *lister) usage(ctx context.Context, prefix string) (int, error) {
	var total, child usage
	name := ""
	done := func() {
		if name != "" {
			l.printUsage(name, child)
		}
		child = usage{}
	}
	for page, err := range l.app.list(ctx, l.s, l.o.Address.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return 0, err
		}
		for _, e := range page.Entries {
			total.add(e.Size)
			rest := e.Key[len(prefix):]
			first := rest
			if i := strings.IndexByte(rest, '/'); i >= 0 {
				first = rest[:i+1]
			}
			if first == "" {
				continue // the folder's own marker
			}
			if first != name {
				done()
				name = first
			}
			child.add(e.Size)
		}
		if err := l.app.out.flush(); err != nil {
			return 0, err
		}
	}
	done()
	if total.Objects > 0 || prefix == "" {
		l.printUsage("", total)
	}
	return int(total.Objects), l.app.out.flush()
}

// usage is a sum over objects.
type usage struct{ Objects, Bytes int64 }

func (u *usage) add(bytes int64) { u.Objects++; u.Bytes += bytes }

func (l *lister) printUsage(name string, u usage) {
	o := l.app.out
	if l.app.opts.json() {
		o.object(struct {
			Type    string `json:"type"`
			Bucket  string `json:"bucket"`
			Key     string `json:"key"`
			Objects int64  `json:"objects"`
			Size    int64  `json:"size"`
		}{"usage", l.o.Address.Bucket, l.base + name, u.Objects, u.Bytes})
		return
	}
	if name == "" {
		name = text.T("cli.ls.total")
	}
	o.line("%12s %10s  %s", units.FormatBytes(u.Bytes, l.app.sizes()), units.FormatCount(u.Objects), o.name(name))
}

// isMissing tells the error of something that does not exist.
func isMissing(err error) bool {
	var missing *notFoundError
	return errors.As(err, &missing) || storage.KindOf(err) == storage.KindNotFound
}
