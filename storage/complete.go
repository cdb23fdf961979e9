package storage

import (
	"context"
	"errors"
	"sort"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func isNoSuchUpload(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == KindNotFound && (e.Code == "NoSuchUpload" || e.Code == "NoSuchKey" || e.Code == "NotFound") &&
		(strings.Contains(e.Op, "Multipart") || strings.HasPrefix(e.Op, "UploadPart"))
}

// CompleteUpload puts the parts together and proves the result by a HEAD. An error with Unknown set means that the object
// may be there: [Session.ProveUpload] tells. That is so, too, when the server no longer knows the upload.
func (s *Session) CompleteUpload(ctx context.Context, loc Location, u Upload, parts []Part, o WriteOptions) (Written, error) {
	parts, err := orderParts(loc, parts)
	if err != nil {
		return Written{}, err
	}
	in := &s3.CompleteMultipartUploadInput{Bucket: &loc.Bucket, Key: &loc.Key, UploadId: &u.ID,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: completedParts(u, parts)}}
	if o.IfNoneMatch {
		in.IfNoneMatch = aws.String("*")
	}
	if o.IfMatch != "" {
		in.IfMatch = aws.String(quoteETag(o.IfMatch))
	}
	if u.Algorithm != "" && u.FullObject {
		if full := fullChecksum(u.Algorithm, parts); full != "" {
			in.ChecksumType = types.ChecksumTypeFullObject
			in.MpuObjectSize = aws.Int64(totalSize(parts))
			setChecksum(u.Algorithm, full, &in.ChecksumCRC32, &in.ChecksumCRC32C, &in.ChecksumCRC64NVME, &in.ChecksumSHA1, &in.ChecksumSHA256)
		}
	}
	out, rec, err := do(ctx, s, "CompleteMultipartUpload", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.CompleteMultipartUploadOutput, error) {
		return c.CompleteMultipartUpload(ctx, in)
	})
	if err != nil {
		var e *Error
		if isNoSuchUpload(err) && errors.As(err, &e) {
			e.Unknown = true // an earlier try may have done it
		}
		return Written{}, err
	}
	w, err := s.proveComplete(ctx, rec, loc, u, parts, cleanETag(aws.ToString(out.ETag)), aws.ToString(out.VersionId))
	if err != nil {
		return w, err
	}
	return w, s.checkKey(ctx, rec.op, loc, w.ETag)
}

// orderParts sorts a copy and refuses what no server could put together.
func orderParts(loc Location, parts []Part) ([]Part, error) {
	sorted := append([]Part(nil), parts...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Number < sorted[j].Number })
	for i, p := range sorted {
		if p.ETag == "" || p.Number < 1 || i > 0 && p.Number == sorted[i-1].Number {
			return nil, invalid("CompleteMultipartUpload", loc, "InvalidPart", "part %d has no ETag or comes twice", p.Number)
		}
	}
	if len(sorted) == 0 {
		return nil, invalid("CompleteMultipartUpload", loc, "InvalidPart", "there are no parts")
	}
	return sorted, nil
}

func completedParts(u Upload, parts []Part) []types.CompletedPart {
	list := make([]types.CompletedPart, len(parts))
	for i, p := range parts {
		c := &list[i]
		c.PartNumber, c.ETag = aws.Int32(p.Number), aws.String(quoteETag(p.ETag))
		setChecksum(u.Algorithm, p.Checksum, &c.ChecksumCRC32, &c.ChecksumCRC32C, &c.ChecksumCRC64NVME, &c.ChecksumSHA1, &c.ChecksumSHA256)
	}
	return list
}

func totalSize(parts []Part) int64 {
	var n int64
	for _, p := range parts {
		n += p.Size
	}
	return n
}

