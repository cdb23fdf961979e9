package explain

import (
	"pintail/internal/text"
	"pintail/storage"
)

// failed says what was tried and where: "s3://b/x could not be listed".
func failed(e *storage.Error) string {
	at := e.Location.String()
	switch e.Op {
	case "ListBuckets":
		return text.T("explain.op.buckets")
	case "ListObjectsV2", "ListObjects", "ListObjectVersions", "ListMultipartUploads", "ListParts":
		return text.T("explain.op.list", at)
	case "HeadObject", "HeadBucket", "GetBucketLocation", "GetObjectAttributes", "GetObjectTagging", "GetObjectAcl", "GetObjectRetention", "GetObjectLegalHold", "GetBucketAcl", "GetBucketVersioning":
		return text.T("explain.op.look", at)
	case "GetObject", "GetObjectTorrent":
		return text.T("explain.op.read", at)
	case "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload":
		return text.T("explain.op.write", at)
	case "CopyObject", "UploadPartCopy":
		return text.T("explain.op.copy", at)
	case "DeleteObject", "DeleteObjects", "DeleteBucket", "AbortMultipartUpload":
		return text.T("explain.op.delete", at)
	case "PutObjectAcl", "PutBucketAcl":
		return text.T("explain.op.grants", at)
	case "CreateBucket":
		return text.T("explain.op.make", at)
	case "GetCallerIdentity", "AssumeRole", "GetSessionToken":
		return text.T("explain.op.login")
	}
	if e.Location.IsRoot() {
		return text.T("explain.op.any", e.Op)
	}
	return text.T("explain.op.anyAt", e.Op, at)
}
