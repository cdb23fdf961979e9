package connect

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pintail/keychain"
)

// assumes reads from a bookmark's or a profile's properties which role, or session with a code, its keys are exchanged for; nil when none.
func (t target) assumes() (*keychain.Assume, error) {
	get := t.property
	a := keychain.Assume{
		RoleARN: get("role_arn", "s3.assumerole.rolearn"), ExternalID: get("external_id"), MFASerial: get("mfa_serial"),
		SessionName: get("role_session_name", "s3.assumerole.rolesessionname"),
	}
	if a.RoleARN == "" && a.MFASerial == "" || a.RoleARN == "" && t.profile.Fields.Role {
		return nil, nil
	}
	var err error
	if a.Duration, err = t.sessionLife(); err != nil {
		return nil, err
	}
	a.Region = t.region
	a.STSEndpoint, err = t.tokenService()
	return &a, err
}

// property is the first of some properties that the bookmark sets, else the profile.
func (t target) property(names ...string) string {
	for _, n := range names {
		if v := strings.TrimSpace(t.custom[n]); v != "" {
			return v
		}
		if v, ok := t.profile.Properties.Get(n); ok && strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// sessionLife is how long a session shall be; 0 = not said.
func (t target) sessionLife() (time.Duration, error) {
	s := t.property("duration_seconds", "s3.assumerole.durationseconds")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 20)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a number of seconds", keychain.ErrBadProfile, s)
	}
	return time.Duration(n) * time.Second, nil
}

// tokenService is where roles are asked for: the profile's address, else Amazon's own, else the server itself. An address that is
// neither Amazon's nor the server's is refused: codes would go there.
func (t target) tokenService() (string, error) {
	own := t.profile.STSEndpoint
	if own == "" || strings.TrimSuffix(own, "/") == "https://sts.amazonaws.com" { // what every profile inherits
		if t.endpoint == nil || isAmazon(t.endpoint.Hostname()) {
			return "", nil
		}
		return (&url.URL{Scheme: t.endpoint.Scheme, Host: t.endpoint.Host}).String(), nil
	}
	u, err := parseEndpoint(own)
	if err != nil {
		return "", err
	}
	same := t.endpoint != nil && u.Scheme == t.endpoint.Scheme && strings.EqualFold(u.Host, t.endpoint.Host)
	if !same && !isLoopback(u.Hostname()) && (u.Scheme != "https" || !isAmazon(u.Hostname())) {
		return "", fmt.Errorf("%w: the token service %s is neither Amazon's nor that of the server", ErrEndpoint, u.Host)
	}
	return u.String(), nil
}

// supported is [profiles.Profile.Supported], where a role or device that is known needs no field.
func (t target) supported() error {
	p := t.profile
	if t.assume != nil || t.openID != nil && (t.openID.RoleARN != "" || t.openID.STSEndpoint != "") {
		p.Fields.Role, p.Fields.MultiFactor = false, false
	}
	if err := p.Supported(); err != nil {
		return fmt.Errorf("connection profile %q: %w", p.Title(), err)
	}
	return nil
}

// become exchanges the key for the session that t asks for, once the person agreed to where the key goes. The connection keeps the
// name of the long-term key.
func (env Env) become(ctx context.Context, t target, key resolved, req keychain.Request) (resolved, error) {
	if t.assume == nil || key.Anonymous || key.Source == keychain.SourceAWSProfile {
		return key, nil
	}
	if err := env.agreed(ctx, t, key); err != nil {
		return resolved{}, err
	}
	req.Assume = t.assume
	res, err := keychain.Become(ctx, req, key.Resolved)
	if err != nil {
		return resolved{}, fmt.Errorf("%s: %w", t.host(), err)
	}
	res.KeyID = key.KeyID
	key.Resolved, key.assumed = res, true
	return key, nil
}
