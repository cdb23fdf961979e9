package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/storage"
)

func loginCommand(a *app) *cobra.Command {
	sso, passphrase := "", false
	c := &cobra.Command{
		Use: "login [ADDR]", Short: text.T("cli.login.short"), Args: between(0, 1),
		Example: "  pintail-cli login --bookmark work\n  pintail-cli login --endpoint-url https://s3.example.com --username KEY --password-stdin < secret.txt\n  pintail-cli login --sso work\n  pintail-cli login --change-passphrase",
		RunE: func(cmd *cobra.Command, args []string) error {
			if passphrase && (sso != "" || len(args) > 0) {
				return usagef("%s", text.T("cli.login.passphraseAlone"))
			}
			if passphrase {
				return runChangePassphrase(cmd.Context(), a)
			}
			if sso != "" {
				return runLoginSSO(cmd.Context(), a, sso)
			}
			addr, err := remoteAddress(firstArg(args, scheme))
			if err != nil {
				return err
			}
			return runLogin(cmd.Context(), a, addr)
		},
	}
	c.Flags().StringVar(&sso, "sso", "", text.T("cli.login.sso"))
	c.Flags().BoolVar(&passphrase, "change-passphrase", false, text.T("cli.login.passphrase"))
	return c
}

// runChangePassphrase gives the encrypted file of secrets another passphrase.
func runChangePassphrase(ctx context.Context, a *app) error {
	if _, err := a.env(ctx); err != nil {
		return err
	}
	if err := connect.ChangePassphrase(ctx, a.keys, a.sys.Dirs.Secrets(), a.prompts); err != nil {
		return err
	}
	a.note(text.T("cli.secrets.changed", escape(a.sys.Dirs.Secrets())))
	return nil
}

// runLoginSSO signs in to IAM Identity Center: the person opens an address in a browser and agrees there.
func runLoginSSO(ctx context.Context, a *app, profile string) error {
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	res, err := connect.SignIn(ctx, env, profile, func(d keychain.SSODevice) {
		a.console.line(text.T("cli.login.ssoOpen", escape(d.URL)))
		a.console.line(text.T("cli.login.ssoCode", escape(d.UserCode)))
	})
	if err != nil {
		return err
	}
	if a.opts.json() {
		a.out.object(map[string]any{"profile": res.Profile, "session": res.Session, "start_url": res.StartURL, "expires": res.Expires.UTC().Format(time.RFC3339)})
		return a.out.flush()
	}
	a.note(text.T("cli.login.ssoDone", res.StartURL, localTime(res.Expires)))
	return nil
}

// runLogin asks for a key and its secret, tries them, and stores the secret only when the server took it.
func runLogin(ctx context.Context, a *app, addr address) error {
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	if !env.Keychain.Kind().Lasts() {
		return keychain.ErrUnavailable
	}
	spec, err := a.spec(addr)
	if err != nil {
		return err
	}
	spec.Save = true
	browser, err := connect.UsesBrowser(ctx, env, spec)
	if err != nil {
		return err
	}
	if browser {
		return runLoginBrowser(ctx, a, env, spec, addr)
	}
	c, err := openForLogin(ctx, env, spec, "")
	for err == nil {
		a.onClose(c.Close)
		refused := probe(ctx, c.Session, orStart(addr, c.Start))
		if refused == nil || storage.KindOf(refused) == storage.KindPermission {
			break // the key is good; what it may do is another matter
		}
		if !connect.Refused(refused) || !spec.Typed.Secret.Empty() {
			return refused
		}
		spec.KeyID = c.KeyID // offered again
		c, err = connect.Again(ctx, env, spec, refused)
	}
	if err != nil {
		return err
	}
	if err := c.Accepted(ctx); err != nil {
		return err
	}
	a.note(text.T("cli.login.done", c.Host, c.KeyHint))
	if env.Keychain.Kind() == keychain.FileStore {
		a.note(text.T("cli.secrets.stored", escape(a.sys.Dirs.Secrets())))
	}
	return nil
}

func openForLogin(ctx context.Context, env connect.Env, spec connect.Spec, reason string) (*connect.Connection, error) {
	if !spec.Typed.Secret.Empty() {
		return connect.Open(ctx, env, spec)
	}
	c, err := connect.Ask(ctx, env, spec, reason)
	if errors.Is(err, prompt.ErrDismissed) {
		return nil, usagef("%s", text.T("cli.login.nobody"))
	}
	return c, err
}

// orStart is where to try a key: the address that was given, else where the bookmark begins.
func orStart(addr address, start storage.Location) storage.Location {
	if addr.IsRoot() {
		return start
	}
	return addr.Location
}

func logoutCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: text.T("cli.logout.short"), Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			env, err := a.env(ctx)
			if err != nil {
				return err
			}
			spec, err := a.spec(address{})
			if err != nil {
				return err
			}
			err = connect.Forget(ctx, env, spec)
			switch {
			case errors.Is(err, keychain.ErrInvalidItem):
				return usagef("%s", text.T("cli.logout.noKey"))
			case errors.Is(err, keychain.ErrNotFound) && env.Keychain.Kind().Lasts():
				return &notFoundError{text.T("cli.logout.none")}
			case errors.Is(err, keychain.ErrNotFound):
				return keychain.ErrUnavailable
			case err == nil && env.Keychain.Kind() == keychain.FileStore:
				a.note(text.T("cli.secrets.removed", escape(a.sys.Dirs.Secrets())))
			}
			return err
		},
	}
}

func whoamiCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "whoami [ADDR]", Short: text.T("cli.whoami.short"), Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			addr, err := remoteAddress(firstArg(args, scheme))
			if err != nil {
				return err
			}
			return runWhoami(cmd.Context(), a, addr)
		},
	}
}

func runWhoami(ctx context.Context, a *app, addr address) error {
	c, err := a.connect(ctx, addr)
	if err != nil {
		return err
	}
	var id storage.Identity
	if !c.Session.Anonymous() {
		if err := again(ctx, a, func() (err error) { id, err = c.Session.Identity(ctx); return err }); err != nil {
			return err
		}
	}
	expires := ""
	if !c.Expires.IsZero() {
		expires = c.Expires.UTC().Format(time.RFC3339)
	}
	account := orElse(id.Account, c.Account)
	if a.opts.json() {
		a.out.object(map[string]any{
			"host": c.Host, "account": account, "role": c.Role, "why": c.Why(), "arn": id.ARN, "user_id": id.UserID, "key": c.KeyID, "source": c.Source, "expires": expires,
			"anonymous": c.Session.Anonymous(),
		})
		return a.out.flush()
	}
	row := func(label, value string) {
		if value != "" {
			a.out.line("%-12s %s", label, a.out.name(value))
		}
	}
	row("Server", c.Host)
	if c.Session.Anonymous() {
		row("Identity", "anonymous")
	}
	row("Account", account)
	row("Role", c.Role)
	row("Identity", id.ARN)
	row("User id", id.UserID)
	row("Key", c.KeyHint)
	row("From", c.Source)
	if !c.Expires.IsZero() {
		row("Expires", localTime(c.Expires)+" ("+units.FormatSpan(c.Expires.Sub(a.sys.Now()))+")")
	}
	if a.opts.Verbose {
		for _, why := range c.Why() {
			row("Source", why)
		}
	}
	return a.out.flush()
}
