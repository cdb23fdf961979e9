package keychain_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pintail/keychain"
)

const canary = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

type secretHolder struct {
	Name   string
	Secret keychain.Secret
	Ptr    *keychain.Secret
	inner  keychain.Secret
}

func TestSecret_ShowsNothing(t *testing.T) {
	t.Parallel()
	s := keychain.NewSecret(canary)
	holder := secretHolder{"x", s, &s, s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10s", "%p"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", holder)
		fmt.Fprintf(&out, verb+"\n", []keychain.Secret{s})
		fmt.Fprintf(&out, verb+"\n", map[string]keychain.Secret{"k": s})
	}
	fmt.Fprintln(&out, s, &s, s.String(), s.GoString(), fmt.Errorf("oops %v", s))
	j, err1 := json.Marshal(holder)
	x, err2 := xml.Marshal(holder)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	out.Write(x)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "secret", s, "holder", holder)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "secret", s, "holder", holder)
	hex := fmt.Sprintf("%x", canary)
	for _, leak := range []string{canary, canary[:10], hex, strings.ToUpper(hex)} {
		if strings.Contains(out.String(), leak) {
			t.Fatalf("shows %q:\n%s", leak, out.String())
		}
	}
	if !strings.Contains(out.String(), "***") || s.Reveal() != canary || holder.inner.Empty() || s.Empty() || !(keychain.Secret{}).Empty() {
		t.Error("the secret itself is wrong")
	}
}

func item(edit func(*keychain.Item)) keychain.Item {
	it := keychain.Item{Scheme: "https", Host: "s3.example.com", Vendor: "v", KeyID: "AKIA"}
	if edit != nil {
		edit(&it)
	}
	return it
}

func TestItem_EachPartBinds(t *testing.T) {
	t.Parallel()
	base := item(nil).Account()
	seen := map[string]string{base: "base"}
	for name, edit := range map[string]func(*keychain.Item){
		"scheme": func(it *keychain.Item) { it.Scheme = "http" },
		"host":   func(it *keychain.Item) { it.Host = "s3.example.com.evil.example" },
		"port":   func(it *keychain.Item) { it.Port = 8443 },
		"prefix": func(it *keychain.Item) { it.PathPrefix = "/x" },
		"vendor": func(it *keychain.Item) { it.Vendor = "w" },
		"key":    func(it *keychain.Item) { it.KeyID = "AKIB" },
		"forged": func(it *keychain.Item) { it.Vendor = "v&key=AKIA"; it.KeyID = "" },
		"in key": func(it *keychain.Item) { it.KeyID = "AKIA&vendor=v" },
		"slash":  func(it *keychain.Item) { it.PathPrefix = "/x#vendor=v&key=AKIA" },
	} {
		a := item(edit).Account()
		if other, twice := seen[a]; twice {
			t.Errorf("%s has the account of %s: %s", name, other, a)
		}
		seen[a] = name
	}
}

func TestItem_OneServerHasOneSpelling(t *testing.T) {
	t.Parallel()
	want := item(nil).Account()
	for _, edit := range []func(*keychain.Item){
		func(it *keychain.Item) { it.Port = 443 },
		func(it *keychain.Item) { it.Host = "S3.Example.COM." },
		func(it *keychain.Item) { it.Scheme = "HTTPS" },
		func(it *keychain.Item) { it.PathPrefix = "/" },
	} {
		if got := item(edit).Account(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for url, want := range map[string]string{"http://127.0.0.1:9000": "http://127.0.0.1:9000", "https://[::1]/p/": "https://[::1]:443/p"} {
		it, err := keychain.NewItem(url, "v", "k")
		if err != nil || it.Endpoint() != want {
			t.Errorf("%s: %s %v", url, it.Endpoint(), err)
		}
	}
}

func TestItem_RefusesWhatBindsNothing(t *testing.T) {
	t.Parallel()
	for _, edit := range []func(*keychain.Item){
		func(it *keychain.Item) { it.Host = "" },
		func(it *keychain.Item) { it.KeyID = "" },
		func(it *keychain.Item) { it.Scheme = "ftp" },
		func(it *keychain.Item) { it.Port = 70000 },
	} {
		var m keychain.Memory
		if err := m.Set(t.Context(), item(edit), keychain.NewSecret("x")); !errors.Is(err, keychain.ErrInvalidItem) {
			t.Errorf("%+v: %v", item(edit), err)
		}
	}
	for _, url := range []string{"", "s3.example.com", "https://", "https://u:" + canary + "@", "ftp://h", "https://h:99999"} {
		if _, err := keychain.NewItem(url, "v", "k"); !errors.Is(err, keychain.ErrInvalidItem) || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestMemory_KeepsForThisRun(t *testing.T) {
	t.Parallel()
	m := keychain.NewMemory()
	ctx := t.Context()
	if _, err := m.Get(ctx, item(nil)); !errors.Is(err, keychain.ErrNotFound) {
		t.Fatal(err)
	}
	if err := m.Set(ctx, item(nil), keychain.NewSecret(canary)); err != nil {
		t.Fatal(err)
	}
	if s, err := m.Get(ctx, item(nil)); err != nil || s.Reveal() != canary {
		t.Fatal(err)
	}
	moved := item(func(it *keychain.Item) { it.Host = "evil.example" })
	if _, err := m.Get(ctx, moved); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("another host: %v", err)
	}
	if err := m.Delete(ctx, item(nil)); err != nil {
		t.Fatal(err)
	}
	if err := m.Delete(ctx, item(nil)); !errors.Is(err, keychain.ErrNotFound) {
		t.Error(err)
	}
}
