package uitest

import (
	"time"

	"golang.org/x/sys/unix"
)

// ThreadTime is the processor time that the calling thread has used.
func ThreadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// clockOf is the processor clock of the calling thread, which other threads may read too.
func clockOf() (id int32, ok bool) { return ^int32(unix.Gettid())<<3 | 6, true }

// readClock is what the thread of a clock has used; false when it is gone.
func readClock(id int32) (time.Duration, bool) {
	var t unix.Timespec
	if unix.ClockGettime(id, &t) != nil {
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
