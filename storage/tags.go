package storage

import (
	"context"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Tags reads the tags of an object, or of the version that loc names. An object without tags has an empty map.
func (s *Session) Tags(ctx context.Context, loc Location) (map[string]string, error) {
	if loc.Key == "" {
		return nil, invalid("GetObjectTagging", loc, "NoKey", "an object has a key")
	}
	_, rec, err := do(ctx, s, "GetObjectTagging", loc, func(ctx context.Context, c *s3.Client, rec *call) (any, error) {
		if r := s.lean(ctx, rec); r != nil {
			r.aspect("tagging=", loc.Version)
			return r.send(ctx)
		}
		return c.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version)})
	})
	if err != nil {
		return nil, err
	}
	return tagsFrom(rec.document)
}

// tagsFrom reads a Tagging document.
func tagsFrom(document []byte) (map[string]string, error) {
	tags := map[string]string{}
	var key, value string
	err := walkXML(document, func(path []string, text []byte, end bool) error {
		if len(path) < 3 || path[2] != "Tag" {
			return nil
		}
		switch {
		case len(path) == 3 && !end:
			key, value = "", ""
		case len(path) == 3:
			tags[key] = value
		case len(path) == 4 && end && path[3] == "Key":
			key = string(text)
		case len(path) == 4 && end && path[3] == "Value":
			value = string(text)
		}
		return nil
	})
	return tags, err
}

// SetTags replaces the tags of an object, or of the version that loc names. An empty map takes them all away.
func (s *Session) SetTags(ctx context.Context, loc Location, tags map[string]string) error {
	if loc.Key == "" {
		return invalid("PutObjectTagging", loc, "NoKey", "an object has a key")
	}
	set := make([]types.Tag, 0, len(tags))
	for k, v := range tags {
		set = append(set, types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	_, _, err := do(ctx, s, "PutObjectTagging", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutObjectTaggingOutput, error) {
		return c.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version),
			Tagging: &types.Tagging{TagSet: set}}, withContentMD5, s.namingTags(tags))
	})
	return err
}

// namingTags names the tags in a header as well where version 2 signs: MinIO puts it into the request before it looks at the signature, which
// covers all headers of its kind. To other servers it is a header that they were sent.
func (s *Session) namingTags(tags map[string]string) func(*s3.Options) {
	return func(o *s3.Options) {
		if !s.SignatureV2() {
			return
		}
		q := url.Values{}
		for k, v := range tags {
			q.Set(k, v)
		}
		o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("X-Amz-Tagging", q.Encode()))
	}
}
