package keychain

import (
	"context"
	"sync"
)

// Memory keeps secrets, and the temporary credentials made of them, for this run only. The zero value is ready.
type Memory struct {
	mu       sync.Mutex // guards all
	secrets  map[string]Secret
	sessions sessions
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{} }

// Kind is MemoryStore.
func (m *Memory) Kind() StoreKind { return MemoryStore }

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, it Item) (Secret, error) {
	if err := check(ctx, it); err != nil {
		return Secret{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.secrets[it.Account()]
	if !ok {
		return Secret{}, ErrNotFound
	}
	return s, nil
}

// Set implements [Store].
func (m *Memory) Set(ctx context.Context, it Item, s Secret) error {
	if err := check(ctx, it); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.secrets == nil {
		m.secrets = map[string]Secret{}
	}
	m.secrets[it.Account()] = s
	return nil
}

// Delete implements [Store].
func (m *Memory) Delete(ctx context.Context, it Item) error {
	if err := check(ctx, it); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.secrets[it.Account()]; !ok {
		return ErrNotFound
	}
	delete(m.secrets, it.Account())
	return nil
}

func check(ctx context.Context, it Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return it.Validate()
}
