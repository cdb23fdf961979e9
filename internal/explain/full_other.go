//go:build !windows

package explain

import "syscall"

func fullErrors() []error { return []error{syscall.ENOSPC, syscall.EDQUOT} }
