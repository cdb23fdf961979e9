package keychain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc/types"
)

const (
	deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"
	ssoInterval = 5 * time.Second // between questions, unless the server says otherwise
	ssoSlower   = 5 * time.Second // added each time that it asks for patience
)

// SSODevice is what a person needs to sign in: open URL, see UserCode there, agree.
type SSODevice struct {
	URL      string // with the code in it where the server gives such a one
	UserCode string
	Expires  time.Time
}

// SSOLogin says as which profile to sign in to IAM Identity Center.
type SSOLogin struct {
	Files      AWSFiles
	Profile    string // "" = AWS_PROFILE, then default
	Getenv     func(string) string
	HTTPClient *http.Client
	// Show is called once with what the person has to open. It must not wait.
	Show func(SSODevice)
	// Wait sleeps between questions; nil = time passes.
	Wait func(ctx context.Context, d time.Duration) error
}

// SSOResult is a sign-in that was done.
type SSOResult struct {
	Profile, Session, StartURL string
	Expires                    time.Time // of the token; a session's is renewed without the person
	File                       string
}

// LoginSSO signs in by the device flow and keeps the token where the AWS tools look for it. It waits until the person agreed in a
// browser, refused (ErrNeedsSSO), or the code has ended (ErrNeedsSSO).
func LoginSSO(ctx context.Context, l SSOLogin) (SSOResult, error) {
	req := &Request{AWSProfile: l.Profile, Getenv: l.Getenv, HTTPClient: l.HTTPClient, Files: l.Files}
	if req.Getenv == nil {
		req.Getenv = func(string) string { return "" }
	}
	name, _ := req.profileName()
	files, err := readAWSFiles(l.Files)
	if err != nil {
		return SSOResult{}, err
	}
	s, ok := files.find(name)
	if !ok {
		return SSOResult{}, fmt.Errorf("%w: %q", ErrNoProfile, name)
	}
	if s.value("sso_session") == "" && s.value("sso_start_url") == "" {
		return SSOResult{}, fmt.Errorf("%w: %q does not sign in to IAM Identity Center", ErrBadProfile, name)
	}
	set, err := files.ssoOf(s)
	if err != nil {
		return SSOResult{}, err
	}
	if l.Files.SSOCache == "" {
		return SSOResult{}, fmt.Errorf("%w: there is no folder for the token", ErrBadProfile)
	}
	of := settings{req, files, s}
	h, err := of.client()
	if err != nil {
		return SSOResult{}, err
	}
	token, err := l.signIn(ctx, of.oidc(set, h), set)
	if err != nil {
		return SSOResult{}, fmt.Errorf("sign in to %s: %w", set.startURL, err)
	}
	out := SSOResult{Profile: name, Session: set.session, StartURL: set.startURL, Expires: time.Time(token.ExpiresAt), File: set.cacheFile(l.Files.SSOCache)}
	return out, token.save(out.File)
}

// ssoToken is the file that the AWS tools share.
type ssoToken struct {
	StartURL              string     `json:"startUrl"`
	Region                string     `json:"region"`
	AccessToken           string     `json:"accessToken"`
	ExpiresAt             wholeTime  `json:"expiresAt"`
	ClientID              string     `json:"clientId,omitempty"`
	ClientSecret          string     `json:"clientSecret,omitempty"`
	RegistrationExpiresAt *wholeTime `json:"registrationExpiresAt,omitempty"`
	RefreshToken          string     `json:"refreshToken,omitempty"`
}

// wholeTime is written without fractions of seconds, as the AWS command line does.
type wholeTime time.Time

func (t wholeTime) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format(`"2006-01-02T15:04:05Z"`)), nil
}

