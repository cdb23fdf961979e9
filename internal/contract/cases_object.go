package contract

import (
	"net/http"
	"strings"
	"time"
)

const (
	pageGet         = "API Reference: GetObject"
	pageHead        = "API Reference: HeadObject"
	pagePut         = "API Reference: PutObject"
	pageConditional = "User Guide: Conditional requests"
	pageMetadata    = "User Guide: Working with object metadata"
)

func readCases() []Case {
	const body = "0123456789"
	ranged := func(spec, want, contentRange string) func(*probe) {
		return func(p *probe) {
			p.put("a", body)
			r := p.expect(p.get("a", "Range", spec), 206, "")
			p.equal("body", r.Body, want)
			p.header(r, "Content-Range", contentRange)
		}
	}
	return []Case{
		{"get/range", pageGet, ranged("bytes=2-4", "234", "bytes 2-4/10")},
		{"get/range-open", pageGet, ranged("bytes=7-", "789", "bytes 7-9/10")},
		{"get/range-suffix", pageGet, ranged("bytes=-3", "789", "bytes 7-9/10")},
		{"get/range-past-end", pageGet, ranged("bytes=8-100", "89", "bytes 8-9/10")},
		{"get/range-long-suffix", pageGet, ranged("bytes=-100", body, "bytes 0-9/10")},
		{"get/range-unsatisfiable", pageGet, func(p *probe) {
			p.put("a", body)
			p.expect(p.get("a", "Range", "bytes=10-"), 416, "InvalidRange")
		}},
		{"get/range-of-nothing", pageGet, func(p *probe) {
			p.put("a", "")
			p.expect(p.get("a", "Range", "bytes=0-"), 416, "InvalidRange")
		}},
		{"get/range-nonsense", pageGet, func(p *probe) {
			p.put("a", body)
			p.equal("body", p.expect(p.get("a", "Range", "lines=1-2"), 200, "").Body, body)
		}},
		{"get/none-match", pageConditional, func(p *probe) {
			etag := p.put("a", body).Header.Get("Etag")
			r := p.expect(p.get("a", "If-None-Match", etag), 304, "")
			p.equal("body", r.Body, "")
			p.header(r, "Etag", etag)
			p.expect(p.get("a", "If-None-Match", `"x"`), 200, "")
		}},
		{"get/match", pageConditional, func(p *probe) {
			etag := p.put("a", body).Header.Get("Etag")
			p.expect(p.get("a", "If-Match", etag), 200, "")
			p.expect(p.get("a", "If-Match", `"x"`), 412, "PreconditionFailed")
		}},
		{"get/modified-since", pageConditional, func(p *probe) {
			p.put("a", body)
			modified := p.head("a").Header.Get("Last-Modified")
			old := time.Now().Add(-24 * time.Hour).UTC().Format(http.TimeFormat)
			p.expect(p.get("a", "If-Modified-Since", modified), 304, "")
			p.expect(p.get("a", "If-Modified-Since", old), 200, "")
			p.expect(p.get("a", "If-Unmodified-Since", old), 412, "PreconditionFailed")
			p.expect(p.get("a", "If-Unmodified-Since", modified), 200, "")
		}},
		{"get/overrides", pageGet, func(p *probe) {
			p.put("a", body)
			r := p.expect(p.do(Request{Method: "GET", Key: "a", Query: "response-content-type=text%2Fx&response-cache-control=no-store&response-expires=Thu%2C%2001%20Dec%201994%2016%3A00%3A00%20GMT&response-content-language=de&response-content-encoding=gzip"}), 200, "")
			p.header(r, "Content-Type", "text/x")
			p.header(r, "Cache-Control", "no-store")
			p.header(r, "Content-Language", "de")
			p.header(r, "Content-Encoding", "gzip")
			p.header(r, "Expires", "Thu, 01 Dec 1994 16:00:00 GMT")
		}},
		{"get/missing", pageErrors, func(p *probe) {
			r := p.expect(p.get("none"), 404, "NoSuchKey")
			p.equal("Key", p.document(r, "Error").get("Key"), "none")
		}},
		{"head/missing", pageHead, func(p *probe) {
			r := p.expect(p.do(Request{Method: "HEAD", Key: "none"}), 404, "")
			p.equal("body", r.Body, "")
		}},
		{"head/fields", pageHead, func(p *probe) {
			p.put("a", body)
			r := p.head("a")
			p.header(r, "Content-Length", "10")
			p.header(r, "Accept-Ranges", "bytes")
			p.header(r, "Etag", `"781e5e245d69b566979b86e28d23f2c7"`)
			if _, err := http.ParseTime(r.Header.Get("Last-Modified")); err != nil {
				p.fail("Last-Modified: %v", err)
			}
		}},
		{"head/range", pageHead, func(p *probe) {
			p.put("a", body)
			r := p.do(Request{Method: "HEAD", Key: "a", Header: map[string]string{"Range": "bytes=2-4"}})
			p.expect(r, 206, "")
			p.header(r, "Content-Length", "3")
			p.header(r, "Content-Range", "bytes 2-4/10")
		}},
	}
}

