package localfs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// LinkPolicy says what a walk does with symbolic links.
type LinkPolicy int

// The policies. A followed link appears as what it leads to.
const (
	FollowLinks LinkPolicy = iota
	SkipLinks
	FailLinks
)

// EntryKind is what a walk came upon.
type EntryKind int

// The kinds of entries.
const (
	File    EntryKind = iota
	Folder            // only empty ones are told: others show by what is in them
	Skipped           // left out on purpose: Err says why (ErrLink, ErrSpecial, ErrTemp)
	Broken            // cannot be read: Err says why. The walk goes on
)

// ErrLink says that an entry is a symbolic link which the policy leaves out or refuses.
var ErrLink = errors.New("a symbolic link")

// ErrLoop says that a link leads to a folder above it.
var ErrLoop = errors.New("a link that leads to a folder above it")

// ErrNoTarget says that a link leads to something that does not exist.
var ErrNoTarget = errors.New("a link that leads to nothing")

// ErrTemp says that a file is the unfinished part of a download.
var ErrTemp = errors.New("an unfinished download")

// Entry is one thing below the folder that is walked.
type Entry struct {
	Path     string // of the file on this system
	Key      string // raw key relative to the folder; a Folder's ends in "/"
	Kind     EntryKind
	Size     int64
	Modified time.Time
	Err      error
}

// WalkOptions says what a walk leaves out. Prune is called with the key of each file and folder (ending in "/") before it is
// entered; true leaves it out silently. After skips everything up to and including that key, to go on with an earlier walk.
type WalkOptions struct {
	Links LinkPolicy
	Prune func(key string, folder bool) bool
	After string
}

// Walk yields everything below dir, ordered by key as S3 orders a listing, byte by byte. It holds one folder's names a level and
// nothing else in memory. What cannot be read is yielded as Broken, and the walk goes on; only the error about dir itself ends it.
func Walk(dir string, o WalkOptions) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		w := &walker{o: o, yield: yield}
		dir := filepath.Clean(dir)
		fi, err := os.Stat(dir)
		if err == nil && !fi.IsDir() {
			err = &fs.PathError{Op: "walk", Path: dir, Err: ErrNotFolder}
		}
		if err != nil {
			yield(Entry{Path: dir, Kind: Broken, Err: err})
			return
		}
		w.folder(dir, "", []fs.FileInfo{fi})
	}
}

type walker struct {
	o     WalkOptions
	yield func(Entry) bool
}

// child is a name of one folder, before it is looked at closely. Its Key is whole, with "/" at the end of a folder.
type child struct {
	Entry
	folder bool
	joined bool // a piece of a long name: it goes on in what is below
}

// folder walks one folder; above holds it and those above it, to cut loops. It returns false when the caller has enough.
func (w *walker) folder(dir, rel string, above []fs.FileInfo) bool {
	in := &openFolder{dir: dir}
	defer in.leave()
	names, err := in.names()
	if err != nil {
		// What could be read is still walked: a folder may fail half way on a bad disk.
		if !w.emit(Entry{Path: dir, Key: keyOf(rel, true), Kind: Broken, Err: err}) {
			return false
		}
	}
	children := make([]child, 0, len(names))
	for _, name := range names {
		children = append(children, w.look(dir, rel, name))
	}
	slices.SortFunc(children, func(a, b child) int { return cmp.Compare(a.Key, b.Key) })
	for i, c := range children {
		if i > 0 && c.Key == children[i-1].Key && c.Kind != Broken {
			c.Kind, c.Err, c.folder = Broken, fmt.Errorf("two local names stand for the key %q", c.Key), false
		}
		if !w.child(c, rel, above, in) {
			return false
		}
	}
	if len(names) == 0 && err == nil && rel != "" {
		return w.emit(Entry{Path: dir, Key: keyOf(rel, true), Kind: Folder})
	}
	return true
}

// child yields a file, or walks a folder. Only now is it looked at: a folder may hold a million names.
func (w *walker) child(c child, rel string, above []fs.FileInfo, in *openFolder) bool {
	if w.o.Prune != nil && w.o.Prune(c.Key, c.folder) {
		return true
	}
	if w.o.After != "" && c.Key <= w.o.After && !hasPrefix(w.o.After, c.Key) && !c.joined {
		return true // it and all below it were walked before
	}
	if c.Kind != File {
		return w.emit(c.Entry)
	}
	if !c.folder {
		return w.emit(file(c.Entry, in))
	}
	fi, err := os.Stat(c.Path)
	if err == nil && !fi.IsDir() {
		err = &fs.PathError{Op: "walk", Path: c.Path, Err: errChanged}
	}
	switch {
	case err != nil:
		c.Kind, c.Err = Broken, err
	case slices.ContainsFunc(above, func(up fs.FileInfo) bool { return os.SameFile(up, fi) }):
		c.Kind, c.Err = Skipped, ErrLoop
	default:
		in.leave() // one folder at a time is open, however deep they are
		return w.folder(c.Path, join(rel, filepath.Base(c.Path)), append(above[:len(above):len(above)], fi))
	}
	return w.emit(c.Entry)
}

// file is e with what its folder says of it.
func file(e Entry, in *openFolder) Entry {
	s, err := in.stat(e.Path)
	if err == nil && s.kind.IsDir() {
		err = &fs.PathError{Op: "walk", Path: e.Path, Err: errChanged}
	}
	switch {
	case err != nil:
		e.Kind, e.Err = Broken, err
	case !s.kind.IsRegular():
		e.Kind, e.Err = Skipped, ErrSpecial
	default:
		e.Size, e.Modified = s.size, s.modified
	}
	return e
}

var errChanged = errors.New("it changed while the folder was read")

func (w *walker) emit(e Entry) bool {
	if w.o.After != "" && e.Key <= w.o.After {
		return true
	}
	return w.yield(e)
}

// look finds out from its folder alone what a name is; only links, and names whose kind the folder does not tell, are looked at.
func (w *walker) look(dir, rel string, d fs.DirEntry) child {
	name := d.Name()
	c := child{Entry: Entry{Path: below(dir, name), Key: keyOf(join(rel, name), false)}}
	kind := d.Type()
	if kind&fs.ModeSymlink != 0 {
		switch w.o.Links {
		case SkipLinks:
			c.Kind, c.Err = Skipped, ErrLink
			return c
		case FailLinks:
			c.Kind, c.Err = Broken, ErrLink
			return c
		}
		fi, err := os.Stat(c.Path)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				err = fmt.Errorf("%s: %w", c.Path, ErrNoTarget)
			}
			c.Kind, c.Err = Broken, err
			return c
		}
		kind = fi.Mode().Type()
	}
	switch {
	case kind.IsDir():
		c.folder, c.joined = true, isJoined(name)
		c.Key = keyOf(join(rel, name), true)
	case !kind.IsRegular():
		c.Kind, c.Err = Skipped, ErrSpecial
	case IsTemp(name):
		c.Kind, c.Err = Skipped, ErrTemp
	}
	return c
}

// keyOf is the key of a path below the walked folder.
func keyOf(rel string, folder bool) string {
	if rel == "" {
		return ""
	}
	key := LocalToKey(rel)
	if folder {
		key += "/"
	}
	return key
}

func join(rel, name string) string {
	if rel == "" {
		return name
	}
	return rel + "/" + name
}

// below is the path of a name in a folder whose path is clean.
func below(dir, name string) string {
	if dir == "." {
		return name
	}
	if os.IsPathSeparator(dir[len(dir)-1]) { // the root of a volume
		return dir + name
	}
	return dir + string(filepath.Separator) + name
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }
