package storage

import (
	"context"
	"errors"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Some servers keep objects as files and store "a//b" as "a/b". A HEAD of the key that was asked for is turned the same
// way and finds it, so only a listing shows the truth. It is asked for after writing a key of a form that such servers
// change, until the server has shown once that it keeps that form.

// keyForm names the form of an awkward key; "" for one that every server keeps.
func keyForm(key string) string {
	for _, seg := range strings.Split(strings.TrimSuffix(key, "/"), "/") {
		switch {
		case seg == "." || seg == "..":
			return "dots"
		case strings.HasSuffix(seg, " ") || strings.HasSuffix(seg, ".") || strings.HasPrefix(seg, " "):
			return "edges"
		}
	}
	switch {
	case strings.HasPrefix(key, "/"):
		return "leading slash"
	case strings.Contains(key, "//"):
		return "double slash"
	}
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c == '\t' || c == '\n' || c == '\r':
			return "line ends" // XML can carry them, the other control characters not
		case c < 0x20 || c == 0x7f:
			return "control"
		case c == '\\':
			return "backslash"
		}
	}
	if !utf8.ValidString(key) {
		return "bytes"
	}
	return ""
}

// checkKey looks whether the server stored what was written under loc's very key.
func (s *Session) checkKey(ctx context.Context, op string, loc Location, etag string) error {
	form := keyForm(loc.Key)
	if form == "" || s.endpoint.aws || s.known.sure(featureKeys, form) {
		return nil
	}
	has, err := s.listedExactly(ctx, loc.Bucket, loc.Key)
	if err != nil {
		return nil // who may write and not list has to trust the server
	}
	if has {
		s.known.set(featureKeys, form, true)
		return nil
	}
	e := invalid(op, loc, "KeyChanged", "the server does not keep this key")
	e.Kind, e.Host = KindOther, s.Host()
	for _, made := range []string{strings.TrimPrefix(path.Clean("/"+loc.Key), "/"), strings.TrimLeft(loc.Key, "/"), strings.TrimRight(loc.Key, " .")} {
		if made == "" || made == loc.Key {
			continue
		}
		if strings.HasSuffix(loc.Key, "/") && !strings.HasSuffix(made, "/") {
			made += "/"
		}
		if has, err := s.listedExactly(ctx, loc.Bucket, made); err == nil && has {
			if info, err := s.Stat(ctx, Location{Bucket: loc.Bucket, Key: made}); err == nil && info.ETag == etag {
				e.Message = "the server stored it under another key: " + Location{Bucket: loc.Bucket, Key: made}.String()
				break
			}
		}
	}
	return e
}

// listedExactly tells whether a listing shows key byte for byte: it is the first of those that begin with it.
func (s *Session) listedExactly(ctx context.Context, bucket, key string) (bool, error) {
	loc := Location{Bucket: bucket, Key: key}
	_, rec, err := do(ctx, s, "ListObjectsV2", loc, func(ctx context.Context, c *s3.Client, _ *call) (any, error) {
		return c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &key, MaxKeys: aws.Int32(1), EncodingType: types.EncodingTypeUrl})
	})
	var e *Error
	if errors.As(err, &e) && strings.Contains(e.Message, outsidePrefix) {
		return false, nil // another key came in its place
	}
	if err != nil {
		return false, err
	}
	for _, e := range rec.listing.page.Entries {
		if e.Key == key {
			return true, nil
		}
	}
	return false, nil
}
