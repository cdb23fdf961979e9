package connect

import (
	"context"
	"fmt"
	"maps"
	"net"
	"strconv"
	"strings"

	"pintail/bookmarks"
	"pintail/profiles"
	"pintail/storage"
)

// SpecOf is the spec of a bookmark that may not be stored: an entry of the history, the fields of a connection window.
// For a stored one use Spec{Bookmark: id}, so that transfers follow later changes of it.
func SpecOf(b bookmarks.Bookmark) Spec {
	s := Spec{
		Profile: b.Provider, Endpoint: b.EndpointURL, Region: b.Region, Addressing: addressingOf(b), AWSProfile: b.AWSProfile,
		KeyID: b.Username, Anonymous: b.Anonymous || b.Username == "anonymous", Path: b.Path, ReadOnly: b.ReadOnly,
		RoleARN: b.Custom["role_arn"], MFASerial: b.Custom["mfa_serial"],
		Production: b.Production, Signature: b.Custom[signatureName], Buckets: b.Buckets,
		Network: Network{Proxy: b.Proxy, Bypass: b.ProxyBypass, CABundle: b.CABundle, ClientCert: b.ClientCert, ClientKey: b.ClientKey},
	}
	if s.Endpoint == "" && b.Hostname != "" {
		s.Endpoint = b.Hostname
		if b.Port != 0 {
			s.Endpoint = net.JoinHostPort(strings.Trim(b.Hostname, "[]"), strconv.Itoa(b.Port))
		}
	}
	if s.Anonymous {
		s.KeyID = ""
	}
	s.Amazon = s.Endpoint == "" && s.Profile == ""
	return s
}

func addressingOf(b bookmarks.Bookmark) storage.Addressing {
	switch {
	case b.Addressing == bookmarks.AddressingPath, strings.EqualFold(b.Custom["s3.bucket.virtualhost.disable"], "true"):
		return storage.AddressingPath
	case b.Addressing == bookmarks.AddressingVirtual:
		return storage.AddressingVirtualHost
	}
	return storage.AddressingAuto
}

// fromBookmark fills t from a stored bookmark; what spec gives besides (region, addressing, key) wins over the bookmark's.
func (env Env) fromBookmark(ctx context.Context, t *target, spec Spec) error {
	if env.Bookmarks == nil {
		return fmt.Errorf("%w: %q", bookmarks.ErrNotFound, spec.Bookmark)
	}
	b, err := env.Bookmarks.Find(spec.Bookmark)
	if err != nil {
		return err
	}
	if b.Protocol != "s3" {
		return fmt.Errorf("bookmark %q: %w", b.Title(), &profiles.UnsupportedError{Feature: profiles.FeatureProtocol, Detail: b.Protocol})
	}
	own := SpecOf(b)
	t.name, t.bookmark = b.Title(), b.ID
	maps.Copy(t.custom, b.Custom)
	t.region = firstOf(t.region, own.Region)
	t.keyID = firstOf(t.keyID, own.KeyID)
	t.awsProfile = firstOf(t.awsProfile, own.AWSProfile)
	t.anonymous = t.anonymous || own.Anonymous
	t.readOnly = t.readOnly || own.ReadOnly
	t.production = t.production || own.Production
	t.network = t.network.or(own.Network)
	if t.buckets == nil {
		t.buckets = own.Buckets
	}
	if t.addressing == storage.AddressingAuto {
		t.addressing = own.Addressing
	}
	if t.start.IsRoot() {
		t.start = startOf(own.Path)
	}
	switch {
	case own.Profile != "":
		err = env.fromProfile(ctx, t, own)
	case own.Endpoint != "":
		err = env.fromEndpoint(t, own.Endpoint)
	default:
		err = env.generic(t)
	}
	t.chosen = byFile
	if err != nil {
		return fmt.Errorf("bookmark %q: %w", b.Title(), err)
	}
	return nil
}
