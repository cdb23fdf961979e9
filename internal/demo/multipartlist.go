package demo

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

func (c *call) listParts() error {
	limit, err := c.intParam("max-parts", 1000, 1000)
	if err != nil {
		return err
	}
	after, err := c.intParam("part-number-marker", 0, maxParts)
	if err != nil {
		return err
	}
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("")
	if err != nil {
		return err
	}
	u, err := c.findUpload(b)
	if err != nil {
		return err
	}
	parts := u.sorted()
	parts = parts[len(parts)-countAfter(parts, after):]
	more := len(parts) > limit
	parts = parts[:min(limit, len(parts))]
	x := newXML("ListPartsResult", s3Namespace)
	x.text("Bucket", b.name)
	x.text("Key", u.key)
	x.text("UploadId", u.id)
	c.writeOwner(x, "Initiator")
	c.writeOwner(x, "Owner")
	x.text("StorageClass", u.attrs.class)
	x.number("PartNumberMarker", int64(after))
	if len(parts) > 0 {
		x.number("NextPartNumberMarker", int64(parts[len(parts)-1].number))
	}
	x.number("MaxParts", int64(limit))
	x.flag("IsTruncated", more)
	if u.declared {
		x.text("ChecksumAlgorithm", u.algo.name)
		x.text("ChecksumType", u.kind)
	}
	for _, p := range parts {
		x.start("Part")
		x.number("PartNumber", int64(p.number))
		x.time("LastModified", p.modified)
		x.text("ETag", quote(p.etag))
		x.number("Size", p.body.size())
		if u.declared {
			x.text("Checksum"+u.algo.name, encode64(p.sum))
		}
		x.end()
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func countAfter(parts []*part, number int) int {
	n := 0
	for _, p := range parts {
		if p.number > number {
			n++
		}
	}
	return n
}

func (c *call) listUploads() error {
	l, err := c.newListing("ListMultipartUploadsResult")
	if err != nil {
		return err
	}
	limit, err := c.intParam("max-uploads", 1000, 1000)
	if err != nil {
		return err
	}
	keyMarker, idMarker := c.query.Get("key-marker"), c.query.Get("upload-id-marker")
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("READ")
	if err != nil {
		return err
	}
	p := l.uploadPage(b, keyMarker, idMarker, limit)
	x := l.x
	x.text("Bucket", b.name)
	x.text("KeyMarker", l.key(keyMarker))
	x.text("UploadIdMarker", idMarker)
	if p.more {
		x.text("NextKeyMarker", l.key(p.nextKey))
		x.text("NextUploadIdMarker", p.nextID)
	}
	x.optional("Prefix", l.key(l.prefix))
	x.optional("Delimiter", l.key(l.delimiter))
	x.number("MaxUploads", int64(limit))
	if l.encode {
		x.text("EncodingType", "url")
	}
	x.flag("IsTruncated", p.more)
	for _, u := range p.uploads {
		x.start("Upload")
		x.text("Key", l.key(u.key))
		x.text("UploadId", u.id)
		c.writeOwner(x, "Initiator")
		c.writeOwner(x, "Owner")
		x.text("StorageClass", u.attrs.class)
		x.time("Initiated", u.initiated)
		if u.declared {
			x.text("ChecksumAlgorithm", u.algo.name)
			x.text("ChecksumType", u.kind)
		}
		x.end()
	}
	l.commonPrefixes(p.prefixes)
	c.writeXML(http.StatusOK, x)
	return nil
}

type uploadPage struct {
	uploads         []*upload
	prefixes        []string
	nextKey, nextID string
	more            bool
}

// uploadPage lists by key, and for one key by start. Without an upload-id-marker, the key of the marker is skipped whole.
func (l *listing) uploadPage(b *bucket, keyMarker, idMarker string, limit int) uploadPage {
	all := make([]*upload, 0, len(b.uploads))
	for _, u := range b.uploads {
		if strings.HasPrefix(u.key, l.prefix) {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b *upload) int {
		return cmp.Or(strings.Compare(a.key, b.key), a.initiated.Compare(b.initiated), strings.Compare(a.id, b.id))
	})
	start := 0
	for i, u := range all {
		if u.key < keyMarker || (u.key == keyMarker && idMarker == "" && keyMarker != "") || (u.key == keyMarker && u.id == idMarker) {
			start = i + 1
		}
	}
	var p uploadPage
	w := cursor{prefix: l.prefix, delimiter: l.delimiter}
	for _, u := range all[start:] {
		cp := w.rollUp(u.key)
		if cp != "" && (cp == keyMarker || slices.Contains(p.prefixes, cp)) {
			continue
		}
		if len(p.uploads)+len(p.prefixes) >= limit {
			p.more = true
			return p
		}
		if cp != "" {
			p.prefixes, p.nextKey, p.nextID = append(p.prefixes, cp), cp, ""
		} else {
			p.uploads, p.nextKey, p.nextID = append(p.uploads, u), u.key, u.id
		}
	}
	return p
}
