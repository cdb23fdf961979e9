package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/storage"
	"pintail/transfer"
)

// plan is a cp or mv as requests to the queue. There are several when some sources go below the target under their own names and
// others (given with a trailing slash) with their contents only.
type plan struct {
	kind     transfer.Kind
	requests []transfer.Request
	session  *storage.Session // of the remote side; of the sources of a copy
}

// plan opens the connections and looks at sources and target.
func (a *app) plan(ctx context.Context, o cpOptions) (plan, error) {
	p := plan{kind: transfer.Copy}
	remote := o.Sources[0]
	switch {
	case !o.Sources[0].remote():
		p.kind, remote = transfer.Upload, o.Target
	case !o.Target.remote():
		p.kind = transfer.Download
	case o.Move:
		p.kind = transfer.Move
	}
	if p.kind == transfer.Upload { // what is wrong here is found before anything is opened
		if err := checkLocal(o); err != nil {
			return p, err
		}
	}
	open := a.connect
	if o.Move && p.kind != transfer.Upload { // what is moved away is gone there
		open = a.connectToChange
	}
	c, err := open(ctx, remote)
	if err != nil {
		return p, err
	}
	p.session = c.Session
	base := transfer.Request{Kind: p.kind, Connection: c.Ref}
	if base.Options, err = a.transferOptions(o, p.kind, c, o.Target.Bucket); err != nil {
		return p, err
	}
	if (p.kind == transfer.Copy || p.kind == transfer.Move) && !sameConnection(o.Target, remote) {
		var to *connect.Connection
		if to, err = a.connect(ctx, o.Target); err != nil {
			return p, err
		}
		base.TargetConnection = to.Ref
		a.opts.limits.UpBytes /= 2 // each byte comes in and goes out: both directions together
		a.opts.limits.DownBytes /= 2
	}
	named, contents, err := a.sources(ctx, p, o)
	if err != nil {
		return p, err
	}
	return p, p.build(base, o.Target, named, contents)
}

// content is a folder whose contents go directly below the target, perhaps only those that a pattern names.
type content struct {
	transfer.Source
	include string
}

// checkLocal looks at local sources.
func checkLocal(o cpOptions) error {
	for _, s := range o.Sources {
		if s.Std || hasWildcard(s.Local) {
			continue
		}
		info, err := os.Stat(s.Local)
		if err != nil {
			return err
		}
		if info.IsDir() && !o.Recursive {
			return usagef("%s is a folder; add -r to take it with all below it", s.Given)
		}
	}
	return nil
}

// sources tells what goes under its own name from what goes with its contents only.
func (a *app) sources(ctx context.Context, p plan, o cpOptions) (named []transfer.Source, contents []content, err error) {
	for _, s := range o.Sources {
		if p.kind == transfer.Upload {
			more, below, err := a.localSource(s, o)
			if err != nil {
				return nil, nil, err
			}
			named, contents = append(named, more...), append(contents, below...)
			continue
		}
		more, below, err := a.remoteSource(ctx, p.session, s, o)
		if err != nil {
			return nil, nil, err
		}
		named, contents = append(named, more...), append(contents, below...)
	}
	return named, contents, nil
}

// localSource expands wildcards that the shell left, for a name that does not exist literally.
func (a *app) localSource(s address, o cpOptions) (named []transfer.Source, contents []content, err error) {
	paths := []string{s.Local}
	if _, err := os.Lstat(s.Local); hasWildcard(s.Local) && !a.opts.Raw && errors.Is(err, fs.ErrNotExist) {
		if paths, err = filepath.Glob(s.Local); err != nil {
			return nil, nil, usagef("%s: %v", s.Given, err)
		}
		if len(paths) == 0 {
			return nil, nil, &notFoundError{text.T("cli.glob.none", s.Given)}
		}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, err
		}
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, nil, err
		}
		if info.IsDir() && endsInSeparator(s.Local) && !o.OwnNames {
			contents = append(contents, content{Source: transfer.Source{Local: abs}})
			continue
		}
		named = append(named, transfer.Source{Local: abs})
	}
	return named, contents, nil
}

