package sink

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/minio/crc64nvme"
)

const (
	// Entity tags look like those of multipart uploads, which no client takes for the MD5 of the content.
	etag    = `"0123456789abcdef0123456789abcdef-1"`
	lastMod = "2020-01-01T00:00:00.000Z"
	httpMod = "Wed, 01 Jan 2020 00:00:00 GMT"
	xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	ns      = ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
)

// ownersACL is the access list of an object that nobody shares.
const ownersACL = `<AccessControlPolicy` + ns + `><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee ` +
	`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>o</ID></Grantee><Permission>FULL_CONTROL</Permission>` +
	`</Grant></AccessControlList></AccessControlPolicy>`

// period is after how many bytes the content of every object repeats.
const period = 16 << 20

// pattern is what objects consist of, twice, so that any run of a period lies in one piece.
func pattern() []byte {
	b := make([]byte, 2*period)
	src := rand.NewChaCha8([32]byte{7})
	_, _ = src.Read(b[:period]) // never fails
	copy(b[period:], b[:period])
	return b
}

// checksum is the CRC64NVME of an object of the sink, as in its header.
func (s *Sink) checksum(size int64) string {
	var sum uint64
	for n := size; n > 0; n -= period {
		sum = crc64nvme.Update(sum, s.content[:min(n, period)])
	}
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, sum))
}

// answer handles one request.
func (c *session) answer(r *request) error {
	reset, slow := c.fault()
	if reset {
		return c.reset(r)
	}
	if r.expect && c.br.Buffered() == 0 {
		if _, err := io.WriteString(c.conn, "HTTP/1.1 100 Continue\r\n\r\n"); err != nil {
			return err
		}
	}
	var data []byte
	var err error
	size := r.length
	if r.method == "POST" || r.chunked {
		data, err = c.body(r)
		size = int64(len(data))
		r.echo(data)
	} else if r.length > 0 {
		err = c.take(r)
	}
	if err != nil {
		return err
	}
	if r.decoded >= 0 {
		size = r.decoded
	}
	time.Sleep(c.o.Latency)
	if slow {
		c.count("503", nil)
		return c.fail(r, "503 Slow Down", "SlowDown")
	}
	switch r.method {
	case "PUT":
		return c.put(r, size)
	case "POST":
		return c.post(r, data)
	case "DELETE":
		return c.remove(r)
	case "HEAD", "GET":
		return c.get(r)
	}
	return c.fail(r, "405 Method Not Allowed", "MethodNotAllowed")
}

// reset ends the connection in the middle of a request, with a RST.
func (c *session) reset(r *request) error {
	c.count("reset", nil)
	if n := min(r.length/2, 64<<10); n > 0 {
		_ = c.discard(n) // it is cut off anyway
	}
	_ = c.tcp.SetLinger(0)
	_ = c.tcp.Close()
	return io.EOF
}

func (c *session) put(r *request, size int64) error {
	tagged := r.sums + "ETag: " + etag + "\r\n"
	switch {
	case r.key == "":
		c.count("PutBucket", r)
		return c.reply("200 OK", "", nil)
	case r.query.Has("partNumber"):
		return c.part(r, size, tagged)
	case r.copySource != "":
		return c.copied(r)
	}
	c.count("PutObject", r)
	c.keep(r, object{size: size, sums: r.sums})
	return c.reply("200 OK", tagged, nil)
}

func (c *session) keep(r *request, o object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects[r.bucket+"/"+r.key] = o
}

func (c *session) part(r *request, size int64, tagged string) error {
	op := "UploadPart"
	if r.copySource != "" {
		op = "UploadPartCopy"
	}
	c.count(op, r)
	c.mu.RLock()
	u := c.uploads[r.query.Get("uploadId")]
	c.mu.RUnlock()
	n, err := strconv.Atoi(r.query.Get("partNumber"))
	if u == nil || err != nil {
		return c.fail(r, "404 Not Found", "NoSuchUpload")
	}
	u.mu.Lock()
	u.parts[n] = part{size, sumOf(r.sums)}
	u.mu.Unlock()
	if r.copySource != "" {
		return c.xml(`<CopyPartResult` + ns + `><LastModified>` + lastMod + `</LastModified><ETag>` + etag + `</ETag></CopyPartResult>`)
	}
	return c.reply("200 OK", tagged, nil)
}

// sumOf is the CRC64NVME among header lines.
func sumOf(lines string) string {
	_, rest, _ := strings.Cut(lines, "x-amz-checksum-crc64nvme: ")
	sum, _, _ := strings.Cut(rest, "\r\n")
	return sum
}

