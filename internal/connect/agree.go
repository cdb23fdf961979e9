package connect

import (
	"context"
	"slices"
	"strings"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/preferences"
)

// agreed asks, once a host, before a key crosses the network in the open or reaches a server that is new for it.
func (env Env) agreed(ctx context.Context, t target, key resolved) error {
	u := t.url()
	if key.Anonymous || isLoopback(u.Hostname()) {
		return nil
	}
	warn := env.Preferences == nil || preferences.WarnPlainHTTP.Get(env.Preferences)
	host := canonicalHost(t)
	if u.Scheme == "http" && warn && !env.Trust.plainHTTP(host) {
		err := env.confirm(ctx, t, prompt.Confirm{
			Topic: prompt.TopicPlainHTTP, Title: text.T("connect.plain.title", u.Host),
			Text: text.T("connect.plain.text"), Yes: text.T("connect.plain.yes"),
		})
		if err != nil {
			return err
		}
		if err := env.Trust.allowPlainHTTP(host); err != nil {
			return err
		}
	}
	if key.KeyID == "" {
		return nil // of the machine itself: for Amazon only
	}
	if env.isNew(t, key, host) {
		err := env.confirm(ctx, t, prompt.Confirm{
			Topic: prompt.TopicNewHost, Title: text.T("connect.newHost.title", hint(key.KeyID), u.Host),
			Text: text.T("connect.newHost.text", key.String()), Yes: text.T("connect.newHost.yes"),
		})
		if err != nil {
			return err
		}
	}
	return env.Trust.allowKey(key.identity(), host)
}

// identity is what stays the same when temporary credentials are renewed: the key's id, else where they come from.
func (key resolved) identity() string {
	switch {
	case key.assumed, key.Expires.IsZero():
		return key.KeyID
	case key.Profile != "":
		return "aws-profile " + key.Profile
	}
	return string(key.Source) + " " + key.Role
}

// isNew tells whether the key would go where nobody sent it before: it is known elsewhere, it looks like one of Amazon's and the
// server is not, or an imported file chose the server for a key that does not belong to that file.
func (env Env) isNew(t target, key resolved, host string) bool {
	known := env.Trust.hosts(key.identity())
	if slices.Contains(known, host) || key.Source == keychain.SourceKeychain {
		return false // a stored secret is bound to its host
	}
	if len(known) > 0 {
		return true
	}
	if host == "amazonaws.com" {
		return false
	}
	if strings.HasPrefix(key.KeyID, "AKIA") || strings.HasPrefix(key.KeyID, "ASIA") {
		return true
	}
	return t.chosen == byFile && key.Source != keychain.SourceTyped
}

func (env Env) confirm(ctx context.Context, t target, q prompt.Confirm) error {
	yes, err := env.Prompter.Confirm(ctx, q)
	if err != nil || !yes {
		return &NotTrustedError{Topic: q.Topic, Host: t.host(), Err: err}
	}
	return nil
}

// canonicalHost is one spelling of a server; all of Amazon's regions are one.
func canonicalHost(t target) string {
	u := t.url()
	if isAmazon(u.Hostname()) && u.Scheme == "https" {
		return "amazonaws.com"
	}
	item, err := t.item("x")
	if err != nil {
		return u.Scheme + "://" + u.Host
	}
	item.PathPrefix = ""
	return item.Endpoint()
}
