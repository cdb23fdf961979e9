package dirwatch

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// TreeConfig says which folder is watched with all below it.
type TreeConfig struct {
	Dir string
	// Poll is how often a change is supposed where notices cannot be had for every folder; 0 means one minute.
	Poll time.Duration
	// PollOnly never uses notices.
	PollOnly bool
}

// Tree watches a folder and everything below it. It tells only that something may have changed; what, the receiver finds out by
// looking. Call Close at the end.
type Tree struct {
	cfg     TreeConfig
	changed chan struct{}
	stop    chan struct{}
	once    sync.Once
	wg      sync.WaitGroup
	notify  *fsnotify.Watcher // nil when polling
}

// StartTree begins to watch; the folder must exist. Links are not followed. Where the system has no notices, or not enough of
// them, it polls.
func StartTree(cfg TreeConfig) (*Tree, error) {
	if cfg.Poll <= 0 {
		cfg.Poll = time.Minute
	}
	if _, err := os.ReadDir(cfg.Dir); err != nil {
		return nil, fmt.Errorf("watch %s: %w", cfg.Dir, err)
	}
	t := &Tree{cfg: cfg, changed: make(chan struct{}, 1), stop: make(chan struct{})}
	if !cfg.PollOnly {
		if n, err := fsnotify.NewWatcher(); err == nil {
			t.notify = n
			// What cannot be watched is looked at now and then by the ticker of listen.
			if err := n.Add(cfg.Dir); err != nil {
				t.notify = nil
				_ = n.Close() // the file system has no notices
			}
		}
	}
	whole := false
	if t.notify != nil {
		whole = t.watchBelow(cfg.Dir)
	}
	t.wg.Go(func() { t.listen(whole) })
	return t, nil
}

// watchBelow watches the folders below dir; false when some could not be.
func (t *Tree) watchBelow(dir string) bool {
	whole := true
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			whole = false
			return nil
		}
		if d.IsDir() && path != dir && t.notify.Add(path) != nil {
			whole = false
		}
		return nil
	})
	return whole && err == nil
}

// Changed receives when something may have changed; notices that nobody takes become one.
func (t *Tree) Changed() <-chan struct{} { return t.changed }

// Close ends the watch and waits for its goroutine. Changed is not closed.
func (t *Tree) Close() error {
	var err error
	t.once.Do(func() {
		close(t.stop)
		if t.notify != nil {
			err = t.notify.Close()
		}
	})
	t.wg.Wait()
	return err
}

func (t *Tree) tell() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

func (t *Tree) listen(whole bool) {
	tick := time.NewTicker(t.cfg.Poll)
	defer tick.Stop()
	var events <-chan fsnotify.Event
	var errs <-chan error
	if t.notify != nil {
		events, errs = t.notify.Events, t.notify.Errors
	}
	for {
		select {
		case <-t.stop:
			return
		case <-tick.C:
			if t.notify == nil || !whole {
				t.tell()
			}
		case e, ok := <-events:
			if !ok {
				return
			}
			if e.Op == fsnotify.Chmod {
				continue
			}
			if fi, err := os.Lstat(e.Name); e.Has(fsnotify.Create) && err == nil && fi.IsDir() {
				// A folder was made, or moved here with what is in it.
				whole = t.notify.Add(e.Name) == nil && t.watchBelow(e.Name) && whole
			}
			t.tell()
		case _, ok := <-errs:
			if !ok {
				return
			}
			// Notices were lost: folders may have come that nobody watches.
			whole = t.watchBelow(t.cfg.Dir) && whole
			t.tell()
		}
	}
}
