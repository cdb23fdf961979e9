package storage

import (
	"context"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// noChecksums takes the checksum headers, which the SDK adds where S3 requires one, from the requests to a server whose profile says
// that it refuses them. A Content-MD5 is there instead (withContentMD5).
func noChecksums(stack *middleware.Stack) error {
	const signing = "Signing"
	if _, ok := stack.Finalize.Get(signing); !ok {
		return nil // a pre-signed address has none
	}
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("NoChecksums",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			if r, ok := in.Request.(*smithyhttp.Request); ok {
				for name := range r.Header {
					if n := strings.ToLower(name); strings.HasPrefix(n, "x-amz-checksum-") || n == "x-amz-sdk-checksum-algorithm" {
						delete(r.Header, name)
					}
				}
			}
			return next.HandleFinalize(ctx, in)
		}), signing, middleware.Before)
}
