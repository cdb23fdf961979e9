package storage

import (
	"regexp"
	"strings"
)

// permission is the IAM action that an operation needs; version is the one for a named version where it differs.
type permission struct{ action, version string }

// permissions is the table of operations and the action of S3's policies that allows them.
var permissions = map[string]permission{
	"ListBuckets":       {action: "s3:ListAllMyBuckets"},
	"CreateBucket":      {action: "s3:CreateBucket"},
	"DeleteBucket":      {action: "s3:DeleteBucket"},
	"HeadBucket":        {action: "s3:ListBucket"},
	"GetBucketLocation": {action: "s3:GetBucketLocation"},

	// Settings of buckets. Taking one away is mostly allowed by the action that sets it.
	"PutBucketVersioning":                         {action: "s3:PutBucketVersioning"},
	"GetBucketAccelerateConfiguration":            {action: "s3:GetAccelerateConfiguration"},
	"PutBucketAccelerateConfiguration":            {action: "s3:PutAccelerateConfiguration"},
	"GetBucketRequestPayment":                     {action: "s3:GetBucketRequestPayment"},
	"PutBucketRequestPayment":                     {action: "s3:PutBucketRequestPayment"},
	"GetPublicAccessBlock":                        {action: "s3:GetBucketPublicAccessBlock"},
	"PutPublicAccessBlock":                        {action: "s3:PutBucketPublicAccessBlock"},
	"DeletePublicAccessBlock":                     {action: "s3:PutBucketPublicAccessBlock"},
	"PutBucketOwnershipControls":                  {action: "s3:PutBucketOwnershipControls"},
	"DeleteBucketOwnershipControls":               {action: "s3:PutBucketOwnershipControls"},
	"PutObjectLockConfiguration":                  {action: "s3:PutBucketObjectLockConfiguration"},
	"GetBucketPolicy":                             {action: "s3:GetBucketPolicy"},
	"PutBucketPolicy":                             {action: "s3:PutBucketPolicy"},
	"DeleteBucketPolicy":                          {action: "s3:DeleteBucketPolicy"},
	"GetBucketPolicyStatus":                       {action: "s3:GetBucketPolicyStatus"},
	"GetBucketEncryption":                         {action: "s3:GetEncryptionConfiguration"},
	"PutBucketEncryption":                         {action: "s3:PutEncryptionConfiguration"},
	"DeleteBucketEncryption":                      {action: "s3:PutEncryptionConfiguration"},
	"GetBucketCors":                               {action: "s3:GetBucketCORS"},
	"PutBucketCors":                               {action: "s3:PutBucketCORS"},
	"DeleteBucketCors":                            {action: "s3:PutBucketCORS"},
	"GetBucketLifecycleConfiguration":             {action: "s3:GetLifecycleConfiguration"},
	"PutBucketLifecycleConfiguration":             {action: "s3:PutLifecycleConfiguration"},
	"DeleteBucketLifecycle":                       {action: "s3:PutLifecycleConfiguration"},
	"GetBucketWebsite":                            {action: "s3:GetBucketWebsite"},
	"PutBucketWebsite":                            {action: "s3:PutBucketWebsite"},
	"DeleteBucketWebsite":                         {action: "s3:DeleteBucketWebsite"},
	"GetBucketLogging":                            {action: "s3:GetBucketLogging"},
	"PutBucketLogging":                            {action: "s3:PutBucketLogging"},
	"GetBucketNotificationConfiguration":          {action: "s3:GetBucketNotification"},
	"PutBucketNotificationConfiguration":          {action: "s3:PutBucketNotification"},
	"GetBucketReplication":                        {action: "s3:GetReplicationConfiguration"},
	"PutBucketReplication":                        {action: "s3:PutReplicationConfiguration"},
	"DeleteBucketReplication":                     {action: "s3:PutReplicationConfiguration"},
	"GetBucketTagging":                            {action: "s3:GetBucketTagging"},
	"PutBucketTagging":                            {action: "s3:PutBucketTagging"},
	"DeleteBucketTagging":                         {action: "s3:PutBucketTagging"},
	"GetBucketInventoryConfiguration":             {action: "s3:GetInventoryConfiguration"},
	"PutBucketInventoryConfiguration":             {action: "s3:PutInventoryConfiguration"},
	"DeleteBucketInventoryConfiguration":          {action: "s3:PutInventoryConfiguration"},
	"ListBucketInventoryConfigurations":           {action: "s3:GetInventoryConfiguration"},
	"GetBucketAnalyticsConfiguration":             {action: "s3:GetAnalyticsConfiguration"},
	"PutBucketAnalyticsConfiguration":             {action: "s3:PutAnalyticsConfiguration"},
	"DeleteBucketAnalyticsConfiguration":          {action: "s3:PutAnalyticsConfiguration"},
	"ListBucketAnalyticsConfigurations":           {action: "s3:GetAnalyticsConfiguration"},
	"GetBucketMetricsConfiguration":               {action: "s3:GetMetricsConfiguration"},
	"PutBucketMetricsConfiguration":               {action: "s3:PutMetricsConfiguration"},
	"DeleteBucketMetricsConfiguration":            {action: "s3:PutMetricsConfiguration"},
	"ListBucketMetricsConfigurations":             {action: "s3:GetMetricsConfiguration"},
	"GetBucketIntelligentTieringConfiguration":    {action: "s3:GetIntelligentTieringConfiguration"},
	"PutBucketIntelligentTieringConfiguration":    {action: "s3:PutIntelligentTieringConfiguration"},
	"DeleteBucketIntelligentTieringConfiguration": {action: "s3:PutIntelligentTieringConfiguration"},
	"ListBucketIntelligentTieringConfigurations":  {action: "s3:GetIntelligentTieringConfiguration"},
	"ListAccessPoints":                            {action: "s3:ListAccessPoints"},

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
	"GetObjectRetention":         {action: "s3:GetObjectRetention"},
	"GetObjectLegalHold":         {action: "s3:GetObjectLegalHold"},
	"PutObjectRetention":         {action: "s3:PutObjectRetention"},
	"PutObjectLegalHold":         {action: "s3:PutObjectLegalHold"},
	"GetObjectAttributes":        {action: "s3:GetObjectAttributes", version: "s3:GetObjectVersionAttributes"},
	"GetBucketOwnershipControls": {action: "s3:GetBucketOwnershipControls"},
	"GetObjectLockConfiguration": {action: "s3:GetBucketObjectLockConfiguration"},

	// Editing objects.
	"UpdateObjectEncryption": {action: "s3:UpdateObjectEncryption"},

	// Versions, restoring and locks of objects.
	"GetBucketVersioning": {action: "s3:GetBucketVersioning"},
	"RestoreObject":       {action: "s3:RestoreObject"},

	// Who may do what.
	"GetBucketAcl": {action: "s3:GetBucketAcl"},
	"PutBucketAcl": {action: "s3:PutBucketAcl"},
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
