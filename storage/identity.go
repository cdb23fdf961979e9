package storage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Identity tells who the credentials belong to: on Amazon by STS, elsewhere by the owner that the list of buckets names.
func (s *Session) Identity(ctx context.Context) (Identity, error) {
	if s.Anonymous() {
		return Identity{}, invalid("GetCallerIdentity", Location{}, "Anonymous", "an anonymous session has no identity")
	}
	if s.endpoint.aws && !s.SignatureV2() { // the token service knows version 4 only
		return s.stsIdentity(ctx)
	}
	for p, err := range s.Buckets(ctx) {
		if err != nil {
			return Identity{}, err
		}
		return Identity{Account: p.Owner.Name, UserID: p.Owner.ID}, nil
	}
	return Identity{}, nil
}

func (s *Session) stsIdentity(ctx context.Context) (Identity, error) {
	rec := &call{op: "GetCallerIdentity"}
	c := sts.New(sts.Options{Region: s.endpoint.region, Credentials: s.creds, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		HTTPSignerV4: &clockSigner{v4.NewSigner(), s.now}})
	out, err := c.GetCallerIdentity(withCall(ctx, rec), &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.APIOptions = append(o.APIOptions, s.middleware)
	})
	if err != nil {
		return Identity{}, s.classify(ctx, rec, err)
	}
	return Identity{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), UserID: aws.ToString(out.UserId)}, nil
}
