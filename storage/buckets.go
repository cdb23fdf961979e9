package storage

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Buckets gives the buckets of the account, page by page, with their regions where the server names them; or, without asking, those that
// the configuration names.
func (s *Session) Buckets(ctx context.Context) iter.Seq2[BucketPage, error] {
	return func(yield func(BucketPage, error) bool) {
		if len(s.cfg.Buckets) > 0 {
			var p BucketPage
			for _, name := range s.cfg.Buckets {
				p.Buckets = append(p.Buckets, Bucket{Name: name})
			}
			yield(p, nil)
			return
		}
		token := ""
		for {
			out, _, err := do(ctx, s, "ListBuckets", Location{}, func(ctx context.Context, c *s3.Client, _ *call) (*s3.ListBucketsOutput, error) {
				return c.ListBuckets(ctx, &s3.ListBucketsInput{MaxBuckets: aws.Int32(1000), ContinuationToken: optional(token)})
			})
			if err != nil {
				yield(BucketPage{}, err)
				return
			}
			next := aws.ToString(out.ContinuationToken)
			if next != "" && (next == token || len(out.Buckets) == 0) {
				err := fmt.Errorf("the server says that there are more buckets and its token does not move on")
				yield(BucketPage{}, &Error{Op: "ListBuckets", Host: s.Host(), Kind: KindNotS3, Code: "BadPaging", Message: err.Error(), Err: err})
				return
			}
			if !yield(s.bucketPage(out), nil) || next == "" {
				return
			}
			token = next
		}
	}
}

func (s *Session) bucketPage(out *s3.ListBucketsOutput) BucketPage {
	var p BucketPage
	if out.Owner != nil {
		p.Owner = Owner{ID: aws.ToString(out.Owner.ID), Name: aws.ToString(out.Owner.DisplayName)}
	}
	for _, b := range out.Buckets {
		bucket := Bucket{Name: aws.ToString(b.Name), Created: aws.ToTime(b.CreationDate), Region: aws.ToString(b.BucketRegion)}
		if s.endpoint.aws && awsRegion.MatchString(bucket.Region) {
			s.setRegion(bucket.Name, bucket.Region)
		}
		p.Buckets = append(p.Buckets, bucket)
	}
	return p
}

// MakeBucket makes a bucket. One that exists is an error of KindConflict, with code BucketAlreadyOwnedByYou if it is
// ours: some servers, and Amazon in us-east-1, would answer 200 to that, so it is asked first.
func (s *Session) MakeBucket(ctx context.Context, name string, o MakeBucketOptions) error {
	loc := Location{Bucket: name}
	if err := s.writable("CreateBucket", loc); err != nil {
		return err
	}
	if err := CheckBucketName(name); err != nil {
		return &Error{Op: "CreateBucket", Location: loc, Host: s.Host(), Kind: KindInvalid, Code: "InvalidBucketName", Message: err.Error(), Err: err}
	}
	if err := s.isFree(ctx, loc); err != nil {
		return err
	}
	in := &s3.CreateBucketInput{Bucket: &name, ACL: types.BucketCannedACL(o.ACL)}
	if o.ObjectLock {
		in.ObjectLockEnabledForBucket = aws.Bool(true)
	}
	region := o.Region
	if region == "" && s.endpoint.aws {
		region = s.endpoint.region
	}
	if region != "" && region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(region)}
	}
	if s.endpoint.aws && region != "" {
		s.setRegion(name, region)
	}
	_, _, err := do(ctx, s, "CreateBucket", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.CreateBucketOutput, error) {
		return c.CreateBucket(ctx, in)
	})
	if err != nil {
		s.forgetRegion(name)
	}
	return err
}

func (s *Session) isFree(ctx context.Context, loc Location) error {
	_, _, err := do(ctx, s, "HeadBucket", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.HeadBucketOutput, error) {
		return c.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &loc.Bucket})
	})
	taken := func(code, text string) error {
		return &Error{Op: "CreateBucket", Location: loc, Host: s.Host(), HTTPStatus: 409, Kind: KindConflict, Code: code, Message: text}
	}
	if err == nil {
		return taken("BucketAlreadyOwnedByYou", "a bucket of this name is there already and is yours")
	}
	var e *Error
	errors.As(err, &e)
	switch {
	case e.Kind == KindNotFound, e.Kind == KindInvalid, e.Kind == KindUnsupported:
		return nil // free, or the server does not answer such a question: the creation will tell
	case e.Kind == KindPermission, e.Kind == KindRedirect && e.RequestID != "":
		return taken("BucketAlreadyExists", "a bucket of this name belongs to another account")
	}
	return err
}

func (s *Session) forgetRegion(bucket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.regions, bucket)
}

// RemoveBucket removes an empty bucket.
func (s *Session) RemoveBucket(ctx context.Context, name string) error {
	_, _, err := do(ctx, s, "DeleteBucket", Location{Bucket: name}, func(ctx context.Context, c *s3.Client, _ *call) (*s3.DeleteBucketOutput, error) {
		return c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
	})
	if err == nil {
		s.forgetRegion(name)
	}
	return err
}
