//go:build !race

package killtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

// call is a system call at its beginning or end, as the kernel tells it.
type call struct {
	op   uint8 // 1 = it begins, 2 = it has ended
	_    [3]uint8
	_    uint32
	_, _ uint64
	nr   uint64 // at its end: what it returned
	args [6]uint64
	_    uint64
}

const (
	ptraceSyscallInfo = 0x420e
	ptraceExitKill    = 0x100000
	waitOwnThread     = 0x20000000 // __WNOTHREAD: no children of other tests
	waitAll           = 0x40000000 // __WALL: threads too
	goodTrap          = syscall.SIGTRAP | 0x80
)

// traced is a program that is stopped at each of its system calls.
type traced struct {
	d     *disk
	pid   int
	left  int                  // steps until it is killed; < 0 = never
	steps int                  // taken
	begun map[int]call         // by thread
	ends  map[int]func() error // what to do when the thread's call has succeeded
	state syscall.WaitStatus
}

// trace runs a command to its end or until it is about to take its step number kill, where it is killed. A step is a change of a file or
// a folder, or a flush. It tells how many steps there were and whether the command ended by itself, with what status.
func (d *disk) trace(c *exec.Cmd, kill int) (steps int, ended bool, status int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // the kernel talks to one thread only, which ends with this goroutine
		p := &traced{d: d, left: kill, begun: map[int]call{}, ends: map[int]func() error{}}
		err = p.run(c)
		steps, ended, status = p.steps, p.state.Exited(), p.state.ExitStatus()
	}()
	<-done
	return steps, ended, status, err
}

func (p *traced) run(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := c.Start(); err != nil {
		return err
	}
	p.pid = c.Process.Pid
	defer c.Process.Release()
	if _, err := syscall.Wait4(p.pid, &p.state, waitOwnThread|waitAll, nil); err != nil {
		return fmt.Errorf("wait for the program: %w", err)
	}
	err := syscall.PtraceSetOptions(p.pid, syscall.PTRACE_O_TRACESYSGOOD|syscall.PTRACE_O_TRACECLONE|ptraceExitKill)
	if err == nil {
		err = syscall.PtraceSyscall(p.pid, 0)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("follow the program: %w", err), syscall.Kill(p.pid, syscall.SIGKILL))
	}
	var failed error
	for {
		var ws syscall.WaitStatus
		tid, err := syscall.Wait4(-1, &ws, waitOwnThread|waitAll, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.ECHILD):
			return failed
		case err != nil:
			return err
		case !ws.Stopped():
			if tid == p.pid {
				p.state = ws
			}
			continue
		}
		pass := 0
		switch sig := ws.StopSignal(); sig {
		case goodTrap:
			if err := p.stopped(tid); err != nil && failed == nil {
				failed = errors.Join(err, syscall.Kill(p.pid, syscall.SIGKILL))
			}
		case syscall.SIGTRAP, syscall.SIGSTOP: // a thread begins
		default:
			pass = int(sig)
		}
		_ = syscall.PtraceSyscall(tid, pass) // fails for one that was killed meanwhile
	}
}

// stopped is called when a thread is at the beginning or the end of a system call.
func (p *traced) stopped(tid int) error {
	var now call
	if _, _, e := syscall.RawSyscall6(syscall.SYS_PTRACE, ptraceSyscallInfo, uintptr(tid), unsafe.Sizeof(now), uintptr(unsafe.Pointer(&now)), 0, 0); e == syscall.ESRCH {
		return nil // killed
	} else if e != 0 {
		return fmt.Errorf("read a system call: %w", e)
	}
	if now.op == 1 {
		p.begun[tid] = now
		return p.begins(tid, now)
	}
	end := p.ends[tid]
	delete(p.ends, tid)
	if c, ok := p.begun[tid]; ok && int64(now.nr) >= 0 {
		if end != nil {
			return end()
		}
		if c.nr == syscall.SYS_OPENAT || c.nr == syscall.SYS_OPEN {
			if path := p.path(tid, now.nr); p.d.inside(path) {
				return p.d.link(path, p.creates(c))
			}
		}
	}
	return nil
}

// creates tells whether an open may make a file; one that was there is known already.
func (p *traced) creates(c call) bool {
	flags := c.args[2]
	if c.nr == syscall.SYS_OPEN {
		flags = c.args[1]
	}
	return flags&syscall.O_CREAT != 0
}

// path is what a thread has open under a number.
func (p *traced) path(tid int, fd uint64) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", tid, int32(fd)))
	if err != nil {
		return ""
	}
	return path
}

func (p *traced) begins(tid int, c call) (err error) {
	switch c.nr {
	case syscall.SYS_WRITE, syscall.SYS_PWRITE64, syscall.SYS_FTRUNCATE, syscall.SYS_FALLOCATE:
		path := p.path(tid, c.args[0])
		if !p.d.inside(path) {
			return nil
		}
		err = p.d.touched(path)
	case syscall.SYS_FSYNC, syscall.SYS_FDATASYNC:
		path := p.path(tid, c.args[0])
		if !p.d.inside(path) {
			return nil
		}
		var safe func()
		safe, err = p.d.flush(path)
		p.ends[tid] = func() error { safe(); return nil }
	case syscall.SYS_OPENAT, syscall.SYS_OPEN:
		if !p.creates(c) {
			return nil
		}
	case syscall.SYS_RENAME, syscall.SYS_RENAMEAT, 316 /* renameat2 */, syscall.SYS_UNLINK, syscall.SYS_UNLINKAT, syscall.SYS_MKDIR, syscall.SYS_MKDIRAT:
	default:
		return nil
	}
	p.steps++
	if p.left--; p.left == 0 {
		return errors.Join(err, syscall.Kill(p.pid, syscall.SIGKILL))
	}
	return err
}