func (c *session) copied(r *request) error {
	c.count("CopyObject", r)
	source, _ := url.PathUnescape(strings.TrimPrefix(r.copySource, "/")) // an unreadable one has no size
	o := object{}
	if bucket, _, _ := strings.Cut(source, "/"); synthetic(bucket).ok {
		o.size = synthetic(bucket).size
	} else {
		c.mu.RLock()
		o = c.objects[source]
		c.mu.RUnlock()
	}
	c.keep(r, o)
	return c.xml(`<CopyObjectResult` + ns + `><LastModified>` + lastMod + `</LastModified><ETag>` + etag + `</ETag></CopyObjectResult>`)
}

func (c *session) post(r *request, data []byte) error {
	switch {
	case r.query.Has("uploads"):
		return c.create(r)
	case r.query.Has("uploadId"):
		return c.complete(r)
	case r.query.Has("delete"):
		return c.deleteMany(r, data)
	}
	return c.fail(r, "501 Not Implemented", "NotImplemented")
}

// create begins an upload. The algorithm is repeated as by a server that keeps the checksum.
func (c *session) create(r *request) error {
	c.count("CreateMultipartUpload", r)
	id := "u" + strconv.FormatInt(c.seq.Add(1), 10)
	c.mu.Lock()
	c.uploads[id] = &upload{parts: map[int]part{}, algorithm: r.algorithm}
	c.mu.Unlock()
	extra := ""
	if r.algorithm != "" {
		extra = "x-amz-checksum-algorithm: " + r.algorithm + "\r\n"
		if strings.HasPrefix(r.algorithm, "CRC") {
			extra += "x-amz-checksum-type: FULL_OBJECT\r\n"
		}
	}
	return c.reply("200 OK", extra, []byte(xmlHead+`<InitiateMultipartUploadResult`+ns+`><Bucket>`+r.bucket+`</Bucket><Key>`+r.key+
		`</Key><UploadId>`+id+`</UploadId></InitiateMultipartUploadResult>`))
}

func (c *session) complete(r *request) error {
	c.count("CompleteMultipartUpload", r)
	id := r.query.Get("uploadId")
	c.mu.Lock()
	u := c.uploads[id]
	delete(c.uploads, id)
	c.mu.Unlock()
	if u == nil {
		return c.fail(r, "404 Not Found", "NoSuchUpload")
	}
	o := object{sums: r.sums}
	u.mu.Lock()
	for _, p := range u.parts {
		o.size += p.size
	}
	u.mu.Unlock()
	c.keep(r, o)
	return c.xml(`<CompleteMultipartUploadResult` + ns + `><Location>x</Location><Bucket>` + r.bucket + `</Bucket><Key>` + r.key +
		`</Key><ETag>` + etag + `</ETag></CompleteMultipartUploadResult>`)
}

func (c *session) remove(r *request) error {
	c.mu.Lock()
	if r.query.Has("uploadId") {
		delete(c.uploads, r.query.Get("uploadId"))
	} else {
		delete(c.objects, r.bucket+"/"+r.key)
	}
	c.mu.Unlock()
	op := "DeleteObject"
	if r.query.Has("uploadId") {
		op = "AbortMultipartUpload"
	}
	c.count(op, r)
	return c.noContent()
}

func (c *session) deleteMany(r *request, data []byte) error {
	c.count("DeleteObjects", r)
	quiet := bytes.Contains(data, []byte("<Quiet>true</Quiet>"))
	b := []byte(xmlHead + `<DeleteResult` + ns + `>`)
	keys := int64(0)
	for {
		_, rest, found := bytes.Cut(data, []byte("<Key>"))
		key, rest, closed := bytes.Cut(rest, []byte("</Key>"))
		if !found || !closed {
			break
		}
		data = rest
		keys++
		if !quiet {
			b = append(b, "<Deleted><Key>"...)
			b = append(b, key...)
			b = append(b, "</Key></Deleted>"...)
		}
	}
	c.statMu.Lock()
	c.ops["DeletedKeys"] += keys
	c.statMu.Unlock()
	return c.reply("200 OK", "", append(b, `</DeleteResult>`...))
}

func (c *session) get(r *request) error {
	switch q := r.query; {
	case r.key == "":
		return c.bucketGet(r)
	case q.Has("uploadId"):
		return c.listParts(r)
	case q.Has("tagging"):
		c.count("GetObjectTagging", r)
		return c.xml(`<Tagging` + ns + `><TagSet/></Tagging>`)
	case q.Has("acl"):
		c.count("GetObjectAcl", r)
		return c.xml(ownersACL)
	case q.Has("retention"), q.Has("legal-hold"):
		c.count("GetObjectLock", r)
		return c.fail(r, "404 Not Found", "NoSuchObjectLockConfiguration")
	case q.Has("attributes"):
		return c.fail(r, "501 Not Implemented", "NotImplemented")
	}
	return c.object(r)
}

