package storage

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// EncryptionCustomer is the [Encryption.Type] of an object that is encrypted with a key of the customer's (SSE-C); KeyID is the key's
// MD5. It is only told: what a request brings as a key decides, see [WithCustomerKey].
const EncryptionCustomer = "SSE-C"

// ErrCustomerKey says that a file holds no key for SSE-C.
var ErrCustomerKey = errors.New("no key for SSE-C: 32 bytes, or their base64 or hexadecimal text")

// CustomerKey is a key of the customer's for objects that the server encrypts with it and does not keep. It never prints itself.
type CustomerKey struct{ text, md5 string }

// String hides the key.
func (k *CustomerKey) String() string { return "customer key" }

// GoString hides the key.
func (k *CustomerKey) GoString() string { return k.String() }

// ReadCustomerKey reads a key from a file: 32 bytes as they are, or as base64 or hexadecimal text. The error is [ErrCustomerKey] or
// the file system's.
func ReadCustomerKey(path string) (*CustomerKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 256
	b, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, err
	}
	k, ok := parseCustomerKey(b)
	if !ok {
		return nil, fmt.Errorf("%s: %w", path, ErrCustomerKey)
	}
	return k, nil
}

func parseCustomerKey(b []byte) (*CustomerKey, bool) {
	const size = 32
	if len(b) != size {
		text := string(bytes.TrimSpace(b))
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != size {
			raw, err = hex.DecodeString(text)
		}
		if err != nil || len(raw) != size {
			return nil, false
		}
		b = raw
	}
	sum := md5.Sum(b)
	return &CustomerKey{base64.StdEncoding.EncodeToString(b), base64.StdEncoding.EncodeToString(sum[:])}, true
}

type (
	customerKeyKey struct{}
	sourceKeyKey   struct{}
)

// WithCustomerKey makes all requests about the content of objects that are made with the context bring the key: objects are written
// with it, and read with it or, if they are encrypted in another way, without. Over plain http they are refused before anything is
// sent: KindInvalid with code "PlainHTTP".
func WithCustomerKey(ctx context.Context, k *CustomerKey) context.Context {
	return context.WithValue(ctx, customerKeyKey{}, k)
}

func customerKeyFrom(ctx context.Context) *CustomerKey {
	k, _ := ctx.Value(customerKeyKey{}).(*CustomerKey)
	return k
}

// withSourceKey says that the source of a copy is encrypted with the key as well.
func withSourceKey(ctx context.Context) context.Context {
	return context.WithValue(ctx, sourceKeyKey{}, true)
}

// customerOps are the operations that bring the key.
var customerOps = map[string]bool{"PutObject": true, "CreateMultipartUpload": true, "UploadPart": true, "UploadPartCopy": true,
	"CompleteMultipartUpload": true, "ListParts": true, "GetObject": true, "HeadObject": true, "GetObjectAttributes": true, "CopyObject": true}

// bringKey puts the context's key into the record of a request.
func (s *Session) bringKey(ctx context.Context, rec *call) error {
	k := customerKeyFrom(ctx)
	if k == nil || !customerOps[rec.op] {
		return nil
	}
	if !s.Secure() {
		return &Error{Op: rec.op, Location: rec.loc, Host: s.Host(), Kind: KindInvalid, Code: "PlainHTTP",
			Message: "a key for SSE-C is never sent over plain http: connect with https"}
	}
	rec.key = k
	source, _ := ctx.Value(sourceKeyKey{}).(bool)
	rec.sourceKey = source && (rec.op == "CopyObject" || rec.op == "UploadPartCopy")
	return nil
}

const (
	customerPrefix = "X-Amz-Server-Side-Encryption-Customer-"
	sourcePrefix   = "X-Amz-Copy-Source-Server-Side-Encryption-Customer-"
)

// keyHeaders gives set the headers of a request's key.
func (c *call) keyHeaders(set func(name, value string)) {
	if c == nil || c.key == nil {
		return
	}
	prefixes := []string{customerPrefix}
	if c.sourceKey {
		prefixes = append(prefixes, sourcePrefix)
	}
	for _, p := range prefixes {
		set(p+"Algorithm", "AES256")
		set(p+"Key", c.key.text)
		set(p+"Key-Md5", c.key.md5)
	}
}

// sendKeys lets the SDK's requests carry the key.
func sendKeys(o *s3.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("PintailCustomerKey",
			func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
				if r, ok := in.Request.(*smithyhttp.Request); ok {
					callFrom(ctx).keyHeaders(r.Header.Set)
				}
				return next.HandleBuild(ctx, in)
			}), middleware.After)
	})
}

// needsNoKey tells whether a request that brought a key may have been refused for it, and gives a context without: the object is
// encrypted in another way.
func needsNoKey(ctx context.Context, err error) (context.Context, bool) {
	var e *Error
	if customerKeyFrom(ctx) == nil || !errors.As(err, &e) || e.Kind != KindInvalid || e.HTTPStatus != 400 {
		return ctx, false
	}
	return WithCustomerKey(ctx, nil), true
}
