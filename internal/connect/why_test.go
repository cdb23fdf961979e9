package connect_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/keychain"
)

func TestWhy_NamesTheWinnerAndEveryLoser(t *testing.T) {
	s := newSetup(t).key("K", "S")
	for _, c := range []struct {
		spec connect.Spec
		want string
	}{
		{connect.Spec{Endpoint: "https://one.example.com"}, "Typed keys: nothing|Keychain: not asked, because one before|Environment: used|AWS files: not asked, because one before|Container: not asked, because the connection|Instance metadata: switched off"},
		{connect.Spec{Endpoint: "https://one.example.com", Typed: keychain.Typed{KeyID: "T", Secret: keychain.NewSecret("x")}}, "Typed keys: used|Keychain: not asked, because the connection|Environment: not asked, because the connection|AWS files: not asked|Container: not asked|Instance metadata: switched off"},
	} {
		why := s.open(t, c.spec).Why()
		checkWhy(t, why, c.want)
	}
	delete(s.vars, "AWS_ACCESS_KEY_ID")
	_, err := connect.Open(t.Context(), s.Env, connect.Spec{Amazon: true})
	if !errors.Is(err, keychain.ErrNoCredentials) {
		t.Fatal(err)
	}
	checkWhy(t, connect.WhyNone(err), "Typed keys: nothing|Keychain: nothing|Environment: not asked, because the connection|AWS files: nothing|Container: nothing|Instance metadata: switched off")
	if connect.WhyNone(errors.New("x")) != nil {
		t.Error("an error of another kind has sources")
	}
}

// checkWhy compares the beginnings of the sentences; the order of the sources is fixed.
func checkWhy(t *testing.T, why []string, want string) {
	t.Helper()
	list := map[string]string{}
	for _, sentence := range why {
		name, _, _ := strings.Cut(sentence, ":")
		list[name] = sentence
	}
	for part := range strings.SplitSeq(want, "|") {
		name, _, _ := strings.Cut(part, ":")
		if !strings.HasPrefix(list[name], part) || !strings.HasSuffix(list[name], ".") {
			t.Errorf("%q, want %q", list[name], part)
		}
	}
}

// A role's key is another one each time; the person is asked about the server once.
func TestOpen_AsksOnceWhereTheKeysOfAProfileGo(t *testing.T) {
	s := newSetup(t)
	dir := filepath.Join(s.Home, ".aws")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"ASIA'$$'\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",\"Expiration\":\"2099-01-01T00:00:00Z\"}'\n"
	if err := os.WriteFile(filepath.Join(dir, "helper"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte("[profile p]\ncredential_process = sh "+filepath.Join(dir, "helper")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.script.Confirms = []bool{true}
	spec := connect.Spec{Endpoint: "https://one.example.com", AWSProfile: "p"}
	first, second := s.open(t, spec), s.open(t, spec)
	if first.KeyID == second.KeyID || first.Expires.IsZero() {
		t.Fatalf("%q, %q: the keys do not change", first.KeyID, second.KeyID)
	}
	if asked := s.script.Asked(); len(asked) != 1 || asked[0].(prompt.Confirm).Topic != prompt.TopicNewHost {
		t.Errorf("asked %v", asked)
	}
}
