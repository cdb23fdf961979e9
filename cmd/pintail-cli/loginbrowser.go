package main

import (
	"context"
	"errors"
	"os/exec"
	"runtime"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/storage"
)

// inBrowser asks as the terminal does, and besides shows where to sign in: only the command for that waits for a browser, all others say
// what is missing.
type inBrowser struct {
	prompt.Prompter
	a *app
}

// SignIn prints the address and opens it where there is a browser, until the sign-in is done, which ends ctx.
func (b inBrowser) SignIn(ctx context.Context, q prompt.SignIn) error {
	b.a.console.line(text.T("cli.login.openid", escape(q.Provider), escape(q.URL)))
	if err := b.a.sys.OpenURL(q.URL); err != nil { // the person opens it by hand
		b.a.log.Debug("no browser", "reason", err)
	}
	<-ctx.Done()
	return ctx.Err()
}

// runLoginBrowser signs in at an identity provider. What renews the sign-in is kept, so that other commands need no browser.
func runLoginBrowser(ctx context.Context, a *app, env connect.Env, spec connect.Spec, addr address) error {
	env.Prompter = inBrowser{env.Prompter, a}
	c, err := connect.Open(ctx, env, spec)
	if err != nil {
		return err
	}
	a.onClose(c.Close)
	if err := probe(ctx, c.Session, orStart(addr, c.Start)); err != nil && storage.KindOf(err) != storage.KindPermission {
		return err
	}
	if err := c.Accepted(ctx); err != nil {
		return err
	}
	a.note(text.T("cli.login.openidDone", c.Host, localTime(c.Expires)))
	return nil
}

var errNoBrowser = errors.New("there is no browser here")

// openURL opens an address in the person's browser, where the system has a screen.
func openURL(getenv func(string) string) func(string) error {
	return func(address string) error {
		name, args := "xdg-open", []string{address}
		switch runtime.GOOS {
		case "darwin":
			name = "open"
		case "windows":
			name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
		default:
			if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" {
				return errNoBrowser
			}
		}
		cmd := exec.Command(name, args...)
		if err := cmd.Start(); err != nil {
			return err
		}
		return cmd.Process.Release()
	}
}
