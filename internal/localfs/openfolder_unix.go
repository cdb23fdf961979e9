//go:build linux || darwin

package localfs

import (
	"io/fs"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const fromFolder = true

// stat looks at the file of the folder that has this path.
func (d *openFolder) stat(path string) (fileStat, error) {
	if err := d.open(); err != nil {
		return fileStat{}, err
	}
	var st unix.Stat_t
	err := unix.EINTR
	for err == unix.EINTR { // a network volume may be interrupted
		err, _ = unix.Fstatat(int(d.f.Fd()), filepath.Base(path), &st, 0).(unix.Errno)
	}
	if err != 0 {
		return fileStat{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	s := fileStat{size: st.Size, modified: time.Unix(st.Mtim.Unix())}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		s.kind = fs.ModeDir
	default:
		s.kind = fs.ModeIrregular
	}
	return s, nil
}
