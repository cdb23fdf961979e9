package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Read opens an object, or a range of it. A range is accepted only as 206 with exactly the bytes that were asked for; the
// reader gives exactly the announced number of bytes or an error.
func (s *Session) Read(ctx context.Context, loc Location, o ReadOptions) (*Reader, error) {
	if loc.Key == "" {
		return nil, invalid("GetObject", loc, "NoKey", "an object has a key")
	}
	if o.Offset < 0 || o.Whole && o.Offset != 0 {
		return nil, invalid("GetObject", loc, "InvalidRange", "a range begins at 0 or later, a whole object at 0")
	}
	in := &s3.GetObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version)}
	if o.IfMatch != "" {
		in.IfMatch = aws.String(quoteETag(o.IfMatch))
	}
	if !o.Whole {
		r := "bytes=" + itoa(o.Offset) + "-"
		if o.Length > 0 {
			r += itoa(o.Offset + o.Length - 1)
		}
		in.Range = &r
	}
	body, rec, err := do(ctx, s, "GetObject", loc, func(ctx context.Context, c *s3.Client, rec *call) (io.ReadCloser, error) {
		if r := s.lean(ctx, rec); r != nil {
			r.get(in)
			resp, err := r.send(ctx)
			if err != nil {
				return nil, err
			}
			return resp.Body, nil
		}
		// The mode is set as a bare header: by its field the SDK would hash every byte a second time.
		out, err := c.GetObject(ctx, in, withHeader("X-Amz-Checksum-Mode", "ENABLED"))
		if err != nil {
			return nil, err
		}
		return out.Body, nil
	})
	if plain, again := needsNoKey(ctx, err); again {
		return s.Read(plain, loc, o)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.newReader(ctx, rec, o, body)
	if err != nil {
		_ = body.Close()
		return nil, err
	}
	return r, nil
}

// withHeader sets a header before the request is signed.
func withHeader(name, value string) func(*s3.Options) {
	return func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Build.Add(middleware.BuildMiddlewareFunc("PintailHeader"+name,
				func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
					if r, ok := in.Request.(*smithyhttp.Request); ok {
						r.Header.Set(name, value)
					}
					return next.HandleBuild(ctx, in)
				}), middleware.After)
		})
	}
}

func quoteETag(e string) string {
	if e == "*" || strings.HasPrefix(e, `"`) || strings.HasPrefix(e, "W/") {
		return e
	}
	return `"` + e + `"`
}

// newReader checks the head of a GET against what was asked for.
func (s *Session) newReader(ctx context.Context, rec *call, o ReadOptions, body io.ReadCloser) (*Reader, error) {
	fail := func(kind Kind, format string, args ...any) error {
		e := s.answerError(rec, kind, "BadRange", format, args...)
		e.Retryable = kind == KindTruncated
		return e
	}
	r := &Reader{Info: infoFrom(rec), Offset: o.Offset, Length: -1}
	if o.IfMatch != "" && r.Info.ETag != cleanETag(o.IfMatch) && !strings.HasPrefix(o.IfMatch, "W/") && o.IfMatch != "*" {
		e := s.answerError(rec, KindPrecondition, "PreconditionFailed", "the server sent another version of the object than was asked for")
		return nil, e
	}
	length := int64(-1)
	if v := rec.header.Get("Content-Length"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 {
			return nil, fail(KindNotS3, "the Content-Length %q is no number", clip(v))
		}
		length = n
	}
	if o.Whole {
		if rec.status != http.StatusOK {
			return nil, fail(KindNotS3, "the status %d is no answer to a whole object", rec.status)
		}
		r.Info.Size = length
	} else {
		if rec.status != http.StatusPartialContent {
			return nil, fail(KindNotS3, "the server ignored the range and sent the status %d", rec.status)
		}
		first, last, total, err := parseContentRange(rec.header.Get("Content-Range"))
		if err != nil {
			return nil, fail(KindNotS3, "%v", err)
		}
		want := total - 1
		if o.Length > 0 {
			want = min(want, o.Offset+o.Length-1)
		}
		if first != o.Offset || last != want {
			return nil, fail(KindNotS3, "asked for the bytes %d-%d, the server sent %d-%d of %d", o.Offset, want, first, last, total)
		}
		if length >= 0 && length != last-first+1 {
			return nil, fail(KindNotS3, "%d bytes announced for a range of %d", length, last-first+1)
		}
		length = last - first + 1
		r.Info.Size = total
	}
	if length < 0 {
		// Nothing says how much will come: without a second source an early end would look like the whole.
		info, err := s.Stat(ctx, Location{Bucket: rec.loc.Bucket, Key: rec.loc.Key, Version: rec.loc.Version})
		if err != nil {
			return nil, err
		}
		if info.ETag != r.Info.ETag {
			return nil, fail(KindTruncated, "the object changed while its size was asked for")
		}
		length, r.Info.Size = info.Size, info.Size
	}
	r.Length = length
	r.ReadCloser = &exactBody{body: body, s: s, rec: rec, ctx: ctx, left: length}
	return r, nil
}

