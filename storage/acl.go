package storage

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Grantee is who a grant is for: an account (ID, with Name for people), an e-mail address where a server still takes one,
// or a group (URI).
type Grantee struct{ ID, Name, Email, URI string }

// Grant gives a grantee a permission: FULL_CONTROL, READ, WRITE, READ_ACP or WRITE_ACP.
type Grant struct {
	Grantee    Grantee
	Permission string
}

// ACL is an access control list with the owner of what it is about.
type ACL struct {
	Owner  Owner
	Grants []Grant
}

// Private tells whether a gives nothing to anybody but the owner.
func (a ACL) Private() bool {
	return !slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Grantee.ID != a.Owner.ID || g.Grantee.ID == "" })
}

// ACL reads the access control list of an object, or of the version that loc names.
func (s *Session) ACL(ctx context.Context, loc Location) (ACL, error) {
	if loc.Key == "" {
		return ACL{}, invalid("GetObjectAcl", loc, "NoKey", "an object has a key")
	}
	out, _, err := do(ctx, s, "GetObjectAcl", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetObjectAclOutput, error) {
		return c.GetObjectAcl(ctx, &s3.GetObjectAclInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version)})
	})
	if err != nil {
		return ACL{}, err
	}
	var a ACL
	if out.Owner != nil {
		a.Owner = Owner{ID: aws.ToString(out.Owner.ID), Name: aws.ToString(out.Owner.DisplayName)}
	}
	for _, g := range out.Grants {
		if w := g.Grantee; w != nil {
			a.Grants = append(a.Grants, Grant{Permission: string(g.Permission),
				Grantee: Grantee{ID: aws.ToString(w.ID), Name: aws.ToString(w.DisplayName), Email: aws.ToString(w.EmailAddress), URI: aws.ToString(w.URI)}})
		}
	}
	return a, nil
}

// SetACL replaces the access control list of an object, or of the version that loc names. The owner in a must be the object's.
func (s *Session) SetACL(ctx context.Context, loc Location, a ACL) error {
	if loc.Key == "" {
		return invalid("PutObjectAcl", loc, "NoKey", "an object has a key")
	}
	p := &types.AccessControlPolicy{Owner: &types.Owner{ID: optional(a.Owner.ID)}}
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
	_, _, err := do(ctx, s, "PutObjectAcl", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.PutObjectAclOutput, error) {
		return c.PutObjectAcl(ctx, &s3.PutObjectAclInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: optional(loc.Version), AccessControlPolicy: p}, withContentMD5)
	})
	return err
}
