package localfs

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

const (
	tempSuffix = ".pintail-part"
	tempRandom = 8 // bytes
	// tempExtra is what the name of a temporary file is longer than the target's.
	tempExtra = 2 + 2*tempRandom + len(tempSuffix)
	// minFree is left on a volume, so that a download does not make a machine stop.
	minFree = 1 << 20
)

// Writer writes one file. Nothing is visible under the target's name before Commit. WriteAt may be called from many goroutines.
type Writer struct {
	// writing lets one goroutine write at a time. The kernel does that, too, but lets a thread spin until its turn comes, which
	// cost a fifth of a download; a goroutine that waits here leaves its thread to one that reads from the network.
	writing sync.Mutex

	d      *Dest
	f      *os.File
	second *os.File                // the same file, past the page cache; nil = not
	direct atomic.Pointer[os.File] // second as long as it takes what is written
	target string
	temp   string
	closed bool
}

// TempFor is a new name for a temporary file beside the target rel. Nothing is created: a caller that must be able to clean
// up after a crash records the name first.
func TempFor(rel string) string {
	var r [tempRandom]byte
	rand.Read(r[:]) // never fails, see crypto/rand
	return TempOf(rel, binary.BigEndian.Uint64(r[:]))
}

// TempOf is the name of the temporary file beside the target rel that a number tells from all others: for a caller that can find
// the number again instead of recording the name.
func TempOf(rel string, number uint64) string {
	dir, name := path.Split(rel)
	return path.Join(dir, tempName(name, number))
}

// Create makes the temporary file temp (of [TempFor]) for the target rel, of mode 0600, and reserves size bytes for it
// (0 = unknown). The error is [ErrNoSpace] if the volume has not that much; then nothing is left of it.
func (d *Dest) Create(rel, temp string, size int64) (*Writer, error) {
	if err := CheckPath(d.dir, rel); err != nil {
		return nil, err
	}
	dir := path.Dir(rel)
	w := &Writer{d: d, target: rel, temp: temp}
	for again := false; ; again = true {
		if err := d.MkdirAll(dir); err != nil {
			return nil, err
		}
		err := w.open(os.O_CREATE | os.O_EXCL)
		if err == nil {
			break
		}
		if again || !errors.Is(err, fs.ErrNotExist) {
			if errors.Is(err, fs.ErrNotExist) { // the folder is there and takes nothing: of the system's own file systems
				err = fs.ErrPermission
			}
			return nil, fmt.Errorf("create temporary file: %w", &fs.PathError{Op: "create", Path: d.Path(rel), Err: err})
		}
		d.forget(dir)
	}
	if err := w.reserve(size); err != nil {
		return nil, errors.Join(err, w.Discard())
	}
	return w, nil
}

// RemoveTemp removes a temporary file that was recorded but maybe never made. Nothing else is removed under its name.
func (d *Dest) RemoveTemp(temp string) error {
	if !IsTemp(path.Base(temp)) {
		return nil
	}
	if fi, err := d.Lstat(temp); err != nil || !fi.Mode().IsRegular() {
		return nil // it is not there, or not ours
	}
	return d.Remove(temp)
}

// Reopen opens the temporary file temp of an earlier run. It must be a regular file with the identity that was recorded
// (volume, number and size; its time changes as it is written); otherwise the error is [fs.ErrNotExist].
func (d *Dest) Reopen(rel, temp string, id Identity) (*Writer, error) {
	w := &Writer{d: d, target: rel, temp: temp}
	if !IsTemp(path.Base(temp)) || path.Dir(temp) != path.Dir(rel) {
		return nil, fmt.Errorf("temporary file %s: %w", temp, fs.ErrNotExist)
	}
	if err := w.open(0); err != nil {
		return nil, fmt.Errorf("open temporary file: %w", err)
	}
	now, err := w.Identity()
	if err == nil && (now.File != id.File || now.Size != id.Size) {
		err = fmt.Errorf("temporary file %s is not what it was: %w", temp, fs.ErrNotExist)
	}
	if err != nil {
		return nil, errors.Join(err, w.f.Close())
	}
	return w, nil
}

func (w *Writer) open(flag int) error {
	f, err := w.d.root.OpenFile(filepath.FromSlash(w.temp), os.O_RDWR|openNoFollow|openNonblock|flag, 0o600)
	if err != nil {
		return classify(err)
	}
	if flag&os.O_EXCL == 0 { // else it was made just now
		if fi, err := f.Stat(); err != nil || !fi.Mode().IsRegular() {
			_ = f.Close()
			return errors.Join(err, ErrSpecial)
		}
	}
	w.f = f
	return nil
}

// atOnce is the size up to which a file is written in one go: if there is no room for it, that shows as soon.
const atOnce = 256 << 10

