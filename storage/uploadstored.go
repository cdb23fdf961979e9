package storage

import (
	"context"
	"errors"
)

// GapIn is the number of the first part that is missing below the last one; 0 = none, 1 also if there are no parts.
func GapIn(parts []Part) int32 {
	want := int32(1)
	for _, p := range parts {
		if p.Number != want {
			return want
		}
		want++
	}
	if len(parts) == 0 {
		return 1
	}
	return 0
}

// StoredParts is all parts that the server holds of an unfinished upload, in the order of their numbers, and their bytes.
func (s *Session) StoredParts(ctx context.Context, loc Location, uploadID string) (parts []Part, bytes int64, err error) {
	for page, err := range s.Parts(ctx, loc, uploadID) {
		if err != nil {
			return nil, 0, err
		}
		for _, p := range page {
			bytes += p.Size
		}
		parts = append(parts, page...)
	}
	return parts, bytes, nil
}

// CompleteStored puts the parts that the server holds of somebody's upload together and proves the object. Only who began the upload
// knows whether they are all. A gap between them is an error of KindInvalid with code "MissingPart", before anything is done. An
// upload that is not there is KindNotFound. When the answer is lost, the object itself is looked at.
func (s *Session) CompleteStored(ctx context.Context, loc Location, uploadID string) (Written, error) {
	loc.Version = ""
	if err := s.writable("CompleteMultipartUpload", loc); err != nil {
		return Written{}, err
	}
	u, err := s.FindUpload(ctx, loc, uploadID)
	if err != nil {
		return Written{}, err
	}
	parts, _, err := s.StoredParts(ctx, loc, uploadID)
	if err != nil {
		return Written{}, err
	}
	if n := GapIn(parts); n > 0 {
		return Written{}, invalid("CompleteMultipartUpload", loc, "MissingPart", "part %d is missing, so the parts do not make a whole", n)
	}
	w, err := s.CompleteUpload(ctx, loc, u, parts, WriteOptions{})
	var e *Error
	if errors.As(err, &e) && e.Unknown && ctx.Err() == nil {
		if proved, perr := s.ProveUpload(ctx, loc, u, parts); perr == nil {
			return proved, nil
		}
	}
	return w, err
}

// FindUpload finds an unfinished upload of a key in the listing, which tells its checksums. One that is not there is KindNotFound.
func (s *Session) FindUpload(ctx context.Context, loc Location, id string) (Upload, error) {
	for page, err := range s.ListUploads(ctx, loc.Bucket, loc.Key, ListOptions{}) {
		if err != nil {
			return Upload{}, err
		}
		for _, u := range page.Uploads {
			if u.Key == loc.Key && u.ID == id {
				return u, nil
			}
		}
		if n := len(page.Uploads); n > 0 && page.Uploads[n-1].Key > loc.Key {
			break
		}
	}
	return Upload{}, &Error{Op: "ListMultipartUploads", Location: loc, Host: s.Host(), Kind: KindNotFound, Code: "NoSuchUpload",
		Message: "there is no such unfinished upload"}
}
