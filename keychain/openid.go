package keychain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// SourceOpenID: a person signed in at an identity provider, and the token service gave a role's credentials for its token.
const SourceOpenID Source = "openid"

// Why a sign-in at an identity provider gave nothing.
var (
	// ErrNeedsOpenID: the person has to sign in at the identity provider, again or for the first time; the *OpenIDError names it.
	ErrNeedsOpenID = errors.New("a sign-in at the identity provider is needed")
	// ErrOpenIDAnswer: what the identity provider answered cannot be used; the text says why.
	ErrOpenIDAnswer = errors.New("the answer of the identity provider cannot be used")
)

// OpenIDError says at which provider a person has to sign in. Err is why that was not done, nil when nobody could be asked.
type OpenIDError struct {
	Provider string // host
	Err      error
}

func (e *OpenIDError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%v: %s: %v", ErrNeedsOpenID, e.Provider, e.Err)
	}
	return fmt.Sprintf("%v: %s", ErrNeedsOpenID, e.Provider)
}

// Unwrap returns Err.
func (e *OpenIDError) Unwrap() error { return e.Err }

// Ended tells storage that a person can give what is missing: work waits instead of failing.
func (e *OpenIDError) Ended() bool { return true }

// Is makes the error match ErrNeedsOpenID.
func (e *OpenIDError) Is(target error) bool { return target == ErrNeedsOpenID }

// OpenID says at which identity provider a person signs in, and which role the token is exchanged for.
type OpenID struct {
	// AuthorizationURL is the page to sign in at, or the provider's /.well-known/openid-configuration, which names both addresses.
	// Both are https, or http of this machine.
	AuthorizationURL, TokenURL string
	ClientID                   string
	ClientSecret               Secret // of the application, not of the person; empty = none
	// RedirectURL is where the provider sends the browser: on this machine. "" and an application's own scheme mean a free port.
	RedirectURL string
	PKCE        bool
	Scopes      []string // openid is added
	RoleARN     string   // "" where the token service chooses by the token, as MinIO does
	SessionName string
	Duration    time.Duration // 0 = one hour
	STSEndpoint string        // URL; "" = Amazon's of Region
	Region      string        // "" = us-east-1
	// Store keeps what renews the sign-in without the person; nil = this run only.
	Store Store
	// Show opens or shows the address to sign in at, and returns when ctx ends or the person gives up; nil = nobody is there.
	Show func(ctx context.Context, address string) error
	// Page is what the browser says at the end, plain text.
	Page string
}

// Provider is the host of the identity provider.
func (o OpenID) Provider() string {
	u, err := url.Parse(o.AuthorizationURL)
	if err != nil {
		return o.AuthorizationURL
	}
	return u.Host
}

// Item is what the kept token of the sign-in is bound to: to where it is sent, and to the server and the token service that it opens.
func (o OpenID) Item(server Item) (Item, error) {
	at := o.TokenURL
	if at == "" {
		at = o.AuthorizationURL
	}
	to := sha256.Sum256([]byte(strings.Join([]string{o.AuthorizationURL, o.STSEndpoint, server.Endpoint(), o.RoleARN}, "\x00")))
	return NewItem(at, server.Vendor, "openid "+o.ClientID+" "+hex.EncodeToString(to[:8]))
}

// ClientItem is what the application's secret is bound to: to where it is sent.
func (o OpenID) ClientItem(vendor string) (Item, error) {
	at := o.TokenURL
	if at == "" {
		at = o.AuthorizationURL
	}
	return NewItem(at, vendor, o.ClientID)
}

func (o OpenID) check() (OpenID, error) {
	for _, a := range []string{o.AuthorizationURL, o.TokenURL} {
		if a == "" && o.discovers() {
			continue
		}
		if err := safeAddress(a); err != nil {
			return o, err
		}
	}
	if o.ClientID == "" {
		return o, fmt.Errorf("%w: the sign-in names no client id", ErrBadProfile)
	}
	if o.RoleARN != "" && !strings.HasPrefix(o.RoleARN, "arn:") {
		return o, fmt.Errorf("%w: the role %q is not an ARN", ErrBadProfile, o.RoleARN)
	}
	if o.RoleARN == "" && o.STSEndpoint == "" {
		return o, fmt.Errorf("%w: Amazon needs a role for the token", ErrBadProfile)
	}
	if o.Duration == 0 {
		o.Duration = roleDuration
	}
	if o.Duration < minSession || o.Duration > maxRole {
		return o, fmt.Errorf("%w: a session of %d seconds; STS gives %d to %d", ErrBadProfile, int(o.Duration.Seconds()), int(minSession.Seconds()), int(maxRole.Seconds()))
	}
	if o.SessionName == "" {
		o.SessionName = fmt.Sprintf("pintail-%d", time.Now().Unix())
	}
	return o, nil
}

// safeAddress lets codes and tokens go over https, and over http within this machine only.
func safeAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !isHere(u.Hostname())) {
		return fmt.Errorf("%w: the address to sign in at is not an https address", ErrBadProfile)
	}
	return nil
}

// fromOpenID resolves a sign-in at an identity provider.
func (req *Request) fromOpenID(ctx context.Context) (Resolved, error) {
	if req.OpenID == nil {
		return Resolved{}, errNotHere
	}
	o, err := req.OpenID.check()
	if err != nil {
		return Resolved{}, err
	}
	item, err := o.Item(req.Item)
	if err != nil {
		return Resolved{}, err
	}
	region := o.Region
	if region == "" {
		region = defaultRegion
	}
	h := req.client()
	service := sts.New(sts.Options{Region: region, HTTPClient: h, Credentials: aws.AnonymousCredentials{}, BaseEndpoint: nonEmpty(o.STSEndpoint)})
	res, err := req.settle(ctx, SourceOpenID, &openID{OpenID: o, item: item, service: service, http: h, run: req.Run})
	res.Role = o.RoleARN
	return res, err
}

