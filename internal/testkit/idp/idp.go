// Package idp is an identity provider and a token service for tests: OpenID Connect's authorization code flow with PKCE, and
// AssumeRoleWithWebIdentity. It is written from the two standards and shares no code with the client; it checks what a strict provider
// checks, and lies where a test says so.
// Start reading at [New].
package idp

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Provider is a running identity provider with its token service at URL + "/sts". Change the exported fields before it is asked.
type Provider struct {
	URL              string
	ClientID, Secret string        // Secret "" = a public client
	Life             time.Duration // of an identity token
	Session          time.Duration // of credentials, whatever was asked for; 0 = as asked
	NoRenewal        bool          // gives no refresh token
	AccessKey, Key   string        // what the token service gives
	SessionToken     string
	// Lie changes an answer before it is sent: "token" of the token endpoint and "discovery" by their fields, "id" the claims.
	Lie func(what string, fields map[string]any)
	// Answer replaces the answer of a path; true = it did.
	Answer func(w http.ResponseWriter, r *http.Request) bool

	t        testing.TB
	key      *rsa.PrivateKey // of Sign; nil = tokens carry no real signature
	mu       sync.Mutex
	codes    map[string]url.Values // what the page was asked with
	renewals map[string]bool
	asked    []string
}

// New starts a provider that ends with the test. What another process may ask at once is changed by set, before anybody can.
func New(t testing.TB, set ...func(*Provider)) *Provider {
	t.Helper()
	p := &Provider{ClientID: "app.example", Life: time.Hour, AccessKey: "ASIAOPENID", Key: "web-secret", SessionToken: "web-token", t: t,
		codes: map[string]url.Values{}, renewals: map[string]bool{}}
	srv := httptest.NewUnstartedServer(p)
	p.URL = "http://" + srv.Listener.Addr().String()
	for _, f := range set {
		f(p)
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return p
}

// Asked are the requests so far: path, then grant or action.
func (p *Provider) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// Count is how many requests contain a text.
func (p *Provider) Count(word string) int {
	n := 0
	for _, a := range p.Asked() {
		if strings.Contains(a, word) {
			n++
		}
	}
	return n
}

// Withdraw ends what renews sign-ins.
func (p *Provider) Withdraw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.renewals)
}

// ServeHTTP answers.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.mu.Lock()
	p.asked = append(p.asked, strings.TrimSpace(r.URL.Path+" "+r.Form.Get("grant_type")+r.Form.Get("Action")))
	p.mu.Unlock()
	if p.Answer != nil && p.Answer(w, r) {
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /.well-known/openid-configuration":
		p.say(w, http.StatusOK, "discovery", map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "response_types_supported": []string{"code"}, "id_token_signing_alg_values_supported": []string{"RS256"}})
	case "GET /keys":
		p.keys(w)
	case "GET /authorize":
		p.authorize(w, r)
	case "POST /token":
		p.token(w, r)
	case "POST /sts", "POST /sts/":
		p.sts(w, r)
	default:
		http.NotFound(w, r)
	}
}

// authorize is the page at which the person has agreed already.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Hostname() != "127.0.0.1" || q.Get("client_id") != p.ClientID || q.Get("response_type") != "code" || q.Get("state") == "" ||
		q.Get("code_challenge_method") != "S256" || !slices.Contains(strings.Fields(q.Get("scope")), "openid") {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = q
	p.mu.Unlock()
	back.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, nonce := r.PostForm, ""
	ok := f.Get("client_id") == p.ClientID && f.Get("client_secret") == p.Secret
	if !ok {
		p.say(w, http.StatusUnauthorized, "token", map[string]any{"error": "invalid_client"})
		return
	}
	switch f.Get("grant_type") {
	case "authorization_code":
		q, known := p.codes[f.Get("code")]
		delete(p.codes, f.Get("code"))
		sum := sha256.Sum256([]byte(f.Get("code_verifier")))
		ok = known && f.Get("redirect_uri") == q.Get("redirect_uri") && len(f.Get("code_verifier")) >= 43 &&
			base64.RawURLEncoding.EncodeToString(sum[:]) == q.Get("code_challenge")
		nonce = q.Get("nonce")
	case "refresh_token":
		ok = p.renewals[f.Get("refresh_token")]
		delete(p.renewals, f.Get("refresh_token")) // each serves once
	default:
		ok = false
	}
	if !ok {
		p.say(w, http.StatusBadRequest, "token", map[string]any{"error": "invalid_grant", "error_description": "it has ended"})
		return
	}
	out := map[string]any{"access_token": "opaque", "token_type": "Bearer", "expires_in": 3600, "id_token": p.Token(nonce)}
	if !p.NoRenewal {
		again := rand.Text()
		p.renewals[again] = true
		out["refresh_token"] = again
	}
	p.say(w, http.StatusOK, "token", out)
}

