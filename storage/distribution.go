package storage

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// Distribution is what CloudFront serves of a bucket at addresses of its own.
type Distribution struct {
	ID, ARN      string
	Domain       string   // like d111111abcdef8.cloudfront.net
	Aliases      []string // other names, each needs a certificate
	Enabled      bool
	Status       string // "Deployed", or "InProgress" while a change is on its way to all places
	Root         string // the object for the bare address, "index.html"
	Comment      string
	Origin       string // the host that it reads from
	OriginAccess string // id of the origin access control, or name of the older identity, with which it reads a private bucket; "" = as anybody
	Direct       bool   // it reads the bucket itself, not its website: only so it can have an origin access control
	Certificate  string // ARN of the aliases' certificate
	Log          DistributionLog
	Modified     time.Time
}

// DistributionLog is where a log of requests is kept. The zero value: nowhere.
type DistributionLog struct{ Bucket, Prefix string }

// DistributionEdit is what is to change; nil stays.
type DistributionEdit struct {
	Enabled     *bool
	Aliases     *[]string
	Certificate *string
	Root        *string
	Comment     *string
	Log         *DistributionLog
	Private     *bool // it reads the bucket with a signature, which the bucket's policy must let in: see [Distribution.ReadPolicy]
}

// cachingOptimized is Amazon's managed policy for files of a bucket
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html).
const cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"

// maxDistributionPages bounds a listing: an account has 500 by default.
const maxDistributionPages = 1000

// Distributions are those that read from a bucket, by its name in an S3 host. [KindUnsupported] where there is no CloudFront.
func (s *Session) Distributions(ctx context.Context, bucket string) ([]Distribution, error) {
	loc := Location{Bucket: bucket}
	var ids []string
	var marker *string
	for range maxDistributionPages {
		out, err := aside(ctx, s, "ListDistributions", loc, func(ctx context.Context, c *cloudfront.Client) (*cloudfront.ListDistributionsOutput, error) {
			return c.ListDistributions(ctx, &cloudfront.ListDistributionsInput{Marker: marker})
		})
		if err != nil {
			return nil, err
		}
		l := out.DistributionList
		if l == nil {
			return nil, invalid("ListDistributions", loc, "NoList", "the answer holds no list of distributions")
		}
		for _, d := range l.Items {
			silent := d.Origins == nil || len(d.Origins.Items) == 0 // some servers' lists do not tell: it is asked below
			if silent || readsFrom(d.Origins, bucket) {
				ids = append(ids, aws.ToString(d.Id))
			}
		}
		next := l.NextMarker
		if !aws.ToBool(l.IsTruncated) || aws.ToString(next) == "" || aws.ToString(next) == aws.ToString(marker) {
			break
		}
		marker = next
	}
	all := make([]Distribution, 0, len(ids))
	for _, id := range ids {
		d, whole, err := s.distribution(ctx, loc, id)
		if err != nil {
			return nil, err
		}
		if readsFrom(whole.Distribution.DistributionConfig.Origins, bucket) {
			all = append(all, d)
		}
	}
	return all, nil
}

// readsFrom tells whether one of the origins is the bucket: BUCKET.s3.amazonaws.com, BUCKET.s3.REGION.…, BUCKET.s3-website….
func readsFrom(o *types.Origins, bucket string) bool {
	return o != nil && slices.ContainsFunc(o.Items, func(i types.Origin) bool { return isBucketHost(aws.ToString(i.DomainName), bucket) })
}

// isDirect tells whether an origin is the bucket itself; its website is always read as anybody.
func isDirect(o types.Origin, bucket string) bool {
	return isBucketHost(aws.ToString(o.DomainName), bucket) && o.CustomOriginConfig == nil
}

func isBucketHost(host, bucket string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(host), strings.ToLower(bucket)+".s3")
	return ok && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "-")) && strings.Contains(rest, ".amazonaws.com")
}

// distribution reads one; with it comes the whole configuration and the tag that a change must name.
func (s *Session) distribution(ctx context.Context, loc Location, id string) (Distribution, *cloudfront.GetDistributionOutput, error) {
	out, err := aside(ctx, s, "GetDistribution", loc, func(ctx context.Context, c *cloudfront.Client) (*cloudfront.GetDistributionOutput, error) {
		return c.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: aws.String(id)})
	})
	if err != nil {
		return Distribution{}, nil, err
	}
	if out.Distribution == nil || out.Distribution.DistributionConfig == nil {
		return Distribution{}, nil, invalid("GetDistribution", loc, "NoDistribution", "the answer does not describe the distribution %s", id)
	}
	return distributionOf(out.Distribution, loc.Bucket), out, nil
}

// distributionOf is what is told of d; of several origins, the bucket's counts.
func distributionOf(d *types.Distribution, bucket string) Distribution {
	c := d.DistributionConfig
	out := Distribution{ID: aws.ToString(d.Id), ARN: aws.ToString(d.ARN), Domain: aws.ToString(d.DomainName), Status: aws.ToString(d.Status), Modified: aws.ToTime(d.LastModifiedTime),
		Enabled: aws.ToBool(c.Enabled), Root: aws.ToString(c.DefaultRootObject), Comment: aws.ToString(c.Comment)}
	if c.Aliases != nil {
		out.Aliases = c.Aliases.Items
	}
	if c.Origins != nil && len(c.Origins.Items) > 0 {
		o := c.Origins.Items[max(0, slices.IndexFunc(c.Origins.Items, func(o types.Origin) bool { return isBucketHost(aws.ToString(o.DomainName), bucket) }))]
		out.Origin, out.OriginAccess, out.Direct = aws.ToString(o.DomainName), aws.ToString(o.OriginAccessControlId), isDirect(o, bucket)
		if out.OriginAccess == "" && o.S3OriginConfig != nil {
			out.OriginAccess = aws.ToString(o.S3OriginConfig.OriginAccessIdentity)
		}
	}
	if c.Logging != nil && aws.ToBool(c.Logging.Enabled) {
		host, _, _ := strings.Cut(aws.ToString(c.Logging.Bucket), ".s3")
		out.Log = DistributionLog{host, aws.ToString(c.Logging.Prefix)}
	}
	if c.ViewerCertificate != nil {
		out.Certificate = aws.ToString(c.ViewerCertificate.ACMCertificateArn)
	}
	return out
}

