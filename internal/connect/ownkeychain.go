package connect

import (
	"context"
	"errors"
	"sync/atomic"

	"pintail/internal/prompt"
	"pintail/keychain"
	"pintail/preferences"
)

// OpenKeychain opens the system's store of secrets. Where there is none, secrets are kept in the encrypted file at path while the
// preference [preferences.KeychainFile] says so, else for this run; who is asked for the file's passphrase. The store is never nil;
// reason says why it is not the system's. Call it from [NewLateKeychain].
func OpenKeychain(ctx context.Context, p *preferences.Preferences, path string, who prompt.PassphrasePrompter) (store keychain.Store, reason error) {
	store, reason = keychain.Open(ctx)
	if reason == nil {
		return store, nil
	}
	return WithoutKeychain(p, path, who), reason
}

// WithoutKeychain is the store of a computer that has no keychain: see [OpenKeychain].
func WithoutKeychain(p *preferences.Preferences, path string, who prompt.PassphrasePrompter) keychain.Store {
	return &ownKeychain{prefs: p, file: secretsFile(path, who), run: keychain.NewMemory()}
}

// secretsFile is the encrypted file at path, whose passphrase who is asked for.
func secretsFile(path string, who prompt.PassphrasePrompter) *keychain.File {
	return keychain.NewFile(path, func(ctx context.Context, q keychain.PassphraseQuestion) (keychain.Secret, error) {
		s, err := who.Passphrase(ctx, prompt.Passphrase{File: q.Path, New: q.New, Wrong: q.Wrong, Change: q.Change})
		if errors.Is(err, prompt.ErrDismissed) {
			return keychain.Secret{}, keychain.ErrFileLocked
		}
		return keychain.NewSecret(s), err
	})
}

// ChangePassphrase gives the encrypted file at path another passphrase, after asking who for both. It is the file of keys where that uses
// one, so that this run needs not ask again; a file that is not in use now is changed too.
func ChangePassphrase(ctx context.Context, keys *LateKeychain, path string, who prompt.PassphrasePrompter) error {
	store, err := keys.opened(ctx)
	if err != nil {
		return err
	}
	if own, ok := store.(*ownKeychain); ok {
		return own.file.ChangePassphrase(ctx)
	}
	return secretsFile(path, who).ChangePassphrase(ctx)
}

// ownKeychain follows the preference: a change of it holds at once.
type ownKeychain struct {
	prefs *preferences.Preferences
	file  *keychain.File
	run   *keychain.Memory
}

func (o *ownKeychain) store() keychain.Store {
	if preferences.KeychainFile.Get(o.prefs) {
		return o.file
	}
	return o.run
}

func (o *ownKeychain) Kind() keychain.StoreKind { return o.store().Kind() }

func (o *ownKeychain) Get(ctx context.Context, it keychain.Item) (keychain.Secret, error) {
	return o.store().Get(ctx, it)
}

func (o *ownKeychain) Set(ctx context.Context, it keychain.Item, s keychain.Secret) error {
	return o.store().Set(ctx, it, s)
}

func (o *ownKeychain) Delete(ctx context.Context, it keychain.Item) error {
	return o.store().Delete(ctx, it)
}

// saving tells whether a secret can be stored for good, unless that was said before, and whether that is in the encrypted file.
func (env Env) saving(said bool) (can, inFile bool) {
	if said || env.Keychain == nil {
		return false, false
	}
	k := env.Keychain.Kind()
	return k.Lasts(), k == keychain.FileStore
}

// onceLocked is store for one piece of work that needs it several times: once nobody gave the passphrase, nobody is asked again.
func onceLocked(store keychain.Store) keychain.Store {
	if store == nil {
		return nil
	}
	return &lockedOnce{Store: store}
}

type lockedOnce struct {
	keychain.Store
	locked atomic.Pointer[error]
}

// unless calls the store as long as it was not found locked.
func (l *lockedOnce) unless(call func() error) error {
	if err := l.locked.Load(); err != nil {
		return *err
	}
	err := call()
	if errors.Is(err, keychain.ErrFileLocked) {
		l.locked.Store(&err)
	}
	return err
}

func (l *lockedOnce) Get(ctx context.Context, it keychain.Item) (s keychain.Secret, err error) {
	err = l.unless(func() (err error) { s, err = l.Store.Get(ctx, it); return err })
	return s, err
}

func (l *lockedOnce) Set(ctx context.Context, it keychain.Item, s keychain.Secret) error {
	return l.unless(func() error { return l.Store.Set(ctx, it, s) })
}

func (l *lockedOnce) Delete(ctx context.Context, it keychain.Item) error {
	return l.unless(func() error { return l.Store.Delete(ctx, it) })
}
