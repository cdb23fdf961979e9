package main

import (
	"context"

	"github.com/spf13/cobra"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

type mbOptions struct {
	Address address
	Make    storage.MakeBucketOptions
}

func mbCommand(a *app, run func(context.Context, *app, mbOptions) error) *cobra.Command {
	var o mbOptions
	c := &cobra.Command{
		Use: "mb [--region NAME] [--acl CANNED] [--object-lock] s3://BUCKET", Short: text.T("cli.mb.short"), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = bucketAddress(args[0]); err != nil {
				return err
			}
			if err := storage.CheckBucketName(o.Address.Bucket); err != nil {
				return usagef("%v", err)
			}
			o.Make.Region = a.opts.Region
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&o.Make.ACL, "acl", "", "`CANNED` access list")
	c.Flags().BoolVar(&o.Make.ObjectLock, "object-lock", false, "with object lock, which needs versioning for ever")
	return c
}

func runMb(ctx context.Context, a *app, o mbOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		a.out.line("%s", text.T("cli.dry.make", o.Address.Location.String()))
		return nil
	}
	if err := c.Session.MakeBucket(ctx, o.Address.Bucket, o.Make); err != nil {
		return err
	}
	a.note(text.T("cli.mb.done", o.Address.Bucket))
	return nil
}

type rbOptions struct {
	Address address
	Force   bool
}

func rbCommand(a *app, run func(context.Context, *app, rbOptions) error) *cobra.Command {
	var o rbOptions
	c := &cobra.Command{
		Use: "rb [--force] s3://BUCKET", Short: text.T("cli.rb.short"), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = bucketAddress(args[0]); err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().BoolVar(&o.Force, "force", false, "with all objects, versions, delete markers and unfinished uploads")
	return c
}

func runRb(ctx context.Context, a *app, o rbOptions) error {
	if o.Force && !a.opts.DryRun {
		if err := a.mustAsk(text.T("cli.rb.ask", o.Address.Bucket)); err != nil {
			return err
		}
	}
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	if o.Force {
		if err := a.empty(ctx, c.Session, c.Ref, o.Address); err != nil {
			return err
		}
	}
	if a.opts.DryRun {
		a.out.line("%s", text.T("cli.dry.delete", o.Address.Location.String()))
		return nil
	}
	err = again(ctx, a, func() error { return c.Session.RemoveBucket(ctx, o.Address.Bucket) })
	if err == nil {
		a.note(text.T("cli.rb.done", o.Address.Bucket))
	}
	return err
}

// contentsOf counts what a bucket holds.
type contentsOf struct {
	objects, markers, uploads int64
	bytes                     int64
}

// empty removes everything in a bucket after a question that says how much it is.
func (a *app) empty(ctx context.Context, s *storage.Session, ref string, addr address) error {
	n, uploads, err := a.contents(ctx, s, addr.Bucket)
	if err != nil {
		return err
	}
	what := text.T("cli.rb.contents", units.FormatCount(n.objects), units.FormatBytes(n.bytes, a.sizes()), units.FormatCount(n.markers), units.FormatCount(n.uploads))
	if a.opts.DryRun {
		a.note(what)
		return nil
	}
	if _, err := a.confirm(ctx, prompt.Confirm{
		Topic: prompt.TopicDelete, Title: text.T("cli.rb.ask", addr.Bucket), Text: what, Type: addr.Bucket,
	}); err != nil {
		return err
	}
	a.note(what)
	for _, u := range uploads {
		loc := storage.Location{Bucket: addr.Bucket, Key: u.Key}
		err := again(ctx, a, func() error { return s.AbortUpload(ctx, loc, u.ID) })
		if err != nil && !isMissing(err) {
			return err
		}
	}
	if n.objects+n.markers == 0 {
		return nil
	}
	return a.runTransfers(ctx, []transfer.Request{{
		Kind: transfer.Delete, Connection: ref, Sources: []transfer.Source{{Remote: storage.Location{Bucket: addr.Bucket}}},
		Options: transfer.Options{Versions: true},
	}}, nil)
}

// contents counts versions, markers and unfinished uploads. A server without versions is counted by objects.
func (a *app) contents(ctx context.Context, s *storage.Session, bucket string) (n contentsOf, uploads []storage.Upload, err error) {
	for page, err := range a.listVersions(ctx, s, bucket, "", storage.ListOptions{}) {
		if storage.KindOf(err) == storage.KindUnsupported {
			return a.plainContents(ctx, s, bucket)
		}
		if err != nil {
			return n, nil, err
		}
		n.add(page)
	}
	for page, err := range a.listUploads(ctx, s, bucket, "", storage.ListOptions{}) {
		if storage.KindOf(err) == storage.KindUnsupported {
			break
		}
		if err != nil {
			return n, nil, err
		}
		uploads = append(uploads, page.Uploads...)
	}
	n.uploads = int64(len(uploads))
	return n, uploads, nil
}

func (a *app) plainContents(ctx context.Context, s *storage.Session, bucket string) (n contentsOf, uploads []storage.Upload, err error) {
	for page, err := range a.list(ctx, s, bucket, "", storage.ListOptions{}) {
		if err != nil {
			return n, nil, err
		}
		n.add(page)
	}
	return n, nil, nil
}

func (n *contentsOf) add(p storage.Page) {
	for _, e := range p.Entries {
		if e.Marker {
			n.markers++
			continue
		}
		n.objects++
		n.bytes += e.Size
	}
}
