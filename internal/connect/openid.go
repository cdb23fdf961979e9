package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/keychain"
)

// UsesBrowser tells whether spec leads to a server for which the person signs in at an identity provider, in a browser.
func UsesBrowser(ctx context.Context, env Env, spec Spec) (bool, error) {
	t, err := env.filled().target(ctx, spec)
	return t.openID != nil, err
}

// signsIn reads from the profile at which identity provider the person signs in. Another way that was asked for by name comes first.
func (t *target) signsIn() error {
	if !t.profile.UsesOpenID() || t.anonymous || t.awsProfile != "" || t.from != "" {
		return nil
	}
	t.assume = nil // the token is exchanged for the role, no key is
	o := t.profile.OAuth
	w := &keychain.OpenID{
		AuthorizationURL: o.AuthorizationURL, TokenURL: o.TokenURL, ClientID: firstOf(o.ClientID, t.keyID), RedirectURL: o.RedirectURL,
		ClientSecret: keychain.NewSecret(o.ClientSecret), PKCE: o.PKCE, Scopes: o.Scopes, Region: t.region,
		RoleARN: t.property("role_arn", "s3.assumerole.rolearn"), SessionName: t.property("role_session_name", "s3.assumerole.rolesessionname"),
	}
	var err error
	if w.Duration, err = t.sessionLife(); err != nil {
		return err
	}
	w.STSEndpoint, err = t.tokenService()
	t.openID = w
	return err
}

// browser gives the keys of a sign-in, for which the person opens a browser where it does not last from before.
func (env Env) browser(ctx context.Context, t target) (resolved, error) {
	o := *t.openID
	client, err := env.application(ctx, t, &o)
	if err != nil {
		return resolved{}, err
	}
	if err := env.agreedToSignIn(ctx, t, o); err != nil {
		return resolved{}, err
	}
	item, err := t.item(client.keyID)
	if err != nil {
		return resolved{}, err
	}
	item.KeyID = ""
	o.Page = text.T("connect.openid.page")
	o.Store = onceLocked(env.Keychain)
	if who, can := env.Prompter.(prompt.SignInPrompter); can {
		o.Show = func(ctx context.Context, address string) error {
			return who.SignIn(ctx, prompt.SignIn{Provider: o.Provider(), URL: address})
		}
	}
	req := keychain.Request{Item: item, OpenID: &o, Run: env.Run, Getenv: env.Getenv}
	res, err := keychain.Resolve(ctx, req)
	for n := 0; n < secretTries && keychain.ClientRefused(err) && t.profile.OAuth.ClientSecret == ""; n++ {
		accept, askErr := env.clientSecret(ctx, t, &o)
		if askErr != nil {
			break // nobody is there, or does not know it: what the provider said stands
		}
		client.accept = accept
		res, err = keychain.Resolve(ctx, req)
	}
	if err != nil {
		var ended *keychain.OpenIDError
		if errors.As(err, &ended) && errors.Is(ended.Err, prompt.ErrDismissed) {
			err = ended.Err
		}
		return resolved{}, fmt.Errorf("%s: %w", t.host(), err)
	}
	return resolved{Resolved: res, accept: client.accept, client: client.keyID}, nil
}

// secretTries is how often the application's secret is asked for.
const secretTries = 3

// clientSecret asks for the secret of the application, which the provider wants, or wants another one of. It is bound to the provider.
func (env Env) clientSecret(ctx context.Context, t target, o *keychain.OpenID) (accept func(context.Context) error, err error) {
	reason := text.T("connect.openid.wants_secret", o.Provider())
	if !o.ClientSecret.Empty() {
		reason = text.T("connect.openid.other_secret", o.Provider())
	}
	item, err := o.ClientItem(t.profile.Vendor)
	if err != nil {
		return nil, err
	}
	canSave, inFile := env.saving(t.save)
	a, err := env.Prompter.Login(ctx, prompt.Login{
		Host: o.Provider(), KeyID: o.ClientID, Reason: reason, KeyLabel: text.T("connect.openid.client"), SecretName: text.T("connect.openid.secret"),
		CanSave: canSave, SaveInFile: inFile,
	})
	if err == nil && (a.KeyID != o.ClientID || a.Secret == "") {
		err = prompt.ErrDismissed // another application is another connection
	}
	if err != nil {
		return nil, err
	}
	o.ClientSecret = keychain.NewSecret(a.Secret)
	return env.rememberAs(ctx, item, o.ClientSecret, a.Save || t.save), nil
}

