package storage_test

import (
	"time"

	"golang.org/x/sys/windows"
)

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var created, ended, kernel, user windows.Filetime
	_ = windows.GetProcessTimes(windows.CurrentProcess(), &created, &ended, &kernel, &user)
	return time.Duration(kernel.Nanoseconds() + user.Nanoseconds())
}
