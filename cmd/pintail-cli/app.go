package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
)

// app is one run of the program: the options, and what the commands open on demand. It owns all of it until close.
type app struct {
	sys     system
	opts    *globals
	console *console
	out     *output
	prompts prompter
	log     *slog.Logger
	run     *keychain.Memory

	halts sync.Mutex // held while the program must not be halted

	overrides  map[string]string // preferences that hold for this run
	noKeychain bool              // secrets are neither read from the keychain nor stored there

	mu     sync.Mutex // guards all below: connections are opened by the queue's goroutines too
	prefs  *preferences.Preferences
	marks  *bookmarks.Store
	profs  *profiles.Registry
	keys   *connect.LateKeychain
	trust  *connect.Trust
	demo   *demo.Server
	typed  *keychain.Typed // of --password-stdin
	ends   []func() error
	advice []string // what to do about items that failed, each once
}

func newApp(sys system) *app {
	c := &console{out: sys.Stderr, fancy: sys.fancy(), width: sys.Width}
	opts := &globals{}
	a := &app{
		sys: sys, opts: opts, console: c, run: keychain.NewMemory(), log: slog.New(slog.DiscardHandler),
		out: &output{w: sys.Stdout, isTerm: sys.StdoutIsTerm, opts: opts},
	}
	a.prompts = &asker{sys: sys, console: c, opts: opts, base: a.sizes}
	return a
}

// prepare runs before each command: the options are checked and the log is opened.
func (a *app) prepare() error {
	if a.opts.Quiet {
		a.opts.NoProgress = true
	}
	if a.opts.Log == "" {
		return nil
	}
	f, err := os.OpenFile(a.opts.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	a.onClose(f.Close)
	a.log = slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return nil
}

func (a *app) onClose(f func() error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ends = append(a.ends, f)
}

// close ends everything in the reverse order of opening.
func (a *app) close() error {
	a.mu.Lock()
	ends := a.ends
	a.ends = nil
	a.mu.Unlock()
	var errs []error
	for i := len(ends) - 1; i >= 0; i-- {
		errs = append(errs, ends[i]())
	}
	a.console.setStatus("")
	return errors.Join(append(errs, a.out.flush())...)
}

func (a *app) preferences() (*preferences.Preferences, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.preferencesLocked()
}

func (a *app) preferencesLocked() (*preferences.Preferences, error) {
	if a.prefs != nil {
		return a.prefs, nil
	}
	p, err := preferences.Open(preferences.Options{File: a.sys.Dirs.Preferences(), Overrides: a.overrides})
	if err != nil {
		return nil, err
	}
	a.prefs = p
	a.ends = append(a.ends, p.Close)
	return p, nil
}

func (a *app) bookmarks() (*bookmarks.Store, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bookmarksLocked()
}

func (a *app) bookmarksLocked() (*bookmarks.Store, error) {
	if a.marks != nil {
		return a.marks, nil
	}
	s, err := bookmarks.Open(a.sys.Dirs.Bookmarks(), bookmarks.Options{NoWatch: true})
	if err != nil {
		return nil, err
	}
	a.marks = s
	a.ends = append(a.ends, s.Close)
	return s, nil
}

func (a *app) profiles() (*profiles.Registry, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.profilesLocked()
}

func (a *app) profilesLocked() (*profiles.Registry, error) {
	if a.profs != nil {
		return a.profs, nil
	}
	r, err := profiles.OpenRegistry(a.sys.Dirs.Profiles())
	if err != nil {
		return nil, err
	}
	a.profs = r
	return r, nil
}

// keychainLocked is the store of secrets, which is opened when it is first asked.
func (a *app) keychainLocked() keychain.Store {
	if a.keys == nil {
		a.keys = connect.NewLateKeychain(func(ctx context.Context) keychain.Store {
			store, reason := a.openKeychain(ctx)
			if reason != nil {
				a.log.Debug("no lasting keychain", "reason", reason)
			}
			return store
		})
		a.ends = append(a.ends, a.keys.Close)
	}
	return a.keys
}

// openKeychain opens the store of secrets; without a lasting one they are kept for this run.
func (a *app) openKeychain(ctx context.Context) (keychain.Store, error) {
	p, err := a.preferences()
	if err != nil {
		return keychain.NewMemory(), err
	}
	return connect.OpenKeychain(ctx, p, a.sys.Dirs.Secrets(), a.prompts)
}

// env is what connections are made of.
func (a *app) env(ctx context.Context) (connect.Env, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	prefs, err := a.preferencesLocked()
	if err != nil {
		return connect.Env{}, err
	}
	marks, err := a.bookmarksLocked()
	if err != nil {
		return connect.Env{}, err
	}
	profs, err := a.profilesLocked()
	if err != nil {
		return connect.Env{}, err
	}
	if a.trust == nil {
		if a.trust, err = connect.OpenTrust(filepath.Join(a.sys.Dirs.Config, "trust.json")); err != nil {
			return connect.Env{}, err
		}
	}
	env := connect.Env{
		Bookmarks: marks, Profiles: profs, Keychain: a.keychainLocked(), Run: a.run, Preferences: prefs, Trust: a.trust,
		Prompter: a.prompts, Getenv: a.sys.Getenv, Home: a.sys.Dirs.Home, InstanceMetadata: true, Demo: a.startDemo,
		UserAgent: program + "/" + version, Checksum: a.opts.checksum, Timeout: a.opts.timeout,
	}
	if a.opts.Verbose || a.opts.Log != "" { // else nobody hears of requests
		env.Trace = a.trace
	}
	if a.noKeychain {
		env.Keychain = nil
	}
	return env, nil
}

// startDemo runs the embedded server for as long as the program runs.
func (a *app) startDemo(ctx context.Context) (connect.Demo, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.demo == nil {
		s, err := demo.Start(context.WithoutCancel(ctx), demo.Options{Sample: true})
		if err != nil {
			return connect.Demo{}, err
		}
		a.demo = s
		a.ends = append(a.ends, s.Close)
	}
	typed := keychain.Typed{KeyID: a.demo.AccessKey(), Secret: keychain.NewSecret(a.demo.SecretKey())}
	return connect.Demo{Endpoint: a.demo.URL(), Region: a.demo.Region(), Typed: typed}, nil
}

// trace shows each request with --verbose and logs it with --log. Events hold no secrets.
func (a *app) trace(e storage.Event) {
	a.log.Debug("request", "op", e.Op, "method", e.Method, "url", e.URL, "status", e.Status, "sent", e.Sent, "got", e.Got,
		"duration", e.Duration, "request_id", e.RequestID, "error", e.Err)
	if !a.opts.Verbose {
		return
	}
	line := fmt.Sprintf("%s %s %d  sent %s, got %s, %d ms", e.Method, e.URL, e.Status,
		units.FormatBytes(e.Sent, units.Decimal), units.FormatBytes(e.Got, units.Decimal), e.Duration.Milliseconds())
	if e.Err != "" {
		line += "  " + e.Err
	}
	a.console.line(escape(line))
}

// sizes is the base of sizes that people read.
func (a *app) sizes() units.Base {
	p, err := a.preferences()
	if err != nil || preferences.DecimalSizes.Get(p) {
		return units.Decimal
	}
	return units.Binary
}
