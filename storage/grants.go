package storage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The groups that S3 has, as grantees' URIs.
const (
	GroupEveryone      = "http://acs.amazonaws.com/groups/global/AllUsers"
	GroupAuthenticated = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" // anybody with an account of the service
	GroupLogDelivery   = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

// The permissions of a grant.
const (
	GrantRead        = "READ"
	GrantWrite       = "WRITE" // of buckets only
	GrantReadACP     = "READ_ACP"
	GrantWriteACP    = "WRITE_ACP"
	GrantFullControl = "FULL_CONTROL"
)

// MaxGrants is how many grants a list may have.
const MaxGrants = 100

// Grantee is who a grant is for: an account (ID, with Name for people), an e-mail address where a server still takes one,
// or a group (URI).
type Grantee struct{ ID, Name, Email, URI string }

// groupNames are the groups as people write them.
var groupNames = map[string]string{"everyone": GroupEveryone, "authenticated": GroupAuthenticated, "log-delivery": GroupLogDelivery}

// ParseGrantee reads a grantee as people write it: everyone, authenticated, log-delivery, owner, a group's address, an e-mail
// address, or a canonical id.
func ParseGrantee(s string, owner Owner) (Grantee, error) {
	uri, group := groupNames[strings.ToLower(s)]
	switch {
	case s == "":
		return Grantee{}, fmt.Errorf("a grant needs somebody to give it to")
	case group:
		return Grantee{URI: uri}, nil
	case strings.EqualFold(s, "owner"):
		return Grantee{ID: owner.ID, Name: owner.Name}, nil
	case strings.Contains(s, "://"):
		return Grantee{URI: s}, nil
	case strings.Contains(s, "@"):
		return Grantee{Email: s}, nil
	}
	return Grantee{ID: s}, nil
}

// ParseGrant reads GRANTEE:PERMISSION, for example "everyone:READ".
func ParseGrant(s string, owner Owner) (Grant, error) {
	i := strings.LastIndexByte(s, ':') // a canonical id of other servers may hold colons
	if i < 0 {
		return Grant{}, fmt.Errorf("%q is no GRANTEE:PERMISSION", s)
	}
	who, err := ParseGrantee(s[:i], owner)
	if err != nil {
		return Grant{}, err
	}
	p := strings.ToUpper(s[i+1:])
	if grantBits[p] == 0 {
		return Grant{}, fmt.Errorf("%q is no permission: there are READ, WRITE, READ_ACP, WRITE_ACP and FULL_CONTROL", s[i+1:])
	}
	return Grant{Grantee: who, Permission: p}, nil
}

// String is the form that [ParseGrantee] reads.
func (g Grantee) String() string {
	for name, uri := range groupNames {
		if uri == g.URI {
			return name
		}
	}
	return g.URI + g.ID + emailWithout(g)
}

func emailWithout(g Grantee) string {
	if g.ID != "" || g.URI != "" {
		return ""
	}
	return g.Email
}

// Is tells whether both are the same grantee; a name is for people and does not count.
func (g Grantee) Is(h Grantee) bool { return g.key() == h.key() }

func (g Grantee) key() string {
	switch {
	case g.URI != "":
		return "group " + g.URI
	case g.ID != "":
		return "id " + g.ID
	}
	return "email " + strings.ToLower(g.Email)
}

// Grant gives a grantee a permission: FULL_CONTROL, READ, WRITE, READ_ACP or WRITE_ACP.
type Grant struct {
	Grantee    Grantee
	Permission string
}

// grantBits are the permissions as a set; FULL_CONTROL is all of them.
var grantBits = map[string]int{GrantRead: 1, GrantWrite: 2, GrantReadACP: 4, GrantWriteACP: 8, GrantFullControl: 15}

// GrantPermissions are the permissions that a list at loc can give. WRITE on an object does nothing, so that it is not among them.
func GrantPermissions(loc Location) []string {
	if loc.Key == "" {
		return []string{GrantRead, GrantWrite, GrantReadACP, GrantWriteACP, GrantFullControl}
	}
	return []string{GrantRead, GrantReadACP, GrantWriteACP, GrantFullControl}
}

// Private tells whether a gives nothing to anybody but the owner.
func (a ACL) Private() bool {
	return !slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Grantee.ID != a.Owner.ID || g.Grantee.ID == "" })
}

// Allows tells whether a gives the permission to the grantee itself, by this grant or by full control.
func (a ACL) Allows(g Grant) bool {
	want := grantBits[g.Permission]
	return want != 0 && a.rights()[g.Grantee.key()]&want == want
}

// With is a with grants added. What is there already is not added again.
func (a ACL) With(add ...Grant) ACL {
	a.Grants = slices.Clone(a.Grants)
	for _, g := range add {
		if !a.Allows(g) {
			a.Grants = append(a.Grants, g)
		}
	}
	return a
}

// Without is a without the permissions of grants: who has FULL_CONTROL keeps the others one by one, and who loses FULL_CONTROL
// loses all. loc says whether it is a bucket's list, in which WRITE is one of them.
func (a ACL) Without(loc Location, remove ...Grant) ACL {
	grants := a.Grants
	for _, r := range remove {
		var left []Grant
		for _, g := range grants {
			switch {
			case !g.Grantee.Is(r.Grantee) || grantBits[g.Permission]&grantBits[r.Permission] == 0:
				left = append(left, g)
			case g.Permission == GrantFullControl && r.Permission != GrantFullControl:
				for _, p := range GrantPermissions(loc) {
					if p != GrantFullControl && p != r.Permission {
						left = append(left, Grant{Grantee: g.Grantee, Permission: p})
					}
				}
			}
		}
		grants = left
	}
	a.Grants = slices.Clone(grants)
	return a
}

