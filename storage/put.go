package storage

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// maxSinglePut is the most that one request may carry.
const maxSinglePut = 5 << 30

// Put stores b under loc with one request, and returns only when the answer proves it: an echoed checksum, an ETag that
// is our MD5, or the acceptance of a checksum that the server enforces. b is read once if it is small, else twice.
func (s *Session) Put(ctx context.Context, loc Location, b Body, o WriteOptions) (Written, error) {
	if err := checkTarget("PutObject", loc); err != nil {
		return Written{}, err
	}
	if b.Size < 0 || b.Size > maxSinglePut {
		return Written{}, invalid("PutObject", loc, "EntityTooLarge", "%d bytes do not fit into one request", b.Size)
	}
	var w Written
	err := s.upload(ctx, "PutObject", loc, b, func() (digestPlan, carrier, error) {
		in, err := putInput(loc, o, s.known.ok(featureACL, loc.Bucket))
		if err != nil {
			return digestPlan{}, nil, err
		}
		plan := s.uploadPlan(loc.Bucket, s.algorithm(o.Checksum))
		plan.acl = in.ACL != ""
		// A trailer that is not understood would become part of the object, so it is only for servers that are known to take it.
		plan.trailer = s.trailing(ctx, loc.Bucket, plan, b.Size) && s.known.sure(featureChecksumTrailers, loc.Bucket)
		return plan, putCarrier{in}, nil
	}, func(rec *call, plan digestPlan, d digests) (err error) {
		w, err = s.provePut(ctx, rec, plan, d, b.Size)
		return err
	})
	if err != nil {
		return Written{}, err
	}
	return w, s.checkKey(ctx, "PutObject", loc, w.ETag)
}

func checkTarget(op string, loc Location) error {
	switch {
	case loc.Bucket == "" || loc.Key == "":
		return invalid(op, loc, "NoKey", "an object has a bucket and a key")
	case loc.Version != "":
		return invalid(op, loc, "Version", "a version cannot be written, only a new one added")
	}
	return nil
}

// algorithm is the one that a write's options and the session's setting come to.
func (s *Session) algorithm(a ChecksumAlgorithm) ChecksumAlgorithm {
	if a == ChecksumAuto {
		return s.cfg.Checksum
	}
	return a
}

// uploadPlan says what to compute for a request with a body. Headers with checksums are enforced by some servers, ignored
// by others even when they are wrong; Content-MD5 is enforced by all that were tried. So it goes along until the server
// has shown that it knows better.
func (s *Session) uploadPlan(bucket string, want ChecksumAlgorithm) digestPlan {
	var p digestPlan
	switch want {
	case ChecksumNone:
	case ChecksumMD5:
		p.md5 = true
	case ChecksumAuto:
		switch {
		case s.known.ok(featureCRC64, bucket):
			p.algorithm = ChecksumCRC64NVME
		case s.known.ok(featureSHA256, bucket):
			p.algorithm = ChecksumSHA256
		}
	default:
		p.algorithm = want
	}
	p.learning = p.algorithm != "" && !s.enforces(p.algorithm, bucket)
	p.md5 = p.md5 || p.learning || p.algorithm == "" && want != ChecksumNone
	p.sign = p.learning || s.signs(bucket, p)
	p.sign = p.sign && s.open()
	return p
}

// open tells whether nothing but a signature protects a payload on its way; version 2 covers none.
func (s *Session) open() bool { return !s.Secure() && !s.Anonymous() && !s.SignatureV2() }

// signs tells whether the payload's SHA-256 goes into the signature over http. The headers do, and with them a checksum
// that the server checks; so it is needed where there is none, and where the server insists.
func (s *Session) signs(bucket string, p digestPlan) bool {
	return p.algorithm == "" && !p.md5 || p.algorithm == ChecksumSHA256 || !s.known.ok(featureUnsigned, bucket)
}

// enforces tells whether the server is known to check a's header.
func (s *Session) enforces(a ChecksumAlgorithm, bucket string) bool {
	return s.known.sure(checksumFeature(a), bucket)
}

func checksumFeature(a ChecksumAlgorithm) feature {
	switch a {
	case ChecksumCRC64NVME:
		return featureCRC64
	case ChecksumSHA256:
		return featureSHA256
	}
	return featureChecksumHeaders
}

