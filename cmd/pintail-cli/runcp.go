package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
)

func runCp(ctx context.Context, a *app, o cpOptions) error {
	ctx, err := withKeyFile(ctx, o.KeyFile)
	if err != nil {
		return err
	}
	switch {
	case o.Sources[0].Std:
		return a.fromStdin(ctx, o)
	case o.Target.Std:
		return a.toStdout(ctx, o)
	}
	p, err := a.plan(ctx, o)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		return a.dryRun(ctx, p)
	}
	return a.runTransfers(ctx, p.requests, nil)
}

// runMv copies, and removes each source once its copy is proved. Between objects the engine does both; a source or target on this
// computer is removed here, item by item.
func runMv(ctx context.Context, a *app, o cpOptions) error {
	ctx, err := withKeyFile(ctx, o.KeyFile)
	if err != nil {
		return err
	}
	question := text.T("cli.mv.ask", o.Sources[0].Given, o.Target.Given)
	if o.Recursive && !o.Sure && !a.opts.DryRun {
		if err := a.mustAsk(question); err != nil {
			return err
		}
	}
	p, err := a.plan(ctx, o)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		return a.dryRun(ctx, p)
	}
	if o.Recursive && !o.Sure {
		ok, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicOther, Title: question})
		if err != nil || !ok {
			return err
		}
	}
	switch p.kind {
	case transfer.Upload:
		return a.moveUp(ctx, p)
	case transfer.Download:
		return a.moveDown(ctx, p, o)
	}
	return a.runTransfers(ctx, p.requests, nil)
}

// moveUp removes each local file whose upload is proved, if it is still the file that was looked at.
func (a *app) moveUp(ctx context.Context, p plan) error {
	before := map[string]localfs.Identity{}
	for _, r := range p.requests {
		for _, s := range r.Sources {
			if err := identities(s.Local, before); err != nil {
				return err
			}
		}
	}
	var mu sync.Mutex
	var left []error
	err := a.runTransfers(ctx, p.requests, func(it transfer.Item) {
		if it.Result != transfer.ResultDone {
			return
		}
		if err := removeUnchanged(it.Source, before); err != nil {
			mu.Lock()
			defer mu.Unlock()
			left = append(left, err)
		}
	})
	return errors.Join(append(left, err)...)
}

// identities records what the files of a source are before they are uploaded.
func identities(path string, into map[string]localfs.Identity) error {
	record := func(path string) error {
		f, id, err := localfs.OpenFile(path)
		if err != nil {
			return err
		}
		into[path] = id
		return f.Close()
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return record(path)
	}
	for e := range localfs.Walk(path, localfs.WalkOptions{}) {
		if e.Kind == localfs.File {
			if err := record(e.Path); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeUnchanged(path string, before map[string]localfs.Identity) error {
	want, known := before[path]
	if !known {
		return nil // not one of ours: a folder's marker
	}
	f, now, err := localfs.OpenFile(path)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if !now.Equal(want) {
		return fmt.Errorf("%s changed meanwhile and was left: %w", path, transfer.ErrChanged)
	}
	return os.Remove(path)
}

// moveDown deletes what was downloaded and proved. The objects are deleted by a transfer of their own, which a kill cannot tear.
func (a *app) moveDown(ctx context.Context, p plan, o cpOptions) error {
	var mu sync.Mutex
	var done []transfer.Source
	bucket := o.Sources[0].Bucket
	err := a.runTransfers(ctx, p.requests, func(it transfer.Item) {
		addr, perr := parseAddress(it.Source)
		if it.Result != transfer.ResultDone || perr != nil || addr.Bucket != bucket {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		done = append(done, transfer.Source{Remote: addr.Location})
	})
	if len(done) == 0 || ctx.Err() != nil {
		return err
	}
	gone := a.runAll(ctx, []transfer.Request{{Kind: transfer.Delete, Connection: p.requests[0].Connection, Sources: exactSources(done)}}, following{silent: true})
	return errors.Join(err, gone)
}

// exactSources leaves out folder markers, which a deletion would take for the whole folder.
func exactSources(list []transfer.Source) []transfer.Source {
	var out []transfer.Source
	for _, s := range list {
		if !s.Remote.IsFolder() && !s.Remote.IsBucket() {
			out = append(out, s)
		}
	}
	return out
}

// confirm asks before something that cannot be taken back. Without an answer it is an error of usage: nothing was sent.
func (a *app) confirm(ctx context.Context, q prompt.Confirm) (bool, error) {
	ok, err := a.prompts.Confirm(ctx, q)
	if errors.Is(err, prompt.ErrDismissed) {
		return false, usagef("%s %s", q.Title, text.T("cli.ask.nobody"))
	}
	if err == nil && !ok {
		return false, &statusError{1}
	}
	return ok, err
}

func (a *app) toStdout(ctx context.Context, o cpOptions) error {
	c, err := a.connect(ctx, o.Sources[0])
	if err != nil {
		return err
	}
	loc, err := a.single(ctx, c.Session, o.Sources[0], o.Sources[0].Location)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		a.out.line("%s", text.T("cli.dry.copy", a.out.name(loc.String()), "-"))
		return nil
	}
	return a.cat(ctx, c.Session, loc, catOptions{Length: -1})
}

// dryRun prints what would be transferred, from a listing of the sources.
func (a *app) dryRun(ctx context.Context, p plan) error {
	for _, r := range p.requests {
		for _, s := range r.Sources {
			if err := a.dryRunSource(ctx, p, r, s); err != nil {
				return err
			}
		}
	}
	a.note(text.T("cli.dry.nothing"))
	return nil
}

func (a *app) dryRunSource(ctx context.Context, p plan, r transfer.Request, s transfer.Source) error {
	if p.kind == transfer.Upload {
		return a.dryRunUpload(r, s)
	}
	loc := s.Remote
	if !loc.IsFolder() && !loc.IsBucket() {
		var info storage.Info
		if err := again(ctx, a, func() (err error) { info, err = p.session.Stat(ctx, loc); return err }); err != nil {
			return err
		}
		a.would(r, loc.String(), dryTarget(r, loc.Name()), info.Size)
		return nil
	}
	own := ""
	if !r.Target.Exact {
		own = loc.Name() + "/"
	}
	f := filterOf(r.Options, a.sys.Now())
	for page, err := range a.list(ctx, p.session, loc.Bucket, loc.Key, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			rel := e.Key[len(loc.Key):]
			if f.wants(rel, e.Modified) {
				a.would(r, storage.Location{Bucket: loc.Bucket, Key: e.Key}.String(), dryTarget(r, own+rel), e.Size)
			}
		}
		if err := a.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

// would prints one item of a dry run.
func (a *app) would(r transfer.Request, source, target string, bytes int64) {
	if a.opts.json() {
		a.out.object(map[string]any{"event": "would", "action": r.Kind, "source": source, "target": target, "bytes": bytes})
		return
	}
	switch r.Kind {
	case transfer.Delete:
		a.out.line("%s", text.T("cli.dry.delete", a.out.name(source)))
	case transfer.Change:
		a.out.line("%s", text.T("edit.dry", a.out.name(source)))
	case transfer.Move:
		a.out.line("%s", text.T("cli.dry.move", a.out.name(source), a.out.name(target)))
	default:
		a.out.line("%s", text.T("cli.dry.copy", a.out.name(source), a.out.name(target)))
	}
}
