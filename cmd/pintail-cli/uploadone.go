package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"pintail/internal/connect"
	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

// oneUpload finds the single unfinished upload of somebody else's that the options name, for a command that asks the question first.
func (a *app) oneUpload(ctx context.Context, o uploadsOptions, question string) (*connect.Connection, heldUpload, error) {
	if o.Address.Key == "" || o.Address.IsFolder() {
		return nil, heldUpload{}, usagef("%s names no object; write s3://BUCKET/KEY", o.Address.Given)
	}
	if !a.opts.DryRun {
		if err := a.mustAsk(question); err != nil {
			return nil, heldUpload{}, err
		}
	}
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return nil, heldUpload{}, err
	}
	list, ours, err := a.chosen(ctx, c.Session, o)
	list = slices.DeleteFunc(list, func(u heldUpload) bool { return u.Key != o.Address.Key })
	switch {
	case err != nil:
		return nil, heldUpload{}, err
	case len(list) == 0 && ours > 0:
		return nil, heldUpload{}, usagef("%s", text.T("cli.uploads.oursOnly", o.Address.Given))
	case len(list) == 0:
		return nil, heldUpload{}, &notFoundError{text.T("cli.uploads.missing", o.Address.Given)}
	case len(list) > 1:
		return nil, heldUpload{}, usagef("%s has %d unfinished uploads; name one with --id (see %s uploads ls)", o.Address.Given, len(list), program)
	}
	return c, list[0], nil
}

// runUploadsComplete puts the parts that the server holds together. Only who began the upload knows whether they are all, so it asks;
// a gap between them is refused.
func runUploadsComplete(ctx context.Context, a *app, o uploadsOptions) error {
	question := text.T("cli.uploads.askComplete", o.Address.Given)
	c, u, err := a.oneUpload(ctx, o, question)
	if err != nil {
		return err
	}
	if gap := storage.GapIn(u.Parts); gap > 0 {
		return usagef("%s", text.T("cli.uploads.gap", o.Address.Given, gap))
	}
	sum := text.N("cli.uploads.parts", len(u.Parts), units.FormatCount(int64(len(u.Parts))), units.FormatBytes(u.Bytes, a.sizes()))
	if a.opts.DryRun {
		a.out.line("%s", text.T("cli.dry.complete", a.out.name(o.Address.Given), sum))
		return a.out.flush()
	}
	if _, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicOther, Title: question, Text: sum}); err != nil {
		return err
	}
	return a.complete(ctx, c.Session, o.Address.Location, u)
}

func (a *app) complete(ctx context.Context, s *storage.Session, loc storage.Location, u heldUpload) error {
	began := a.sys.Now()
	w, err := s.CompleteUpload(ctx, loc, u.Upload, u.Parts, storage.WriteOptions{})
	if err != nil {
		return err
	}
	seconds := a.sys.Now().Sub(began).Seconds()
	a.printItem(transfer.Item{
		Source: u.ID, Target: loc.String(), Bytes: w.Size, Result: transfer.ResultDone, Proof: w.Proof, Version: w.Version, Seconds: seconds,
	})
	a.printOutcome(&outcome{done: 1, bytes: w.Size, seconds: seconds, proofs: map[storage.Proof]int64{w.Proof: 1}})
	return a.out.flush()
}

// runUploadsAdopt goes on with an unfinished upload of another program from the file that it was of. Parts that are there and hold the
// file's bytes are not sent again. That program may still be at work, so it asks.
func runUploadsAdopt(ctx context.Context, a *app, o uploadsOptions) error {
	file, err := filepath.Abs(o.File)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	f, id, err := localfs.OpenFile(file)
	if err != nil {
		return err
	}
	_ = f.Close() // opened for a look
	question := text.T("cli.uploads.askAdopt", o.Address.Given)
	c, u, err := a.oneUpload(ctx, o, question)
	if err != nil {
		return err
	}
	if err := transfer.CheckAdopt(u.Parts, id.Size); err != nil {
		return err
	}
	sum := text.N("cli.uploads.parts", len(u.Parts), units.FormatCount(int64(len(u.Parts))), units.FormatBytes(u.Bytes, a.sizes()))
	if a.opts.DryRun {
		a.out.line("%s", text.T("cli.dry.adopt", a.out.name(o.Address.Given), sum, units.FormatBytes(id.Size, a.sizes())))
		return a.out.flush()
	}
	if _, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicOther, Title: question, Text: sum}); err != nil {
		return err
	}
	return a.runTransfers(ctx, []transfer.Request{{
		Kind: transfer.Upload, Connection: c.Ref, Sources: []transfer.Source{{Local: file}},
		Target: transfer.Target{Remote: o.Address.Location, Exact: true}, Adopt: &u.Upload,
	}}, nil)
}