// dropRefused looks whether a refusal was about something that we can do without. It then notes so, and a new try makes sense.
func (s *Session) dropRefused(bucket string, p digestPlan, err error) bool {
	e, ok := err.(*Error)
	if !ok {
		return false
	}
	if p.acl && e.Code == "AccessControlListNotSupported" {
		return true // learnt already: the next try goes without
	}
	if p.trailer && !s.known.sure(featureChecksumTrailers, bucket) && (e.Kind == KindInvalid || e.Kind == KindUnsupported ||
		e.Kind == KindChecksum || e.Code == "SignatureDoesNotMatch") {
		s.known.set(featureChecksumTrailers, bucket, false)
		return true
	}
	if !p.sign && !p.trailer && s.open() && s.known.get(featureUnsigned, bucket) == nil && aboutPayload(e) {
		s.known.set(featureUnsigned, bucket, false)
		return true
	}
	if p.learning && (e.HTTPStatus == http.StatusBadRequest || e.HTTPStatus == http.StatusNotImplemented) &&
		(e.Kind == KindInvalid || e.Kind == KindUnsupported || e.Code == "InvalidDigest") && aboutHeaders(e) {
		s.known.set(checksumFeature(p.algorithm), bucket, false)
		return true
	}
	return false
}

// aboutPayload tells whether a refusal may be about a payload that the signature does not cover.
func aboutPayload(e *Error) bool {
	switch e.Code {
	case "XAmzContentSHA256Mismatch", "SignatureDoesNotMatch":
		return true
	}
	said := strings.ToLower(e.Message)
	return e.HTTPStatus >= 400 && e.HTTPStatus < 500 && (strings.Contains(said, "sha256") || strings.Contains(said, "unsigned"))
}

// aboutHeaders tells whether a refusal may be about a header that the server does not know, not about the object.
func aboutHeaders(e *Error) bool {
	switch e.Code {
	case "NotImplemented", "InvalidRequest", "InvalidArgument", "InvalidDigest", "UnsupportedHeader", "BadRequest", "":
		return true
	}
	return strings.Contains(strings.ToLower(e.Message), "checksum")
}

// localError wraps a failure of reading the body.
func (s *Session) localError(ctx context.Context, op string, loc Location, err error) error {
	if ctx.Err() != nil {
		return &Error{Op: op, Location: loc, Host: s.Host(), Kind: KindCancelled, Err: ctx.Err()}
	}
	e := &Error{Op: op, Location: loc, Host: s.Host(), Err: err}
	judgeLocal(e, err, false)
	return e
}

func putInput(loc Location, o WriteOptions, acl bool) (*s3.PutObjectInput, error) {
	expires, err := expiresTime(loc, o.Headers.Expires)
	if err != nil {
		return nil, err
	}
	h := o.Headers
	in := &s3.PutObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, ContentType: optional(h.ContentType), ContentDisposition: optional(h.ContentDisposition),
		ContentEncoding: optional(h.ContentEncoding), ContentLanguage: optional(h.ContentLanguage), CacheControl: optional(h.CacheControl),
		Expires: expires, WebsiteRedirectLocation: optional(h.WebsiteRedirect), Metadata: o.Metadata, Tagging: tagging(o.Tags),
		StorageClass: types.StorageClass(o.Class), ServerSideEncryption: serverSide(o.Encryption),
		SSEKMSKeyId: kmsKey(o.Encryption), BucketKeyEnabled: bucketKey(o.Encryption)}
	if acl {
		in.ACL = types.ObjectCannedACL(o.ACL)
		in.GrantFullControl, in.GrantRead, in.GrantReadACP, in.GrantWriteACP = grantHeaders(o.Grants)
	}
	in.ObjectLockMode, in.ObjectLockRetainUntilDate, in.ObjectLockLegalHoldStatus = lockHeaders(o.Lock)
	if o.IfNoneMatch {
		in.IfNoneMatch = aws.String("*")
	}
	if o.IfMatch != "" {
		in.IfMatch = aws.String(quoteETag(o.IfMatch))
	}
	return in, nil
}

func expiresTime(loc Location, v string) (*time.Time, error) {
	if v == "" {
		return nil, nil
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return nil, invalid("PutObject", loc, "InvalidExpires", "the Expires header %q is not a date of HTTP", v)
	}
	return &t, nil
}

func tagging(tags map[string]string) *string {
	if len(tags) == 0 {
		return nil
	}
	v := url.Values{}
	for k, t := range tags {
		v.Set(k, t)
	}
	return aws.String(strings.ReplaceAll(v.Encode(), "+", "%20")) // Ceph's gateway takes a plus for itself
}

