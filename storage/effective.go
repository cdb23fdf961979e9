package storage

import (
	"context"
	"errors"
	"slices"
	"strings"

	"pintail/storage/policy"
)

// Public is who could be let in besides the owner and those who are named.
type Public string

// The two: anybody at all, and anybody with an account of the service.
const (
	Anyone  Public = "anyone"
	Members Public = "members"
)

// Verdict is whether somebody can do something.
type Verdict int

// The verdicts. Depends: on the conditions of a policy. Unread: what decides could not be looked at. Some: in the bucket's Parts alone.
const (
	AccessNo Verdict = iota
	AccessYes
	AccessDepends
	AccessUnread
	AccessSome
)

// Reason is why a verdict is as it is.
type Reason string

// The reasons. Those that begin with a source's name say that it lets somebody in; the others that something stops it.
const (
	ByPolicy        Reason = "policy"         // the bucket's policy allows it
	ByCondition     Reason = "condition"      // the bucket's policy allows it under conditions
	ByList          Reason = "list"           // the object's access list grants it
	ByBucketList    Reason = "bucket-list"    // the bucket's access list grants it
	DeniedByPolicy  Reason = "denied"         // the bucket's policy denies it
	MaybeDenied     Reason = "maybe-denied"   // the bucket's policy denies it under conditions
	ListsOff        Reason = "lists-off"      // access lists are switched off: the list grants it in vain
	BlockedLists    Reason = "blocked-lists"  // the bucket's public access block ignores public lists
	BlockedPolicy   Reason = "blocked-policy" // the bucket's public access block restricts public policies
	PolicyUnread    Reason = "policy-unread"
	ListUnread      Reason = "list-unread"
	BlockUnread     Reason = "block-unread"
	NothingGrantsIt Reason = "nothing"
)

// Access is what some public can do at a place.
type Access struct {
	Who       Public
	Action    string // s3:GetObject, s3:ListBucket, s3:PutObject, s3:DeleteObject, s3:GetObjectAcl or s3:PutObjectAcl; of buckets s3:GetBucketAcl, s3:PutBucketAcl
	Verdict   Verdict
	Reasons   []Reason          // why, the deciding one first
	Parts     []string          // of a bucket: the keys that the policy opens, as it writes them
	Statement *policy.Statement // of the policy that decides; nil if none does
}

// AccessFacts is what decides who gets in. What could not be read is nil, with its error in Unread.
type AccessFacts struct {
	Location  Location
	List      *ACL // of the object; of the bucket where that is asked about
	Ownership string
	Policy    *policy.Policy // empty: there is none
	Block     *PublicAccessBlock
	// AccountBlock says that the account may have a block of its own, which cannot be read here and overrules all that is public.
	AccountBlock bool
	Unread       map[string]error // by feature: "acl", "ownership", "policy", "public-access"
}

// EffectiveAccess reads all that decides who gets at a bucket or an object. What may not be read is in the facts' Unread; what
// the server does not have counts as not there. Any other failure is an error.
func (s *Session) EffectiveAccess(ctx context.Context, loc Location) (AccessFacts, error) {
	f := AccessFacts{Location: loc, AccountBlock: s.endpoint.aws, Unread: map[string]error{}}
	if loc.Bucket == "" {
		return f, invalid("GetBucketAcl", loc, "NoBucket", "only a bucket or an object lets somebody in")
	}
	bucket := Location{Bucket: loc.Bucket}
	for _, part := range []struct {
		feature string
		read    func() error
		none    func()
	}{
		{"acl", func() error { a, err := s.ACL(ctx, loc); f.List = &a; return err }, func() { f.List = &ACL{} }},
		{"ownership", func() (err error) { f.Ownership, err = s.Ownership(ctx, bucket); return err }, func() {}},
		{"policy", func() error { p, err := s.readPolicy(ctx, bucket); f.Policy = &p; return err }, func() { f.Policy = &policy.Policy{} }},
		{"public-access", func() error { b, err := s.PublicAccessBlock(ctx, bucket); f.Block = &b; return err }, func() { f.Block = &PublicAccessBlock{} }},
	} {
		err := part.read()
		switch kind := KindOf(err); {
		case err == nil:
		case kind == KindUnsupported:
			part.none()
		case kind == KindPermission || isMalformedPolicy(err):
			f.Unread[part.feature] = err
		default:
			return f, err
		}
	}
	f.forgetUnread()
	return f, nil
}

