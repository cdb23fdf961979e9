package storage

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// uploadListing is one page of ListMultipartUploads.
type uploadListing struct {
	page      UploadPage
	truncated bool
	key, id   string // where the next page begins
}

// parseUploads reads a page. It is asked for without url encoding: Ceph's gateway (16.2) encodes the keys and does not
// say so, while our reader takes raw keys as they are.
func parseUploads(body []byte) (*uploadListing, error) {
	l := &uploadListing{}
	var u Upload
	err := walkXML(body, func(path []string, raw []byte, end bool) error {
		text := string(raw)
		switch {
		case len(path) == 2 && !end:
			u = Upload{}
		case len(path) == 2:
			switch path[1] {
			case "Upload":
				if l.page.Uploads = append(l.page.Uploads, u); len(l.page.Uploads) > maxPageKeys {
					return fmt.Errorf("more than %d uploads on a page", maxPageKeys)
				}
			case "IsTruncated":
				l.truncated = strings.TrimSpace(text) == "true"
			case "NextKeyMarker":
				l.key = text
			case "NextUploadIdMarker":
				l.id = text
			}
		case len(path) == 3 && end && path[1] == "Upload":
			uploadField(&u, path[2], text)
		case len(path) == 3 && end && path[1] == "CommonPrefixes" && path[2] == "Prefix":
			l.page.Prefixes = append(l.page.Prefixes, text)
		case len(path) == 4 && end && path[2] == "Initiator" && path[3] == "ID":
			u.Initiator.ID = text
		case len(path) == 4 && end && path[2] == "Initiator" && path[3] == "DisplayName":
			u.Initiator.Name = text
		}
		return nil
	})
	return l, err
}

func uploadField(u *Upload, name, text string) {
	switch name {
	case "Key":
		u.Key = text
	case "UploadId":
		u.ID = text
	case "Initiated":
		u.Initiated = parseTime(text)
	case "StorageClass":
		u.Class = className(text)
	case "ChecksumAlgorithm":
		u.Algorithm = ChecksumAlgorithm(text)
	case "ChecksumType":
		u.FullObject = text == string(types.ChecksumTypeFullObject)
	}
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