// openID gives the credentials of a role for the token of an identity provider. Sessions and tokens serve every connection of the run.
type openID struct {
	OpenID
	item    Item
	service *sts.Client
	http    client
	run     *Memory

	mu sync.Mutex // guards below
	at *provider  // once it is known
}

func (p *openID) key() string { return p.item.Account() + "\x00" + p.Duration.String() }

// Retrieve exchanges a token that is still good, else a renewed one, else one for which the person signs in.
func (p *openID) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if c, ok := p.run.session(p.key(), time.Now()); ok {
		return c, nil
	}
	release, err := p.run.ask(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	defer release()
	if c, ok := p.run.session(p.key(), time.Now()); ok { // somebody else was asked meanwhile
		return c, nil
	}
	var refused error
	for _, source := range []func(context.Context) (string, error){p.kept, p.renewed, p.signedIn} {
		token, err := source(ctx)
		if errors.Is(err, errNotHere) {
			continue
		}
		if err != nil {
			return aws.Credentials{}, err
		}
		c, err := p.exchange(ctx, token)
		if err == nil {
			p.run.keepSession(p.key(), c)
			return c, nil
		}
		if refused = err; !tokenRefused(err) {
			break
		}
	}
	return aws.Credentials{}, refused
}

// Invalidate forgets the session.
func (p *openID) Invalidate() { p.run.dropSession(p.key()) }

func (p *openID) exchange(ctx context.Context, token string) (aws.Credentials, error) {
	out, err := p.service.AssumeRoleWithWebIdentity(ctx, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: &p.RoleARN, RoleSessionName: &p.SessionName, WebIdentityToken: &token, DurationSeconds: aws.Int32(int32(p.Duration.Seconds())),
	})
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("exchange the token of %s: %w", p.Provider(), err)
	}
	return temporary(out.Credentials, accountOf(out.AssumedRoleUser, p.RoleARN))
}

// tokenRefused tells a token that another one may stand in for.
func tokenRefused(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ExpiredToken", "ExpiredTokenException", "InvalidIdentityToken", "IDPRejectedClaim", "WebIdentityTokenExpired", "InvalidParameterValue":
		return true
	}
	return false
}

// kept is the token of this run, or the one that was kept because nothing renews it.
func (p *openID) kept(ctx context.Context) (string, error) {
	token := p.run.webToken(p.key())
	if token == "" {
		token = p.stored(ctx, keptToken)
	}
	if token == "" {
		return "", errNotHere
	}
	if _, err := readIDToken(token, p.ClientID, "", time.Now().Add(time.Minute)); err != nil {
		return "", errNotHere
	}
	return token, nil
}

// What is kept of a sign-in says what it is: a token that renews it, or where the provider gives none the token itself.
const (
	keptRenewal = "renew:"
	keptToken   = "token:"
)

// stored is what the keychain or the run has of a kind; a keychain that cannot be asked has nothing. Another program may have renewed
// the sign-in, so the keychain comes first.
func (p *openID) stored(ctx context.Context, kind string) string {
	s, err := Secret{}, ErrNotFound
	if p.Store != nil {
		s, err = p.Store.Get(ctx, p.item)
	}
	if err != nil {
		s, err = p.run.Get(ctx, p.item)
	}
	if err != nil {
		return ""
	}
	v, _ := strings.CutPrefix(s.Reveal(), kind)
	if v == s.Reveal() {
		return ""
	}
	return v
}

// keep holds on to what a sign-in gave. A keychain that does not take it is no reason to fail: the run has it.
func (p *openID) keep(ctx context.Context, a tokenAnswer) {
	p.run.keepWebToken(p.key(), a.IDToken)
	s := NewSecret(keptToken + a.IDToken)
	if a.RefreshToken != "" {
		s = NewSecret(keptRenewal + a.RefreshToken)
	}
	_ = p.run.Set(ctx, p.item, s)
	if p.Store != nil {
		_ = p.Store.Set(ctx, p.item, s)
	}
}

func (p *openID) forget(ctx context.Context) {
	p.run.keepWebToken(p.key(), "")
	_ = p.run.Delete(ctx, p.item)
	if p.Store != nil {
		_ = p.Store.Delete(ctx, p.item)
	}
}

// renewed asks the provider for another token without the person.
func (p *openID) renewed(ctx context.Context) (string, error) {
	renewal := p.stored(ctx, keptRenewal)
	for renewal != "" {
		at, err := p.provider(ctx)
		if err != nil {
			return "", err
		}
		a, err := p.askToken(ctx, at, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {renewal}})
		var no *tokenRefusal
		if errors.As(err, &no) && no.code == "invalid_grant" { // it has ended or was withdrawn, or another program has used it
			if now := p.stored(ctx, keptRenewal); now != renewal {
				renewal = now
				continue
			}
			p.forget(ctx)
			break
		}
		if err != nil {
			return "", err
		}
		if a.RefreshToken == "" {
			a.RefreshToken = renewal
		}
		if a.IDToken == "" {
			break // this provider renews no identity
		}
		if _, err := at.idToken(a.IDToken, p.ClientID, ""); err != nil {
			return "", err
		}
		p.keep(ctx, a)
		return a.IDToken, nil
	}
	return "", errNotHere
}
