package storage

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// PartSizes tells how an object was cut into its n parts when it was uploaded, in bytes and in order: what makes checksums and
// ETags of parts comparable. A size of the first part that accounts for all n is taken for all; else every part is asked
// for. Nil without an error: the server does not tell. The object must still have the ETag.
func (s *Session) PartSizes(ctx context.Context, loc Location, etag string, size, n int64) ([]int64, error) {
	first, err := s.firstPart(ctx, loc, etag)
	if err != nil {
		return nil, err
	}
	if first > 0 && first < size && (size+first-1)/first == n {
		sizes := make([]int64, n)
		for i := range sizes {
			sizes[i] = min(first, size-int64(i)*first)
		}
		return sizes, nil
	}
	sizes, err := s.listedParts(ctx, loc, n)
	if err != nil && !passing(err) {
		return nil, nil // the question is not known here, or not allowed
	}
	var total int64
	for _, p := range sizes {
		total += p
	}
	if err != nil || int64(len(sizes)) != n || total != size {
		return nil, err
	}
	return sizes, nil
}

// firstPart is the size of part 1, 0 if the server does not tell.
func (s *Session) firstPart(ctx context.Context, loc Location, etag string) (int64, error) {
	_, rec, err := do(ctx, s, "HeadObject", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.HeadObjectOutput, error) {
		return c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version), PartNumber: aws.Int32(1),
			IfMatch: aws.String(quoteETag(etag))})
	})
	switch {
	case passing(err) || KindOf(err) == KindPrecondition:
		return 0, err
	case err != nil || cleanETag(rec.header.Get("ETag")) != etag:
		return 0, nil
	}
	n, err := strconv.ParseInt(rec.header.Get("Content-Length"), 10, 64)
	if err != nil || n < 0 {
		return 0, nil
	}
	return n, nil
}

// listedParts asks for the size of every part.
func (s *Session) listedParts(ctx context.Context, loc Location, n int64) ([]int64, error) {
	var sizes []int64
	after := ""
	for int64(len(sizes)) < n {
		in := &s3.GetObjectAttributesInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version), MaxParts: aws.Int32(1000),
			ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesObjectParts}, PartNumberMarker: optional(after)}
		out, _, err := do(ctx, s, "GetObjectAttributes", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetObjectAttributesOutput, error) {
			return c.GetObjectAttributes(ctx, in)
		})
		if err != nil {
			return nil, err
		}
		if out.ObjectParts == nil {
			return nil, nil
		}
		for _, p := range out.ObjectParts.Parts {
			sizes = append(sizes, aws.ToInt64(p.Size))
		}
		next := aws.ToString(out.ObjectParts.NextPartNumberMarker)
		if len(out.ObjectParts.Parts) == 0 || !aws.ToBool(out.ObjectParts.IsTruncated) || next == after {
			break
		}
		after = next
	}
	return sizes, nil
}
