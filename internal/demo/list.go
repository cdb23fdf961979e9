package demo

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const maxListKeys = 1000

// cursor walks a bucket's keys in byte order and rolls them up at the delimiter.
type cursor struct {
	b         *bucket
	prefix    string
	delimiter string
	next      int
}

// newCursor starts behind the key or common prefix `after`.
func newCursor(b *bucket, prefix, delimiter, after string) *cursor {
	w := &cursor{b: b, prefix: prefix, delimiter: delimiter}
	start := max(prefix, after)
	i, found := b.find(start)
	if found && after == start && after != "" {
		i++
	}
	w.next = i
	if after != "" && w.rollUp(after) == after {
		w.skipPast(after)
	}
	return w
}

// rollUp returns the common prefix that key belongs to, or "".
func (w *cursor) rollUp(key string) string {
	rest, ok := strings.CutPrefix(key, w.prefix)
	if !ok || w.delimiter == "" {
		return ""
	}
	if i := strings.Index(rest, w.delimiter); i >= 0 {
		return w.prefix + rest[:i+len(w.delimiter)]
	}
	return ""
}

// skipPast moves behind all keys that begin with p, without visiting them.
func (w *cursor) skipPast(p string) {
	rest := w.b.entries[w.next:]
	n, _ := slices.BinarySearchFunc(rest, p, func(e *entry, p string) int {
		if e.key < p || strings.HasPrefix(e.key, p) {
			return -1
		}
		return 1
	})
	w.next += n
}

// step returns the next entry or common prefix that has something the filter wants; both empty is the end.
func (w *cursor) step(want func(*entry) bool) (*entry, string) {
	for w.next < len(w.b.entries) {
		e := w.b.entries[w.next]
		if !strings.HasPrefix(e.key, w.prefix) {
			return nil, ""
		}
		if !want(e) {
			w.next++
			continue
		}
		if cp := w.rollUp(e.key); cp != "" {
			w.skipPast(cp)
			return nil, cp
		}
		w.next++
		return e, ""
	}
	return nil, ""
}

func isLive(e *entry) bool { return !e.versions[0].marker }

// listing is what V1, V2 and versions have in common.
type listing struct {
	c         *call
	x         *xmlWriter
	encode    bool
	prefix    string
	delimiter string
	maxKeys   int
}

func (c *call) newListing(root string) (*listing, error) {
	l := &listing{c: c, prefix: c.query.Get("prefix"), delimiter: c.query.Get("delimiter")}
	switch enc := c.query.Get("encoding-type"); enc {
	case "":
	case "url":
		l.encode = true
	default:
		return nil, fail("InvalidArgument", "Invalid Encoding Method specified in Request",
			field{"ArgumentName", "encoding-type"}, field{"ArgumentValue", enc})
	}
	var err error
	if l.maxKeys, err = c.intParam("max-keys", maxListKeys, maxListKeys); err != nil {
		return nil, err
	}
	l.x = newXML(root, s3Namespace)
	return l, nil
}

// key encodes a key as asked: S3 writes form encoding that leaves slashes alone.
func (l *listing) key(k string) string {
	if !l.encode {
		return k
	}
	k = url.QueryEscape(k)
	return strings.NewReplacer("%2F", "/", "%2A", "*").Replace(k)
}

func (l *listing) head() {
	l.x.text("Name", l.c.bucket)
	l.x.text("Prefix", l.key(l.prefix))
	l.x.optional("Delimiter", l.key(l.delimiter))
	l.x.number("MaxKeys", int64(l.maxKeys))
	if l.encode {
		l.x.text("EncodingType", "url")
	}
}

func (l *listing) commonPrefixes(prefixes []string) {
	for _, p := range prefixes {
		l.x.start("CommonPrefixes")
		l.x.text("Prefix", l.key(p))
		l.x.end()
	}
}

// page is one page of current objects.
type page struct {
	entries  []*entry
	prefixes []string
	last     string // key or common prefix at the end of the page
	more     bool
}

func (l *listing) page(b *bucket, after string) page {
	var p page
	if l.maxKeys == 0 {
		return p
	}
	w := newCursor(b, l.prefix, l.delimiter, after)
	for {
		e, cp := w.step(isLive)
		switch {
		case e == nil && cp == "":
			return p
		case len(p.entries)+len(p.prefixes) == l.maxKeys:
			p.more = true
			return p
		case e != nil:
			p.entries, p.last = append(p.entries, e), e.key
		default:
			p.prefixes, p.last = append(p.prefixes, cp), cp
		}
	}
}

// wantsRestore tells whether the state of restores was asked for.
func (l *listing) wantsRestore() bool {
	return strings.Contains(l.c.r.Header.Get("X-Amz-Optional-Object-Attributes"), "RestoreStatus")
}

func (l *listing) contents(p page, owner bool) {
	status, now := l.wantsRestore(), l.c.s.now()
	for _, e := range p.entries {
		v := e.versions[0]
		l.x.start("Contents")
		l.x.text("Key", l.key(e.key))
		l.object(v)
		if owner {
			l.c.writeOwner(l.x, "Owner")
		}
		if status {
			v.restore.writeStatus(l.x, now)
		}
		l.x.end()
	}
	l.commonPrefixes(p.prefixes)
}

