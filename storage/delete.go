package storage

import (
	"context"
	"net/http"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/s3"
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
