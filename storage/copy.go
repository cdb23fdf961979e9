package storage

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Copy copies an object of at most 5 GiB on the server. With SourceIfMatch and Class set (a caller that has listed the
// source knows both; the standard class is "STANDARD") one request does; else the source's head is read first, since S3
// would put a copy without a class into the standard one.
func (s *Session) Copy(ctx context.Context, src, dst Location, o CopyOptions) (Written, error) {
	if err := s.writable("CopyObject", dst); err != nil {
		return Written{}, err
	}
	if err := checkTarget("CopyObject", dst); err != nil {
		return Written{}, err
	}
	if src.Bucket == "" || src.Key == "" {
		return Written{}, invalid("CopyObject", src, "NoKey", "an object has a bucket and a key")
	}
	match, class := o.SourceIfMatch, o.Class
	if o.Replace != nil && class == "" {
		class = o.Replace.Class
	}
	var source *Info
	if match == "" || class == "" || customerKeyFrom(ctx) != nil {
		info, err := s.Stat(ctx, src)
		if err != nil {
			return Written{}, err
		}
		if info.Size > maxSinglePut {
			return Written{}, invalid("CopyObject", src, "EntityTooLarge", "%d bytes are too many for one copy: copy it in parts", info.Size)
		}
		if match != "" && info.ETag != cleanETag(match) {
			return Written{}, &Error{Op: "CopyObject", Location: src, Host: s.Host(), Kind: KindPrecondition, Code: "PreconditionFailed",
				Message: "the source has changed"}
		}
		source, match = &info, info.ETag
		if class == "" {
			class = info.Class
		}
		o.Encryption = carriedKey(o, info)
	}
	return s.copyKnown(ctx, src, dst, o, match, class, source)
}

// copyKnown makes a copy of a source of which source is what its head has told, nil if nothing was asked.
func (s *Session) copyKnown(ctx context.Context, src, dst Location, o CopyOptions, match, class string, source *Info) (Written, error) {
	if source != nil && source.Encryption.Type == EncryptionCustomer {
		ctx = withSourceKey(ctx)
	}
	for try := 0; ; try++ {
		in, err := s.copyInput(src, dst, o, match, class)
		if err != nil {
			return Written{}, err
		}
		_, rec, err := do(ctx, s, "CopyObject", dst, func(ctx context.Context, c *s3.Client, rec *call) (any, error) {
			if r := s.lean(ctx, rec); r != nil && r.copy(in) {
				return r.send(ctx)
			}
			return c.CopyObject(ctx, in)
		})
		if err != nil {
			if try == 0 && s.dropRefused(dst.Bucket, digestPlan{sign: true, acl: in.ACL != "" || o.Replace != nil && len(o.Replace.Grants) > 0}, err) {
				continue
			}
			if refusesFolder(dst, err) {
				return s.copyFolder(ctx, src, dst, o, match, class, err)
			}
			return Written{}, err
		}
		if source == nil && cleanETag(childText(rec.document, "ETag")) != cleanETag(match) {
			if info, err := s.Stat(ctx, src); err == nil { // else the proof says why
				source = &info
			}
			if source != nil && carriedKey(o, *source) != o.Encryption {
				o.Encryption, o.IfNoneMatch = carriedKey(o, *source), false // a listing does not tell the key
				continue
			}
		}
		w, err := s.proveCopy(ctx, rec, src, match, source, o.headed)
		if err != nil {
			return w, err
		}
		return w, s.checkKey(ctx, rec.op, dst, w.ETag)
	}
}

// carriedKey is the encryption to ask for: what the caller wishes, else the source's key if it has one of its own. S3 would take
// the target bucket's default.
func carriedKey(o CopyOptions, source Info) Encryption {
	switch {
	case o.Encryption.Type != "":
		return o.Encryption
	case o.Replace != nil && o.Replace.Encryption.Type != "":
		return o.Replace.Encryption
	case strings.HasPrefix(source.Encryption.Type, "aws:kms"):
		return source.Encryption
	}
	return Encryption{}
}

func (s *Session) copyInput(src, dst Location, o CopyOptions, match, class string) (*s3.CopyObjectInput, error) {
	in := &s3.CopyObjectInput{Bucket: &dst.Bucket, Key: &dst.Key, CopySource: aws.String(copySource(src)), MetadataDirective: types.MetadataDirectiveCopy}
	acl := o.ACL
	ifNone := o.IfNoneMatch
	if r := o.Replace; r != nil {
		put, err := putInput(dst, *r, true)
		if err != nil {
			return nil, err
		}
		in.MetadataDirective = types.MetadataDirectiveReplace
		in.ContentType, in.ContentDisposition, in.ContentEncoding, in.ContentLanguage = put.ContentType, put.ContentDisposition, put.ContentEncoding, put.ContentLanguage
		in.CacheControl, in.Expires, in.WebsiteRedirectLocation, in.Metadata = put.CacheControl, put.Expires, put.WebsiteRedirectLocation, put.Metadata
		in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled = put.ServerSideEncryption, put.SSEKMSKeyId, put.BucketKeyEnabled
		in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus = put.ObjectLockMode, put.ObjectLockRetainUntilDate, put.ObjectLockLegalHoldStatus
		if s.known.ok(featureACL, dst.Bucket) {
			in.GrantFullControl, in.GrantRead, in.GrantReadACP, in.GrantWriteACP = put.GrantFullControl, put.GrantRead, put.GrantReadACP, put.GrantWriteACP
		}
		switch r.Checksum {
		case ChecksumAuto, ChecksumNone, ChecksumMD5: // the server takes the source's
		default:
			in.ChecksumAlgorithm = types.ChecksumAlgorithm(r.Checksum)
		}
		if r.Tags != nil {
			in.TaggingDirective, in.Tagging = types.TaggingDirectiveReplace, put.Tagging
		}
		if r.IfMatch != "" {
			in.IfMatch = put.IfMatch
		}
		if acl == "" {
			acl = r.ACL
		}
		ifNone = ifNone || r.IfNoneMatch
	}
	if match != "" {
		in.CopySourceIfMatch = aws.String(quoteETag(match))
	}
	if class != "" && class != "STANDARD" {
		in.StorageClass = types.StorageClass(class)
	}
	if e := o.Encryption; e.Type != "" && e.Type != EncryptionCustomer {
		in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled = types.ServerSideEncryption(e.Type), optional(e.KeyID), bucketKey(e)
	}
	if ifNone {
		in.IfNoneMatch = aws.String("*")
	}
	if acl != "" && s.known.ok(featureACL, dst.Bucket) {
		in.ACL = types.ObjectCannedACL(acl)
	}
	return in, nil
}

// proveCopy holds the copy against the source: by an ETag that comes of the bytes if the copy has the same, else by both heads.
func (s *Session) proveCopy(ctx context.Context, rec *call, src Location, match string, source *Info, headed bool) (Written, error) {
	etag := cleanETag(childText(rec.document, "ETag"))
	if etag == "" {
		return Written{}, s.answerError(rec, KindNotS3, "NotS3", "the answer has no ETag of the copy")
	}
	w := Written{Version: rec.header.Get("X-Amz-Version-Id"), ETag: etag, RequestID: rec.requestID()}
	if w.ETag == cleanETag(match) && (etagMD5(w.ETag) != nil || isMultipartETag(w.ETag)) && !encrypted(rec.header) {
		w.Proof = ProofMD5
		if source != nil {
			w.Size = source.Size
			return w, nil
		}
		w.Size = -1 // not asked: the ETags agree
		return w, nil
	}
	if headed {
		return w, nil
	}
	unproved := func(err error) (Written, error) {
		if KindOf(err) == KindPermission {
			w.Proof = ProofStored
			return w, nil
		}
		e := s.answerError(rec, KindOf(err), "Unproved", "the object was copied, but cannot be compared: %v", err)
		var head *Error
		if errors.As(err, &head) {
			e.Retryable = head.Retryable
		}
		e.Err = err
		return w, e
	}
	if source == nil {
		info, err := s.Stat(ctx, src)
		if err != nil {
			return unproved(err)
		}
		source = &info
	}
	info, err := s.Stat(ctx, Location{Bucket: rec.loc.Bucket, Key: rec.loc.Key, Version: w.Version})
	if err != nil {
		return unproved(err)
	}
	return compareCopy(w, *source, info, func(kind Kind, code, format string, args ...any) error {
		return s.answerError(rec, kind, code, format, args...)
	})
}

// compareCopy proves a copy by its head and its source's.
func compareCopy(w Written, source, dst Info, wrong func(kind Kind, code, format string, args ...any) error) (Written, error) {
	w.Size, w.Checksums = dst.Size, dst.Checksums
	if source.Size != dst.Size {
		return w, wrong(KindTruncated, "Truncated", "the source has %d bytes, the copy %d", source.Size, dst.Size)
	}
	w.Proof = ProofSize
	switch a, same := source.Checksums.Same(dst.Checksums); {
	case same:
		w.Proof = ProofFull
		return w, nil
	case a != "":
		return w, wrong(KindChecksum, "ChecksumMismatch", "the copy's %s differs from the source's", a)
	}
	if source.ETag == dst.ETag && (etagMD5(dst.ETag) != nil || isMultipartETag(dst.ETag)) {
		w.Proof = ProofMD5
	}
	return w, nil
}

// copySource is the header that names a source: the key url-encoded, its slashes kept.
func copySource(l Location) string {
	s := l.Bucket + "/" + escapeKey(l.Key)
	if p, ok := parsePoint(l.Bucket); ok {
		s = escapeKey(p.arn(l.Key))
	}
	if l.Version != "" {
		s += "?versionId=" + strings.ReplaceAll(escapeKey(l.Version), "/", "%2F")
	}
	return s
}

// escapeKey encodes each byte of a key that is not plain in every part of an address.
func escapeKey(k string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(k); i++ {
		c := k[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.~/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
