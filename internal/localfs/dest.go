package localfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"pintail/internal/atomicfile"
)

// ErrSpecial says that a name is a pipe, a socket, a device or another thing that is neither file nor folder.
var ErrSpecial = errors.New("not a regular file")

// ErrNoSpace says that the volume or the user's share of it is full. Another try does not help.
var ErrNoSpace = errors.New("the volume is full")

// ErrEscapes says that a name leads out of the destination, by a link in it.
var ErrEscapes = errors.New("a link leads out of the destination")

// ErrIsFolder says that a folder is where a file should go.
var ErrIsFolder = errors.New("a folder is there")

// ErrNotFolder says that a file is where a folder should go.
var ErrNotFolder = errors.New("a file is where a folder is needed")

// Dest is a folder that files are written into, and nothing else: every name is opened through [os.Root]. Paths given to its
// methods are relative, with "/" between elements. Its methods may be called from many goroutines.
type Dest struct {
	root *os.Root
	dir  string // as given, absolute
	// fresh are the folders that OpenDest made for it, the innermost first.
	fresh []string

	mu   sync.Mutex      // guards made
	made map[string]bool // folders known to be there
}

// OpenDest opens a folder as a destination; with create it is made if missing, with those above it.
func OpenDest(dir string, create bool) (*Dest, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open destination: %w", err)
	}
	var fresh []string
	if create {
		for dir := abs; ; dir = filepath.Dir(dir) {
			if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
				break
			}
			fresh = append(fresh, dir)
		}
		if err := atomicfile.MkdirAll(abs, 0o777); err != nil {
			return nil, fmt.Errorf("make destination: %w", classify(err))
		}
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("open destination: %w", err)
	}
	return &Dest{root: root, dir: abs, fresh: fresh, made: map[string]bool{}}, nil
}

// Close lets go of the folder. Writers that are open stay usable until they are closed.
func (d *Dest) Close() error { return d.root.Close() } // nothing to add

// Undo removes the folders that OpenDest made, as far as they are empty. It is for a destination that nothing came into.
func (d *Dest) Undo() {
	for _, dir := range d.fresh { // the innermost first
		if os.Remove(dir) != nil {
			return
		}
	}
}

// Path is the path of rel for people and for the journal.
func (d *Dest) Path(rel string) string { return filepath.Join(d.dir, filepath.FromSlash(rel)) }

// Lstat tells what is at rel, without following a link there.
func (d *Dest) Lstat(rel string) (fs.FileInfo, error) {
	fi, err := d.root.Lstat(filepath.FromSlash(rel))
	if err != nil {
		return nil, classify(err)
	}
	return fi, nil
}

// Open opens the file at rel for reading. A link at rel is not followed.
func (d *Dest) Open(rel string) (*os.File, error) {
	f, err := d.root.OpenFile(filepath.FromSlash(rel), os.O_RDONLY|openNoFollow|openNonblock, 0)
	if err != nil {
		return nil, classify(err)
	}
	return f, nil
}

// MkdirAll makes the folder rel and those above it, on the disk too. A file in the way is [ErrNotFolder].
func (d *Dest) MkdirAll(rel string) error {
	if rel == "" || rel == "." {
		return nil
	}
	d.mu.Lock() // until it is flushed, nobody may take it for made
	defer d.mu.Unlock()
	if d.made[rel] {
		return nil
	}
	if err := CheckPath(d.dir, rel); err != nil {
		return err
	}
	above := d.missing(rel)
	err := d.root.MkdirAll(filepath.FromSlash(rel), 0o777)
	if err != nil {
		if fi, lerr := d.root.Stat(filepath.FromSlash(rel)); lerr == nil && !fi.IsDir() {
			err = ErrNotFolder
		}
		return fmt.Errorf("make folder %s: %w", shorten(rel), classify(err))
	}
	for _, dir := range above {
		if err := d.SyncFolder(dir); err != nil {
			return err
		}
	}
	d.made[rel] = true
	return nil
}

// missing are the folders in which one has to be made on the way to rel. A file in a folder that a power cut takes back is lost.
func (d *Dest) missing(rel string) (above []string) {
	for ; rel != "." && rel != "/"; rel = path.Dir(rel) {
		if _, err := d.root.Lstat(filepath.FromSlash(rel)); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		above = append(above, path.Dir(rel))
	}
	return above
}

// forget makes the next MkdirAll look again, after somebody removed a folder.
func (d *Dest) forget(rel string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for ; rel != "." && rel != "/"; rel = path.Dir(rel) {
		delete(d.made, rel)
	}
}

