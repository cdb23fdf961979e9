package window

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pintail/internal/testkit"
)

// What the window's tests need is installed by scripts/setup: a fresh machine has nothing else.
func TestPackages_SetupInstallsThem(t *testing.T) {
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	setup, err := os.ReadFile(filepath.Join(root, "scripts", "setup"))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.FieldsFunc(string(setup), func(r rune) bool { return strings.ContainsRune(" \n\"()=", r) })
	for _, table := range []map[string]string{programs, keyring} {
		for pkg := range strings.FieldsSeq(strings.Join(slices.Collect(maps.Values(table)), " ")) {
			if !slices.Contains(words, pkg) {
				t.Errorf("scripts/setup does not install %s", pkg)
			}
		}
	}
}