// app is the application for which a person signs in, as the provider knows it.
type app struct {
	keyID  string
	accept func(ctx context.Context) error // keeps a typed secret
}

// application fills in the id and the secret that the profile leaves open: those of the connection, else the person's answer.
func (env Env) application(ctx context.Context, t target, o *keychain.OpenID) (app, error) {
	typed, save := t.typed, t.save
	if o.ClientID == "" {
		canSave, inFile := env.saving(save)
		a, err := env.Prompter.Login(ctx, prompt.Login{
			Host: o.Provider(), KeyLabel: text.T("connect.openid.client"), SecretName: text.T("connect.openid.secret"),
			CanSave: canSave, SaveInFile: inFile,
		})
		if err != nil {
			return app{}, fmt.Errorf("login to %s: %w", t.host(), err)
		}
		typed, save = keychain.Typed{KeyID: a.KeyID, Secret: keychain.NewSecret(a.Secret)}, save || a.Save
		o.ClientID = a.KeyID
	}
	out := app{keyID: o.ClientID}
	if t.profile.OAuth.ClientSecret != "" {
		return out, nil // the profile brings its own
	}
	item, err := o.ClientItem(t.profile.Vendor)
	if err != nil {
		return app{}, err
	}
	if !typed.Secret.Empty() {
		o.ClientSecret = typed.Secret
		out.accept = env.rememberAs(ctx, item, typed.Secret, save)
		return out, nil
	}
	if s, err := (&layered{run: env.Run, last: env.Keychain}).Get(ctx, item); err == nil {
		o.ClientSecret = s
	}
	return out, nil
}

// agreedToSignIn asks, once a host, before a person signs in for a server that an imported file chose: the token goes there, or keys that
// are made of it.
func (env Env) agreedToSignIn(ctx context.Context, t target, o keychain.OpenID) error {
	key := resolved{Resolved: keychain.Resolved{Source: keychain.SourceOpenID, Role: o.RoleARN, Expires: time.Now()}}
	if err := env.agreed(ctx, t, key); err != nil { // over plain http?
		return err
	}
	u := t.url()
	host := canonicalHost(t)
	if isLoopback(u.Hostname()) {
		return nil
	}
	if host != "amazonaws.com" && t.chosen == byFile && !slices.Contains(env.Trust.hosts(key.identity()), host) {
		err := env.confirm(ctx, t, prompt.Confirm{
			Topic: prompt.TopicNewHost, Title: text.T("connect.openid.title", u.Host), Text: text.T("connect.openid.text", o.Provider()), Yes: text.T("connect.openid.yes"),
		})
		if err != nil {
			return err
		}
	}
	return env.Trust.allowKey(key.identity(), host)
}

// forgetSignIn removes what renews the sign-in, and the application's secret if one is kept.
func (env Env) forgetSignIn(ctx context.Context, t target) error {
	o := *t.openID
	server, err := t.item(o.ClientID)
	if err != nil {
		return err
	}
	sent := server
	sent.KeyID = ""
	token, err := o.Item(sent)
	if err != nil {
		return err
	}
	missing := 0
	if env.Keychain == nil {
		return keychain.ErrUnavailable
	}
	client, err := o.ClientItem(t.profile.Vendor)
	if err != nil {
		return err
	}
	for _, item := range []keychain.Item{token, client} {
		if env.Run != nil {
			_ = env.Run.Delete(ctx, item) // not there is as good
		}
		if err := env.Keychain.Delete(ctx, item); errors.Is(err, keychain.ErrNotFound) {
			missing++
		} else if err != nil {
			return err
		}
	}
	if missing == 2 {
		return keychain.ErrNotFound
	}
	return nil
}
