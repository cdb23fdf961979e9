package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
	"pintail/transfer"
)

// uploadsOptions is what the uploads commands were asked for.
type uploadsOptions struct {
	Address      address
	ID           string // one upload; "" = all below the address
	File         string // of adopt
	Older, Newer time.Duration
}

// heldUpload is an unfinished upload with what it holds on the server, and the transfer that it belongs to if it is one of ours.
type heldUpload struct {
	storage.Upload
	Parts []storage.Part
	Bytes int64
	Ours  transfer.ID // 0 = somebody else's
}

func uploadsCommand(a *app) *cobra.Command {
	command := func(use, short string, run func(context.Context, *app, uploadsOptions) error, files ...string) *cobra.Command {
		var o uploadsOptions
		var older, newer string
		c := &cobra.Command{Use: use, Short: short, Args: exactly(1 + len(files)), RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err == nil && o.Address.IsRoot() {
				err = usagef("%s needs a bucket: s3://BUCKET", cmd.Name())
			}
			if err != nil {
				return err
			}
			o.File = strings.Join(args[1:], "")
			if err := parseAges(older, newer, &o.Older, &o.Newer); err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		}}
		c.Flags().StringVar(&o.ID, "id", "", "only the upload `ID`")
		c.Flags().StringVar(&older, "older", "", "only those begun longer than `TIME` ago")
		c.Flags().StringVar(&newer, "newer", "", "only those begun less than `TIME` ago")
		return c
	}
	return group("uploads", text.T("cli.uploads.short"),
		command("ls ADDR [--older TIME]", text.T("cli.uploads.ls"), runUploadsLs),
		command("abort ADDR [--older TIME] [--id ID]", text.T("cli.uploads.abort"), runUploadsAbort),
		command("adopt ADDR FILE [--id ID]", text.T("cli.uploads.adopt"), runUploadsAdopt, "FILE"),
		command("complete ADDR [--id ID]", text.T("cli.uploads.complete"), runUploadsComplete),
	)
}

