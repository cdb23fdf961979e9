package storage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Keeps is what the objects of a bucket can have that a copy into it does not take along by itself.
type Keeps struct {
	ACL  bool // lists of their own
	Lock bool // retention or a legal hold
}

// Keeps tells what objects of a bucket can have. It is asked for once in a session. What may not be asked counts as both: the
// right to see a setting is not the right to use it, and each object's own answer shows the rest. A server that does not know the
// question has no locks; ACLs it may have all the same, whatever is said about ownership. Neither does what is no
// answer of S3's say anything. A failure that goes away is an error.
func (s *Session) Keeps(ctx context.Context, bucket string) (Keeps, error) {
	s.mu.Lock()
	k, found := s.keeps[bucket]
	s.mu.Unlock()
	if found {
		return k, nil
	}
	k.ACL = s.known.ok(featureACL, bucket)
	if k.ACL && s.known.get(featureACL, bucket) == nil {
		enforced, err := s.ownerEnforced(ctx, bucket)
		if passing(err) {
			return Keeps{}, err
		}
		k.ACL = !enforced
		if enforced {
			s.known.set(featureACL, bucket, false)
		}
	}
	var err error
	if k.Lock, err = s.hasLock(ctx, bucket); err != nil {
		return Keeps{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keeps == nil {
		s.keeps = map[string]Keeps{}
	}
	s.keeps[bucket] = k
	return k, nil
}

// passing tells whether an error says nothing about the bucket and goes away.
func passing(err error) bool {
	e, ok := err.(*Error)
	return ok && (e.Retryable || e.Kind == KindCancelled || e.Kind == KindNetwork)
}

// ownerEnforced tells whether ACLs are switched off in a bucket.
func (s *Session) ownerEnforced(ctx context.Context, bucket string) (bool, error) {
	out, _, err := do(ctx, s, "GetBucketOwnershipControls", Location{Bucket: bucket}, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetBucketOwnershipControlsOutput, error) {
		return c.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: &bucket})
	})
	if err != nil || out.OwnershipControls == nil {
		return false, err
	}
	for _, r := range out.OwnershipControls.Rules {
		if r.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced {
			return true, nil
		}
	}
	return false, nil
}

// hasLock tells whether objects of a bucket may be locked.
func (s *Session) hasLock(ctx context.Context, bucket string) (bool, error) {
	out, rec, err := do(ctx, s, "GetObjectLockConfiguration", Location{Bucket: bucket}, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetObjectLockConfigurationOutput, error) {
		return c.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &bucket})
	})
	switch KindOf(err) {
	case KindPermission:
		return true, nil
	case KindUnsupported:
		return false, nil
	case KindNotFound, KindInvalid:
		if rec.failure.Code != "" { // said by S3
			return false, nil
		}
	case KindNotS3:
		if root, _ := rootElement(rec.document); root == "ListBucketResult" {
			return false, nil // the server took no notice of the question and listed the bucket
		}
	}
	if err != nil || out.ObjectLockConfiguration == nil {
		return false, err
	}
	return out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled, nil
}
