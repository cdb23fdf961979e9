//go:build unix

package suspend

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Between makes a stop from the terminal (SIGTSTP) halt the program while l is locked by nobody else. It returns what ends that, after
// which the program halts at once as any other does. A program that was started to ignore such stops still does.
func Between(l sync.Locker) (end func()) {
	if signal.Ignored(syscall.SIGTSTP) {
		return func() {}
	}
	stops, done, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	signal.Notify(stops, syscall.SIGTSTP)
	go func() {
		defer close(ended)
		for {
			select {
			case <-stops:
				l.Lock()
				halt()
				l.Unlock()
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(stops)
		close(done)
		<-ended
	}
}

// halt stops all threads and returns when the program goes on.
func halt() {
	goesOn := make(chan os.Signal, 1)
	signal.Notify(goesOn, syscall.SIGCONT)
	defer signal.Stop(goesOn)
	if syscall.Kill(os.Getpid(), syscall.SIGSTOP) == nil { // which may come back before the other threads stand
		<-goesOn
	}
}
