package storage

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Services of Amazon beside S3 that concern a bucket. They are asked over the same way to the network, with the same credentials,
// and only where those belong to Amazon, or where [Config.CloudFront], [Config.KMS] or [Config.S3Control] names another host.

// besides is a service beside S3.
type besides struct {
	host    string   // Amazon's own
	other   *url.URL // in its place
	actions string   // prefix of its actions in policies
	code    string   // of the error where it is not
	what    string   // it has, in the plural
}

// cloudFrontHost is the service's one address; its requests are signed for us-east-1.
const cloudFrontHost = "cloudfront.amazonaws.com"

func (s *Session) cloudFront() *cloudfront.Client {
	o := cloudfront.Options{
		Region: "us-east-1", HTTPClient: s.http, HTTPSignerV4: &clockSigner{v4.NewSigner(), s.now}, Retryer: aws.NopRetryer{}, Credentials: s.creds,
	}
	if u := s.cfg.CloudFront; u != nil {
		o.BaseEndpoint = aws.String(u.String())
	}
	return cloudfront.New(o)
}

// aside runs one request to CloudFront and turns its failure into an [*Error].
func aside[T any](ctx context.Context, s *Session, op string, loc Location, send func(context.Context, *cloudfront.Client) (T, error)) (T, error) {
	at := besides{cloudFrontHost, s.cfg.CloudFront, "cloudfront:", "NoCloudFront", "distributions"}
	return askAside(ctx, s, at, op, loc, func(ctx context.Context) (T, error) { return send(ctx, s.cloudFront()) })
}

// askAside runs one request to a service beside S3 and turns its failure into an [*Error].
func askAside[T any](ctx context.Context, s *Session, at besides, op string, loc Location, send func(context.Context) (T, error)) (T, error) {
	var none T
	rec := &call{op: op, loc: loc, host: at.host}
	if at.other != nil {
		rec.host = at.other.Host
	}
	switch {
	case s.closed.Load():
		return none, &Error{Op: op, Location: loc, Host: rec.host, Kind: KindCancelled, Err: errClosed}
	case s.creds == nil:
		return none, invalid(op, loc, "Anonymous", "%s can be seen with credentials only", at.what)
	case at.other == nil && (!s.endpoint.aws || s.endpoint.custom):
		return none, &Error{Op: op, Location: loc, Host: s.Host(), Kind: KindUnsupported, Code: at.code,
			Message: at.what + " are a service of Amazon, and " + s.Host() + " is not Amazon", Err: errors.New("no such service here")}
	}
	out, err := send(withCall(ctx, rec))
	if err == nil {
		return out, nil
	}
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil {
		rec.status, rec.header = answer.HTTPStatusCode(), answer.Response.Header
		if rec.header == nil {
			rec.header = http.Header{}
		}
	}
	var said smithy.APIError
	if errors.As(err, &said) {
		rec.failure = failure{Code: said.ErrorCode(), Message: said.ErrorMessage(), isXML: true}
	}
	e := s.classify(ctx, rec, err)
	if looks := strings.HasPrefix(op, "Get") || strings.HasPrefix(op, "List"); !looks && rec.wrote.Load() {
		e.Unknown = rec.status == 0 || rec.status >= 500 // it may have been done all the same
	}
	if e.Kind == KindPermission && e.Permission == "" {
		e.Permission = at.actions + op
	}
	return none, e
}
