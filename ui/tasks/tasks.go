// Package tasks runs the background work of one window: it ends with the window and reports on the window's thread.
// It must never touch a widget itself, and nothing it runs may outlive the group's context.
// Start reading at [Group].
package tasks

import (
	"context"
	"sync"
)

// Group owns the goroutines of one window. Close cancels them; Wait waits until the last has returned.
type Group struct {
	ctx    context.Context
	cancel context.CancelFunc
	post   func(func())
	wg     sync.WaitGroup
}

// New returns a group that ends with parent or with Close. post runs a function on the window's thread, in order.
func New(parent context.Context, post func(func())) *Group {
	ctx, cancel := context.WithCancel(parent)
	return &Group{ctx: ctx, cancel: cancel, post: post}
}

// Context ends when the group closes.
func (g *Group) Context() context.Context { return g.ctx }

// Go runs f in the background with the group's context. After Close it does nothing.
func (g *Group) Go(f func(ctx context.Context)) { g.GoIn(g.ctx, f) }

// GoIn runs f in the background with ctx, which must be made from the group's context.
func (g *Group) GoIn(ctx context.Context, f func(ctx context.Context)) {
	if g.ctx.Err() != nil {
		return
	}
	g.wg.Go(func() { f(ctx) })
}

// Post runs f on the window's thread, unless the group has closed by then.
func (g *Group) Post(f func()) {
	g.post(func() {
		if g.ctx.Err() == nil {
			f()
		}
	})
}

// Close cancels everything that runs. It does not wait: the window's thread must not block.
func (g *Group) Close() { g.cancel() }

// Wait returns when everything has ended. It must not be called on the window's thread.
func (g *Group) Wait() { g.wg.Wait() }

// Run runs work in the background and then hands its result to done on the window's thread.
func Run[T any](g *Group, work func(ctx context.Context) (T, error), done func(T, error)) {
	RunIn(g, g.ctx, work, done)
}

// RunIn is [Run] with a context made from the group's, for work that can be stopped alone.
func RunIn[T any](g *Group, ctx context.Context, work func(ctx context.Context) (T, error), done func(T, error)) {
	g.GoIn(ctx, func(ctx context.Context) {
		v, err := work(ctx)
		g.Post(func() { done(v, err) })
	})
}
