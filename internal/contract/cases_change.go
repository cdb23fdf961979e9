package contract

import (
	"strings"
)

const (
	pageCopy       = "API Reference: CopyObject"
	pageDelete     = "API Reference: DeleteObject"
	pageBulkDelete = "API Reference: DeleteObjects"
	pageVersioning = "User Guide: Using versioning in S3 buckets"
)

// copyTo copies with the source percent-encoded.
func (p *probe) copyTo(to, from string, headers ...string) *Reply {
	h := pairs(headers)
	h["X-Amz-Copy-Source"] = "/" + p.bucket + "/" + escape(from, "/")
	return p.do(Request{Method: "PUT", Key: to, Header: h})
}

func copyCases() []Case {
	return []Case{
		{"copy/plain", pageCopy, func(p *probe) {
			etag := p.put("a", "hello", "Content-Type", "text/x", "X-Amz-Meta-A", "b", "X-Amz-Tagging", "t=1").Header.Get("Etag")
			n := p.document(p.expect(p.copyTo("b", "a"), 200, ""), "CopyObjectResult")
			p.equal("ETag", n.get("ETag"), etag)
			r := p.head("b")
			p.header(r, "Content-Type", "text/x")
			p.header(r, "X-Amz-Meta-A", "b")
			p.equal("body", p.get("b").Body, "hello")
			p.equal("tag", p.document(p.do(Request{Method: "GET", Key: "b", Query: "tagging"}), "Tagging").get("TagSet/Tag/Value"), "1")
		}},
		{"copy/replace", pageCopy, func(p *probe) {
			p.put("a", "hello", "Content-Type", "text/x", "Content-Language", "de", "X-Amz-Meta-A", "b")
			p.expect(p.copyTo("a", "a", "X-Amz-Metadata-Directive", "REPLACE", "Content-Type", "text/y", "X-Amz-Meta-C", "d"), 200, "")
			r := p.head("a")
			p.header(r, "Content-Type", "text/y")
			p.header(r, "X-Amz-Meta-C", "d")
			p.header(r, "X-Amz-Meta-A", "")
			p.header(r, "Content-Language", "")
		}},
		{"copy/replace-tags", pageCopy, func(p *probe) {
			p.put("a", "hello", "X-Amz-Tagging", "t=1")
			p.expect(p.copyTo("b", "a", "X-Amz-Tagging-Directive", "REPLACE", "X-Amz-Tagging", "u=2"), 200, "")
			n := p.document(p.do(Request{Method: "GET", Key: "b", Query: "tagging"}), "Tagging")
			p.equal("tags", strings.Join(n.all("TagSet/Tag/Key"), " "), "u")
		}},
		{"copy/onto-itself", pageCopy, func(p *probe) {
			p.put("a", "hello")
			p.expect(p.copyTo("a", "a"), 400, "InvalidRequest")
		}},
		{"copy/class-of-itself", pageCopy, func(p *probe) {
			p.put("a", "hello")
			p.expect(p.copyTo("a", "a", "X-Amz-Storage-Class", "STANDARD_IA"), 200, "")
			p.header(p.head("a"), "X-Amz-Storage-Class", "STANDARD_IA")
		}},
		{"copy/awkward-source", pageCopy, func(p *probe) {
			p.put("a b+c%20/ä?#", "hello")
			p.expect(p.copyTo("b", "a b+c%20/ä?#"), 200, "")
			p.equal("body", p.get("b").Body, "hello")
		}},
		{"copy/missing", pageCopy, func(p *probe) { p.expect(p.copyTo("b", "none"), 404, "NoSuchKey") }},
		{"copy/if-match", pageCopy, func(p *probe) {
			etag := p.put("a", "hello").Header.Get("Etag")
			p.expect(p.copyTo("b", "a", "X-Amz-Copy-Source-If-Match", `"x"`), 412, "PreconditionFailed")
			p.expect(p.copyTo("b", "a", "X-Amz-Copy-Source-If-None-Match", etag), 412, "PreconditionFailed")
			p.expect(p.copyTo("b", "a", "X-Amz-Copy-Source-If-Match", etag), 200, "")
		}},
		{"copy/none-match-target", pageConditional, func(p *probe) {
			p.put("a", "hello")
			p.put("b", "old")
			p.expect(p.copyTo("b", "a", "If-None-Match", "*"), 412, "PreconditionFailed")
			p.equal("body", p.get("b").Body, "old")
		}},
	}
}

