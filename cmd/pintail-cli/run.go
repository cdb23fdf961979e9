package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"pintail/internal/explain"
	"pintail/internal/suspend"
	"pintail/internal/text"
)

// graceTime is how long an interrupted run may take to leave everything resumable.
const graceTime = 5 * time.Second

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted")

// run is the whole program: it returns the exit status and leaves nothing running.
func run(ctx context.Context, sys system, args []string) int { return newApp(sys).execute(ctx, args) }

// execute is [run] for an app that has its system.
func (a *app) execute(ctx context.Context, args []string) int {
	defer suspend.Between(&a.halts)()
	sys, root := a.sys, newRoot(a)
	root.SetArgs(args)
	root.SetIn(sys.Stdin)
	root.SetOut(sys.Stdout)
	root.SetErr(sys.Stderr)
	duck, isDuck, err := parseDuck(args)
	switch {
	case isDuck && err == nil:
		err = a.runDuck(ctx, duck)
	case !isDuck:
		err = root.ExecuteContext(ctx)
	}
	if closeErr := a.close(); err == nil {
		err = closeErr
	}
	status := a.report(err)
	if isDuck {
		return duckStatus(ctx, status)
	}
	if ctx.Err() != nil && status != explain.ExitDone {
		return explain.ExitInterrupted
	}
	return status
}

// interruptible returns a context that the first interrupt ends. The second one, or the end of the grace time, ends the program.
// stop must be called.
func interruptible(parent context.Context, stderr io.Writer, exit func(int)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-signals:
		case <-done:
			return
		}
		_, _ = io.WriteString(stderr, "\n"+program+": "+text.T("cli.stopping")+"\n")
		cancel(errInterrupted)
		select {
		case <-signals:
			exit(explain.ExitInterrupted)
		case <-time.After(graceTime):
			exit(explain.ExitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		<-stopped
		cancel(nil)
	}
}
