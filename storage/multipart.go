package storage

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// CreateUpload begins a multipart upload. The result says which checksum the server keeps of it: the one that was asked
// for if its answer repeats it, else none.
func (s *Session) CreateUpload(ctx context.Context, loc Location, o WriteOptions) (Upload, error) {
	if err := checkTarget("CreateMultipartUpload", loc); err != nil {
		return Upload{}, err
	}
	var u Upload
	var err error
	for range 3 {
		alg := s.uploadAlgorithm(loc.Bucket, s.algorithm(o.Checksum))
		plan := digestPlan{algorithm: alg, learning: alg != "" && !s.enforces(alg, loc.Bucket), sign: true,
			acl: (o.ACL != "" || len(o.Grants) > 0) && s.known.ok(featureACL, loc.Bucket)}
		u, err = s.createOnce(ctx, loc, o, alg, plan.acl)
		if err == nil || !s.dropRefused(loc.Bucket, plan, err) {
			break
		}
	}
	return u, err
}

// uploadAlgorithm is the checksum to ask for. A server that is not known to keep SHA256 is asked for CRC64NVME only.
func (s *Session) uploadAlgorithm(bucket string, want ChecksumAlgorithm) ChecksumAlgorithm {
	switch want {
	case ChecksumNone, ChecksumMD5:
		return ""
	case ChecksumAuto:
		if s.known.ok(featureCRC64, bucket) {
			return ChecksumCRC64NVME
		}
		if s.known.sure(featureSHA256, bucket) {
			return ChecksumSHA256
		}
		return ""
	}
	if h := s.known.get(featureChecksumHeaders, bucket); h != nil && !*h {
		return ""
	}
	return want
}

func (s *Session) createOnce(ctx context.Context, loc Location, o WriteOptions, alg ChecksumAlgorithm, acl bool) (Upload, error) {
	put, err := putInput(loc, o, acl)
	if err != nil {
		return Upload{}, err
	}
	in := &s3.CreateMultipartUploadInput{Bucket: put.Bucket, Key: put.Key, ContentType: put.ContentType, ContentDisposition: put.ContentDisposition,
		ContentEncoding: put.ContentEncoding, ContentLanguage: put.ContentLanguage, CacheControl: put.CacheControl, Expires: put.Expires,
		WebsiteRedirectLocation: put.WebsiteRedirectLocation, Metadata: put.Metadata, Tagging: put.Tagging, StorageClass: put.StorageClass,
		ServerSideEncryption: put.ServerSideEncryption, SSEKMSKeyId: put.SSEKMSKeyId, ACL: put.ACL,
		BucketKeyEnabled: put.BucketKeyEnabled, GrantFullControl: put.GrantFullControl, GrantRead: put.GrantRead, GrantReadACP: put.GrantReadACP,
		GrantWriteACP: put.GrantWriteACP, ObjectLockMode: put.ObjectLockMode, ObjectLockRetainUntilDate: put.ObjectLockRetainUntilDate,
		ObjectLockLegalHoldStatus: put.ObjectLockLegalHoldStatus}
	if alg != "" {
		in.ChecksumAlgorithm = types.ChecksumAlgorithm(alg)
		in.ChecksumType = types.ChecksumTypeComposite
		if _, ok := crcOf(alg); ok {
			in.ChecksumType = types.ChecksumTypeFullObject
		}
	}
	out, rec, err := do(ctx, s, "CreateMultipartUpload", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.CreateMultipartUploadOutput, error) {
		return c.CreateMultipartUpload(ctx, in)
	})
	if err != nil {
		return Upload{}, err
	}
	u := Upload{Key: loc.Key, ID: aws.ToString(out.UploadId), Initiated: s.now(), Class: className(o.Class)}
	if u.ID == "" {
		return Upload{}, s.answerError(rec, KindNotS3, "NotS3", "the answer has no upload id")
	}
	if alg != "" && string(out.ChecksumAlgorithm) == string(alg) {
		u.Algorithm = alg
		// A server that keeps CRC64NVME keeps it of the full object: S3 defines no other form.
		u.FullObject = out.ChecksumType == types.ChecksumTypeFullObject || alg == ChecksumCRC64NVME
	} else if alg == ChecksumCRC64NVME && s.known.get(featureCRC64, loc.Bucket) == nil {
		s.known.set(featureCRC64, loc.Bucket, false)
	}
	return u, nil
}

