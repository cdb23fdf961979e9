package storagetest

import (
	"strings"

	"pintail/storage"
	"pintail/storage/policy"
)

// Access lists of buckets and objects.
var accessCases = []testCase{
	{"grants of an object are changed one by one", nil, func(e *Env) {
		if e.Target.Quirks.NoACL {
			e.Skip("the server has no ACLs on objects")
		}
		proveFeature(e, "acl.object")
		e.MustPut("o", []byte("x"), storage.WriteOptions{})
		changeGrants(e, e.Loc("o"))
	}},
	{"grants of a bucket are changed one by one", nil, func(e *Env) {
		loc := storage.Location{Bucket: e.Bucket}
		if e.Target.Quirks.NoBucketGrants {
			aclsOn(e)
			_, err := e.S.ChangeACL(e.Context(), loc, []storage.Grant{{Grantee: storage.Grantee{URI: storage.GroupEveryone}, Permission: "READ"}}, nil)
			e.wantKind(err, storage.KindUnsupported)
			return
		}
		proveFeature(e, "acl.bucket")
		changeGrants(e, loc)
	}},
	{"canned lists of objects", nil, func(e *Env) {
		if e.Target.Quirks.NoACL {
			e.Skip("the server has no ACLs on objects")
		}
		proveFeature(e, "acl.canned")
		e.MustPut("o", []byte("x"), storage.WriteOptions{})
		canned(e, e.Loc("o"))
	}},
	{"canned lists of buckets", []string{"acl.canned"}, func(e *Env) {
		aclsOn(e)
		canned(e, storage.Location{Bucket: e.Bucket})
	}},
	{"access lists are switched off", nil, func(e *Env) {
		if !e.Target.Quirks.ACLsOff {
			e.Skip("new buckets of this server have access lists")
		}
		_, err := e.S.SetCannedACL(e.Context(), storage.Location{Bucket: e.Bucket}, "public-read")
		e.wantKind(err, storage.KindUnsupported)
		e.wantCode(err, "AccessControlListNotSupported")
	}},
	{"who gets in is judged as it is", []string{"acl.effective"}, func(e *Env) {
		e.MustPut("o", []byte("x"), storage.WriteOptions{})
		judged(e, "at first")
		if !e.Target.Quirks.NoACL {
			if _, err := e.S.SetCannedACL(e.Context(), e.Loc("o"), "public-read"); err != nil {
				e.Fatal(err)
			}
			judged(e, "with a public list")
			block := storage.PublicAccessBlock{BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
			err := e.S.SetPublicAccessBlock(e.Context(), storage.Location{Bucket: e.Bucket}, block)
			if err != nil && storage.KindOf(err) != storage.KindUnsupported {
				e.Fatal(err)
			}
			judged(e, "with a public list and a block")
			return
		}
		tmpl, err := policy.Templates()[0].Make(policy.TemplateOptions{Bucket: e.Bucket})
		if err != nil {
			e.Fatal(err)
		}
		if err := e.S.SetBucketPolicy(e.Context(), storage.Location{Bucket: e.Bucket}, string(tmpl)); err != nil {
			e.Fatal(err)
		}
		judged(e, "with a public policy")
	}},
	{"an access list of what is not there", nil, func(e *Env) {
		_, err := e.S.ACL(e.Context(), storage.Location{Bucket: e.Bucket + "-none"})
		e.wantKind(err, storage.KindNotFound)
		_, err = e.S.ACL(e.Context(), e.Loc("none"))
		e.wantKind(err, storage.KindNotFound, storage.KindUnsupported)
		_, err = e.S.ChangeACL(e.Context(), e.Loc("none"), []storage.Grant{{Grantee: storage.Grantee{URI: storage.GroupEveryone}, Permission: "READ"}}, nil)
		e.wantKind(err, storage.KindNotFound, storage.KindUnsupported)
	}},
	{"a canonical id that nobody has", nil, func(e *Env) {
		if e.Target.Quirks.NoBucketGrants {
			e.Skip("the server takes no lists of grants for buckets")
		}
		_, err := e.S.ChangeACL(e.Context(), storage.Location{Bucket: e.Bucket}, []storage.Grant{{Grantee: storage.Grantee{ID: "nobody at all"}, Permission: "READ"}}, nil)
		e.wantKind(err, storage.KindInvalid)
		e.wantCode(err, storage.CodeNoSuchGrantee)
	}},
	{"a grant by e-mail", nil, func(e *Env) {
		if e.Target.Quirks.NoBucketGrants {
			e.Skip("the server takes no lists of grants for buckets")
		}
		loc := storage.Location{Bucket: e.Bucket}
		add := []storage.Grant{{Grantee: storage.Grantee{Email: "other@example.com"}, Permission: "READ"}}
		got, err := e.S.ChangeACL(e.Context(), loc, add, nil)
		if !e.Target.Quirks.Emails {
			e.wantKind(err, storage.KindUnsupported)
			e.wantCode(err, storage.CodeNoEmail)
			return
		}
		proveFeature(e, "acl.email")
		if err != nil || !got.Allows(storage.Grant{Grantee: storage.Grantee{ID: "other"}, Permission: "READ"}) {
			e.Fatalf("%+v, %v", got, err)
		}
		add[0].Grantee.Email = "nobody@example.com"
		_, err = e.S.ChangeACL(e.Context(), loc, add, nil)
		e.wantKind(err, storage.KindInvalid)
		e.wantCode(err, "UnresolvableGrantByEmailAddress")
	}},
}

// judged compares what is said of anyone's downloads with what happens.
func judged(e *Env, when string) {
	e.Helper()
	f, err := e.S.EffectiveAccess(e.Context(), e.Loc("o"))
	if err != nil || len(f.Unread) > 0 {
		e.Fatalf("%s: %+v, %v", when, f, err)
	}
	var said storage.Access
	for _, a := range f.Judge() {
		if a.Who == storage.Anyone && a.Action == "s3:GetObject" {
			said = a
		}
	}
	_, err = anonymous(e).Stat(e.Context(), e.Loc("o"))
	if want := err == nil; want != (said.Verdict == storage.AccessYes) {
		e.Errorf("%s: said %v because of %v; asked without credentials: %v", when, said.Verdict, said.Reasons, err)
	}
}

// aclsOn switches the bucket's access lists on where they are off in a new bucket.
func aclsOn(e *Env) {
	e.Helper()
	if !e.Target.Quirks.ACLsOff {
		return
	}
	err := e.S.SetOwnership(e.Context(), storage.Location{Bucket: e.Bucket}, storage.OwnerPreferred)
	if err != nil {
		e.Fatal(err)
	}
}

// wantCode fails the case unless err has the code.
func (e *Env) wantCode(err error, code string) {
	e.Helper()
	if err == nil || !strings.Contains(err.Error(), code) {
		e.Errorf("code is not %s: %v", code, err)
	}
}

// changeGrants adds and takes grants at loc and looks each time at the whole list.
func changeGrants(e *Env, loc storage.Location) {
	e.Helper()
	first, err := e.S.ACL(e.Context(), loc)
	if err != nil || !first.Private() || first.Owner.ID == "" {
		e.Fatalf("%+v, %v", first, err)
	}
	grant := func(who, p string) storage.Grant {
		g, err := storage.ParseGrant(who+":"+p, first.Owner)
		if err != nil {
			e.Fatal(err)
		}
		return g
	}
	members := grant("authenticated", "READ_ACP")
	want := first
	for _, step := range []struct{ add, remove []storage.Grant }{
		{add: []storage.Grant{grant("everyone", "READ"), members}},
		{add: []storage.Grant{grant("everyone", "FULL_CONTROL")}},
		{remove: []storage.Grant{grant("everyone", "READ_ACP")}},
		{remove: []storage.Grant{grant("everyone", "FULL_CONTROL"), grant("authenticated", "WRITE_ACP")}},
		{remove: []storage.Grant{members}},
	} {
		want = want.Without(loc, step.remove...).With(step.add...)
		got, err := e.S.ChangeACL(e.Context(), loc, step.add, step.remove)
		if err != nil || !got.Equal(want) {
			e.Fatalf("%+v:\n got %+v, %v\nwant %+v", step, got, err, want)
		}
		if read, err := e.S.ACL(e.Context(), loc); err != nil || !read.Equal(want) {
			e.Fatalf("%+v: read back %+v, %v", step, read, err)
		}
	}
	if !want.Equal(first) {
		e.Errorf("in the end %+v, at first %+v", want, first)
	}
}

// canned gives loc each ready-made list that applies to it.
func canned(e *Env, loc storage.Location) {
	e.Helper()
	for _, c := range storage.CannedACLs() {
		got, err := e.S.SetCannedACL(e.Context(), loc, c.Name)
		switch {
		case c.Bucket && loc.Key == "", c.Object && loc.Key != "":
			if e.Target.Quirks.Canned[c.Name] {
				e.wantKind(err, storage.KindInvalid, storage.KindUnsupported)
				continue
			}
			if err != nil || got.Owner.ID == "" {
				e.Errorf("%s: %+v, %v", c.Name, got, err)
			}
			everyone := got.Allows(storage.Grant{Grantee: storage.Grantee{URI: storage.GroupEveryone}, Permission: "READ"})
			if everyone != strings.HasPrefix(c.Name, "public-") {
				e.Errorf("%s: everyone may read: %v", c.Name, everyone)
			}
		default:
			e.wantKind(err, storage.KindInvalid)
		}
	}
}
