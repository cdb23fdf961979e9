//go:build unix

package outlinebench

import (
	"time"

	"golang.org/x/sys/unix"
)

// processTime is what all threads of the program have used.
func processTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
