package storage

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/url"
	"time"
)

// errPending is the answer of every method until its own file takes over.
var errPending = errors.New("not written yet")

// Open connects nothing: it checks c and prepares a session. Close must be called.
func Open(ctx context.Context, c Config) (*Session, error) { return nil, errPending }

func (s *Session) Close() error                                   { return nil }
func (s *Session) Endpoint() *url.URL                             { return nil }
func (s *Session) Region() string                                 { return "" }
func (s *Session) Host() string                                   { return "" }
func (s *Session) Anonymous() bool                                { return false }
func (s *Session) Secure() bool                                   { return false }
func (s *Session) Identity(ctx context.Context) (Identity, error) { return Identity{}, errPending }
func (s *Session) Capabilities(bucket string) Known               { return Known{} }
func (s *Session) Buckets(ctx context.Context) iter.Seq2[BucketPage, error] {
	return func(yield func(BucketPage, error) bool) { yield(BucketPage{}, errPending) }
}
func (s *Session) MakeBucket(ctx context.Context, name string, o MakeBucketOptions) error {
	return errPending
}
func (s *Session) RemoveBucket(ctx context.Context, name string) error { return errPending }
func (s *Session) BucketRegion(ctx context.Context, name string) (string, error) {
	return "", errPending
}

// NameError tells which rule a bucket name breaks.
type NameError struct {
	Name string
	Rule string // a short constant word
	Text string // the sentence
}

func (e *NameError) Error() string { return e.Text }

// CheckBucketName returns a *NameError if name cannot be a bucket's name.
func CheckBucketName(name string) error { return nil }

func (s *Session) List(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) { yield(Page{}, errPending) }
}
func (s *Session) ListVersions(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) { yield(Page{}, errPending) }
}
func (s *Session) ListUploads(ctx context.Context, bucket, prefix string, o ListOptions) iter.Seq2[UploadPage, error] {
	return func(yield func(UploadPage, error) bool) { yield(UploadPage{}, errPending) }
}
func (s *Session) Stat(ctx context.Context, loc Location) (Info, error) { return Info{}, errPending }
func (s *Session) Read(ctx context.Context, loc Location, o ReadOptions) (*Reader, error) {
	return nil, errPending
}
func (s *Session) Put(ctx context.Context, loc Location, b Body, o WriteOptions) (Written, error) {
	return Written{}, errPending
}
func (s *Session) PutStream(ctx context.Context, loc Location, r io.Reader, o WriteOptions) (Written, error) {
	return Written{}, errPending
}
func (s *Session) MakeFolder(ctx context.Context, loc Location) error { return errPending }
func (s *Session) CreateUpload(ctx context.Context, loc Location, o WriteOptions) (Upload, error) {
	return Upload{}, errPending
}
func (s *Session) UploadPart(ctx context.Context, loc Location, u Upload, number int32, b Body) (Part, error) {
	return Part{}, errPending
}
func (s *Session) CopyPart(ctx context.Context, src Location, offset, length int64, sourceIfMatch string, dst Location, u Upload, number int32) (Part, error) {
	return Part{}, errPending
}
func (s *Session) Parts(ctx context.Context, loc Location, uploadID string) iter.Seq2[[]Part, error] {
	return func(yield func([]Part, error) bool) { yield(nil, errPending) }
}
func (s *Session) CompleteUpload(ctx context.Context, loc Location, u Upload, parts []Part, o WriteOptions) (Written, error) {
	return Written{}, errPending
}
func (s *Session) ProveUpload(ctx context.Context, loc Location, u Upload, parts []Part) (Written, error) {
	return Written{}, errPending
}
func (s *Session) AbortUpload(ctx context.Context, loc Location, uploadID string) error {
	return errPending
}
func (s *Session) Copy(ctx context.Context, src, dst Location, o CopyOptions) (Written, error) {
	return Written{}, errPending
}
func (s *Session) Delete(ctx context.Context, loc Location) (DeleteResult, error) {
	return DeleteResult{}, errPending
}
func (s *Session) DeleteMany(ctx context.Context, bucket string, locs []Location) ([]DeleteResult, error) {
	return nil, errPending
}

// Presign makes an address that lets its holder do one thing until it ends, at most 7 days on.
func (s *Session) Presign(ctx context.Context, loc Location, method string, span time.Duration) (Presigned, error) {
	return Presigned{}, errPending
}

// URLKind is a form of address.
type URLKind string

// The forms of address.
const (
	URLHTTPS URLKind = "https"
	URLHTTP  URLKind = "http"
	URLS3    URLKind = "s3"
	URLARN   URLKind = "arn"
)

// URL is the address of loc in the given form. It is not signed and is no promise that the object may be read.
func (s *Session) URL(loc Location, kind URLKind) (string, error) { return "", errPending }
