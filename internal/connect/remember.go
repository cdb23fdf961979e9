package connect

import (
	"context"

	"pintail/keychain"
)

// Remember stores the secret of spec's key in the keychain, bound to the server that spec leads to, without asking or sending anything. A
// keychain that lasts for this run only is [keychain.ErrUnavailable].
func Remember(ctx context.Context, env Env, spec Spec, secret keychain.Secret) error {
	env = env.filled()
	t, err := env.target(ctx, spec)
	if err != nil {
		return err
	}
	item, err := t.item(t.keyID)
	if err != nil {
		return err
	}
	if env.Keychain == nil || !env.Keychain.Kind().Lasts() {
		return keychain.ErrUnavailable
	}
	return env.Keychain.Set(ctx, item, secret)
}

// Rememberer is [Remember] for the bookmarks of one import, by their ids, and tells where the secret is: who gave no passphrase for the
// encrypted file is not asked again for each secret.
func Rememberer(env Env) func(ctx context.Context, bookmark string, secret keychain.Secret) (keychain.StoreKind, error) {
	env.Keychain = onceLocked(env.Keychain)
	return func(ctx context.Context, bookmark string, secret keychain.Secret) (keychain.StoreKind, error) {
		if err := Remember(ctx, env, Spec{Bookmark: bookmark}, secret); err != nil {
			return "", err
		}
		return env.Keychain.Kind(), nil
	}
}
