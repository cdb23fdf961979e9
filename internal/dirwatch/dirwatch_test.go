package dirwatch_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"pintail/internal/dirwatch"
)

func start(t *testing.T, cfg dirwatch.Config) *dirwatch.Watcher {
	t.Helper()
	w, err := dirwatch.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func write(t *testing.T, path, s string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

func heard(t *testing.T, w *dirwatch.Watcher, what string) {
	t.Helper()
	select {
	case <-w.Changed():
	case <-time.After(20 * time.Second):
		t.Fatalf("heard nothing of %s", what)
	}
}

func TestWatcher_HearsChanges(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]dirwatch.Config{"notices": {}, "polling": {PollOnly: true, Poll: 2 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cfg.Dir, cfg.Ext = dir, ".duck"
			w := start(t, cfg)
			file := filepath.Join(dir, "a.duck")
			write(t, file, "1")
			heard(t, w, "a new file")
			write(t, file, "longer")
			heard(t, w, "a changed file")
			if err := os.Rename(file, filepath.Join(dir, "b.duck")); err != nil {
				t.Fatal(err)
			}
			heard(t, w, "a renamed file")
			if err := os.Remove(filepath.Join(dir, "b.duck")); err != nil {
				t.Fatal(err)
			}
			heard(t, w, "a removed file")
		})
	}
}

func TestStart_NeedsAFolder(t *testing.T) {
	t.Parallel()
	if _, err := dirwatch.Start(dirwatch.Config{Dir: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("watches what is not there")
	}
}

func TestWatcher_CloseTwice(t *testing.T) {
	t.Parallel()
	w := start(t, dirwatch.Config{Dir: t.TempDir()})
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
