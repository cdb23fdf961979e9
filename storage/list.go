package storage

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// List gives the objects and folders of a bucket below prefix page by page, the first as soon as it is read. Keys are
// raw. After an error nothing more comes. Paging that does not move on is an error of KindNotS3 with code "BadPaging".
func (s *Session) List(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[Page, error] {
	loc := Location{Bucket: bucket, Key: prefix}
	return func(yield func(Page, error) bool) {
		if o.Parallel > 1 && o.Delimiter == "" && !o.Restore && s.known.ok(featureListV2, bucket) && !strings.HasSuffix(bucket, "--x-s3") { // those have no order
			s.listTiles(ctx, loc, o, yield)
			return
		}
		s.listOn(ctx, loc, o, &pager{startAfter: o.StartAfter}, yield)
	}
}

// listOn lists from where p stands to the end.
func (s *Session) listOn(ctx context.Context, loc Location, o ListOptions, p *pager, yield func(Page, error) bool) {
	v1 := !s.known.ok(featureListV2, loc.Bucket)
	for {
		l, err := s.listPage(ctx, loc, o, p, v1)
		if err != nil && !v1 && p.pages == 0 && KindOf(err) == KindUnsupported {
			s.known.set(featureListV2, loc.Bucket, false)
			v1 = true
			l, err = s.listPage(ctx, loc, o, p, v1)
		}
		if err != nil && p.pages == 0 && s.refusesRestore(loc.Bucket, o, err) {
			l, err = s.listPage(ctx, loc, o, p, v1)
		}
		if err != nil {
			yield(Page{}, err)
			return
		}
		if !v1 && l.old && l.token == "" && p.token == "" {
			// The server took no notice of the version that was asked for.
			s.known.set(featureListV2, loc.Bucket, false)
			v1 = true
		}
		more, err := p.advance(l, o.Delimiter, v1)
		if err != nil {
			// What the page holds is true all the same, but the listing as a whole is not complete.
			if yield(l.page, nil) {
				yield(Page{}, s.badPaging(listOp(v1), loc, err))
			}
			return
		}
		if !yield(l.page, nil) || !more {
			return
		}
	}
}

// asksRestore tells whether a listing asks for the state of restores. Directory buckets have no archives and refuse the question.
func (s *Session) asksRestore(bucket string, o ListOptions) []types.OptionalObjectAttributes {
	if !o.Restore || strings.HasSuffix(bucket, "--x-s3") || !s.known.ok(featureRestoreStatus, bucket) {
		return nil
	}
	return []types.OptionalObjectAttributes{types.OptionalObjectAttributesRestoreStatus}
}

// refusesRestore tells whether a listing failed because of that question; it is not asked again then.
func (s *Session) refusesRestore(bucket string, o ListOptions, err error) bool {
	if kind := KindOf(err); s.asksRestore(bucket, o) == nil || kind != KindInvalid && kind != KindUnsupported {
		return false
	}
	s.known.set(featureRestoreStatus, bucket, false)
	return true
}

func (s *Session) badPaging(op string, loc Location, err error) *Error {
	return &Error{Op: op, Location: loc, Host: s.Host(), Kind: KindNotS3, Code: "BadPaging", Message: err.Error(), Err: err}
}

func listOp(v1 bool) string {
	if v1 {
		return "ListObjects"
	}
	return "ListObjectsV2"
}

func (s *Session) pageSize(o ListOptions) *int32 {
	n := s.cfg.PageSize
	if o.PageSize > 0 && o.PageSize <= 1000 {
		n = o.PageSize
	}
	return aws.Int32(n)
}

func (s *Session) listPage(ctx context.Context, loc Location, o ListOptions, p *pager, v1 bool) (*listing, error) {
	var delimiter, start *string
	if o.Delimiter != "" {
		delimiter = aws.String(o.Delimiter)
	}
	_, rec, err := do(ctx, s, listOp(v1), loc, func(ctx context.Context, c *s3.Client, rec *call) (any, error) {
		if v1 {
			marker := p.marker
			if marker == "" {
				marker = p.startAfter
			}
			if marker != "" {
				start = aws.String(marker)
			}
			return c.ListObjects(ctx, &s3.ListObjectsInput{Bucket: &loc.Bucket, Prefix: optional(loc.Key), Delimiter: delimiter,
				Marker: start, MaxKeys: s.pageSize(o), EncodingType: types.EncodingTypeUrl, OptionalObjectAttributes: s.asksRestore(loc.Bucket, o)})
		}
		in := &s3.ListObjectsV2Input{Bucket: &loc.Bucket, Prefix: optional(loc.Key), Delimiter: delimiter,
			MaxKeys: s.pageSize(o), EncodingType: types.EncodingTypeUrl, ContinuationToken: optional(p.token)}
		if p.token == "" {
			in.StartAfter = optional(p.startAfter)
		}
		if o.Owner {
			in.FetchOwner = aws.Bool(true)
		}
		in.OptionalObjectAttributes = s.asksRestore(loc.Bucket, o)
		if r := s.lean(ctx, rec); r != nil {
			r.list(in)
			return r.send(ctx)
		}
		return c.ListObjectsV2(ctx, in)
	})
	if err != nil {
		return nil, err
	}
	return rec.listing, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pager moves a listing on and notices when it does not move.
type pager struct {
	startAfter string
	token      string
	marker     string
	version    string
	pages      int
	empty      int
	last       string // what the page before ended with, and how many it had
}

// maxEmptyPages is how many pages without a key may follow each other; S3's directory buckets do send some.
const maxEmptyPages = 3

// advance takes the place of the next page out of l. more is false at the end.
func (p *pager) advance(l *listing, delimiter string, v1 bool) (more bool, err error) {
	if !l.truncated {
		return false, nil
	}
	if err := p.moved(l); err != nil {
		return false, err
	}
	if !v1 {
		switch {
		case l.token == "":
			return false, fmt.Errorf("the server says that there is more and gives no token to ask for it")
		case l.token == p.token:
			return false, fmt.Errorf("the server gives the same token again: the listing would never end")
		}
		p.token = l.token
		return true, nil
	}
	next := l.marker
	if next == "" {
		// Without a delimiter S3's first listing leaves the marker to the client.
		next = lastOf(l)
	}
	if next == "" || next == p.marker {
		return false, fmt.Errorf("the server says that there is more and its marker does not move on")
	}
	p.marker = next
	return true, nil
}

// moved compares the page with the one before.
func (p *pager) moved(l *listing) error {
	p.pages++
	n := len(l.page.Entries) + len(l.page.Prefixes)
	if n == 0 {
		if p.empty++; p.empty > maxEmptyPages {
			return fmt.Errorf("the server sends page after page without a key")
		}
		return nil
	}
	p.empty = 0
	sign := fmt.Sprintf("%d %q %q", n, firstOf(l), lastOf(l))
	if sign == p.last {
		return fmt.Errorf("the server sends the same page again: the listing would never end")
	}
	p.last = sign
	return nil
}

func firstOf(l *listing) string {
	if len(l.page.Entries) > 0 {
		return l.page.Entries[0].Key + "\x00" + l.page.Entries[0].Version
	}
	return l.page.Prefixes[0]
}

// lastOf is the greatest key or folder of the page.
func lastOf(l *listing) string {
	last := ""
	if n := len(l.page.Entries); n > 0 {
		last = l.page.Entries[n-1].Key
	}
	if n := len(l.page.Prefixes); n > 0 {
		last = max(last, l.page.Prefixes[n-1])
	}
	return last
}

// ListVersions gives every version and delete marker below prefix, page by page, newest first for each key.
func (s *Session) ListVersions(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[Page, error] {
	loc := Location{Bucket: bucket, Key: prefix}
	return func(yield func(Page, error) bool) {
		p := pager{marker: o.StartAfter}
		for {
			l, err := s.versionsPage(ctx, loc, o, &p)
			if err != nil && p.pages == 0 && s.refusesRestore(loc.Bucket, o, err) {
				l, err = s.versionsPage(ctx, loc, o, &p)
			}
			if err != nil {
				yield(Page{}, err)
				return
			}
			l.dropRepeated(p.marker, p.version)
			more, err := p.advanceVersions(l)
			if err != nil {
				if yield(l.page, nil) {
					yield(Page{}, &Error{Op: "ListObjectVersions", Location: loc, Host: s.Host(), Kind: KindNotS3, Code: "BadPaging", Message: err.Error(), Err: err})
				}
				return
			}
			if !yield(l.page, nil) || !more {
				return
			}
		}
	}
}

// dropRepeated takes away the version that the page before ended with: versitygw (1.8) sends it again.
func (l *listing) dropRepeated(key, version string) {
	if e := l.page.Entries; len(e) > 0 && version != "" && e[0].Key == key && e[0].Version == version {
		l.page.Entries = e[1:]
	}
}

func (s *Session) versionsPage(ctx context.Context, loc Location, o ListOptions, p *pager) (*listing, error) {
	_, rec, err := do(ctx, s, "ListObjectVersions", loc, func(ctx context.Context, c *s3.Client, _ *call) (any, error) {
		return c.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: &loc.Bucket, Prefix: optional(loc.Key),
			Delimiter: optional(o.Delimiter), KeyMarker: optional(p.marker), VersionIdMarker: optional(p.version),
			MaxKeys: s.pageSize(o), EncodingType: types.EncodingTypeUrl, OptionalObjectAttributes: s.asksRestore(loc.Bucket, o)})
	})
	if err != nil {
		return nil, err
	}
	return rec.listing, nil
}

func (p *pager) advanceVersions(l *listing) (bool, error) {
	if !l.truncated {
		return false, nil
	}
	if err := p.moved(l); err != nil {
		return false, err
	}
	if l.marker == "" || l.marker == p.marker && l.version == p.version {
		return false, fmt.Errorf("the server says that there is more and its marker does not move on")
	}
	p.marker, p.version = l.marker, l.version
	return true, nil
}
