package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A HEAD leaves out a retention or a legal hold that its caller may not see, so that it shows none says nothing in a bucket that has
// locks. These ask, where it matters.

// retentionThere is the retention of the version that info is of. Errors of a kind that [unseen] knows leave it unknown.
func (s *Session) retentionThere(ctx context.Context, info Info) (Lock, error) {
	if info.Lock.Mode != "" {
		return info.Lock, nil
	}
	loc := info.Location
	if k, err := s.Keeps(ctx, loc.Bucket); err != nil || !k.Lock {
		return Lock{}, err
	}
	return s.getRetention(ctx, loc)
}

// getRetention asks for the retention at loc; none is no error.
func (s *Session) getRetention(ctx context.Context, loc Location) (Lock, error) {
	out, _, err := do(ctx, s, "GetObjectRetention", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetObjectRetentionOutput, error) {
		return c.GetObjectRetention(ctx, &s3.GetObjectRetentionInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version)})
	})
	if err != nil || out.Retention == nil {
		return Lock{}, lockMissing(err)
	}
	return Lock{Mode: string(out.Retention.Mode), Until: aws.ToTime(out.Retention.RetainUntilDate)}, nil
}

// holdThere tells whether the version that info is of is held. Errors of a kind that [unseen] knows leave it unknown.
func (s *Session) holdThere(ctx context.Context, info Info) (bool, error) {
	if info.Lock.Hold || info.holdShown {
		return info.Lock.Hold, nil
	}
	loc := info.Location
	if k, err := s.Keeps(ctx, loc.Bucket); err != nil || !k.Lock {
		return false, err
	}
	return s.getHold(ctx, loc)
}

// getHold asks for the legal hold at loc; none is no error.
func (s *Session) getHold(ctx context.Context, loc Location) (bool, error) {
	out, _, err := do(ctx, s, "GetObjectLegalHold", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetObjectLegalHoldOutput, error) {
		return c.GetObjectLegalHold(ctx, &s3.GetObjectLegalHoldInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version)})
	})
	if err != nil || out.LegalHold == nil {
		return false, lockMissing(err)
	}
	return out.LegalHold.Status == types.ObjectLockLegalHoldStatusOn, nil
}

// lockMissing is nil for the answers that say that there is none.
func lockMissing(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case "NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError":
		return nil
	case "InvalidRequest":
		if strings.Contains(strings.ToLower(strings.ReplaceAll(e.Message, " ", "")), "objectlock") { // the bucket has no locks
			return nil
		}
	}
	return err
}

// unseen tells whether an error means that a lock cannot be looked at, whatever it is.
func unseen(err error) bool {
	k := KindOf(err)
	return err != nil && (k == KindPermission || k == KindUnsupported)
}

// notReadBack is the failure to look at what was taken with success.
func notReadBack(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	seen := *e
	seen.Unknown, seen.Err = true, fmt.Errorf("%w: %w", ErrNotReadBack, err)
	return &seen
}

// proveRetention looks whether the version at loc has the retention it was given.
func (s *Session) proveRetention(ctx context.Context, loc Location, mode string, until time.Time) error {
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return notReadBack(err)
	}
	l, err := s.retentionThere(ctx, info)
	if err != nil {
		return notReadBack(err)
	}
	if l.Mode != mode || mode != "" && l.Until.Sub(until).Abs() > time.Second {
		return ignored("PutObjectRetention", loc, "the retention is as it was before")
	}
	return nil
}

// proveHold looks whether the version at loc is held as it was wished.
func (s *Session) proveHold(ctx context.Context, loc Location, on bool) error {
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return notReadBack(err)
	}
	held, err := s.holdThere(ctx, info)
	if err != nil {
		return notReadBack(err)
	}
	if held != on {
		return ignored("PutObjectLegalHold", loc, "the legal hold is as it was before")
	}
	return nil
}
