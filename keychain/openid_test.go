package keychain_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit/features"
	"pintail/internal/testkit/idp"
	"pintail/internal/testkit/servers"
	"pintail/keychain"
)

const webRole = "arn:aws:iam::123456789012:role/reader"

// signIn is a request whose person agrees in the browser at once.
func signIn(t *testing.T, p *idp.Provider) keychain.Request {
	t.Helper()
	cleanEnv(t)
	return keychain.Request{Item: target(), Run: keychain.NewMemory(), OpenID: &keychain.OpenID{
		AuthorizationURL: p.URL + "/authorize", TokenURL: p.URL + "/token", ClientID: p.ClientID, PKCE: true, Scopes: []string{"openid", "offline_access"},
		RoleARN: webRole, STSEndpoint: p.URL + "/sts", Store: keychain.NewMemory(), Page: "You can close this <page>.",
		Show: func(ctx context.Context, address string) error {
			if status, page := idp.Browse(t, address); status != http.StatusOK || !strings.Contains(page, "You can close this &lt;page&gt;.") {
				t.Errorf("the browser shows %d %s", status, page)
			}
			<-ctx.Done()
			return ctx.Err()
		},
	}}
}

// TestOpenID_SignsInOnceAndIsRenewed: the person agrees once; further connections and runs are renewed without the browser, until the
// provider withdraws that.
func TestOpenID_SignsInOnceAndIsRenewed(t *testing.T) {
	p := idp.New(t)
	req := signIn(t, p)
	res, secret := secretOf(t, req)
	if secret != "web-secret" || res.Source != keychain.SourceOpenID || res.Role != webRole || res.Account != "123456789012" || res.KeyID != "ASIAOPENID" ||
		time.Until(res.Expires) < 50*time.Minute {
		t.Errorf("%+v", res)
	}
	secretOf(t, req) // another connection of the run
	if got := p.Asked(); !slices.Equal(got, []string{"/authorize", "/token authorization_code", "/sts AssumeRoleWithWebIdentity"}) {
		t.Fatalf("asked %q", got)
	}
	nobody := *req.OpenID
	nobody.Show = nil
	for range 2 { // each token that renews serves once, so the new one was kept
		secretOf(t, keychain.Request{Item: req.Item, OpenID: &nobody})
	}
	if p.Count("refresh_token") != 2 || p.Count("/authorize") != 1 {
		t.Errorf("asked %q", p.Asked())
	}
	p.Withdraw()
	_, err := keychain.Resolve(t.Context(), keychain.Request{Item: req.Item, OpenID: &nobody})
	var wants *keychain.OpenIDError
	if !errors.Is(err, keychain.ErrNeedsOpenID) || !errors.As(err, &wants) || wants.Provider != strings.TrimPrefix(p.URL, "http://") || !wants.Ended() {
		t.Errorf("withdrawn: %v", err)
	}
	if secretOf(t, keychain.Request{Item: req.Item, OpenID: req.OpenID}); p.Count("/authorize") != 2 {
		t.Error("the person was not asked again")
	}
	features.Proved(t, "login.openid", features.Embedded, "")
}

// TestOpenID_RenewsBeforeItsEnd: credentials that end during work are renewed without the person, by the token while it is good.
func TestOpenID_RenewsBeforeItsEnd(t *testing.T) {
	p := idp.New(t)
	p.Session = time.Minute // in the window in which sessions are renewed
	res, _ := secretOf(t, signIn(t, p))
	res.Provider.Invalidate()
	if _, err := res.Provider.Retrieve(t.Context()); err != nil || p.Count("/sts") != 2 || p.Count("/token") != 1 {
		t.Errorf("%v, asked %q", err, p.Asked())
	}
	short := idp.New(t)
	short.Session, short.Life = time.Minute, 30*time.Second // too short to be used again
	res, _ = secretOf(t, signIn(t, short))
	res.Provider.Invalidate()
	if _, err := res.Provider.Retrieve(t.Context()); err != nil || short.Count("/sts") != 2 || short.Count("refresh_token") != 1 || short.Count("/authorize") != 1 {
		t.Errorf("%v, asked %q", err, short.Asked())
	}
}

// TestOpenID_WithoutRenewalItsTokenIsKept: a provider that renews nothing is asked again when its token has ended, not before.
func TestOpenID_WithoutRenewalItsTokenIsKept(t *testing.T) {
	p := idp.New(t)
	p.NoRenewal = true
	req := signIn(t, p)
	secretOf(t, req)
	req.Run = keychain.NewMemory()
	secretOf(t, req)
	if p.Count("/authorize") != 1 || p.Count("/sts") != 2 {
		t.Errorf("asked %q", p.Asked())
	}
}

