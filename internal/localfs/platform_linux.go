package localfs

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// preallocate reserves the bytes where the file system can, so that a full disk shows now and not half way.
func preallocate(f *os.File, size int64) error {
	err := unix.Fallocate(int(f.Fd()), 0, 0, size)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) {
		return f.Truncate(size)
	}
	return err // the caller names the file
}

func volumeOf(f *os.File) (volume, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return volume{}, fmt.Errorf("free space: %w", err)
	}
	memory := int64(st.Type) == unix.TMPFS_MAGIC || int64(st.Type) == unix.RAMFS_MAGIC // the type differs between machines
	return volume{free: int64(st.Bavail) * int64(st.Bsize), memory: memory}, nil
}

// setTime sets the time of an open file.
func setTime(f *os.File, t time.Time) error {
	ts := unix.NsecToTimespec(t.UnixNano())
	return unix.UtimesNanoAt(int(f.Fd()), "", []unix.Timespec{ts, ts}, unix.AT_EMPTY_PATH)
}

// umask is the mask of this process. The system call can read it only by changing it for all threads.
var umask = sync.OnceValue(func() os.FileMode {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0o022
	}
	m := regexp.MustCompile(`(?m)^Umask:\s*([0-7]+)`).FindSubmatch(status)
	if m == nil {
		return 0o022
	}
	n, err := strconv.ParseUint(string(m[1]), 8, 12)
	if err != nil {
		return 0o022
	}
	return os.FileMode(n) & 0o777
})
