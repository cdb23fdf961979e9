package localfs

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// preallocate makes the file as long as it will be; APFS fills holes as they are written.
func preallocate(f *os.File, size int64) error { return f.Truncate(size) }

// umask is the usual mask: the real one can be read only by changing it for all threads.
func umask() os.FileMode { return 0o022 }

func volumeOf(f *os.File) (volume, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return volume{}, fmt.Errorf("free space: %w", err)
	}
	return volume{free: int64(st.Bavail) * int64(st.Bsize)}, nil
}

// setTime sets the time of an open file.
func setTime(f *os.File, t time.Time) error {
	tv := unix.NsecToTimeval(t.UnixNano())
	if t.Nanosecond()%1000 != 0 {
		return errors.ErrUnsupported // by its name it can be set in full
	}
	return unix.Futimes(int(f.Fd()), []unix.Timeval{tv, tv})
}
