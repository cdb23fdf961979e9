package connect_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/prompt"
	"pintail/internal/testkit/idp"
	"pintail/keychain"
	"pintail/profiles"
)

// surfer agrees in the browser at once.
type surfer struct {
	*prompt.Script
	t    *testing.T
	seen []prompt.SignIn
}

func (s *surfer) SignIn(ctx context.Context, q prompt.SignIn) error {
	s.seen = append(s.seen, q)
	if status, page := idp.Browse(s.t, q.URL); status != http.StatusOK {
		s.t.Errorf("the browser shows %d %s", status, page)
	}
	<-ctx.Done()
	return ctx.Err()
}

// openIDProfile is the file of a connection profile for a provider and the server behind it.
func openIDProfile(t *testing.T, p *idp.Provider, host string, more string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "company"+profiles.Ext)
	server, port, _ := strings.Cut(host, ":")
	body := fmt.Sprintf(`<?xml version="1.0"?><plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>company</string>
<key>Scheme</key><string>http</string><key>Default Hostname</key><string>%s</string><key>Default Port</key><string>%s</string>
<key>Authorization</key><string>AuthorizationCode</string><key>OAuth Authorization Url</key><string>%s/authorize</string>
<key>OAuth Token Url</key><string>%s/token</string><key>STS Endpoint</key><string>%s/sts</string><key>Scopes</key><array><string>openid</string></array>%s</dict></plist>`,
		server, port, p.URL, p.URL, p.URL, more)
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const ownClient = `<key>OAuth Client ID</key><string>app.example</string><key>OAuth Client Secret</key><string></string>`

// behind is a provider whose token service gives the keys of an S3 server.
func behind(t *testing.T) (*idp.Provider, *demo.Server) {
	t.Helper()
	srv, err := demo.Start(t.Context(), demo.Options{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	p := idp.New(t)
	p.AccessKey, p.Key, p.SessionToken = srv.AccessKey(), srv.SecretKey(), ""
	return p, srv
}

func lists(t *testing.T, c *connect.Connection) {
	t.Helper()
	for b, err := range c.Session.Buckets(t.Context()) {
		if err != nil || len(b.Buckets) == 0 {
			t.Errorf("list: %v %v", b, err)
		}
		return
	}
	t.Error("no bucket")
}

// TestOpen_SignsInAtAnIdentityProvider: by a profile with its own client id the browser is shown once; the journal's reference and a
// later run open without it, and logging out forgets the sign-in.
func TestOpen_SignsInAtAnIdentityProvider(t *testing.T) {
	p, srv := behind(t)
	s := newSetup(t)
	who := &surfer{Script: s.script, t: t}
	s.Prompter = who
	spec := connect.Spec{Profile: openIDProfile(t, p, strings.TrimPrefix(srv.URL(), "http://"), ownClient)}
	c := s.open(t, spec)
	lists(t, c)
	if c.Source != "openid" || c.Expires.IsZero() || len(who.seen) != 1 || who.seen[0].Provider != strings.TrimPrefix(p.URL, "http://") {
		t.Errorf("%+v, seen %+v", c, who.seen)
	}
	if !slices.ContainsFunc(c.Why(), func(w string) bool { return w == "Sign-in at the identity provider: used." }) {
		t.Errorf("why: %q", c.Why())
	}
	s.Prompter, s.Run = prompt.Nobody{}, keychain.NewMemory() // a later run, and nobody is there
	again, err := connect.OpenRef(t.Context(), s.Env, c.Ref)
	if err != nil {
		t.Fatal(err)
	}
	lists(t, again)
	_ = again.Close()
	if p.Count("refresh_token") != 1 || p.Count("/authorize") != 1 {
		t.Errorf("asked %q", p.Asked())
	}
	if err := connect.Forget(t.Context(), s.Env, spec); err != nil {
		t.Fatal(err)
	}
	s.Run = keychain.NewMemory()
	if _, err := connect.Open(t.Context(), s.Env, spec); !errors.Is(err, keychain.ErrNeedsOpenID) {
		t.Errorf("after logging out: %v", err)
	}
	if err := connect.Forget(t.Context(), s.Env, spec); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("forgotten twice: %v", err)
	}
}

// TestOpen_ClientIDOfTheBookmark: a profile that leaves the client id open takes that of the bookmark, with its secret from the keychain,
// else asks.
func TestOpen_ClientIDOfTheBookmark(t *testing.T) {
	p, srv := behind(t)
	p.Secret = "app-secret"
	s := newSetup(t)
	who := &surfer{Script: s.script, t: t}
	s.Prompter = who
	file := openIDProfile(t, p, strings.TrimPrefix(srv.URL(), "http://"), "")
	s.script.Logins = []prompt.LoginAnswer{{KeyID: p.ClientID, Secret: "app-secret", Save: true}}
	c := s.open(t, connect.Spec{Profile: file})
	lists(t, c)
	if err := c.Accepted(t.Context()); err != nil {
		t.Fatal(err)
	}
	if q, ok := s.script.Asked()[0].(prompt.Login); !ok || q.KeyLabel != "Client ID" || q.Host != strings.TrimPrefix(p.URL, "http://") {
		t.Errorf("asked %+v", s.script.Asked())
	}
	if again, err := connect.OpenRef(t.Context(), s.Env, c.Ref); err != nil {
		t.Errorf("by reference: %v", err)
	} else {
		_ = again.Close()
	}
	p.Withdraw()
	s.Run = keychain.NewMemory()
	lists(t, s.open(t, connect.Spec{Profile: file, KeyID: p.ClientID})) // as a bookmark names it: its secret is in the keychain
	if len(s.script.Asked()) != 1 || len(who.seen) != 2 {
		t.Errorf("asked %+v, seen %d", s.script.Asked(), len(who.seen))
	}
}

// TestOpen_SignInNeedsARoleAtAmazon: the bundled profile asks for the role; with one it is known where to sign in.
func TestOpen_SignInNeedsARoleAtAmazon(t *testing.T) {
	s := newSetup(t)
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: "pintail-amazon-openid", KeyID: "x"}); !errors.Is(err, profiles.ErrUnsupported) {
		t.Errorf("without a role: %v", err)
	}
	_, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: "pintail-amazon-openid", KeyID: "x", RoleARN: "arn:aws:iam::1:role/r"})
	var wants *keychain.OpenIDError
	if !errors.As(err, &wants) || wants.Provider != "accounts.google.com" {
		t.Errorf("with a role: %v", err)
	}
	if _, err := s.Bookmarks.Add(bookmarks.Bookmark{Protocol: "s3", Provider: "pintail-amazon-openid", Nickname: "g", Hostname: "s3.amazonaws.com", Username: "x",
		Custom: map[string]string{"role_arn": "arn:aws:iam::1:role/r"}}); err != nil {
		t.Fatal(err)
	}
	if yes, err := connect.UsesBrowser(t.Context(), s.Env, connect.Spec{Bookmark: "g"}); err != nil || !yes {
		t.Errorf("bookmark: %v %v", yes, err)
	}
}