func (l *listing) object(v *version) {
	l.x.time("LastModified", v.modified)
	l.x.text("ETag", quote(v.etag))
	if v.sum.algo != nil {
		l.x.text("ChecksumAlgorithm", v.sum.algo.name)
		l.x.text("ChecksumType", v.sum.kind)
	}
	l.x.number("Size", v.size)
	l.x.text("StorageClass", v.class)
}

func quote(etag string) string { return `"` + etag + `"` }

func (c *call) listV1() error {
	l, err := c.newListing("ListBucketResult")
	if err != nil {
		return err
	}
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("READ")
	if err != nil {
		return err
	}
	marker := c.query.Get("marker")
	p := l.page(b, marker)
	l.head()
	l.x.text("Marker", l.key(marker))
	l.x.flag("IsTruncated", p.more)
	if p.more && l.delimiter != "" {
		l.x.text("NextMarker", l.key(p.last))
	}
	l.contents(p, true)
	c.writeXML(http.StatusOK, l.x)
	return nil
}

func (c *call) listV2() error {
	l, err := c.newListing("ListBucketResult")
	if err != nil {
		return err
	}
	after, token := c.query.Get("start-after"), c.query.Get("continuation-token")
	if c.query.Has("continuation-token") {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil || len(raw) == 0 {
			return fail("InvalidArgument", "The continuation token provided is incorrect",
				field{"ArgumentName", "continuation-token"}, field{"ArgumentValue", token})
		}
		after = string(raw)
	}
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("READ")
	if err != nil {
		return err
	}
	p := l.page(b, after)
	l.head()
	l.x.optional("StartAfter", l.key(c.query.Get("start-after")))
	l.x.optional("ContinuationToken", token)
	l.x.number("KeyCount", int64(len(p.entries)+len(p.prefixes)))
	l.x.flag("IsTruncated", p.more)
	if p.more {
		l.x.text("NextContinuationToken", base64.RawURLEncoding.EncodeToString([]byte(p.last)))
	}
	l.contents(p, c.query.Get("fetch-owner") == "true")
	c.writeXML(http.StatusOK, l.x)
	return nil
}

// versionItem is a row of a page of versions.
type versionItem struct {
	key    string
	v      *version // nil is a common prefix
	newest bool
}

func (c *call) listVersions() error {
	l, err := c.newListing("ListVersionsResult")
	if err != nil {
		return err
	}
	keyMarker, idMarker := c.query.Get("key-marker"), c.query.Get("version-id-marker")
	if idMarker != "" && keyMarker == "" {
		return fail("InvalidArgument", "A version-id marker cannot be specified without a key marker.",
			field{"ArgumentName", "version-id-marker"}, field{"ArgumentValue", idMarker})
	}
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("READ")
	if err != nil {
		return err
	}
	items, more := l.versionPage(b, keyMarker, idMarker)
	l.head()
	l.x.text("KeyMarker", l.key(keyMarker))
	l.x.text("VersionIdMarker", idMarker)
	l.x.flag("IsTruncated", more)
	if more && len(items) > 0 {
		last := items[len(items)-1]
		l.x.text("NextKeyMarker", l.key(last.key))
		if last.v != nil {
			l.x.text("NextVersionIdMarker", last.v.id)
		}
	}
	l.versions(items)
	c.writeXML(http.StatusOK, l.x)
	return nil
}

func (l *listing) versionPage(b *bucket, keyMarker, idMarker string) (items []versionItem, more bool) {
	if l.maxKeys == 0 {
		return nil, false
	}
	if e := b.entry(keyMarker); e != nil && idMarker != "" {
		at := e.index(idMarker)
		for i, v := range e.versions {
			if i > at && at >= 0 {
				items = append(items, versionItem{keyMarker, v, i == 0})
			}
		}
	}
	w := newCursor(b, l.prefix, l.delimiter, keyMarker)
	for len(items) <= l.maxKeys {
		e, cp := w.step(func(*entry) bool { return true })
		if e == nil && cp == "" {
			break
		}
		if e == nil {
			items = append(items, versionItem{key: cp})
			continue
		}
		for i, v := range e.versions {
			items = append(items, versionItem{e.key, v, i == 0})
		}
	}
	if len(items) > l.maxKeys {
		return items[:l.maxKeys], true
	}
	return items, false
}

func (l *listing) versions(items []versionItem) {
	var prefixes []string
	status, now := l.wantsRestore(), l.c.s.now()
	for _, it := range items {
		if it.v == nil {
			prefixes = append(prefixes, it.key)
			continue
		}
		name := "Version"
		if it.v.marker {
			name = "DeleteMarker"
		}
		l.x.start(name)
		l.x.text("Key", l.key(it.key))
		l.x.text("VersionId", it.v.id)
		l.x.flag("IsLatest", it.newest)
		if it.v.marker {
			l.x.time("LastModified", it.v.modified)
		} else {
			l.object(it.v)
		}
		l.c.writeOwner(l.x, "Owner")
		if status && !it.v.marker {
			it.v.restore.writeStatus(l.x, now)
		}
		l.x.end()
	}
	l.commonPrefixes(prefixes)
}
