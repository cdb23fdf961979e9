package storage

import (
	"regexp"
	"strings"
)

// permission is the IAM action that an operation needs; version is the one for a named version where it differs.
type permission struct{ action, version string }

// permissions is the table of operations and the action of S3's policies that allows them.
var permissions = map[string]permission{
	"ListBuckets":             {action: "s3:ListAllMyBuckets"},
	"CreateBucket":            {action: "s3:CreateBucket"},
	"DeleteBucket":            {action: "s3:DeleteBucket"},
	"HeadBucket":              {action: "s3:ListBucket"},
	"GetBucketLocation":       {action: "s3:GetBucketLocation"},
	"ListObjectsV2":           {action: "s3:ListBucket"},
	"ListObjects":             {action: "s3:ListBucket"},
	"ListObjectVersions":      {action: "s3:ListBucketVersions"},
	"ListMultipartUploads":    {action: "s3:ListBucketMultipartUploads"},
	"ListParts":               {action: "s3:ListMultipartUploadParts"},
	"HeadObject":              {action: "s3:GetObject", version: "s3:GetObjectVersion"},
	"GetObjectTagging":        {action: "s3:GetObjectTagging", version: "s3:GetObjectVersionTagging"},
	"GetObject":               {action: "s3:GetObject", version: "s3:GetObjectVersion"},
	"PutObject":               {action: "s3:PutObject"},
	"CreateMultipartUpload":   {action: "s3:PutObject"},
	"UploadPart":              {action: "s3:PutObject"},
	"UploadPartCopy":          {action: "s3:PutObject"},
	"CompleteMultipartUpload": {action: "s3:PutObject"},
	"AbortMultipartUpload":    {action: "s3:AbortMultipartUpload"},
	"CopyObject":              {action: "s3:PutObject"},
	"DeleteObject":            {action: "s3:DeleteObject", version: "s3:DeleteObjectVersion"},
	"DeleteObjects":           {action: "s3:DeleteObject", version: "s3:DeleteObjectVersion"},
	"GetCallerIdentity":       {action: "sts:GetCallerIdentity"},

	// What a copy carries along.
	"PutObjectTagging":           {action: "s3:PutObjectTagging", version: "s3:PutObjectVersionTagging"},
	"GetObjectAcl":               {action: "s3:GetObjectAcl", version: "s3:GetObjectVersionAcl"},
	"PutObjectAcl":               {action: "s3:PutObjectAcl", version: "s3:PutObjectVersionAcl"},
	"PutObjectRetention":         {action: "s3:PutObjectRetention"},
	"PutObjectLegalHold":         {action: "s3:PutObjectLegalHold"},
	"GetObjectAttributes":        {action: "s3:GetObjectAttributes", version: "s3:GetObjectVersionAttributes"},
	"GetBucketOwnershipControls": {action: "s3:GetBucketOwnershipControls"},
	"GetObjectLockConfiguration": {action: "s3:GetBucketObjectLockConfiguration"},

	// Versions, restoring and locks of objects.
	"GetBucketVersioning": {action: "s3:GetBucketVersioning"},
}

// namedAction finds the action in sentences like "… is not authorized to perform: kms:GenerateDataKey on resource …".
var namedAction = regexp.MustCompile(`not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)`)

// missingPermission is the action that was refused: the one that the server names, else the table's.
func missingPermission(op string, loc Location, message string) string {
	if m := namedAction.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	p := permissions[op]
	if p.version != "" && loc.Version != "" {
		return p.version
	}
	return strings.TrimSpace(p.action)
}
