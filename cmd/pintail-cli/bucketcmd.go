package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/storage/policy"
)

// bucketOptions is what bucket get, set and rm were asked for.
type bucketOptions struct {
	Address                               address
	Feature                               string
	Value                                 string // the short form
	File                                  string
	ID                                    string
	MFA, MFADelete, Index, Error, Confirm string
	document                              storage.Document
	change                                func(context.Context, *storage.Session, storage.Location) error
	rules                                 policy.Policy // of a policy that is set
	lockOuts                              []policy.LockOut
}

func bucketCommand(a *app) *cobra.Command {
	command := func(use, short string, most int, run func(context.Context, *app, *bucketOptions) error, flags func(*cobra.Command, *bucketOptions)) *cobra.Command {
		var o bucketOptions
		c := &cobra.Command{Use: use, Short: short, Args: between(2, most), RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.arguments(args, cmd.Name()); err != nil {
				return err
			}
			return run(cmd.Context(), a, &o)
		}, ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return bucketFeatures(cmd.Name()), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		}}
		c.Flags().StringVar(&o.ID, "id", "", "the `ID` of an inventory, analytics, metrics or intelligent-tiering configuration")
		if flags != nil {
			flags(c, &o)
		}
		return c
	}
	return group("bucket", text.T("bucket.short"),
		command("get NAME FEATURE [--id ID]", text.T("bucket.get"), 2, runBucketGet, nil),
		command("set NAME FEATURE [VALUE | -f FILE]", text.T("bucket.set"), 3, runBucketSet, func(c *cobra.Command, o *bucketOptions) {
			f := c.Flags()
			f.StringVarP(&o.File, "file", "f", "", "the document, as JSON that aws s3api put-bucket-… takes; - is standard input: `FILE`")
			f.StringVar(&o.MFA, "mfa", "", "for MFA delete: `\"SERIAL CODE\"`, the device and its code")
			f.StringVar(&o.MFADelete, "mfa-delete", "", "with versioning: `on|off`, whether removing a version needs a code")
			f.StringVar(&o.Index, "index", "", "with website: the `NAME` of the page of a folder")
			f.StringVar(&o.Error, "error", "", "with website: the `KEY` of the page for errors")
			f.StringVar(&o.Confirm, "confirm", "", "the `BUCKET` whose policy may lock oneself out; --yes alone does not answer that")
		}),
		command("rm NAME FEATURE [--id ID]", text.T("bucket.rm"), 2, runBucketRm, nil),
	)
}

// bucketFeatures are what a command can be asked for.
func bucketFeatures(command string) []string {
	all := storage.BucketFeatures()
	if command == "get" {
		all = append([]string{accessPoints}, all...) // it comes first by its name
	}
	return all
}

func (o *bucketOptions) arguments(args []string, command string) error {
	var err error
	if o.Address, err = bucketAddress(args[0]); err != nil {
		return err
	}
	o.Feature, o.Value = args[1], ""
	if len(args) > 2 {
		o.Value = args[2]
	}
	switch all := bucketFeatures(command); {
	case !slices.Contains(all, o.Feature) && o.Feature == accessPoints:
		return usagef("access points can only be listed: bucket get NAME %s", accessPoints)
	case !slices.Contains(all, o.Feature):
		return usagef("%q is none of %s", o.Feature, strings.Join(all, ", "))
	}
	if o.ID != "" && !storage.HasIDs(o.Feature) {
		return usagef("a bucket has one %s, without an id", o.Feature)
	}
	return nil
}

func runBucketGet(ctx context.Context, a *app, o *bucketOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	if o.Feature == accessPoints {
		return printAccessPoints(ctx, a, c.Session, o.Address.Bucket)
	}
	var b []byte
	if storage.HasIDs(o.Feature) && o.ID == "" {
		err = again(ctx, a, func() error {
			list, err := c.Session.BucketDocuments(ctx, o.Address.Location, o.Feature)
			if err == nil {
				b, err = storage.DocumentsJSON(o.Feature, list)
			}
			return err
		})
	} else {
		err = again(ctx, a, func() error {
			d, err := c.Session.BucketDocument(ctx, o.Address.Location, o.Feature, o.ID)
			if err != nil {
				return err
			}
			if d.IsZero() {
				a.note(text.T("bucket.none", o.Address.Bucket, o.Feature))
			}
			b, err = d.JSON()
			return err
		})
	}
	if err != nil {
		return err
	}
	a.out.write(b)
	return a.out.flush()
}

