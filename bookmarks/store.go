package bookmarks

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"pintail/internal/atomicfile"
	"pintail/internal/dirwatch"
)

const (
	maxFiles  = 10000
	orderStep = 1024
)

// Options change how a store watches its folder.
type Options struct {
	// PollOnly looks at the folder again and again instead of using the system's notices.
	PollOnly bool
	// Poll is how often; 0 means two seconds.
	Poll time.Duration
	// NoWatch leaves other programs' changes unseen until [Store.Reload]: for the command line.
	NoWatch bool
}

// FileProblem is a file that was left out, or something odd in one that was read.
type FileProblem struct {
	File string
	Err  error
	// Skipped tells that the bookmark is not in the list.
	Skipped bool
}

// Store is a folder of bookmarks. Safe for concurrent use. Call Close at the end.
type Store struct {
	dir     string
	watch   *dirwatch.Watcher // nil with NoWatch
	stop    chan struct{}
	once    sync.Once
	wg      sync.WaitGroup
	changes notifier

	mu       sync.Mutex // guards all below and the files
	entries  []entry    // in list order
	problems []FileProblem
}

type entry struct {
	Bookmark
	file string // its name in the folder
}

// Open reads the folder, which it makes when it is missing, and watches it.
func Open(dir string, o Options) (*Store, error) {
	if err := atomicfile.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("bookmarks: %w", err)
	}
	s := &Store{dir: dir, stop: make(chan struct{})}
	if !o.NoWatch { // before the first reading, so that nothing falls in between
		w, err := dirwatch.Start(dirwatch.Config{Dir: dir, Ext: Ext, Poll: o.Poll, PollOnly: o.PollOnly})
		if err != nil {
			return nil, fmt.Errorf("bookmarks: %w", err)
		}
		s.watch = w
	}
	if err := s.Reload(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.watch != nil {
		s.wg.Add(1)
		go s.follow()
	}
	return s, nil
}

// Close ends the watch. The channels of [Store.Changes] are closed.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		close(s.stop)
		if s.watch != nil {
			err = s.watch.Close()
		}
		s.wg.Wait()
		s.changes.close()
	})
	return err
}

func (s *Store) follow() {
	defer s.wg.Done()
	for {
		select {
		case <-s.stop:
			return
		case <-s.watch.Changed():
			_ = s.Reload() // a folder that is away keeps the list; the next notice tries again
		}
	}
}

// Changes returns a channel that receives after the list changed, by this program or another, and a function that
// ends it. Changes that nobody took become one.
func (s *Store) Changes() (<-chan struct{}, func()) { return s.changes.add() }

// Reload reads the folder again and tells listeners when the list differs.
func (s *Store) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, problems, err := readFolder(s.dir)
	if err != nil {
		return fmt.Errorf("bookmarks: %w", err)
	}
	same := slices.EqualFunc(entries, s.entries, func(a, b entry) bool {
		return a.file == b.file && bytes.Equal(a.Marshal(), b.Marshal())
	}) && len(problems) == len(s.problems)
	s.entries, s.problems = entries, problems
	if !same {
		s.changes.tell()
	}
	return nil
}

func readFolder(dir string) ([]entry, []FileProblem, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	var entries []entry
	var problems []FileProblem
	owner := map[string]string{}
	for _, f := range files {
		if !isBookmarkFile(f.Name()) {
			continue
		}
		path := filepath.Join(dir, f.Name())
		if len(entries)+len(problems) >= maxFiles {
			problems = append(problems, FileProblem{dir, fmt.Errorf("only %d bookmarks are read", maxFiles), true})
			break
		}
		b, odd, err := readFile(path)
		if err == nil {
			b.ID = idFor(b.ID, f.Name())
			if first, twice := owner[b.ID]; twice {
				err = fmt.Errorf("%w: %s is the same bookmark", ErrInvalid, first)
			}
		}
		if err != nil {
			problems = append(problems, FileProblem{path, err, true})
			continue
		}
		for _, p := range odd {
			problems = append(problems, FileProblem{path, fmt.Errorf("line %d: %s", p.Line, p.Text), false})
		}
		owner[b.ID] = f.Name()
		entries = append(entries, entry{b, f.Name()})
	}
	slices.SortFunc(entries, compare)
	return entries, problems, nil
}

