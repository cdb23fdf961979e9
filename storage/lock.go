package storage

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Lock is what keeps a version of an object from being deleted: a retention (Mode is GOVERNANCE or COMPLIANCE) until a time,
// and a legal hold.
type Lock struct {
	Mode  string
	Until time.Time
	Hold  bool
}

// IsZero tells whether nothing is locked.
func (l Lock) IsZero() bool { return l == Lock{} }

// lockFrom reads the x-amz-object-lock-… headers, which are there only for those who may see them.
func lockFrom(h http.Header) Lock {
	l := Lock{Mode: h.Get("X-Amz-Object-Lock-Mode"), Hold: h.Get("X-Amz-Object-Lock-Legal-Hold") == "ON"}
	if until := h.Get("X-Amz-Object-Lock-Retain-Until-Date"); until != "" {
		l.Until, _ = time.Parse(time.RFC3339, until)
	}
	return l
}

// SetLock gives a version of an object the retention and the legal hold of l. What l has not is left as it is.
func (s *Session) SetLock(ctx context.Context, loc Location, l Lock) error {
	if l.Mode != "" && !l.Until.IsZero() {
		_, _, err := do(ctx, s, "PutObjectRetention", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutObjectRetentionOutput, error) {
			return c.PutObjectRetention(ctx, &s3.PutObjectRetentionInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version),
				Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionMode(l.Mode), RetainUntilDate: aws.Time(l.Until)}}, withContentMD5)
		})
		if err != nil {
			return err
		}
	}
	if !l.Hold {
		return nil
	}
	_, _, err := do(ctx, s, "PutObjectLegalHold", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutObjectLegalHoldOutput, error) {
		return c.PutObjectLegalHold(ctx, &s3.PutObjectLegalHoldInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version),
			LegalHold: &types.ObjectLockLegalHold{Status: types.ObjectLockLegalHoldStatusOn}}, withContentMD5)
	})
	return err
}

// SetHold puts a legal hold on a version of an object, or takes it off, and reads back what holds then. Where that may not be read the
// error is [ErrNotReadBack].
func (s *Session) SetHold(ctx context.Context, loc Location, on bool) error {
	status := types.ObjectLockLegalHoldStatusOff
	if on {
		status = types.ObjectLockLegalHoldStatusOn
	}
	_, _, err := do(ctx, s, "PutObjectLegalHold", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutObjectLegalHoldOutput, error) {
		return c.PutObjectLegalHold(ctx, &s3.PutObjectLegalHoldInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version),
			LegalHold: &types.ObjectLockLegalHold{Status: status}}, withContentMD5)
	})
	if err != nil {
		return err
	}
	return s.proveHold(ctx, loc, on)
}

// SetRetention keeps a version of an object until a time, in the mode GOVERNANCE or COMPLIANCE, and reads it back. An empty mode takes
// a GOVERNANCE retention away. bypass is needed to shorten or take away one in GOVERNANCE, and asks for the right to do so; one in
// COMPLIANCE can only be made longer. Where it may not be read back the error is [ErrNotReadBack].
func (s *Session) SetRetention(ctx context.Context, loc Location, mode string, until time.Time, bypass bool) error {
	if mode != "" && !until.After(s.now()) {
		return invalid("PutObjectRetention", loc, "InvalidDate", "a retention ends in the future, not at %s", until.Format(time.RFC3339))
	}
	in := &s3.PutObjectRetentionInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version), Retention: &types.ObjectLockRetention{}}
	if mode != "" {
		in.Retention = &types.ObjectLockRetention{Mode: types.ObjectLockRetentionMode(mode), RetainUntilDate: aws.Time(until)}
	}
	if bypass {
		in.BypassGovernanceRetention = aws.Bool(true)
	}
	_, _, err := do(ctx, s, "PutObjectRetention", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutObjectRetentionOutput, error) {
		return c.PutObjectRetention(ctx, in, withContentMD5)
	})
	if err != nil {
		return err
	}
	return s.proveRetention(ctx, loc, mode, until)
}