// TestOpen_SignInForAServerOfAFileIsAgreedTo: a file can name a real provider and a server of its own.
func TestOpen_SignInForAServerOfAFileIsAgreedTo(t *testing.T) {
	p := idp.New(t)
	s := newSetup(t)
	who := &surfer{Script: s.script, t: t}
	s.Prompter = who
	file := openIDProfile(t, p, "files.example:9000", ownClient)
	s.script.Confirms = []bool{true, false} // http, then the server
	_, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: file})
	var no *connect.NotTrustedError
	if !errors.As(err, &no) || no.Topic != prompt.TopicNewHost || len(p.Asked()) != 0 || len(who.seen) != 0 {
		t.Errorf("%v, asked %q", err, p.Asked())
	}
	s.script.Confirms = []bool{true}
	c := s.open(t, connect.Spec{Profile: file})
	if c.KeyID == "" || len(who.seen) != 1 {
		t.Error("agreed, but not signed in")
	}
	s.open(t, connect.Spec{Profile: file}) // remembered
}

// TestOpen_AsksForASecretThatTheProviderWants: a profile says that its application has no secret, and the provider wants one. It is asked
// for, again while the provider does not take it, kept in the keychain, and known to no other provider.
func TestOpen_AsksForASecretThatTheProviderWants(t *testing.T) {
	p, srv := behind(t)
	p.Secret = "app-secret"
	s := newSetup(t)
	who := &surfer{Script: s.script, t: t}
	s.Prompter = who
	host := strings.TrimPrefix(srv.URL(), "http://")
	own := strings.ReplaceAll(ownClient, "app.example", p.ClientID)
	file := openIDProfile(t, p, host, own)
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: file}); !errors.Is(err, keychain.ErrOpenIDAnswer) {
		t.Errorf("nobody answers: %v", err)
	}
	s.script.Logins = []prompt.LoginAnswer{{KeyID: p.ClientID, Secret: "wrong"}, {KeyID: p.ClientID, Secret: "app-secret", Save: true}}
	c := s.open(t, connect.Spec{Profile: file})
	lists(t, c)
	if err := c.Accepted(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := s.script.Asked()
	first, second := asked[1].(prompt.Login), asked[2].(prompt.Login)
	provider := strings.TrimPrefix(p.URL, "http://")
	if len(asked) != 3 || first.Host != provider || first.KeyID != p.ClientID || !strings.Contains(first.Reason, "wants") || !strings.Contains(second.Reason, "does not take") {
		t.Errorf("asked %+v", asked)
	}
	p.Withdraw()
	s.Run = keychain.NewMemory()
	lists(t, s.open(t, connect.Spec{Profile: file})) // a later run: the secret is in the keychain
	if len(s.script.Asked()) != 3 {
		t.Errorf("asked again: %+v", s.script.Asked())
	}
	other, _ := behind(t)
	other.Secret = "app-secret"
	s.Run = keychain.NewMemory()
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: openIDProfile(t, other, host, own)}); err == nil {
		t.Error("another provider was given the secret")
	}
	if last, ok := s.script.Asked()[3].(prompt.Login); !ok || !strings.Contains(last.Reason, "wants") || "http://"+last.Host != other.URL {
		t.Errorf("asked %+v", s.script.Asked())
	}
	if err := connect.Forget(t.Context(), s.Env, connect.Spec{Profile: file}); err != nil {
		t.Fatal(err)
	}
	s.Run = keychain.NewMemory()
	p.Withdraw()
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Profile: file}); err == nil {
		t.Error("the secret is still there after logging out")
	}
}