// Token is an identity token.
func (p *Provider) Token(nonce string) string {
	c := map[string]any{"iss": p.URL, "sub": "someone", "aud": p.ClientID, "exp": time.Now().Add(p.Life).Unix(), "iat": time.Now().Unix()}
	if nonce != "" {
		c["nonce"] = nonce
	}
	if p.Lie != nil {
		p.Lie("id", c)
	}
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			p.t.Error(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := part(map[string]any{"alg": "RS256", "typ": "JWT", "kid": "1"}) + "." + part(c)
	if p.key == nil {
		return signed + ".c2ln"
	}
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// Sign makes tokens carry a signature that others can check, by the keys at URL + "/keys".
func (p *Provider) Sign() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		p.t.Fatal(err)
	}
	p.key = key
}

// keys are the public keys of Sign.
func (p *Provider) keys(w http.ResponseWriter) {
	list := []map[string]any{}
	if p.key != nil {
		text := base64.RawURLEncoding.EncodeToString
		list = append(list, map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": text(p.key.N.Bytes()), "e": text(big.NewInt(int64(p.key.E)).Bytes())})
	}
	p.say(w, http.StatusOK, "keys", map[string]any{"keys": list})
}

func (p *Provider) say(w http.ResponseWriter, status int, what string, fields map[string]any) {
	if p.Lie != nil {
		p.Lie(what, fields)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(fields); err != nil {
		p.t.Error(err)
	}
}

// sts is the token service: the query protocol, version 2011-06-15.
func (p *Provider) sts(w http.ResponseWriter, r *http.Request) {
	refuse := func(code, words string) {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code, words)
	}
	f := r.PostForm
	var c struct {
		Iss, Aud string
		Exp      int64
	}
	parts := strings.Split(f.Get("WebIdentityToken"), ".")
	if len(parts) == 3 {
		b, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(b, &c)
	}
	var seconds int
	_, err := fmt.Sscan(f.Get("DurationSeconds"), &seconds)
	switch {
	case f.Get("Action") != "AssumeRoleWithWebIdentity" || f.Get("Version") != "2011-06-15" || r.Header.Get("Authorization") != "":
		refuse("InvalidAction", "not this")
		return
	case c.Iss != p.URL || c.Aud != p.ClientID:
		refuse("InvalidIdentityToken", "not ours")
		return
	case c.Exp <= time.Now().Unix():
		refuse("ExpiredTokenException", "Token expired")
		return
	case err != nil || seconds < 900 || f.Get("RoleSessionName") == "":
		refuse("ValidationError", "parameters")
		return
	}
	life := time.Duration(seconds) * time.Second
	if p.Session > 0 {
		life = p.Session
	}
	user := "<AssumedRoleUser><Arn></Arn><AssumeRoleId></AssumeRoleId></AssumedRoleUser>" // as MinIO, which takes the role from the token
	if role := f.Get("RoleArn"); role != "" {
		user = "<AssumedRoleUser><Arn>" + strings.Replace(role, ":role/", ":assumed-role/", 1) + "/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>"
	}
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>%s<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s</SessionToken><Expiration>%s</Expiration></Credentials><SubjectFromWebIdentityToken>someone</SubjectFromWebIdentityToken></AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>`,
		user, p.AccessKey, p.Key, p.SessionToken, time.Now().Add(life).UTC().Format(time.RFC3339))
}

// Browse opens an address as a browser does: it follows redirects and returns the last page's status and text.
func Browse(t testing.TB, address string) (int, string) {
	resp, err := http.Get(address) //nolint:noctx // a browser has none
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	b := make([]byte, 4096)
	n, _ := resp.Body.Read(b)
	return resp.StatusCode, string(b[:n])
}
