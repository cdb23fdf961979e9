package localfs

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"sync"

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
