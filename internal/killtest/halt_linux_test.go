package killtest

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A command that a person halts with Ctrl+Z holds no lock on the journal, however long it stays halted, and goes on as if nothing
// had been.
func TestCLI_HaltedHoldsNoLock(t *testing.T) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGTSTP) // where it is ignored the program would inherit that
	defer signal.Stop(caught)
	m, _ := embedded(t)
	const files, most = 600, 100
	for i := range files {
		m.file(fmt.Sprintf("tree/%03d", i), 2000, uint64(i))
	}
	c := m.start("cp", "-r", "tree", "s3://"+m.bucket+"/", "--throttle", "400KB")
	for !m.journalMade() && !c.hasEnded() {
		time.Sleep(time.Millisecond)
	}
	l := m.locker()
	halts := 0
	for ; halts < most && !c.hasEnded(); halts++ {
		for end := time.Now().Add(20 * time.Millisecond); time.Now().Before(end) && l.lock("0") == nil; {
			l.unlock()
		} // until it holds the lock: that is the moment to halt it
		if err := c.cmd.Process.Signal(syscall.SIGTSTP); err != nil || !c.halted(t) {
			break // it has ended
		}
		if err := l.lock("1000"); err != nil {
			t.Fatalf("halt %d: nobody else can write the journal: %v", halts, err)
		}
		l.unlock()
		if err := c.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	m.finish(c)
	if halts < most/4 {
		t.Errorf("it was halted %d times only", halts)
	}
	for i := range files {
		key := fmt.Sprintf("tree/%03d", i)
		if got, want := m.objectSum(key), m.fileSum(key); got != want {
			t.Errorf("%s: the object is not the file", key)
		}
	}
}

// locker takes the write lock of the journal past the engine.
type locker struct {
	*sql.Conn
	t    testing.TB
	held bool
}

func (m *machine) locker() *locker {
	m.Helper()
	db := m.database()
	c, err := db.Conn(m.Context())
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { _ = errors.Join(c.Close(), db.Close()) }) // nothing was written
	return &locker{Conn: c, t: m}
}

// lock waits for milliseconds at most.
func (l *locker) lock(milliseconds string) error {
	_, err := l.ExecContext(l.t.Context(), "PRAGMA busy_timeout = "+milliseconds+"; BEGIN IMMEDIATE")
	l.held = err == nil
	return err
}

func (l *locker) unlock() {
	if !l.held {
		return
	}
	if _, err := l.ExecContext(l.t.Context(), "ROLLBACK"); err != nil {
		l.t.Fatal(err)
	}
	l.held = false
}

// journalMade tells whether the engine has opened its journal.
func (m *machine) journalMade() bool {
	_, err := os.Stat(m.journal + "-wal")
	return err == nil
}

func (c *child) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// halted waits until all of it stands still; false when it ended instead.
func (c *child) halted(t *testing.T) bool {
	t.Helper()
	for {
		switch err := unix.Waitid(unix.P_PID, c.cmd.Process.Pid, nil, unix.WSTOPPED, nil); {
		case err == nil:
			return true
		case errors.Is(err, unix.ECHILD): // it has ended and was waited for
			return false
		case !errors.Is(err, unix.EINTR):
			t.Fatal(err)
		}
	}
}
