package storage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// RestoreOptions says how an archived object is brought back.
type RestoreOptions struct {
	Days int    // for which the copy can be read, at least 1; INTELLIGENT_TIERING brings objects back for good and takes none
	Tier string // Standard, Bulk or Expedited; "" is Standard
}

// RestoreOutcome is what became of the wish to restore an object.
type RestoreOutcome string

// The outcomes.
const (
	RestoreAsked       RestoreOutcome = "asked"        // the retrieval has begun
	RestoreInProgress  RestoreOutcome = "in-progress"  // somebody had asked for it before
	RestoreAvailable   RestoreOutcome = "available"    // the copy is there; its end was moved
	RestoreNotArchived RestoreOutcome = "not-archived" // the object can be read as it is
)

// Restoring is an object's state after [Session.Restore].
type Restoring struct {
	Outcome RestoreOutcome
	Class   string
	Until   time.Time // the end of a copy that is there
}

// restoreTiers are the speeds of each archive, after Amazon's "Understanding archive retrieval options".
var restoreTiers = map[string][]string{
	"GLACIER": {"Expedited", "Standard", "Bulk"}, "DEEP_ARCHIVE": {"Standard", "Bulk"},
	"ARCHIVE_ACCESS": {"Expedited", "Standard", "Bulk"}, "DEEP_ARCHIVE_ACCESS": {"Standard", "Bulk"},
}

// RestoreTiers are the tiers that objects of a class can be restored with; none for a class that is no archive.
func RestoreTiers(class string) []string { return slices.Clone(restoreTiers[class]) }

// MayBeArchived tells of a class, as a listing has it, whether its objects may have to be restored before they can be read.
func MayBeArchived(class string) bool {
	return restoreTiers[class] != nil || class == "INTELLIGENT_TIERING"
}

// InArchive tells whether the bytes cannot be read now.
func (i Info) InArchive(now time.Time) bool {
	archive := i.Class
	if archive == "INTELLIGENT_TIERING" {
		archive = i.Archived
	}
	return restoreTiers[archive] != nil && (i.Restore.Ongoing || !i.Restore.Until.After(now))
}

// Restore asks for a copy of an archived object, or of the version that loc names. Where there is a copy its end is moved; where one
// is on its way, or the object is in no archive, nothing is asked. A tier that the archive does not have is an error of KindInvalid
// with code "InvalidTier", and nothing is sent.
func (s *Session) Restore(ctx context.Context, loc Location, o RestoreOptions) (Restoring, error) {
	if err := s.writable("RestoreObject", loc); err != nil {
		return Restoring{}, err
	}
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return Restoring{}, err
	}
	r := Restoring{Class: orStandard(info.Class), Until: info.Restore.Until}
	archive := info.Class
	if archive == "INTELLIGENT_TIERING" {
		archive = info.Archived
	}
	switch {
	case restoreTiers[archive] == nil:
		r.Outcome = RestoreNotArchived
		return r, nil
	case info.Restore.Ongoing:
		r.Outcome = RestoreInProgress
		return r, nil
	}
	in, err := restoreInput(loc, archive, o)
	if err != nil {
		return r, err
	}
	_, rec, err := do(ctx, s, "RestoreObject", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.RestoreObjectOutput, error) {
		return c.RestoreObject(ctx, in, withContentMD5)
	})
	var e *Error
	switch {
	case errors.As(err, &e) && e.Code == "RestoreAlreadyInProgress":
		r.Outcome = RestoreInProgress
		return r, nil
	case errors.As(err, &e) && e.Kind == KindArchived: // here: of a class that is not
		r.Outcome = RestoreNotArchived
		return r, nil
	case err != nil:
		return r, err
	case rec.status == http.StatusAccepted:
		r.Outcome = RestoreAsked
		return r, nil
	}
	return s.restored(ctx, loc, r)
}

func restoreInput(loc Location, archive string, o RestoreOptions) (*s3.RestoreObjectInput, error) {
	tier := o.Tier
	if tier == "" {
		tier = "Standard"
	}
	if !slices.Contains(restoreTiers[archive], tier) {
		return nil, invalid("RestoreObject", loc, "InvalidTier", "an object in %s cannot be restored with the tier %q, only with %q", archive, tier, restoreTiers[archive])
	}
	req := &types.RestoreRequest{GlacierJobParameters: &types.GlacierJobParameters{Tier: types.Tier(tier)}}
	if archive == "GLACIER" || archive == "DEEP_ARCHIVE" {
		if o.Days < 1 {
			return nil, invalid("RestoreObject", loc, "InvalidDays", "a restored copy is kept for at least one day, not %d", o.Days)
		}
		req.Days = aws.Int32(int32(min(o.Days, 1<<30)))
	}
	return &s3.RestoreObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version), RestoreRequest: req}, nil
}

// restored reads back what an answer of 200 promises: a copy that can be read.
func (s *Session) restored(ctx context.Context, loc Location, r Restoring) (Restoring, error) {
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return r, err
	}
	r.Outcome, r.Until = RestoreAvailable, info.Restore.Until
	switch {
	case info.Restore.Ongoing:
		r.Outcome = RestoreAsked
	case info.Restore.Until.IsZero() && info.Class != "INTELLIGENT_TIERING":
		return r, ignored("RestoreObject", loc, "no copy of the object is there or on its way")
	}
	return r, nil
}
