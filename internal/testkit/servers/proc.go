package servers

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// process is one server program that we started and that we alone stop.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed once the program has ended and was waited for
	err  error         // how it ended; read after done is closed
}

// startProcess runs argv with env added to the environment and its output in log.
// The program is killed when the test binary dies, however it dies (Linux). The kernel binds that to the thread which
// started the program, so one locked thread starts it and waits for it.
func startProcess(name, log string, env []string, argv ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, log: log, done: make(chan struct{})}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	dieWithParent(p.cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		_ = out.Close() // the program has its own descriptor
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// kill ends the program with SIGKILL and waits until it is gone. A second call does nothing.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only for a program that has ended
	<-p.done
}

// died says why the program is not running any more, or nil.
func (p *process) died() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s ended (%v): %s", p.name, p.err, tail(p.log))
	default:
		return nil
	}
}

// tail is the end of a log file, for a message.
func tail(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	if len(b) > 1500 {
		b = b[len(b)-1500:]
	}
	return string(bytes.TrimSpace(b))
}

// run executes a helper program to its end; its output is part of the error.
func run(env []string, argv ...string) ([]byte, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
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

// poll calls ready every few milliseconds until it is true, the program has died, or a minute has passed.
func poll(p *process, ready func() bool) error {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for !ready() {
		select {
		case <-p.done:
			return p.died()
		case <-deadline.C:
			return fmt.Errorf("%s is not ready after a minute: %s", p.name, tail(p.log))
		case <-tick.C:
		}
	}
	return nil
}

// freePort is a loopback port that nothing listens on. It lies below the range that the kernel gives to outgoing
// connections, so that a killed server finds it free again.
func freePort() (int, error) {
	for range 200 {
		port := 20000 + int(time.Now().UnixNano()/1000+int64(os.Getpid())*131)%12000
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		return port, l.Close()
	}
	return 0, errors.New("no free loopback port")
}