// answerError is an error about an answer that came with a good status.
func (s *Session) answerError(rec *call, kind Kind, code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Op: rec.op, Location: rec.loc, HTTPStatus: rec.status, RequestID: rec.requestID(), Host: rec.host, Kind: kind,
		Code: code, Message: err.Error(), Err: err, Unknown: changes[rec.op]}
}

// parseContentRange reads "bytes first-last/total". A total that is not said ("*") is no answer of S3.
func parseContentRange(v string) (first, last, total int64, err error) {
	bad := fmt.Errorf("the Content-Range %q cannot be read", clip(v))
	rest, ok := strings.CutPrefix(v, "bytes ")
	if !ok {
		return 0, 0, 0, bad
	}
	span, size, ok1 := strings.Cut(rest, "/")
	from, to, ok2 := strings.Cut(span, "-")
	if !ok1 || !ok2 {
		return 0, 0, 0, bad
	}
	for _, f := range []struct {
		text string
		into *int64
	}{{from, &first}, {to, &last}, {size, &total}} {
		n, err := strconv.ParseUint(f.text, 10, 63)
		if err != nil {
			return 0, 0, 0, bad
		}
		*f.into = int64(n)
	}
	if first > last || last >= total {
		return 0, 0, 0, bad
	}
	return first, last, total, nil
}

// exactBody gives exactly left bytes, or an error.
type exactBody struct {
	body io.ReadCloser
	s    *Session
	rec  *call
	ctx  context.Context
	left int64
	err  error
}

// Read reads on. It returns io.EOF only when every announced byte has come and no more does.
func (b *exactBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if b.left == 0 {
		b.err = b.end()
		return 0, b.err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	switch {
	case err == nil:
	case err == io.EOF && b.left == 0:
		b.err = io.EOF
	case b.left == 0 && n > 0: // the next call says what is wrong behind the end
		err = nil
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		b.err = b.truncated("%d bytes are missing at the end", b.left)
	default:
		b.err = b.failed(err)
	}
	if b.err != nil && n > 0 && b.err != io.EOF {
		return n, nil // what came is good; the error comes with the next call
	}
	return n, b.err
}

// end looks behind the last announced byte.
func (b *exactBody) end() error {
	var one [1]byte
	n, err := b.body.Read(one[:])
	if n > 0 {
		return b.truncated("more bytes came than announced")
	}
	if err == nil || err == io.EOF {
		return io.EOF
	}
	return b.failed(err)
}

func (b *exactBody) truncated(format string, args ...any) error {
	e := b.s.answerError(b.rec, KindTruncated, "Truncated", format, args...)
	e.Retryable = true
	return e
}

func (b *exactBody) failed(err error) error {
	e := b.s.classify(b.ctx, b.rec, err)
	if e.Kind == KindNotS3 { // a broken transfer coding
		e.Kind, e.Code, e.Retryable = KindNetwork, "ConnectionClosed", true
	}
	return e
}

// Close ends the download; the connection is used again if the body was read to its end.
func (b *exactBody) Close() error { return b.body.Close() }
