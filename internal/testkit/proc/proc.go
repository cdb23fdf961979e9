// Package proc starts the programs that tests need, and ends them by their own process id.
// It must never signal a program that it did not start, nor leave one running when the test binary dies (Linux).
// Start reading at [Start].
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Process is one running program that we started and that we alone stop.
type Process struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed once the program has ended and was waited for
	err  error         // how it ended; read after done is closed
}

// Spec is what to start.
type Spec struct {
	Name  string
	Argv  []string
	Env   []string // added to the environment
	Log   string   // file that its output is appended to
	Extra *os.File // the program's descriptor 3, or nil
}

// Start runs a program in the background. Whoever starts it calls [Process.Kill].
// The kernel kills the program when the test binary dies, however it dies. It binds that to the thread which started the
// program, so one locked thread starts it and waits for it.
func Start(s Spec) (*Process, error) {
	out, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	p := &Process{name: s.Name, log: s.Log, done: make(chan struct{})}
	p.cmd = exec.Command(s.Argv[0], s.Argv[1:]...)
	p.cmd.Env = append(os.Environ(), s.Env...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if s.Extra != nil {
		p.cmd.ExtraFiles = []*os.File{s.Extra}
	}
	dieWithParent(p.cmd)
	started := make(chan error)
	go p.keep(started, out)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	return p, nil
}

// keep starts the program, says so, and waits for its end.
func (p *Process) keep(started chan<- error, out *os.File) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	_ = out.Close() // the program has its own descriptor
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
		close(p.done)
	}
}

// Kill ends the program with SIGKILL and waits until it is gone. A second call does nothing.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // fails only for a program that has ended
	<-p.done
}

// Name is what the program is called in messages.
func (p *Process) Name() string { return p.name }

// PID is the program's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Log is the end of what the program has printed.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(b[max(0, len(b)-2000):]))
}

// Await calls ready every few milliseconds until it is true, the program has ended, or a minute has passed.
func (p *Process) Await(ready func() bool) error {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for !ready() {
		select {
		case <-p.done:
			return fmt.Errorf("%s ended (%v): %s", p.name, p.err, p.Log())
		case <-deadline.C:
			return fmt.Errorf("%s is not ready after a minute: %s", p.name, p.Log())
		case <-tick.C:
		}
	}
	return nil
}

// Run executes a program to its end, a minute at most, and returns its standard output; an error holds all it printed.
func Run(env []string, argv ...string) ([]byte, error) { return RunFor(time.Minute, env, argv...) }

// RunFor is [Run] with another limit.
func RunFor(limit time.Duration, env []string, argv ...string) ([]byte, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	timer := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = append(out, exit.Stderr...)
		}
		return nil, fmt.Errorf("%s: %w: %s", filepath.Base(argv[0]), err, bytes.TrimSpace(out))
	}
	return out, nil
}
