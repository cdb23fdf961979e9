package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

// editOptions is what a change of objects was asked for.
type editOptions struct {
	Address   address
	Recursive bool
	Version   string // of one object; only for what is set in its place
	Plain     bool
	Edit      storage.Edit
}

// editCommand is a command that changes objects: ADDR, then what fill makes the edit of.
func editCommand(a *app, c *cobra.Command, fill func(args []string, e *storage.Edit) error) *cobra.Command {
	var o editOptions
	c.RunE = func(cmd *cobra.Command, args []string) error {
		o.Edit = storage.Edit{}
		var err error
		if o.Address, err = remoteAddress(args[0]); err != nil {
			return err
		}
		if err := fill(args[1:], &o.Edit); err != nil {
			return err
		}
		if err := o.check(a); err != nil {
			return err
		}
		return runEdit(cmd.Context(), a, o)
	}
	c.Flags().BoolVarP(&o.Recursive, "recursive", "r", false, "all objects below a folder or in a bucket")
	c.Flags().BoolVar(&o.Plain, "plain", false, "go on without what cannot be read before and would be lost: access list, tags, lock")
	if inPlace := []string{"set", "rm", "lock"}; slices.Contains(inPlace, c.Name()) {
		c.Flags().StringVar(&o.Version, "version", "", "the version `ID`")
	}
	return c
}

// check refuses what cannot be right, before anything is sent.
func (o editOptions) check(a *app) error {
	folder := o.Address.IsBucket() || o.Address.IsFolder()
	switch {
	case o.Address.IsRoot():
		return usagef("%s stands for all buckets; name one", o.Address.Given)
	case folder && !o.Recursive:
		return usagef("%s is a folder; add -r to change all below it", o.Address.Given)
	case o.Version != "" && (o.Recursive || o.Edit.Rewrites()):
		return usagef("--version goes with the tags or the lock of one object: all else makes a new version")
	case hasWildcard(o.Address.Key) && !a.opts.Raw && o.Recursive:
		return usagef("%s: wildcards name objects; -r names a folder", o.Address.Given)
	}
	var e *storage.Error
	if err := o.Edit.Check(); errors.As(err, &e) {
		return usagef("%s", e.Message)
	}
	return nil
}

func runEdit(ctx context.Context, a *app, o editOptions) error {
	if o.Recursive && !a.opts.DryRun {
		if err := a.mustAsk(text.T("edit.ask", o.Address.Given)); err != nil {
			return err
		}
	}
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	where := []storage.Location{o.Address.Location}
	switch {
	case o.Recursive:
		if !where[0].IsBucket() && !where[0].IsFolder() {
			where[0].Key += "/"
		}
		if !a.opts.DryRun {
			if err := a.confirmEdit(ctx, c.Session, o, where[0]); err != nil {
				return err
			}
		}
	case hasWildcard(o.Address.Key) && !a.opts.Raw:
		if where, err = a.expand(ctx, c.Session, o.Address, false); err != nil {
			return err
		}
	}
	where[0].Version = o.Version
	r := transfer.Changing(c.Ref, o.Edit, where...)
	r.Options.Plain = o.Plain
	if a.opts.DryRun {
		return a.dryEdit(ctx, c.Session, r)
	}
	return a.runTransfers(ctx, []transfer.Request{r}, nil)
}

