// Package connect opens connections: it joins bookmark, connection profile, AWS configuration, credentials and questions into a
// storage.Session. Both faces open theirs here and nowhere else. It must never send a key to a server that the person did not
// agree to, write a secret into a reference, or let an imported file choose which credentials are used.
// Start reading at [Open], then target.go (which server), credentials.go (which key) and trust.go (who may get it).
package connect

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"pintail/bookmarks"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
)

// Env is what connections are made of in one program. Profiles is required; what else is nil is not used.
type Env struct {
	Bookmarks   *bookmarks.Store
	Profiles    *profiles.Registry
	Keychain    keychain.Store           // lasting secrets
	Run         *keychain.Memory         // secrets typed in this run, so that a transfer can connect again
	Preferences *preferences.Preferences // nil = defaults
	Trust       *Trust                   // nil = asks every time
	Prompter    prompt.Prompter          // nil = nobody answers
	Getenv      func(string) string      // nil = an empty environment
	Home        string                   // the user's home, for ~/.aws
	// InstanceMetadata allows credentials of the machine for Amazon S3 when nothing else has any.
	InstanceMetadata bool
	// Demo starts the embedded server, or returns the running one, for the bundled demo profile.
	Demo      func(ctx context.Context) (Demo, error)
	Trace     func(storage.Event)
	UserAgent string
	Checksum  storage.ChecksumAlgorithm
	Timeout   time.Duration // without a byte; 0 = the preference
	MaxConns  int
}

// Demo is the running embedded server.
type Demo struct {
	Endpoint, Region string
	Typed            keychain.Typed
}

// Connection is an open connection. Close must be called. Only Session speaks to the server; nothing was sent to it by [Open].
type Connection struct {
	Session *storage.Session
	Name    string // what to call it: the bookmark's nickname, else the host
	Host    string // host[:port]
	KeyID   string // "" if anonymous
	KeyHint string // the key id's last characters: "…7Q2A"; "" if anonymous
	Source  string // where the credentials came from, for people
	Expires time.Time
	Account string // of Amazon, "" when not known
	Role    string // ARN or name of the role that was assumed, "" when none
	// Production: the bookmark is marked so, and what destroys is asked about twice.
	Production bool
	Asked      bool // the person typed key and secret at a prompt: try them before long work, see [Refused] and [Again]
	Profile    profiles.Profile
	Start      storage.Location // where to begin
	Spec       Spec             // as asked, without what was typed
	Ref        string           // for the journal: opens the same connection again; holds no secret

	accept     func(ctx context.Context) error
	tried      []keychain.Tried
	properties func(names ...string) string // of the bookmark, else of the profile
	marks      *bookmarks.Store
}

// Close ends the session.
func (c *Connection) Close() error { return c.Session.Close() }

// Accepted is called once the server took the credentials: it stores a typed secret in the keychain if that was asked for.
func (c *Connection) Accepted(ctx context.Context) error {
	if c.accept == nil {
		return nil
	}
	f := c.accept
	c.accept = nil
	return f(ctx)
}

