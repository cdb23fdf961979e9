package transfer

import "sync"

// crew runs functions, each on a goroutine that has nothing else to do. Goroutines are used again: a fresh one would grow its stack
// anew for every small file. How many run at once is up to the caller.
type crew struct {
	wg   sync.WaitGroup
	work chan func()
	end  sync.Once
}

func newCrew() *crew { return &crew{work: make(chan func())} }

// do begins f at once.
func (c *crew) do(f func()) {
	select {
	case c.work <- f:
		return
	default: // all are at work
	}
	c.wg.Go(func() {
		f()
		for f := range c.work {
			f()
		}
	})
}

// wait returns when all has ended. Nothing may be begun any more.
func (c *crew) wait() {
	c.end.Do(func() { close(c.work) })
	c.wg.Wait()
}
