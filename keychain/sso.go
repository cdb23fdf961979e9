package keychain

import (
	"crypto/sha1" //nolint:gosec // a file name that the AWS tools share
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
)

// ErrNeedsSSO: IAM Identity Center wants the person to sign in again in a browser; see [LoginSSO].
var ErrNeedsSSO = errors.New("a sign-in to IAM Identity Center is needed")

// ssoSettings are where and as whom a profile signs in to IAM Identity Center.
type ssoSettings struct {
	session  string // name of the sso-session section; "" = the older form, with all in the profile
	startURL string
	region   string
	scopes   []string
}

// cacheFile is where the AWS command line keeps the token.
func (s ssoSettings) cacheFile(dir string) string {
	name := s.session
	if name == "" {
		name = s.startURL
	}
	sum := sha1.Sum([]byte(name))
	return filepath.Join(dir, hex.EncodeToString(sum[:])+".json")
}

func (f awsFiles) ssoOf(s section) (ssoSettings, error) {
	out := ssoSettings{session: s.value("sso_session"), startURL: s.value("sso_start_url"), region: s.value("sso_region")}
	if out.session != "" {
		found := false
		for _, sec := range f.config.Sections() {
			if kind, name, _ := strings.Cut(sec.Name(), " "); kind == "sso-session" && strings.TrimSpace(name) == out.session {
				one := section{config: sec}
				out.startURL, out.region, found = one.value("sso_start_url"), one.value("sso_region"), true
				out.scopes = strings.FieldsFunc(one.value("sso_registration_scopes"), func(r rune) bool { return r == ',' || r == ' ' })
			}
		}
		if !found {
			return out, fmt.Errorf("%w: there is no sso-session %q", ErrBadProfile, out.session)
		}
		if len(out.scopes) == 0 {
			out.scopes = []string{"sso:account:access"}
		}
	}
	u, err := url.Parse(out.startURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && !isHere(u.Hostname()) {
		return out, fmt.Errorf("%w: sso_start_url of %q is not an https address", ErrBadProfile, s.name)
	}
	if out.region == "" {
		return out, fmt.Errorf("%w: sso_region of %q is not set", ErrBadProfile, s.name)
	}
	return out, nil
}

// sso exchanges the token of a sign-in for a role's credentials; the token is renewed while its session lasts.
func (c *chain) sso(s section) (aws.CredentialsProvider, error) {
	set, err := c.files.ssoOf(s)
	if err != nil {
		return nil, err
	}
	account, role := s.value("sso_account_id"), s.value("sso_role_name")
	if account == "" || role == "" {
		return nil, fmt.Errorf("%w: %q names no sso_account_id or sso_role_name", ErrBadProfile, s.name)
	}
	if c.files.paths.SSOCache == "" {
		return nil, fmt.Errorf("%w: %q: there is no folder for its tokens", ErrBadProfile, s.name)
	}
	h, err := c.client()
	if err != nil {
		return nil, err
	}
	file := set.cacheFile(c.files.paths.SSOCache)
	portal := sso.New(sso.Options{Region: set.region, HTTPClient: h, BaseEndpoint: c.endpoint("sso")})
	p := ssocreds.New(portal, account, role, set.startURL, func(o *ssocreds.Options) {
		o.CachedTokenFilepath = file
		if set.session != "" {
			o.SSOTokenProvider = ssocreds.NewSSOTokenProvider(c.oidc(set, h), file)
		}
	})
	return &ssoProvider{inner: p, profile: s.name}, nil
}

func (s settings) oidc(set ssoSettings, h client) *ssooidc.Client {
	return ssooidc.New(ssooidc.Options{Region: set.region, HTTPClient: h, BaseEndpoint: s.endpoint("sso_oidc")})
}
