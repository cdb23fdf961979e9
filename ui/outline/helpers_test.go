package outline_test

import (
	"io/fs"
	"strings"
	"testing"

	"pintail/assets/icons"
)

func allIcons(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(icons.Files, "*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ".svg")
	}
	return files
}
