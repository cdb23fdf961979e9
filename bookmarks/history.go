package bookmarks

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// History is the folder of recently used connections: the same files, newest first, at most Limit of them.
type History struct {
	store *Store

	mu    sync.Mutex // guards limit
	limit int
}

// OpenHistory opens the folder; limit is how many are kept, 0 keeps none.
func OpenHistory(dir string, limit int, o Options) (*History, error) {
	s, err := Open(dir, o)
	if err != nil {
		return nil, err
	}
	return &History{store: s, limit: limit}, nil
}

// Close ends the watch of the folder.
func (h *History) Close() error { return h.store.Close() }

// Changes is as [Store.Changes].
func (h *History) Changes() (<-chan struct{}, func()) { return h.store.Changes() }

// SetLimit changes how many are kept and removes what is too much.
func (h *History) SetLimit(n int) error {
	h.mu.Lock()
	h.limit = n
	h.mu.Unlock()
	return h.prune()
}

// List returns the connections, the last used first.
func (h *History) List() []Bookmark {
	list := h.store.List()
	slices.SortStableFunc(list, func(a, b Bookmark) int { return cmp.Compare(b.LastUsed.UnixMilli(), a.LastUsed.UnixMilli()) })
	return list
}

// Touch records that the connection was used at a time. The same server, user and profile is one entry.
func (h *History) Touch(b Bookmark, when time.Time) error {
	h.mu.Lock()
	limit := h.limit
	h.mu.Unlock()
	if limit <= 0 {
		return nil
	}
	b.ID, b.LastUsed = connectionID(b), when
	err := h.store.Update(b)
	if errors.Is(err, ErrNotFound) {
		_, err = h.store.Add(b)
	}
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return h.prune()
}

// connectionID is the same for each use of one connection, whether it has a bookmark or not.
func connectionID(b Bookmark) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{b.Protocol, b.Provider, strings.ToLower(b.Hostname), itoa(b.Port),
		b.EndpointURL, b.Username, b.AWSProfile, b.Path}, "\x00")))
	return formUUID(sum[:16])
}

// Remove takes one entry out.
func (h *History) Remove(id string) error { return h.store.Remove(id) }

// Clear takes all entries out.
func (h *History) Clear() error { return h.keep(0) }

func (h *History) prune() error {
	h.mu.Lock()
	limit := h.limit
	h.mu.Unlock()
	return h.keep(limit)
}

func (h *History) keep(n int) error {
	list := h.List()
	var errs []error
	for _, b := range list[min(max(n, 0), len(list)):] {
		if err := h.store.Remove(b.ID); err != nil && !errors.Is(err, ErrNotFound) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
