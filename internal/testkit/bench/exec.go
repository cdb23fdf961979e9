package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"pintail/internal/testkit/bench/sink"
)

// sample is what one run of a client cost, by wait4(2): the processor time of the program and of its children, and the largest
// memory of one of them.
type sample struct {
	CPU, Wall time.Duration
	RSSKiB    int64
	Err       string      // why the run does not count
	Sink      sink.Counts // what the server was asked meanwhile; empty on a real server
	Base      float64     // what a row compares with: wall seconds on the clean path, MiB in flight at a kill
	Lost      int64       // objects that are missing afterwards
	Value     float64     // of rows that measure something else
	Read      float64     // bytes that a resuming client read, over those that were left to send
}

// outcome is what the runner reports of the program that it ran.
type outcome struct {
	CPU, Wall time.Duration
	RSSKiB    int64
	Err       string
}

// runnerWord as the first argument makes this program a runner: it starts one client, waits for it, and reports on descriptor 3.
// A process of its own, because the kernel counts the memory of whoever starts a program as that program's own: the runner is small.
const runnerWord = "run-client"

// runner is the program as a runner: run-client SECONDS PROGRAM ARGUMENTS…
func runner(args []string) error {
	limit, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	report := os.NewFile(3, "report")
	syscall.CloseOnExec(3)
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var o outcome
	began := time.Now()
	err = cmd.Start()
	if err == nil {
		stop := time.AfterFunc(limit, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		err = cmd.Wait()
		if !stop.Stop() {
			err = fmt.Errorf("stopped after %s", limit)
		}
	}
	o.Wall = time.Since(began)
	if err != nil {
		o.Err = err.Error()
	}
	if cmd.ProcessState != nil {
		o.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			o.RSSKiB = u.Maxrss
		}
	}
	return json.NewEncoder(report).Encode(o)
}

// execute runs a command line through the runner. Its standard output is dropped.
func execute(argv, env []string, limit time.Duration) sample {
	self, err := os.Executable()
	if err != nil {
		return sample{Err: err.Error()}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return sample{Err: err.Error()}
	}
	defer r.Close()
	cmd := exec.Command(self, append([]string{runnerWord, limit.String()}, argv...)...)
	cmd.Env, cmd.ExtraFiles = env, []*os.File{w}
	var said strings.Builder
	cmd.Stderr = &said
	err = cmd.Start()
	_ = w.Close()
	if err != nil {
		return sample{Err: err.Error()}
	}
	var o outcome
	err = errors.Join(json.NewDecoder(r).Decode(&o), cmd.Wait())
	if err != nil {
		o.Err = err.Error()
	}
	s := sample{CPU: o.CPU, Wall: o.Wall, RSSKiB: o.RSSKiB}
	if o.Err != "" {
		s.Err = oneLine(o.Err + ": " + said.String())
	}
	return s
}

func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return s[:min(len(s), 300)]
}