// forgetUnread leaves nil what was not read.
func (f *AccessFacts) forgetUnread() {
	if f.Unread["acl"] != nil {
		f.List = nil
	}
	if f.Unread["policy"] != nil {
		f.Policy = nil
	}
	if f.Unread["public-access"] != nil {
		f.Block = nil
	}
}

func isMalformedPolicy(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == "MalformedPolicy"
}

// readPolicy is the policy of a bucket, understood; the empty one if there is none.
func (s *Session) readPolicy(ctx context.Context, bucket Location) (policy.Policy, error) {
	doc, err := s.BucketPolicy(ctx, bucket)
	if err != nil || doc == "" {
		return policy.Policy{}, err
	}
	p, err := policy.Parse([]byte(doc))
	var broken policy.Problem
	if errors.As(err, &broken) {
		return p, &Error{Op: "GetBucketPolicy", Location: bucket, Kind: KindOther, Code: "MalformedPolicy", Message: broken.Error(), Err: err}
	}
	return p, err
}

// question is an action that the public may have, and the permission of a list that gives it.
type question struct{ action, permission string }

// Judge answers, for each public, what it can do: at an object download, and read or change its list; at a bucket list, download,
// upload and delete all, and read or change its list. It asks nobody.
func (f AccessFacts) Judge() []Access {
	questions := []question{{"s3:GetObject", GrantRead}, {"s3:GetObjectAcl", GrantReadACP}, {"s3:PutObjectAcl", GrantWriteACP}}
	if f.Location.Key == "" {
		questions = []question{{"s3:ListBucket", GrantRead}, {"s3:GetObject", ""}, {"s3:PutObject", GrantWrite}, {"s3:DeleteObject", GrantWrite},
			{"s3:GetBucketAcl", GrantReadACP}, {"s3:PutBucketAcl", GrantWriteACP}}
	}
	var list []Access
	for _, q := range questions {
		for _, who := range []Public{Anyone, Members} {
			list = append(list, f.answer(who, q))
		}
	}
	return list
}

// answer judges one question: a denial of the policy beats all, then each source that grants is held against what stops it.
func (f AccessFacts) answer(who Public, q question) Access {
	a := Access{Who: who, Action: q.action}
	d := f.decide(q.action)
	a.Statement = d.Statement
	if d.Effect == policy.Denied {
		a.Reasons = []Reason{DeniedByPolicy}
		return a
	}
	var stops []Reason
	v, why := f.byPolicy(d.Effect)
	a.take(v, why, &stops)
	v, why = f.byList(who, q.permission)
	a.take(v, why, &stops)
	if d.Perhaps != nil && a.Verdict != AccessNo {
		if a.Verdict == AccessYes {
			a.Verdict = AccessDepends
		}
		a.Reasons = append([]Reason{MaybeDenied}, a.Reasons...)
	}
	if a.Verdict == AccessNo && len(stops) == 0 {
		stops = []Reason{NothingGrantsIt}
	}
	if a.Verdict == AccessNo {
		a.Reasons = stops
		f.inPart(&a)
	}
	return a
}

