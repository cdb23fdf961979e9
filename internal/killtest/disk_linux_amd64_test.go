//go:build !race

package killtest

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// disk is a model of what a power cut leaves of a folder. Of each file it knows what it held when it was last flushed, of each folder
// which names it had when that was last flushed. [disk.cut] drops some or all of the rest, as a disk may: a page, a file, a name.
// The files are watched from outside, while the program runs under [disk.trace]; they keep their numbers.
type disk struct {
	roots  []string
	shadow string // holds a link to each file by its number, so that a name that comes back leads to the same file
	files  map[uint64]*flushed
	dirs   map[string]map[string]uint64 // by path: the names that are safe, with the number of the file; 0 = a folder
}

// flushed is what is safe of a file. One that the program has not written yet is as it was.
type flushed struct {
	known bool
	body  []byte
}

func newDisk(shadow string, roots ...string) (*disk, error) {
	d := &disk{roots: roots, shadow: shadow, files: map[uint64]*flushed{}, dirs: map[string]map[string]uint64{}}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() {
				d.dirs[path], err = names(path)
				return err
			}
			return d.link(path, false)
		})
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// names are the entries of a folder with the numbers of the files.
func names(dir string) (map[string]uint64, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[string]uint64{}
	for _, e := range list {
		found[e.Name()] = 0
		if fi, err := e.Info(); err == nil && !e.IsDir() {
			found[e.Name()] = fi.Sys().(*syscall.Stat_t).Ino
		}
	}
	return found, nil
}

// link makes a file known. Fresh says that the program has just made it: nothing of it is safe.
func (d *disk) link(path string, fresh bool) error {
	fi, err := os.Lstat(path)
	if err != nil || !fi.Mode().IsRegular() {
		return nil // gone already
	}
	ino := fi.Sys().(*syscall.Stat_t).Ino
	if d.files[ino] != nil {
		return nil
	}
	d.files[ino] = &flushed{known: fresh}
	return os.Link(path, d.of(ino))
}

func (d *disk) of(ino uint64) string { return filepath.Join(d.shadow, strconv.FormatUint(ino, 10)) }

// inside tells whether a path is watched. SQLite's shared memory is not a file of content: it is made anew.
func (d *disk) inside(path string) bool {
	for _, root := range d.roots {
		if path == root || strings.HasPrefix(path, root+"/") {
			return !strings.HasSuffix(path, "-shm")
		}
	}
	return false
}

// touched keeps what a file holds before the program first writes to it.
func (d *disk) touched(path string) error {
	fi, err := os.Lstat(path)
	if err != nil || !fi.Mode().IsRegular() {
		return nil
	}
	f := d.files[fi.Sys().(*syscall.Stat_t).Ino]
	if f == nil || f.known {
		return nil
	}
	f.known = true
	f.body, err = os.ReadFile(path)
	return err
}

// flush is what a flush that begins now makes safe; the function that is returned is called when it has succeeded.
func (d *disk) flush(path string) (func(), error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return func() {}, nil // flushed after its name was removed
	}
	if fi.IsDir() {
		now, err := names(path)
		return func() { d.dirs[path] = now }, err
	}
	body, err := os.ReadFile(path)
	ino := fi.Sys().(*syscall.Stat_t).Ino
	return func() { d.files[ino] = &flushed{true, body} }, err
}

// loss is how a power cut treats what is not safe.
type loss int

const (
	all    loss = iota // nothing of it is there
	data               // the names are there, the bytes are not
	anyOf              // each page and each folder by chance
	losses             // how many there are
)

// cut makes the folders what a power cut may leave.
func (d *disk) cut(l loss, rnd *rand.Rand) error {
	for ino, f := range d.files {
		if !f.known {
			continue
		}
		if err := d.cutFile(d.of(ino), f.body, l, rnd); err != nil {
			return err
		}
	}
	for _, root := range d.roots {
		if err := d.cutDir(root, l, rnd); err != nil {
			return err
		}
	}
	return nil
}

const page = 4096

func (d *disk) cutFile(path string, safe []byte, l loss, rnd *rand.Rand) error {
	now, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	left := safe
	if l == data && len(now) > len(safe) { // the size came through, and the new pages are empty
		left = append(append([]byte{}, safe...), make([]byte, len(now)-len(safe))...)
	}
	if l == anyOf {
		left = make([]byte, len(safe))
		if rnd.IntN(2) == 0 {
			left = make([]byte, len(now))
		}
		copy(left, safe)
		for at := 0; at < len(left); at += page {
			if at < len(now) && rnd.IntN(2) == 0 {
				copy(left[at:min(at+page, len(left))], now[at:])
			}
		}
	}
	return os.WriteFile(path, left, 0o600) // truncates, and keeps the file's number
}

// cutDir puts a folder's names to those that are safe, or leaves those of now.
func (d *disk) cutDir(dir string, l loss, rnd *rand.Rand) error {
	now, err := names(dir)
	if err != nil {
		return err
	}
	if safe := d.dirs[dir]; l == all || l == anyOf && rnd.IntN(2) == 0 {
		for name := range now {
			if _, ok := safe[name]; !ok || safe[name] != now[name] {
				if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
					return err
				}
			}
		}
		for name, ino := range safe {
			if ino == now[name] {
				continue
			}
			if err := os.Link(d.of(ino), filepath.Join(dir, name)); err != nil {
				return fmt.Errorf("a name comes back: %w", err)
			}
		}
		now = safe
	}
	for name, ino := range now {
		if ino != 0 {
			continue
		}
		if err := d.cutDir(filepath.Join(dir, name), l, rnd); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
