package storage_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"pintail/storage"
)

// acl builds a list of "GRANTEE:PERMISSION".
func acl(t *testing.T, grants ...string) storage.ACL {
	t.Helper()
	a := storage.ACL{Owner: storage.Owner{ID: "me"}}
	for _, s := range grants {
		g, err := storage.ParseGrant(s, a.Owner)
		if err != nil {
			t.Fatal(err)
		}
		a.Grants = append(a.Grants, g)
	}
	return a
}

func words(a storage.ACL) string {
	var list []string
	for _, g := range a.Grants {
		list = append(list, g.Grantee.String()+":"+g.Permission)
	}
	return strings.Join(list, " ")
}

func TestACL_GrantsAreTakenAndAddedByValue(t *testing.T) {
	bucket, object := storage.Location{Bucket: "b"}, storage.Location{Bucket: "b", Key: "k"}
	for _, c := range []struct {
		loc               storage.Location
		have, take, place string
		want              string
	}{
		{object, "me:FULL_CONTROL", "", "everyone:READ", "me:FULL_CONTROL everyone:READ"},
		{object, "me:FULL_CONTROL everyone:READ", "", "everyone:read", "me:FULL_CONTROL everyone:READ"},
		{object, "everyone:FULL_CONTROL", "", "everyone:READ", "everyone:FULL_CONTROL"},
		{object, "me:FULL_CONTROL everyone:READ", "everyone:READ", "", "me:FULL_CONTROL"},
		{object, "everyone:FULL_CONTROL a:READ", "everyone:READ", "", "everyone:READ_ACP everyone:WRITE_ACP a:READ"},
		{bucket, "everyone:FULL_CONTROL", "everyone:READ_ACP", "", "everyone:READ everyone:WRITE everyone:WRITE_ACP"},
		{bucket, "everyone:READ everyone:WRITE a:READ", "everyone:FULL_CONTROL", "", "a:READ"},
		{bucket, "a:READ b:READ", "A@x.example:READ authenticated:READ", "", "a:READ b:READ"},
		{bucket, "a@x.example:READ", "A@X.example:READ", "log-delivery:WRITE", "log-delivery:WRITE"},
		{bucket, "tenant:user:READ", "owner:READ", "owner:READ", "tenant:user:READ me:READ"},
	} {
		a := acl(t, strings.Fields(c.have)...)
		got := a.Without(c.loc, acl(t, strings.Fields(c.take)...).Grants...).With(acl(t, strings.Fields(c.place)...).Grants...)
		if words(got) != c.want {
			t.Errorf("%s - %s + %s = %s, want %s", c.have, c.take, c.place, words(got), c.want)
		}
		if words(a) != words(acl(t, strings.Fields(c.have)...)) {
			t.Errorf("%s was changed in place: %s", c.have, words(a))
		}
		add, remove := a.Diff(got)
		if back := a.Without(c.loc, remove...).With(add...); !back.Equal(got) {
			t.Errorf("%s: the difference to %s leads to %s", c.have, words(got), words(back))
		}
	}
}

func TestParseGrant_RefusesWhatIsNone(t *testing.T) {
	for _, s := range []string{"", "everyone", ":READ", "everyone:", "everyone:EXECUTE"} {
		if g, err := storage.ParseGrant(s, storage.Owner{}); err == nil {
			t.Errorf("%q is %+v", s, g)
		}
	}
}

// aclServer keeps one list as a document; change makes of what is put what is stored.
func aclServer(t *testing.T, change func(w http.ResponseWriter, sent string) string) (*storage.Session, *int) {
	t.Helper()
	const start = `<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>me</ID></Owner><AccessControlList><Grant>` +
		`<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>me</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>`
	list, puts := start, 0
	var mu sync.Mutex // a request whose connection was cut is still at work when the next one comes
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("X-Amz-Request-Id", "R")
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, list)
			return
		}
		puts++
		b, _ := io.ReadAll(r.Body)
		if now := change(w, string(b)); now != "" {
			list = now
		}
	}))
	t.Cleanup(srv.Close)
	return connect(t, srv.URL, nil), &puts
}