// endsInSeparator tells a path that stands for what is in the folder: "dir/", ".", "..".
func endsInSeparator(path string) bool {
	base := filepath.Base(path)
	return os.IsPathSeparator(path[len(path)-1]) || base == "." || base == ".."
}

// remoteSource resolves wildcards and finds out whether a name without a slash is a folder.
func (a *app) remoteSource(ctx context.Context, s *storage.Session, addr address, o cpOptions) ([]transfer.Source, []content, error) {
	loc := addr.Location
	if !a.opts.Raw && hasWildcard(loc.Key) {
		return a.matches(ctx, s, addr, o)
	}
	isFolder := loc.IsFolder() || loc.IsBucket()
	if isFolder && !o.Recursive {
		return nil, nil, usagef("%s is a folder; add -r to take it with all below it", addr.Given)
	}
	if !o.Recursive {
		return []transfer.Source{{Remote: loc}}, nil, nil
	}
	if isFolder {
		if err := a.mustExist(ctx, s, addr); err != nil {
			return nil, nil, err
		}
		if o.OwnNames || loc.IsBucket() && !strings.HasSuffix(addr.Given, "/") {
			return []transfer.Source{{Remote: loc}}, nil, nil
		}
		return nil, []content{{Source: transfer.Source{Remote: loc}}}, nil
	}
	l := &lister{app: a, s: s}
	exact, folder, err := l.look(ctx, loc)
	if err != nil {
		return nil, nil, err
	}
	var named []transfer.Source
	if exact {
		named = append(named, transfer.Source{Remote: loc})
	}
	if folder {
		loc.Key += "/"
		named = append(named, transfer.Source{Remote: loc})
	}
	if len(named) == 0 {
		return nil, nil, &notFoundError{text.T("cli.ls.missing", addr.Given)}
	}
	return named, nil, nil
}

// matches are the sources that a pattern names. A pattern over several levels keeps the folders below its fixed part.
func (a *app) matches(ctx context.Context, s *storage.Session, addr address, o cpOptions) ([]transfer.Source, []content, error) {
	g, err := newGlob(addr.Key)
	if err != nil {
		return nil, nil, err
	}
	if g.deep() {
		if len(o.Include) > 0 {
			return nil, nil, usagef("--include cannot be joined with a wildcard over several folders")
		}
		folder := storage.Location{Bucket: addr.Bucket, Key: g.folder}
		if err := a.someMatch(ctx, s, addr, g); err != nil {
			return nil, nil, err
		}
		return nil, []content{{transfer.Source{Remote: folder}, g.include()}}, nil
	}
	found, err := a.expand(ctx, s, addr, o.Recursive)
	if err != nil {
		return nil, nil, err
	}
	named := make([]transfer.Source, len(found))
	for i, loc := range found {
		named[i] = transfer.Source{Remote: loc}
	}
	return named, nil, nil
}

// someMatch looks for the first key that a deep pattern names.
func (a *app) someMatch(ctx context.Context, s *storage.Session, addr address, g glob) error {
	for page, err := range a.list(ctx, s, addr.Bucket, g.prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if g.match(e.Key) {
				return nil
			}
		}
	}
	return &notFoundError{text.T("cli.glob.none", addr.Given)}
}

// mustExist looks whether there is anything below a folder; an empty bucket is there, too.
func (a *app) mustExist(ctx context.Context, s *storage.Session, addr address) error {
	for page, err := range a.list(ctx, s, addr.Bucket, addr.Key, storage.ListOptions{PageSize: 1}) {
		if err != nil {
			return err
		}
		if len(page.Entries) > 0 || addr.Key == "" {
			return nil
		}
	}
	if addr.Key == "" {
		return nil
	}
	return &notFoundError{text.T("cli.ls.missing", addr.Given)}
}

