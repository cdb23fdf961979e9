package storage

import (
	"context"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// escapedOnce mends how the SDK signs addresses of multi-Region access points: its signer for several regions escapes a path that is escaped
// already, unlike for headers, so that S3 would refuse any key with a character to escape. It is given the path as it is, and the address
// gets the escaped one back.
func escapedOnce(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("EscapedOnce", signRawPath), "PresignHTTPRequest", middleware.Before)
	})
}

func signRawPath(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok || req.URL.Opaque != "" { // the SDK applies options of presigning twice
		return next.HandleFinalize(ctx, in)
	}
	u := *req.URL
	req.URL.Opaque = "//" + u.Host + u.Path
	out, meta, err := next.HandleFinalize(ctx, in)
	if p, ok := out.Result.(*v4.PresignedHTTPRequest); ok && err == nil {
		p.URL = u.Scheme + "://" + u.Host + u.EscapedPath() + p.URL[len(u.Scheme+":"+req.URL.Opaque):]
	}
	return out, meta, err
}
