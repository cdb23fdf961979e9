package storage

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithytime "github.com/aws/smithy-go/time"
)

// How the SDK writes the operations of the lean path: the same inputs, for the fields that this package fills.

func (r *leanRequest) text(name, value string) {
	if value != "" {
		r.set(name, value)
	}
}

func (r *leanRequest) optional(name string, value *string) {
	if value != nil {
		r.set(name, *value)
	}
}

func (r *leanRequest) date(name string, value *time.Time) {
	if value != nil {
		r.set(name, value.UTC().Format(http.TimeFormat))
	}
}

// metadata sets the object's own headers. It tells whether the SDK would write them the same way.
func (r *leanRequest) metadata(m map[string]string) bool {
	for k, v := range m {
		if !plainName(k) {
			return false
		}
		name := metadataPrefix + http.CanonicalHeaderKey(k)
		if _, twice := r.header[name]; twice {
			return false
		}
		r.set(name, v)
	}
	return true
}

func plainName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return s != "" && !strings.EqualFold(s, "-")
}

// put writes a PutObject.
func (r *leanRequest) put(in *s3.PutObjectInput) bool {
	r.method, r.query, r.length = http.MethodPut, "x-id=PutObject", aws.ToInt64(in.ContentLength)
	r.text("X-Amz-Acl", string(in.ACL))
	r.optional("Cache-Control", in.CacheControl)
	r.sums(in.ContentMD5, in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumCRC64NVME, in.ChecksumSHA1, in.ChecksumSHA256)
	r.optional("Content-Disposition", in.ContentDisposition)
	r.optional("Content-Encoding", in.ContentEncoding)
	r.optional("Content-Language", in.ContentLanguage)
	r.set("Content-Type", "application/octet-stream")
	r.optional("Content-Type", in.ContentType)
	r.date("Expires", in.Expires)
	r.optional("If-Match", in.IfMatch)
	r.optional("If-None-Match", in.IfNoneMatch)
	r.text("X-Amz-Server-Side-Encryption", string(in.ServerSideEncryption))
	r.optional("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", in.SSEKMSKeyId)
	r.text("X-Amz-Storage-Class", string(in.StorageClass))
	r.optional("X-Amz-Tagging", in.Tagging)
	r.optional("X-Amz-Website-Redirect-Location", in.WebsiteRedirectLocation)
	r.keep(in.BucketKeyEnabled, in.GrantFullControl, in.GrantRead, in.GrantReadACP, in.GrantWriteACP)
	r.lock(string(in.ObjectLockMode), in.ObjectLockRetainUntilDate, string(in.ObjectLockLegalHoldStatus))
	return r.metadata(in.Metadata)
}

// keep writes the rest of what an object can be given.
func (r *leanRequest) keep(bucketKey *bool, full, read, readACP, writeACP *string) {
	if bucketKey != nil {
		r.set("X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", strconv.FormatBool(*bucketKey))
	}
	r.optional("X-Amz-Grant-Full-Control", full)
	r.optional("X-Amz-Grant-Read", read)
	r.optional("X-Amz-Grant-Read-Acp", readACP)
	r.optional("X-Amz-Grant-Write-Acp", writeACP)
}

func (r *leanRequest) lock(mode string, until *time.Time, hold string) {
	r.text("X-Amz-Object-Lock-Mode", mode)
	if until != nil {
		r.set("X-Amz-Object-Lock-Retain-Until-Date", smithytime.FormatDateTime(*until))
	}
	r.text("X-Amz-Object-Lock-Legal-Hold", hold)
}

func (r *leanRequest) sums(md5, crc32, crc32c, crc64, sha1, sha256 *string) {
	r.optional("Content-Md5", md5)
	r.optional("X-Amz-Checksum-Crc32", crc32)
	r.optional("X-Amz-Checksum-Crc32c", crc32c)
	r.optional("X-Amz-Checksum-Crc64nvme", crc64)
	r.optional("X-Amz-Checksum-Sha1", sha1)
	r.optional("X-Amz-Checksum-Sha256", sha256)
}

