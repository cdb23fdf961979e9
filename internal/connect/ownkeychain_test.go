package connect_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/preferences"
)

// withoutKeychain is the store of a computer without one, and the preferences that it follows.
func withoutKeychain(t *testing.T, path string, who *prompt.Script) (keychain.Store, *preferences.Preferences) {
	t.Helper()
	p, err := preferences.Open(preferences.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return connect.WithoutKeychain(p, path, who), p
}

func questions(s *prompt.Script) (list []prompt.Passphrase) {
	for _, q := range s.Asked() {
		if p, ok := q.(prompt.Passphrase); ok {
			list = append(list, p)
		}
	}
	return list
}

// The preference decides where secrets go, at once; a login stores in the file, a later run finds it there and says so.
func TestOwnKeychain_FollowsThePreference(t *testing.T) {
	s := newSetup(t)
	path := filepath.Join(t.TempDir(), "secrets.age")
	store, prefs := withoutKeychain(t, path, s.script)
	if store.Kind() != keychain.MemoryStore || store.Kind().Lasts() {
		t.Errorf("kind %s before it is asked for", store.Kind())
	}
	if err := preferences.KeychainFile.Set(prefs, true); err != nil {
		t.Fatal(err)
	}
	if store.Kind() != keychain.FileStore || !store.Kind().Lasts() {
		t.Errorf("kind %s", store.Kind())
	}
	s.Keychain = store
	const here = "http://127.0.0.1:9000"
	s.script.Logins = []prompt.LoginAnswer{{KeyID: "AK", Secret: "s3cr3t", Save: true}}
	s.script.Phrases = []string{"correct horse"}
	spec := connect.Spec{Endpoint: here, KeyID: "AK"}
	c, err := connect.Open(t.Context(), s.Env, spec)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Accepted(t.Context()); err != nil {
		t.Fatal(err)
	}
	login, _ := s.script.Asked()[0].(prompt.Login)
	if q := questions(s.script); !login.CanSave || !login.SaveInFile || len(q) != 1 || !q[0].New || q[0].File != path {
		t.Errorf("asked %+v", s.script.Asked())
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}

	later := &prompt.Script{Phrases: []string{"a slip", "correct horse"}}
	s.Keychain, prefs = withoutKeychain(t, path, later)
	s.Run, s.Prompter = keychain.NewMemory(), later
	if err := preferences.KeychainFile.Set(prefs, true); err != nil {
		t.Fatal(err)
	}
	again, err := connect.Open(t.Context(), s.Env, spec)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if q := questions(later); again.Source != "encrypted file" || len(q) != 2 || q[0].New || q[0].Wrong || !q[1].Wrong || len(later.Asked()) != 2 {
		t.Errorf("source %q, asked %+v", again.Source, later.Asked())
	}
	if err := preferences.KeychainFile.Set(prefs, false); err != nil {
		t.Fatal(err)
	}
	if err := connect.Forget(t.Context(), s.Env, spec); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("switched off, the file is used: %v", err)
	}
}

// Who gives no passphrase is asked for the key instead, and is not asked again for each secret of an import.
func TestOwnKeychain_WithoutItsPassphrase(t *testing.T) {
	s := newSetup(t)
	path := filepath.Join(t.TempDir(), "secrets.age")
	first := keychain.NewFile(path, func(context.Context, keychain.PassphraseQuestion) (keychain.Secret, error) {
		return keychain.NewSecret("correct horse"), nil
	})
	const here = "http://127.0.0.1:9000"
	other, err := keychain.NewItem(here, "", "OTHER")
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Set(t.Context(), other, keychain.NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	store, prefs := withoutKeychain(t, path, s.script)
	if err := preferences.KeychainFile.Set(prefs, true); err != nil {
		t.Fatal(err)
	}
	s.Keychain = store
	spec := connect.Spec{Endpoint: here, KeyID: "AK"}
	if _, err := connect.Open(t.Context(), s.Env, spec); !errors.Is(err, keychain.ErrFileLocked) || len(s.script.Asked()) != 2 {
		t.Errorf("%v, asked %+v", err, s.script.Asked())
	}
	s.script.Logins = []prompt.LoginAnswer{{KeyID: "AK", Secret: "typed"}}
	c, err := connect.Open(t.Context(), s.Env, spec)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before := len(questions(s.script))
	remember := connect.Rememberer(s.Env)
	b := s.bookmark(t, bookmarks.Bookmark{Nickname: "here", EndpointURL: here, Username: "AK"})
	for range 3 {
		if _, err := remember(t.Context(), b, keychain.NewSecret("s")); !errors.Is(err, keychain.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
	if n := len(questions(s.script)) - before; n != 1 {
		t.Errorf("asked %d times", n)
	}
}