func writeCases() []Case {
	return []Case{
		{"put/empty", pagePut, func(p *probe) {
			r := p.put("a", "")
			p.header(r, "Etag", `"d41d8cd98f00b204e9800998ecf8427e"`)
			p.header(p.head("a"), "Content-Length", "0")
		}},
		{"put/folder-marker", pagePut, func(p *probe) {
			p.put("dir/", "", "Content-Type", "application/x-directory")
			p.header(p.head("dir/"), "Content-Type", "application/x-directory")
		}},
		{"put/default-type", pagePut, func(p *probe) {
			p.put("a", "x")
			p.header(p.head("a"), "Content-Type", "binary/octet-stream")
		}},
		{"put/headers", pageMetadata, func(p *probe) {
			h := []string{"Content-Type", "text/plain; charset=utf-8", "Cache-Control", "max-age=5", "Content-Disposition", `attachment; filename="x y"`,
				"Content-Language", "de-CH", "Content-Encoding", "gzip", "Expires", "Thu, 01 Dec 1994 16:00:00 GMT"}
			p.put("a", "x", h...)
			r := p.head("a")
			for i := 0; i < len(h); i += 2 {
				p.header(r, h[i], h[i+1])
			}
		}},
		{"put/metadata", pageMetadata, func(p *probe) {
			p.put("a", "x", "X-Amz-Meta-Colour", "dark  red", "X-Amz-Meta-MTime", "1700000000.5")
			r := p.head("a")
			p.header(r, "X-Amz-Meta-Mtime", "1700000000.5")
			if got := strings.Join(strings.Fields(r.Header.Get("X-Amz-Meta-Colour")), " "); got != "dark red" {
				p.fail("metadata is %q", got)
			}
		}},
		{"put/metadata-too-large", pageMetadata, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: map[string]string{"X-Amz-Meta-Big": strings.Repeat("x", 2100)}}), 400, "MetadataTooLarge")
		}},
		{"put/replace", pagePut, func(p *probe) {
			p.put("a", "old", "X-Amz-Meta-Old", "1")
			p.put("a", "new")
			p.equal("body", p.get("a").Body, "new")
			p.header(p.head("a"), "X-Amz-Meta-Old", "")
		}},
		{"put/none-match", pageConditional, func(p *probe) {
			p.put("a", "old", "If-None-Match", "*")
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "new", Header: map[string]string{"If-None-Match": "*"}}), 412, "PreconditionFailed")
			p.equal("body", p.get("a").Body, "old")
		}},
		{"put/match", pageConditional, func(p *probe) {
			etag := p.put("a", "old").Header.Get("Etag")
			p.put("a", "new", "If-Match", etag)
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "third", Header: map[string]string{"If-Match": etag}}), 412, "PreconditionFailed")
			p.equal("body", p.get("a").Body, "new")
		}},
		{"put/match-missing", pageConditional, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: map[string]string{"If-Match": `"x"`}}), 404, "NoSuchKey")
		}},
		{"put/class-unknown", pagePut, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: map[string]string{"X-Amz-Storage-Class": "PAPER"}}), 400, "InvalidStorageClass")
		}},
		{"put/class", pagePut, func(p *probe) {
			p.put("a", "x", "X-Amz-Storage-Class", "STANDARD_IA")
			p.header(p.head("a"), "X-Amz-Storage-Class", "STANDARD_IA")
			p.equal("listed class", p.list("list-type=2", "ListBucketResult").get("Contents/StorageClass"), "STANDARD_IA")
		}},
	}
}
