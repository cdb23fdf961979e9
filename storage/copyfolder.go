package storage

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// refusesFolder tells whether a server did not copy a folder's own object because it counted bytes of its own file system as
// the object's: versitygw does so with each of them.
func refusesFolder(dst Location, err error) bool {
	var e *Error
	return strings.HasSuffix(dst.Key, "/") && errors.As(err, &e) && e.Code == "DirectoryObjectContainsData"
}

// copyFolder writes a folder's own object, which has no bytes, as a new one that is like the source. One that has bytes is
// refused with why.
func (s *Session) copyFolder(ctx context.Context, src, dst Location, o CopyOptions, match, class string, why error) (Written, error) {
	info, err := s.Stat(ctx, src)
	if err != nil {
		return Written{}, err
	}
	if info.Size != 0 {
		return Written{}, why
	}
	if match != "" && info.ETag != cleanETag(match) {
		return Written{}, &Error{Op: "CopyObject", Location: src, Host: s.Host(), Kind: KindPrecondition, Code: "PreconditionFailed",
			Message: "the source has changed"}
	}
	w := WriteOptions{Headers: info.Headers, Metadata: info.Metadata}
	if o.Replace != nil {
		w = *o.Replace
	}
	if w.Tags == nil {
		if w.Tags, err = s.Tags(ctx, src); err != nil && KindOf(err) != KindUnsupported {
			return Written{}, err
		}
	}
	if o.ACL != "" {
		w.ACL = o.ACL
	}
	w.Class, w.Encryption, w.IfNoneMatch = class, carriedKey(o, info), w.IfNoneMatch || o.IfNoneMatch
	if class == "STANDARD" {
		w.Class = "" // as a copy says it
	}
	return s.Put(ctx, dst, Body{R: bytes.NewReader(nil)}, w)
}