// Open finds server and credentials for spec, asks what has to be asked, and returns a session that has sent nothing yet.
// Errors: those of this package, of bookmarks, profiles and keychain, [prompt.ErrDismissed], and a *storage.Error.
func Open(ctx context.Context, env Env, spec Spec) (*Connection, error) {
	env = env.filled()
	t, err := env.target(ctx, spec)
	if err != nil {
		return nil, err
	}
	key, err := env.credentials(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := env.agreed(ctx, t, key); err != nil {
		return nil, err
	}
	return env.open(ctx, spec, t, key)
}

// OpenRef opens the connection that a reference of the journal names.
func OpenRef(ctx context.Context, env Env, ref string) (*Connection, error) {
	spec, err := ParseRef(ref)
	if err != nil {
		return nil, err
	}
	return Open(ctx, env, spec)
}

// Again asks for another key and secret after the server refused the ones that spec led to, and opens the connection with them.
// refused is the server's error; its sentence is shown with the question.
func Again(ctx context.Context, env Env, spec Spec, refused error) (*Connection, error) {
	reason := refused.Error()
	var e *storage.Error
	if errors.As(refused, &e) && e.Message != "" {
		reason = e.Message
	}
	c, err := Ask(ctx, env, spec, reason)
	if errors.Is(err, prompt.ErrDismissed) {
		return nil, refused
	}
	return c, err
}

// Ask opens the connection with a key and secret that the person is asked for, whatever other credentials there are.
// reason is a sentence that is shown with the question; it may be "".
func Ask(ctx context.Context, env Env, spec Spec, reason string) (*Connection, error) {
	env = env.filled()
	t, err := env.target(ctx, spec)
	if err != nil {
		return nil, err
	}
	ask := env.login
	if t.openID != nil {
		ask = func(ctx context.Context, t target, _ string) (resolved, error) { return env.browser(ctx, t) }
	}
	key, err := ask(ctx, t, reason)
	if err != nil {
		return nil, err
	}
	if err := env.agreed(ctx, t, key); err != nil {
		return nil, err
	}
	return env.open(ctx, spec, t, key)
}

// Forget removes the stored secret of spec's key from the keychain. A spec without a key id is [keychain.ErrInvalidItem], a secret
// that is not stored [keychain.ErrNotFound].
func Forget(ctx context.Context, env Env, spec Spec) error {
	env = env.filled()
	t, err := env.target(ctx, spec)
	if err != nil {
		return err
	}
	if t.openID != nil {
		return env.forgetSignIn(ctx, t)
	}
	item, err := t.item(t.keyID)
	if err != nil {
		return err
	}
	if env.Run != nil {
		if err := env.Run.Delete(ctx, item); err != nil && !errors.Is(err, keychain.ErrNotFound) {
			return err
		}
	}
	if env.Keychain == nil {
		return keychain.ErrUnavailable
	}
	return env.Keychain.Delete(ctx, item)
}

func (env Env) filled() Env {
	if env.Getenv == nil {
		env.Getenv = func(string) string { return "" }
	}
	if env.Prompter == nil {
		env.Prompter = prompt.Nobody{}
	}
	if env.Trust == nil {
		env.Trust = &Trust{data: trustData{KeyHosts: map[string][]string{}}}
	}
	return env
}

func (env Env) open(ctx context.Context, spec Spec, t target, key resolved) (*Connection, error) {
	tls, err := env.tls(t)
	if err != nil {
		return nil, err
	}
	choose, err := env.proxy(t)
	if err != nil {
		return nil, err
	}
	c := storage.Config{
		Endpoint: t.endpoint, Region: env.signingRegion(t), Addressing: t.addressing, Checksum: env.Checksum, Known: t.known, PageSize: t.pageSize,
		StallAfter: env.timeout(), MaxConns: env.MaxConns, TLS: tls, Proxy: choose, Buckets: t.buckets, Trace: env.Trace, UserAgent: env.UserAgent, CloudFront: t.cloudFront, KMS: t.kms,
		S3Control: t.s3Control, STS: t.sts,
	}
	if v, said := t.custom[signatureName]; v == string(profiles.AWS2) || !said && t.profile.SignatureV2() {
		c.Signature = storage.SignatureV2
	}
	if env.Preferences != nil {
		c.Accelerate = func() bool { return preferences.S3Accelerate.Get(env.Preferences) }
	}
	t.ownSwitches(&c)
	if key.Provider != nil {
		c.Credentials = key.Provider
	}
	c.ReadOnly = t.readOnly
	s, err := storage.Open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", t.host(), err)
	}
	spec.Typed = keychain.Typed{}
	con := &Connection{
		Session: s, Name: t.name, Host: t.host(), KeyID: key.KeyID, KeyHint: hint(key.KeyID), Source: key.String(), Expires: key.Expires,
		Profile: t.profile, Start: t.start, Spec: spec, Ref: t.reference(spec, key).Ref(), accept: key.accept, Asked: key.asked,
		Account: key.Account, Role: key.Role, tried: key.Tried, Production: t.production, properties: t.property, marks: env.Bookmarks,
	}
	return con, nil
}

// signingRegion is the target's or the one that its host names, else that of the preferences.
func (env Env) signingRegion(t target) string {
	if t.region != "" || env.Preferences == nil || namesRegion(t.endpoint) {
		return t.region
	}
	return preferences.S3Location.Get(env.Preferences)
}

// reference pins what was found: the server that the environment named, and where the key came from.
func (t target) reference(asked Spec, key resolved) Spec {
	s := Spec{
		Bookmark: t.bookmark, Profile: asked.Profile, Endpoint: asked.Endpoint, Region: asked.Region, Addressing: asked.Addressing,
		AWSProfile: key.Profile, RoleARN: asked.RoleARN, MFASerial: asked.MFASerial, KeyID: key.KeyID, Anonymous: key.Anonymous,
		ReadOnly: t.readOnly, Production: t.production, Signature: asked.Signature, Buckets: asked.Buckets, Network: asked.Network,
	}
	if s.Bookmark == "" && s.Profile == "" {
		s.Amazon = t.endpoint == nil
		s.Region = t.region
		if t.endpoint != nil {
			s.Endpoint = t.endpoint.String()
		}
	}
	switch key.Source {
	case keychain.SourceTyped, keychain.SourceKeychain, keychain.SourceAnonymous:
	case keychain.SourceOpenID:
		s.KeyID = key.client
	default:
		s.From = key.Source
	}
	if key.Source == keychain.SourceAWSProfile || key.Source == keychain.SourceContainer || key.Source == keychain.SourceInstance {
		s.KeyID = "" // may be a temporary one
	}
	return s
}

func (env Env) timeout() time.Duration {
	if env.Timeout > 0 || env.Preferences == nil {
		return env.Timeout
	}
	return time.Duration(preferences.ConnectionTimeout.Get(env.Preferences)) * time.Second
}

// hint is the end of a key id, enough to tell one's keys apart.
func hint(keyID string) string {
	const shown = 4
	if keyID == "" {
		return ""
	}
	if len(keyID) <= shown {
		return keyID
	}
	return "…" + keyID[len(keyID)-shown:]
}

func (t target) host() string {
	if t.endpoint == nil {
		return amazonHost
	}
	return t.endpoint.Host
}

// url is the address that keys are bound to.
func (t target) url() *url.URL {
	if t.endpoint == nil {
		return &url.URL{Scheme: "https", Host: amazonHost}
	}
	return t.endpoint
}

const amazonHost = "s3.amazonaws.com"
