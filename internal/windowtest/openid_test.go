package windowtest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/idp"
	"pintail/internal/testkit/window"
)

// TestOpenID_TheBrowserOpensAndTheConnectionWithIt: a company's profile opens the browser at its identity provider; given up nothing
// connects, agreed the listing is there, and the next start needs no browser while the keyring has what renews the sign-in.
func TestOpenID_TheBrowserOpensAndTheConnectionWithIt(t *testing.T) {
	srv, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	p := idp.New(t)
	p.AccessKey, p.Key, p.SessionToken = srv.AccessKey(), srv.SecretKey(), ""
	dir, home := t.TempDir(), t.TempDir()
	host, port, _ := strings.Cut(strings.TrimPrefix(srv.URL(), "http://"), ":")
	profiles := filepath.Join(home, "config", "profiles")
	if err := os.MkdirAll(profiles, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(profiles, "company.cyberduckprofile"), fmt.Sprintf(`<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>company</string>
<key>Description</key><string>Company files</string><key>Scheme</key><string>http</string><key>Default Hostname</key><string>%s</string><key>Default Port</key><string>%s</string>
<key>Authorization</key><string>AuthorizationCode</string><key>OAuth Authorization Url</key><string>%[3]s/authorize</string><key>OAuth Token Url</key><string>%[3]s/token</string>
<key>STS Endpoint</key><string>%[3]s/sts</string><key>OAuth Client ID</key><string>app.example</string><key>OAuth Client Secret</key><string></string></dict></plist>`, host, port, p.URL))
	gate := filepath.Join(dir, "agreed")
	writeFile(t, filepath.Join(dir, "xdg-open"), "#!/bin/sh\n[ -e "+gate+" ] && exec curl -sL \"$1\"\nexit 0\n")
	if err := os.Chmod(filepath.Join(dir, "xdg-open"), 0o700); err != nil {
		t.Fatal(err)
	}
	a := window.Open(t, window.Options{Keyring: true, Env: []string{"PINTAIL_HOME=" + home, "PATH=" + dir + ":" + os.Getenv("PATH")}})
	g := gallery{t, a}
	a.Part("welcome.demo")
	choose := func() {
		a.Keys("ctrl+o")
		a.Press("connection.profile")
		a.Row("menu", "Company files")
		a.Keys("End", "Return")
		a.WaitText("connection.url", srv.URL())
	}
	choose()
	g.take("fields")
	a.Press("connection.ok")
	a.Part("signin.address")
	g.take("browser")
	a.Press("dialog.cancel")
	a.WaitGone("signin.address")
	if p.Count("/sts") != 0 {
		t.Error("given up, and signed in")
	}
	writeFile(t, gate, "")
	choose()
	a.Press("connection.ok")
	a.WaitGone("connection.ok")
	a.Row("outline", "studio-media")
	if err := os.Remove(gate); err != nil {
		t.Fatal(err)
	}
	a.Restart()
	a.Row("outline", "studio-media")
	if p.Count("/authorize") != 1 || p.Count("refresh_token") != 1 {
		t.Errorf("asked %q", p.Asked())
	}
	if file := holding(t, home, srv.SecretKey()); file != "" {
		t.Errorf("%s has a secret", file)
	}
	features.Proved(t, "login.openid", features.Embedded, "")
}
