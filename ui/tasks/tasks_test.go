package tasks_test

import (
	"context"
	"testing"

	"pintail/ui/tasks"
)

func TestGroup_CloseCancelsAndDropsResults(t *testing.T) {
	t.Parallel()
	var posted []func()
	started := make(chan struct{})
	g := tasks.New(context.Background(), func(f func()) { posted = append(posted, f) })
	told := false
	tasks.Run(g, func(ctx context.Context) (int, error) {
		close(started)
		<-ctx.Done()
		return 1, ctx.Err()
	}, func(int, error) { told = true })
	<-started
	g.Close()
	g.Wait()
	for _, f := range posted {
		f()
	}
	if told {
		t.Error("a result reached a window that has closed")
	}
	ran := false
	g.Go(func(context.Context) { ran = true })
	g.Wait()
	if ran {
		t.Error("work began after Close")
	}
}

func TestRun_HandsTheResultToTheWindow(t *testing.T) {
	t.Parallel()
	posted := make(chan func(), 1)
	g := tasks.New(context.Background(), func(f func()) { posted <- f })
	defer g.Close()
	got := 0
	tasks.Run(g, func(context.Context) (int, error) { return 42, nil }, func(v int, _ error) { got = v })
	(<-posted)()
	if got != 42 {
		t.Errorf("got %d", got)
	}
}
