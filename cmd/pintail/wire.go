package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"pintail/bookmarks"
	"pintail/internal/atomicfile"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/paths"
	"pintail/internal/suspend"
	"pintail/internal/syncjobs"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui"
	"pintail/ui/connection"
	"pintail/ui/kit"
	"pintail/ui/transfers"
	"pintail/ui/uitest"
)

// core is everything behind the windows. It owns all of it until close.
type core struct {
	dirs     paths.Dirs
	app      fyne.App
	registry *uitest.Registry
	prefs    *preferences.Preferences
	profs    *profiles.Registry
	marks    *bookmarks.Store
	history  *bookmarks.History
	trust    *connect.Trust
	run      *keychain.Memory
	keys     *connect.LateKeychain
	prompter *connection.Prompter
	queue    *transfer.Queue
	warnings []string
	halts    sync.Mutex // held while the program must not be halted

	mu   sync.Mutex // guards all below: connections are opened by many goroutines
	demo *demo.Server
	ends []func() error
}

// open reads settings, profiles, bookmarks and journal. What is damaged is set aside and said, not fatal.
func open(ctx context.Context, dirs paths.Dirs, a fyne.App, reg *uitest.Registry) (*core, error) {
	c := &core{dirs: dirs, app: a, registry: reg, run: keychain.NewMemory()}
	c.keys = connect.NewLateKeychain(c.openKeychain)
	c.onClose(c.keys.Close)
	if err := c.load(ctx); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *core) load(ctx context.Context) (err error) {
	if c.prefs, err = preferences.Open(preferences.Options{File: c.dirs.Preferences()}); err != nil {
		return err
	}
	c.onClose(c.prefs.Close)
	if err := c.prefs.Follow(); err != nil { // then the changes of other programs come at the next start
		c.warnings = append(c.warnings, err.Error())
	}
	for _, p := range c.prefs.Problems() {
		c.warnings = append(c.warnings, p.Error())
	}
	if c.profs, err = profiles.OpenRegistry(c.dirs.Profiles()); err != nil {
		return err
	}
	for _, p := range c.profs.Problems() {
		c.warnings = append(c.warnings, fmt.Sprintf("%s: %v", p.File, p.Err))
	}
	if c.marks, err = bookmarks.Open(c.dirs.Bookmarks(), bookmarks.Options{}); err != nil {
		return err
	}
	for _, p := range c.marks.Problems() {
		c.warnings = append(c.warnings, fmt.Sprintf("%s: %v", p.File, p.Err))
	}
	c.onClose(c.marks.Close)
	limit := int(preferences.HistoryLimit.Get(c.prefs))
	if c.history, err = bookmarks.OpenHistory(c.dirs.History(), limit, bookmarks.Options{}); err != nil {
		return err
	}
	c.onClose(c.history.Close)
	if c.trust, err = connect.OpenTrust(filepath.Join(c.dirs.Config, "trust.json")); err != nil {
		return err
	}
	c.prompter = connection.NewPrompter(c.app, kit.OnUI, c.registry.Set)
	endHalts := suspend.Between(&c.halts)
	c.onClose(func() error { endHalts(); return nil })
	c.queue, err = transfer.Open(ctx, transfer.Config{Journal: c.dirs.Journal(), Connect: c.connectRef, Prompter: c.prompter,
		Limits: transfers.LimitsOf(c.prefs), Owner: program, Logger: slog.New(slog.DiscardHandler), Halts: &c.halts})
	if err != nil {
		return err
	}
	c.onClose(c.closeQueue)
	return nil
}

// closeTime bounds how long the end of the program waits for transfers to stop; they are in the journal anyway.
const closeTime = 10 * time.Second

func (c *core) closeQueue() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	return c.queue.Close(ctx)
}

func (c *core) onClose(f func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends = append(c.ends, f)
}

// close ends everything in the reverse order of opening.
func (c *core) close() error {
	c.mu.Lock()
	ends := c.ends
	c.ends = nil
	c.mu.Unlock()
	var errs []error
	for i := len(ends) - 1; i >= 0; i-- {
		errs = append(errs, ends[i]())
	}
	return errors.Join(errs...)
}

