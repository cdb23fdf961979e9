package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/testkit/idp"
	"pintail/keychain"
)

// lasting is a store that stands for the system's.
type lasting struct{ *keychain.Memory }

func (lasting) Kind() keychain.StoreKind { return keychain.SystemStore }

// TestLogin_InTheBrowserAtAnIdentityProvider: the address is shown and opened; other commands then need no browser, and where the sign-in
// has ended they say what is missing and open none.
func TestLogin_InTheBrowserAtAnIdentityProvider(t *testing.T) {
	srv, err := demo.Start(t.Context(), demo.Options{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	p := idp.New(t)
	p.AccessKey, p.Key, p.SessionToken = srv.AccessKey(), srv.SecretKey(), ""
	host, port, _ := strings.Cut(strings.TrimPrefix(srv.URL(), "http://"), ":")
	profile := filepath.Join(t.TempDir(), "company.cyberduckprofile")
	body := fmt.Sprintf(`<?xml version="1.0"?><plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>company</string>
<key>Scheme</key><string>http</string><key>Default Hostname</key><string>%s</string><key>Default Port</key><string>%s</string>
<key>Authorization</key><string>AuthorizationCode</string><key>OAuth Authorization Url</key><string>%[3]s/authorize</string>
<key>OAuth Token Url</key><string>%[3]s/token</string><key>STS Endpoint</key><string>%[3]s/sts</string><key>OAuth Client ID</key><string>app.example</string></dict></plist>`,
		host, port, p.URL)
	if err := os.WriteFile(profile, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	store, home := lasting{keychain.NewMemory()}, t.TempDir()
	opened := 0
	cli := func(args ...string) (int, string) {
		sys, out, errOut := testSystem(t)
		sys.Dirs = testDirs(home)
		sys.OpenURL = func(address string) error {
			opened++
			if status, page := idp.Browse(t, address); status != http.StatusOK {
				t.Errorf("the browser shows %d %s", status, page)
			}
			return nil
		}
		a := newApp(sys)
		a.keys = connect.NewLateKeychain(func(context.Context) keychain.Store { return store })
		status := a.execute(t.Context(), append([]string{"--profile", profile}, args...))
		return status, out.String() + errOut.String()
	}
	if status, shown := cli("ls"); status != 4 || opened != 0 || !strings.Contains(shown, "pintail-cli login") {
		t.Errorf("before the sign-in: status %d: %s", status, shown)
	}
	status, shown := cli("login")
	if status != 0 || opened != 1 || !strings.Contains(shown, p.URL+"/authorize?") || strings.Contains(shown, srv.SecretKey()) {
		t.Fatalf("login: status %d: %s", status, shown)
	}
	if status, shown := cli("ls"); status != 0 || opened != 1 || !strings.Contains(shown, "studio") {
		t.Errorf("ls: status %d: %s", status, shown)
	}
	if status, shown := cli("ls", "-v"); status != 0 || opened != 1 || !strings.Contains(shown, "openid") {
		t.Errorf("ls -v: status %d: %s", status, shown)
	}
	if status, shown := cli("logout"); status != 0 {
		t.Errorf("logout: status %d: %s", status, shown)
	}
	if status, _ := cli("ls"); status != 4 || opened != 1 {
		t.Errorf("after logging out: status %d", status)
	}
}