func (p *probe) bulk(body string, headers ...string) *Reply {
	h := pairs(headers)
	if h["X"] == "" {
		h["Content-Md5"] = md5Of(body)
	}
	delete(h, "X")
	return p.do(Request{Method: "POST", Query: "delete", Body: body, Header: h})
}

func deleteCases() []Case {
	return []Case{
		{"delete/missing", pageDelete, func(p *probe) { p.expect(p.do(Request{Method: "DELETE", Key: "none"}), 204, "") }},
		{"delete/match", pageConditional, func(p *probe) {
			etag := p.put("a", "x").Header.Get("Etag")
			p.expect(p.do(Request{Method: "DELETE", Key: "a", Header: map[string]string{"If-Match": `"x"`}}), 412, "PreconditionFailed")
			p.expect(p.do(Request{Method: "DELETE", Key: "a", Header: map[string]string{"If-Match": etag}}), 204, "")
		}},
		{"delete/bulk", pageBulkDelete, func(p *probe) {
			p.fill("a", "b&<c>", "d")
			n := p.document(p.expect(p.bulk("<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;&lt;c&gt;</Key></Object><Object><Key>none</Key></Object></Delete>"), 200, ""), "DeleteResult")
			p.equal("deleted", strings.Join(sorted(n.all("Deleted/Key")), " "), "a b&<c> none")
			p.equal("left", p.keys(p.list("list-type=2", "ListBucketResult")), "d")
		}},
		{"delete/bulk-quiet", pageBulkDelete, func(p *probe) {
			p.fill("a")
			n := p.document(p.expect(p.bulk("<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>"), 200, ""), "DeleteResult")
			p.equal("entries", strings.Join(n.all("Deleted/Key"), " "), "")
			p.equal("left", p.keys(p.list("list-type=2", "ListBucketResult")), "")
		}},
		{"delete/bulk-checksum", pageBulkDelete, func(p *probe) {
			body := "<Delete><Object><Key>a</Key></Object></Delete>"
			p.expect(p.bulk(body, "X", "1", "X-Amz-Checksum-Sha256", sum("SHA256", body)), 200, "")
			p.expect(p.bulk(body, "X", "1", "X-Amz-Checksum-Sha256", sum("SHA256", "other")), 400, "BadDigest")
		}},
		{"delete/bulk-no-digest", pageBulkDelete, func(p *probe) {
			p.expect(p.bulk("<Delete><Object><Key>a</Key></Object></Delete>", "X", "1"), 400, "InvalidRequest")
		}},
		{"delete/bulk-1001", pageBulkDelete, func(p *probe) {
			p.expect(p.bulk("<Delete>"+strings.Repeat("<Object><Key>a</Key></Object>", 1001)+"</Delete>"), 400, "MalformedXML")
		}},
		{"delete/bulk-malformed", pageBulkDelete, func(p *probe) { p.expect(p.bulk("<Delete><Object>"), 400, "MalformedXML") }},
	}
}

// versioned switches versioning.
func (p *probe) versioned(status string) {
	body := "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>"
	p.expect(p.do(Request{Method: "PUT", Query: "versioning", Body: body, Header: map[string]string{"Content-Md5": md5Of(body)}}), 200, "")
}

