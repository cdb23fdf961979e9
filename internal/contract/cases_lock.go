package contract

import (
	"strings"
	"time"
)

const (
	pageLock     = "User Guide: Locking objects with Object Lock"
	lockDocument = `<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled>`
	lockSuffix   = "-lock" // of the names of buckets with object lock
)

// lockBucket makes a bucket with object lock; the case goes on in it, and the one it had is removed.
func (p *probe) lockBucket() {
	p.cleanUp()
	p.bucket += lockSuffix
	p.expect(p.do(Request{Method: "PUT", Header: map[string]string{"X-Amz-Bucket-Object-Lock-Enabled": "true"}}), 200, "")
}

// locked stores an object with a digest of its body, as a lock needs it.
func (p *probe) locked(key string, headers ...string) *Reply {
	return p.put(key, "x", append(headers, "Content-Md5", digest("x"))...)
}

func (p *probe) retain(key, mode string, until time.Time, headers ...string) *Reply {
	doc := "<Retention/>"
	if mode != "" {
		doc = "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>" + until.UTC().Format(time.RFC3339) + "</RetainUntilDate></Retention>"
	}
	return p.do(Request{Method: "PUT", Key: key, Query: "retention", Body: doc, Header: pairs(append(headers, "Content-Md5", digest(doc)))})
}

func (p *probe) hold(key, status string) *Reply {
	doc := "<LegalHold><Status>" + status + "</Status></LegalHold>"
	return p.do(Request{Method: "PUT", Key: key, Query: "legal-hold", Body: doc, Header: map[string]string{"Content-Md5": digest(doc)}})
}

func (p *probe) deleteVersion(key string, of *Reply, headers ...string) *Reply {
	return p.do(Request{Method: "DELETE", Key: key, Query: "versionId=" + escape(of.Header.Get("X-Amz-Version-Id"), ""), Header: pairs(headers)})
}

func (p *probe) lockConfiguration(rule string) *Reply {
	doc := lockDocument + rule + "</ObjectLockConfiguration>"
	return p.do(Request{Method: "PUT", Query: "object-lock", Body: doc, Header: map[string]string{"Content-Md5": digest(doc)}})
}

// sameTime compares two times of answers to the second.
func (p *probe) sameTime(what, got string, want time.Time) {
	if t, err := time.Parse(time.RFC3339, got); err != nil || t.Sub(want).Abs() >= time.Second {
		p.fail("%s is %q, want %s", what, got, want.UTC().Format(time.RFC3339))
	}
}

const bypass = "X-Amz-Bypass-Governance-Retention"

