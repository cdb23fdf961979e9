package demo

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxParts     = 10000
	minPartBytes = 5 << 20
	maxPartBytes = 5 << 30
)

// upload is an open multipart upload.
type upload struct {
	id        string
	key       string
	initiated time.Time
	attrs     *attributes
	algo      *checksumAlgo // never nil
	kind      string        // FULL_OBJECT or COMPOSITE
	declared  bool          // the client named the algorithm, so parts carry it
	parts     map[int]*part
}

type part struct {
	number   int
	etag     string
	modified time.Time
	body     content
	sum      []byte
}

func (u *upload) release() error {
	var errs []error
	for _, p := range u.parts {
		errs = append(errs, p.body.release())
	}
	return errors.Join(errs...)
}

func (u *upload) sorted() []*part {
	out := make([]*part, 0, len(u.parts))
	for _, p := range u.parts {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *part) int { return a.number - b.number })
	return out
}

// findUpload needs the store locked.
func (c *call) findUpload(b *bucket) (*upload, error) {
	id := c.query.Get("uploadId")
	u := b.uploads[id]
	if u == nil || u.key != c.key {
		return nil, fail("NoSuchUpload", "", field{"UploadId", id})
	}
	return u, nil
}

func (c *call) createUpload() error {
	a, err := c.requestAttributes()
	if err != nil {
		return err
	}
	u := &upload{id: randomID(24), key: c.key, initiated: c.s.now(), attrs: a, parts: map[int]*part{}}
	if err := u.setChecksum(c.r.Header); err != nil {
		return err
	}
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	if err := c.checkOwnership(b); err != nil {
		return err
	}
	if err := b.mayLock(a.lock); err != nil {
		return err
	}
	b.uploads[u.id] = u
	if u.declared {
		c.w.Header().Set("X-Amz-Checksum-Algorithm", u.algo.name)
		c.w.Header().Set("X-Amz-Checksum-Type", u.kind)
	}
	x := newXML("InitiateMultipartUploadResult", s3Namespace)
	x.text("Bucket", b.name)
	x.text("Key", c.key)
	x.text("UploadId", u.id)
	c.writeXML(http.StatusOK, x)
	return nil
}

