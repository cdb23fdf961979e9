package demo

import (
	"crypto/md5"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

const maxCopyBytes = 5 << 30

// source is what a copy reads; its content is retained.
type source struct {
	v         version
	bucket    string
	key       string
	versioned bool
	self      bool // the same bucket and key as the target, with no version named
}

// copySource opens what x-amz-copy-source names and checks its conditions.
func (c *call) copySource() (*source, error) {
	raw, rawQuery, _ := strings.Cut(c.r.Header.Get("X-Amz-Copy-Source"), "?")
	name, err := url.PathUnescape(raw)
	q, qerr := url.ParseQuery(rawQuery)
	bucketName, key, ok := strings.Cut(strings.TrimPrefix(name, "/"), "/")
	if err != nil || qerr != nil || !ok || key == "" {
		return nil, fail("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
			field{"ArgumentName", "x-amz-copy-source"}, field{"ArgumentValue", raw})
	}
	now := c.s.now()
	st := c.s.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	bucketName = c.s.behind(bucketName)
	b := st.buckets[bucketName]
	if b == nil {
		return nil, fail("NoSuchBucket", "", field{"BucketName", bucketName})
	}
	from := &call{s: c.s, r: c.r, anonymous: c.anonymous, bucket: bucketName, key: key, query: q}
	v, err := from.object(b, "READ")
	if err != nil {
		if e := asS3Error(err); e.code == "MethodNotAllowed" {
			return nil, fail("InvalidRequest", "The source of a copy request may not specifically refer to a delete marker by version id.")
		}
		return nil, err
	}
	if err := preconditions(c.r.Header, "X-Amz-Copy-Source-", v, http.StatusPreconditionFailed); err != nil {
		return nil, err
	}
	if v.archived(now) {
		return nil, fail("InvalidObjectState", "", field{"StorageClass", v.class})
	}
	if err := c.mayDecrypt(v, sourcePrefix); err != nil {
		return nil, err
	}
	attrs := *v.attributes
	s := &source{v: *v, bucket: bucketName, key: key, versioned: b.versioning != ""}
	s.v.attributes = &attrs
	s.self = bucketName == c.bucket && key == c.key && !q.Has("versionId")
	s.v.body.retain()
	return s, nil
}

func (s *source) close() { _ = s.v.body.release() } // a file that cannot be removed goes with the folder

func directive(h http.Header, name string) (replace bool, err error) {
	switch v := h.Get(name); v {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	default:
		return false, fail("InvalidArgument", "Unknown directive.", field{"ArgumentName", strings.ToLower(name)}, field{"ArgumentValue", v})
	}
}

// copyAttributes merges what the request says with what the source has. Class and access list are never copied.
func (c *call) copyAttributes(src *source) (*attributes, error) {
	h := c.r.Header
	replaceMeta, err := directive(h, "X-Amz-Metadata-Directive")
	if err != nil {
		return nil, err
	}
	replaceTags, err := directive(h, "X-Amz-Tagging-Directive")
	if err != nil {
		return nil, err
	}
	if src.self && !replaceMeta && h.Get("X-Amz-Storage-Class") == "" && h.Get(sseHeader) == "" &&
		h.Get(customerPrefix+"Algorithm") == "" && h.Get(redirectHeader) == "" {
		return nil, fail("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	a, err := c.requestAttributes()
	if err != nil {
		return nil, err
	}
	if !replaceMeta {
		redirect := a.headers[redirectHeader]
		a.headers, a.meta = maps.Clone(src.v.headers), src.v.meta
		delete(a.headers, redirectHeader) // this one is not copied
		if redirect != "" {
			a.headers[redirectHeader] = redirect
		}
	}
	if !replaceTags {
		a.tags = src.v.tags
	}
	return a, nil
}

func (c *call) copyObject() error {
	if err := c.mayWrite(); err != nil {
		return err
	}
	src, err := c.copySource()
	if err != nil {
		return err
	}
	defer src.close()
	if src.v.size > maxCopyBytes {
		return fail("InvalidRequest", "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120")
	}
	a, err := c.copyAttributes(src)
	if err != nil {
		return err
	}
	algo := src.v.sum.algo
	if name := c.r.Header.Get("X-Amz-Checksum-Algorithm"); name != "" {
		if algo = algorithm(name); algo == nil {
			return fail("InvalidRequest", "Checksum algorithm provided is unsupported.")
		}
	}
	if algo == nil {
		algo = crc64NVME
	}
	etag, sum, err := hashContent(src.v.body, algo)
	if err != nil {
		return err
	}
	a.sum = checksum{algo, encode64(sum), fullObject}
	v := &version{etag: a.etagFor(etag), size: src.v.size, body: src.v.body.retain(), attributes: a}
	if err := c.commit(v); err != nil {
		_ = v.body.release() // a file that cannot be removed goes with the folder
		return err
	}
	if src.versioned {
		c.w.Header().Set("X-Amz-Copy-Source-Version-Id", src.v.id)
	}
	x := newXML("CopyObjectResult", s3Namespace)
	x.time("LastModified", v.modified)
	x.text("ETag", quote(v.etag))
	x.text("Checksum"+algo.name, a.sum.value)
	x.text("ChecksumType", a.sum.kind)
	c.writeXML(http.StatusOK, x)
	return nil
}

// hashContent reads a body for its MD5 and one checksum.
func hashContent(body content, algo *checksumAlgo) (etag string, sum []byte, err error) {
	m := md5.New()
	var h hash.Hash = algo.new()
	if err := body.copyRange(io.MultiWriter(m, h), 0, body.size()); err != nil {
		return "", nil, err
	}
	return hex.EncodeToString(m.Sum(nil)), h.Sum(nil), nil
}
