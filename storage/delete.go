package storage

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Delete removes an object (with versioning: hides it behind a delete marker) or one version for good. What is not there
// is no error, as S3 has it.
func (s *Session) Delete(ctx context.Context, loc Location) (DeleteResult, error) {
	r := DeleteResult{Location: loc}
	if loc.Key == "" {
		r.Err = invalid("DeleteObject", loc, "NoKey", "an object has a key")
		return r, r.Err
	}
	in := &s3.DeleteObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version)}
	_, rec, err := do(ctx, s, "DeleteObject", loc, func(ctx context.Context, c *s3.Client, rec *call) (any, error) {
		if r := s.lean(ctx, rec); r != nil {
			r.remove(in)
			return r.send(ctx)
		}
		return c.DeleteObject(ctx, in)
	})
	if err != nil {
		r.Err = err
		return r, err
	}
	if rec.header.Get("X-Amz-Delete-Marker") == "true" {
		r.Marker, r.MarkerVersion = loc.Version == "", rec.header.Get("X-Amz-Version-Id")
	}
	return r, nil
}

// maxBulkDelete is the most keys that one request may name; singleDeletes how many go at a time where there is no bulk.
const (
	maxBulkDelete = 1000
	singleDeletes = 8
)

// DeleteMany removes up to 1,000 objects or versions of a bucket and reports each. The error is about the request as a
// whole; then no result stands. Where the server has no bulk deletion they are deleted one by one.
func (s *Session) DeleteMany(ctx context.Context, bucket string, locs []Location) ([]DeleteResult, error) {
	if len(locs) > maxBulkDelete {
		return nil, invalid("DeleteObjects", Location{Bucket: bucket}, "TooMany", "at most %d keys can be deleted at once, not %d", maxBulkDelete, len(locs))
	}
	results := make([]DeleteResult, len(locs))
	var bulk, single []int
	for i, l := range locs {
		results[i].Location = l
		switch {
		case l.Bucket != bucket || l.Key == "":
			results[i].Err = invalid("DeleteObjects", l, "NoKey", "not an object of the bucket %s", bucket)
		case inXML(l.Key) && s.known.ok(featureMultiDelete, bucket):
			bulk = append(bulk, i)
		default:
			single = append(single, i)
		}
	}
	if len(bulk) > 0 {
		err := s.deleteBulk(ctx, bucket, results, bulk, nil)
		switch {
		case err == nil:
		case noBulk(err):
			single = append(single, bulk...)
		default:
			return nil, err
		}
	}
	s.deleteSingly(ctx, results, single)
	return results, nil
}

// inXML tells whether a key can be written into a document of XML 1.0 and read back.
func inXML(key string) bool {
	for _, r := range key {
		if r < 0x20 || r == 0xfffe || r == 0xffff || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// noBulk tells whether an error means that the server has no bulk deletion.
func noBulk(err error) bool {
	e, ok := err.(*Error)
	return ok && (e.Kind == KindUnsupported || e.Code == "MalformedXML" || e.Code == "InvalidArgument" && e.HTTPStatus == http.StatusBadRequest)
}

// deleteBulk makes one request. With etags each key goes only while its ETag is the one of the same index in results.
func (s *Session) deleteBulk(ctx context.Context, bucket string, results []DeleteResult, which []int, etags []string) error {
	ids := make([]types.ObjectIdentifier, len(which))
	open := make(map[Location][]int, len(which)) // not answered yet
	for n, i := range which {
		l := results[i].Location
		ids[n] = types.ObjectIdentifier{Key: aws.String(l.Key), VersionId: optional(l.Version)}
		if etags != nil {
			ids[n].ETag = aws.String(quoteETag(etags[i]))
		}
		open[l] = append(open[l], i)
	}
	loc := Location{Bucket: bucket}
	out, rec, err := do(ctx, s, "DeleteObjects", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.DeleteObjectsOutput, error) {
		return c.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(false)}}, withContentMD5)
	})
	if err != nil {
		return err
	}
	for _, d := range out.Deleted {
		l := Location{Bucket: bucket, Key: aws.ToString(d.Key), Version: aws.ToString(d.VersionId)}
		for _, i := range take(open, l) {
			results[i].Marker = aws.ToBool(d.DeleteMarker) && l.Version == ""
			results[i].MarkerVersion = aws.ToString(d.DeleteMarkerVersionId)
		}
	}
	for _, f := range out.Errors {
		l := Location{Bucket: bucket, Key: aws.ToString(f.Key), Version: aws.ToString(f.VersionId)}
		for _, i := range take(open, l) {
			results[i].Err = s.itemError(rec, results[i].Location, aws.ToString(f.Code), aws.ToString(f.Message))
		}
	}
	for l, at := range open {
		for _, i := range at {
			e := s.answerError(rec, KindNotS3, "Unproved", "the server did not say what became of this key")
			e.Location = l
			results[i].Err = e
		}
	}
	return nil
}

// take gives the results that an answer is about. Some servers name a version where none was asked for.
func take(open map[Location][]int, l Location) []int {
	for _, try := range []Location{l, {Bucket: l.Bucket, Key: l.Key}} {
		if at, ok := open[try]; ok {
			delete(open, try)
			return at
		}
	}
	return nil
}

// itemError is the error of one key of a bulk deletion.
func (s *Session) itemError(rec *call, loc Location, code, message string) error {
	if code == "NoSuchKey" || code == "NoSuchVersion" {
		return nil // it is not there, which is what was wanted
	}
	one := &call{op: rec.op, loc: loc, method: http.MethodPost, host: rec.host, status: http.StatusOK, header: rec.header, in200: true,
		failure: failure{Code: code, Message: message, isXML: true}}
	return s.classify(context.Background(), one, fmt.Errorf("%s", code))
}

// withContentMD5 adds the header that older servers insist on for a bulk deletion, beside the SDK's checksum.
func withContentMD5(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error { return smithyhttp.AddContentChecksumMiddleware(stack) })
}

// deleteSingly deletes one by one, a few at a time, and waits for all.
func (s *Session) deleteSingly(ctx context.Context, results []DeleteResult, which []int) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, singleDeletes)
	for _, i := range which {
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			r, err := s.Delete(ctx, results[i].Location)
			r.Err = err
			results[i] = r
		}()
	}
	wg.Wait()
}
