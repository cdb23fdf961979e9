// Package dirwatch tells when files of one folder may have changed: by the system's notices, else by looking again.
// It must never read the files, and never report what the watcher's own owner has not asked for.
// One notice may stand for many changes; the receiver looks at the folder itself.
package dirwatch

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Config says what is watched.
type Config struct {
	Dir string
	// Ext limits the watch to names with this ending; "" means all.
	Ext string
	// Poll is how often the folder is looked at where notices cannot be had; 0 means two seconds.
	Poll time.Duration
	// PollOnly never uses notices: for network folders and for tests.
	PollOnly bool
}

// Watcher watches one folder. Call Close at the end.
type Watcher struct {
	cfg     Config
	changed chan struct{}
	stop    chan struct{}
	once    sync.Once
	wg      sync.WaitGroup
	notify  *fsnotify.Watcher // nil when polling
}

// Start begins to watch; the folder must exist. Where notices cannot be had it polls, so only a folder that cannot be
// read is an error.
func Start(cfg Config) (*Watcher, error) {
	if cfg.Poll <= 0 {
		cfg.Poll = 2 * time.Second
	}
	w := &Watcher{cfg: cfg, changed: make(chan struct{}, 1), stop: make(chan struct{})}
	if !cfg.PollOnly {
		if n, err := fsnotify.NewWatcher(); err == nil {
			if err := n.Add(cfg.Dir); err == nil {
				w.notify = n
			} else {
				_ = n.Close() // the number of watches is used up, or the file system has none: poll
			}
		}
	}
	first, err := w.look()
	if err != nil {
		_ = w.closeNotify()
		return nil, fmt.Errorf("watch %s: %w", cfg.Dir, err)
	}
	w.wg.Add(1)
	if w.notify != nil {
		go w.listen()
	} else {
		go w.poll(first)
	}
	return w, nil
}

// Changed receives when something may have changed; notices that nobody takes become one.
func (w *Watcher) Changed() <-chan struct{} { return w.changed }

// Close ends the watch and waits for its goroutine. Changed is not closed.
func (w *Watcher) Close() error {
	var err error
	w.once.Do(func() {
		close(w.stop)
		err = w.closeNotify()
	})
	w.wg.Wait()
	return err
}

func (w *Watcher) closeNotify() error {
	if w.notify == nil {
		return nil
	}
	return w.notify.Close()
}

func (w *Watcher) tell() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

func (w *Watcher) listen() {
	defer w.wg.Done()
	for {
		select {
		case <-w.stop:
			return
		case e, ok := <-w.notify.Events:
			if !ok {
				return
			}
			if e.Has(fsnotify.Chmod) && e.Op == fsnotify.Chmod {
				continue
			}
			if w.wanted(filepath.Base(e.Name)) {
				w.tell()
			}
		case _, ok := <-w.notify.Errors:
			if !ok {
				return
			}
			w.tell() // notices were lost: look at everything
		}
	}
}

func (w *Watcher) wanted(name string) bool {
	return !strings.HasPrefix(name, ".") && strings.HasSuffix(name, w.cfg.Ext)
}

type stamp struct {
	size int64
	time time.Time
}

func (w *Watcher) look() (map[string]stamp, error) {
	entries, err := os.ReadDir(w.cfg.Dir)
	if err != nil {
		return nil, err
	}
	seen := map[string]stamp{}
	for _, e := range entries {
		if !w.wanted(e.Name()) {
			continue
		}
		var info fs.FileInfo
		if info, err = e.Info(); err == nil { // gone in between: as if it had not been there
			seen[e.Name()] = stamp{info.Size(), info.ModTime()}
		}
	}
	return seen, nil
}

func (w *Watcher) poll(last map[string]stamp) {
	defer w.wg.Done()
	tick := time.NewTicker(w.cfg.Poll)
	defer tick.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-tick.C:
		}
		now, err := w.look()
		if err != nil {
			now = nil // the folder is away: as if it were empty
		}
		if !same(last, now) {
			w.tell()
		}
		last = now
	}
}

func same(a, b map[string]stamp) bool {
	if len(a) != len(b) {
		return false
	}
	for name, s := range a {
		if t, ok := b[name]; !ok || s.size != t.size || !s.time.Equal(t.time) {
			return false
		}
	}
	return true
}