// Diff is what [Session.ChangeACL] has to add and to remove to make a into b.
func (a ACL) Diff(b ACL) (add, remove []Grant) {
	for _, g := range b.Grants {
		if !slices.ContainsFunc(a.Grants, g.same) {
			add = append(add, g)
		}
	}
	for _, g := range a.Grants {
		if !slices.ContainsFunc(b.Grants, g.same) {
			remove = append(remove, g)
		}
	}
	return add, remove
}

func (g Grant) same(h Grant) bool { return g.Permission == h.Permission && g.Grantee.Is(h.Grantee) }

// Equal tells whether both have the same owner and give the same to the same, in whatever order and words.
func (a ACL) Equal(b ACL) bool { return a.Owner.ID == b.Owner.ID && maps.Equal(a.rights(), b.rights()) }

// rights are the permissions of each grantee as a set.
func (a ACL) rights() map[string]int {
	m := map[string]int{}
	for _, g := range a.Grants {
		m[g.Grantee.key()] |= grantBits[g.Permission]
	}
	return m
}

func (a ACL) hasEmail() bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return strings.HasPrefix(g.Grantee.key(), "email ") })
}

// shownAs tells whether got is what a server shows of a: an e-mail address becomes the account that it belongs to.
func (a ACL) shownAs(got ACL) bool {
	want, have := a.rights(), got.rights()
	emails := 0
	if a.hasEmail() && len(got.Grants) < len(a.Grants) {
		return false
	}
	for who, p := range want {
		if !strings.HasPrefix(who, "email ") {
			continue
		}
		delete(want, who)
		emails++
		found := have[who]&p == p
		for id, q := range have {
			found = found || strings.HasPrefix(id, "id ") && q&p == p
		}
		if !found {
			return false
		}
	}
	strange := 0
	for who, p := range have {
		if want[who] == 0 {
			strange++
		} else if emails == 0 && want[who] != p || want[who]&p != want[who] {
			return false
		}
		delete(want, who)
	}
	return len(want) == 0 && strange <= emails
}

// check refuses a list that no server takes.
func (a ACL) check(op string, loc Location) error {
	if loc.Bucket == "" {
		return invalid(op, loc, "NoBucket", "an access list belongs to a bucket or an object")
	}
	if n := len(a.Grants); n > MaxGrants {
		return invalid(op, loc, CodeTooManyGrants, "an access list has %d grants at most, and this one has %d", MaxGrants, n)
	}
	for _, g := range a.Grants {
		if grantBits[g.Permission] == 0 {
			return invalid(op, loc, CodeBadGrant, "%q is no permission", g.Permission)
		}
		if g.Grantee.key() == "email " {
			return invalid(op, loc, CodeBadGrant, "a grant needs somebody to give it to")
		}
	}
	return nil
}

// checkNew refuses grants that would do nothing. Those that are in a list already are none of its business.
func checkNew(op string, loc Location, add []Grant) error {
	for _, g := range add {
		if g.Permission == GrantWrite && loc.Key != "" {
			return invalid(op, loc, CodeBadGrant, "WRITE on an object does nothing: the bucket's list says who may write")
		}
	}
	return ACL{Grants: add}.check(op, loc)
}

// CannedACL is a ready-made list, with what it can be given to.
type CannedACL struct {
	Name           string
	Object, Bucket bool
	groups         map[string]int // what groups get
	others         bool           // accounts besides the owner get something
}

// CannedACLs are those that S3 knows.
func CannedACLs() []CannedACL {
	all := map[string]int{"group " + GroupEveryone: 1}
	return []CannedACL{
		{Name: "private", Object: true, Bucket: true},
		{Name: "public-read", Object: true, Bucket: true, groups: all},
		{Name: "public-read-write", Object: true, Bucket: true, groups: map[string]int{"group " + GroupEveryone: 3}},
		{Name: "authenticated-read", Object: true, Bucket: true, groups: map[string]int{"group " + GroupAuthenticated: 1}},
		{Name: "bucket-owner-read", Object: true, others: true},
		{Name: "bucket-owner-full-control", Object: true, others: true},
		{Name: "aws-exec-read", Object: true, Bucket: true, others: true},
		{Name: "log-delivery-write", Bucket: true, groups: map[string]int{"group " + GroupLogDelivery: 6}},
	}
}

// cannedACL finds the list with a name that applies at loc.
func cannedACL(name string, loc Location) (CannedACL, bool) {
	for _, c := range CannedACLs() {
		if c.Name == name && (loc.Key == "" && c.Bucket || loc.Key != "" && c.Object) {
			return c, true
		}
	}
	return CannedACL{}, false
}

// shownAs tells whether got can be what c means.
func (c CannedACL) shownAs(got ACL) bool {
	groups := map[string]int{}
	for who, p := range got.rights() {
		switch {
		case strings.HasPrefix(who, "group "):
			groups[who] = p
		case who != "id "+got.Owner.ID && !c.others:
			return false
		}
	}
	return maps.Equal(groups, c.groups)
}