// TestOpenID_MinIOsForm: no role, the token service takes it from the token; the addresses come from the provider's description, and the
// application has a secret.
func TestOpenID_MinIOsForm(t *testing.T) {
	p := idp.New(t)
	p.Secret = "app-secret"
	req := signIn(t, p)
	req.OpenID.AuthorizationURL, req.OpenID.TokenURL, req.OpenID.RoleARN = p.URL+"/.well-known/openid-configuration", "", ""
	req.OpenID.ClientSecret = keychain.NewSecret("app-secret")
	if res, secret := secretOf(t, req); secret != "web-secret" || res.Role != "" {
		t.Errorf("%+v", res)
	}
	req.OpenID.STSEndpoint = ""
	if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrBadProfile) {
		t.Errorf("Amazon without a role: %v", err)
	}
}

// TestOpenID_OnMoto exchanges the token at another program's token service.
func TestOpenID_OnMoto(t *testing.T) {
	moto := servers.SharedMoto(t)
	p := idp.New(t)
	req := signIn(t, p)
	req.OpenID.STSEndpoint = moto.Endpoint
	res, secret := secretOf(t, req)
	if secret == "" || !strings.HasPrefix(res.KeyID, "ASIA") || res.Account != "123456789012" || res.Expires.IsZero() {
		t.Errorf("%+v", res)
	}
	features.Proved(t, "login.openid", moto.Name, moto.Version)
}

// TestOpenID_TheKeptTokenIsBound: another server, token service or address to sign in at finds no kept sign-in.
func TestOpenID_TheKeptTokenIsBound(t *testing.T) {
	p := idp.New(t)
	req := signIn(t, p)
	secretOf(t, req)
	changes := map[string]func(*keychain.Request, *keychain.OpenID){
		"server":  func(r *keychain.Request, _ *keychain.OpenID) { r.Item.Host = "evil.example" },
		"service": func(_ *keychain.Request, o *keychain.OpenID) { o.STSEndpoint += "/other" },
		"token":   func(_ *keychain.Request, o *keychain.OpenID) { o.TokenURL = "https://evil.example/token" },
		"page":    func(_ *keychain.Request, o *keychain.OpenID) { o.AuthorizationURL = "https://evil.example/" },
		"client":  func(_ *keychain.Request, o *keychain.OpenID) { o.ClientID = "other" },
		"vendor":  func(r *keychain.Request, _ *keychain.OpenID) { r.Item.Vendor = "other" },
	}
	before := len(p.Asked())
	for name, change := range changes {
		o := *req.OpenID
		o.Show = nil
		other := keychain.Request{Item: req.Item, Run: req.Run, OpenID: &o}
		change(&other, &o)
		if _, err := keychain.Resolve(t.Context(), other); !errors.Is(err, keychain.ErrNeedsOpenID) || len(p.Asked()) != before {
			t.Errorf("%s: %v, asked %q", name, err, p.Asked()[before:])
		}
	}
}

