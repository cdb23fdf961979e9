package keychain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"
)

const (
	// service is the name under which all our items are kept.
	service = "pintail"
	// DefaultTimeLimit is how long a call to the system's store may take; an unlock dialog counts.
	DefaultTimeLimit = 10 * time.Second
	// maxAccount keeps below the 513 characters that Windows takes as a user name.
	maxAccount = 400
)

// backend is the part of go-keyring that is used; tests put their own in.
type backend interface {
	Get(service, account string) (string, error)
	Set(service, account, secret string) error
	Delete(service, account string) error
}

type systemBackend struct{}

func (systemBackend) Get(s, a string) (string, error) { return keyring.Get(s, a) }
func (systemBackend) Set(s, a, secret string) error   { return keyring.Set(s, a, secret) }
func (systemBackend) Delete(s, a string) error        { return keyring.Delete(s, a) }

// System keeps secrets in the store of the operating system: Secret Service, macOS keychain, Windows Credential
// Manager. The store cannot be interrupted, so each call runs in a goroutine of its own, one at a time; a call that
// does not answer within the time limit returns ErrUnavailable, and so do the next ones until it has ended.
// Call Close at the end.
type System struct {
	backend backend
	goos    string
	limit   time.Duration
	turn    chan struct{} // capacity 1: holds a token while a call runs
}

// NewSystem returns the system's store; limit 0 means [DefaultTimeLimit]. It does not touch the store yet.
func NewSystem(limit time.Duration) *System {
	return newSystem(systemBackend{}, runtime.GOOS, limit)
}

func newSystem(b backend, goos string, limit time.Duration) *System {
	if limit <= 0 {
		limit = DefaultTimeLimit
	}
	return &System{backend: b, goos: goos, limit: limit, turn: make(chan struct{}, 1)}
}

// Kind is SystemStore.
func (s *System) Kind() StoreKind { return SystemStore }

// Close waits for a call that is still under way, for at most the time limit; then it returns ErrUnavailable.
func (s *System) Close() error {
	return s.run(context.Background(), func() error { return nil })
}

// Get implements [Store].
func (s *System) Get(ctx context.Context, it Item) (Secret, error) {
	if err := it.Validate(); err != nil {
		return Secret{}, err
	}
	answer := make(chan string, 1) // not a captured variable: a call that ends too late must not race with us
	err := s.run(ctx, func() error {
		text, err := s.backend.Get(service, systemAccount(it))
		answer <- text
		return err
	})
	if err != nil {
		return Secret{}, fmt.Errorf("read secret for %s: %w", it.Endpoint(), err)
	}
	return NewSecret(<-answer), nil
}

// Set implements [Store].
func (s *System) Set(ctx context.Context, it Item, secret Secret) error {
	if err := it.Validate(); err != nil {
		return err
	}
	if err := s.fits(secret); err != nil {
		return err
	}
	err := s.run(ctx, func() error { return s.backend.Set(service, systemAccount(it), secret.Reveal()) })
	if err != nil {
		return fmt.Errorf("store secret for %s: %w", it.Endpoint(), err)
	}
	return nil
}

// Delete implements [Store].
func (s *System) Delete(ctx context.Context, it Item) error {
	if err := it.Validate(); err != nil {
		return err
	}
	err := s.run(ctx, func() error { return s.backend.Delete(service, systemAccount(it)) })
	if err != nil {
		return fmt.Errorf("delete secret for %s: %w", it.Endpoint(), err)
	}
	return nil
}

// fits checks the limits before the store is asked: what the stores answer themselves differs by system.
func (s *System) fits(secret Secret) error {
	limit, name := 0, ""
	switch s.goos {
	case "windows":
		limit, name = 2560, "Windows Credential Manager"
	case "darwin":
		// The whole command of /usr/bin/security has to stay below 4,096 bytes, with the secret as base64.
		limit, name = 2048, "macOS keychain"
	}
	if n := len(secret.Reveal()); limit > 0 && n > limit {
		return &TooBigError{Bytes: n, Limit: limit, System: name}
	}
	return nil
}

// run calls f in a goroutine within the time limit and puts its error into our terms.
func (s *System) run(ctx context.Context, f func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, errNoAnswer)
	defer cancel()
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return s.gaveUp(ctx)
	}
	done := make(chan error, 1)
	go func() {
		defer func() { <-s.turn }()
		done <- f()
	}()
	select {
	case err := <-done:
		return classify(err)
	case <-ctx.Done():
		return s.gaveUp(ctx)
	}
}

var errNoAnswer = errors.New("it gave no answer in time")

func (s *System) gaveUp(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errNoAnswer) {
		return fmt.Errorf("%w: %w (%v)", ErrUnavailable, errNoAnswer, s.limit)
	}
	return cause
}

func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return &TooBigError{System: "system's store"}
	default:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
}

// systemAccount is the account of an item, as a hash where it would be too long for a system's store.
func systemAccount(it Item) string {
	a := it.Account()
	if len(a) <= maxAccount {
		return a
	}
	sum := sha256.Sum256([]byte(a))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Open returns the store to use: the system's own when it answers, else one for this run. The store is never nil;
// reason is nil for the system's store and an [ErrUnavailable] that says why otherwise. It does not unlock
// anything, so it asks the user nothing. When the store is a [*System], close it at the end.
func Open(ctx context.Context) (store Store, reason error) {
	s := NewSystem(0)
	if err := s.run(ctx, probe); err != nil {
		return NewMemory(), err
	}
	return s, nil
}
