package contract

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"hash"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/minio/crc64nvme"
)

const (
	pageIntegrity = "User Guide: Checking object integrity in Amazon S3"
	pageMultipart = "User Guide: Uploading and copying objects using multipart upload"
)

// algorithms are the five additional checksums.
func algorithms() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{
		"CRC32": func() hash.Hash { return crc32.NewIEEE() }, "CRC32C": func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
		"CRC64NVME": func() hash.Hash { return crc64nvme.New() }, "SHA1": sha1.New, "SHA256": sha256.New,
	}
}

func rawSum(algo string, data ...string) string {
	h := algorithms()[algo]()
	for _, d := range data {
		h.Write([]byte(d))
	}
	return string(h.Sum(nil))
}

func sum(algo string, data ...string) string {
	return base64.StdEncoding.EncodeToString([]byte(rawSum(algo, data...)))
}

func md5Of(s string) string {
	m := md5.Sum([]byte(s))
	return base64.StdEncoding.EncodeToString(m[:])
}

func checksumCases() []Case {
	cases := []Case{
		{"checksum/md5", pagePut, func(p *probe) {
			p.put("a", "hello", "Content-Md5", md5Of("hello"))
			p.expect(p.do(Request{Method: "PUT", Key: "b", Body: "hello", Header: map[string]string{"Content-Md5": md5Of("other")}}), 400, "BadDigest")
			p.expect(p.get("b"), 404, "")
		}},
		{"checksum/md5-malformed", pagePut, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "hello", Header: map[string]string{"Content-Md5": "AAAA"}}), 400, "InvalidDigest")
		}},
		{"checksum/default", pageIntegrity, func(p *probe) {
			p.put("a", "hello")
			r := p.head("a", "X-Amz-Checksum-Mode", "ENABLED")
			p.header(r, "X-Amz-Checksum-Crc64nvme", sum("CRC64NVME", "hello"))
			p.header(r, "X-Amz-Checksum-Type", "FULL_OBJECT")
		}},
		{"checksum/two-values", pageIntegrity, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: map[string]string{
				"X-Amz-Checksum-Crc32": sum("CRC32", "x"), "X-Amz-Checksum-Sha1": sum("SHA1", "x")}}), 400, "InvalidRequest")
		}},
	}
	for _, algo := range []string{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"} {
		header := "X-Amz-Checksum-" + strings.ToUpper(algo[:1]) + strings.ToLower(algo[1:])
		cases = append(cases,
			Case{"checksum/" + strings.ToLower(algo), pageIntegrity, func(p *probe) {
				p.header(p.put("a", "hello", header, sum(algo, "hello")), header, sum(algo, "hello"))
				p.header(p.head("a"), header, "")
				p.header(p.head("a", "X-Amz-Checksum-Mode", "ENABLED"), header, sum(algo, "hello"))
			}},
			Case{"checksum/" + strings.ToLower(algo) + "-wrong", pageIntegrity, func(p *probe) {
				r := p.do(Request{Method: "PUT", Key: "a", Body: "hello", Header: map[string]string{header: sum(algo, "other")}})
				p.expect(r, 400, "BadDigest")
				p.expect(p.get("a"), 404, "")
			}})
	}
	return cases
}

const mib = 1 << 20

// upload is an open multipart upload of key "a".
type openUpload struct {
	p  *probe
	id string
}

func (p *probe) start(headers ...string) *openUpload {
	r := p.expect(p.do(Request{Method: "POST", Key: "a", Query: "uploads", Header: pairs(headers)}), 200, "")
	id := p.document(r, "InitiateMultipartUploadResult").get("UploadId")
	if id == "" {
		p.fail("no upload id")
	}
	return &openUpload{p, id}
}

func (u *openUpload) query(part int) string {
	return "partNumber=" + strconv.Itoa(part) + "&uploadId=" + escape(u.id, "")
}

func (u *openUpload) part(n int, body string, headers ...string) string {
	r := u.p.do(Request{Method: "PUT", Key: "a", Query: u.query(n), Body: body, Header: pairs(headers)})
	return u.p.expect(r, 200, "").Header.Get("Etag")
}

func partXML(n int, etag, extra string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(etag)) // a strings.Builder takes everything
	return "<Part><PartNumber>" + strconv.Itoa(n) + "</PartNumber><ETag>" + b.String() + "</ETag>" + extra + "</Part>"
}

func (u *openUpload) complete(headers []string, parts ...string) *Reply {
	return u.p.do(Request{
		Method: "POST", Key: "a", Query: "uploadId=" + escape(u.id, ""), Header: pairs(headers),
		Body: "<CompleteMultipartUpload>" + strings.Join(parts, "") + "</CompleteMultipartUpload>",
	})
}

