package connection

import (
	"strings"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/prompt"
	"pintail/profiles"
)

const amazonOpenID = "pintail-amazon-openid"

// A sign-in in the browser needs the application's id and, at Amazon, the role; no key, and no other way to log in is offered.
func TestForm_SignInInTheBrowser(t *testing.T) {
	t.Parallel()
	f := NewForm(bundled(t), awsList())
	f.KeyID = "AKIAOFTHEAWSFILES"
	choose(t, f, amazonOpenID)
	if f.KeyID != "" || f.Shown(FieldLogin) || !f.Shown(FieldKey) || !f.Shown(FieldSecret) || !f.Shown(FieldRole) || f.keyLabel() != "Client ID" {
		t.Errorf("fields: %+v", f)
	}
	errs := f.Errors()
	if len(errs) != 2 || errs[FieldKey] == "" || errs[FieldRole] == "" {
		t.Errorf("errors %v", errs)
	}
	f.KeyID, f.RoleARN, f.Save = " app ", "arn:aws:iam::1:role/r", false
	if errs := f.Errors(); len(errs) != 0 {
		t.Errorf("a client needs no secret: %v", errs)
	}
	if s := f.Spec(); s.KeyID != "app" || s.RoleARN != f.RoleARN || !s.Typed.Secret.Empty() || !strings.Contains(s.Profile, "OpenID") {
		t.Errorf("spec %+v", s)
	}
	if b := f.Bookmark(); b.Username != "app" || b.Provider != amazonOpenID || b.Custom[customRole] != f.RoleARN {
		t.Errorf("bookmark %+v", b)
	} else if again := NewBookmarkForm(bundled(t), nil, b); again.KeyID != "app" || again.RoleARN != f.RoleARN || again.Current().Vendor != amazonOpenID || len(again.Errors()) != 0 {
		t.Errorf("again %+v", again)
	}
}

// A company's profile brings its own application and server: there is nothing to fill in.
func TestForm_SignInByAProfileThatSaysAll(t *testing.T) {
	t.Parallel()
	p, err := profiles.Parse(strings.NewReader(`<?xml version="1.0"?><plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>company</string>
<key>Default Hostname</key><string>files.example.com</string><key>Authorization</key><string>AuthorizationCode</string>
<key>OAuth Authorization Url</key><string>https://login.example.com/auth</string><key>OAuth Token Url</key><string>https://login.example.com/token</string>
<key>OAuth Client ID</key><string>files</string><key>OAuth Client Secret</key><string></string><key>Role Configurable</key><true/></dict></plist>`), "company")
	if err != nil {
		t.Fatal(err)
	}
	f := NewBookmarkForm([]profiles.Profile{p}, nil, bookmarks.Bookmark{})
	f.KeyID = "left over"
	if f.Shown(FieldKey) || f.Shown(FieldSecret) || !f.Shown(FieldRole) || len(f.Errors()) != 0 || f.Spec().KeyID != "" || f.Bookmark().Username != "" {
		t.Errorf("errors %v, spec %+v", f.Errors(), f.Spec())
	}
	if f.RoleARN = "reader"; f.Errors()[FieldRole] == "" {
		t.Error("what is no role is taken for one")
	}
}

func TestPrompter_SignInAtAProviderEndsWithItsContextOrByThePerson(t *testing.T) {
	q := prompt.SignIn{Provider: "login.example", URL: "https://login.example/auth?state=x"}
	endsSignIn(t, q, "signin.address", q.URL)
}
