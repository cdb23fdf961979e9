package storage

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ACL is an access control list with the owner of what it is about. grants.go has what can be said about one without asking.
type ACL struct {
	Owner  Owner
	Grants []Grant
}

// ACL reads the access control list of a bucket, an object, or the version that loc names.
func (s *Session) ACL(ctx context.Context, loc Location) (ACL, error) {
	if loc.Bucket == "" {
		return ACL{}, invalid("GetBucketAcl", loc, "NoBucket", "an access list belongs to a bucket or an object")
	}
	if loc.Key == "" {
		out, rec, err := do(ctx, s, "GetBucketAcl", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetBucketAclOutput, error) {
			return c.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: &loc.Bucket})
		})
		if err != nil {
			return ACL{}, notOffered(rec, err)
		}
		return aclOf(out.Owner, out.Grants), nil
	}
	_, rec, err := do(ctx, s, "GetObjectAcl", loc, func(ctx context.Context, c *s3.Client, rec *call) (any, error) {
		if r := s.lean(ctx, rec); r != nil {
			r.aspect("acl=", loc.Version)
			return r.send(ctx)
		}
		return c.GetObjectAcl(ctx, &s3.GetObjectAclInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version)})
	})
	if err != nil && loc.Version == "" { // else the version may be the wrong argument
		err = notOffered(rec, err)
	}
	if err != nil {
		return ACL{}, err
	}
	return aclFrom(rec.document)
}

// aclFrom reads an AccessControlPolicy document.
func aclFrom(document []byte) (ACL, error) {
	var owner types.Owner
	var grants []types.Grant
	err := walkXML(document, func(path []string, raw []byte, end bool) error {
		at := strings.Join(path[1:], "/")
		if at == "AccessControlList/Grant" && !end {
			grants = append(grants, types.Grant{Grantee: &types.Grantee{}})
		}
		if !end {
			return nil
		}
		text := string(raw)
		if of, inGrant := strings.CutPrefix(at, "AccessControlList/Grant/"); inGrant {
			g := &grants[len(grants)-1]
			switch of {
			case "Permission":
				g.Permission = types.Permission(text)
			case "Grantee/ID":
				g.Grantee.ID = &text
			case "Grantee/DisplayName":
				g.Grantee.DisplayName = &text
			case "Grantee/EmailAddress":
				g.Grantee.EmailAddress = &text
			case "Grantee/URI":
				g.Grantee.URI = &text
			}
			return nil
		}
		switch at {
		case "Owner/ID":
			owner.ID = &text
		case "Owner/DisplayName":
			owner.DisplayName = &text
		}
		return nil
	})
	return aclOf(&owner, grants), err
}

func aclOf(owner *types.Owner, grants []types.Grant) ACL {
	var a ACL
	if owner != nil {
		a.Owner = Owner{ID: aws.ToString(owner.ID), Name: aws.ToString(owner.DisplayName)}
	}
	for _, g := range grants {
		w := g.Grantee
		if w == nil {
			continue
		}
		who := Grantee{ID: aws.ToString(w.ID), Name: aws.ToString(w.DisplayName), Email: aws.ToString(w.EmailAddress), URI: aws.ToString(w.URI)}
		if who.URI == "" && who.ID == "all-users" { // versitygw 1.8 gives the group a name of its own
			who = Grantee{URI: GroupEveryone}
		}
		a.Grants = append(a.Grants, Grant{Permission: string(g.Permission), Grantee: who})
	}
	return a
}

// SetACL replaces the access control list of a bucket, an object, or the version that loc names, in one request and without
// looking at what became of it; [Session.ChangeACL] is for people. The owner in a must be the true one.
func (s *Session) SetACL(ctx context.Context, loc Location, a ACL) error {
	op := aclOp(loc)
	if err := a.check(op, loc); err != nil {
		return err
	}
	p := &types.AccessControlPolicy{Owner: &types.Owner{ID: optional(a.Owner.ID)}, Grants: []types.Grant{}}
	for _, g := range a.Grants {
		w := &types.Grantee{Type: types.TypeCanonicalUser, ID: optional(g.Grantee.ID)}
		switch {
		case g.Grantee.URI != "":
			w = &types.Grantee{Type: types.TypeGroup, URI: optional(g.Grantee.URI)}
		case g.Grantee.Email != "" && g.Grantee.ID == "":
			w = &types.Grantee{Type: types.TypeAmazonCustomerByEmail, EmailAddress: optional(g.Grantee.Email)}
		}
		p.Grants = append(p.Grants, types.Grant{Permission: types.Permission(g.Permission), Grantee: w})
	}
	return aclFailure(a, s.putACL(ctx, loc, p, ""))
}

func aclOp(loc Location) string {
	if loc.Key == "" {
		return "PutBucketAcl"
	}
	return "PutObjectAcl"
}

