package keychain

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxOpenIDAnswer bounds what an identity provider may answer.
const maxOpenIDAnswer = 1 << 20

const discovery = "/.well-known/openid-configuration"

// provider is the addresses of an identity provider.
type provider struct {
	issuer           string // "" where the profile names the addresses itself
	authorize, token string
}

func (o OpenID) discovers() bool {
	u, err := url.Parse(o.AuthorizationURL)
	return err == nil && strings.HasSuffix(u.Path, discovery)
}

// provider returns the addresses, asked for once where the profile names only where they stand.
func (p *openID) provider(ctx context.Context) (provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at != nil {
		return *p.at, nil
	}
	at := provider{authorize: p.AuthorizationURL, token: p.TokenURL}
	if p.discovers() {
		var err error
		if at, err = p.discover(ctx); err != nil {
			return at, err
		}
	}
	p.at = &at
	return at, nil
}

func (p *openID) discover(ctx context.Context) (provider, error) {
	var doc struct {
		Issuer    string `json:"issuer"`
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.AuthorizationURL, nil)
	if err != nil {
		return provider{}, fmt.Errorf("%w: %w", ErrBadProfile, err)
	}
	status, err := p.json(req, &doc)
	if err != nil {
		return provider{}, err
	}
	if status != http.StatusOK || strings.TrimSuffix(doc.Issuer, "/")+discovery != p.AuthorizationURL {
		return provider{}, fmt.Errorf("%w: %s does not describe that provider", ErrOpenIDAnswer, p.Provider())
	}
	if p.TokenURL != "" {
		doc.Token = p.TokenURL
	}
	for _, a := range []string{doc.Authorize, doc.Token} {
		if err := safeAddress(a); err != nil {
			return provider{}, fmt.Errorf("%w: %w", ErrOpenIDAnswer, err)
		}
	}
	return provider{issuer: doc.Issuer, authorize: doc.Authorize, token: doc.Token}, nil
}

// tokenAnswer is what a token endpoint gives.
type tokenAnswer struct {
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token"`
}

// tokenRefusal is a no of the token endpoint.
type tokenRefusal struct{ code, words string }

func (e *tokenRefusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%v: it refuses: %s %s", ErrOpenIDAnswer, e.code, e.words))
}

// Is makes the error match ErrOpenIDAnswer.
func (e *tokenRefusal) Is(target error) bool { return target == ErrOpenIDAnswer }

// ClientRefused tells whether err is an identity provider that does not take the application as it named itself: its secret is missing,
// or is another one.
func ClientRefused(err error) bool {
	var no *tokenRefusal
	if !errors.As(err, &no) {
		return false
	}
	return no.code == "invalid_client" || no.code == "invalid_request" && strings.Contains(no.words, "client_secret")
}

// askToken sends a form to the token endpoint. The error is a *tokenRefusal when the provider says no.
func (p *openID) askToken(ctx context.Context, at provider, form url.Values) (tokenAnswer, error) {
	form.Set("client_id", p.ClientID)
	if !p.ClientSecret.Empty() {
		form.Set("client_secret", p.ClientSecret.Reveal())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.token, strings.NewReader(form.Encode()))
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("%w: %w", ErrBadProfile, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var out struct {
		tokenAnswer
		Code  string `json:"error"`
		Words string `json:"error_description"`
	}
	status, err := p.json(req, &out)
	switch {
	case err != nil:
		return tokenAnswer{}, err
	case status >= 400 && status < 500 && status != http.StatusTooManyRequests && out.Code != "":
		return tokenAnswer{}, &tokenRefusal{plainWords(out.Code), plainWords(out.Words)}
	case status != http.StatusOK:
		return tokenAnswer{}, fmt.Errorf("%w: the status is %d", ErrOpenIDAnswer, status)
	}
	return out.tokenAnswer, nil
}

// json reads an answer that has to be JSON. What else is there is not: a page for people, a redirect to elsewhere.
func (p *openID) json(req *http.Request, into any) (status int, err error) {
	req.Header.Set("Accept", "application/json")
	resp, err := p.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("ask the identity provider: %w", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxOpenIDAnswer+1))
	if err != nil {
		return 0, fmt.Errorf("ask the identity provider: %w", err)
	}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return 0, fmt.Errorf("%w: it sends elsewhere", ErrOpenIDAnswer)
	case len(data) > maxOpenIDAnswer:
		return 0, fmt.Errorf("%w: it is too long", ErrOpenIDAnswer)
	case resp.StatusCode >= 500:
		return 0, fmt.Errorf("%w: the status is %d", ErrOpenIDAnswer, resp.StatusCode)
	}
	if err := json.Unmarshal(data, into); err != nil || !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return 0, fmt.Errorf("%w: status %d, and it is not JSON", ErrOpenIDAnswer, resp.StatusCode)
	}
	return resp.StatusCode, nil
}

// plainWords are the first words of a text from outside, on one line.
func plainWords(s string) string {
	const most = 200
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// claims are those of an identity token that this side has to look at. Its signature is the token service's to check: it comes straight
// from the provider over TLS.
type claims struct {
	Issuer   string   `json:"iss"`
	Nonce    string   `json:"nonce"`
	Audience audience `json:"aud"`
	Expires  float64  `json:"exp"`
}

// audience is one text or a list.
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	var all []string
	err := json.Unmarshal(b, &all)
	*a = all
	return err
}

// readIDToken looks into a token for the application clientID that must hold nonce, unless that is "", and be good at a time.
func readIDToken(token, clientID, nonce string, at time.Time) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errors.New("there is no identity token")
	}
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(body, &c) != nil {
		return c, errors.New("the identity token cannot be read")
	}
	switch {
	case nonce != "" && c.Nonce != nonce:
		return c, errors.New("the identity token is for another sign-in")
	case !slices.Contains(c.Audience, clientID):
		return c, errors.New("the identity token is for another application")
	case c.Expires <= float64(at.Unix()):
		return c, errors.New("the identity token has ended")
	}
	return c, nil
}

// idToken checks a token that the provider has just given.
func (at provider) idToken(token, clientID, nonce string) (claims, error) {
	c, err := readIDToken(token, clientID, nonce, time.Now())
	if err == nil && at.issuer != "" && c.Issuer != at.issuer {
		err = errors.New("the identity token is another provider's")
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrOpenIDAnswer, err)
	}
	return c, nil
}