// TestOpenID_HostileAnswers: none of them makes a sign-in, and no secret of it gets elsewhere.
func TestOpenID_HostileAnswers(t *testing.T) {
	elsewhere := idp.New(t)
	lie := func(what, field string, v any) func(*idp.Provider) {
		return func(p *idp.Provider) {
			p.Lie = func(w string, f map[string]any) {
				if w == what {
					f[field] = v
				}
			}
		}
	}
	answer := func(path string, f http.HandlerFunc) func(*idp.Provider) {
		return func(p *idp.Provider) {
			p.Answer = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.TrimSuffix(r.URL.Path, "/") != path {
					return false
				}
				f(w, r)
				return true
			}
		}
	}
	page := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Welcome</html>") }
	away := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}
	bad := keychain.ErrOpenIDAnswer
	for name, c := range map[string]struct {
		set  func(*idp.Provider)
		want error
	}{
		"wrong nonce":              {lie("id", "nonce", "another"), bad},
		"no nonce":                 {lie("id", "nonce", nil), bad},
		"another application":      {lie("id", "aud", []string{"other"}), bad},
		"a token that has ended":   {lie("id", "exp", 1), bad},
		"another issuer":           {lie("id", "iss", "https://evil.example"), bad},
		"no token":                 {lie("token", "id_token", ""), bad},
		"not a token":              {lie("token", "id_token", "a.b.c"), bad},
		"token of another type":    {lie("token", "id_token", 7), bad},
		"description of another":   {lie("discovery", "issuer", "https://evil.example"), bad},
		"plain http":               {lie("discovery", "token_endpoint", "http://evil.example/token"), bad},
		"no address":               {lie("discovery", "authorization_endpoint", ""), bad},
		"a page for a token":       {answer("/token", page), bad},
		"a redirect for a token":   {answer("/token", away), bad},
		"a page for a description": {answer("/.well-known/openid-configuration", page), bad},
		"too long": {answer("/token", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"id_token":"`+strings.Repeat("x", 2<<20)+`"}`)
		}), bad},
		"refused": {answer("/token", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":"invalid_grant","error_description":"no"}`)
		}), bad},
		"a failing provider":     {answer("/token", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }), bad},
		"a page for credentials": {answer("/sts", page), nil},
		"empty credentials":      {answer("/sts", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<R><Credentials/></R>") }), nil},
		"a redirect of the STS":  {answer("/sts", away), nil},
	} {
		p := idp.New(t)
		req := signIn(t, p)
		req.OpenID.AuthorizationURL, req.OpenID.TokenURL = p.URL+"/.well-known/openid-configuration", ""
		c.set(p)
		_, err := keychain.Resolve(t.Context(), req)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || strings.Contains(fmt.Sprint(err), "eyJ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a := elsewhere.Asked(); len(a) != 0 {
		t.Errorf("elsewhere was asked %q", a)
	}
}

// TestOpenID_HostileBrowser: pages of others reach the port too. They end nothing and sign nobody in; an answer of the provider that says
// no does.
func TestOpenID_HostileBrowser(t *testing.T) {
	p := idp.New(t)
	req := signIn(t, p)
	get := func(address, host string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return 0
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	with := func(back *url.URL, q url.Values) string { c := *back; c.RawQuery = q.Encode(); return c.String() }
	req.OpenID.Show = func(ctx context.Context, address string) error {
		u, _ := url.Parse(address)
		back, _ := url.Parse(u.Query().Get("redirect_uri"))
		state := u.Query().Get("state")
		for name, got := range map[string]int{
			"wrong state": get(with(back, url.Values{"state": {"guess"}, "code": {"evil"}}), back.Host),
			"no state":    get(with(back, url.Values{"code": {"evil"}}), back.Host),
			"wrong error": get(with(back, url.Values{"state": {"guess"}, "error": {"access_denied"}}), back.Host),
			"other name":  get(with(back, url.Values{"state": {state}, "code": {"evil"}}), "evil.example"),
			"other path":  get("http://"+back.Host+"/favicon.ico?"+url.Values{"state": {state}, "code": {"evil"}}.Encode(), back.Host),
		} {
			if got != http.StatusBadRequest && got != http.StatusNotFound {
				t.Errorf("%s: %d", name, got)
			}
		}
		idp.Browse(t, address)
		return nil
	}
	if _, secret := secretOf(t, req); secret != "web-secret" {
		t.Error("the right answer after wrong ones")
	}
	for name, q := range map[string]url.Values{"refused": {"error": {"access_denied"}, "error_description": {"not you\r\n\x1b[31m"}}, "no code": {}, "evil code": {"code": {"evil"}},
		"another provider": {"code": {"x"}, "iss": {"https://evil.example"}}} {
		again := signIn(t, p)
		again.OpenID.AuthorizationURL = p.URL + "/.well-known/openid-configuration"
		again.OpenID.Show = func(ctx context.Context, address string) error {
			u, _ := url.Parse(address)
			back, _ := url.Parse(u.Query().Get("redirect_uri"))
			q.Set("state", u.Query().Get("state"))
			get(with(back, q), back.Host)
			return nil
		}
		_, err := keychain.Resolve(t.Context(), again)
		if name == "refused" != errors.Is(err, keychain.ErrNeedsOpenID) || name != "refused" && !errors.Is(err, keychain.ErrOpenIDAnswer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOpenID_GivenUp: the person or the caller ends it, and nothing is left waiting.
func TestOpenID_GivenUp(t *testing.T) {
	p := idp.New(t)
	req := signIn(t, p)
	no := errors.New("no")
	req.OpenID.Show = func(context.Context, string) error { return no }
	if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, no) || !errors.Is(err, keychain.ErrNeedsOpenID) {
		t.Errorf("given up: %v", err)
	}
	ctx, end := context.WithCancel(t.Context())
	req.OpenID.Show = func(ctx context.Context, _ string) error { end(); <-ctx.Done(); return ctx.Err() }
	if _, err := keychain.Resolve(ctx, req); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestOpenID_RefusedSettings: what would send codes or tokens in the open or elsewhere is not tried.
func TestOpenID_RefusedSettings(t *testing.T) {
	p := idp.New(t)
	for name, change := range map[string]func(*keychain.OpenID){
		"page in the open":     func(o *keychain.OpenID) { o.AuthorizationURL = "http://login.example/" },
		"token in the open":    func(o *keychain.OpenID) { o.TokenURL = "http://login.example/" },
		"no token address":     func(o *keychain.OpenID) { o.TokenURL = "" },
		"no client":            func(o *keychain.OpenID) { o.ClientID = "" },
		"role":                 func(o *keychain.OpenID) { o.RoleARN = "reader" },
		"too short":            func(o *keychain.OpenID) { o.Duration = time.Minute },
		"leads elsewhere":      func(o *keychain.OpenID) { o.RedirectURL = "https://evil.example/oauth" },
		"leads to another one": func(o *keychain.OpenID) { o.RedirectURL = "http://10.0.0.1:80/" },
	} {
		req := signIn(t, p)
		change(req.OpenID)
		if _, err := keychain.Resolve(t.Context(), req); !errors.Is(err, keychain.ErrBadProfile) || len(p.Asked()) != 0 {
			t.Errorf("%s: %v, asked %q", name, err, p.Asked())
		}
	}
	req := signIn(t, p)
	req.OpenID.RedirectURL = "${oauth.application.identifier}:oauth" // of another program's own: ours is the port
	secretOf(t, req)
}