// confirmEdit counts what would be changed, says what that comes to, and asks.
func (a *app) confirmEdit(ctx context.Context, s *storage.Session, o editOptions, folder storage.Location) error {
	if a.opts.Yes {
		return nil
	}
	var sum usage
	at := o.Address
	at.Location = folder
	if err := a.count(ctx, s, at, &sum); err != nil {
		return err
	}
	n, bytes := units.FormatCount(sum.Objects), units.FormatBytes(sum.Bytes, a.sizes())
	id := "edit.inplace"
	if o.Edit.Rewrites() {
		id = "edit.rewrites"
		v, err := s.Versioning(ctx, storage.Location{Bucket: folder.Bucket})
		if err == nil && v.Status == "Enabled" {
			id = "edit.versions"
		}
	}
	what := map[string]string{"edit.inplace": text.N("edit.inplace", int(sum.Objects), n), "edit.rewrites": text.N("edit.rewrites", int(sum.Objects), n, bytes),
		"edit.versions": text.N("edit.versions", int(sum.Objects), n, bytes)}[id]
	if sum.Objects >= mostCounted {
		what = text.T("edit.many", units.FormatCount(mostCounted), what)
	}
	if l := o.Edit.Lock; l != nil && l.Retention != nil && l.Retention.Mode == storage.RetentionCompliance {
		what += " " + text.T("edit.compliance", localTime(l.Retention.Until))
	}
	_, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: text.T("edit.ask", o.Address.Given), Text: what})
	return err
}

// dryEdit says which objects would be changed.
func (a *app) dryEdit(ctx context.Context, s *storage.Session, r transfer.Request) error {
	for _, src := range r.Sources {
		loc := src.Remote
		if !loc.IsFolder() && !loc.IsBucket() {
			var info storage.Info
			if err := again(ctx, a, func() (err error) { info, err = s.Stat(ctx, loc); return err }); err != nil {
				return missingVersion(err, loc)
			}
			a.would(r, loc.String(), "", info.Size)
			continue
		}
		for page, err := range a.list(ctx, s, loc.Bucket, loc.Key, storage.ListOptions{}) {
			if err != nil {
				return err
			}
			for _, e := range page.Entries {
				if !strings.HasSuffix(e.Key, "/") || e.Size > 0 {
					a.would(r, storage.Location{Bucket: loc.Bucket, Key: e.Key}.String(), "", e.Size)
				}
			}
			if err := a.out.flush(); err != nil {
				return err
			}
		}
	}
	a.note(text.T("cli.dry.nothing"))
	return a.out.flush()
}

func classCommand(a *app) *cobra.Command {
	return editCommand(a, &cobra.Command{Use: "class [-r] ADDR CLASS", Short: text.T("edit.class"), Args: exactly(2),
		Example: "  pintail-cli class s3://bucket/old.tar GLACIER\n  pintail-cli class -r s3://bucket/logs/ STANDARD_IA"},
		func(args []string, e *storage.Edit) error {
			if strings.Trim(args[0], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") != "" || args[0] == "" {
				return usagef("%q is no storage class; they are written like STANDARD_IA", args[0])
			}
			e.Class = args[0]
			return nil
		})
}

func encryptCommand(a *app) *cobra.Command {
	bucketKey, list, key := false, false, ""
	c := editCommand(a, &cobra.Command{Use: "encrypt [-r] ADDR none|AES256|aws:kms[:KEY]|aws:kms:dsse[:KEY]", Short: text.T("edit.encrypt"), Args: exactly(2),
		Example: "  pintail-cli encrypt s3://bucket/a.txt aws:kms --key alias/mine\n  pintail-cli encrypt -r s3://bucket/ AES256\n  pintail-cli encrypt --keys s3://bucket"},
		func(args []string, e *storage.Edit) error {
			sse, err := parseSSE(args[0])
			if err != nil {
				return err
			}
			if bucketKey && sse.Type != "aws:kms" {
				return usagef("--bucket-key goes with aws:kms")
			}
			if key != "" && (!strings.HasPrefix(sse.Type, "aws:kms") || sse.KeyID != "") {
				return usagef("--key names the key of aws:kms or aws:kms:dsse, once")
			}
			if key != "" {
				sse.KeyID = key
			}
			sse.BucketKey = bucketKey
			e.Encryption = &sse
			return nil
		})
	c.Flags().BoolVar(&bucketKey, "bucket-key", false, "with the bucket's data key between the object and the KMS key")
	c.Flags().StringVar(&key, "key", "", "the KMS `KEY`: its id, ARN or alias, like alias/mine")
	c.Flags().BoolVar(&list, "keys", false, "list the KMS keys of the bucket's region, and change nothing")
	listKeysInstead(a, c, &list)
	return c
}
