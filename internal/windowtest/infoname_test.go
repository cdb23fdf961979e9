package windowtest_test

import (
	"path/filepath"
	"testing"

	"pintail/internal/testkit/window"
)

// The name in Info renames by Enter, as in the rows; the independent client finds the object under its new name.
func TestInfo_NameRenames(t *testing.T) {
	server := filepath.Join(t.TempDir(), "demo.json")
	a := openInfo(t, window.Options{Args: []string{"--demo-info", server}})
	aws := demoClient(t, server)
	a.Press("info.name")
	a.Keys("ctrl+a")
	a.Type("LIESMICH.txt")
	a.Keys("Return")
	a.Row("outline", "LIESMICH.txt")
	if aws.Exists("studio-media", "README.txt") || !aws.Exists("studio-media", "LIESMICH.txt") {
		t.Error("the object has not its new name on the server")
	}
}
