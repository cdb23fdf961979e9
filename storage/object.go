package storage

import "time"

// Bucket is one entry of the list of buckets. Region is empty when the server did not say.
type Bucket struct {
	Name    string
	Created time.Time
	Region  string
}

// BucketPage is one page of the list of buckets.
type BucketPage struct {
	Buckets []Bucket
	Owner   Owner
}

// Owner is an account as S3 shows it.
type Owner struct{ ID, Name string }

// Entry is one line of a listing: an object, a version of one, or a delete marker. Key is raw.
type Entry struct {
	Key      string
	Size     int64 // bytes; 0 for a delete marker
	Modified time.Time
	ETag     string // without quotes
	Class    string // storage class; "" is STANDARD
	Owner    Owner  // only if asked for
	Checksum []ChecksumAlgorithm

	Version string // only in a listing of versions
	Latest  bool   // only in a listing of versions
	Marker  bool   // a delete marker
	Restore RestoreState
}

// Page is one page of a listing. Prefixes are the folders (raw, ending in the delimiter).
type Page struct {
	Prefixes []string
	Entries  []Entry
}

// RestoreState says how far the restore of an archived object is; the zero value: not archived or never asked for.
type RestoreState struct {
	Ongoing bool
	Until   time.Time // the copy can be read until then; zero while ongoing
}

// Headers are the standard headers kept with an object, as they go over the wire; "" is not set.
type Headers struct {
	ContentType, ContentDisposition, ContentEncoding, ContentLanguage, CacheControl, Expires, WebsiteRedirect string
}

// Encryption is how an object is encrypted at rest. Type is "" (none), "AES256", "aws:kms" or "aws:kms:dsse". BucketKey: the bucket's
// data key stands between the object and the KMS key.
type Encryption struct {
	Type, KeyID string
	BucketKey   bool `json:",omitempty"`
}

// Info is what HEAD tells of an object (or a GET, which carries the same headers).
type Info struct {
	Location   Location // Version is filled when the server names it
	Size       int64    // of the whole object
	Modified   time.Time
	ETag       string // without quotes
	Class      string
	Headers    Headers
	Metadata   map[string]string // x-amz-meta-…, names in lower case
	Encryption Encryption
	Checksums  Checksums
	Parts      int32 // 0 = unknown
	Restore    RestoreState
	Archived   string // which archive of INTELLIGENT_TIERING it is in: ARCHIVE_ACCESS, DEEP_ARCHIVE_ACCESS or ""
	Lock       Lock   // zero too if it may not be seen
	TagCount   int32
	RequestID  string

	raw       map[string]string // metadata as it came over the wire, where that is not its text
	holdShown bool              // it was told whether there is a legal hold
}

// Upload is an unfinished multipart upload.
type Upload struct {
	Key       string
	ID        string
	Initiated time.Time
	Class     string
	Initiator Owner
	// Algorithm and FullObject say which checksum the server will keep, as told by Create or by the listing.
	Algorithm  ChecksumAlgorithm
	FullObject bool
}

// UploadPage is one page of unfinished uploads.
type UploadPage struct {
	Prefixes []string
	Uploads  []Upload
	Ahead    time.Duration // how far the server's clock was ahead of ours when it answered
}

// Part is one stored part of a multipart upload. Checksum is the base64 value of the upload's algorithm, "" if there is none.
type Part struct {
	Number   int32
	Size     int64
	ETag     string // without quotes
	MD5      []byte // of the bytes that we sent; nil if not computed
	Checksum string
}

// Identity is who the credentials belong to.
type Identity struct{ Account, ARN, UserID string }
