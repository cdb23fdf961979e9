package main

import (
	"context"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/transfer"
)

// connectToChange is connect for a command that changes or takes away what is there: of a connection that is marked as production the name
// is asked for before anything is sent. What only adds (uploads, copies, buckets, restoring) goes through connect.
func (a *app) connectToChange(ctx context.Context, addr address) (*connect.Connection, error) {
	c, err := a.connect(ctx, addr)
	if err != nil || !c.Production {
		return c, err
	}
	return c, a.agree(ctx, c.Name)
}

// agree asks for the name of a connection that is marked as production.
func (a *app) agree(ctx context.Context, name string) error {
	if a.opts.DryRun {
		return nil
	}
	_, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: text.T("production.marked", name), Type: escape(name)})
	return err
}

// agreeToSync asks for the name of the connection that a synchronization deletes on. One to this computer deletes here.
func (a *app) agreeToSync(ctx context.Context, r transfer.Request) error {
	if !r.Sync.Delete || r.Target.Local != "" {
		return nil
	}
	marks, err := a.bookmarks()
	if err != nil {
		return err
	}
	name, marked := connect.ProductionOf(marks, orElse(r.TargetConnection, r.Connection))
	if !marked {
		return nil
	}
	return a.agree(ctx, name)
}