// provePut says how far the answer to a PUT of ours proves that the server has our bytes, and notes what it shows of the
// server. Without a proof it is an error whose effect is unknown.
func (s *Session) provePut(ctx context.Context, rec *call, p digestPlan, d digests, size int64) (Written, error) {
	w, proved, err := s.proveBytes(rec, p, d)
	if err != nil || proved {
		w.Size = size
		return w, err
	}
	// Nothing was sent that the server enforces (no checksum by choice, or a foreign ETag form): the size is what is left.
	info, err := s.Stat(ctx, Location{Bucket: rec.loc.Bucket, Key: rec.loc.Key, Version: w.Version})
	if err != nil {
		e := s.answerError(rec, KindOf(err), "Unproved", "the object was sent, but cannot be read back: %v", err)
		e.Err = err
		return w, e
	}
	if info.Size != size {
		return w, s.answerError(rec, KindTruncated, "Truncated", "%d bytes were sent, the server has %d", size, info.Size)
	}
	w.Size, w.Proof = size, ProofSize
	return w, nil
}

// proveBytes compares what the answer to PutObject or UploadPart carries with what was sent.
func (s *Session) proveBytes(rec *call, p digestPlan, d digests) (Written, bool, error) {
	h := rec.header
	if !p.sign && !p.trailer && s.open() && s.known.get(featureUnsigned, rec.loc.Bucket) == nil {
		s.known.set(featureUnsigned, rec.loc.Bucket, true)
	}
	w := Written{Version: h.Get("X-Amz-Version-Id"), ETag: cleanETag(h.Get("ETag")), Checksums: checksumsFrom(h), RequestID: rec.requestID()}
	differs := func(format string, args ...any) (Written, bool, error) {
		e := s.answerError(rec, KindChecksum, "ChecksumMismatch", format, args...)
		e.Retryable = true
		return w, false, e
	}
	foreign := d.md5 != nil && rec.key == nil && !encrypted(h) && etagMD5(w.ETag) != nil && !bytes.Equal(etagMD5(w.ETag), d.md5) &&
		!strings.HasSuffix(rec.loc.Bucket, "--x-s3") // ETags of directory buckets are random
	if foreign && rec.op == "UploadPart" {
		// The part may be right, but cannot be named by this ETag when the parts are put together.
		return differs("the server answers with the ETag of other bytes: %s, ours %x", w.ETag, d.md5)
	}
	if p.algorithm != "" {
		echo := h.Get(checksumHeader(p.algorithm))
		switch {
		case d.value == "":
			return differs("the server answered before it had all bytes")
		case echo == d.value:
			s.known.set(checksumFeature(p.algorithm), rec.loc.Bucket, true)
			if p.trailer {
				s.known.set(featureChecksumTrailers, rec.loc.Bucket, true)
			}
			w.Proof = ProofFull
			return w, true, nil
		case echo != "":
			return differs("the server stored other bytes: its %s is %s, ours %s", p.algorithm, clip(echo), d.value)
		case p.learning && s.known.get(checksumFeature(p.algorithm), rec.loc.Bucket) == nil:
			s.known.set(checksumFeature(p.algorithm), rec.loc.Bucket, false)
		}
	}
	if foreign {
		return differs("the server answers with the ETag of other bytes: %s, ours %x", w.ETag, d.md5)
	}
	if d.md5 != nil && rec.key == nil && !encrypted(h) && bytes.Equal(etagMD5(w.ETag), d.md5) {
		w.Proof = ProofMD5
		return w, true, nil
	}
	// A trailer proves by its echo alone: a server that does not know the form stores the trailer with the bytes.
	enforced := !p.trailer && (p.md5 || p.sign || p.algorithm != "" && s.enforces(p.algorithm, rec.loc.Bucket))
	if enforced && hasMark(h) {
		w.Proof = ProofStored
		return w, true, nil
	}
	return w, false, nil
}

// encrypted tells whether the ETag may be something else than an MD5 of the bytes.
func encrypted(h http.Header) bool {
	return h.Get("X-Amz-Server-Side-Encryption") != "" && h.Get("X-Amz-Server-Side-Encryption") != "AES256" ||
		h.Get(customerPrefix+"Algorithm") != ""
}

// MakeFolder writes the marker of a folder: an empty object named like it, with the "/" at the end.
func (s *Session) MakeFolder(ctx context.Context, loc Location) error {
	if !loc.IsFolder() {
		return invalid("PutObject", loc, "NoFolder", "a folder's key ends in /")
	}
	_, err := s.Put(ctx, loc, Body{R: strings.NewReader(""), Size: 0}, WriteOptions{Headers: Headers{ContentType: "application/x-directory"}})
	return err
}
