package preferences

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"pintail/internal/atomicfile"
	"pintail/internal/dirwatch"
)

// follower reads the file again when another process changed it.
type follower struct {
	watch *dirwatch.Watcher
	stop  chan struct{}
	once  sync.Once
	wg    sync.WaitGroup
}

// Follow makes changes of other processes take effect at once, with events, until Close. Call it at most once, before
// the settings are shared. Without a file it does nothing.
func (p *Preferences) Follow() error {
	if p.file == "" {
		return nil
	}
	dir := filepath.Dir(p.file)
	if err := atomicfile.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("preferences: %w", err)
	}
	w, err := dirwatch.Start(dirwatch.Config{Dir: dir, Ext: filepath.Base(p.file)})
	if err != nil {
		return fmt.Errorf("preferences: %w", err)
	}
	f := &follower{watch: w, stop: make(chan struct{})}
	p.follow = f
	f.wg.Go(func() {
		for {
			select {
			case <-f.stop:
				return
			case <-w.Changed():
				if err := p.Reload(); err != nil {
					p.report(err)
				}
			}
		}
	})
	return nil
}

// report adds to the problems what a reading in the background found.
func (p *Preferences) report(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = []error{err}
}

// Close ends Follow and the channels of Watch.
func (p *Preferences) Close() error {
	var err error
	if f := p.follow; f != nil {
		f.once.Do(func() {
			close(f.stop)
			err = f.watch.Close()
		})
		f.wg.Wait()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, ch := range p.watchers {
		delete(p.watchers, id)
		close(ch)
	}
	return errors.Join(err)
}
