package demo

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// withVersion runs f on the version that the request names, which only the owner may change, and its bucket.
func (c *call) withVersion(f func(*bucket, *version) error) error {
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	v, err := c.object(b, "")
	if err != nil {
		return err
	}
	return f(b, v)
}

// object finds the version that the request names, for a caller who needs permission on it. The store must be locked.
func (c *call) object(b *bucket, permission string) (*version, error) {
	id := c.query.Get("versionId")
	if c.query.Has("versionId") && id == "" {
		return nil, fail("InvalidArgument", "Version id cannot be the empty string", field{"ArgumentName", "versionId"})
	}
	e := b.entry(c.key)
	var v *version
	switch {
	case id != "":
		if e != nil {
			if i := e.index(id); i >= 0 {
				v = e.versions[i]
			}
		}
	case e != nil:
		v = e.versions[0]
	}
	if err := c.mayTouch(b, v, permission); err != nil {
		return nil, err
	}
	switch {
	case v == nil && id != "" && !validVersionID(id):
		return nil, fail("InvalidArgument", "Invalid version id specified", field{"ArgumentName", "versionId"}, field{"ArgumentValue", id})
	case v == nil && id != "":
		return nil, fail("NoSuchVersion", "", field{"Key", c.key}, field{"VersionId", id})
	case v == nil:
		return nil, fail("NoSuchKey", "", field{"Key", c.key})
	case v.marker && id != "":
		return nil, fail("MethodNotAllowed", "", field{"Method", c.r.Method}, field{"ResourceType", "DeleteMarker"}).
			with("X-Amz-Delete-Marker", "true").with("X-Amz-Version-Id", v.id).with("Allow", "DELETE").
			with("Last-Modified", httpTime(v.modified))
	case v.marker:
		return nil, fail("NoSuchKey", "", field{"Key", c.key}).with("X-Amz-Delete-Marker", "true").with("X-Amz-Version-Id", v.id)
	}
	return v, nil
}

// mayTouch lets an anonymous caller only do what the object's list allows. Who may not list must not learn what exists.
func (c *call) mayTouch(b *bucket, v *version, permission string) error {
	if !c.anonymous {
		return nil
	}
	if v == nil || v.marker {
		if b.lets(b.acl, "READ") {
			return nil
		}
		return fail("AccessDenied", "")
	}
	if permission == "" || !b.lets(v.acl, permission) {
		return fail("AccessDenied", "")
	}
	return nil
}

// validVersionID tells an unknown id from one that this server never made.
func validVersionID(id string) bool {
	return id == "null" || len(id) == 32 && strings.Trim(id, "0123456789abcdef") == ""
}

func httpTime(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

// span is a part of a body.
type span struct{ start, size int64 }

// getObject serves GetObject and HeadObject.
func (c *call) getObject() error {
	st := c.s.store
	now := c.s.now()
	st.mu.RLock()
	v, versioned, err := c.lockedObject()
	if err != nil {
		st.mu.RUnlock()
		return err
	}
	body := v.body.retain()
	snapshot, attrs := *v, *v.attributes
	snapshot.attributes = &attrs
	st.mu.RUnlock()
	defer func() { _ = body.release() }() // a file that cannot be removed goes with the folder
	v = &snapshot

	h := c.w.Header()
	h.Set("Etag", quote(v.etag))
	h.Set("Last-Modified", httpTime(v.modified))
	if versioned {
		h.Set("X-Amz-Version-Id", v.id)
	}
	if err := c.mayDecrypt(v, customerPrefix); err != nil {
		return err
	}
	if err := preconditions(c.r.Header, "", v, http.StatusNotModified); err != nil {
		return err
	}
	if c.op == "GetObject" && v.archived(now) {
		return fail("InvalidObjectState", "", field{"StorageClass", v.class})
	}
	if err := c.overrides(); err != nil {
		return err
	}
	sp, partial, err := c.span(v)
	if err != nil {
		return err
	}
	c.objectHeaders(v, now, partial)
	h.Set("Content-Length", strconv.FormatInt(sp.size, 10))
	status := http.StatusOK
	if partial {
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", sp.start, sp.start+sp.size-1, v.size))
	}
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		// the answer is under way: a failed write can only be seen by the client as a short body
		_ = body.copyRange(c.w, sp.start, sp.size)
	}
	return nil
}

func (c *call) lockedObject() (v *version, versioned bool, err error) {
	b := c.s.store.buckets[c.bucket]
	if b == nil {
		return nil, false, fail("NoSuchBucket", "", field{"BucketName", c.bucket})
	}
	v, err = c.object(b, "READ")
	return v, b.versioning != "", err
}

// objectHeaders writes everything stored with the object. Overrides are applied by then.
func (c *call) objectHeaders(v *version, now time.Time, partial bool) {
	h := c.w.Header()
	h.Set("Accept-Ranges", "bytes")
	for name, value := range v.headers {
		if h.Get(name) == "" {
			h.Set(name, value)
		}
	}
	for name, value := range v.meta {
		h["x-amz-meta-"+name] = []string{encodeMeta(value)} // as S3 writes it: a client that does not fold names sees small letters
	}
	v.tell(h)
	if v.class != "STANDARD" {
		h.Set("X-Amz-Storage-Class", v.class)
	}
	if !c.anonymous {
		v.lock.tell(h)
	}
	if n := len(v.tags); n > 0 {
		h.Set("X-Amz-Tagging-Count", strconv.Itoa(n))
	}
	if r := v.restore.header(now); r != "" {
		h.Set("X-Amz-Restore", r)
	}
	if len(v.parts) > 0 && c.query.Has("partNumber") {
		h.Set("X-Amz-Mp-Parts-Count", strconv.Itoa(len(v.parts)))
	}
	if strings.EqualFold(c.r.Header.Get("X-Amz-Checksum-Mode"), "ENABLED") && !partial && v.sum.algo != nil {
		v.sum.setHeaders(h)
	}
}