func compare(a, b entry) int {
	return cmp.Or(cmp.Compare(a.Order, b.Order),
		cmp.Compare(strings.ToLower(a.Title()), strings.ToLower(b.Title())), cmp.Compare(a.ID, b.ID))
}

// idFor gives a file without a UUID inside a stable id: its name, or a hash where that cannot be one.
func idFor(id, file string) string {
	if id != "" {
		return id
	}
	if stem := strings.TrimSuffix(file, Ext); uuidForm.MatchString(stem) {
		return stem
	}
	sum := sha256.Sum256([]byte(file))
	return formUUID(sum[:16])
}

func formUUID(b []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// newID is a random UUID (version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return formUUID(b[:])
}

// ReadFile reads one bookmark from a file of the user's.
func ReadFile(path string) (Bookmark, []Problem, error) { return readFile(path) }

func readFile(path string) (Bookmark, []Problem, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Bookmark{}, nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would block
		return Bookmark{}, nil, fmt.Errorf("%w: not a file", ErrInvalid)
	}
	f, err := os.Open(path)
	if err != nil {
		return Bookmark{}, nil, err
	}
	defer f.Close()
	return Parse(f)
}

// List returns all bookmarks in their order.
func (s *Store) List() []Bookmark {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Bookmark, len(s.entries))
	for i, e := range s.entries {
		out[i] = e.Bookmark
	}
	return out
}

