package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

const (
	allUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	logDelivery        = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

var permissions = []string{"FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"}

// grant gives a permission to the owner's account (or another canonical id), or to a group.
type grant struct {
	id         string // canonical user, "" for a group
	uri        string
	permission string
}

// allows says whether anybody at all has the permission.
func allows(acl []grant, permission string) bool {
	return slices.ContainsFunc(acl, func(g grant) bool {
		return g.uri == allUsers && (g.permission == permission || g.permission == "FULL_CONTROL")
	})
}

// canned gives the grants of a canned list, beside the owner's own; see "Canned ACL".
var canned = map[string][]grant{
	"private":                   {},
	"public-read":               {{uri: allUsers, permission: "READ"}},
	"public-read-write":         {{uri: allUsers, permission: "READ"}, {uri: allUsers, permission: "WRITE"}},
	"authenticated-read":        {{uri: authenticatedUsers, permission: "READ"}},
	"bucket-owner-read":         {},
	"bucket-owner-full-control": {},
	"aws-exec-read":             {},
	"log-delivery-write":        {{uri: logDelivery, permission: "WRITE"}, {uri: logDelivery, permission: "READ_ACP"}},
}

var grantHeaders = map[string]string{
	"X-Amz-Grant-Full-Control": "FULL_CONTROL", "X-Amz-Grant-Read": "READ", "X-Amz-Grant-Write": "WRITE",
	"X-Amz-Grant-Read-Acp": "READ_ACP", "X-Amz-Grant-Write-Acp": "WRITE_ACP",
}

func (s *Server) ownerGrant() grant { return grant{id: s.ownerID(), permission: "FULL_CONTROL"} }

// requestedACL reads x-amz-acl or the x-amz-grant headers; with neither the list is private.
func (c *call) requestedACL(isBucket bool) ([]grant, error) {
	h := c.r.Header
	name := h.Get("X-Amz-Acl")
	var explicit []grant
	for header, permission := range grantHeaders {
		grants, err := headerGrants(h.Get(header), permission)
		if err != nil {
			return nil, err
		}
		explicit = append(explicit, grants...)
	}
	switch {
	case name != "" && len(explicit) > 0:
		return nil, fail("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed")
	case len(explicit) > 0:
		return explicit, nil
	case name == "":
		name = "private"
	}
	grants, ok := canned[name]
	if !ok || (name == "log-delivery-write" && !isBucket) {
		return nil, fail("InvalidArgument", "", field{"ArgumentName", "x-amz-acl"}, field{"ArgumentValue", name})
	}
	return append([]grant{c.s.ownerGrant()}, grants...), nil
}

// headerGrants reads `id="…", uri="…"`.
func headerGrants(v, permission string) ([]grant, error) {
	var out []grant
	for item := range strings.SplitSeq(v, ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		kind, value, _ := strings.Cut(strings.TrimSpace(item), "=")
		value = strings.Trim(value, `"`)
		switch {
		case kind == "id" && !isCanonicalID(value):
			return nil, noSuchID(value)
		case kind == "id":
			out = append(out, grant{id: value, permission: permission})
		case kind == "uri" && isGroup(value):
			out = append(out, grant{uri: value, permission: permission})
		case kind == "emailAddress":
			return nil, fail("MethodNotAllowed", "Email grantees are not supported.")
		default:
			return nil, fail("InvalidArgument", "Argument format not recognized")
		}
	}
	return out, nil
}

// isCanonicalID tells whether an account can have the id. Which accounts there are is not known to a server with one.
func isCanonicalID(id string) bool {
	raw, err := hex.DecodeString(id)
	return err == nil && len(raw) == sha256.Size
}

func noSuchID(id string) error {
	return fail("InvalidArgument", "Invalid id", field{"ArgumentName", "CanonicalUser/ID"}, field{"ArgumentValue", id})
}

func isGroup(uri string) bool {
	return uri == allUsers || uri == authenticatedUsers || uri == logDelivery
}

// checkOwnership refuses a list for a bucket in which lists are switched off; see "Controlling ownership of objects".
// The store must be locked.
func (c *call) checkOwnership(b *bucket) error {
	if asked, err := c.requestedACL(true); err == nil && b.blocked(asked) {
		return fail("AccessDenied", "")
	}
	if !b.aclsOff {
		return nil
	}
	for name := range grantHeaders {
		if c.r.Header.Get(name) != "" {
			return fail("AccessControlListNotSupported", "")
		}
	}
	asked := c.r.Header.Get("X-Amz-Acl")
	if asked == "bucket-owner-full-control" || (asked == "" && !strings.HasSuffix(c.op, "Acl")) {
		return nil
	}
	return fail("AccessControlListNotSupported", "")
}

// withACL runs f on the list of the request's bucket or object. The store is locked for writing meanwhile.
func (c *call) withACL(permission string, f func(*[]grant)) error {
	c.s.store.mu.Lock()
	defer c.s.store.mu.Unlock()
	if c.key == "" {
		b, err := c.openBucket(permission)
		if err != nil {
			return err
		}
		if strings.HasPrefix(c.op, "Put") {
			if err := c.checkOwnership(b); err != nil {
				return err
			}
		}
		f(&b.acl)
		return nil
	}
	b := c.s.store.buckets[c.bucket]
	if b == nil {
		return fail("NoSuchBucket", "", field{"BucketName", c.bucket})
	}
	v, err := c.object(b, permission)
	if err != nil {
		return err
	}
	if strings.HasPrefix(c.op, "Put") {
		if err := c.checkOwnership(b); err != nil {
			return err
		}
	}
	if b.versioning != "" {
		c.w.Header().Set("X-Amz-Version-Id", v.id)
	}
	v.own()
	f(&v.acl)
	return nil
}

func (c *call) getACL() error {
	x := newXML("AccessControlPolicy", s3Namespace)
	if err := c.withACL("READ_ACP", func(acl *[]grant) { c.writeACL(x, *acl) }); err != nil {
		return err
	}
	c.writeXML(http.StatusOK, x)
	return nil
}

func (c *call) writeACL(x *xmlWriter, acl []grant) {
	c.writeOwner(x, "Owner")
	x.start("AccessControlList")
	for _, g := range acl {
		kind := "CanonicalUser"
		if g.uri != "" {
			kind = "Group"
		}
		x.start("Grant")
		x.start("Grantee", field{"xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"}, field{"xsi:type", kind})
		x.optional("ID", g.id)
		if g.id == c.s.ownerID() {
			x.text("DisplayName", displayName)
		}
		x.optional("URI", g.uri)
		x.end()
		x.text("Permission", g.permission)
		x.end()
	}
	x.end()
}

type aclDocument struct {
	Owner struct{ ID string }
	List  struct {
		Grants []struct {
			Grantee struct {
				ID           string
				URI          string
				EmailAddress string
			}
			Permission string
		} `xml:"Grant"`
	} `xml:"AccessControlList"`
}

func (c *call) putACL() error {
	acl, err := c.newACL()
	if err != nil {
		return err
	}
	if b := c.lookBucket(); b != nil && c.refusesList(b, acl) {
		return fail("AccessDenied", "")
	}
	if err := c.withACL("WRITE_ACP", func(old *[]grant) { *old = acl }); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}

// refusesList tells whether the bucket may not have a list.
func (c *call) refusesList(b *bucket, acl []grant) bool {
	c.s.store.mu.RLock()
	defer c.s.store.mu.RUnlock()
	return b.blocked(acl)
}

// newACL takes the list from the headers, or else from the document.
func (c *call) newACL() ([]grant, error) {
	fromHeader := c.r.Header.Get("X-Amz-Acl") != ""
	for name := range grantHeaders {
		fromHeader = fromHeader || c.r.Header.Get(name) != ""
	}
	if fromHeader {
		return c.requestedACL(c.key == "")
	}
	var doc aclDocument
	if err := c.readXML("AccessControlPolicy", &doc); err != nil {
		return nil, err
	}
	if doc.Owner.ID != c.s.ownerID() {
		return nil, fail("AccessDenied", "")
	}
	var acl []grant
	for _, g := range doc.List.Grants {
		n := grant{id: g.Grantee.ID, uri: g.Grantee.URI, permission: g.Permission}
		switch {
		case g.Grantee.EmailAddress != "":
			return nil, fail("MethodNotAllowed", "Email grantees are not supported.")
		case (n.id == "") == (n.uri == ""), !slices.Contains(permissions, n.permission), n.uri != "" && !isGroup(n.uri):
			return nil, fail("MalformedACLError", "")
		case n.uri == "" && !isCanonicalID(n.id):
			return nil, noSuchID(n.id)
		}
		acl = append(acl, n)
	}
	return acl, nil
}
