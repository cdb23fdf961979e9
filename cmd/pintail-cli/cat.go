package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
)

// catOptions is what cat was asked for.
type catOptions struct {
	Address address
	First   int64 // offset of the first byte
	Length  int64 // < 0 = to the end
	Suffix  int64 // the last so many bytes; 0 = not asked for
	Version string
	KeyFile string // of a key for SSE-C
}

func catCommand(a *app, run func(context.Context, *app, catOptions) error) *cobra.Command {
	o := catOptions{Length: -1}
	var span string
	c := &cobra.Command{
		Use: "cat ADDR [--range A-B] [--version ID]", Short: text.T("cli.cat.short"), Args: exactly(1),
		Example: "  pintail-cli cat s3://bucket/log.txt\n  pintail-cli cat --range 0-99 s3://bucket/big.bin",
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = objectAddress(args[0]); err != nil {
				return err
			}
			if o.First, o.Length, o.Suffix, err = parseRange(span); err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&span, "range", "", "bytes `A-B`, counted from 0 with B included; A- is to the end, -N the last N")
	c.Flags().StringVar(&o.Version, "version", "", "the version `ID`")
	c.Flags().StringVar(&o.KeyFile, "sse-c", "", "`FILE` with the key of an object that is encrypted with it (SSE-C)")
	return c
}

// parseRange reads A-B, A- and -N.
func parseRange(s string) (first, length, suffix int64, err error) {
	if s == "" {
		return 0, -1, 0, nil
	}
	bad := usagef("--range %s: write A-B, A- or -N with byte numbers", s)
	from, to, ok := strings.Cut(s, "-")
	if !ok || from == "" && to == "" {
		return 0, 0, 0, bad
	}
	if from == "" {
		suffix, err = strconv.ParseInt(to, 10, 64)
		if err != nil || suffix < 1 {
			return 0, 0, 0, bad
		}
		return 0, -1, suffix, nil
	}
	if first, err = strconv.ParseInt(from, 10, 64); err != nil || first < 0 {
		return 0, 0, 0, bad
	}
	if to == "" {
		return first, -1, 0, nil
	}
	last, err := strconv.ParseInt(to, 10, 64)
	if err != nil || last < first {
		return 0, 0, 0, bad
	}
	return first, last - first + 1, 0, nil
}

func runCat(ctx context.Context, a *app, o catOptions) error {
	ctx, err := withKeyFile(ctx, o.KeyFile)
	if err != nil {
		return err
	}
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	loc := o.Address.Location
	loc.Version = o.Version
	loc, err = a.single(ctx, c.Session, o.Address, loc)
	if err != nil {
		return err
	}
	return missingVersion(a.cat(ctx, c.Session, loc, o), loc)
}

// missingVersion says that there is no such version where a server calls an id that is none of its own an invalid argument.
func missingVersion(err error, loc storage.Location) error {
	if loc.Version == "" || storage.KindOf(err) != storage.KindInvalid {
		return err
	}
	var s *storage.Error
	if !errors.As(err, &s) || s.HTTPStatus != http.StatusBadRequest {
		return err
	}
	return &notFoundError{text.T("cli.version.missing", loc.Version, storage.Location{Bucket: loc.Bucket, Key: loc.Key}.String())}
}

// single resolves a wildcard that must match one object.
func (a *app) single(ctx context.Context, s *storage.Session, addr address, loc storage.Location) (storage.Location, error) {
	if a.opts.Raw || !hasWildcard(loc.Key) {
		return loc, nil
	}
	found, err := a.expand(ctx, s, addr, false)
	if err != nil {
		return loc, err
	}
	if len(found) > 1 {
		return loc, usagef("%s matches %d objects; name one", addr.Given, len(found))
	}
	found[0].Version = loc.Version
	return found[0], nil
}

// cat copies an object to standard output and, if it is a whole one, compares it with what the server says of it. Opening is tried
// again; once bytes went out nothing can be taken back.
func (a *app) cat(ctx context.Context, s *storage.Session, loc storage.Location, o catOptions) error {
	read := storage.ReadOptions{Offset: o.First, Length: o.Length}
	read.Whole = o.First == 0 && o.Length < 0
	if o.Suffix > 0 {
		var info storage.Info
		err := again(ctx, a, func() (err error) { info, err = s.Stat(ctx, loc); return err })
		if err != nil {
			return err
		}
		read.Offset = max(0, info.Size-o.Suffix)
		read.Whole = read.Offset == 0
		read.IfMatch = info.ETag
	}
	var body *storage.Reader
	err := again(ctx, a, func() (err error) { body, err = s.Read(ctx, loc, read); return err })
	if err != nil {
		return err
	}
	defer body.Close() // the reading has told what there is to tell
	if !read.Whole || a.opts.NoVerify {
		return copyOut(a.sys.Stdout, body, loc)
	}
	check := transfer.CheckContent(body.Info)
	if err := copyOut(io.MultiWriter(check, a.sys.Stdout), body, loc); err != nil {
		return err
	}
	_, err = check.Proof() // what is wrong was printed already: the exit status says so
	return err
}

func copyOut(w io.Writer, body io.Reader, loc storage.Location) error {
	if _, err := io.Copy(w, body); err != nil {
		return fmt.Errorf("read %s: %w", loc, err)
	}
	return nil
}

type headOptions struct {
	Address address
	Bytes   int64
	Lines   int
}

func headCommand(a *app, run func(context.Context, *app, headOptions) error) *cobra.Command {
	var o headOptions
	c := &cobra.Command{
		Use: "head ADDR [--lines N] [--bytes N]", Short: text.T("cli.head.short"), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = objectAddress(args[0]); err != nil {
				return err
			}
			if o.Lines < 1 || o.Bytes < 0 {
				return usagef("head: --lines and --bytes are above 0")
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().IntVar(&o.Lines, "lines", 10, "the first `N` lines")
	c.Flags().Int64VarP(&o.Bytes, "bytes", "c", 0, "the first `N` bytes instead")
	return c
}

// runHead reads no more of the object than it prints, in pieces of 64 KiB.
func runHead(ctx context.Context, a *app, o headOptions) error {
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	loc, err := a.single(ctx, c.Session, o.Address, o.Address.Location)
	if err != nil {
		return err
	}
	var info storage.Info
	if err := again(ctx, a, func() (err error) { info, err = c.Session.Stat(ctx, loc); return err }); err != nil {
		return err
	}
	if o.Bytes > 0 {
		return a.cat(ctx, c.Session, loc, catOptions{Length: min(o.Bytes, info.Size), First: 0})
	}
	return a.headLines(ctx, c.Session, info, loc, o.Lines)
}

func (a *app) headLines(ctx context.Context, s *storage.Session, info storage.Info, loc storage.Location, lines int) error {
	const piece = 64 << 10
	for at := int64(0); at < info.Size && lines > 0; at += piece {
		read := storage.ReadOptions{Offset: at, Length: min(piece, info.Size-at), IfMatch: info.ETag}
		var got []byte
		err := again(ctx, a, func() error {
			r, err := s.Read(ctx, loc, read)
			if err != nil {
				return err
			}
			defer r.Close() // as above
			got, err = io.ReadAll(r)
			return err
		})
		if err != nil {
			return err
		}
		end := 0
		for end < len(got) && lines > 0 {
			i := bytes.IndexByte(got[end:], '\n')
			if i < 0 {
				end = len(got)
				break
			}
			end += i + 1
			lines--
		}
		if _, err := a.sys.Stdout.Write(got[:end]); err != nil {
			return err
		}
	}
	return nil
}
