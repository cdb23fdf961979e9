package atomicfile

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// ErrLocked is returned by [Lock] when another process holds the lock for too long.
var ErrLocked = errors.New("locked by another program")

const (
	lockTries = 500
	lockPause = 10 * time.Millisecond
)

// Lock takes an exclusive lock between processes (and within one) on the file at path, which is made and stays. It
// waits up to five seconds. The system ends the lock when the process dies. Call unlock once.
func Lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	for range lockTries {
		ok, err := tryLock(f)
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if ok {
			return func() { _ = f.Close() }, nil // closing ends the lock
		}
		time.Sleep(lockPause)
	}
	_ = f.Close()
	return nil, fmt.Errorf("lock %s: %w", path, ErrLocked)
}