func (s checksum) setHeaders(h http.Header) {
	if s.algo != nil {
		h.Set("X-Amz-Checksum-"+s.algo.lower, s.value)
		h.Set("X-Amz-Checksum-Type", s.kind)
	}
}

// encodeMeta makes a value safe for a header, as "User-defined object metadata" says.
func encodeMeta(v string) string {
	for i := range len(v) {
		if v[i] >= 0x80 || v[i] < 0x20 {
			return mime.BEncoding.Encode("UTF-8", v)
		}
	}
	return v
}

// overrides applies the response-* parameters, which only a signed request may use.
func (c *call) overrides() error {
	for name, values := range c.query {
		header, ok := strings.CutPrefix(name, "response-")
		if !ok || !plainParameters[name] {
			continue
		}
		if c.anonymous {
			return fail("InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
		}
		c.w.Header().Set(header, strings.NewReplacer("\r", " ", "\n", " ").Replace(values[0]))
	}
	return nil
}

// span finds which bytes are asked for, by partNumber or by Range.
func (c *call) span(v *version) (sp span, partial bool, err error) {
	spec := c.r.Header.Get("Range")
	if c.r.Context().Value(ignoreRange{}) != nil {
		spec = ""
	}
	if p := c.query.Get("partNumber"); c.query.Has("partNumber") {
		if spec != "" {
			return sp, false, fail("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
		}
		return partSpan(v, p)
	}
	return rangeSpan(spec, v.size)
}

type ignoreRange struct{}

// IgnoreRange returns r marked so that its Range header has no effect, though its signature still counts.
// It is for scripted faults: some servers do answer like this.
func IgnoreRange(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), ignoreRange{}, true))
}

func partSpan(v *version, p string) (sp span, partial bool, err error) {
	n, err := strconv.Atoi(p)
	if err != nil || n < 1 || n > maxParts {
		return sp, false, fail("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive",
			field{"ArgumentName", "partNumber"}, field{"ArgumentValue", p})
	}
	if len(v.parts) == 0 {
		if n != 1 {
			return sp, false, fail("InvalidPartNumber", "")
		}
		return span{0, v.size}, v.size > 0, nil
	}
	i := slices.IndexFunc(v.parts, func(p partInfo) bool { return p.number == n })
	if i < 0 {
		return sp, false, fail("InvalidPartNumber", "")
	}
	for _, before := range v.parts[:i] {
		sp.start += before.size
	}
	sp.size = v.parts[i].size
	return sp, true, nil
}

// rangeSpan reads a Range header. One that is not a single byte range is ignored, as HTTP asks.
func rangeSpan(spec string, size int64) (sp span, partial bool, err error) {
	whole := span{0, size}
	r, ok := strings.CutPrefix(spec, "bytes=")
	first, last, dash := strings.Cut(r, "-")
	if !ok || !dash || strings.Contains(r, ",") {
		return whole, false, nil
	}
	bad := fail("InvalidRange", "", field{"RangeRequested", spec}, field{"ActualObjectSize", strconv.FormatInt(size, 10)})
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		switch {
		case err != nil || n < 0:
			return whole, false, nil
		case n == 0 || size == 0:
			return sp, false, bad
		}
		n = min(n, size)
		return span{size - n, n}, true, nil
	}
	start, err := strconv.ParseInt(first, 10, 64)
	if err != nil || start < 0 {
		return whole, false, nil
	}
	end := size - 1
	if last != "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < start {
			return whole, false, nil
		}
		end = min(n, end)
	}
	if start >= size {
		return sp, false, bad
	}
	return span{start, end - start + 1}, true, nil
}

// preconditions checks the four If- headers, or with a prefix those for the source of a copy.
// unchanged is what If-None-Match answers: 304 for reading, 412 for a copy.
func preconditions(h http.Header, prefix string, v *version, unchanged int) error {
	get := func(name string) string { return h.Get(prefix + name) }
	differs := func(cond string) error { return fail("PreconditionFailed", "", field{"Condition", cond}) }
	same := func(cond string) error {
		if unchanged == http.StatusNotModified {
			return fail("NotModified", "")
		}
		return differs(cond)
	}
	modified := v.modified.Truncate(time.Second)
	if m := get("If-Match"); m != "" {
		if !etagMatches(m, v.etag) {
			return differs("If-Match")
		}
	} else if t, err := http.ParseTime(get("If-Unmodified-Since")); err == nil && modified.After(t) {
		return differs("If-Unmodified-Since")
	}
	if m := get("If-None-Match"); m != "" {
		if etagMatches(m, v.etag) {
			return same("If-None-Match")
		}
	} else if t, err := http.ParseTime(get("If-Modified-Since")); err == nil && !modified.After(t) {
		return same("If-Modified-Since")
	}
	return nil
}

// etagMatches compares with a list of tags, quoted or not, or *.
func etagMatches(list, etag string) bool {
	for m := range strings.SplitSeq(list, ",") {
		m = strings.TrimSpace(m)
		if m == "*" || strings.Trim(strings.TrimPrefix(m, "W/"), `"`) == etag {
			return true
		}
	}
	return false
}