// part writes an UploadPart.
func (r *leanRequest) part(in *s3.UploadPartInput) bool {
	r.method, r.length = http.MethodPut, aws.ToInt64(in.ContentLength)
	r.query = queryOf("partNumber=", itoa(int64(aws.ToInt32(in.PartNumber))), "uploadId=", aws.ToString(in.UploadId), "x-id", "UploadPart")
	r.set("Content-Type", "application/octet-stream")
	r.sums(in.ContentMD5, in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumCRC64NVME, in.ChecksumSHA1, in.ChecksumSHA256)
	return true
}

// get writes a GetObject.
func (r *leanRequest) get(in *s3.GetObjectInput) {
	r.method = http.MethodGet
	r.query = queryOf("versionId", aws.ToString(in.VersionId), "x-id", "GetObject")
	r.optional("If-Match", in.IfMatch)
	r.optional("Range", in.Range)
	r.set("X-Amz-Checksum-Mode", "ENABLED")
}

// head writes a HeadObject.
func (r *leanRequest) head(in *s3.HeadObjectInput) {
	r.method, r.query = http.MethodHead, queryOf("versionId", aws.ToString(in.VersionId))
	r.text("X-Amz-Checksum-Mode", string(in.ChecksumMode))
}

// aspect writes a request for what belongs to an object beside its bytes, by the parameter that names it.
func (r *leanRequest) aspect(parameter, version string) {
	r.method, r.query = http.MethodGet, queryOf(parameter, "", "versionId", version)
}

// remove writes a DeleteObject.
func (r *leanRequest) remove(in *s3.DeleteObjectInput) {
	r.method, r.query = http.MethodDelete, queryOf("versionId", aws.ToString(in.VersionId), "x-id", "DeleteObject")
}

// copy writes a CopyObject.
func (r *leanRequest) copy(in *s3.CopyObjectInput) bool {
	r.method, r.query = http.MethodPut, "x-id=CopyObject"
	r.text("X-Amz-Acl", string(in.ACL))
	r.optional("Cache-Control", in.CacheControl)
	r.optional("Content-Disposition", in.ContentDisposition)
	r.optional("Content-Encoding", in.ContentEncoding)
	r.optional("Content-Language", in.ContentLanguage)
	r.optional("Content-Type", in.ContentType)
	r.optional("X-Amz-Copy-Source", in.CopySource)
	r.optional("X-Amz-Copy-Source-If-Match", in.CopySourceIfMatch)
	r.date("Expires", in.Expires)
	r.optional("If-Match", in.IfMatch)
	r.optional("If-None-Match", in.IfNoneMatch)
	r.text("X-Amz-Metadata-Directive", string(in.MetadataDirective))
	r.text("X-Amz-Server-Side-Encryption", string(in.ServerSideEncryption))
	r.optional("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", in.SSEKMSKeyId)
	r.text("X-Amz-Storage-Class", string(in.StorageClass))
	r.optional("X-Amz-Tagging", in.Tagging)
	r.text("X-Amz-Tagging-Directive", string(in.TaggingDirective))
	r.optional("X-Amz-Website-Redirect-Location", in.WebsiteRedirectLocation)
	r.text("X-Amz-Checksum-Algorithm", string(in.ChecksumAlgorithm))
	r.keep(in.BucketKeyEnabled, in.GrantFullControl, in.GrantRead, in.GrantReadACP, in.GrantWriteACP)
	r.lock(string(in.ObjectLockMode), in.ObjectLockRetainUntilDate, string(in.ObjectLockLegalHoldStatus))
	return r.metadata(in.Metadata)
}

// list writes a ListObjectsV2.
func (r *leanRequest) list(in *s3.ListObjectsV2Input) {
	owner := ""
	if aws.ToBool(in.FetchOwner) {
		owner = "true"
	}
	r.method, r.key = http.MethodGet, ""
	for _, a := range in.OptionalObjectAttributes { // one at most is asked for
		r.set("X-Amz-Optional-Object-Attributes", string(a))
	}
	r.query = queryOf("continuation-token", aws.ToString(in.ContinuationToken), "delimiter", aws.ToString(in.Delimiter),
		"encoding-type", string(in.EncodingType), "fetch-owner", owner, "list-type", "2", "max-keys", itoa(int64(aws.ToInt32(in.MaxKeys))),
		"prefix", aws.ToString(in.Prefix), "start-after", aws.ToString(in.StartAfter))
}
