package storage

import (
	"context"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Session is an open connection to one S3 service with one set of credentials. All methods may be called from many
// goroutines at once. Each makes one try (signing again after a redirect to the bucket's region counts as the same try)
// and returns an [*Error].
type Session struct {
	cfg      Config
	endpoint endpoint
	http     *httpStack
	known    *learnt
	creds    *sessionCredentials // nil = anonymous
	skew     atomic.Int64        // nanoseconds that the server's clock is ahead
	closed   atomic.Bool
	targets  sync.Map // leanKey to *leanTarget
	forms    sync.Map // of signature version 2, by disputed item: whether it is the other form

	mu      sync.Mutex // guards the maps
	clients map[clientKey]*s3.Client
	regions map[string]string        // by bucket, as the service told
	keeps   map[string]*keeping      // by bucket
	speeds  map[string]*acceleration // by bucket
}

// ListOptions says what a listing shows.
type ListOptions struct {
	Delimiter  string // "" = everything below the prefix
	StartAfter string // raw key
	Owner      bool
	Restore    bool  // how far the restores of archived objects are, where the server tells
	PageSize   int32 // 0 = the session's
	// Parallel is how many requests may be under way at once where the listing has no delimiter; 0 and 1 are one after the
	// other. So many are only made where the server takes long to answer. The pages come in the order of their keys all the
	// same, and up to three times as many of them are held.
	Parallel int
}

// ReadOptions says which bytes of which object are wanted.
type ReadOptions struct {
	Offset  int64
	Length  int64  // < 0 or 0 with Whole = to the end
	Whole   bool   // no Range header; for empty objects and small ones
	IfMatch string // ETag the object must still have
}

// Reader is the body of a GET. Read returns a [*Error] of KindTruncated when the server sends fewer or more bytes than
// it announced. Close must be called.
type Reader struct {
	io.ReadCloser
	Info   Info
	Offset int64 // of the first byte
	Length int64 // bytes that will come; -1 = the server did not say, the reader checks against Info.Size
}

// Body is what an upload sends: the bytes of r from 0 to size. It is read once or twice (checksum, then sending) and never kept.
type Body struct {
	R        io.ReaderAt
	Size     int64
	Progress func(delta int64) // bytes handed to the connection; a failed try is taken back with a negative delta. May be nil
}

// WriteOptions is what an upload or a copy sets on the new object.
type WriteOptions struct {
	Headers     Headers
	Metadata    map[string]string
	Tags        map[string]string
	Class       string // "" = the server's default
	Encryption  Encryption
	ACL         string            // canned; "" = no header
	Grants      []Grant           `json:",omitempty"` // in place of ACL: the whole list but for its owner
	Lock        Lock              `json:",omitzero"`
	IfNoneMatch bool              // only if the key does not exist
	IfMatch     string            // only if the current ETag is this
	Checksum    ChecksumAlgorithm // ChecksumAuto = the session's
}

// Written is what a finished write proved.
type Written struct {
	Version   string
	ETag      string // without quotes
	Size      int64
	Checksums Checksums
	Proof     Proof
	RequestID string
}

// CopyOptions says what a server-side copy changes; what is not named is kept (metadata, headers, tags).
type CopyOptions struct {
	Replace       *WriteOptions // nil = everything as the source has it
	SourceIfMatch string
	Class         string // "" = the source's
	ACL           string
	IfNoneMatch   bool
	Encryption    Encryption // zero = the source's key if it has one of its own, else what the target's bucket says
	headed        bool       // the caller takes the copy's head anyway and compares it: what no ETag proves is ProofNone until then
}

// DeleteResult is the outcome for one key of a bulk delete. Err is nil when it is gone (or was never there).
type DeleteResult struct {
	Location      Location
	Marker        bool   // a delete marker was written, the object is hidden
	MarkerVersion string // of the marker written or removed
	Err           error
}

// MakeBucketOptions says what the new bucket is like.
type MakeBucketOptions struct {
	Region     string // "" = the session's
	ACL        string
	ObjectLock bool
}

// Presigned is a pre-signed address. Expires is its effective end: temporary credentials may end it sooner than asked.
type Presigned struct {
	URL     string
	Method  string
	Expires time.Time
	Sooner  bool // Expires is sooner than asked because the credentials end then
}

// Lister is the listing half of a Session, for callers that only list.
type Lister interface {
	List(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[Page, error]
}
