package connect

import (
	"context"
	"io"
	"sync"

	"pintail/keychain"
)

// LateKeychain is a store of secrets that is opened when somebody first asks it, since opening may wait for the session bus: a
// connection whose secret is known does not wait for it. Safe for concurrent use. Call Close at the end.
type LateKeychain struct {
	open  func(context.Context) keychain.Store
	once  sync.Once
	ready chan struct{} // closed once store is set
	store keychain.Store
}

// NewLateKeychain returns a store that open makes; open is called at most once, in a goroutine that Close waits for, and must not
// wait for ever.
func NewLateKeychain(open func(context.Context) keychain.Store) *LateKeychain {
	return &LateKeychain{open: open, ready: make(chan struct{})}
}

// begin opens the store unless that has begun. One caller's end does not end the opening: the others need it too.
func (l *LateKeychain) begin(ctx context.Context) {
	l.once.Do(func() {
		go func() {
			defer close(l.ready)
			l.store = l.open(context.WithoutCancel(ctx))
		}()
	})
}

func (l *LateKeychain) opened(ctx context.Context) (keychain.Store, error) {
	l.begin(ctx)
	select {
	case <-l.ready:
		return l.store, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Kind opens the store to say which one it is.
func (l *LateKeychain) Kind() keychain.StoreKind {
	l.begin(context.Background())
	<-l.ready
	return l.store.Kind()
}

// Get implements [keychain.Store].
func (l *LateKeychain) Get(ctx context.Context, it keychain.Item) (keychain.Secret, error) {
	s, err := l.opened(ctx)
	if err != nil {
		return keychain.Secret{}, err
	}
	return s.Get(ctx, it)
}

// Set implements [keychain.Store].
func (l *LateKeychain) Set(ctx context.Context, it keychain.Item, secret keychain.Secret) error {
	s, err := l.opened(ctx)
	if err != nil {
		return err
	}
	return s.Set(ctx, it, secret)
}

// Delete implements [keychain.Store].
func (l *LateKeychain) Delete(ctx context.Context, it keychain.Item) error {
	s, err := l.opened(ctx)
	if err != nil {
		return err
	}
	return s.Delete(ctx, it)
}

// Close ends the store if it was opened; after that it must not be used.
func (l *LateKeychain) Close() error {
	l.once.Do(func() { close(l.ready) }) // never opened
	<-l.ready
	if c, ok := l.store.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
