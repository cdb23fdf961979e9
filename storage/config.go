package storage

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Addressing says where the bucket's name goes in an address.
type Addressing int

// AddressingAuto takes path style for IP addresses, localhost and hosts that are not AWS, and virtual host style for AWS.
const (
	AddressingAuto Addressing = iota
	AddressingPath
	AddressingVirtualHost
)

// Config says how to connect. The zero value of a field has the meaning given with it.
type Config struct {
	Endpoint      *url.URL                // nil = Amazon S3 in Region; path = prefix of every request
	Region        string                  // "" = taken from a typed AWS host, else us-east-1 until found out per bucket
	Addressing    Addressing              //
	Credentials   aws.CredentialsProvider // nil = anonymous
	Signature     Signature               // SignatureV4 by default
	ReadOnly      bool                    // refuse everything that would change something, before anything is sent
	Checksum      ChecksumAlgorithm       // of uploads; ChecksumAuto by default
	Known         Known                   // what the connection profile says about the server
	PageSize      int32                   // keys a listing page; 0 = 1,000
	StallAfter    time.Duration           // no byte for so long fails the request; 0 = 30 s
	MaxConns      int                     // idle connections kept; 0 = 320
	TLS           *tls.Config             // extra CA, client certificate; nil = the system's. Verification is never off
	Proxy         func(*http.Request) (*url.URL, error)
	Buckets       []string    // what [Session.Buckets] gives, without asking the server; nil = asks
	RequesterPays bool        // requests for objects say that this account pays for them
	DualStack     bool        // Amazon's hosts that answer over IPv6 too; without effect elsewhere
	Accelerate    func() bool // asked for each object: whether to use the transfer acceleration that its bucket has; nil = never
	CloudFront    *url.URL    // where distributions are asked for; nil = Amazon's own, for sessions with Amazon
	KMS           *url.URL    // where keys of KMS are asked for, in the same way
	S3Control     *url.URL    // where access points are asked for, in the same way
	STS           *url.URL    // where it is asked whose the credentials are, for access points
	Trace         func(Event) // called for each request when it ends, from any goroutine; nil = none
	UserAgent     string
	NoLean        bool             // every request through the SDK, none on the lean path (lean.go)
	Now           func() time.Time // nil = time.Now
}

// Known is what is known of a server beforehand. A nil field: found out by using it.
type Known struct {
	MultiDelete       *bool
	Multipart         *bool
	MultipartCopy     *bool
	ChecksumHeaders   *bool // x-amz-checksum-… are understood and enforced
	ChecksumTrailers  *bool
	ACL               *bool
	Versioning        *bool
	ConditionalWrites *bool
	// ConditionalDeletes: a deletion is held to an ETag; ConditionalBulkDeletes: each key of a bulk deletion to its own. Some servers
	// have the one and take no notice of the other. Neither is learnt: to try is to delete.
	ConditionalDeletes     *bool
	ConditionalBulkDeletes *bool
	ListV2                 *bool
	UpdateEncryption       *bool // UpdateObjectEncryption is there. Not learnt: to try it elsewhere may replace the object by the request
	MaxParts               int32 // 0 = 10,000
}

// Event is one request as the log pane shows it. It holds no secret: no query value of a signature, no authorization.
type Event struct {
	Time       time.Time
	Op, Method string
	URL        string
	Status     int
	Sent, Got  int64
	Duration   time.Duration
	RequestID  string
	Err        string
}
