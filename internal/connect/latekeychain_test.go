package connect_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"pintail/internal/connect"
	"pintail/keychain"
)

func TestOpen_DoesNotWaitForTheKeychainWhenTheSecretIsKnown(t *testing.T) {
	release := make(chan struct{})
	late := connect.NewLateKeychain(func(context.Context) keychain.Store { <-release; return keychain.NewMemory() })
	s := newSetup(t).key("K", "S")
	s.Keychain = late
	typed := keychain.Typed{KeyID: "K", Secret: keychain.NewSecret("S")}
	s.Demo = func(context.Context) (connect.Demo, error) {
		return connect.Demo{Endpoint: "http://127.0.0.1:1", Region: "r", Typed: typed}, nil
	}
	for _, spec := range []connect.Spec{
		{Profile: "pintail-demo"},
		{Endpoint: "http://127.0.0.1:1", Typed: typed},
		{Endpoint: "http://127.0.0.1:1"}, // the environment has the key
		{Endpoint: "http://127.0.0.1:1", Anonymous: true},
	} {
		c := s.open(t, spec)
		if err := c.Accepted(t.Context()); err != nil {
			t.Error(err)
		}
	}
	close(release)
	if err := late.Close(); err != nil {
		t.Error(err)
	}
}

func TestLateKeychain_OpensOnceAndGivesUpWithTheCaller(t *testing.T) {
	release := make(chan struct{})
	var opened atomic.Int32
	late := connect.NewLateKeychain(func(ctx context.Context) keychain.Store {
		opened.Add(1)
		<-release
		if ctx.Err() != nil {
			t.Error("the end of one caller ended the opening")
		}
		return keychain.NewMemory()
	})
	item, err := keychain.NewItem("https://h", "v", "k")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := late.Get(ctx, item); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has ended gets %v", err)
	}
	close(release)
	if err := late.Set(t.Context(), item, keychain.NewSecret("s")); err != nil {
		t.Fatal(err)
	}
	if s, err := late.Get(t.Context(), item); err != nil || s.Reveal() != "s" {
		t.Errorf("%v, %v", s, err)
	}
	if err := late.Close(); err != nil || opened.Load() != 1 {
		t.Errorf("opened %d times, closed with %v", opened.Load(), err)
	}
}
