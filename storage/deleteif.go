package storage

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// DeleteUnchanged is [Session.DeleteMany] for objects that must still be what they were: each is removed only while its ETag is
// the one of the same index, else its result is an error of KindPrecondition. It is for servers that are known to hold
// deletions to a condition ([Known.ConditionalDeletes]); another one would delete without looking. Where only single deletions
// are held to theirs ([Known.ConditionalBulkDeletes] is not known to be true) the keys go one by one.
func (s *Session) DeleteUnchanged(ctx context.Context, bucket string, locs []Location, etags []string) ([]DeleteResult, error) {
	at := Location{Bucket: bucket}
	switch {
	case len(locs) > maxBulkDelete || len(etags) != len(locs):
		return nil, invalid("DeleteObjects", at, "TooMany", "at most %d keys can be deleted at once, each with an ETag", maxBulkDelete)
	case !s.known.sure(featureConditionalDeletes, bucket):
		return nil, invalid("DeleteObjects", at, "NoCondition", "the server is not known to hold deletions to a condition")
	}
	results := make([]DeleteResult, len(locs))
	var bulk, single []int
	for i, l := range locs {
		results[i].Location = l
		switch {
		case l.Bucket != bucket || l.Key == "" || etags[i] == "":
			results[i].Err = invalid("DeleteObjects", l, "NoKey", "not an object of the bucket %s with an ETag", bucket)
		case inXML(l.Key) && len(locs) > 1 && s.known.sure(featureConditionalBulk, bucket):
			bulk = append(bulk, i)
		default:
			single = append(single, i)
		}
	}
	if len(bulk) > 0 {
		err := s.deleteBulk(ctx, bucket, results, bulk, etags)
		switch {
		case err == nil:
		case noBulk(err):
			single = append(single, bulk...)
		default:
			return nil, err
		}
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, singleDeletes)
	for _, i := range single {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			results[i].Err = s.deleteIf(ctx, locs[i], etags[i])
		})
	}
	wg.Wait()
	if len(locs) == 1 {
		return results, results[0].Err // as the request's own failure, which may be tried again
	}
	return results, nil
}

// deleteIf removes one object while it has the ETag. That it is not there is what was wanted.
func (s *Session) deleteIf(ctx context.Context, loc Location, etag string) error {
	_, _, err := do(ctx, s, "DeleteObject", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.DeleteObjectOutput, error) {
		return c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version),
			IfMatch: aws.String(quoteETag(etag))})
	})
	if KindOf(err) == KindNotFound {
		return nil
	}
	return err
}