// LinkOut is the first link on the way to rel that leads out of the destination, and the path behind it.
func (d *Dest) LinkOut(rel string) (link, rest string, found bool) {
	for i := 0; i <= len(rel); i++ {
		if i < len(rel) && rel[i] != '/' {
			continue
		}
		fi, err := d.root.Lstat(filepath.FromSlash(rel[:i]))
		if err != nil || fi.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if _, err := d.root.Stat(filepath.FromSlash(rel[:i])); errors.Is(classify(err), ErrEscapes) {
			return rel[:i], strings.TrimPrefix(rel[i:], "/"), true
		}
	}
	return "", "", false
}

// Rename gives a file of the destination another name in it; a file of that name is replaced.
func (d *Dest) Rename(from, to string) error {
	if err := d.rename(from, to); err != nil {
		return err
	}
	return d.SyncFolder(path.Dir(to))
}

func (d *Dest) rename(from, to string) error {
	if d.renameIn(path.Dir(to), from, to) == nil {
		return nil
	}
	err := retryBusy(func() error { return d.root.Rename(filepath.FromSlash(from), filepath.FromSlash(to)) })
	if err != nil {
		return fmt.Errorf("rename: %w", classify(err))
	}
	return nil
}

// renameIn is rename within one folder, which is opened once for both names.
func (d *Dest) renameIn(dir, from, to string) error {
	if dir == "." || path.Dir(from) != dir {
		return errors.ErrUnsupported
	}
	folder, err := d.root.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		return err // the caller tries it by the whole paths
	}
	defer folder.Close() // it holds nothing back
	return folder.Rename(path.Base(from), path.Base(to))
}

// Remove removes a file; that it is not there is no error.
func (d *Dest) Remove(rel string) error {
	err := retryBusy(func() error { return d.root.Remove(filepath.FromSlash(rel)) })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove: %w", classify(err))
	}
	return nil
}

// Free is how many bytes can still be written in the folder rel.
func (d *Dest) Free(rel string) (int64, error) {
	f, err := d.root.Open(filepath.FromSlash(rel))
	if err != nil {
		return 0, classify(err)
	}
	defer f.Close() // opened for reading
	v, err := volumeOf(f)
	return v.free, err
}

// SyncFolder returns once the names in the folder rel are on the disk.
func (d *Dest) SyncFolder(rel string) error {
	f, err := d.root.Open(filepath.FromSlash(rel))
	if err != nil {
		return fmt.Errorf("flush folder: %w", classify(err))
	}
	defer f.Close() // opened for reading
	if err := syncDir(f); err != nil {
		return fmt.Errorf("flush folder %s: %w", rel, classify(err))
	}
	return nil
}

// Folding says which names the destination takes for one.
type Folding struct{ Case, Unicode bool }

// Folding finds out by trying whether the destination takes names that differ in case, or in the form of their accents, for
// one. What cannot be tried counts as folding, which is the safe side.
func (d *Dest) Folding() Folding {
	f := Folding{Case: true, Unicode: true}
	name := path.Base(TempFor("probe-\u00e9")) // "é" as one rune
	h, err := d.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return f
	}
	_ = h.Close()
	_, err = d.root.Lstat(strings.ToUpper(name))
	f.Case = err == nil
	_, err = d.root.Lstat(norm.NFD.String(name))
	f.Unicode = err == nil
	_ = d.root.Remove(name)
	return f
}

// Key is the form of a path in which two paths are equal if the destination takes them for one.
func (f Folding) Key(rel string) string {
	if f.Unicode {
		rel = norm.NFC.String(rel)
	}
	if f.Case {
		rel = cases.Fold().String(rel)
		if f.Unicode {
			rel = norm.NFC.String(rel)
		}
	}
	return rel
}

// classify gives the errors that callers tell apart a name.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case noSpace(err):
		return errors.Join(ErrNoSpace, err)
	case nameTooLong(err):
		return errors.Join(ErrPathTooLong, err)
	case strings.Contains(err.Error(), "path escapes from parent"): // package os has no name for it
		return errors.Join(ErrEscapes, err)
	}
	return err
}

// IsNoSpace tells whether a local error means that the volume is full.
func IsNoSpace(err error) bool { return errors.Is(err, ErrNoSpace) || noSpace(err) }

// retryBusy repeats what fails only because another program (a virus scanner, an indexer) has the file open, as Windows has it.
func retryBusy(do func() error) error {
	err := do()
	if err == nil || !busy(err) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	for wait := 10 * time.Millisecond; busy(err); wait *= 2 {
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
		err = do()
	}
	return err
}
