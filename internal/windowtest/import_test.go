package windowtest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/window"
	"pintail/keychain"
	"pintail/profiles"
)

// accountIn is the name under which the keyring has a key's secret for a plain server.
func accountIn(t *testing.T, endpoint, key string) string {
	t.Helper()
	it, err := keychain.NewItem(endpoint, profiles.VendorHTTP, key)
	if err != nil {
		t.Fatal(err)
	}
	return it.Account()
}

// menuItem opens the menu bar by keyboard, goes right to a menu and chooses an item.
func menuItem(a *window.App, right int, item string) {
	a.Keys("F10")
	a.Part("menu")
	for range right {
		a.Keys("Right")
	}
	a.PressRow("menu", item, 1, 1)
	a.WaitGone("menu")
}

// TestImport_ProfileAndSecretsThatOnlyTheKeyringHas: an AWS profile and a file of another program become bookmarks, the profile connects and
// is back at the next start; imported and typed secrets are found by another program in the real keyring and in no file; all bookmarks are
// exported without them.
func TestImport_ProfileAndSecretsThatOnlyTheKeyringHas(t *testing.T) {
	srv, err := demo.Start(context.WithoutCancel(t.Context()), demo.Options{Sample: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	dir := t.TempDir() // what other programs wrote: outside of the program's HOME
	config, credentials, rclone := filepath.Join(dir, "config"), filepath.Join(dir, "credentials"), filepath.Join(dir, "rclone.conf")
	writeFile(t, config, "[profile work]\nregion = us-east-1\nendpoint_url = "+srv.URL()+"\n[profile empty]\nregion = us-east-1\n")
	writeFile(t, credentials, "[work]\naws_access_key_id = "+srv.AccessKey()+"\naws_secret_access_key = "+srv.SecretKey()+"\n")
	const imported = "imported-secret#of;the=test\\"
	writeFile(t, rclone, "[box]\ntype = s3\nendpoint = http://127.0.0.1:1\naccess_key_id = BOXKEY\nsecret_access_key = "+imported+"\n[disk]\ntype = local\n")
	a := window.Open(t, window.Options{Keyring: true, Env: []string{"AWS_CONFIG_FILE=" + config, "AWS_SHARED_CREDENTIALS_FILE=" + credentials,
		"RCLONE_CONFIG=" + rclone}})
	g := gallery{t, a}
	a.Part("welcome.demo")

	menuItem(a, 4, "Import bookmarks…")
	a.WaitText("import.source.0", "AWS profiles")
	a.WaitText("import.source.1", "rclone")
	g.take("import")
	a.Keys("Return")
	a.WaitText("import.summary", "2 bookmarks were added.\n1 secret is in the keychain.")
	said := a.Part("import.summary").Text
	for _, want := range []string{"work: added", "empty: left out: it has no credentials", "box: added, secret in the keychain", "disk: left out:"} {
		if !strings.Contains(said, want) {
			t.Errorf("the summary says %q, not %q", said, want)
		}
	}
	g.take("summary")
	a.Keys("Return")
	a.WaitGone("import.summary")
	if got := a.Secret(accountIn(t, "http://127.0.0.1:1", "BOXKEY")); got != imported {
		t.Errorf("the keyring has a secret of %d bytes for the imported key", len(got))
	}

	a.PressRow("sidebar", "work", 1, 1)
	a.Keys("Return")
	a.Row("outline", "studio-media")
	fillConnection(a, plainHTTP, accountOf(t, srv.URL(), srv.AccessKey(), srv.SecretKey()))
	a.Keys("Return")
	a.WaitGone("connection.ok")
	account := accountIn(t, srv.URL(), srv.AccessKey())
	a.Until("the typed secret in the keyring", func() bool { return a.Secret(account) == srv.SecretKey() })
	a.Restart()
	a.Row("sidebar", "box")
	a.Row("outline", "studio-media") // with the secret of the keyring: nobody is asked

	menuItem(a, 4, "Export bookmarks…")
	a.Enter("chooser.path", a.Home)
	a.Enabled("chooser.ok")
	a.Press("chooser.ok")
	a.WaitGone("chooser.ok")
	var file []byte
	a.Until("the exported file", func() bool {
		file, err = os.ReadFile(filepath.Join(a.Home, "Pintail bookmarks.plist"))
		return err == nil
	})
	if !strings.Contains(string(file), "BOXKEY") || !strings.Contains(string(file), "work") {
		t.Errorf("exported: %s", file)
	}
	for _, word := range []string{imported, srv.SecretKey()} {
		if file := holding(t, a.Folder(), word); file != "" {
			t.Errorf("%s has a secret", file)
		}
	}
	features.Proved(t, "window.import", features.Embedded, "")
}