func (c *session) listParts(r *request) error {
	c.count("ListParts", r)
	c.mu.RLock()
	u := c.uploads[r.query.Get("uploadId")]
	c.mu.RUnlock()
	if u == nil {
		return c.fail(r, "404 Not Found", "NoSuchUpload")
	}
	var b strings.Builder
	b.WriteString(`<ListPartsResult` + ns + `><IsTruncated>false</IsTruncated>`)
	u.mu.Lock()
	for n := 1; n <= 10_000; n++ {
		if p, ok := u.parts[n]; ok {
			fmt.Fprintf(&b, `<Part><PartNumber>%d</PartNumber><ETag>%s</ETag><Size>%d</Size>`, n, etag, p.size)
			if p.sum != "" {
				b.WriteString("<ChecksumCRC64NVME>" + p.sum + "</ChecksumCRC64NVME>")
			}
			b.WriteString("</Part>")
		}
	}
	u.mu.Unlock()
	b.WriteString(`</ListPartsResult>`)
	return c.xml(b.String())
}

// look finds an object by its name, or in the bucket that makes it up.
func (c *session) look(r *request) (o object, ok bool) {
	if y := synthetic(r.bucket); y.ok {
		i, err := strconv.Atoi(r.key[strings.LastIndexByte(r.key, 'f')+1:])
		return object{size: y.size}, err == nil && i >= 0 && i < y.n && y.key(i) == r.key
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	o, ok = c.objects[r.bucket+"/"+r.key]
	return o, ok
}

// object serves the pattern. Like S3's, an answer to a range tells no checksum of the whole.
func (c *session) object(r *request) error {
	o, ok := c.look(r)
	if !ok {
		c.count("404", r)
		return c.fail(r, "404 Not Found", "NoSuchKey")
	}
	from, to, status := int64(0), o.size, "200 OK"
	extra := "ETag: " + etag + "\r\nLast-Modified: " + httpMod + "\r\nAccept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\n"
	if span, ok := strings.CutPrefix(r.rng, "bytes="); ok {
		first, last, _ := strings.Cut(span, "-")
		from, _ = strconv.ParseInt(first, 10, 64) // suffix ranges are asked by no client here
		if n, err := strconv.ParseInt(last, 10, 64); err == nil {
			to = min(n+1, o.size)
		}
		if from >= o.size {
			return c.fail(r, "416 Range Not Satisfiable", "InvalidRange")
		}
		status = "206 Partial Content"
	} else if r.query.Has("partNumber") {
		status = "206 Partial Content"
	} else if r.sumMode && o.sums != "" {
		extra += o.sums
	} else if r.sumMode && synthetic(r.bucket).ok {
		extra += "x-amz-checksum-crc64nvme: " + c.sumOf(o.size) + "\r\nx-amz-checksum-type: FULL_OBJECT\r\n"
	}
	if status != "200 OK" {
		extra += fmt.Sprintf("Content-Range: bytes %d-%d/%d\r\n", from, to-1, o.size)
	}
	if r.method == "HEAD" {
		c.count("HeadObject", r)
		_, err := c.conn.Write(c.head(status, extra, to-from))
		return err
	}
	c.count("GetObject", r)
	return c.send(status, extra, from, to)
}

// sumOf remembers the checksum of a size: it is asked for each of many objects.
func (c *session) sumOf(size int64) string {
	c.statMu.Lock()
	defer c.statMu.Unlock()
	if c.sums == nil {
		c.sums = map[int64]string{}
	}
	if _, ok := c.sums[size]; !ok {
		c.sums[size] = c.checksum(size)
	}
	return c.sums[size]
}

func (c *session) send(status, extra string, from, to int64) error {
	c.Sink.out.Add(to - from)
	b := c.head(status, extra, to-from)
	const joined = 64 << 10 // a small object goes in one packet with its head
	at := from % period
	if to-from <= joined {
		c.out = append(b, c.content[at:at+to-from]...)
		_, err := c.conn.Write(c.out)
		return err
	}
	c.out = b
	if _, err := c.conn.Write(b); err != nil {
		return err
	}
	write := func(n int64) error {
		at := from % period
		_, err := c.conn.Write(c.content[at : at+n])
		from += n
		return err
	}
	if c.o.ConnRate > 0 {
		return c.paced(to-from, write)
	}
	for from < to {
		if err := write(min(to-from, 4<<20)); err != nil {
			return err
		}
	}
	return nil
}
