package connection

import (
	"context"
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/bookmarks"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/ui/kit"
	"pintail/ui/look"
)

func awsList() []keychain.AWSProfile {
	return []keychain.AWSProfile{
		{Name: "keys", Kind: keychain.ProfileStatic, KeyID: "AKIA1", File: "/h/.aws/credentials", Region: "eu-west-1"},
		{Name: "ops", Kind: keychain.ProfileRole, RoleARN: "arn:aws:iam::1:role/ops", SourceProfile: "keys", MFASerial: "arn:aws:iam::1:mfa/me", NeedsMFA: true,
			Endpoint: "http://lab.example.com:9000"},
		{Name: "corp", Kind: keychain.ProfileSSO, Account: "123", RoleName: "Reader", StartURL: "https://corp.awsapps.com/start"},
	}
}

// What an AWS profile will do is said before it is done, and its server is taken unless the person named one.
func TestForm_AWSProfileSaysWhatWillBeUsed(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	f := NewForm(bundled(t), awsList())
	choose(t, f, profiles.VendorAmazon)
	p := parts{}
	w := Show(a, f, Options{Title: "t", OK: "Connect", Register: p.set, Done: func() {}})
	p["connection.login"].(*kit.Select).OnChanged(int(LoginAWS))
	for i, want := range []string{"Uses the key AKIA1 of /h/.aws/credentials. Region: EU (Ireland) — eu-west-1.",
		"Assumes arn:aws:iam::1:role/ops with the credentials of keys. Asks for the code of arn:aws:iam::1:mfa/me.",
		"Uses the role Reader in account 123. Opens https://corp.awsapps.com/start in a browser when the sign-in has ended."} {
		p["connection.awsprofile"].(*kit.Select).OnChanged(i)
		if got := w.fields.rows[FieldAWSProfile].Remark(); got != want {
			t.Errorf("%s: %q", f.AWSProfile, got)
		}
		if got := f.Preview(); (got == "http://lab.example.com:9000") != (i == 1) {
			t.Errorf("%s: the address is %q", f.AWSProfile, got)
		}
	}
	f.ChooseAWS(1)
	if s := f.Spec(); s.AWSProfile != "ops" || s.Endpoint != "http://lab.example.com:9000" || s.Profile != "" || s.Amazon {
		t.Errorf("spec %+v", s)
	}
	if b := f.Bookmark(); b.AWSProfile != "ops" || b.EndpointURL != "http://lab.example.com:9000" || b.Provider != profiles.VendorHTTP {
		t.Errorf("bookmark %+v", b)
	}
	f.SetServer("https://own.example.com")
	f.ChooseAWS(0)
	if f.Endpoint != "https://own.example.com" {
		t.Errorf("what the person named is %q", f.Endpoint)
	}
}

func TestForm_IdentityCenterTakesItsAWSProfile(t *testing.T) {
	f := NewForm(bundled(t), awsList())
	choose(t, f, profiles.VendorIdentity)
	if s := f.Spec(); f.AWSProfile != "corp" || f.Login != LoginAWS || s.AWSProfile != "corp" || len(f.Errors()) > 0 {
		t.Errorf("%+v, %v", s, f.Errors())
	}
	b := f.Bookmark()
	if g := NewBookmarkForm(bundled(t), awsList(), b); g.Current().Vendor != profiles.VendorIdentity || g.AWSProfile != "corp" {
		t.Errorf("from the bookmark: %s, %s", g.Current().Vendor, g.AWSProfile)
	}
}

func TestForm_NewBookmarkTakesTheDefaultKey(t *testing.T) {
	aws := append(awsList(), keychain.AWSProfile{Name: "default", Kind: keychain.ProfileStatic, KeyID: "AKIADEFAULT"})
	if f := NewBookmarkForm(bundled(t), aws, bookmarks.Bookmark{Protocol: "s3"}); f.KeyID != "AKIADEFAULT" {
		t.Errorf("key %q", f.KeyID)
	}
	old := bookmarks.Bookmark{ID: "1", Protocol: "s3", Provider: profiles.VendorHTTPS, Hostname: "lab.example.com"}
	if f := NewBookmarkForm(bundled(t), aws, old); f.KeyID != "" {
		t.Errorf("a bookmark without a key gets %q", f.KeyID)
	}
}

