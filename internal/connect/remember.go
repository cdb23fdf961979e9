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
	if env.Keychain == nil || env.Keychain.Kind() != keychain.SystemStore {
		return keychain.ErrUnavailable
	}
	return env.Keychain.Set(ctx, item, secret)
}