// UploadPart sends one part, proved like a Put. Sending a number again replaces the part.
func (s *Session) UploadPart(ctx context.Context, loc Location, u Upload, number int32, b Body) (Part, error) {
	if number < 1 || number > 10_000 || b.Size < 0 || b.Size > maxSinglePut {
		return Part{}, invalid("UploadPart", loc, "InvalidPart", "a part has a number from 1 to 10,000 and at most 5 GiB")
	}
	var p Part
	err := s.upload(ctx, "UploadPart", loc, b, func() (digestPlan, carrier, error) {
		in := &s3.UploadPartInput{Bucket: &loc.Bucket, Key: &loc.Key, UploadId: &u.ID, PartNumber: &number}
		return s.partPlan(ctx, loc.Bucket, u, b.Size), partCarrier{in}, nil
	}, func(rec *call, plan digestPlan, d digests) error {
		w, proved, err := s.proveBytes(rec, plan, d)
		if err == nil && !proved {
			err = s.unprovedPart(rec, plan)
		}
		p = Part{Number: number, Size: b.Size, ETag: w.ETag, MD5: d.md5, Checksum: d.value}
		return err
	})
	if err != nil {
		return Part{}, err
	}
	return p, nil
}

// partPlan says what to compute for a part. The answer that began the upload has named the checksum that the server
// keeps, so that nothing else is needed beside it until a part's answer shows otherwise.
func (s *Session) partPlan(ctx context.Context, bucket string, u Upload, size int64) digestPlan {
	p := digestPlan{algorithm: u.Algorithm}
	known := s.known.get(featurePartEcho, bucket)
	p.learning = u.Algorithm != "" && known != nil && !*known && !s.enforces(u.Algorithm, bucket)
	p.md5 = u.Algorithm == "" || p.learning
	p.sign = s.open() && (p.learning || s.signs(bucket, p))
	p.trailer = s.trailing(ctx, bucket, p, size)
	return p
}

// unprovedPart is the failure of a part that nothing proves. Where the upload's checksum was to prove it, or a trailer,
// the next try does it another way.
func (s *Session) unprovedPart(rec *call, p digestPlan) error {
	e := s.answerError(rec, KindNotS3, "Unproved", "nothing in the answer proves that the part was stored")
	switch {
	case p.trailer && !s.known.sure(featureChecksumTrailers, rec.loc.Bucket):
		s.known.set(featureChecksumTrailers, rec.loc.Bucket, false)
	case p.algorithm != "" && !p.md5 && !p.trailer:
		s.known.set(featurePartEcho, rec.loc.Bucket, false)
	default:
		return e
	}
	return againError{e}
}

// CopyPart makes one part out of a range of an existing object, on the server.
func (s *Session) CopyPart(ctx context.Context, src Location, offset, length int64, sourceIfMatch string, dst Location, u Upload, number int32) (Part, error) {
	if offset < 0 || length <= 0 || src.Key == "" {
		return Part{}, invalid("UploadPartCopy", dst, "InvalidRange", "a range of a source begins at 0 or later and has a length")
	}
	in := &s3.UploadPartCopyInput{Bucket: &dst.Bucket, Key: &dst.Key, UploadId: &u.ID, PartNumber: &number, CopySource: aws.String(copySource(src)),
		CopySourceRange: aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))}
	if sourceIfMatch != "" {
		in.CopySourceIfMatch = aws.String(quoteETag(sourceIfMatch))
	}
	if customerKeyFrom(ctx) != nil {
		info, err := s.Stat(ctx, src)
		if err != nil {
			return Part{}, err
		}
		if info.Encryption.Type == EncryptionCustomer {
			ctx = withSourceKey(ctx)
		}
	}
	out, rec, err := do(ctx, s, "UploadPartCopy", dst, func(ctx context.Context, c *s3.Client, _ *call) (*s3.UploadPartCopyOutput, error) {
		return c.UploadPartCopy(ctx, in)
	})
	if err != nil {
		return Part{}, err
	}
	r := out.CopyPartResult
	if r == nil || cleanETag(aws.ToString(r.ETag)) == "" {
		return Part{}, s.answerError(rec, KindNotS3, "NotS3", "the answer has no ETag of the part")
	}
	p := Part{Number: number, Size: length, ETag: cleanETag(aws.ToString(r.ETag))}
	for a, v := range map[ChecksumAlgorithm]*string{ChecksumCRC64NVME: r.ChecksumCRC64NVME, ChecksumCRC32: r.ChecksumCRC32, ChecksumCRC32C: r.ChecksumCRC32C,
		ChecksumSHA256: r.ChecksumSHA256, ChecksumSHA1: r.ChecksumSHA1} {
		if a == u.Algorithm {
			p.Checksum = aws.ToString(v)
		}
	}
	return p, nil
}

// AbortUpload throws an unfinished upload and its parts away. One that is gone already is no error.
func (s *Session) AbortUpload(ctx context.Context, loc Location, uploadID string) error {
	_, _, err := do(ctx, s, "AbortMultipartUpload", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.AbortMultipartUploadOutput, error) {
		return c.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &loc.Bucket, Key: &loc.Key, UploadId: &uploadID})
	})
	if isNoSuchUpload(err) {
		return nil
	}
	return err
}
