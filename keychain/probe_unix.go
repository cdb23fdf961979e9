//go:build unix && !darwin

package keychain

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"

	secretservice "github.com/zalando/go-keyring/secret_service"
)

var errNoBus = errors.New("there is no session bus")

// probe asks the Secret Service for a session, which starts the service when it can be started and unlocks nothing.
func probe() error {
	if !hasBus() {
		return errNoBus
	}
	svc, err := secretservice.NewSecretService()
	if err != nil {
		return err
	}
	session, err := svc.OpenSession()
	if err != nil {
		return err
	}
	return svc.Close(session)
}

// hasBus looks for a bus before the D-Bus library does: that one would start a bus of its own with dbus-launch.
func hasBus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil
}
