package localfs

import "unsafe"

// Block is what the place, the length and the memory of a write must be multiples of to go past the page cache. File systems
// and disks ask for 512 or 4096.
const Block = 4096

// Direct lets what is written in whole blocks from now on go to the disk past the page cache, if the file system can: it costs a
// fraction of the processor's time, and a file that nobody is about to read pushes no other out of memory. All else is written as ever.
// It is a wish: what was written is the same either way.
func (w *Writer) Direct() {
	if w.second == nil {
		w.second = w.openDirect()
		w.direct.Store(w.second)
	}
}

// IsDirect tells whether whole blocks go past the page cache.
func (w *Writer) IsDirect() bool {
	return w.direct.Load() != nil
}

// Blocks makes a buffer of n bytes whose memory begins at a block.
func Blocks(n int) []byte {
	b := make([]byte, n+Block-1)
	from := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (Block - 1))
	return b[from : from+n : from+n]
}

// whole tells whether bytes can go past the page cache.
func whole(p []byte, off int64) bool {
	return len(p) > 0 && len(p)%Block == 0 && off%Block == 0 && uintptr(unsafe.Pointer(unsafe.SliceData(p)))%Block == 0
}

// write puts bytes at an offset. What the disk will not take in blocks is written as all else, from then on.
func (w *Writer) write(p []byte, off int64, may func() error) (int, error) {
	if direct := w.direct.Load(); direct != nil && whole(p, off) {
		if err := may(); err != nil {
			return 0, err
		}
		n, err := direct.WriteAt(p, off)
		if err == nil || !notDirect(err) {
			return n, err
		}
		w.direct.Store(nil)
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	if err := may(); err != nil {
		return 0, err
	}
	return w.f.WriteAt(p, off)
}