// proveComplete reads the object back. Where that is not allowed the answer's own ETag must do, else the level is "stored".
func (s *Session) proveComplete(ctx context.Context, rec *call, loc Location, u Upload, parts []Part, etag, version string) (Written, error) {
	info, err := s.Stat(ctx, Location{Bucket: loc.Bucket, Key: loc.Key, Version: version})
	if err != nil {
		if KindOf(err) == KindPermission {
			w := Written{Version: version, ETag: etag, Size: totalSize(parts), Proof: ProofStored, RequestID: rec.requestID()}
			if etag != "" && strings.EqualFold(etag, multipartETag(parts)) {
				w.Proof = ProofMD5
			}
			return w, nil
		}
		e := s.answerError(rec, KindOf(err), "Unproved", "the parts were put together, but the object cannot be read back: %v", err)
		var head *Error
		if errors.As(err, &head) {
			e.Retryable, e.RetryAfter = head.Retryable, head.RetryAfter
		}
		e.Err = err
		return Written{}, e
	}
	if etag != "" && info.ETag != etag && version == "" {
		// Somebody else wrote the key in between: what is there now proves nothing about ours.
		return Written{}, s.answerError(rec, KindConflict, "Overwritten", "the object was replaced by somebody else before it could be read back")
	}
	return s.prove(rec.op, info, u, parts)
}

// ProveUpload finds out whether an upload whose completion is in doubt has become the object: the HEAD must show what the
// parts must give. KindNotFound: there is no object; KindConflict with code "Different": there is another one.
func (s *Session) ProveUpload(ctx context.Context, loc Location, u Upload, parts []Part) (Written, error) {
	parts, err := orderParts(loc, parts)
	if err != nil {
		return Written{}, err
	}
	info, err := s.Stat(ctx, loc)
	if err != nil {
		return Written{}, err
	}
	w, err := s.prove("HeadObject", info, u, parts)
	var e *Error
	if errors.As(err, &e) {
		e.Kind, e.Code, e.Unknown, e.Retryable = KindConflict, "Different", false, false
	}
	if err == nil && w.Proof <= ProofSize {
		// An older object of the same size would look the same.
		return Written{}, &Error{Op: "HeadObject", Location: loc, Host: s.Host(), Kind: KindConflict, Code: "Different",
			Message: "the object has the right size, but nothing shows that it is this upload"}
	}
	return w, err
}

// prove compares an object's head with what the parts must give, by the strongest means that both sides have.
func (s *Session) prove(op string, info Info, u Upload, parts []Part) (Written, error) {
	w := Written{Version: info.Location.Version, ETag: info.ETag, Size: info.Size, Checksums: info.Checksums, RequestID: info.RequestID}
	differs := func(format string, args ...any) (Written, error) {
		e := invalid(op, info.Location, "ChecksumMismatch", format, args...)
		e.Kind, e.HTTPStatus, e.RequestID, e.Host = KindChecksum, 200, info.RequestID, s.Host()
		return Written{}, e
	}
	if total := totalSize(parts); info.Size != total {
		e := invalid(op, info.Location, "Truncated", "%d bytes were sent, the object has %d", total, info.Size)
		e.Kind, e.HTTPStatus, e.RequestID, e.Host = KindTruncated, 200, info.RequestID, s.Host()
		return Written{}, e
	}
	if have := info.Checksums.Values[u.Algorithm]; have != "" && u.Algorithm != "" {
		want, level := compositeChecksum(u.Algorithm, parts), ProofParts
		if info.Checksums.FullObject {
			want, level = fullChecksum(u.Algorithm, parts), ProofFull
		}
		if want != "" && want == have {
			w.Proof = level
			return w, nil
		}
		if want != "" && !sameComposite(want, have) {
			return differs("the object's %s is %s, the parts give %s", u.Algorithm, clip(have), want)
		}
		if want != "" {
			w.Proof = level
			return w, nil
		}
	}
	etag := multipartETag(parts)
	if etag != "" && strings.EqualFold(etag, info.ETag) {
		w.Proof = ProofMD5
		return w, nil
	}
	if etag != "" && info.Encryption.Type == "" && isMultipartETag(info.ETag) {
		return differs("the object's ETag is %s, the parts give %s", clip(info.ETag), etag)
	}
	w.Proof = ProofSize
	return w, nil
}

// sameComposite compares a composite checksum with one that a server gives without the "-N".
func sameComposite(want, have string) bool {
	sum, _, ok := strings.Cut(want, "-")
	return ok && sum == have
}
