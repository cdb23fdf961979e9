// Package atomicfile replaces small files of our own (settings, bookmarks, profiles) as a whole or not at all.
// It must never leave a half-written target, and never follows or replaces anything but the named file.
// Downloads have their own writer in localfs.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// TempPrefix starts the name of every temporary file, so that folder watchers can leave them alone.
const TempPrefix = ".pintail-tmp-"

// Write puts data into the file at path with permission bits perm, atomically: a reader sees the old content or
// the whole new one, and after a power cut so does the next start. The folder must exist. On error the old file
// is as it was and no temporary file is left.
func Write(path string, data []byte, perm fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, TempPrefix+"*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	tmp := f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(tmp) // the error that counts is already there
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	if err := fill(f, data, perm); err != nil {
		return err
	}
	if err := rename(tmp, path); err != nil {
		return err
	}
	return syncDir(dir)
}

func fill(f *os.File, data []byte, perm fs.FileMode) error {
	_, werr := f.Write(data)
	// CreateTemp makes 0600; the bits are set before the name is there, so nobody sees other ones.
	cerr := f.Chmod(perm)
	serr := f.Sync()
	return errors.Join(werr, cerr, serr, f.Close())
}