func TestChangeACL_WhatIsIgnoredIsSaid(t *testing.T) {
	s, _ := aclServer(t, func(http.ResponseWriter, string) string { return "" })
	for name, change := range map[string]func() error{
		"grant": func() error {
			_, err := s.ChangeACL(t.Context(), opLoc, acl(t, "everyone:READ").Grants, nil)
			return err
		},
		"email": func() error {
			_, err := s.ChangeACL(t.Context(), opLoc, acl(t, "a@b.example:READ").Grants, nil)
			return err
		},
		"revoke": func() error { _, err := s.ChangeACL(t.Context(), opLoc, nil, acl(t, "me:READ").Grants); return err },
		"canned": func() error { _, err := s.SetCannedACL(t.Context(), opLoc, "public-read"); return err },
	} {
		var e *storage.Error
		if err := change(); !errors.As(err, &e) || e.Code != storage.CodeIgnored || e.Kind != storage.KindUnsupported {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.SetCannedACL(t.Context(), opLoc, "private"); err != nil {
		t.Errorf("private it is already: %v", err)
	}
}

func TestChangeACL_ALostAnswerIsLookedInto(t *testing.T) {
	cut := func(w http.ResponseWriter) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = c.Close()
	}
	took, _ := aclServer(t, func(w http.ResponseWriter, sent string) string { cut(w); return sent })
	if a, err := took.ChangeACL(t.Context(), opLoc, acl(t, "everyone:READ").Grants, nil); err != nil || !a.Allows(acl(t, "everyone:READ").Grants[0]) {
		t.Errorf("it took effect: %+v, %v", a, err)
	}
	lost, _ := aclServer(t, func(w http.ResponseWriter, sent string) string { cut(w); return "" })
	if _, err := lost.ChangeACL(t.Context(), opLoc, acl(t, "everyone:READ").Grants, nil); storage.KindOf(err) != storage.KindNetwork {
		t.Errorf("it took no effect: %v", err)
	}
}

func TestChangeACL_NothingIsSentOfWhatCannotBe(t *testing.T) {
	s, puts := aclServer(t, func(http.ResponseWriter, string) string { return "" })
	var many []storage.Grant
	for i := range storage.MaxGrants {
		many = append(many, storage.Grant{Grantee: storage.Grantee{ID: fmt.Sprint(i)}, Permission: "READ"})
	}
	bucket := storage.Location{Bucket: "bucket"}
	for name, c := range map[string]struct {
		loc  storage.Location
		add  []storage.Grant
		code string
	}{
		"write on an object": {opLoc, acl(t, "everyone:WRITE").Grants, storage.CodeBadGrant},
		"too many":           {bucket, many, storage.CodeTooManyGrants},
		"no permission":      {bucket, []storage.Grant{{Grantee: storage.Grantee{ID: "x"}, Permission: "EXECUTE"}}, storage.CodeBadGrant},
		"nobody":             {bucket, []storage.Grant{{Permission: "READ"}}, storage.CodeBadGrant},
		"nowhere":            {storage.Location{}, acl(t, "everyone:READ").Grants, "NoBucket"},
	} {
		var e *storage.Error
		if _, err := s.ChangeACL(t.Context(), c.loc, c.add, nil); !errors.As(err, &e) || e.Code != c.code || e.Kind != storage.KindInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.SetCannedACL(t.Context(), bucket, "bucket-owner-read"); storage.KindOf(err) != storage.KindInvalid {
		t.Errorf("a list for objects on a bucket: %v", err)
	}
	if _, err := s.ChangeACL(t.Context(), opLoc, acl(t, "me:READ").Grants, acl(t, "everyone:READ").Grants); err != nil || *puts > 0 {
		t.Errorf("%d writes; as it is already: %v", *puts, err)
	}
}
