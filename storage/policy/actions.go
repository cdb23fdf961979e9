package policy

import "strings"

// Actions that bucket policies can name, by what they are about; from the Service Authorization Reference for S3.
const bucketActions = `CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketWebsite GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAcl
GetBucketCORS GetBucketLocation GetBucketLogging GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls GetBucketPolicy
GetBucketPolicyStatus GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite
GetEncryptionConfiguration GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration
GetReplicationConfiguration GetBucketMetadataTableConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions ListTagsForResource
PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification PutBucketObjectLockConfiguration
PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
PutEncryptionConfiguration PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration
PutReplicationConfiguration CreateBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration TagResource UntagResource CreateSession`

const objectActions = `AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionTagging
GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl
GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent InitiateReplication ListMultipartUploadParts
ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl
PutObjectVersionTagging ReplicateDelete ReplicateObject ReplicateTags RestoreObject UpdateObjectEncryption`

// accountActions are about neither; no statement of a bucket's policy needs them.
const accountActions = `ListAllMyBuckets GetAccountPublicAccessBlock PutAccountPublicAccessBlock`

// known tells whether a pattern matches an action that is known. Of other services than S3 nothing is known.
func known(pattern string) bool {
	if !strings.HasPrefix(pattern, "s3:") {
		return true
	}
	b, o := appliesTo(pattern)
	return b || o || matchesAny(pattern, accountActions)
}

// appliesTo tells whether a pattern matches actions on buckets, and on objects.
func appliesTo(pattern string) (bucket, object bool) {
	return matchesAny(pattern, bucketActions), matchesAny(pattern, objectActions)
}

func matchesAny(pattern, names string) bool {
	for name := range strings.FieldsSeq(names) {
		if actionMatches(pattern, "s3:"+name) {
			return true
		}
	}
	return false
}

// actionMatches compares without regard to case, as S3 does.
func actionMatches(pattern, action string) bool {
	return wild(strings.ToLower(pattern), strings.ToLower(action))
}

// wild matches a text against a pattern with * and ?, going back to the last star only.
func wild(pattern, text string) bool {
	pat, s := []rune(pattern), []rune(text)
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pat) && pat[p] == '*':
			star, mark = p, i
			p++
		case p < len(pat) && (pat[p] == '?' || pat[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(string(pat[p:]), "*") == ""
}
