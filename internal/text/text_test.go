package text_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"pintail/assets"
	"pintail/internal/text"
)

func TestBundle_PluralAndFallback(t *testing.T) {
	fsys := fstest.MapFS{
		"en/a.json": {Data: []byte(`{"x.files": {"one": "%d file", "other": "%d files"}, "x.only": "English %s"}`)},
		"de/a.json": {Data: []byte(`{"x.files": {"one": "%d Datei", "other": "%d Dateien"}}`)},
	}
	b, err := text.Load(fsys, "de-AT")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{b.N("x.files", 1, 1), "1 Datei"},
		{b.N("x.files", 3, 3), "3 Dateien"},
		{b.T("x.only", "y"), "English y"},
		{b.T("x.none"), "x.none"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// TestTexts_EveryIdExists finds ids used in the code that no English file has, and English ids that nothing uses.
func TestTexts_EveryIdExists(t *testing.T) {
	b, err := text.Load(assets.Translations(), "en")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`\btext\.[TN]\("([a-z][A-Za-z0-9._-]+)"`)
	root := "../.."
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "build" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, m := range call.FindAllStringSubmatch(string(src), -1) {
			if !b.Has(m[1]) {
				t.Errorf("%s: no English text for %q", p, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
