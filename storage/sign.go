package storage

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Signature version 4 of one request, the same as the SDK's to the byte (sign_test.go holds them against each other), with
// the day's key kept and the text to sign put together in a buffer that is used again.

const (
	signAlgorithm   = "AWS4-HMAC-SHA256"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	trailedPayload  = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	emptyPayload    = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	signTime        = "20060102T150405Z"
)

// dayKey is the signing key of one day, region and pair of credentials.
type dayKey struct {
	access, secret, day string
	scope               string // of the credential: day/region/s3/aws4_request
	macs                sync.Pool
}

func newDayKey(cr aws.Credentials, day, region string) *dayKey {
	key := []byte("AWS4" + cr.SecretAccessKey)
	for _, part := range []string{day, region, "s3", "aws4_request"} {
		m := hmac.New(sha256.New, key)
		_, _ = m.Write([]byte(part))
		key = m.Sum(nil)
	}
	k := &dayKey{access: cr.AccessKeyID, secret: cr.SecretAccessKey, day: day, scope: day + "/" + region + "/s3/aws4_request"}
	k.macs.New = func() any { return hmac.New(sha256.New, key) }
	return k
}

// signText is what signing one request needs of memory.
type signText struct {
	text  []byte
	names []signName
}

type signName struct{ lower, name string }

var signTexts = sync.Pool{New: func() any { return &signText{text: make([]byte, 0, 4<<10)} }}

// signLower has the names that requests of ours carry, so that they are not turned to lower case each time.
var signLower = lowerNames("Accept-Encoding", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Md5",
	"Content-Type", "Expires", "If-Match", "If-None-Match", "Range", "X-Amz-Acl", "X-Amz-Checksum-Crc32", "X-Amz-Checksum-Crc32c",
	"X-Amz-Checksum-Crc64nvme", "X-Amz-Checksum-Mode", "X-Amz-Checksum-Sha1", "X-Amz-Checksum-Sha256", "X-Amz-Content-Sha256",
	"X-Amz-Copy-Source", "X-Amz-Copy-Source-If-Match", "X-Amz-Date", "X-Amz-Decoded-Content-Length", "X-Amz-Metadata-Directive",
	"X-Amz-Security-Token", "X-Amz-Server-Side-Encryption", "X-Amz-Storage-Class", "X-Amz-Tagging", "X-Amz-Trailer")

func lowerNames(names ...string) map[string]string {
	m := make(map[string]string, len(names))
	for _, n := range names {
		m[n] = strings.ToLower(n)
	}
	return m
}

// sign gives the Authorization header of r, whose other headers are complete. query is in its canonical form already.
func (k *dayKey) sign(r *http.Request, path, query, payload, at string) string {
	t := signTexts.Get().(*signText)
	defer signTexts.Put(t)
	t.collect(r)
	b := append(t.text[:0], r.Method...)
	b = append(append(b, '\n'), path...)
	b = append(append(b, '\n'), query...)
	b = append(b, '\n')
	for _, n := range t.names {
		b = append(append(b, n.lower...), ':')
		switch n.lower {
		case "host":
			b = append(b, r.Host...)
		case "content-length":
			b = strconv.AppendInt(b, r.ContentLength, 10)
		default:
			for i, v := range r.Header[n.name] {
				if i > 0 {
					b = append(b, ',')
				}
				b = append(b, oneSpace(v)...)
			}
		}
		b = append(b, '\n')
	}
	b = append(b, '\n')
	from := len(b)
	for i, n := range t.names {
		if i > 0 {
			b = append(b, ';')
		}
		b = append(b, n.lower...)
	}
	signed := string(b[from:])
	b = append(append(b, '\n'), payload...)
	sum := sha256.Sum256(b)
	b = append(append(b[:0], signAlgorithm...), '\n')
	b = append(append(b, at...), '\n')
	b = append(append(b, k.scope...), '\n')
	b = hex.AppendEncode(b, sum[:])
	mac := k.macs.Get().(hash.Hash)
	mac.Reset()
	_, _ = mac.Write(b)
	signature := mac.Sum(sum[:0])
	k.macs.Put(mac)
	b = append(append(b[:0], signAlgorithm...), " Credential="...)
	b = append(append(b, k.access...), '/')
	b = append(append(b, k.scope...), ", SignedHeaders="...)
	b = append(append(b, signed...), ", Signature="...)
	b = hex.AppendEncode(b, signature)
	t.text = b
	return string(b)
}

// collect lists the headers that the signature covers, in order.
func (t *signText) collect(r *http.Request) {
	t.names = append(t.names[:0], signName{lower: "host"})
	if r.ContentLength > 0 {
		t.names = append(t.names, signName{lower: "content-length"})
	}
	for name := range r.Header {
		switch name {
		case "Authorization", "User-Agent", "X-Amzn-Trace-Id", "Expect", "Transfer-Encoding", "Content-Length":
			continue
		}
		low, ok := signLower[name]
		if !ok {
			low = strings.ToLower(name)
		}
		t.names = append(t.names, signName{low, name})
	}
	slices.SortFunc(t.names, func(a, b signName) int { return strings.Compare(a.lower, b.lower) })
}

// oneSpace is v without spaces at its ends and with single ones inside, as the signature has it.
func oneSpace(v string) string {
	if !strings.Contains(v, "  ") {
		return strings.TrimSpace(v)
	}
	b := []byte(strings.Trim(v, " "))
	out := b[:0]
	for i, c := range b {
		if c != ' ' || i == 0 || b[i-1] != ' ' {
			out = append(out, c)
		}
	}
	return string(bytes.TrimSpace(out))
}
