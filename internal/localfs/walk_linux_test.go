package localfs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/localfs"
)

// Files come before and behind each folder, so that each is opened again; what is open does not grow with the depth.
func TestWalk_HoldsOneFolderOpen(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const depth = 40
	dir := root
	for i := range depth {
		for _, name := range []string{"a", "z"} {
			if err := os.WriteFile(filepath.Join(dir, name), make([]byte, i), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		dir = filepath.Join(dir, "m")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	files := 0
	for e := range localfs.Walk(root, localfs.WalkOptions{}) {
		if n := openBelow(t, root); n > 1 {
			t.Fatalf("%d folders are open at %s", n, e.Key)
		}
		if e.Kind == localfs.Folder {
			continue
		}
		files++
		if e.Err != nil || e.Size != int64(strings.Count(e.Key, "/")) || e.Modified.IsZero() {
			t.Errorf("%+v", e)
		}
	}
	if files != 2*depth {
		t.Errorf("%d files, want %d", files, 2*depth)
	}
	if n := openBelow(t, root); n != 0 {
		t.Errorf("%d folders are open in the end", n)
	}
}

// openBelow counts this process's descriptors of what is in dir.
func openBelow(t *testing.T, dir string) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, fd := range names {
		if to, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%s", fd.Name())); err == nil && strings.HasPrefix(to, dir) {
			n++
		}
	}
	return n
}