func (s *Session) putACL(ctx context.Context, loc Location, p *types.AccessControlPolicy, canned string) error {
	op := aclOp(loc)
	if loc.Key == "" {
		_, _, err := do(ctx, s, op, loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutBucketAclOutput, error) {
			return c.PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: &loc.Bucket, AccessControlPolicy: p, ACL: types.BucketCannedACL(canned)}, withContentMD5)
		})
		return err
	}
	_, _, err := do(ctx, s, op, loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutObjectAclOutput, error) {
		return c.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version),
			AccessControlPolicy: p, ACL: types.ObjectCannedACL(canned)}, withContentMD5)
	})
	return err
}

// ChangeACL takes grants out of a list and puts others in, and leaves the owner and all other grants as they are. It reads the
// list, writes the new one and reads it back; what it returns is what the server then shows. Nothing is written when the list is
// as wanted already. Without a version in loc the current one is changed.
//
// Errors beside those of the server: [KindInvalid] for a grant that cannot be (nothing was sent), and [CodeIgnored].
func (s *Session) ChangeACL(ctx context.Context, loc Location, add, remove []Grant) (ACL, error) {
	op := aclOp(loc)
	if err := s.writable(aclOp(loc), loc); err != nil {
		return ACL{}, err
	}
	if err := checkNew(op, loc, add); err != nil {
		return ACL{}, err
	}
	before, err := s.ACL(ctx, loc)
	if err != nil {
		return ACL{}, err
	}
	want := before.Without(loc, remove...).With(add...)
	if want.Equal(before) {
		return before, nil
	}
	return s.settleACL(ctx, loc, s.SetACL(ctx, loc, want), want.shownAs)
}

// SetCannedACL gives a bucket, an object, or the version that loc names one of [CannedACLs], reads the list back and returns it.
// Errors are those of [Session.ChangeACL].
func (s *Session) SetCannedACL(ctx context.Context, loc Location, name string) (ACL, error) {
	op := aclOp(loc)
	c, ok := cannedACL(name, loc)
	switch {
	case loc.Bucket == "":
		return ACL{}, invalid(op, loc, "NoBucket", "an access list belongs to a bucket or an object")
	case !ok:
		return ACL{}, invalid(op, loc, CodeBadGrant, "there is no ready-made list %q for this", name)
	}
	err := aclFailure(ACL{}, s.putACL(ctx, loc, nil, name))
	return s.settleACL(ctx, loc, err, c.shownAs)
}

// settleACL looks at what became of a write. A write whose answer was lost is done if the list is as wanted; if that cannot be
// seen either, the error says that it is not known.
func (s *Session) settleACL(ctx context.Context, loc Location, wrote error, shown func(ACL) bool) (ACL, error) {
	var lost *Error
	if wrote != nil {
		if !errors.As(wrote, &lost) || !mayHaveWritten(lost) {
			return ACL{}, wrote
		}
	}
	got, err := s.ACL(ctx, loc)
	switch {
	case lost != nil && err != nil:
		lost.Unknown = true
		return ACL{}, lost
	case lost != nil && !shown(got):
		return got, lost
	case err != nil:
		return ACL{}, err
	case !shown(got):
		return got, ignored(aclOp(loc), loc, "the list that was read back is another")
	}
	return got, nil
}

// mayHaveWritten tells whether a failure may hide a success.
func mayHaveWritten(e *Error) bool {
	switch e.Kind {
	case KindNetwork, KindServer, KindTruncated, KindNotS3:
		return true
	}
	return false
}

// Codes of errors about grants that the server's own code does not tell.
const (
	CodeNoSuchGrantee = "NoSuchGrantee" // KindInvalid: no account has the canonical id
	CodeNoEmail       = "NoEmail"       // KindUnsupported: grants by e-mail are not taken (any more)
	CodeBadGrant      = "BadGrant"      // KindInvalid: it cannot be; nothing was sent
	CodeTooManyGrants = "TooManyGrants" // KindInvalid: more than MaxGrants; nothing was sent
)

// aclFailure gives errors of a write their own codes where the server says the same of many things.
func aclFailure(a ACL, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	code := ""
	switch {
	case e.Code == "MalformedACLError" || e.Code == "MalformedXML":
		// The document is one of S3's, so that the server does not know all of it: versitygw takes no groups.
		told := *e
		told.Kind = KindUnsupported
		return &told
	case e.Code == "InvalidArgument" && strings.Contains(strings.ToLower(e.Message), "invalid id"):
		code = CodeNoSuchGrantee
	case a.hasEmail() && (e.HTTPStatus == http.StatusMethodNotAllowed || e.HTTPStatus == http.StatusNotImplemented):
		code = CodeNoEmail
	}
	if code == "" {
		return err
	}
	told := *e
	told.Message = strings.TrimSuffix(e.Code+": "+e.Message, ": ")
	told.Code = code
	return &told
}
