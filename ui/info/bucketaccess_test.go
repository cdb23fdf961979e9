package info

import (
	"strings"
	"testing"

	"pintail/internal/faultserver"
	"pintail/storage"
)

// effective is a line of the table of who gets in.
func (b *bench) effective(action string) string {
	b.t.Helper()
	for _, f := range b.vm.EffectiveAccess().Facts {
		if f.ID == "access."+action {
			return f.Value
		}
	}
	b.t.Fatalf("no line for %s in %+v", action, b.vm.EffectiveAccess())
	return ""
}

func TestAccess_WhoGetsIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.bucketOn(Permissions)
	if s := b.effective("s3:GetObject"); s != "nobody from outside" {
		t.Errorf("download at first: %q", s)
	}
	b.vm.AddGrantee(storage.Grantee{URI: storage.GroupAuthenticated})
	b.vm.OpenDoc("policy")
	b.vm.UseTemplate(b.template("policy", "Everybody can download"), "")
	if e := b.vm.Effects(); len(e) != 1 {
		t.Errorf("effects %q", e)
	}
	if o := b.apply(); o.Done != 2 {
		t.Fatalf("outcome %+v", o)
	}
	for action, want := range map[string]string{"s3:GetObject": "anyone: yes, by the bucket's policy", "s3:PutObject": "nobody from outside",
		"s3:ListBucket": "anyone with an account: yes, by the bucket's access list"} {
		if s := b.effective(action); s != want {
			t.Errorf("%s: %q", action, s)
		}
	}
	b.vm.OpenDoc("policy")
	b.vm.SetDocText(strings.Replace(b.vm.DocText("policy"), "bucket/*", "bucket/photos/*", 1))
	if e := b.vm.Effects(); len(e) != 1 {
		t.Errorf("effects of a policy about one folder: %q", e)
	}
	b.apply()
	if s := b.effective("s3:GetObject"); s != "anyone: only photos/*, by the bucket's policy" {
		t.Errorf("download below one folder: %q", s)
	}
	b.vm.Set("RestrictPublicBuckets", on)
	b.apply()
	if s := b.effective("s3:GetObject"); s != "anyone: no, the policy allows it, but the public access block restricts public policies" {
		t.Errorf("behind the block: %q", s)
	}
	b.vm.OpenDoc("policy")
	b.vm.SetDocText(strings.Replace(b.vm.DocText("policy"), "bucket/photos/*", "bucket/*", 1))
	b.apply()
	it := b.put("key", "content", storage.WriteOptions{ACL: "public-read"})
	b.show(it)
	b.calm()
	if s := b.effective("s3:GetObject"); s != "anyone: yes, by the object's access list; the policy allows it, but the public access block restricts public policies" &&
		s != "anyone: yes, by the object's access list" {
		t.Errorf("of an object: %q", s)
	}
}

func TestAccess_WhatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetBucketPolicy", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	b.bucketOn(Permissions)
	if s := b.effective("s3:GetObject"); s != "anyone: not known, the bucket's policy could not be read" {
		t.Errorf("it says %q", s)
	}
	if _, open, reason := b.vm.DocState("policy"); open || reason != "needs s3:GetBucketPolicy" {
		t.Errorf("policy: open %v, %q", open, reason)
	}
}
