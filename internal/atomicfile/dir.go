package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// MkdirAll makes a folder, and those above it that are missing, with permission bits perm. They are there after a power cut too: what is
// written into a folder is lost with it otherwise, however well it was flushed.
func MkdirAll(dir string, perm fs.FileMode) error {
	var above []string // of each folder that will be made
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		if _, err := os.Lstat(d); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(d) == d {
			break
		}
		above = append(above, filepath.Dir(d))
	}
	if err := os.MkdirAll(dir, perm); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	for _, d := range above {
		if err := syncDir(d); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	return nil
}