func multipartCases() []Case {
	big, small := strings.Repeat("0123456789abcdef", 5*mib/16), "the end"
	return append(multipartErrors(big, small), []Case{
		{"multipart/whole", pageMultipart, func(p *probe) {
			u := p.start("Content-Type", "text/x", "X-Amz-Meta-A", "b")
			one, two := u.part(1, big), u.part(7, small)
			r := p.expect(u.complete(nil, partXML(1, one, ""), partXML(7, two, "")), 200, "")
			m := md5.New()
			for _, b := range []string{big, small} {
				s := md5.Sum([]byte(b))
				m.Write(s[:])
			}
			want := `"` + hexOf(m.Sum(nil)) + `-2"`
			p.equal("ETag of the answer", p.document(r, "CompleteMultipartUploadResult").get("ETag"), want)
			h := p.head("a")
			p.header(h, "Etag", want)
			p.header(h, "Content-Type", "text/x")
			p.header(h, "X-Amz-Meta-A", "b")
			p.equal("body", p.get("a").Body, big+small)
		}},
		{"multipart/part-replaced", pageMultipart, func(p *probe) {
			u := p.start()
			u.part(1, "first")
			etag := u.part(1, "second")
			p.expect(u.complete(nil, partXML(1, etag, "")), 200, "")
			p.equal("body", p.get("a").Body, "second")
		}},
		{"multipart/part-number-read", pageGet, func(p *probe) {
			u := p.start()
			one, two := u.part(1, big), u.part(2, small)
			p.expect(u.complete(nil, partXML(1, one, ""), partXML(2, two, "")), 200, "")
			r := p.expect(p.do(Request{Method: "GET", Key: "a", Query: "partNumber=2"}), 206, "")
			p.equal("body", r.Body, small)
			p.header(r, "X-Amz-Mp-Parts-Count", "2")
		}},
		{"multipart/list-parts", "API Reference: ListParts", func(p *probe) {
			u := p.start()
			etag := u.part(1, "one")
			u.part(2, "two")
			n := p.document(p.do(Request{Method: "GET", Key: "a", Query: "max-parts=1&uploadId=" + escape(u.id, "")}), "ListPartsResult")
			p.equal("ETag", n.get("Part/ETag"), etag)
			p.equal("IsTruncated", n.get("IsTruncated"), "true")
			n = p.document(p.do(Request{Method: "GET", Key: "a", Query: "part-number-marker=" + n.get("NextPartNumberMarker") + "&uploadId=" + escape(u.id, "")}), "ListPartsResult")
			p.equal("numbers", strings.Join(n.all("Part/PartNumber"), " "), "2")
			p.equal("IsTruncated", n.get("IsTruncated"), "false")
		}},
		{"multipart/list-uploads", "API Reference: ListMultipartUploads", func(p *probe) {
			u := p.start()
			n := p.list("uploads", "ListMultipartUploadsResult")
			p.equal("id", n.get("Upload/UploadId"), u.id)
			p.equal("key", n.get("Upload/Key"), "a")
			p.equal("objects", p.keys(p.list("list-type=2", "ListBucketResult")), "")
			p.expect(p.do(Request{Method: "DELETE", Key: "a", Query: "uploadId=" + escape(u.id, "")}), 204, "")
			p.equal("id after abort", p.list("uploads", "ListMultipartUploadsResult").get("Upload/UploadId"), "")
		}},
		{"multipart/none-match", pageConditional, func(p *probe) {
			p.put("a", "old")
			u := p.start()
			etag := u.part(1, "new")
			p.expect(u.complete([]string{"If-None-Match", "*"}, partXML(1, etag, "")), 412, "PreconditionFailed")
			p.equal("body", p.get("a").Body, "old")
		}},
		{"multipart/copy-part", "API Reference: UploadPartCopy", func(p *probe) {
			p.put("src", "0123456789")
			u := p.start()
			r := p.expect(p.do(Request{Method: "PUT", Key: "a", Query: u.query(1), Header: map[string]string{
				"X-Amz-Copy-Source": "/" + p.bucket + "/src", "X-Amz-Copy-Source-Range": "bytes=2-5"}}), 200, "")
			p.expect(u.complete(nil, partXML(1, p.document(r, "CopyPartResult").get("ETag"), "")), 200, "")
			p.equal("body", p.get("a").Body, "2345")
		}},
		{"multipart/composite-sha256", pageIntegrity, func(p *probe) {
			u := p.start("X-Amz-Checksum-Algorithm", "SHA256")
			one := u.part(1, big, "X-Amz-Checksum-Sha256", sum("SHA256", big))
			two := u.part(2, small, "X-Amz-Checksum-Sha256", sum("SHA256", small))
			p.expect(u.complete(nil, partXML(1, one, sumXML("SHA256", big)), partXML(2, two, sumXML("SHA256", small))), 200, "")
			r := p.head("a", "X-Amz-Checksum-Mode", "ENABLED")
			p.header(r, "X-Amz-Checksum-Sha256", sum("SHA256", rawSum("SHA256", big), rawSum("SHA256", small))+"-2")
			p.header(r, "X-Amz-Checksum-Type", "COMPOSITE")
		}},
		fullObject("CRC32", big, small), fullObject("CRC32C", big, small), fullObject("CRC64NVME", big, small),
		{"multipart/wrong-full-object", pageIntegrity, func(p *probe) {
			u := p.start("X-Amz-Checksum-Algorithm", "CRC64NVME")
			etag := u.part(1, small, "X-Amz-Checksum-Crc64nvme", sum("CRC64NVME", small))
			p.expect(u.complete([]string{"X-Amz-Checksum-Crc64nvme", sum("CRC64NVME", "other"), "X-Amz-Checksum-Type", "FULL_OBJECT"}, partXML(1, etag, sumXML("CRC64NVME", small))), 400, "BadDigest")
			p.expect(p.get("a"), 404, "")
		}},
		{"multipart/wrong-part-checksum", pageIntegrity, func(p *probe) {
			u := p.start("X-Amz-Checksum-Algorithm", "SHA256")
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: u.query(1), Body: small, Header: map[string]string{"X-Amz-Checksum-Sha256": sum("SHA256", "other")}}), 400, "BadDigest")
		}},
		{"multipart/attributes", "API Reference: GetObjectAttributes", func(p *probe) {
			u := p.start("X-Amz-Checksum-Algorithm", "CRC64NVME")
			etag := u.part(1, small, "X-Amz-Checksum-Crc64nvme", sum("CRC64NVME", small))
			p.expect(u.complete(nil, partXML(1, etag, sumXML("CRC64NVME", small))), 200, "")
			r := p.expect(p.do(Request{Method: "GET", Key: "a", Query: "attributes", Header: map[string]string{"X-Amz-Object-Attributes": "ETag,Checksum,ObjectParts,ObjectSize,StorageClass"}}), 200, "")
			n := p.document(r, "GetObjectAttributesResponse")
			p.equal("ObjectSize", n.get("ObjectSize"), strconv.Itoa(len(small)))
			p.equal("Checksum", n.get("Checksum/ChecksumCRC64NVME"), sum("CRC64NVME", small))
			p.equal("PartsCount", n.get("ObjectParts/PartsCount"), "1")
		}},
	}...)
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}

