package storage

import (
	"context"
	"io"
	"net/http"
)

// Unplugged makes s answer itself with head, echoing a checksum, so that only what the client does is counted.
func Unplugged(s *Session, head http.Header) *Session {
	s.http.rt = roundTripFunc(func(r *http.Request) (*http.Response, error) {
		rec := callFrom(r.Context())
		rec.method = r.Method
		h := head
		if v := r.Header.Get("X-Amz-Checksum-Crc64nvme"); v != "" {
			h = head.Clone()
			h.Set("X-Amz-Checksum-Crc64nvme", v)
		}
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		resp := &http.Response{StatusCode: 200, Header: h, Body: http.NoBody, Request: r}
		rec.note(resp)
		return resp, nil
	})
	return s
}

// CopyInParts is the copy of a version that is too large for one request, with parts of a size that a test can have.
func CopyInParts(ctx context.Context, s *Session, src Info, to Location, partSize int64) (Written, error) {
	return s.copyInParts(ctx, src, to, partSize)
}

// AccessPointsOf is [Session.AccessPoints] of an account that is known.
func AccessPointsOf(ctx context.Context, s *Session, account, region, bucket string) error {
	_, err := s.accessPoints(ctx, besides{what: "access points"}, account, region, Location{Bucket: bucket})
	return err
}
