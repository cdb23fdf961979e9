package preferences_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pintail/preferences"
)

// TestTable_EveryPreferenceIsRead finds preferences that no program reads: a setting without effect is a promise not kept.
func TestTable_EveryPreferenceIsRead(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("keys.go")
	if err != nil {
		t.Fatal(err)
	}
	unread := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) += \w+\(Definition\{`).FindAllStringSubmatch(string(table), -1) {
		unread[m[1]] = true
	}
	if len(unread) != len(preferences.All()) {
		t.Fatalf("%d preferences are declared and %d listed", len(unread), len(preferences.All()))
	}
	use := regexp.MustCompile(`\bpreferences\.(\w+)\b`)
	err = filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "build" || d.Name() == ".git" || p == filepath.Join("..", "preferences")):
			return filepath.SkipDir
		case !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go"):
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range use.FindAllStringSubmatch(string(src), -1) {
			delete(unread, m[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range unread {
		t.Errorf("nothing reads preferences.%s", name)
	}
}
