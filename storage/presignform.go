package storage

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// FormOptions says what a signed form allows.
type FormOptions struct {
	Span        time.Duration
	MaxSize     int64  // bytes; 0 = as the server has it
	ContentType string // the file must have it; "" = any
}

// PresignedForm lets its holder upload one file by a POST of form data: the fields, then the file as the field "file".
type PresignedForm struct {
	URL     string
	Fields  map[string]string
	Expires time.Time
	Sooner  bool // than asked: the credentials end before
}

// PresignForm makes a form that uploads to loc until it ends; below loc, under the file's own name, if its key ends in "/" or is
// empty. It asks the server for nothing but, once, the bucket's region.
func (s *Session) PresignForm(ctx context.Context, loc Location, o FormOptions) (PresignedForm, error) {
	switch {
	case loc.Bucket == "":
		return PresignedForm{}, invalid("Presign", loc, "NoBucket", "a form uploads to a bucket")
	case s.Anonymous():
		return PresignedForm{}, invalid("Presign", loc, "Anonymous", "a form cannot be signed without credentials")
	case s.SignatureV2():
		return PresignedForm{}, s.classify(ctx, &call{op: "Presign", loc: loc}, &v2Error{"a form"})
	case o.Span < time.Second:
		return PresignedForm{}, invalid("Presign", loc, "InvalidSpan", "a form must hold for at least one second")
	case o.Span > maxPresign:
		return PresignedForm{}, invalid("Presign", loc, "InvalidSpan", "a form holds for 7 days at most: the signature allows no more")
	}
	if err := s.writable("Presign", loc); err != nil {
		return PresignedForm{}, err
	}
	if err := s.reachable("Presign", loc); err != nil {
		return PresignedForm{}, err
	}
	if s.endpoint.aws {
		if _, err := s.BucketRegion(ctx, loc.Bucket); err != nil && KindOf(err) != KindPermission {
			return PresignedForm{}, err
		}
	}
	var conditions []any
	if o.MaxSize > 0 {
		conditions = append(conditions, []any{"content-length-range", 0, o.MaxSize})
	}
	if o.ContentType != "" {
		conditions = append(conditions, map[string]string{"Content-Type": o.ContentType})
	}
	key := loc.Key
	if key == "" || strings.HasSuffix(key, "/") {
		conditions = append(conditions, []any{"starts-with", "$key", key})
		key += "${filename}" // the server puts the file's name there
	}
	span := o.Span.Truncate(time.Second)
	rec := &call{op: "Presign", loc: loc}
	c := s3.NewPresignClient(s.clientOf(&call{region: s.regionFor(loc.Bucket), loc: loc}))
	req, err := c.PresignPostObject(withCall(ctx, rec), &s3.PutObjectInput{Bucket: &loc.Bucket, Key: &key}, func(p *s3.PresignPostOptions) {
		p.Expires, p.Conditions = span, conditions
		p.PostPresigner = &clockForms{p.PostPresigner, s.now, span}
	})
	if err != nil {
		return PresignedForm{}, s.classify(ctx, rec, err)
	}
	f := PresignedForm{URL: req.URL, Fields: maps.Clone(req.Values), Expires: s.now().Add(span)}
	if o.ContentType != "" {
		f.Fields["Content-Type"] = o.ContentType
	}
	if cr, err := s.creds.Retrieve(ctx); err == nil && cr.CanExpire && cr.Expires.Before(f.Expires) {
		f.Expires, f.Sooner = cr.Expires, true
	}
	return f, nil
}

// clockForms signs forms with the session's clock.
type clockForms struct {
	next s3.PresignPost
	now  func() time.Time
	span time.Duration
}

// PresignPost signs as of the session's time.
func (c *clockForms) PresignPost(cr aws.Credentials, bucket, key, region, service string, _ time.Time, conditions []any, _ time.Time,
	opts ...func(*v4.SignerOptions)) (map[string]string, error) {
	now := c.now()
	return c.next.PresignPost(cr, bucket, key, region, service, now, conditions, now.Add(c.span).UTC(), opts...)
}
