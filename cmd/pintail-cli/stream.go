package main

import (
	"context"
	"fmt"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
)

// fromStdin uploads standard input, whose length nobody knows.
func (a *app) fromStdin(ctx context.Context, o cpOptions) error {
	if a.opts.PasswordStdin {
		return usagef("standard input is either the secret or the content")
	}
	c, err := a.connect(ctx, o.Target)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		a.out.line("%s", text.T("cli.dry.copy", "-", a.out.name(o.Target.Given)))
		return nil
	}
	t, err := a.transferOptions(o, transfer.Upload, c, o.Target.Bucket)
	if err != nil {
		return err
	}
	to, err := a.streamTarget(ctx, c, o.Target.Location, &t)
	if err != nil {
		return err
	}
	if to.Key == "" {
		a.printItem(transfer.Item{Source: "-", Target: o.Target.Location.String(), Result: transfer.ResultSkipped, Note: text.T("transfer.skip_exists")})
		a.printOutcome(&outcome{skipped: 1})
		return nil
	}
	began := a.sys.Now()
	w, err := c.Session.PutStream(ctx, to, a.sys.Stdin, t.Write)
	if err != nil {
		return err
	}
	seconds := a.sys.Now().Sub(began).Seconds()
	note := ""
	if to != o.Target.Location {
		note = text.T("transfer.renamed", to.Name())
	}
	a.printItem(transfer.Item{
		Source: "-", Target: to.String(), Note: note, Bytes: w.Size, Result: transfer.ResultDone, Proof: w.Proof, Version: w.Version, Seconds: seconds,
	})
	a.printOutcome(&outcome{done: 1, bytes: w.Size, seconds: seconds, proofs: map[storage.Proof]int64{w.Proof: 1}})
	return nil
}

// streamTarget is where a stream goes to by what is to be done with a target that exists; no key = nowhere, it is skipped. Nothing can
// be compared or resumed before it is read: these overwrite.
func (a *app) streamTarget(ctx context.Context, c *connect.Connection, to storage.Location, t *transfer.Options) (storage.Location, error) {
	action := t.Existing
	if action == prompt.Overwrite || action == prompt.Compare || action == prompt.Resume {
		return to, nil
	}
	info, there, err := a.streamThere(ctx, c.Session, to)
	if err != nil || !there {
		if known := c.Session.Capabilities(to.Bucket).ConditionalWrites; known != nil && *known {
			t.Write.IfNoneMatch = true
		}
		return to, err
	}
	if action == prompt.Ask {
		said, err := a.prompts.Existing(ctx, prompt.Existing{Source: prompt.Side{Name: "-", Size: -1, Modified: a.sys.Now()}, Connection: c.Ref, Kind: string(transfer.Upload),
			Target: prompt.Side{Name: to.String(), Size: info.Size, Modified: info.Modified}})
		if err != nil {
			return to, fmt.Errorf("ask about %s: %w", to, err)
		}
		action = said.Action
	}
	switch action {
	case prompt.Skip:
		return storage.Location{}, nil
	case prompt.Cancel:
		return to, transfer.ErrStopped
	case prompt.Rename:
		for n := 1; there; n++ {
			free := storage.Location{Bucket: to.Bucket, Key: to.Parent().Key + transfer.Numbered(to.Name(), n)}
			if _, there, err = a.streamThere(ctx, c.Session, free); err != nil || !there {
				return free, err
			}
		}
	case prompt.RenameExisting:
		return to, usagef("what is at %s cannot be renamed for a stream; choose overwrite, skip, rename, ask or cancel with --existing", to)
	}
	return to, nil
}

func (a *app) streamThere(ctx context.Context, s *storage.Session, at storage.Location) (info storage.Info, there bool, err error) {
	err = again(ctx, a, func() (err error) { info, err = s.Stat(ctx, at); return err })
	if storage.KindOf(err) == storage.KindNotFound {
		return info, false, nil
	}
	return info, err == nil, err
}