// config is what the windows work with.
func (c *core) config() ui.Config {
	return ui.Config{App: c.app, Connector: c, Try: c.try, Queue: c.queue, Preferences: c.prefs, Profiles: c.profs, AWSProfiles: c.awsProfiles,
		Bookmarks: c.marks, History: c.history, Imports: imports{c}, Secrets: secrets{c}, SyncJobs: syncjobs.Open(c.dirs.SyncJobs()),
		State: stateFile(filepath.Join(c.dirs.State, "windows.json")), Files: localFiles{c.dirs},
		Native: native(), Prompter: c.prompter, Registry: c.registry, Reveal: reveal, Post: kit.OnUI, Downloads: c.dirs.Downloads, HasDemo: true,
		Version: version, Warnings: c.warnings}
}

func (c *core) env() connect.Env {
	return connect.Env{Bookmarks: c.marks, Profiles: c.profs, Keychain: c.keys, Run: c.run, Preferences: c.prefs, Trust: c.trust,
		Prompter: c.prompter, Getenv: os.Getenv, Home: c.dirs.Home, InstanceMetadata: true, Demo: c.startDemo,
		UserAgent: program + "/" + version}
}

// openKeychain opens the store of secrets; without a lasting one they are kept for this run.
func (c *core) openKeychain(ctx context.Context) keychain.Store {
	store, _ := connect.OpenKeychain(ctx, c.prefs, c.dirs.Secrets(), c.prompter)
	return store
}

// secrets is the store of secrets for the windows.
type secrets struct{ c *core }

// Kind says where secrets go now.
func (s secrets) Kind() keychain.StoreKind { return s.c.keys.Kind() }

// ChangePassphrase asks for a new passphrase of the encrypted file.
func (s secrets) ChangePassphrase(ctx context.Context) error {
	return connect.ChangePassphrase(ctx, s.c.keys, s.c.dirs.Secrets(), s.c.prompter)
}

// Open opens a connection for a window.
func (c *core) Open(ctx context.Context, spec connect.Spec) (*connect.Connection, error) {
	return connect.Open(ctx, c.env(), spec)
}

// try tests a connection that a person describes.
func (c *core) try(ctx context.Context, spec connect.Spec, each func(connect.Step)) bool {
	return connect.Try(ctx, c.env(), spec, each)
}

// Again asks for other credentials.
func (c *core) Again(ctx context.Context, spec connect.Spec, refused error) (*connect.Connection, error) {
	return connect.Again(ctx, c.env(), spec, refused)
}

// connectRef opens a connection that the journal names.
func (c *core) connectRef(ctx context.Context, ref string) (*storage.Session, error) {
	con, err := connect.OpenRef(ctx, c.env(), ref)
	if err != nil {
		return nil, err
	}
	return con.Session, nil
}

// startDemo runs the embedded server for as long as the program runs.
func (c *core) startDemo(ctx context.Context) (connect.Demo, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.demo == nil {
		s, err := demo.Start(context.WithoutCancel(ctx), demo.Options{Sample: true})
		if err != nil {
			return connect.Demo{}, err
		}
		c.demo = s
		c.ends = append(c.ends, s.Close)
	}
	typed := keychain.Typed{KeyID: c.demo.AccessKey(), Secret: keychain.NewSecret(c.demo.SecretKey())}
	return connect.Demo{Endpoint: c.demo.URL(), Region: c.demo.Region(), Typed: typed}, nil
}

// writeDemoInfo tells a test where the embedded server is, in a file that only its owner can read.
func (c *core) writeDemoInfo(ctx context.Context, path string) error {
	d, err := c.startDemo(ctx)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]string{"endpoint": d.Endpoint, "region": d.Region, "access_key": d.Typed.KeyID,
		"secret_key": d.Typed.Secret.Reveal()})
	if err != nil {
		return fmt.Errorf("demo info: %w", err)
	}
	return atomicfile.Write(path, raw, 0o600)
}

func (c *core) awsProfiles() []keychain.AWSProfile {
	list, err := keychain.ListAWSProfiles(keychain.AWSFilesFrom(os.Getenv, c.dirs.Home))
	if err != nil { // the files are another program's; without them a key is asked for
		return nil
	}
	return list
}

// stateFile keeps the state of the windows.
type stateFile string

// Load returns nothing when there is nothing yet.
func (s stateFile) Load() []byte {
	raw, err := os.ReadFile(string(s))
	if err != nil {
		return nil
	}
	return raw
}

// Save replaces the file whole.
func (s stateFile) Save(raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(string(s)), 0o700); err != nil {
		return fmt.Errorf("window state: %w", err)
	}
	return atomicfile.Write(string(s), raw, 0o600)
}

// writeCrash keeps a crash report and returns its path.
func writeCrash(dir string, now time.Time, report string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "crash-"+now.Format("20060102-150405")+".txt")
	return path, atomicfile.Write(path, []byte(report), 0o600)
}
