package keychain_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pintail/keychain"
)

// inBus is set for the copy of this test that runs on the private bus.
const inBus = "PINTAIL_TEST_ON_PRIVATE_BUS"

// TestSystem_OnARealSecretService starts itself again on a private session bus with gnome-keyring, in a home folder
// of its own, so that the user's own keyring is never touched.
func TestSystem_OnARealSecretService(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the Secret Service is of Linux")
	}
	if os.Getenv(inBus) != "" {
		useRealService(t)
		return
	}
	for _, tool := range []string{"dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool"} {
		if _, err := exec.LookPath(tool); err != nil {
			const line = "apt-get install -y --no-install-recommends dbus gnome-keyring libsecret-tools"
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is missing: %s", tool, line)
			}
			t.Skipf("%s is missing: %s", tool, line)
		}
	}
	home, run := t.TempDir(), t.TempDir()
	if err := os.Chmod(run, 0o700); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(home, ".local", "share")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	// The daemon comes onto the bus some time after its command has ended. Whoever asks before makes the bus start another
	// one, which is locked.
	const script = `printf %s testpass | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1
for _ in $(seq 600); do
  case "$(dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets)" in
  *true*) break ;;
  esac
  sleep 0.1
done
"$1" -test.run '^TestSystem_OnARealSecretService$' -test.v`
	cmd := exec.CommandContext(t.Context(), "dbus-run-session", "--", "sh", "-c", script, "sh", os.Args[0])
	cmd.Env = append(os.Environ(), inBus+"=1", "HOME="+home, "XDG_RUNTIME_DIR="+run, "XDG_DATA_HOME="+data)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestSystem_OnARealSecretService") {
		t.Fatalf("on the private bus: %v\n%s", err, out)
	}
}

func useRealService(t *testing.T) {
	ctx := t.Context()
	store, reason := keychain.Open(ctx)
	system, ok := store.(*keychain.System)
	if !ok || reason != nil {
		t.Fatalf("opened the %s store: %v", store.Kind(), reason)
	}
	it := item(func(it *keychain.Item) { it.KeyID = "AKIA/Ünï" })
	secrets := []string{canary, `#;=%(x)s\`, "ü€😀", strings.Repeat("long", 5000)}
	for _, text := range secrets {
		if err := store.Set(ctx, it, keychain.NewSecret(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := store.Get(ctx, it); err != nil || got.Reveal() != text {
			t.Fatalf("%d bytes: %v", len(text), err)
		}
	}
	out, err := exec.CommandContext(ctx, "secret-tool", "lookup", "service", "pintail", "username", it.Account()).Output()
	if err != nil || string(out) != secrets[len(secrets)-1] {
		t.Errorf("an independent program reads %d bytes: %v", len(out), err)
	}
	moved := it
	moved.Host = "evil.example"
	if _, err := store.Get(ctx, moved); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("another host: %v", err)
	}
	if err := store.Delete(ctx, it); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(ctx, it); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("after delete: %v", err)
	}
	if err := system.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpen_WithoutABusKeepsSecretsInMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems always have a store")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	store, reason := keychain.Open(t.Context())
	if store.Kind() != keychain.MemoryStore || !errors.Is(reason, keychain.ErrUnavailable) {
		t.Fatalf("%s: %v", store.Kind(), reason)
	}
	if err := store.Set(t.Context(), item(nil), keychain.NewSecret("x")); err != nil {
		t.Error(err)
	}
}

func TestOpen_WithABrokenBusKeepsSecretsInMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems always have a store")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	if store, reason := keychain.Open(t.Context()); store.Kind() != keychain.MemoryStore || !errors.Is(reason, keychain.ErrUnavailable) {
		t.Fatalf("%s: %v", store.Kind(), reason)
	}
}
