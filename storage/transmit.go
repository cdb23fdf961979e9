package storage

import (
	"context"
	"encoding/base64"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
)

// carrier is the input of a request that carries bytes: of a PutObject or an UploadPart.
type carrier interface {
	// describe sets what is computed of the bytes.
	describe(size int64, md5 *string, a ChecksumAlgorithm, value string)
	// lean writes the request, false if it cannot.
	lean(r *leanRequest) bool
	sdk(ctx context.Context, c *s3.Client, body io.Reader, o func(*s3.Options)) error
}

type putCarrier struct{ in *s3.PutObjectInput }

func (p putCarrier) describe(size int64, md5 *string, a ChecksumAlgorithm, value string) {
	in := p.in
	in.ContentLength, in.ContentMD5 = aws.Int64(size), md5
	setChecksum(a, value, &in.ChecksumCRC32, &in.ChecksumCRC32C, &in.ChecksumCRC64NVME, &in.ChecksumSHA1, &in.ChecksumSHA256)
}

func (p putCarrier) lean(r *leanRequest) bool { return r.put(p.in) }

func (p putCarrier) sdk(ctx context.Context, c *s3.Client, body io.Reader, o func(*s3.Options)) error {
	p.in.Body = body
	_, err := c.PutObject(ctx, p.in, o)
	return err
}

type partCarrier struct{ in *s3.UploadPartInput }

func (p partCarrier) describe(size int64, md5 *string, a ChecksumAlgorithm, value string) {
	in := p.in
	in.ContentLength, in.ContentMD5 = aws.Int64(size), md5
	setChecksum(a, value, &in.ChecksumCRC32, &in.ChecksumCRC32C, &in.ChecksumCRC64NVME, &in.ChecksumSHA1, &in.ChecksumSHA256)
}

func (p partCarrier) lean(r *leanRequest) bool { return r.part(p.in) }

func (p partCarrier) sdk(ctx context.Context, c *s3.Client, body io.Reader, o func(*s3.Options)) error {
	p.in.Body = body
	_, err := c.UploadPart(ctx, p.in, o)
	return err
}

// setChecksum sets the field of a to value; "" leaves all as they are.
func setChecksum(a ChecksumAlgorithm, value string, crc32, crc32c, crc64, sha1, sha256 **string) {
	if value == "" {
		return
	}
	switch a {
	case ChecksumCRC32:
		*crc32 = &value
	case ChecksumCRC32C:
		*crc32c = &value
	case ChecksumCRC64NVME:
		*crc64 = &value
	case ChecksumSHA1:
		*sha1 = &value
	case ChecksumSHA256:
		*sha256 = &value
	}
}

// againError is a failure after which the same call should be made once more, in the way that was learnt from it.
type againError struct{ error }

// maxUploadTries bounds the tries of one call: each but the last has taught what the server does not take.
const maxUploadTries = 4

// upload sends b with a request that plan makes, until prove is content with the answer. It goes again when the server
// refuses what can be left out.
func (s *Session) upload(ctx context.Context, op string, loc Location, b Body, plan func() (digestPlan, carrier, error),
	prove func(*call, digestPlan, digests) error) error {
	for try := 1; ; try++ {
		p, c, err := plan()
		if err != nil {
			return err
		}
		err = s.uploadOnce(ctx, op, loc, b, p, c, prove)
		var again againError
		if errors.As(err, &again) {
			err = again.error
		} else if err == nil || !s.dropRefused(loc.Bucket, p, err) {
			return err
		}
		if try == maxUploadTries {
			return err
		}
	}
}

func (s *Session) uploadOnce(ctx context.Context, op string, loc Location, b Body, p digestPlan, c carrier,
	prove func(*call, digestPlan, digests) error) error {
	small, free := bodyBuffer(b.Size)
	defer free()
	var d digests
	var err error
	if !p.trailer {
		if d, err = s.digest(ctx, b, p, small, c); err != nil {
			return s.localError(ctx, op, loc, err)
		}
	}
	var sent *sendBody
	var trailed *trailerBody
	finish := func(failed bool) {
		if sent != nil {
			sent.finish(failed)
		}
	}
	_, rec, err := do(ctx, s, op, loc, func(ctx context.Context, client *s3.Client, rec *call) (struct{}, error) {
		finish(true)
		sent = newSendBody(b, small)
		err := func() error {
			if r := s.lean(ctx, rec); r != nil {
				if p.trailer {
					c.describe(b.Size, nil, "", "")
				}
				if c.lean(r) {
					r.hash, r.body = p.payload(d), sent
					if p.trailer {
						trailed = newTrailerBody(sent, p.algorithm)
						trailed.announce(r, b.Size)
					}
					_, err := r.send(ctx)
					return err
				}
			}
			if p.trailer && p.algorithm != "" { // a target of the SDK's after all
				p.trailer = false
				if d, err = s.digest(ctx, b, p, small, c); err != nil {
					return err
				}
			}
			return c.sdk(ctx, client, sent, payloadHash(p.payload(d)))
		}()
		if r := sent.readError(); err != nil && r != nil {
			err = r
		}
		return struct{}{}, err
	})
	if err == nil {
		if p.trailer {
			d.value = trailed.value()
		}
		err = prove(rec, p, d)
	}
	finish(err != nil)
	return err
}

// digest computes what p asks for and puts it into the request.
func (s *Session) digest(ctx context.Context, b Body, p digestPlan, small []byte, c carrier) (digests, error) {
	d, err := digestBody(ctx, b, p, small)
	if err != nil {
		return d, err
	}
	var sum *string
	if p.md5 {
		sum = aws.String(base64.StdEncoding.EncodeToString(d.md5))
	}
	c.describe(b.Size, sum, p.algorithm, d.value)
	return d, nil
}

// payload is what the signature says of the payload.
func (p digestPlan) payload(d digests) string {
	if p.sign {
		return d.sha
	}
	return unsignedPayload
}

// payloadHash gives the signature of an SDK request the hash that was computed in our pass, so that the SDK reads nothing.
func payloadHash(hash string) func(*s3.Options) {
	return func(o *s3.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("PintailPayloadHash",
				func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
					return next.HandleInitialize(v4.SetPayloadHash(ctx, hash), in)
				}), middleware.Before)
		})
	}
}
