package uitest_test

import (
	"context"
	"runtime"
	"testing"

	"pintail/ui/uitest"
)

// thread is a windows' thread of its own, with a pulse that asks it.
func thread(t *testing.T) (*uitest.Pulse, func(func())) {
	t.Helper()
	work, idle := make(chan func()), make(chan struct{})
	go func() {
		defer close(idle)
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	post := func(f func()) { work <- f }
	p := uitest.NewPulse(post)
	ctx, cancel := context.WithCancel(t.Context())
	beating := make(chan struct{})
	go func() { defer close(beating); p.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-beating; close(work); <-idle })
	return p, post
}

// answered waits until the pulse has had two answers, so that it knows the thread.
func answered(p *uitest.Pulse, post func(func())) {
	for p.Stats(false).Beats < 2 {
		done := make(chan struct{})
		post(func() { close(done) })
		<-done
	}
}

func TestPulse_CountsWorkOfTheThreadAsBusy(t *testing.T) {
	p, post := thread(t)
	answered(p, post)
	done := make(chan struct{})
	post(func() {
		defer close(done)
		for p.Stats(false).BusyStalls == 0 { // until its own work is seen
		}
	})
	<-done
	if s := p.Stats(false); s.Stalls == 0 || s.LongestBusyMS > s.LongestMS {
		t.Errorf("%+v", s)
	}
}

func TestPulse_TellsWaitingFromWork(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the work of one thread is known on Linux only")
	}
	p, post := thread(t)
	answered(p, post)
	hold := make(chan struct{})
	go post(func() { <-hold })
	for p.Stats(false).Stalls == 0 {
	}
	s := p.Stats(true)
	close(hold)
	if s.BusyStalls != 0 || s.LongestBusyMS >= s.LongestMS {
		t.Errorf("a thread that only waits was busy: %+v", s)
	}
}