func TestForm_RoleAndDeviceAreFieldsOfTheirProfiles(t *testing.T) {
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorAmazon)
	if f.Shown(FieldRole) || f.Shown(FieldMFA) {
		t.Error("Amazon S3 asks for a role")
	}
	choose(t, f, "pintail-amazon-assume-role")
	f.KeyID = "AK"
	if e := f.Errors(); !f.Shown(FieldRole) || !f.Shown(FieldMFA) || e[FieldRole] == "" || e[FieldMFA] != "" {
		t.Errorf("role: %v", e)
	}
	f.RoleARN = " arn:aws:iam::1:role/r "
	f.MFASerial = "device"
	if s := f.Spec(); len(f.Errors()) > 0 || s.RoleARN != "arn:aws:iam::1:role/r" || s.MFASerial != "device" {
		t.Errorf("spec %+v, %v", s, f.Errors())
	}
	b := f.Bookmark()
	b.Custom["other"] = "kept"
	g := NewBookmarkForm(bundled(t), nil, b)
	if g.RoleARN != "arn:aws:iam::1:role/r" || g.MFASerial != "device" || g.Current().Vendor != "pintail-amazon-assume-role" {
		t.Errorf("from the bookmark: %+v", g)
	}
	g.MFASerial = ""
	if c := g.Bookmark().Custom; c["role_arn"] == "" || c["mfa_serial"] != "" || c["other"] != "kept" || b.Custom["mfa_serial"] != "device" {
		t.Errorf("without a device: %v", c)
	}
	choose(t, f, "pintail-amazon-session-token")
	f.MFASerial = ""
	if e := f.Errors(); e[FieldMFA] == "" || f.Shown(FieldRole) {
		t.Errorf("session: %v", e)
	}
	plain := NewBookmarkForm(bundled(t), nil, bookmarks.Bookmark{ID: "1", Protocol: "s3", Provider: profiles.VendorAmazon, Custom: map[string]string{"mfa_serial": "d"}})
	if plain.Bookmark().Custom["mfa_serial"] != "d" {
		t.Error("a property that the form has no field for is gone")
	}
}

// endsSignIn shows a sign-in twice: once the person gives it up, then its context ends. part has to say words.
func endsSignIn(t *testing.T, q prompt.SignIn, part, words string) {
	t.Helper()
	_, err := asked(t, func(ctx context.Context, p *Prompter) (bool, error) { return false, p.SignIn(ctx, q) }, func(p parts) {
		if p[part].(*kit.Label).Text() != words {
			t.Errorf("%s is not shown", part)
		}
		p["dialog.cancel"].(*kit.Button).Tapped(nil)
	})
	if !errors.Is(err, prompt.ErrDismissed) {
		t.Errorf("given up: %v", err)
	}
	_, err = asked(t, func(ctx context.Context, p *Prompter) (bool, error) {
		ctx, end := context.WithCancel(ctx)
		p.register = func(id string, _ fyne.CanvasObject) {
			if id == "dialog.cancel" {
				end()
			}
		}
		return false, p.SignIn(ctx, q)
	}, func(parts) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("done: %v", err)
	}
}

func TestPrompter_SignInEndsWithItsContextOrByThePerson(t *testing.T) {
	q := prompt.SignIn{Profile: "corp", URL: "https://corp.awsapps.com/start?user_code=ABCD-EFGH", Code: "ABCD-EFGH"}
	endsSignIn(t, q, "signin.code", q.Code)
}

func TestFields_RegionsHaveNames(t *testing.T) {
	f := NewForm(bundled(t), nil)
	choose(t, f, profiles.VendorAmazon)
	if all := strings.Join(regionTitles(f.Current()), "\n"); !strings.Contains(all, "EU (Ireland) — eu-west-1") {
		t.Errorf("%s", all)
	}
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	v := NewFields(f, parts{}.set, nil)
	v.regionRow.OnChanged(1)
	if f.Region != f.Regions()[1] || v.rows[FieldRegion].Remark() != "US East (Ohio)" {
		t.Errorf("region %q, %q", f.Region, v.rows[FieldRegion].Remark())
	}
}
