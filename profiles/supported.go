package profiles

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ErrUnsupported is what every *UnsupportedError matches.
var ErrUnsupported = errors.New("not supported")

// Feature is something that a profile can need.
type Feature string

// The features that are refused.
const (
	FeatureProtocol    Feature = "protocol"
	FeatureOAuth       Feature = "OAuth sign-in"
	FeatureRole        Feature = "assuming a role"
	FeatureMultiFactor Feature = "session token by multi-factor code"
	FeatureContext     Feature = "credentials from another address"
)

// UnsupportedError says what a profile needs that is not there. A connection with it must not be tried: signing in
// another way than asked is worse than not connecting.
type UnsupportedError struct {
	Feature Feature
	Detail  string // the protocol's id, the address; may be empty
}

func (e *UnsupportedError) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("%s: %v", e.Feature, ErrUnsupported)
	}
	return fmt.Sprintf("%s %q: %v", e.Feature, e.Detail, ErrUnsupported)
}

// Is makes the error match ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

// Supported returns nil when a connection can be made as the profile asks, else an *UnsupportedError.
func (p Profile) Supported() error {
	switch {
	case p.Protocol != S3:
		return &UnsupportedError{Feature: FeatureProtocol, Detail: p.Protocol}
	case p.UsesOpenID() && p.OAuth.AuthorizationURL == "":
		return &UnsupportedError{Feature: FeatureOAuth}
	case p.Fields.Role:
		return &UnsupportedError{Feature: FeatureRole}
	case p.Fields.MultiFactor:
		return &UnsupportedError{Feature: FeatureMultiFactor}
	case p.Context != "" && !strings.HasPrefix(p.Context, "/") && !isMetadataURL(p.Context):
		return &UnsupportedError{Feature: FeatureContext, Detail: p.Context}
	}
	return nil
}

// SupportedByFields is [Profile.Supported] where a person can name the role and the device that the profile needs.
func (p Profile) SupportedByFields() error {
	p.Fields.Role, p.Fields.MultiFactor = false, false
	return p.Supported()
}

// UsesOpenID reports whether a person signs in at an identity provider in a browser, and a token service gives the keys.
func (p Profile) UsesOpenID() bool { return p.Authorization == AuthorizationCode || p.Fields.OAuth }

// SignatureV2 tells whether the profile asks for requests signed with version 2.
func (p Profile) SignatureV2() bool {
	return p.Authorization == AWS2 || p.Quirks.Signature != nil && *p.Quirks.Signature == string(AWS2)
}

// isMetadataURL takes the two addresses of the EC2 metadata service only: a profile must not be able to make us ask
// a server of its choice for credentials.
func isMetadataURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Port() != "" {
		return false
	}
	a, err := netip.ParseAddr(u.Hostname())
	return err == nil && (a == netip.AddrFrom4([4]byte{169, 254, 169, 254}) || a == netip.MustParseAddr("fd00:ec2::254"))
}