// inPart looks for keys that the policy opens in a bucket that it does not open as a whole.
func (f AccessFacts) inPart(a *Access) {
	if f.Policy == nil || f.Location.Key != "" || !onObjects(a.Action) {
		return
	}
	best := policy.Nothing
	for i := range f.Policy.Statements {
		st := &f.Policy.Statements[i]
		for _, resource := range st.Resources {
			_, path, _ := strings.Cut(resource, ":::")
			bucket, keys, found := strings.Cut(path, "/")
			if !st.Allow || !found || bucket != f.Location.Bucket {
				continue
			}
			e := f.ask(a.Action, bucket+"/"+strings.NewReplacer("*", "any object", "?", "x").Replace(keys)).Effect
			if e != policy.Allowed && e != policy.MaybeAllow || best == policy.Allowed && e != best {
				continue
			}
			if e != best {
				best, a.Parts = e, nil
			}
			if !slices.Contains(a.Parts, keys) {
				a.Parts = append(a.Parts, keys)
			}
			a.Statement = st
		}
	}
	verdict, why := f.byPolicy(best)
	if best == policy.Nothing || verdict == AccessNo {
		a.Parts = nil
		if verdict == AccessNo && len(why) > 0 {
			a.Reasons = why
		}
		return
	}
	if a.Verdict, a.Reasons = verdict, why; verdict == AccessYes {
		a.Verdict = AccessSome
	}
}

// onObjects tells whether an action that is asked of a bucket is one on its objects.
func onObjects(action string) bool {
	return action == "s3:GetObject" || action == "s3:PutObject" || action == "s3:DeleteObject"
}

// take keeps the strongest of the verdicts of several sources: yes, depends, unread, no.
func (a *Access) take(v Verdict, reasons []Reason, stops *[]Reason) {
	rank := map[Verdict]int{AccessNo: 0, AccessUnread: 1, AccessDepends: 2, AccessYes: 3}
	switch {
	case v == AccessNo:
		*stops = append(*stops, reasons...)
	case rank[v] > rank[a.Verdict]:
		a.Verdict, a.Reasons = v, append(reasons, a.Reasons...)
	default:
		a.Reasons = append(a.Reasons, reasons...)
	}
}

// decide asks the policy. Whoever belongs to the public has no name in it.
func (f AccessFacts) decide(action string) policy.Decision {
	if f.Policy == nil {
		return policy.Decision{}
	}
	resource := f.Location.Bucket
	switch {
	case f.Location.Key != "":
		resource += "/" + f.Location.Key
	case onObjects(action):
		resource += "/any object" // a statement about a folder alone is not about all
	}
	return f.ask(action, resource)
}

func (f AccessFacts) ask(action, resource string) policy.Decision {
	return f.Policy.Decide(policy.Request{Action: action, Resource: resource, Context: map[string][]string{"aws:securetransport": {"true"}}})
}

func (f AccessFacts) byPolicy(e policy.Effect) (Verdict, []Reason) {
	verdict, reason := AccessYes, ByPolicy
	switch {
	case f.Policy == nil:
		return AccessUnread, []Reason{PolicyUnread}
	case e == policy.Nothing:
		return AccessNo, nil
	case e == policy.MaybeAllow:
		verdict, reason = AccessDepends, ByCondition
	}
	switch {
	case f.Block == nil:
		return AccessUnread, []Reason{BlockUnread, reason}
	case f.Block.RestrictPublicBuckets && reason == ByPolicy: // a policy that is bound to fixed values is not public for the block
		return AccessNo, []Reason{BlockedPolicy}
	}
	return verdict, []Reason{reason}
}

func (f AccessFacts) byList(who Public, permission string) (Verdict, []Reason) {
	reason := ByBucketList
	if f.Location.Key != "" {
		reason = ByList
	}
	if permission == "" {
		return AccessNo, nil
	}
	if f.List == nil {
		return AccessUnread, []Reason{ListUnread}
	}
	granted := f.List.Allows(Grant{Grantee: Grantee{URI: GroupEveryone}, Permission: permission})
	if who == Members {
		granted = granted || f.List.Allows(Grant{Grantee: Grantee{URI: GroupAuthenticated}, Permission: permission})
	}
	switch {
	case !granted:
		return AccessNo, nil
	case f.Ownership == OwnerEnforced:
		return AccessNo, []Reason{ListsOff}
	case f.Block == nil:
		return AccessUnread, []Reason{BlockUnread, reason}
	case f.Block.IgnorePublicAcls:
		return AccessNo, []Reason{BlockedLists}
	}
	return AccessYes, []Reason{reason}
}
