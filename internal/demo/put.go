package demo

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"mime"
	"net/http"
	"slices"
	"strings"
)

const (
	maxPutBytes  = 5 << 30
	maxMetaBytes = 2 << 10
)

// storageClasses are those that a request may ask for in a general purpose bucket.
var storageClasses = []string{"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}

// storedHeaders are kept with an object and given back.
var storedHeaders = []string{"Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires", redirectHeader}

const redirectHeader = "X-Amz-Website-Redirect-Location"

// sseHeader asks for encryption with the server's own key, and tells of it.
const sseHeader = "X-Amz-Server-Side-Encryption"

// requestAttributes reads class, encryption, headers, metadata, tags, lock and access list of a new object.
func (c *call) requestAttributes() (*attributes, error) {
	a := &attributes{class: c.r.Header.Get("X-Amz-Storage-Class"), headers: c.contentHeaders()}
	var err error
	if a.encryption, err = c.requestedEncryption(); err != nil {
		return nil, err
	}
	a.tell(c.w.Header())
	if a.class == "" {
		a.class = "STANDARD"
	}
	if !slices.Contains(storageClasses, a.class) {
		return nil, fail("InvalidStorageClass", "", field{"StorageClassRequested", a.class})
	}
	if a.meta, err = requestMeta(c.r.Header); err != nil {
		return nil, err
	}
	if a.tags, err = headerTags(c.r.Header.Get("X-Amz-Tagging")); err != nil {
		return nil, err
	}
	if a.lock, err = c.requestedLock(); err != nil {
		return nil, err
	}
	a.acl, err = c.requestedACL(false)
	return a, err
}

func (c *call) contentHeaders() map[string]string {
	out := map[string]string{"Content-Type": "binary/octet-stream"}
	for _, name := range storedHeaders {
		v := c.r.Header.Get(name)
		if name == "Content-Encoding" {
			v = withoutChunked(v)
		}
		if v != "" {
			out[name] = v
		}
	}
	return out
}

// withoutChunked removes aws-chunked, which speaks of the request and not of the object.
func withoutChunked(v string) string {
	var keep []string
	for enc := range strings.SplitSeq(v, ",") {
		if enc = strings.TrimSpace(enc); enc != "" && enc != "aws-chunked" {
			keep = append(keep, enc)
		}
	}
	return strings.Join(keep, ",")
}

func requestMeta(h http.Header) (map[string]string, error) {
	out := map[string]string{}
	size := 0
	for name, values := range h {
		key, ok := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-")
		if !ok {
			continue
		}
		v := strings.Join(values, ",")
		if strings.Contains(v, "=?") {
			if decoded, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
				v = decoded
			}
		}
		out[key] = v
		size += len(key) + len(v)
	}
	if size > maxMetaBytes {
		return nil, fail("MetadataTooLarge", "")
	}
	return out, nil
}

// checkLength refuses a body of unknown or too great length before reading it.
func (c *call) checkLength() error {
	switch {
	case c.payload.length < 0:
		return fail("MissingContentLength", "")
	case c.payload.length > maxPutBytes:
		return fail("EntityTooLarge", "")
	}
	return nil
}

// receiveBody reads the body and proves it against Content-MD5 and the promised checksum. It always computes algo.
func (c *call) receiveBody(algo *checksumAlgo) (*received, wanted, error) {
	if err := c.checkLength(); err != nil {
		return nil, wanted{}, err
	}
	want, err := c.payload.wantedChecksum(c.r.Header)
	if err != nil {
		return nil, want, err
	}
	contentMD5 := c.r.Header.Get("Content-Md5")
	wantMD5, err := base64.StdEncoding.DecodeString(contentMD5)
	if err != nil || (contentMD5 != "" && len(wantMD5) != md5.Size) {
		return nil, want, fail("InvalidDigest", "", field{"Content-MD5", contentMD5})
	}
	in, err := c.s.store.receive(c.body, maxPutBytes, algo, want.algo)
	if err != nil {
		return nil, want, err
	}
	if contentMD5 != "" && !bytes.Equal(wantMD5, in.md5) {
		err = fail("BadDigest", "The Content-MD5 you specified did not match what we received.",
			field{"ExpectedDigest", contentMD5}, field{"CalculatedDigest", encode64(in.md5)})
	} else if want.algo != nil {
		err = want.verify(in.sums[want.algo], c.payload)
	}
	if err != nil {
		_ = in.content.release() // a file that cannot be removed goes with the folder
		return nil, want, err
	}
	return in, want, nil
}

// mayWrite is the check of a write before its body is read, so that a refused sender need not send it.
func (c *call) mayWrite() error {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	if err := c.checkOwnership(b); err != nil {
		return err
	}
	return writeConditions(c.r.Header, b, c.key)
}

// writeConditions checks If-None-Match: * and If-Match against the current object.
func writeConditions(h http.Header, b *bucket, key string) error {
	v := b.live(key)
	if m := h.Get("If-None-Match"); m != "" {
		if m != "*" {
			return fail("NotImplemented", "", field{"Header", "If-None-Match"})
		}
		if v != nil {
			return fail("PreconditionFailed", "", field{"Condition", "If-None-Match"})
		}
	}
	if m := h.Get("If-Match"); m != "" {
		if v == nil {
			return fail("NoSuchKey", "", field{"Key", key})
		}
		if !etagMatches(m, v.etag) {
			return fail("PreconditionFailed", "", field{"Condition", "If-Match"})
		}
	}
	return nil
}

func (c *call) putObject() error {
	a, err := c.requestAttributes()
	if err != nil {
		return err
	}
	if err := c.mayWrite(); err != nil {
		return err
	}
	if err := c.lockNeedsDigest(a.lock); err != nil {
		return err
	}
	algo := crc64NVME
	if want, err := c.payload.wantedChecksum(c.r.Header); err == nil && want.algo != nil {
		algo = nil
	}
	in, want, err := c.receiveBody(algo)
	if err != nil {
		return err
	}
	if algo == nil {
		algo = want.algo
	}
	a.sum = checksum{algo, encode64(in.sums[algo]), fullObject}
	v := &version{etag: a.etagFor(in.etag()), size: in.size(), body: in.content, attributes: a}
	if err := c.commit(v); err != nil {
		_ = in.content.release() // a file that cannot be removed goes with the folder
		return err
	}
	h := c.w.Header()
	h.Set("Etag", quote(v.etag))
	a.sum.setHeaders(h)
	h.Set("Content-Length", "0")
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// commit makes v the current version of the key, if the request's conditions still hold, and sets the version header.
func (c *call) commit(v *version) error {
	v.modified = c.s.now()
	st := c.s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	if err := writeConditions(c.r.Header, b, c.key); err != nil {
		return err
	}
	if err := b.mayLock(v.lock); err != nil {
		return err
	}
	if id := b.put(c.key, v); id != "" {
		c.w.Header().Set("X-Amz-Version-Id", id)
	}
	return nil
}
