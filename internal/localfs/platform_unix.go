//go:build linux || darwin

package localfs

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// openNonblock keeps the open of a pipe from waiting for its writer.
const openNonblock = unix.O_NONBLOCK | unix.O_CLOEXEC

const openNoFollow = unix.O_NOFOLLOW

func fileID(_ *os.File, fi fs.FileInfo) (string, error) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return "", nil
	}
	b := strconv.AppendUint(make([]byte, 0, 34), uint64(st.Dev), 16) // Dev is signed on darwin
	return string(strconv.AppendUint(append(b, ':'), st.Ino, 16)), nil
}

func syncDir(d *os.File) error {
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err // the caller names the folder
	}
	return nil
}

// busy tells whether an error goes away when another program lets go of the file.
func busy(error) bool { return false }

// noSpace tells whether the volume, or the user's share of it, is full.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

func nameTooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }
