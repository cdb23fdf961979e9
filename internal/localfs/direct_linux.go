package localfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// openDirect opens the temporary file once more, nil if it cannot be, or if the disk is one that turns: there the kernel's order of
// writing is worth more than its copying costs.
func (w *Writer) openDirect() *os.File {
	fi, err := w.f.Stat()
	if err != nil || turns(w.f) {
		return nil
	}
	f, err := w.d.root.OpenFile(filepath.FromSlash(w.temp), os.O_RDWR|openNoFollow|openNonblock|unix.O_DIRECT, 0)
	if err != nil {
		return nil
	}
	if again, err := f.Stat(); err != nil || !os.SameFile(fi, again) {
		_ = f.Close() // another file has taken the name
		return nil
	}
	return f
}

// notDirect tells whether a write failed because it was to go past the cache.
func notDirect(err error) bool { return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) }

// turns tells whether a file is on a turning disk. A virtual disk says so whatever it is made of, and is not believed.
func turns(f *os.File) bool {
	var st unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) != nil {
		return true
	}
	dev, err := filepath.EvalSymlinks(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev)))
	if err != nil || strings.Contains(dev, "/virtio") || strings.Contains(dev, "/vbd-") {
		return err != nil // no disk of this machine: a network's file system, or one over many disks
	}
	said, err := os.ReadFile(filepath.Join(dev, "queue", "rotational"))
	if err != nil { // a partition has its disk above
		said, err = os.ReadFile(filepath.Join(filepath.Dir(dev), "queue", "rotational"))
	}
	return err != nil || strings.TrimSpace(string(said)) != "0"
}
