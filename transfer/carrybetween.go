package transfer

import (
	"context"
	"slices"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// Between two connections a copy takes along what means the same on both sides: who may read it, where that is everybody or
// everybody with an account, and what keeps it from being deleted, where the target's bucket has locks. Grants to single accounts, keys
// and classes are of the source's own service: they stay behind, and the item's note names them. A move of what is locked fails where the
// lock cannot be carried: the source is not touched before a person has been told.

// carryBetween gives a proved copy on another connection the grants that it can have there, and says what it is without.
func (r *run) carryBetween(ctx context.Context, it *liveItem, src storage.Info, w storage.Written) error {
	left, err := r.grantBetween(ctx, it, src, w)
	if err != nil {
		return err
	}
	o := r.req.Options.Write
	if o.Lock.IsZero() {
		lock, err := r.lockBetween(ctx, it, src, w)
		if err != nil {
			return err
		}
		left = append(left, lock...)
	}
	if o.Encryption.Type == "" && strings.HasPrefix(src.Encryption.Type, "aws:kms") {
		left = append(left, text.T("transfer.left_key"))
	}
	if class := className(src.Class); o.Class == "" && class != className("") {
		left = append(left, text.T("transfer.left_class", class))
	}
	if len(left) > 0 {
		it.addNote(text.T("transfer.left", strings.Join(left, ", ")))
	}
	return nil
}

// grantBetween sets the grants that mean the same at the target, and names those that do not.
func (r *run) grantBetween(ctx context.Context, it *liveItem, src storage.Info, w storage.Written) (left []string, err error) {
	if r.req.Options.Write.ACL != "" || len(r.req.Options.Write.Grants) > 0 {
		return nil, nil
	}
	c := &r.carries
	var acl storage.ACL
	err = r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		c.mu.Lock()
		denied := c.noACL
		c.mu.Unlock()
		if denied != nil {
			return denied
		}
		var err error
		acl, err = s.ACL(ctx, src.Location)
		if storage.KindOf(err) == storage.KindPermission {
			c.mu.Lock()
			c.noACL = err
			c.mu.Unlock()
		}
		return err
	}})
	switch storage.KindOf(err) {
	case storage.KindPermission:
		return []string{text.T("transfer.left_acl_unread")}, nil
	case storage.KindUnsupported:
		return nil, nil // there are none
	}
	if err != nil {
		return nil, err
	}
	public, others := meansTheSame(acl)
	if others {
		left = append(left, text.T("transfer.left_grants"))
	}
	if len(public) == 0 {
		return left, nil
	}
	set, err := r.setGrants(ctx, it, w, public)
	if err == nil && !set {
		left = append(left, text.T("transfer.left_public"))
	}
	return left, err
}

// meansTheSame is the grants to read for everybody and for everybody with an account; others tells whether there are more than these
// and the owner's.
func meansTheSame(acl storage.ACL) (public []storage.Grant, others bool) {
	for _, g := range acl.Grants {
		group := g.Grantee.URI == storage.GroupEveryone || g.Grantee.URI == storage.GroupAuthenticated
		switch {
		case group && g.Permission == storage.GrantRead:
			public = append(public, g)
		case g.Grantee.ID == "" || g.Grantee.ID != acl.Owner.ID:
			others = true
		}
	}
	return public, others
}

// setGrants adds grants to what was written. False: the target has no access lists, or they may not be set.
func (r *run) setGrants(ctx context.Context, it *liveItem, w storage.Written, grants []storage.Grant) (bool, error) {
	to := it.to()
	to.Version = w.Version
	err := r.try(ctx, request{class: small, ref: r.req.targetRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		own, err := s.ACL(ctx, to)
		if err != nil || !slices.ContainsFunc(grants, func(g storage.Grant) bool { return !own.Allows(g) }) {
			return err
		}
		return s.SetACL(ctx, to, own.With(grants...))
	}})
	switch storage.KindOf(err) {
	case storage.KindPermission, storage.KindUnsupported, storage.KindInvalid:
		return false, nil
	}
	return err == nil, err
}
