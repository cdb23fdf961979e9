package connect_test

import (
	"errors"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/keychain"
)

// lasting is a keychain that says that it lasts.
type lasting struct{ *keychain.Memory }

func (lasting) Kind() keychain.StoreKind { return keychain.SystemStore }

func TestRemember_BindsTheSecretToItsServer(t *testing.T) {
	s := newSetup(t)
	here := s.bookmark(t, bookmarks.Bookmark{Nickname: "here", EndpointURL: "https://s3.example.com", Username: "AKIA"})
	elsewhere := s.bookmark(t, bookmarks.Bookmark{Nickname: "elsewhere", EndpointURL: "https://other.example.com", Username: "AKIA"})
	if err := connect.Remember(t.Context(), s.Env, connect.Spec{Bookmark: here}, keychain.NewSecret("s3cr3t")); !errors.Is(err, keychain.ErrUnavailable) {
		t.Errorf("a keychain of this run only: %v", err)
	}
	s.Keychain = lasting{keychain.NewMemory()}
	if err := connect.Remember(t.Context(), s.Env, connect.Spec{Bookmark: here}, keychain.NewSecret("s3cr3t")); err != nil {
		t.Fatal(err)
	}
	c := s.open(t, connect.Spec{Bookmark: here})
	if c.KeyID != "AKIA" || c.Asked {
		t.Errorf("the stored secret was not used: %+v", c)
	}
	if _, err := connect.Open(t.Context(), s.Env, connect.Spec{Bookmark: elsewhere}); err == nil {
		t.Error("another server got the secret")
	}
}