func lockCases() []Case {
	in := func(d time.Duration) time.Time { return time.Now().Add(d).UTC().Truncate(time.Second) }
	day := 24 * time.Hour
	return []Case{
		{"lock/none", pageLock, func(p *probe) {
			p.put("a", "x")
			p.expect(p.do(Request{Method: "GET", Query: "object-lock"}), 404, "ObjectLockConfigurationNotFoundError")
			p.expect(p.retain("a", "GOVERNANCE", in(day)), 400, "InvalidRequest")
			p.expect(p.hold("a", "ON"), 400, "InvalidRequest")
		}},
		{"lock/bucket", pageLock, func(p *probe) {
			p.lockBucket()
			p.equal("ObjectLockEnabled", p.list("object-lock", "ObjectLockConfiguration").get("ObjectLockEnabled"), "Enabled")
			p.equal("versioning", p.list("versioning", "VersioningConfiguration").get("Status"), "Enabled")
			p.expect(p.do(Request{Method: "PUT", Query: "versioning", Body: "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"}), 409, "InvalidBucketState")
		}},
		{"lock/unversioned-bucket", "API Reference: PutObjectLockConfiguration", func(p *probe) {
			p.expect(p.lockConfiguration(""), 409, "InvalidBucketState")
		}},
		{"lock/default", "API Reference: PutObjectLockConfiguration", func(p *probe) {
			p.lockBucket()
			p.expect(p.lockConfiguration("<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>3</Days></DefaultRetention></Rule>"), 200, "")
			p.equal("Days", p.list("object-lock", "ObjectLockConfiguration").get("Rule/DefaultRetention/Days"), "3")
			v := p.locked("a")
			r := p.head("a")
			p.header(r, "X-Amz-Object-Lock-Mode", "GOVERNANCE")
			made, err := time.Parse(time.RFC1123, r.Header.Get("Last-Modified"))
			if err != nil {
				p.fail("Last-Modified: %v", err)
			}
			p.sameTime("the end", r.Header.Get("X-Amz-Object-Lock-Retain-Until-Date"), made.Add(3*day))
			p.expect(p.deleteVersion("a", v), 403, "AccessDenied")
			p.expect(p.deleteVersion("a", v, bypass, "true"), 204, "")
		}},
		{"lock/default-malformed", "API Reference: PutObjectLockConfiguration", func(p *probe) {
			p.lockBucket()
			p.expect(p.lockConfiguration("<Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>3</Days><Years>1</Years></DefaultRetention></Rule>"), 400, "MalformedXML")
		}},
		{"lock/never-set", "API Reference: GetObjectRetention", func(p *probe) {
			p.lockBucket()
			p.put("a", "x")
			p.expect(p.do(Request{Method: "GET", Key: "a", Query: "legal-hold"}), 404, "NoSuchObjectLockConfiguration")
			p.expect(p.do(Request{Method: "GET", Key: "a", Query: "retention"}), 404, "NoSuchObjectLockConfiguration")
		}},
		{"lock/retention-away", "API Reference: PutObjectRetention", func(p *probe) {
			p.lockBucket()
			v := p.put("a", "x")
			p.expect(p.retain("a", "GOVERNANCE", in(day)), 200, "")
			p.expect(p.retain("a", "", time.Time{}), 403, "AccessDenied")
			p.expect(p.retain("a", "", time.Time{}, bypass, "true"), 200, "")
			p.expect(p.deleteVersion("a", v), 204, "")
		}},
		{"lock/hold", "API Reference: PutObjectLegalHold", func(p *probe) {
			p.lockBucket()
			v := p.put("a", "x")
			p.expect(p.hold("a", "ON"), 200, "")
			n := p.document(p.expect(p.do(Request{Method: "GET", Key: "a", Query: "legal-hold"}), 200, ""), "LegalHold")
			p.equal("Status", n.get("Status"), "ON")
			p.header(p.head("a"), "X-Amz-Object-Lock-Legal-Hold", "ON")
			p.expect(p.deleteVersion("a", v, bypass, "true"), 403, "AccessDenied")
			p.expect(p.hold("a", "perhaps"), 400, "MalformedXML")
			p.expect(p.hold("a", "OFF"), 200, "")
			p.expect(p.deleteVersion("a", v), 204, "")
		}},
		{"lock/retention", "API Reference: PutObjectRetention", func(p *probe) {
			p.lockBucket()
			v := p.put("a", "x")
			end := in(2 * day)
			p.expect(p.retain("a", "GOVERNANCE", in(-day)), 400, "InvalidArgument")
			p.expect(p.retain("a", "GOVERNANCE", end), 200, "")
			n := p.document(p.expect(p.do(Request{Method: "GET", Key: "a", Query: "retention"}), 200, ""), "Retention")
			p.equal("Mode", n.get("Mode"), "GOVERNANCE")
			p.sameTime("the end", n.get("RetainUntilDate"), end)
			p.expect(p.retain("a", "GOVERNANCE", end.Add(-day)), 403, "AccessDenied")
			p.expect(p.retain("a", "GOVERNANCE", end.Add(-day), bypass, "true"), 200, "")
			p.expect(p.deleteVersion("a", v), 403, "AccessDenied")
			p.expect(p.do(Request{Method: "DELETE", Key: "a"}), 204, "") // a marker is laid over it
			p.expect(p.deleteVersion("a", v, bypass, "true"), 204, "")
		}},
		{"lock/retention-bulk", pageLock, func(p *probe) {
			p.lockBucket()
			v := p.locked("a", "X-Amz-Object-Lock-Legal-Hold", "ON")
			n := p.document(p.expect(p.bulk("<Delete><Object><Key>a</Key><VersionId>"+v.Header.Get("X-Amz-Version-Id")+"</VersionId></Object></Delete>"), 200, ""), "DeleteResult")
			p.equal("code", n.get("Error/Code"), "AccessDenied")
			p.expect(p.hold("a", "OFF"), 200, "")
		}},
		{"lock/compliance", pageLock, func(p *probe) {
			p.lockBucket()
			end := in(time.Hour)
			v := p.locked("a", "X-Amz-Object-Lock-Mode", "COMPLIANCE", "X-Amz-Object-Lock-Retain-Until-Date", end.Format(time.RFC3339))
			r := p.head("a")
			p.header(r, "X-Amz-Object-Lock-Mode", "COMPLIANCE")
			p.sameTime("the end", r.Header.Get("X-Amz-Object-Lock-Retain-Until-Date"), end)
			p.expect(p.retain("a", "GOVERNANCE", end.Add(day), bypass, "true"), 403, "AccessDenied")
			p.expect(p.deleteVersion("a", v, bypass, "true"), 403, "AccessDenied")
		}},
		{"lock/headers-malformed", "API Reference: PutObject", func(p *probe) {
			p.lockBucket()
			for _, h := range []string{
				"X-Amz-Object-Lock-Mode COMPLIANCE", "X-Amz-Object-Lock-Legal-Hold perhaps",
				"X-Amz-Object-Lock-Mode never X-Amz-Object-Lock-Retain-Until-Date " + in(day).Format(time.RFC3339),
			} {
				h := append(strings.Fields(h), "Content-Md5", digest("x"))
				p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: pairs(h)}), 400, "InvalidArgument")
			}
		}},
		{"lock/headers-without-lock", "API Reference: PutObject", func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: map[string]string{"Content-Md5": digest("x"), "X-Amz-Object-Lock-Legal-Hold": "ON"}}), 400, "InvalidRequest")
		}},
		{"lock/not-copied", "API Reference: CopyObject", func(p *probe) {
			p.lockBucket()
			p.locked("a", "X-Amz-Object-Lock-Legal-Hold", "ON")
			p.expect(p.copyTo("b", "a"), 200, "")
			p.header(p.head("b"), "X-Amz-Object-Lock-Legal-Hold", "")
			p.expect(p.hold("a", "OFF"), 200, "")
		}},
		{"lock/multipart", "API Reference: CreateMultipartUpload", func(p *probe) {
			p.lockBucket()
			r := p.expect(p.do(Request{Method: "POST", Key: "a", Query: "uploads", Header: map[string]string{"X-Amz-Object-Lock-Legal-Hold": "ON"}}), 200, "")
			id := p.document(r, "InitiateMultipartUploadResult").get("UploadId")
			etag := p.expect(p.do(Request{Method: "PUT", Key: "a", Query: "partNumber=1&uploadId=" + id, Body: "x", Header: map[string]string{"Content-Md5": digest("x")}}), 200, "").Header.Get("Etag")
			p.expect(p.do(Request{Method: "POST", Key: "a", Query: "uploadId=" + id,
				Body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag + "</ETag></Part></CompleteMultipartUpload>"}), 200, "")
			p.header(p.head("a"), "X-Amz-Object-Lock-Legal-Hold", "ON")
			p.expect(p.hold("a", "OFF"), 200, "")
		}},
	}
}