func (w *Writer) reserve(size int64) error {
	if size <= 0 {
		return nil
	}
	v, err := volumeOf(w.f)
	if err == nil && v.free-minFree < size {
		return fmt.Errorf("%d bytes are needed, %d are free: %w", size, max(0, v.free-minFree), ErrNoSpace)
	}
	switch {
	case size <= atOnce:
		return nil
	case v.memory: // reserving would write each page, only for it to be written again
		err = w.f.Truncate(size)
	default:
		err = preallocate(w.f, size)
	}
	if err != nil {
		return fmt.Errorf("reserve %d bytes: %w", size, classify(err))
	}
	return nil
}

// volume is what is known of where a file lies.
type volume struct {
	free   int64 // bytes that an ordinary user may still write
	memory bool  // it keeps files in memory alone
}

// Temp is the path of the temporary file below the destination.
func (w *Writer) Temp() string { return w.temp }

// Identity is that of the temporary file.
func (w *Writer) Identity() (Identity, error) { return IdentityOf(w.f) }

// WriteAt writes at an offset of the file.
func (w *Writer) WriteAt(p []byte, off int64) (int, error) {
	return w.WriteAtIf(p, off, func() error { return nil })
}

// WriteAtIf is WriteAt that asks may just before it writes, after all waiting, and returns its error.
func (w *Writer) WriteAtIf(p []byte, off int64, may func() error) (int, error) {
	n, err := w.write(p, off, may)
	if err != nil {
		return n, fmt.Errorf("write: %w", classify(err))
	}
	return n, nil
}

// ReadAt reads what was written.
func (w *Writer) ReadAt(p []byte, off int64) (int, error) { return w.f.ReadAt(p, off) } // io.EOF must stay

// Truncate makes the file size bytes long.
func (w *Writer) Truncate(size int64) error {
	if err := w.f.Truncate(size); err != nil {
		return fmt.Errorf("truncate: %w", classify(err))
	}
	return nil
}

// Sync returns once everything written is on the disk.
func (w *Writer) Sync() error {
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("flush: %w", classify(err))
	}
	return nil
}

// Commit makes the file visible as the target, whole: its size must be size, its time becomes modified (zero = leave), it is
// on the disk, and an older target is replaced in the same instant. The writer is closed either way; on an error the
// temporary file stays. The name is on the disk after [Dest.SyncFolder].
func (w *Writer) Commit(size int64, modified time.Time) error {
	if err := errors.Join(w.finish(size, modified), w.Keep()); err != nil {
		return err
	}
	err := w.d.rename(w.temp, w.target)
	if err == nil {
		return nil
	}
	if fi, lerr := w.d.root.Lstat(filepath.FromSlash(w.target)); lerr == nil && fi.IsDir() {
		return fmt.Errorf("%s: %w", w.d.Path(w.target), ErrIsFolder)
	}
	return err
}

func (w *Writer) finish(size int64, modified time.Time) error {
	fi, err := w.f.Stat()
	if err != nil {
		return fmt.Errorf("check size: %w", err)
	}
	if fi.Size() != size {
		return fmt.Errorf("the temporary file has %d bytes instead of %d: %w", fi.Size(), size, ErrSize)
	}
	if !modified.IsZero() && setTime(w.f, modified) != nil {
		_ = w.d.root.Chtimes(filepath.FromSlash(w.temp), modified, modified) // a time is no reason to lose a file
	}
	_ = w.f.Chmod(0o666 &^ umask()) // it was 0600 while unfinished
	return w.Sync()
}

// ErrSize says that a file has not the size it must have.
var ErrSize = errors.New("the size is not what it must be")

// Keep closes the writer and leaves the temporary file for a later Reopen. Of a closed writer it does nothing.
func (w *Writer) Keep() error {
	if w.closed {
		return nil
	}
	w.closed = true
	err := w.f.Close()
	if w.second != nil {
		err = errors.Join(err, w.second.Close())
	}
	if err != nil {
		return fmt.Errorf("close: %w", classify(err))
	}
	return nil
}

// Discard closes the writer and removes the temporary file.
func (w *Writer) Discard() error {
	return errors.Join(w.Keep(), w.d.Remove(w.temp))
}

// tempName is a recognisable name beside a target called name, which it is cut from.
func tempName(name string, number uint64) string {
	if len(name) > 100 {
		cut := 100
		for cut > 0 && !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut]
	}
	var r [tempRandom]byte
	binary.BigEndian.PutUint64(r[:], number)
	return "." + name + "." + hex.EncodeToString(r[:]) + tempSuffix
}

// IsTemp tells whether a file's name has the form of our temporary files: .name.0123456789abcdef.pintail-part
func IsTemp(name string) bool {
	rest, ok := strings.CutSuffix(name, tempSuffix)
	if !ok || !strings.HasPrefix(rest, ".") || len(rest) < 2+2*tempRandom {
		return false
	}
	random := rest[len(rest)-2*tempRandom:]
	return rest[len(rest)-2*tempRandom-1] == '.' && strings.Trim(random, "0123456789abcdef") == ""
}