// build makes the requests.
func (p *plan) build(base transfer.Request, to address, named []transfer.Source, contents []content) error {
	folder := to.remote() && (to.Key == "" || to.IsFolder())
	exists := false
	if !to.remote() {
		info, err := os.Stat(to.Local)
		exists = err == nil && info.IsDir()
		folder = exists || endsInSeparator(to.Local)
	}
	if len(named) > 1 && !folder {
		return usagef("several sources need a folder as the target; end %s with /", to.Given)
	}
	target := transfer.Target{Remote: to.Location}
	if !to.remote() {
		abs, err := filepath.Abs(to.Local)
		if err != nil {
			return err
		}
		target = transfer.Target{Local: abs}
	}
	if len(named) > 0 {
		r := base
		r.Sources, r.Target = named, target
		r.Target.Exact = !folder
		p.requests = append(p.requests, r)
	}
	for _, c := range contents {
		r := base
		r.Sources, r.Target = []transfer.Source{c.Source}, target
		r.Target.Exact = true
		if k := target.Remote.Key; k != "" && !strings.HasSuffix(k, "/") {
			r.Target.Remote.Key += "/"
		}
		if c.include != "" {
			r.Options.Include = []string{c.include}
		}
		p.requests = append(p.requests, r)
	}
	return nil
}

// transferOptions joins the command's options, the global ones and the preferences: for an upload also those of its bucket at c.
func (a *app) transferOptions(o cpOptions, kind transfer.Kind, c *connect.Connection, bucket string) (transfer.Options, error) {
	prefs, err := a.preferences()
	if err != nil {
		return transfer.Options{}, err
	}
	t := transfer.Options{
		Existing: a.opts.existing, Write: o.Write, ReplaceMeta: o.ReplaceMeta, PartSize: a.opts.partBytes, Threshold: a.opts.threshold,
		NoVerify: a.opts.NoVerify || !a.opts.verifySet && !preferences.DownloadVerify.Get(prefs), PreserveTime: o.Preserve, Symlinks: a.opts.symlinks, Include: o.Include, Exclude: o.Exclude,
		Older: o.Older, Newer: o.Newer, Plain: o.Plain, KeyFile: o.KeyFile,
	}
	partSize, threshold := preferences.S3PartSize.Get, preferences.S3MultipartThreshold.Get
	if kind == transfer.Upload {
		partSize, threshold = c.PartSize, c.Threshold
	}
	if t.PartSize == 0 {
		t.PartSize = partSize(prefs)
	}
	if t.Threshold == 0 {
		t.Threshold = threshold(prefs)
	}
	if t.Existing == "" {
		t.Existing = a.existing(prefs, kind, c)
	}
	if o.NoClobber {
		t.Existing, t.Write.IfNoneMatch = prompt.Skip, true
	}
	t.Write.Checksum = a.opts.checksum
	switch kind {
	case transfer.Upload:
		if t.Ignore = a.opts.Ignore; !a.opts.ignoreSet {
			t.Ignore = preferences.UploadIgnore.Get(prefs)
		}
		t.PreserveTime = t.PreserveTime || c.KeepTime(prefs)
		c.UploadDefaults(&t.Write, prefs, bucket)
		if a.opts.checksumSet {
			t.Write.Checksum = a.opts.checksum
		}
		if o.NoSSE || o.KeyFile != "" {
			t.Write.Encryption = storage.Encryption{}
		}
	case transfer.Download:
		t.PreserveTime = t.PreserveTime || preferences.DownloadTimestamp.Get(prefs)
	}
	return t, nil
}

// existing is what the connection's bookmark, its profile or the preferences say. To ask needs somebody who can answer; elsewhere
// targets are overwritten.
func (a *app) existing(prefs *preferences.Preferences, kind transfer.Kind, c *connect.Connection) prompt.Action {
	action := c.Existing(prefs, string(kind))
	if action == prompt.Ask && (a.opts.Yes || a.mustAsk("") != nil) {
		return prompt.Overwrite
	}
	return action
}
