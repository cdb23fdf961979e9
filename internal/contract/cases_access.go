package contract

import (
	"slices"
	"strings"
)

const (
	pageACL     = "User Guide: Access control list (ACL) overview"
	pageTags    = "User Guide: Categorizing your objects using tags"
	pageRestore = "API Reference: RestoreObject"
	allUsersURI = "http://acs.amazonaws.com/groups/global/AllUsers"
)

func accessCases() []Case {
	anonymous := func(p *probe, key string) *Reply { return p.do(Request{Method: "GET", Key: key, Anonymous: true}) }
	return []Case{
		{"acl/object-default", pageACL, func(p *probe) {
			p.put("a", "x")
			n := p.document(p.expect(p.do(Request{Method: "GET", Key: "a", Query: "acl"}), 200, ""), "AccessControlPolicy")
			p.equal("permissions", strings.Join(n.all("AccessControlList/Grant/Permission"), " "), "FULL_CONTROL")
			p.equal("grantee", n.get("AccessControlList/Grant/Grantee/ID"), n.get("Owner/ID"))
		}},
		{"acl/object-public", pageACL, func(p *probe) {
			p.put("a", "open", "X-Amz-Acl", "public-read")
			p.put("b", "closed")
			p.equal("body", p.expect(anonymous(p, "a"), 200, "").Body, "open")
			p.expect(anonymous(p, "b"), 403, "AccessDenied")
			n := p.document(p.do(Request{Method: "GET", Key: "a", Query: "acl"}), "AccessControlPolicy")
			p.equal("group", strings.Join(n.all("AccessControlList/Grant/Grantee/URI"), " "), allUsersURI)
		}},
		{"acl/object-change", pageACL, func(p *probe) {
			p.put("a", "x")
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: "acl", Header: map[string]string{"X-Amz-Acl": "public-read"}}), 200, "")
			p.expect(anonymous(p, "a"), 200, "")
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: "acl", Header: map[string]string{"X-Amz-Acl": "private"}}), 200, "")
			p.expect(anonymous(p, "a"), 403, "AccessDenied")
		}},
		{"acl/object-document", pageACL, func(p *probe) {
			p.put("a", "x")
			doc := p.do(Request{Method: "GET", Key: "a", Query: "acl"}).Body
			public := `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>` + allUsersURI + `</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList>`
			doc = strings.Replace(doc, "</AccessControlList>", public, 1)
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: "acl", Body: doc}), 200, "")
			p.expect(anonymous(p, "a"), 200, "")
		}},
		{"acl/bucket-public", pageACL, func(p *probe) {
			p.put("a", "x")
			p.expect(p.do(Request{Method: "PUT", Query: "acl", Header: map[string]string{"X-Amz-Acl": "public-read"}}), 200, "")
			n := p.list("acl", "AccessControlPolicy")
			p.equal("group", strings.Join(n.all("AccessControlList/Grant/Grantee/URI"), " "), allUsersURI)
			p.equal("keys", p.keys(p.document(p.expect(p.do(Request{Method: "GET", Query: "list-type=2", Anonymous: true}), 200, ""), "ListBucketResult")), "a")
			p.expect(p.do(Request{Method: "PUT", Key: "b", Body: "x", Anonymous: true}), 403, "AccessDenied")
		}},
		{"acl/unknown-canned", pageACL, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: map[string]string{"X-Amz-Acl": "everybody"}}), 400, "InvalidArgument")
		}},
		{"tags/object", pageTags, func(p *probe) {
			p.put("a", "x", "X-Amz-Tagging", "one=1&two%20=%C3%A4")
			n := p.document(p.do(Request{Method: "GET", Key: "a", Query: "tagging"}), "Tagging")
			p.equal("keys", strings.Join(sorted(n.all("TagSet/Tag/Key")), ","), "one,two ")
			p.header(p.head("a"), "X-Amz-Tagging-Count", "2")
			body := "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
			p.expect(p.do(Request{Method: "PUT", Key: "a", Query: "tagging", Body: body, Header: map[string]string{"Content-Md5": md5Of(body)}}), 200, "")
			n = p.document(p.do(Request{Method: "GET", Key: "a", Query: "tagging"}), "Tagging")
			p.equal("keys", strings.Join(n.all("TagSet/Tag/Key"), ","), "k")
			p.expect(p.do(Request{Method: "DELETE", Key: "a", Query: "tagging"}), 204, "")
			p.header(p.head("a"), "X-Amz-Tagging-Count", "")
		}},
		{"tags/eleven", pageTags, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Key: "a", Body: "x", Header: map[string]string{"X-Amz-Tagging": "a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k="}}), 400, "")
		}},
		{"tags/bucket", "API Reference: PutBucketTagging", func(p *probe) {
			p.expect(p.do(Request{Method: "GET", Query: "tagging"}), 404, "NoSuchTagSet")
			body := "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
			p.expect(p.do(Request{Method: "PUT", Query: "tagging", Body: body, Header: map[string]string{"Content-Md5": md5Of(body)}}), 204, "")
			p.equal("value", p.list("tagging", "Tagging").get("TagSet/Tag/Value"), "v")
			p.expect(p.do(Request{Method: "DELETE", Query: "tagging"}), 204, "")
			p.expect(p.do(Request{Method: "GET", Query: "tagging"}), 404, "NoSuchTagSet")
		}},
	}
}

func archiveCases() []Case {
	const standard = "<RestoreRequest><Days>2</Days><GlacierJobParameters><Tier>%</Tier></GlacierJobParameters></RestoreRequest>"
	restore := func(p *probe, tier string) *Reply {
		body := strings.Replace(standard, "%", tier, 1)
		return p.do(Request{Method: "POST", Key: "a", Query: "restore", Body: body, Header: map[string]string{"Content-Md5": md5Of(body)}})
	}
	return []Case{
		{"archive/not-readable", pageRestore, func(p *probe) {
			p.put("a", "x", "X-Amz-Storage-Class", "GLACIER")
			p.expect(p.get("a"), 403, "InvalidObjectState")
			p.header(p.head("a"), "X-Amz-Storage-Class", "GLACIER")
			p.expect(p.copyTo("b", "a"), 403, "InvalidObjectState")
		}},
		{"archive/restore", pageRestore, func(p *probe) {
			p.put("a", "x", "X-Amz-Storage-Class", "GLACIER")
			p.expect(restore(p, "Standard"), 202, "")
			p.header(p.head("a"), "X-Amz-Restore", `ongoing-request="true"`)
			p.expect(p.get("a"), 403, "InvalidObjectState")
			p.expect(restore(p, "Standard"), 409, "RestoreAlreadyInProgress")
		}},
		{"archive/restore-not-archived", pageRestore, func(p *probe) {
			p.put("a", "x")
			p.expect(restore(p, "Standard"), 403, "InvalidObjectState")
		}},
		{"archive/expedited-deep", pageRestore, func(p *probe) {
			p.put("a", "x", "X-Amz-Storage-Class", "DEEP_ARCHIVE")
			p.expect(restore(p, "Expedited"), 400, "InvalidArgument")
		}},
	}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