func sumXML(algo, body string) string {
	return "<Checksum" + algo + ">" + sum(algo, body) + "</Checksum" + algo + ">"
}

func fullObject(algo, big, small string) Case {
	header := "X-Amz-Checksum-" + algo
	return Case{"multipart/full-object-" + strings.ToLower(algo), pageIntegrity, func(p *probe) {
		u := p.start("X-Amz-Checksum-Algorithm", algo, "X-Amz-Checksum-Type", "FULL_OBJECT")
		one, two := u.part(1, big, header, sum(algo, big)), u.part(2, small, header, sum(algo, small))
		p.expect(u.complete([]string{header, sum(algo, big, small), "X-Amz-Checksum-Type", "FULL_OBJECT"},
			partXML(1, one, sumXML(algo, big)), partXML(2, two, sumXML(algo, small))), 200, "")
		r := p.head("a", "X-Amz-Checksum-Mode", "ENABLED")
		p.header(r, header, sum(algo, big, small))
		p.header(r, "X-Amz-Checksum-Type", "FULL_OBJECT")
	}}
}

func multipartErrors(big, small string) []Case {
	return []Case{
		{"multipart/too-small", pageMultipart, func(p *probe) {
			u := p.start()
			one, two := u.part(1, small), u.part(2, small)
			p.expect(u.complete(nil, partXML(1, one, ""), partXML(2, two, "")), 400, "EntityTooSmall")
		}},
		{"multipart/invalid-part", pageMultipart, func(p *probe) {
			u := p.start()
			u.part(1, small)
			p.expect(u.complete(nil, partXML(1, `"00000000000000000000000000000000"`, "")), 400, "InvalidPart")
		}},
		{"multipart/part-order", pageMultipart, func(p *probe) {
			u := p.start()
			one, two := u.part(1, big), u.part(2, big)
			p.expect(u.complete(nil, partXML(2, two, ""), partXML(1, one, "")), 400, "InvalidPartOrder")
		}},
		{"multipart/no-parts", pageMultipart, func(p *probe) {
			p.expect(p.start().complete(nil), 400, "MalformedXML")
		}},
		{"multipart/unknown-upload", pageMultipart, func(p *probe) {
			u := p.start()
			p.expect(p.do(Request{Method: "DELETE", Key: "a", Query: "uploadId=" + escape(u.id, "")}), 204, "")
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: u.query(1), Body: small}), 404, "NoSuchUpload")
			p.expect(p.do(Request{Method: "GET", Key: "a", Query: "uploadId=" + escape(u.id, "")}), 404, "NoSuchUpload")
		}},
		{"multipart/complete-twice", pageMultipart, func(p *probe) {
			u := p.start()
			etag := u.part(1, small)
			p.expect(u.complete(nil, partXML(1, etag, "")), 200, "")
			p.expect(u.complete(nil, partXML(1, etag, "")), 404, "NoSuchUpload")
		}},
		{"multipart/part-number-limits", pageMultipart, func(p *probe) {
			u := p.start()
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: u.query(0), Body: small}), 400, "InvalidArgument")
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: u.query(10001), Body: small}), 400, "InvalidArgument")
			u.part(10000, small)
		}},
	}
}