// MakeDistribution makes one that serves a bucket over https, without cookies and queries, and with what e says. An answer that did
// not come leaves it unknown whether it was made: [Session.Distributions] tells.
func (s *Session) MakeDistribution(ctx context.Context, bucket string, e DistributionEdit) (Distribution, error) {
	if err := s.writable("CreateDistribution", Location{Bucket: bucket}); err != nil {
		return Distribution{}, err
	}
	loc := Location{Bucket: bucket}
	region, err := s.BucketRegion(ctx, bucket)
	if err != nil && KindOf(err) != KindPermission {
		return Distribution{}, err
	}
	if region == "" {
		region = s.Region()
	}
	origin := "s3-" + bucket
	c := &types.DistributionConfig{
		CallerReference: aws.String("pintail-" + strings.ToLower(rand.Text())),
		Comment:         aws.String(""), Enabled: aws.Bool(true), HttpVersion: types.HttpVersionHttp2,
		Origins: &types.Origins{Quantity: aws.Int32(1), Items: []types.Origin{{Id: aws.String(origin),
			DomainName: aws.String(fmt.Sprintf("%s.s3.%s.amazonaws.com", bucket, region)), S3OriginConfig: &types.S3OriginConfig{OriginAccessIdentity: aws.String("")}}}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{TargetOriginId: aws.String(origin), ViewerProtocolPolicy: types.ViewerProtocolPolicyRedirectToHttps,
			CachePolicyId: aws.String(cachingOptimized), Compress: aws.Bool(true)},
	}
	if e.Private != nil && *e.Private {
		if err := s.attachOrigin(ctx, loc, c, true); err != nil {
			return Distribution{}, err
		}
	}
	e.apply(c)
	out, err := aside(ctx, s, "CreateDistribution", loc, func(ctx context.Context, cl *cloudfront.Client) (*cloudfront.CreateDistributionOutput, error) {
		return cl.CreateDistribution(ctx, &cloudfront.CreateDistributionInput{DistributionConfig: c})
	})
	if err != nil {
		return Distribution{}, err
	}
	if out.Distribution == nil || aws.ToString(out.Distribution.Id) == "" {
		return Distribution{}, invalid("CreateDistribution", loc, "NoDistribution", "the answer names no distribution")
	}
	d, _, err := s.distribution(ctx, loc, aws.ToString(out.Distribution.Id)) // as it was stored
	return d, err
}

// SetDistribution changes one, and nothing that e does not name. Another's change in between fails it.
func (s *Session) SetDistribution(ctx context.Context, bucket, id string, e DistributionEdit) (Distribution, error) {
	if err := s.writable("UpdateDistribution", Location{Bucket: bucket}); err != nil {
		return Distribution{}, err
	}
	loc := Location{Bucket: bucket}
	_, now, err := s.distribution(ctx, loc, id)
	if err != nil {
		return Distribution{}, err
	}
	c := now.Distribution.DistributionConfig
	if e.Private != nil {
		if err := s.attachOrigin(ctx, loc, c, *e.Private); err != nil {
			return Distribution{}, err
		}
	}
	e.apply(c)
	if _, err := aside(ctx, s, "UpdateDistribution", loc, func(ctx context.Context, cl *cloudfront.Client) (*cloudfront.UpdateDistributionOutput, error) {
		return cl.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: aws.String(id), IfMatch: now.ETag, DistributionConfig: c})
	}); err != nil {
		return Distribution{}, err
	}
	d, _, err := s.distribution(ctx, loc, id)
	return d, err
}

func (e DistributionEdit) apply(c *types.DistributionConfig) {
	if e.Enabled != nil {
		c.Enabled = e.Enabled
	}
	if e.Aliases != nil {
		c.Aliases = &types.Aliases{Quantity: aws.Int32(int32(len(*e.Aliases))), Items: *e.Aliases}
	}
	if e.Certificate != nil {
		c.ViewerCertificate = &types.ViewerCertificate{CloudFrontDefaultCertificate: aws.Bool(*e.Certificate == "")}
		if *e.Certificate != "" {
			c.ViewerCertificate = &types.ViewerCertificate{ACMCertificateArn: e.Certificate, SSLSupportMethod: types.SSLSupportMethodSniOnly,
				MinimumProtocolVersion: types.MinimumProtocolVersionTLSv122021}
		}
	}
	if e.Root != nil {
		c.DefaultRootObject = e.Root
	}
	if e.Comment != nil {
		c.Comment = e.Comment
	}
	if e.Log != nil {
		c.Logging = &types.LoggingConfig{Enabled: aws.Bool(e.Log.Bucket != ""), IncludeCookies: aws.Bool(false), Bucket: aws.String(""), Prefix: aws.String(e.Log.Prefix)}
		if e.Log.Bucket != "" {
			c.Logging.Bucket = aws.String(e.Log.Bucket + ".s3.amazonaws.com")
		}
	}
}

// URL is where it serves loc: at its first alias, else at its own name.
func (d Distribution) URL(loc Location) string {
	host := d.Domain
	if len(d.Aliases) > 0 {
		host = d.Aliases[0]
	}
	return "https://" + host + strings.TrimSuffix(DistributionPath(loc), "*")
}
