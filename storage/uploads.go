package storage

import (
	"context"
	"fmt"
	"iter"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ListUploads gives the unfinished multipart uploads below prefix, page by page.
func (s *Session) ListUploads(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[UploadPage, error] {
	loc := Location{Bucket: bucket, Key: prefix}
	return func(yield func(UploadPage, error) bool) {
		key, id := o.StartAfter, ""
		for {
			out, _, err := do(ctx, s, "ListMultipartUploads", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.ListMultipartUploadsOutput, error) {
				return c.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: &loc.Bucket, Prefix: optional(loc.Key),
					Delimiter: optional(o.Delimiter), KeyMarker: optional(key), UploadIdMarker: optional(id),
					MaxUploads: s.pageSize(o), EncodingType: types.EncodingTypeUrl})
			})
			if err != nil {
				yield(UploadPage{}, err)
				return
			}
			page, next, err := uploadPage(out)
			if err == nil && aws.ToBool(out.IsTruncated) && (next == "" || next == key && aws.ToString(out.NextUploadIdMarker) == id) {
				err = fmt.Errorf("the server says that there is more and its marker does not move on")
			}
			if err != nil {
				yield(UploadPage{}, &Error{Op: "ListMultipartUploads", Location: loc, Host: s.Host(), Kind: KindNotS3, Code: "BadPaging", Message: err.Error(), Err: err})
				return
			}
			if !yield(page, nil) || !aws.ToBool(out.IsTruncated) {
				return
			}
			key, id = next, aws.ToString(out.NextUploadIdMarker)
		}
	}
}

func uploadPage(out *s3.ListMultipartUploadsOutput) (p UploadPage, next string, err error) {
	decode := func(s *string) string {
		v := aws.ToString(s)
		if out.EncodingType != types.EncodingTypeUrl || err != nil {
			return v
		}
		v, err = url.QueryUnescape(v)
		return v
	}
	for _, u := range out.Uploads {
		up := Upload{Key: decode(u.Key), ID: aws.ToString(u.UploadId), Initiated: aws.ToTime(u.Initiated), Class: className(string(u.StorageClass)),
			Algorithm: ChecksumAlgorithm(u.ChecksumAlgorithm), FullObject: u.ChecksumType == types.ChecksumTypeFullObject}
		if u.Initiator != nil {
			up.Initiator = Owner{ID: aws.ToString(u.Initiator.ID), Name: aws.ToString(u.Initiator.DisplayName)}
		}
		p.Uploads = append(p.Uploads, up)
	}
	for _, c := range out.CommonPrefixes {
		p.Prefixes = append(p.Prefixes, decode(c.Prefix))
	}
	return p, decode(out.NextKeyMarker), err
}

// Parts gives the parts that the server holds of an unfinished upload, page by page in the order of their numbers.
func (s *Session) Parts(ctx context.Context, loc Location, uploadID string) iter.Seq2[[]Part, error] {
	return func(yield func([]Part, error) bool) {
		marker := ""
		for {
			out, _, err := do(ctx, s, "ListParts", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.ListPartsOutput, error) {
				return c.ListParts(ctx, &s3.ListPartsInput{Bucket: &loc.Bucket, Key: &loc.Key, UploadId: &uploadID,
					PartNumberMarker: optional(marker), MaxParts: aws.Int32(1000)})
			})
			if err != nil {
				yield(nil, err)
				return
			}
			more := aws.ToBool(out.IsTruncated)
			next := aws.ToString(out.NextPartNumberMarker)
			if more && (next == "" || next == marker || len(out.Parts) == 0) {
				err := fmt.Errorf("the server says that there are more parts and its marker does not move on")
				yield(nil, &Error{Op: "ListParts", Location: loc, Host: s.Host(), Kind: KindNotS3, Code: "BadPaging", Message: err.Error(), Err: err})
				return
			}
			if !yield(storedParts(out), nil) || !more {
				return
			}
			marker = next
		}
	}
}

func storedParts(out *s3.ListPartsOutput) []Part {
	parts := make([]Part, 0, len(out.Parts))
	for _, p := range out.Parts {
		part := Part{Number: aws.ToInt32(p.PartNumber), Size: aws.ToInt64(p.Size), ETag: cleanETag(aws.ToString(p.ETag))}
		for _, v := range []*string{p.ChecksumCRC64NVME, p.ChecksumCRC32, p.ChecksumCRC32C, p.ChecksumSHA256, p.ChecksumSHA1} {
			if v != nil {
				part.Checksum = *v
			}
		}
		parts = append(parts, part)
	}
	return parts
}