func (l SSOLogin) signIn(ctx context.Context, c *ssooidc.Client, set ssoSettings) (ssoToken, error) {
	reg := &ssooidc.RegisterClientInput{ClientName: aws.String("pintail"), ClientType: aws.String("public")}
	if set.session != "" { // the older form has no scopes, and so no token to renew with
		reg.Scopes, reg.GrantTypes = set.scopes, []string{deviceGrant, "refresh_token"}
	}
	app, err := c.RegisterClient(ctx, reg)
	if err != nil {
		return ssoToken{}, err
	}
	dev, err := c.StartDeviceAuthorization(ctx, &ssooidc.StartDeviceAuthorizationInput{ClientId: app.ClientId, ClientSecret: app.ClientSecret, StartUrl: &set.startURL})
	if err != nil {
		return ssoToken{}, err
	}
	address := aws.ToString(dev.VerificationUriComplete)
	if address == "" {
		address = aws.ToString(dev.VerificationUri)
	}
	if err := signInAddress(address, set.startURL); err != nil {
		return ssoToken{}, err
	}
	end := time.Now().Add(time.Duration(dev.ExpiresIn) * time.Second)
	l.Show(SSODevice{URL: address, UserCode: aws.ToString(dev.UserCode), Expires: end})
	out, err := l.poll(ctx, c, app, dev)
	if err != nil {
		return ssoToken{}, err
	}
	if aws.ToString(out.AccessToken) == "" {
		return ssoToken{}, errors.New("the answer has no token")
	}
	token := ssoToken{
		StartURL: set.startURL, Region: set.region, AccessToken: *out.AccessToken, RefreshToken: aws.ToString(out.RefreshToken),
		ExpiresAt: wholeTime(time.Now().Add(time.Duration(out.ExpiresIn) * time.Second)),
		ClientID:  aws.ToString(app.ClientId), ClientSecret: aws.ToString(app.ClientSecret),
	}
	if app.ClientSecretExpiresAt > 0 {
		at := wholeTime(time.Unix(app.ClientSecretExpiresAt, 0))
		token.RegistrationExpiresAt = &at
	}
	return token, nil
}

// poll asks until the person has answered in the browser.
func (l SSOLogin) poll(ctx context.Context, c *ssooidc.Client, app *ssooidc.RegisterClientOutput, dev *ssooidc.StartDeviceAuthorizationOutput) (*ssooidc.CreateTokenOutput, error) {
	every, wait := ssoInterval, l.Wait
	if dev.Interval > 0 {
		every = time.Duration(dev.Interval) * time.Second
	}
	if wait == nil {
		wait = pass
	}
	for left := time.Duration(dev.ExpiresIn) * time.Second; left > 0; left -= every {
		if err := wait(ctx, every); err != nil {
			return nil, err
		}
		out, err := c.CreateToken(ctx, &ssooidc.CreateTokenInput{
			ClientId: app.ClientId, ClientSecret: app.ClientSecret, GrantType: aws.String(deviceGrant), DeviceCode: dev.DeviceCode,
		})
		var pending *types.AuthorizationPendingException
		var slow *types.SlowDownException
		var denied *types.AccessDeniedException
		var ended *types.ExpiredTokenException
		switch {
		case err == nil:
			return out, nil
		case errors.As(err, &pending):
		case errors.As(err, &slow):
			every += ssoSlower
		case errors.As(err, &denied), errors.As(err, &ended):
			return nil, fmt.Errorf("%w: %w", ErrNeedsSSO, err)
		default:
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: nobody agreed in time", ErrNeedsSSO)
}

func pass(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// signInAddress lets a person be sent to Amazon's own sign-in and to the server of the start page, and nowhere else.
func signInAddress(address, start string) error {
	u, err := url.Parse(address)
	s, startErr := url.Parse(start)
	if err != nil || startErr != nil || u.User != nil {
		return errors.New("the server names no address to sign in at")
	}
	if u.Scheme == s.Scheme && strings.EqualFold(u.Host, s.Host) {
		return nil
	}
	for _, d := range []string{".amazonaws.com", ".amazonaws.com.cn", ".awsapps.com", ".awsapps.cn", ".app.aws"} {
		if u.Scheme == "https" && u.Port() == "" && strings.HasSuffix(strings.ToLower(u.Hostname()), d) {
			return nil
		}
	}
	return fmt.Errorf("%w: the server sends to %s://%s to sign in, which is neither Amazon's nor that of the start page", ErrBadProfile, u.Scheme, u.Host)
}

// save replaces the file whole; nobody else may read it.
func (t ssoToken) save(file string) error {
	data, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".pintail-*") // mode 0600
	if err != nil {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	return nil
}
