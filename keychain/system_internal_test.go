package keychain

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// fakeBackend answers from a map, fails with err, or waits for release.
type fakeBackend struct {
	secrets map[string]string
	err     error
	release chan struct{}
}

func (f *fakeBackend) wait() error {
	if f.release != nil {
		<-f.release
	}
	return f.err
}

func (f *fakeBackend) Get(s, a string) (string, error) {
	if err := f.wait(); err != nil {
		return "", err
	}
	v, ok := f.secrets[s+"|"+a]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return v, nil
}

func (f *fakeBackend) Set(s, a, v string) error {
	if err := f.wait(); err != nil {
		return err
	}
	f.secrets[s+"|"+a] = v
	return nil
}

func (f *fakeBackend) Delete(s, a string) error {
	if err := f.wait(); err != nil {
		return err
	}
	if _, ok := f.secrets[s+"|"+a]; !ok {
		return keyring.ErrNotFound
	}
	delete(f.secrets, s+"|"+a)
	return nil
}

func testItem() Item { return Item{Scheme: "https", Host: "h", Vendor: "v", KeyID: "k"} }

func TestSystem_StoresAndForgets(t *testing.T) {
	t.Parallel()
	f := &fakeBackend{secrets: map[string]string{}}
	s := newSystem(f, "linux", time.Minute)
	ctx := t.Context()
	long := testItem()
	long.KeyID = strings.Repeat("k", 2000)
	for _, it := range []Item{testItem(), long} {
		if err := s.Set(ctx, it, NewSecret("text")); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get(ctx, it); err != nil || got.Reveal() != "text" {
			t.Fatalf("%v", err)
		}
		if err := s.Delete(ctx, it); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(ctx, it); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
	if len(systemAccount(long)) > maxAccount {
		t.Error("the account is too long for Windows")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSystem_GivesUpAndRecovers(t *testing.T) {
	t.Parallel()
	f := &fakeBackend{secrets: map[string]string{}, release: make(chan struct{})}
	s := newSystem(f, "linux", 10*time.Millisecond)
	for range 3 { // the second call finds the first still under way
		if _, err := s.Get(t.Context(), testItem()); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("%v", err)
		}
	}
	if err := s.Close(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("close while a call hangs: %v", err)
	}
	close(f.release)
	s.limit = time.Minute
	if _, err := s.Get(t.Context(), testItem()); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSystem_CallersContextEndsTheWait(t *testing.T) {
	t.Parallel()
	f := &fakeBackend{release: make(chan struct{}), err: errors.New("x")}
	s := newSystem(f, "linux", time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(ctx, testItem()); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	close(f.release)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSystem_TellsWhyItFails(t *testing.T) {
	t.Parallel()
	s := newSystem(&fakeBackend{err: errors.New("locked collection")}, "linux", time.Minute)
	err := s.Set(t.Context(), testItem(), NewSecret("very secret"))
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "locked collection") || strings.Contains(err.Error(), "very secret") {
		t.Errorf("%v", err)
	}
}

func TestSystem_KnowsTheLimitsOfEachSystem(t *testing.T) {
	t.Parallel()
	for goos, limit := range map[string]int{"windows": 2560, "darwin": 2048} {
		s := newSystem(&fakeBackend{secrets: map[string]string{}}, goos, time.Minute)
		if err := s.Set(t.Context(), testItem(), NewSecret(strings.Repeat("x", limit))); err != nil {
			t.Errorf("%s: %v", goos, err)
		}
		var big *TooBigError
		if err := s.Set(t.Context(), testItem(), NewSecret(strings.Repeat("x", limit+1))); !errors.As(err, &big) || big.Limit != limit {
			t.Errorf("%s: %v", goos, err)
		}
	}
}