func runBucketSet(ctx context.Context, a *app, o *bucketOptions) error {
	if err := o.prepare(a); err != nil {
		return err
	}
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	loc := o.Address.Location
	// whoever comes by TLS is not hit by a statement about plain http
	if o.lockOuts = o.rules.LockOuts(o.Address.Bucket, policy.Self{Secure: c.Session.Secure()}); len(o.lockOuts) > 0 {
		if err := a.mayLockOut(ctx, o); err != nil {
			return err
		}
	}
	if a.opts.DryRun {
		a.out.line("%s", text.T("bucket.dry", o.Address.Bucket, o.Feature))
		return a.out.flush()
	}
	err = again(ctx, a, func() error {
		if o.change != nil {
			return o.change(ctx, c.Session, loc)
		}
		return c.Session.SetBucketDocument(ctx, loc, o.document, o.MFA)
	})
	if errors.Is(err, storage.ErrNotReadBack) {
		a.note(text.T("bucket.unread", o.Address.Bucket, o.Feature))
	}
	if err == nil {
		a.note(text.T("bucket.done", o.Address.Bucket, o.Feature))
	}
	return err
}

// prepare makes of the arguments what will be set, before anything is sent.
func (o *bucketOptions) prepare(a *app) error {
	short := o.Value != "" || o.Index != "" || o.Error != "" || o.MFADelete != ""
	switch {
	case o.File != "" && short:
		return usagef("give a value or a document, not both")
	case o.File == "" && !short:
		return usagef("%s needs a value or -f FILE; usage: %s", o.Feature, "bucket set NAME FEATURE [VALUE | -f FILE]")
	case o.MFA != "" && len(strings.Fields(o.MFA)) != 2:
		return usagef(`--mfa takes the device and its code: --mfa "SERIAL CODE"`)
	case o.File == "":
		return o.shortForm(a)
	}
	b, err := a.documentFile(o.File)
	if err != nil {
		return err
	}
	if o.Feature == "policy" {
		return o.preparePolicy(a, b)
	}
	if o.document, err = storage.ParseDocument(o.Feature, b); err != nil {
		return usagef("%s: %v", o.File, err)
	}
	if o.ID != "" && o.document.ID() != o.ID {
		return usagef("%s: the document's Id is %q", o.File, o.document.ID())
	}
	return nil
}

// preparePolicy checks a policy by its grammar and keeps it, to see later whether it shuts out the one who sets it.
func (o *bucketOptions) preparePolicy(a *app, b []byte) error {
	var err error
	if o.document, err = storage.ParseDocument("policy", b); err != nil {
		return usagef("%s: %v", o.File, err)
	}
	doc := []byte(o.document.Policy())
	problems := policy.Check(doc, o.Address.Bucket)
	if fatal := policy.Fatal(problems); fatal != nil {
		return usagef("%s: %v", o.File, fatal)
	}
	for _, p := range problems {
		a.note(o.File + ": " + p.Error())
	}
	p, err := policy.Parse(doc)
	if err != nil {
		return usagef("%s: %v", o.File, err)
	}
	o.rules = p
	return nil
}

// mayLockOut asks for the bucket's name before a policy is set that may be nobody's to change again.
func (a *app) mayLockOut(ctx context.Context, o *bucketOptions) error {
	l := o.lockOuts[0]
	what := text.T("bucket.lockout", l.Statement.Line, strings.Join(l.Actions, ", "))
	switch {
	case o.Confirm == o.Address.Bucket:
		a.note(what)
		return nil
	case o.Confirm != "" || a.opts.Yes:
		return usagef("%s %s", what, text.T("bucket.confirm", o.Address.Bucket))
	}
	_, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: text.T("bucket.lockout.ask", o.Address.Bucket), Text: what, Type: o.Address.Bucket})
	return err
}

// maxDocument is the largest document that is read, in bytes.
const maxDocument = 4 << 20

// documentFile reads a document from a file or from standard input.
func (a *app) documentFile(name string) ([]byte, error) {
	in := a.sys.Stdin
	if name == "-" {
		if a.opts.PasswordStdin {
			return nil, usagef("standard input is either the secret or the document")
		}
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, usagef("%v", err)
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(b) > maxDocument {
		return nil, usagef("%s is larger than any document of S3's", name)
	}
	return b, nil
}

func runBucketRm(ctx context.Context, a *app, o *bucketOptions) error {
	if storage.HasIDs(o.Feature) && o.ID == "" {
		return usagef("%s needs --id ID; see bucket get %s %s", o.Feature, o.Address.Bucket, o.Feature)
	}
	if o.Feature == "location" {
		return usagef("a bucket stays where it is")
	}
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	if a.opts.DryRun {
		a.out.line("%s", text.T("bucket.dry.rm", o.Address.Bucket, o.Feature))
		return a.out.flush()
	}
	err = again(ctx, a, func() error { return c.Session.DeleteBucketDocument(ctx, o.Address.Location, o.Feature, o.ID) })
	if err == nil {
		a.note(text.T("bucket.gone", o.Address.Bucket, o.Feature))
	}
	return err
}