// setChecksum follows the table of "Checking object integrity": which algorithm goes with which type.
func (u *upload) setChecksum(h http.Header) error {
	name, kind := h.Get("X-Amz-Checksum-Algorithm"), strings.ToUpper(h.Get("X-Amz-Checksum-Type"))
	if name == "" {
		if kind != "" {
			return fail("InvalidRequest", "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
		u.algo, u.kind = crc64NVME, fullObject
		return nil
	}
	u.declared = true
	if u.algo = algorithm(name); u.algo == nil {
		return fail("InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
	}
	if u.kind = kind; kind == "" {
		u.kind = composite
		if u.algo == crc64NVME {
			u.kind = fullObject
		}
	}
	if (u.kind != fullObject && u.kind != composite) || (u.kind == composite && u.algo == crc64NVME) || (u.kind == fullObject && u.algo.poly == 0) {
		return fail("InvalidRequest", "The "+u.kind+" checksum type cannot be used with the "+u.algo.lower+" checksum algorithm.")
	}
	return nil
}

// openPart finds the upload for a new part and reads the part's number.
func (c *call) openPart() (*upload, int, error) {
	n, err := strconv.Atoi(c.query.Get("partNumber"))
	if err != nil || n < 1 || n > maxParts {
		return nil, 0, fail("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive",
			field{"ArgumentName", "partNumber"}, field{"ArgumentValue", c.query.Get("partNumber")})
	}
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return nil, 0, err
	}
	u, err := c.findUpload(b)
	if err == nil {
		err = c.sameKey(u)
	}
	return u, n, err
}

func (c *call) uploadPart() error {
	u, n, err := c.openPart()
	if err != nil {
		return err
	}
	want, err := c.payload.wantedChecksum(c.r.Header)
	if err != nil {
		return err
	}
	expected, actual := "null", "null"
	if u.declared {
		expected = u.algo.lower
	}
	if want.algo != nil {
		actual = want.algo.lower
	}
	if expected != actual {
		return fail("InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: "+expected+", actual checksum Type: "+actual)
	}
	in, _, err := c.receiveBody(u.algo)
	if err != nil {
		return err
	}
	p := &part{number: n, etag: in.etag(), modified: c.s.now(), body: in.content, sum: in.sums[u.algo]}
	if err := c.storePart(p); err != nil {
		_ = in.content.release() // a file that cannot be removed goes with the folder
		return err
	}
	h := c.w.Header()
	h.Set("Etag", quote(p.etag))
	if u.declared {
		h.Set("X-Amz-Checksum-"+u.algo.lower, encode64(p.sum))
	}
	h.Set("Content-Length", "0")
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// storePart puts a part in place of an older one of its number. The upload may have gone while the body came in.
func (c *call) storePart(p *part) error {
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	u, err := c.findUpload(b)
	if err != nil {
		return err
	}
	if old := u.parts[p.number]; old != nil {
		_ = old.body.release() // a file that cannot be removed goes with the folder
	}
	u.parts[p.number] = p
	return nil
}

func (c *call) uploadPartCopy() error {
	u, n, err := c.openPart()
	if err != nil {
		return err
	}
	src, err := c.copySource()
	if err != nil {
		return err
	}
	defer src.close()
	sp := span{0, src.v.size}
	if spec := c.r.Header.Get("X-Amz-Copy-Source-Range"); spec != "" {
		if sp, err = copyRangeSpan(spec, src.v.size); err != nil {
			return err
		}
	}
	if sp.size > maxPartBytes {
		return fail("InvalidRequest", "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120")
	}
	in, err := c.s.store.receive(src.v.body.reader(sp), maxPartBytes, u.algo)
	if err != nil {
		return err
	}
	p := &part{number: n, etag: in.etag(), modified: c.s.now(), body: in.content, sum: in.sums[u.algo]}
	if err := c.storePart(p); err != nil {
		_ = in.content.release() // a file that cannot be removed goes with the folder
		return err
	}
	if src.versioned {
		c.w.Header().Set("X-Amz-Copy-Source-Version-Id", src.v.id)
	}
	x := newXML("CopyPartResult", s3Namespace)
	x.time("LastModified", p.modified)
	x.text("ETag", quote(p.etag))
	if u.declared {
		x.text("Checksum"+u.algo.name, encode64(p.sum))
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

// copyRangeSpan is stricter than Range: both ends must be there and inside the source.
func copyRangeSpan(spec string, size int64) (span, error) {
	first, last, ok := strings.Cut(strings.TrimPrefix(spec, "bytes="), "-")
	start, err1 := strconv.ParseInt(first, 10, 64)
	end, err2 := strconv.ParseInt(last, 10, 64)
	if !ok || !strings.HasPrefix(spec, "bytes=") || err1 != nil || err2 != nil || start < 0 || end < start {
		return span{}, fail("InvalidArgument", "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
			field{"ArgumentName", "x-amz-copy-source-range"}, field{"ArgumentValue", spec})
	}
	if end >= size {
		return span{}, fail("InvalidArgument", "Range specified is not valid for source object of size: "+strconv.FormatInt(size, 10),
			field{"ArgumentName", "x-amz-copy-source-range"}, field{"ArgumentValue", spec})
	}
	return span{start, end - start + 1}, nil
}

func (c *call) abortUpload() error {
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	u, err := c.findUpload(b)
	if err != nil {
		return err
	}
	_ = u.release() // a file that cannot be removed goes with the folder
	delete(b.uploads, u.id)
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

type completeRequest struct {
	Parts []completePart `xml:"Part"`
}

type completePart struct {
	PartNumber int
	ETag       string
	Rest       []struct {
		XMLName xml.Name
		Value   string `xml:",chardata"`
	} `xml:",any"`
}

// checksum is the part's ChecksumX element, "" when absent.
func (p completePart) checksum(a *checksumAlgo) string {
	for _, e := range p.Rest {
		if e.XMLName.Local == "Checksum"+a.name {
			return strings.TrimSpace(e.Value)
		}
	}
	return ""
}

func (c *call) completeUpload() error {
	var req completeRequest
	if err := c.readXML("CompleteMultipartUpload", &req); err != nil {
		return err
	}
	if len(req.Parts) == 0 || len(req.Parts) > maxParts {
		return fail("MalformedXML", "")
	}
	modified := c.s.now()
	st := c.s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	b, err := c.openBucket("WRITE")
	if err != nil {
		return err
	}
	u, err := c.findUpload(b)
	if err != nil {
		return err
	}
	chosen, err := u.choose(req.Parts)
	if err != nil {
		return err
	}
	v := u.assemble(chosen)
	if err := u.checkPromises(c, v); err != nil {
		return err
	}
	if err := writeConditions(c.r.Header, b, c.key); err != nil {
		return err
	}
	v.modified = modified
	v.body.retain()
	_ = u.release() // a file that cannot be removed goes with the folder
	delete(b.uploads, u.id)
	if id := b.put(c.key, v); id != "" {
		c.w.Header().Set("X-Amz-Version-Id", id)
	}
	u.attrs.tell(c.w.Header())
	x := newXML("CompleteMultipartUploadResult", s3Namespace)
	x.text("Location", c.s.url+c.rawPath)
	x.text("Bucket", b.name)
	x.text("Key", c.key)
	x.text("ETag", quote(v.etag))
	x.text("Checksum"+v.sum.algo.name, v.sum.value)
	x.text("ChecksumType", v.sum.kind)
	c.writeXML(http.StatusOK, x)
	return nil
}

// choose checks the list of the client against the stored parts.
func (u *upload) choose(list []completePart) ([]*part, error) {
	chosen := make([]*part, 0, len(list))
	for i, want := range list {
		if i > 0 && want.PartNumber <= list[i-1].PartNumber {
			return nil, fail("InvalidPartOrder", "", field{"UploadId", u.id})
		}
		p := u.parts[want.PartNumber]
		given := want.checksum(u.algo)
		if p == nil || strings.Trim(strings.TrimSpace(want.ETag), `"`) != p.etag || (given != "" && given != encode64(p.sum)) {
			return nil, fail("InvalidPart", "", field{"UploadId", u.id}, field{"PartNumber", strconv.Itoa(want.PartNumber)}, field{"ETag", want.ETag})
		}
		if given == "" && u.declared && u.kind == composite {
			return nil, fail("InvalidRequest", "The upload was created using a "+u.algo.lower+" checksum. The complete request must include the checksum for each part. It was missing for part "+strconv.Itoa(want.PartNumber)+" in the request.")
		}
		chosen = append(chosen, p)
	}
	for _, p := range chosen[:len(chosen)-1] {
		if n := p.body.size(); n < minPartBytes {
			return nil, fail("EntityTooSmall", "", field{"ProposedSize", strconv.FormatInt(n, 10)},
				field{"MinSizeAllowed", strconv.Itoa(minPartBytes)}, field{"PartNumber", strconv.Itoa(p.number)}, field{"ETag", p.etag})
		}
	}
	return chosen, nil
}

func (u *upload) assemble(chosen []*part) *version {
	v := &version{attributes: u.attrs}
	m := md5.New()
	var sums [][]byte
	var sizes []int64
	for _, p := range chosen {
		raw, _ := hex.DecodeString(p.etag)
		m.Write(raw)
		n := p.body.size()
		sums, sizes = append(sums, p.sum), append(sizes, n)
		v.parts = append(v.parts, partInfo{p.number, n, p.sum})
		v.body = append(v.body, p.body...)
		v.size += n
	}
	v.etag = hex.EncodeToString(m.Sum(nil)) + "-" + strconv.Itoa(len(chosen))
	if u.kind == composite {
		v.sum = compositeSum(u.algo, sums)
	} else {
		v.sum = combine(u.algo, sums, sizes)
	}
	return v
}

// checkPromises compares the size and the full-object checksum that the Complete request may carry.
func (u *upload) checkPromises(c *call, v *version) error {
	h := c.r.Header
	if s := h.Get("X-Amz-Mp-Object-Size"); s != "" && s != strconv.FormatInt(v.size, 10) {
		return fail("InvalidRequest", "The provided 'x-amz-mp-object-size' header value "+s+" does not match what was computed: "+strconv.FormatInt(v.size, 10))
	}
	if kind := h.Get("X-Amz-Checksum-Type"); kind != "" && !strings.EqualFold(kind, u.kind) {
		return fail("InvalidRequest", "The upload was created using the "+u.kind+" checksum mode. The complete request must use the same checksum mode.")
	}
	want, err := c.payload.wantedChecksum(h)
	if err != nil || want.algo == nil {
		return err
	}
	if want.algo != u.algo {
		return fail("InvalidRequest", "Checksum Type mismatch occurred, expected checksum Type: "+u.algo.lower+", actual checksum Type: "+want.algo.lower)
	}
	if full, _, _ := strings.Cut(v.sum.value, "-"); want.value != full {
		return fail("BadDigest", "The "+u.algo.name+" you specified did not match the calculated checksum.")
	}
	return nil
}
