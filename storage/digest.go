package storage

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/minio/crc64nvme"
)

// digestPlan says what is computed of a body before it is sent.
type digestPlan struct {
	algorithm ChecksumAlgorithm // for the x-amz-checksum-… header; "" = none
	md5       bool              // for Content-MD5, and to compare with the ETag
	sign      bool              // SHA-256 of the payload for the signature
	learning  bool              // the server is not known to take algorithm: its answer will show
	trailer   bool              // algorithm is computed while sending and goes behind the bytes
	acl       bool              // a canned ACL is asked for
}

// digests is what came out.
type digests struct {
	value string // base64, of the plan's algorithm
	md5   []byte
	sha   string // hex
}

// smallBody is the size up to which a body is read once, into memory; tinyBody that of the bodies that come by the thousand.
const (
	smallBody = 256 << 10
	tinyBody  = 16 << 10
)

var (
	readBuffers = sync.Pool{New: func() any { b := make([]byte, smallBody); return &b }}
	tinyBuffers = sync.Pool{New: func() any { b := make([]byte, tinyBody); return &b }}
)

// bodyBuffer is memory to read a body of size bytes with, and the way to give it back.
func bodyBuffer(size int64) ([]byte, func()) {
	pool := &readBuffers
	if size <= tinyBody {
		pool = &tinyBuffers
	}
	b := pool.Get().(*[]byte)
	return *b, func() { pool.Put(b) }
}

// bodyError is a failure of what we read to send it: the local file's, not the network's.
type bodyError struct{ Err error }

func (e *bodyError) Error() string { return "read what is to be sent: " + e.Err.Error() }
func (e *bodyError) Unwrap() error { return e.Err }

// errShortBody is a body that ends before its size: the file has changed.
var errShortBody = errors.New("the file is shorter than it was")

// digestBody reads b once and computes what p asks for. A body that fits in buf is left there.
func digestBody(ctx context.Context, b Body, p digestPlan, buf []byte) (digests, error) {
	var d digests
	var alg, sum5, sha hash.Hash
	if p.algorithm != "" {
		alg = newHash(p.algorithm)
	}
	if p.md5 && p.algorithm != ChecksumMD5 {
		sum5 = md5.New()
	}
	if p.sign && p.algorithm != ChecksumSHA256 {
		sha = sha256.New()
	}
	if alg != nil || sum5 != nil || sha != nil || b.Size <= int64(len(buf)) {
		if err := readThrough(ctx, b, buf, alg, sum5, sha); err != nil {
			return d, err
		}
	}
	var sum [sha256.Size]byte
	if alg != nil {
		raw := alg.Sum(sum[:0])
		d.value = base64.StdEncoding.EncodeToString(raw)
		if p.md5 && p.algorithm == ChecksumMD5 {
			d.md5 = append(d.md5, raw...)
		}
		if p.sign && p.algorithm == ChecksumSHA256 {
			d.sha = hex.EncodeToString(raw)
		}
	}
	if sum5 != nil {
		d.md5 = sum5.Sum(nil)
	}
	if sha != nil {
		d.sha = hex.EncodeToString(sha.Sum(sum[:0]))
	}
	return d, nil
}

func readThrough(ctx context.Context, b Body, buf []byte, sums ...hash.Hash) error {
	for off := int64(0); off < b.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(int64(len(buf)), b.Size-off)
		m, err := b.R.ReadAt(buf[:n], off)
		if int64(m) < n {
			if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
				err = errShortBody
			}
			return &bodyError{err}
		}
		for _, h := range sums {
			if h != nil {
				_, _ = h.Write(buf[:n])
			}
		}
		off += n
	}
	return nil
}

func newHash(a ChecksumAlgorithm) hash.Hash {
	switch a {
	case ChecksumMD5:
		return md5.New()
	case ChecksumCRC32:
		return crc32.NewIEEE()
	case ChecksumCRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case ChecksumCRC64NVME:
		return crc64nvme.New()
	case ChecksumSHA1:
		return sha1.New()
	}
	return sha256.New()
}

// checksumHeader is the header that carries a, in the spelling of http.Header.
func checksumHeader(a ChecksumAlgorithm) string {
	switch a {
	case ChecksumCRC64NVME:
		return "X-Amz-Checksum-Crc64nvme"
	case ChecksumSHA256:
		return "X-Amz-Checksum-Sha256"
	}
	return http.CanonicalHeaderKey("X-Amz-Checksum-" + string(a))
}

// crcOf is the arithmetic of a, if it is a CRC: then S3 can keep it of the full object.
func crcOf(a ChecksumAlgorithm) (crcKind, bool) {
	switch a {
	case ChecksumCRC32:
		return crc32IEEE, true
	case ChecksumCRC32C:
		return crc32C, true
	case ChecksumCRC64NVME:
		return crc64NVMEk, true
	}
	return crcKind{}, false
}

// fullChecksum combines the parts' CRCs into the object's. It is "" if one is missing.
func fullChecksum(a ChecksumAlgorithm, parts []Part) string {
	k, ok := crcOf(a)
	if !ok {
		return ""
	}
	var sum uint64
	shifts := map[int64]uint64{} // all parts but the last have one size
	for i, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Checksum)
		if err != nil || len(raw) != k.width/8 {
			return ""
		}
		v := bigEndian(raw)
		if i == 0 {
			sum = v
			continue
		}
		by, ok := shifts[p.Size]
		if !ok {
			by = k.shift(p.Size)
			shifts[p.Size] = by
		}
		sum = k.times(sum, by) ^ v
	}
	out := make([]byte, 8)
	binary.BigEndian.PutUint64(out, sum)
	return base64.StdEncoding.EncodeToString(out[8-k.width/8:])
}

func bigEndian(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

// compositeChecksum is the checksum of the parts' checksums, as S3 writes it: base64 with "-N". It is "" if one is missing.
func compositeChecksum(a ChecksumAlgorithm, parts []Part) string {
	if a == "" {
		return ""
	}
	h := newHash(a)
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Checksum)
		if err != nil || len(raw) != h.Size() {
			return ""
		}
		_, _ = h.Write(raw)
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(parts))
}

// multipartETag is the ETag that S3 gives to an object made of parts: the MD5 of the parts' MD5s with "-N". It is "" if a
// part's ETag is no MD5.
func multipartETag(parts []Part) string {
	h := md5.New()
	for _, p := range parts {
		sum := p.MD5
		if len(sum) != md5.Size {
			sum = etagMD5(p.ETag)
		}
		if sum == nil {
			return ""
		}
		_, _ = h.Write(sum)
	}
	return fmt.Sprintf("%x-%d", h.Sum(nil), len(parts))
}

// etagMD5 is the MD5 that an ETag spells, nil if it has not the form of one.
func etagMD5(etag string) []byte {
	if len(etag) != 2*md5.Size {
		return nil
	}
	sum := make([]byte, md5.Size)
	for i := range sum {
		v, err := strconv.ParseUint(etag[2*i:2*i+2], 16, 8)
		if err != nil {
			return nil
		}
		sum[i] = byte(v)
	}
	return sum
}

// isMultipartETag tells whether etag has the form that multipart uploads get: 32 hex digits, "-", a number.
func isMultipartETag(etag string) bool {
	sum, n, ok := strings.Cut(etag, "-")
	if !ok || etagMD5(sum) == nil {
		return false
	}
	v, err := strconv.ParseUint(n, 10, 16)
	return err == nil && v > 0
}
