package demo

import (
	"net/http"
	"slices"
	"strings"
)

// deleted is what a delete did.
type deleted struct {
	versionID string // the version that was removed or made; "" in an unversioned bucket
	marker    bool   // that version is a delete marker
}

// deleteKey follows "Deleting object versions". The store must be locked for writing.
func (c *call) deleteKey(b *bucket, key, id string) (deleted, error) {
	if id != "" {
		if !validVersionID(id) {
			return deleted{}, fail("InvalidArgument", "Invalid version id specified", field{"ArgumentName", "versionId"}, field{"ArgumentValue", id})
		}
		if b.protected(key, id, c.s.now(), c.bypass()) {
			return deleted{}, fail("AccessDenied", protectedMessage)
		}
		v := b.remove(key, id)
		return deleted{versionID: id, marker: v != nil && v.marker}, nil
	}
	if b.versioning == "" {
		b.remove(key, "null")
		return deleted{}, nil
	}
	m := &version{marker: true, modified: c.s.now()}
	return deleted{versionID: b.put(key, m), marker: true}, nil
}

func (c *call) deleteObject() error {
	st := c.s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	id := c.query.Get("versionId")
	if err := deleteCondition(b, c.key, id, c.r.Header.Get("If-Match")); err != nil {
		return err
	}
	d, err := c.deleteKey(b, c.key, id)
	if err != nil {
		return err
	}
	h := c.w.Header()
	if d.versionID != "" && (b.versioning != "" || id != "") {
		h.Set("X-Amz-Version-Id", d.versionID)
	}
	if d.marker {
		h.Set("X-Amz-Delete-Marker", "true")
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// deleteCondition checks an If-Match for a delete.
func deleteCondition(b *bucket, key, id, match string) error {
	if match == "" {
		return nil
	}
	v := b.live(key)
	if e := b.entry(key); id != "" && e != nil {
		v = nil
		if i := e.index(id); i >= 0 {
			v = e.versions[i]
		}
	}
	switch {
	case v == nil:
		return fail("NoSuchKey", "", field{"Key", key})
	case !etagMatches(match, v.etag):
		return fail("PreconditionFailed", "", field{"Condition", "If-Match"})
	}
	return nil
}

const maxBulkDelete = 1000

type deleteRequest struct {
	Quiet   bool
	Objects []deleteEntry `xml:"Object"`
}

type deleteEntry struct {
	Key     string
	Version string `xml:"VersionId"`
	ETag    string
}

func (c *call) deleteObjects() error {
	want, err := c.payload.wantedChecksum(c.r.Header)
	if err != nil {
		return err
	}
	if c.r.Header.Get("Content-Md5") == "" && want.algo == nil {
		return fail("InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	var req deleteRequest
	if err := c.readXML("Delete", &req); err != nil {
		return err
	}
	if len(req.Objects) == 0 || len(req.Objects) > maxBulkDelete || slices.ContainsFunc(req.Objects, func(o deleteEntry) bool { return o.Key == "" }) {
		return fail("MalformedXML", "")
	}
	st := c.s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	x := newXML("DeleteResult", s3Namespace)
	for _, o := range req.Objects {
		c.deleteOne(x, b, o.Key, o.Version, strings.TrimSpace(o.ETag), req.Quiet)
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) deleteOne(x *xmlWriter, b *bucket, key, id, match string, quiet bool) {
	err := deleteCondition(b, key, id, match)
	var d deleted
	switch {
	case len(key) > maxKeyBytes:
		err = fail("KeyTooLongError", "")
	case err == nil:
		d, err = c.deleteKey(b, key, id)
	}
	if err != nil {
		e := asS3Error(err)
		x.start("Error")
		x.text("Key", key)
		x.optional("VersionId", id)
		x.text("Code", e.code)
		x.text("Message", e.msg)
		x.end()
		return
	}
	if quiet {
		return
	}
	x.start("Deleted")
	x.text("Key", key)
	x.optional("VersionId", id)
	if d.marker {
		x.flag("DeleteMarker", true)
		x.text("DeleteMarkerVersionId", d.versionID)
	}
	x.end()
}
