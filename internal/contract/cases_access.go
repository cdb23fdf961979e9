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
		{"acl/bucket-grants", pageACL, func(p *probe) { grantsStay(p, "") }},
		{"acl/object-grants", pageACL, func(p *probe) {
			p.put("a", "x")
			grantsStay(p, "a")
		}},
		{"acl/unknown-id", pageACL, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Query: "acl", Header: map[string]string{"X-Amz-Grant-Read": `id="nobody at all"`}}), 400, "InvalidArgument")
		}},
		{"acl/foreign-owner", pageACL, func(p *probe) {
			doc := strings.Replace(p.do(Request{Method: "GET", Query: "acl"}).Body, "<Owner><ID>", "<Owner><ID>0", 1)
			p.expect(p.do(Request{Method: "PUT", Query: "acl", Body: doc}), 403, "AccessDenied")
		}},
		{"acl/email", "User Guide: Email grantee ACLs", func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Query: "acl", Header: map[string]string{"X-Amz-Grant-Read": `emailAddress="other@example.com"`}}), 405, "MethodNotAllowed")
		}},
		{"acl/document-and-canned", "API Reference: PutBucketAcl", func(p *probe) {
			both := map[string]string{"X-Amz-Acl": "public-read", "X-Amz-Grant-Read": `uri="` + allUsersURI + `"`}
			p.expect(p.do(Request{Method: "PUT", Query: "acl", Header: both}), 400, "InvalidRequest")
		}},
		{"acl/log-delivery", pageACL, func(p *probe) {
			p.expect(p.do(Request{Method: "PUT", Query: "acl", Header: map[string]string{"X-Amz-Acl": "log-delivery-write"}}), 200, "")
			p.equal("permissions", strings.Join(sorted(p.list("acl", "AccessControlPolicy").all("AccessControlList/Grant/Permission")), " "), "FULL_CONTROL READ_ACP WRITE")
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

// grantsStay sets a list of four grants on the bucket or a key, and reads the same four back.
func grantsStay(p *probe, key string) {
	read := func() *node {
		return p.document(p.expect(p.do(Request{Method: "GET", Key: key, Query: "acl"}), 200, ""), "AccessControlPolicy")
	}
	owner := read().get("Owner/ID")
	const grant = `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="%">@</Grantee><Permission>#</Permission></Grant>`
	one := func(kind, who, permission string) string {
		return strings.NewReplacer("%", kind, "@", who, "#", permission).Replace(grant)
	}
	group := func(uri string) string { return "<URI>" + uri + "</URI>" }
	doc := "<AccessControlPolicy><Owner><ID>" + owner + "</ID></Owner><AccessControlList>" +
		one("CanonicalUser", "<ID>"+owner+"</ID>", "FULL_CONTROL") + one("Group", group(allUsersURI), "READ") + one("Group", group(allUsersURI), "READ_ACP") +
		one("Group", group("http://acs.amazonaws.com/groups/global/AuthenticatedUsers"), "WRITE_ACP") + "</AccessControlList></AccessControlPolicy>"
	p.expect(p.do(Request{Method: "PUT", Key: key, Query: "acl", Body: doc, Header: map[string]string{"Content-Md5": md5Of(doc)}}), 200, "")
	n := read()
	p.equal("permissions", strings.Join(sorted(n.all("AccessControlList/Grant/Permission")), " "), "FULL_CONTROL READ READ_ACP WRITE_ACP")
	p.equal("owner", n.get("Owner/ID"), owner)
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
