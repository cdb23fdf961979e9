package storage

import (
	"cmp"
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
)

// AccessPoint is a name of its own at which a bucket can be reached, with a policy of its own.
type AccessPoint struct {
	Name  string
	ARN   string
	Alias string // stands wherever a bucket's name does
	VPC   string // id of the network from which alone it can be reached; "" = from the internet
}

// maxAccessPointPages bounds a listing: an account has 10,000 in a region, and a page up to a thousand.
const maxAccessPointPages = 1000

// AccessPoints are those of this account that lead to a bucket, as S3 orders them. [KindUnsupported] where there are none of S3's.
func (s *Session) AccessPoints(ctx context.Context, bucket string) ([]AccessPoint, error) {
	loc := Location{Bucket: bucket}
	region := ""
	if s.cfg.S3Control != nil || s.endpoint.aws && !s.endpoint.custom { // else nothing is asked
		var err error
		if region, err = s.BucketRegion(ctx, bucket); err != nil && KindOf(err) != KindPermission {
			return nil, err
		}
	}
	region = cmp.Or(region, s.Region(), "us-east-1")
	at := besides{"s3-control." + region + ".amazonaws.com", s.cfg.S3Control, "s3:", "NoAccessPoints", "access points"}
	token := besides{"sts." + region + ".amazonaws.com", s.cfg.STS, "sts:", at.code, at.what}
	who, err := askAside(ctx, s, token, "GetCallerIdentity", loc, s.callerIdentity)
	if err != nil {
		return nil, s.noControl(err)
	}
	all, err := s.accessPoints(ctx, at, who.Account, region, loc)
	return all, s.noControl(err)
}

// accessPoints are those of an account in a region.
func (s *Session) accessPoints(ctx context.Context, at besides, account, region string, loc Location) ([]AccessPoint, error) {
	var all []AccessPoint
	var next *string
	for range maxAccessPointPages {
		page, err := askAside(ctx, s, at, "ListAccessPoints", loc, func(ctx context.Context) (*s3control.ListAccessPointsOutput, error) {
			return s.s3Control(region).ListAccessPoints(ctx, &s3control.ListAccessPointsInput{AccountId: &account, Bucket: &loc.Bucket, NextToken: next})
		})
		if err != nil {
			return nil, err
		}
		for _, p := range page.AccessPointList {
			if aws.ToString(p.Bucket) != loc.Bucket {
				continue // a server that took no notice of the bucket
			}
			one := AccessPoint{Name: aws.ToString(p.Name), ARN: aws.ToString(p.AccessPointArn), Alias: aws.ToString(p.Alias)}
			if p.VpcConfiguration != nil {
				one.VPC = aws.ToString(p.VpcConfiguration.VpcId)
			}
			all = append(all, one)
		}
		if aws.ToString(page.NextToken) == "" || aws.ToString(page.NextToken) == aws.ToString(next) {
			break
		}
		next = page.NextToken
	}
	return all, nil
}

// noControl is err, of a kind that says that the server has no access points where one that is not Amazon's does not know the question.
func (s *Session) noControl(err error) error {
	e, ok := err.(*Error)
	if !ok || s.cfg.S3Control == nil {
		return err
	}
	switch e.Kind {
	case KindNotFound, KindInvalid, KindNotS3:
		e.Kind, e.Retryable = KindUnsupported, false
	}
	return e
}

// s3Control is the service that knows of access points. Amazon's is at a host with the account's number in front of the region's.
func (s *Session) s3Control(region string) *s3control.Client {
	o := s3control.Options{Region: region, HTTPClient: s.http, HTTPSignerV4: &clockSigner{v4.NewSigner(), s.now}, Retryer: aws.NopRetryer{}, Credentials: s.creds,
		APIOptions: []func(*middleware.Stack) error{s.middleware}}
	if u := s.cfg.S3Control; u != nil {
		o.EndpointResolverV2 = oneAddress{*u}
	}
	return s3control.New(o)
}

// oneAddress sends all requests to one address, without the account's number in front of it.
type oneAddress struct{ url url.URL }

// ResolveEndpoint implements the SDK's resolver.
func (a oneAddress) ResolveEndpoint(context.Context, s3control.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return smithyendpoints.Endpoint{URI: a.url}, nil
}
