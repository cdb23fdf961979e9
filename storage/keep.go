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

// keeping is what is known of one bucket in this session.
type keeping struct {
	done  chan struct{} // closed when the rest is there
	keeps Keeps
	err   error
	ended bool // the context of the one that asked ended: nobody knows
}

// Keeps tells what objects of a bucket can have. It is asked for once in a session; those who come meanwhile wait for the
// answer. What may not be asked counts as both: the right to see a setting is not the right to use it, and each object's own
// answer shows the rest. A server that does not know the question has no locks; ACLs it may have all the same, whatever is said
// about ownership. Neither does what is no answer of S3's say anything. A failure that goes away is an error.
func (s *Session) Keeps(ctx context.Context, bucket string) (Keeps, error) {
	for {
		s.mu.Lock()
		k := s.keeps[bucket]
		ask := k == nil
		if ask {
			k = &keeping{done: make(chan struct{})}
			s.keeps[bucket] = k
		}
		s.mu.Unlock()
		if ask {
			s.askKeeps(ctx, bucket, k)
			return k.keeps, k.err
		}
		select {
		case <-k.done:
		case <-ctx.Done():
			return Keeps{}, &Error{Op: "GetObjectLockConfiguration", Location: Location{Bucket: bucket}, Host: s.Host(), Kind: KindCancelled, Err: ctx.Err()}
		}
		if !k.ended {
			return k.keeps, k.err
		}
	}
}

// askKeeps fills in what a bucket's objects can have. After an error it is asked again the next time.
func (s *Session) askKeeps(ctx context.Context, bucket string, k *keeping) {
	defer close(k.done)
	if k.keeps, k.err = s.readKeeps(ctx, bucket); k.err == nil {
		return
	}
	k.ended = ctx.Err() != nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keeps[bucket] == k {
		delete(s.keeps, bucket)
	}
}

func (s *Session) readKeeps(ctx context.Context, bucket string) (k Keeps, err error) {
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
	if k.Lock, err = s.hasLock(ctx, bucket); err != nil {
		return Keeps{}, err
	}
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
