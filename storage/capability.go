package storage

import (
	"net/http"
	"sync"
)

// feature is something that a server may not have.
type feature int

const (
	featureMultiDelete feature = iota
	featureMultipart
	featureMultipartCopy
	featureChecksumHeaders
	featureChecksumTrailers
	featureACL
	featureVersioning
	featureConditionalWrites
	featureConditionalDeletes
	featureConditionalBulk
	featureListV2
	featureUpdateEncryption
	featureCRC64         // the server keeps a CRC64NVME
	featureSHA256        // the server keeps a SHA256
	featurePartEcho      // the answer to a part repeats its checksum
	featureUnsigned      // payloads that the signature does not cover are taken over http
	featureRestoreStatus // listings tell how far restores are
	featureTagCount      // a head tells how many tags the object has
	featureKeys          // odd keys are stored as they are; asked with the key's class in place of the bucket
	featureUploadFolders // listings of unfinished uploads tell folders
	featureCount
)

// learnt is what is known of a server: from the profile, then from its answers. Some of it holds for one bucket only.
type learnt struct {
	mu     sync.Mutex // guards all
	known  Known
	host   [featureCount]*bool
	bucket map[bucketFeature]bool
}

type bucketFeature struct {
	bucket string
	f      feature
}

func newLearnt(k Known, isAWS bool) *learnt {
	l := &learnt{known: k, bucket: map[bucketFeature]bool{}}
	l.host = [featureCount]*bool{featureMultiDelete: k.MultiDelete, featureMultipart: k.Multipart, featureMultipartCopy: k.MultipartCopy,
		featureChecksumHeaders: k.ChecksumHeaders, featureChecksumTrailers: k.ChecksumTrailers, featureACL: k.ACL,
		featureVersioning: k.Versioning, featureConditionalWrites: k.ConditionalWrites, featureConditionalDeletes: k.ConditionalDeletes,
		featureConditionalBulk: k.ConditionalBulkDeletes, featureListV2: k.ListV2, featureUpdateEncryption: k.UpdateEncryption}
	yes, no := true, false
	for _, f := range []feature{featureConditionalDeletes, featureConditionalBulk, featureUpdateEncryption, featureUploadFolders} {
		if isAWS && l.host[f] == nil {
			l.host[f] = &yes
		}
	}
	if isAWS && l.host[featureChecksumHeaders] == nil {
		l.host[featureChecksumHeaders] = &yes
	}
	if h := l.host[featureChecksumHeaders]; h != nil {
		if *h && isAWS {
			l.host[featureCRC64], l.host[featureSHA256] = &yes, &yes
		} else if !*h {
			l.host[featureCRC64], l.host[featureSHA256] = &no, &no
		}
	}
	return l
}

// get is what is known of f in a bucket; nil = nothing.
func (l *learnt) get(f feature, bucket string) *bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v, ok := l.bucket[bucketFeature{bucket, f}]; ok {
		return &v
	}
	return l.host[f]
}

// ok tells whether f may be tried: it is not known to be missing.
func (l *learnt) ok(f feature, bucket string) bool {
	v := l.get(f, bucket)
	return v == nil || *v
}

// sure tells whether f is known to be there.
func (l *learnt) sure(f feature, bucket string) bool {
	v := l.get(f, bucket)
	return v != nil && *v
}

// set notes what an answer showed. ACLs and versioning are a matter of the bucket, the rest of the server.
func (l *learnt) set(f feature, bucket string, has bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch f {
	case featureACL, featureVersioning, featureKeys:
		l.bucket[bucketFeature{bucket, f}] = has
	default:
		l.host[f] = &has
		if f != featureCRC64 && f != featureSHA256 {
			return
		}
		if has {
			l.host[featureChecksumHeaders] = &has
		}
		if no := func(p *bool) bool { return p != nil && !*p }; no(l.host[featureCRC64]) && no(l.host[featureSHA256]) {
			l.host[featureChecksumHeaders] = &has
		}
	}
}

// learnFrom notes what a refusal shows.
func (s *Session) learnFrom(rec *call, e *Error) {
	if e.Code == "AccessControlListNotSupported" {
		s.known.set(featureACL, rec.loc.Bucket, false)
		return
	}
	if e.Kind != KindUnsupported || (e.HTTPStatus != http.StatusNotImplemented && e.HTTPStatus != http.StatusMethodNotAllowed) {
		return
	}
	switch rec.op {
	case "DeleteObjects":
		s.known.set(featureMultiDelete, rec.loc.Bucket, false)
	case "CreateMultipartUpload":
		s.known.set(featureMultipart, rec.loc.Bucket, false)
	case "UploadPartCopy":
		s.known.set(featureMultipartCopy, rec.loc.Bucket, false)
	case "UpdateObjectEncryption":
		s.known.set(featureUpdateEncryption, rec.loc.Bucket, false)
	case "ListObjectVersions":
		s.known.set(featureVersioning, rec.loc.Bucket, false)
	}
}

// Capabilities is what is known by now of the server and of a bucket: what the profile said, then what answers showed.
func (s *Session) Capabilities(bucket string) Known {
	k := s.cfg.Known
	for f, p := range map[feature]**bool{featureMultiDelete: &k.MultiDelete, featureMultipart: &k.Multipart,
		featureMultipartCopy: &k.MultipartCopy, featureChecksumHeaders: &k.ChecksumHeaders, featureChecksumTrailers: &k.ChecksumTrailers,
		featureACL: &k.ACL, featureVersioning: &k.Versioning, featureConditionalWrites: &k.ConditionalWrites,
		featureConditionalDeletes: &k.ConditionalDeletes, featureConditionalBulk: &k.ConditionalBulkDeletes, featureListV2: &k.ListV2,
		featureUpdateEncryption: &k.UpdateEncryption} {
		if v := s.known.get(f, bucket); v != nil {
			c := *v
			*p = &c
		}
	}
	return k
}

// forget drops what is known of f in a bucket.
func (l *learnt) forget(f feature, bucket string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.bucket, bucketFeature{bucket, f})
}
