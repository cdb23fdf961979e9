package storage

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// BucketRegion is the region of a bucket, asked once and remembered. It is "" when the server does not say.
func (s *Session) BucketRegion(ctx context.Context, name string) (string, error) {
	if isPoint(name) {
		p, _ := parsePoint(name)
		return p.region, s.reachable("HeadBucket", Location{Bucket: name})
	}
	s.mu.Lock()
	r := s.regions[name]
	s.mu.Unlock()
	if r != "" {
		return r, nil
	}
	loc := Location{Bucket: name}
	_, rec, err := do(ctx, s, "HeadBucket", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.HeadBucketOutput, error) {
		return c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	})
	if rec.header != nil {
		if r = rec.header.Get("X-Amz-Bucket-Region"); r != "" && (!s.endpoint.aws || awsRegion.MatchString(r)) {
			s.setRegion(name, r)
			return r, nil
		}
	}
	if err != nil && (!s.endpoint.aws || KindOf(err) != KindPermission) {
		return "", err
	}
	if s.endpoint.aws {
		return s.askRegion(ctx, name)
	}
	out, _, err := do(ctx, s, "GetBucketLocation", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetBucketLocationOutput, error) {
		return c.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: &name})
	})
	if err != nil {
		if k := KindOf(err); k == KindUnsupported || k == KindPermission {
			return "", nil
		}
		return "", err
	}
	if r = string(out.LocationConstraint); r != "" {
		s.setRegion(name, r)
	}
	return r, nil
}

// askRegion asks Amazon without a signature: the answer has the region whether or not the bucket may be read. This is the
// one use of manager.GetBucketRegion.
func (s *Session) askRegion(ctx context.Context, bucket string) (string, error) {
	rec := &call{op: "HeadBucket", loc: Location{Bucket: bucket}}
	region, err := manager.GetBucketRegion(withCall(ctx, rec), regionClient{s, rec}, bucket)
	if region != "" && awsRegion.MatchString(region) {
		s.setRegion(bucket, region)
		return region, nil
	}
	if err == nil {
		return "", nil
	}
	var none manager.BucketNotFound
	if errors.As(err, &none) {
		return "", &Error{Op: "HeadBucket", Location: rec.loc, Host: rec.host, Kind: KindNotFound, Code: "NoSuchBucket", HTTPStatus: rec.status, Err: err}
	}
	return "", s.classify(ctx, rec, err)
}

// regionClient sends manager's request through the session's own client.
type regionClient struct {
	s   *Session
	rec *call
}

// HeadBucket sends in. An answer of any status carries the region.
func (r regionClient) HeadBucket(ctx context.Context, in *s3.HeadBucketInput, opts ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	return r.s.client(r.s.endpoint.region).HeadBucket(ctx, in, opts...)
}
