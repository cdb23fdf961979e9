package localfs

import (
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Identity tells whether a file is still the one it was: when any field differs it is another file or has been written to.
type Identity struct {
	Size     int64
	Modified time.Time
	File     string // volume and file number; "" if the system gives none
}

// Equal tells whether both are the same file in the same state.
func (a Identity) Equal(b Identity) bool {
	return a.Size == b.Size && a.Modified.Equal(b.Modified) && a.File == b.File
}

// String is for logs and error texts.
func (a Identity) String() string {
	return fmt.Sprintf("%d bytes of %s (%s)", a.Size, a.Modified.UTC().Format(time.RFC3339Nano), a.File)
}

// IdentityOf is the identity of an open file.
func IdentityOf(f *os.File) (Identity, error) {
	id, _, err := identify(f)
	return id, err
}

func identify(f *os.File) (Identity, fs.FileInfo, error) {
	fi, err := f.Stat()
	if err != nil {
		return Identity{}, nil, fmt.Errorf("identity of %s: %w", f.Name(), err)
	}
	id := Identity{Size: fi.Size(), Modified: fi.ModTime()}
	if id.File, err = fileID(f, fi); err != nil {
		return Identity{}, nil, fmt.Errorf("identity of %s: %w", f.Name(), err)
	}
	return id, fi, nil
}

// Same tells whether path still names the open file f in the state that want describes. A file that was replaced under its
// name, written to or truncated is not the same.
func Same(f *os.File, path string, want Identity) (bool, error) {
	now, open, err := identify(f)
	if err != nil {
		return false, err
	}
	if !now.Equal(want) {
		return false, nil
	}
	named, err := os.Stat(path)
	if err != nil {
		return false, nil // gone, or no longer to be reached: it is not the file it was
	}
	return os.SameFile(open, named), nil
}

// OpenFile opens a regular file for reading and tells its identity. Anything else (a folder, a pipe put there meanwhile) is
// refused without waiting for it.
func OpenFile(path string) (*os.File, Identity, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, Identity{}, fmt.Errorf("open: %w", err)
	}
	id, fi, err := identify(f)
	if err == nil && !fi.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrSpecial}
	}
	if err != nil {
		_ = f.Close()
		return nil, Identity{}, err
	}
	return f, id, nil
}