func versionCases() []Case {
	byID := func(p *probe, method, id string) *Reply {
		return p.do(Request{Method: method, Key: "a", Query: "versionId=" + escape(id, "")})
	}
	return []Case{
		{"version/state", pageVersioning, func(p *probe) {
			p.equal("status", p.list("versioning", "VersioningConfiguration").get("Status"), "")
			p.versioned("Enabled")
			p.equal("status", p.list("versioning", "VersioningConfiguration").get("Status"), "Enabled")
		}},
		{"version/read-old", pageVersioning, func(p *probe) {
			p.versioned("Enabled")
			one := p.put("a", "one").Header.Get("X-Amz-Version-Id")
			two := p.put("a", "two").Header.Get("X-Amz-Version-Id")
			if one == "" || one == two {
				p.fail("version ids %q and %q", one, two)
			}
			p.equal("old", byID(p, "GET", one).Body, "one")
			p.equal("new", p.get("a").Body, "two")
			n := p.list("versions", "ListVersionsResult")
			p.equal("versions", strings.Join(n.all("Version/VersionId"), " "), two+" "+one)
			p.equal("latest", strings.Join(n.all("Version/IsLatest"), " "), "true false")
		}},
		{"version/marker", pageVersioning, func(p *probe) {
			p.versioned("Enabled")
			one := p.put("a", "one").Header.Get("X-Amz-Version-Id")
			r := p.expect(p.do(Request{Method: "DELETE", Key: "a"}), 204, "")
			p.header(r, "X-Amz-Delete-Marker", "true")
			marker := r.Header.Get("X-Amz-Version-Id")
			p.expect(p.get("a"), 404, "NoSuchKey")
			p.equal("keys", p.keys(p.list("list-type=2", "ListBucketResult")), "")
			p.equal("listed marker", p.list("versions", "ListVersionsResult").get("DeleteMarker/VersionId"), marker)
			p.equal("old", byID(p, "GET", one).Body, "one")
			p.header(p.expect(byID(p, "DELETE", marker), 204, ""), "X-Amz-Delete-Marker", "true")
			p.equal("back", p.get("a").Body, "one")
		}},
		{"version/marker-header-on-404", pageVersioning, func(p *probe) {
			p.versioned("Enabled")
			p.put("a", "one")
			p.do(Request{Method: "DELETE", Key: "a"})
			p.header(p.expect(p.get("a"), 404, ""), "X-Amz-Delete-Marker", "true")
		}},
		{"version/read-marker", pageVersioning, func(p *probe) {
			p.versioned("Enabled")
			marker := p.do(Request{Method: "DELETE", Key: "a"}).Header.Get("X-Amz-Version-Id")
			p.expect(byID(p, "GET", marker), 405, "MethodNotAllowed")
		}},
		{"version/delete-one", pageVersioning, func(p *probe) {
			p.versioned("Enabled")
			one := p.put("a", "one").Header.Get("X-Amz-Version-Id")
			p.put("a", "two")
			p.header(p.expect(byID(p, "DELETE", one), 204, ""), "X-Amz-Version-Id", one)
			p.expect(byID(p, "GET", one), 404, "NoSuchVersion")
			p.equal("new", p.get("a").Body, "two")
		}},
		{"version/null", pageVersioning, func(p *probe) {
			p.put("a", "before")
			p.versioned("Enabled")
			p.put("a", "after")
			p.equal("null version", byID(p, "GET", "null").Body, "before")
			p.versioned("Suspended")
			p.put("a", "suspended")
			p.equal("null version", byID(p, "GET", "null").Body, "suspended")
			if n := len(p.list("versions", "ListVersionsResult").all("Version/VersionId")); n != 2 {
				p.fail("%d versions, want 2", n)
			}
		}},
		{"version/pages", pageVersions, func(p *probe) {
			p.versioned("Enabled")
			for _, k := range []string{"a", "a", "b", "c"} {
				p.put(k, k)
			}
			seen, q := []string{}, "versions&max-keys=1"
			for range 10 {
				n := p.list(q, "ListVersionsResult")
				seen = append(seen, n.all("Version/Key")...)
				if n.get("IsTruncated") != "true" {
					break
				}
				q = "versions&max-keys=1&key-marker=" + escape(n.get("NextKeyMarker"), "") + "&version-id-marker=" + escape(n.get("NextVersionIdMarker"), "")
			}
			p.equal("all", strings.Join(seen, " "), "a a b c")
		}},
		{"version/copy-old", pageCopy, func(p *probe) {
			p.versioned("Enabled")
			one := p.put("a", "one").Header.Get("X-Amz-Version-Id")
			p.put("a", "two")
			p.expect(p.do(Request{Method: "PUT", Key: "a", Header: map[string]string{"X-Amz-Copy-Source": "/" + p.bucket + "/a?versionId=" + escape(one, "")}}), 200, "")
			p.equal("body", p.get("a").Body, "one")
		}},
		{"version/bulk", pageBulkDelete, func(p *probe) {
			p.versioned("Enabled")
			one := p.put("a", "one").Header.Get("X-Amz-Version-Id")
			n := p.document(p.bulk("<Delete><Object><Key>a</Key></Object></Delete>"), "DeleteResult")
			p.equal("marker", n.get("Deleted/DeleteMarker"), "true")
			marker := n.get("Deleted/DeleteMarkerVersionId")
			p.bulk("<Delete><Object><Key>a</Key><VersionId>" + marker + "</VersionId></Object><Object><Key>a</Key><VersionId>" + one + "</VersionId></Object></Delete>")
			root := p.list("versions", "ListVersionsResult")
			p.equal("left", strings.Join(append(root.all("Version/Key"), root.all("DeleteMarker/Key")...), " "), "")
		}},
	}
}