// Problems lists the files that were left out and what was odd in others. No file is ever changed or removed for it.
func (s *Store) Problems() []FileProblem {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// Get returns the bookmark with an id, or ErrNotFound.
func (s *Store) Get(id string) (Bookmark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.indexLocked(id)
	if err != nil {
		return Bookmark{}, err
	}
	return s.entries[i].Bookmark, nil
}

// Find looks a bookmark up by id, else by nickname, else by its title, without case. Several of one name are
// ErrNotFound with that reason.
func (s *Store) Find(name string) (Bookmark, error) {
	if b, err := s.Get(name); err == nil {
		return b, nil
	}
	list := s.List()
	for _, of := range []func(Bookmark) string{func(b Bookmark) string { return b.Nickname }, Bookmark.Title} {
		var found []Bookmark
		for _, b := range list {
			if strings.EqualFold(of(b), name) {
				found = append(found, b)
			}
		}
		if len(found) > 1 {
			return Bookmark{}, fmt.Errorf("%w: %d have the name %q; use the id", ErrNotFound, len(found), name)
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return Bookmark{}, fmt.Errorf("%w: %q", ErrNotFound, name)
}

func (s *Store) indexLocked(id string) (int, error) {
	i := slices.IndexFunc(s.entries, func(e entry) bool { return e.ID == id })
	if i < 0 {
		return 0, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	return i, nil
}

// Add stores a new bookmark at the end of the list and returns it with its id and place.
func (s *Store) Add(b Bookmark) (Bookmark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.ID == "" {
		b.ID = newID()
	}
	if _, err := s.indexLocked(b.ID); err == nil {
		return Bookmark{}, fmt.Errorf("%w: there is one with the id %q", ErrInvalid, b.ID)
	}
	b.Order = orderStep
	if n := len(s.entries); n > 0 {
		b.Order += s.entries[n-1].Order
	}
	e, err := s.writeLocked(entry{b, fileName(b.ID)})
	if err != nil {
		return Bookmark{}, err
	}
	s.entries = append(s.entries, e)
	s.changes.tell()
	return e.Bookmark, nil
}

// writeLocked stores e. What another program changed in the file since e was read is kept, unless e changed the same.
func (s *Store) writeLocked(e entry) (entry, error) {
	if err := e.Validate(); err != nil {
		return entry{}, err
	}
	base := e.raw
	if now, _, err := readFile(filepath.Join(s.dir, e.file)); err == nil {
		base = now.raw
	}
	data := e.marshalOnto(base)
	if err := atomicfile.Write(filepath.Join(s.dir, e.file), data, 0o600); err != nil {
		return entry{}, fmt.Errorf("bookmark %s: %w", e.Title(), err)
	}
	b, _, err := Parse(bytes.NewReader(data))
	if err != nil {
		return entry{}, fmt.Errorf("bookmark %s: %w", e.Title(), err)
	}
	b.ID = e.ID
	return entry{b, e.file}, nil
}

// Update stores a changed bookmark; its place in the list stays. It returns ErrNotFound when it has been removed.
func (s *Store) Update(b Bookmark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.indexLocked(b.ID)
	if err != nil {
		return err
	}
	old := s.entries[i]
	if b.raw == nil {
		b.raw = old.raw
	}
	b.Order = old.Order
	e, err := s.writeLocked(entry{b, old.file})
	if err != nil {
		return err
	}
	s.entries[i] = e
	slices.SortFunc(s.entries, compare) // a new title may move one without a place
	s.changes.tell()
	return nil
}

// Remove deletes a bookmark's file.
func (s *Store) Remove(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.indexLocked(id)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(s.dir, s.entries[i].file)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("bookmark %s: %w", s.entries[i].Title(), err)
	}
	s.entries = slices.Delete(s.entries, i, i+1)
	s.changes.tell()
	return nil
}

// Duplicate stores a copy under a new id right after the original and returns it. The caller names it.
func (s *Store) Duplicate(id string) (Bookmark, error) {
	b, err := s.Get(id)
	if err != nil {
		return Bookmark{}, err
	}
	b.ID, b.LastUsed = "", time.Time{}
	c, err := s.Add(b)
	if err != nil {
		return Bookmark{}, err
	}
	at := slices.IndexFunc(s.List(), func(b Bookmark) bool { return b.ID == id })
	if err := s.Move(c.ID, at+1); err != nil {
		return c, err
	}
	return s.Get(c.ID)
}

// Move puts a bookmark at place index of the list, counted without it; an index past the end is the end.
func (s *Store) Move(id string, index int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.indexLocked(id)
	if err != nil {
		return err
	}
	e := s.entries[i]
	list := slices.Delete(slices.Clone(s.entries), i, i+1)
	index = max(0, min(index, len(list)))
	list = slices.Insert(list, index, e)
	place, fits := between(list, index)
	if fits {
		list[index].Order = place
	} else { // no room between the neighbours: give all of them new places
		for j := range list {
			list[j].Order = int64(j+1) * orderStep
		}
	}
	for j := range list {
		if old, _ := s.indexLocked(list[j].ID); s.entries[old].Order == list[j].Order {
			continue
		}
		if list[j], err = s.writeLocked(list[j]); err != nil {
			s.changes.tell()
			return err // what was written is on disk; the next reading sorts by it
		}
	}
	s.entries = list
	s.changes.tell()
	return nil
}

// between finds a place for list[i] between its neighbours.
func between(list []entry, i int) (int64, bool) {
	switch {
	case len(list) == 1:
		return orderStep, true
	case i == len(list)-1:
		return list[i-1].Order + orderStep, list[i-1].Order < 1<<60
	case i == 0:
		return list[1].Order / 2, list[1].Order > 1
	}
	low, high := list[i-1].Order, list[i+1].Order
	return low + (high-low)/2, high-low > 1 && low >= 0
}

// Import reads a .duck file and adds it with a new id when its own is taken. Secrets in it are an error.
func (s *Store) Import(r io.Reader) (Bookmark, []Problem, error) {
	b, problems, err := Parse(r)
	if err != nil {
		return Bookmark{}, problems, err
	}
	if _, err := s.Get(b.ID); err == nil {
		b.ID = ""
	}
	b, err = s.Add(b)
	return b, problems, err
}
