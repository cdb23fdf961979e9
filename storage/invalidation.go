package storage

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// Invalidation is a wish that a distribution forgets what it keeps of some paths.
type Invalidation struct {
	ID      string
	Done    bool // all places have forgotten
	Created time.Time
	Paths   []string
}

// maxInvalidationPaths is how many paths one request may name
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html).
const maxInvalidationPaths = 3000

// DistributionPath is the path at which a distribution serves loc: an object's own, a folder's or bucket's with all below it.
func DistributionPath(loc Location) string {
	path := (&url.URL{Path: "/" + loc.Key}).EscapedPath()
	// A star stands for anything at the end of a path, so that of a name is written out.
	path = strings.ReplaceAll(path, "*", "%2A")
	if loc.Key == "" || strings.HasSuffix(loc.Key, "/") {
		path += "*"
	}
	return path
}

// Invalidate asks a distribution to forget paths; [Session.Invalidation] tells when it is done. Each path begins with "/" and may
// end in "*". Amazon charges for more than 1,000 paths a month.
func (s *Session) Invalidate(ctx context.Context, bucket, id string, paths []string) (Invalidation, error) {
	if err := s.writable("CreateInvalidation", Location{Bucket: bucket}); err != nil {
		return Invalidation{}, err
	}
	loc := Location{Bucket: bucket}
	if len(paths) == 0 || len(paths) > maxInvalidationPaths {
		return Invalidation{}, invalid("CreateInvalidation", loc, "InvalidPaths", "one request invalidates 1 to %d paths, not %d", maxInvalidationPaths, len(paths))
	}
	out, err := aside(ctx, s, "CreateInvalidation", loc, func(ctx context.Context, c *cloudfront.Client) (*cloudfront.CreateInvalidationOutput, error) {
		return c.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{DistributionId: aws.String(id), InvalidationBatch: &types.InvalidationBatch{
			CallerReference: aws.String("pintail-" + strings.ToLower(rand.Text())), Paths: &types.Paths{Quantity: aws.Int32(int32(len(paths))), Items: paths}}})
	})
	if err != nil {
		return Invalidation{}, err
	}
	return invalidationOf(loc, out.Invalidation)
}

// Invalidation reads how far one is.
func (s *Session) Invalidation(ctx context.Context, bucket, id, invalidation string) (Invalidation, error) {
	loc := Location{Bucket: bucket}
	out, err := aside(ctx, s, "GetInvalidation", loc, func(ctx context.Context, c *cloudfront.Client) (*cloudfront.GetInvalidationOutput, error) {
		return c.GetInvalidation(ctx, &cloudfront.GetInvalidationInput{DistributionId: aws.String(id), Id: aws.String(invalidation)})
	})
	if err != nil {
		return Invalidation{}, err
	}
	return invalidationOf(loc, out.Invalidation)
}

func invalidationOf(loc Location, i *types.Invalidation) (Invalidation, error) {
	if i == nil || aws.ToString(i.Id) == "" {
		return Invalidation{}, invalid("GetInvalidation", loc, "NoInvalidation", "the answer names no invalidation")
	}
	out := Invalidation{ID: aws.ToString(i.Id), Done: strings.EqualFold(aws.ToString(i.Status), "Completed"), Created: aws.ToTime(i.CreateTime)}
	if i.InvalidationBatch != nil && i.InvalidationBatch.Paths != nil {
		out.Paths = i.InvalidationBatch.Paths.Items
	}
	return out, nil
}
