package storage

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
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
	who, err := s.callerIdentity(withCall(ctx, rec))
	if err != nil {
		return Identity{}, s.classify(ctx, rec, err)
	}
	return who, nil
}

// callerIdentity asks the token service; its errors are not made plain.
func (s *Session) callerIdentity(ctx context.Context) (Identity, error) {
	o := sts.Options{Region: cmp.Or(s.endpoint.region, s.Region(), "us-east-1"), Credentials: s.creds, HTTPClient: s.http, Retryer: aws.NopRetryer{},
		HTTPSignerV4: &clockSigner{v4.NewSigner(), s.now}, APIOptions: []func(*middleware.Stack) error{s.middleware}}
	if u := s.cfg.STS; u != nil {
		o.BaseEndpoint = aws.String(u.String())
	}
	out, err := sts.New(o).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, err
	}
	return Identity{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn), UserID: aws.ToString(out.UserId)}, nil
}