// unfinished finds the uploads that the options name and asks the server for their parts.
func (a *app) unfinished(ctx context.Context, s *storage.Session, o uploadsOptions, each func(heldUpload) error) error {
	var ours map[string]transfer.Unfinished
	err := withQueue(ctx, a, func(q *transfer.Queue) (err error) { ours, err = q.Unfinished(ctx); return err })
	if err != nil {
		return err
	}
	prefix := o.Address.Key
	for page, err := range a.listUploads(ctx, s, o.Address.Bucket, prefix, storage.ListOptions{}) {
		if err != nil {
			return err
		}
		for _, u := range page.Uploads {
			below := prefix == "" || strings.HasSuffix(prefix, "/") || u.Key == prefix || strings.HasPrefix(u.Key, prefix+"/")
			age := a.sys.Now().Sub(u.Initiated)
			if !below || o.ID != "" && u.ID != o.ID || o.Older > 0 && age < o.Older || o.Newer > 0 && age > o.Newer {
				continue
			}
			held, err := a.partsOf(ctx, s, o.Address.Bucket, u)
			if storage.KindOf(err) == storage.KindNotFound {
				continue // it ended since it was listed
			}
			if err != nil {
				return err
			}
			held.Ours = ours[u.ID].Transfer
			if err := each(held); err != nil {
				return err
			}
		}
		if err := a.out.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) partsOf(ctx context.Context, s *storage.Session, bucket string, u storage.Upload) (heldUpload, error) {
	var h heldUpload
	err := again(ctx, a, func() error {
		h = heldUpload{Upload: u}
		for parts, err := range s.Parts(ctx, storage.Location{Bucket: bucket, Key: u.Key}, u.ID) {
			if err != nil {
				return err
			}
			h.Parts = append(h.Parts, parts...)
		}
		return nil
	})
	for _, p := range h.Parts {
		h.Bytes += p.Size
	}
	return h, err
}

// uploadLine is an unfinished upload in JSON output.
type uploadLine struct {
	Type      string      `json:"type"`
	Bucket    string      `json:"bucket"`
	Key       string      `json:"key"`
	UploadID  string      `json:"upload_id"`
	Initiated *string     `json:"initiated"`
	Parts     int         `json:"parts"`
	Size      int64       `json:"size"`
	Class     string      `json:"class,omitempty"`
	Initiator string      `json:"initiator,omitempty"`
	Transfer  transfer.ID `json:"transfer,omitempty"`
}

func runUploadsLs(ctx context.Context, a *app, o uploadsOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	return a.unfinished(ctx, c.Session, o, func(u heldUpload) error {
		switch {
		case a.opts.json():
			a.out.object(uploadLine{
				Type: "upload", Bucket: o.Address.Bucket, Key: u.Key, UploadID: u.ID, Initiated: stamp(u.Initiated), Parts: len(u.Parts), Size: u.Bytes,
				Class: u.Class, Initiator: orElse(u.Initiator.Name, u.Initiator.ID), Transfer: u.Ours,
			})
		case a.opts.Null:
			a.out.raw(u.Key)
		default:
			whose := ""
			if u.Ours > 0 {
				whose = "  " + text.T("cli.uploads.ours", u.Ours)
			}
			a.out.line("%19s %12s  %s  %s%s", localTime(u.Initiated), units.FormatBytes(u.Bytes, a.sizes()), u.ID, a.out.name(u.Key), whose)
		}
		return nil
	})
}

// chosen are the uploads that a changing command takes: none of ours, which go on or end with their transfers.
func (a *app) chosen(ctx context.Context, s *storage.Session, o uploadsOptions) (chosen []heldUpload, ours int, err error) {
	err = a.unfinished(ctx, s, o, func(u heldUpload) error {
		if u.Ours > 0 {
			ours++
			a.note(text.T("cli.uploads.skipped", escape(u.Key), u.Ours, program))
			return nil
		}
		chosen = append(chosen, u)
		return nil
	})
	if err == nil && len(chosen)+ours == 0 && o.ID != "" {
		err = &notFoundError{text.T("cli.uploads.missing", o.Address.Given)}
	}
	return chosen, ours, err
}

// runUploadsAbort throws unfinished uploads away. Another computer may be at work on one, so it asks.
func runUploadsAbort(ctx context.Context, a *app, o uploadsOptions) error {
	question := text.T("cli.uploads.ask", o.Address.Given)
	if !a.opts.DryRun {
		if err := a.mustAsk(question); err != nil {
			return err
		}
	}
	c, err := a.connectToChange(ctx, o.Address)
	if err != nil {
		return err
	}
	list, _, err := a.chosen(ctx, c.Session, o)
	if err != nil {
		return err
	}
	var bytes int64
	for _, u := range list {
		bytes += u.Bytes
		if a.opts.DryRun {
			a.out.line("%s", text.T("cli.dry.abort", a.out.name(u.Key), u.ID))
		}
	}
	sum := text.N("cli.uploads.count", len(list), units.FormatCount(int64(len(list))), units.FormatBytes(bytes, a.sizes()))
	if a.opts.DryRun || len(list) == 0 {
		a.note(sum)
		return a.out.flush()
	}
	if _, err := a.confirm(ctx, prompt.Confirm{Topic: prompt.TopicDelete, Title: question, Text: sum}); err != nil {
		return err
	}
	total := &outcome{deletes: true}
	for _, u := range list {
		loc := storage.Location{Bucket: o.Address.Bucket, Key: u.Key}
		err := again(ctx, a, func() error { return c.Session.AbortUpload(ctx, loc, u.ID) })
		total.one(a, transfer.Item{Source: loc.String(), Note: u.ID, Err: err})
		if ctx.Err() != nil {
			break
		}
	}
	return total.end(a, func() { a.note(text.T("cli.uploads.aborted", units.FormatCount(total.done))) })
}

// one prints and counts an item that was done without the queue.
func (o *outcome) one(a *app, it transfer.Item) {
	it.Result = transfer.ResultDone
	o.done++
	if it.Err != nil {
		it.Result, it.Note = transfer.ResultFailed, ""
		o.done--
		o.failed++
		o.statuses = append(o.statuses, explained(it.Err).Exit)
	}
	if it.Err != nil || a.opts.json() || a.opts.Verbose {
		a.printItem(it)
	}
}

// end prints the sum and returns the error that carries the exit status.
func (o *outcome) end(a *app, sum func()) error {
	if a.opts.json() {
		a.printOutcome(o)
	} else {
		a.printAdvice()
		sum()
	}
	if status := o.status(); status != 0 {
		return errors.Join(&statusError{status}, a.out.flush())
	}
	return a.out.flush()
}
