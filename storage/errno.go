package storage

import (
	"errors"
	"syscall"
)

// isErrno tells whether err comes from one of the system's errors in list.
func isErrno(err error, list []syscall.Errno) bool {
	var have syscall.Errno
	if !errors.As(err, &have) {
		return false
	}
	for _, n := range list {
		if have == n {
			return true
		}
	}
	return false
}
