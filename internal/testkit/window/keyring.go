package window

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// keyring is what a display with a keychain runs, by Debian package.
var keyring = map[string]string{"gnome-keyring-daemon": "gnome-keyring", "dbus-send": "dbus", "secret-tool": "libsecret-tools"}

// startKeyring puts a real gnome-keyring, unlocked and empty, onto the private bus.
func (d *Display) startKeyring() {
	d.t.Helper()
	for program, pkg := range keyring {
		if _, err := exec.LookPath(program); err != nil {
			missing(d.t, fmt.Sprintf("%s is not installed: apt-get install %s", program, pkg))
		}
	}
	password := filepath.Join(d.dir, "password")
	if err := os.WriteFile(password, []byte("testpass"), 0o600); err != nil {
		d.t.Fatal(err)
	}
	p := d.Start("gnome-keyring", "sh", "-c", `exec gnome-keyring-daemon --foreground --unlock --components=secrets <"$1"`, "sh", password)
	d.await(p, func() bool {
		out, err := d.run("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
			"org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
		return err == nil && strings.Contains(out, "true")
	})
}

// Secret is what another program, secret-tool, finds in the keyring under an account of the program; "" when there is nothing.
func (a *App) Secret(account string) string {
	a.t.Helper()
	out, err := a.run("secret-tool", "lookup", "service", "pintail", "username", account)
	if err != nil {
		return ""
	}
	return out
}

// Folder holds everything the program and its desktop wrote: HOME, the data folder, logs and temporary files.
func (a *App) Folder() string { return a.dir }
