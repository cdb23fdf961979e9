package demo

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

var attributeNames = []string{"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}

// getAttributes serves GetObjectAttributes.
func (c *call) getAttributes() error {
	var asked []string
	for _, line := range c.r.Header.Values("X-Amz-Object-Attributes") {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			if !slices.Contains(attributeNames, name) {
				return fail("InvalidArgument", "Invalid attribute name specified.", field{"ArgumentName", "x-amz-object-attributes"}, field{"ArgumentValue", name})
			}
			asked = append(asked, name)
		}
	}
	if len(asked) == 0 {
		return fail("InvalidRequest", "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	}
	limit, after, err := c.partPaging()
	if err != nil {
		return err
	}
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	v, versioned, err := c.lockedObject()
	if err != nil {
		return err
	}
	if versioned {
		c.w.Header().Set("X-Amz-Version-Id", v.id)
	}
	c.w.Header().Set("Last-Modified", httpTime(v.modified))
	x := newXML("GetObjectAttributesResponse", s3Namespace)
	if slices.Contains(asked, "ETag") {
		x.text("ETag", v.etag)
	}
	if slices.Contains(asked, "Checksum") && v.sum.algo != nil {
		x.start("Checksum")
		x.text("Checksum"+v.sum.algo.name, v.sum.value)
		x.text("ChecksumType", v.sum.kind)
		x.end()
	}
	if slices.Contains(asked, "ObjectParts") && len(v.parts) > 0 {
		v.writeParts(x, limit, after)
	}
	if slices.Contains(asked, "StorageClass") {
		x.text("StorageClass", v.class)
	}
	if slices.Contains(asked, "ObjectSize") {
		x.number("ObjectSize", v.size)
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) partPaging() (limit, after int, err error) {
	limit = 1000
	for _, p := range []struct {
		header string
		to     *int
	}{{"X-Amz-Max-Parts", &limit}, {"X-Amz-Part-Number-Marker", &after}} {
		if v := c.r.Header.Get(p.header); v != "" {
			if *p.to, err = strconv.Atoi(v); err != nil || *p.to < 0 {
				return 0, 0, fail("InvalidArgument", "", field{"ArgumentName", strings.ToLower(p.header)}, field{"ArgumentValue", v})
			}
		}
	}
	return min(limit, 1000), after, nil
}

func (v *version) writeParts(x *xmlWriter, limit, after int) {
	parts := v.parts
	for len(parts) > 0 && parts[0].number <= after {
		parts = parts[1:]
	}
	more := len(parts) > limit
	parts = parts[:min(limit, len(parts))]
	x.start("ObjectParts")
	x.number("PartsCount", int64(len(v.parts)))
	x.number("PartNumberMarker", int64(after))
	if len(parts) > 0 {
		x.number("NextPartNumberMarker", int64(parts[len(parts)-1].number))
	}
	x.number("MaxParts", int64(limit))
	x.flag("IsTruncated", more)
	for _, p := range parts {
		x.start("Part")
		x.number("PartNumber", int64(p.number))
		x.number("Size", p.size)
		x.text("Checksum"+v.sum.algo.name, encode64(p.sum))
		x.end()
	}
	x.end()
}
