package storage

import (
	"errors"
	"io"
	"sync"
)

var errBodyDone = errors.New("the request is over")

// sendBody is the stream of a [Body] for one request. The transport may go on reading after an early answer; after finish
// it gets an error and touches neither the file nor the buffer any more.
type sendBody struct {
	mu       sync.Mutex // guards all, and is held while reading
	r        io.ReaderAt
	size     int64
	off      int64
	reported int64
	progress func(int64)
	done     bool
	err      error // of reading, not of sending
}

func newSendBody(b Body, small []byte) *sendBody {
	s := &sendBody{r: b.R, size: b.Size, progress: b.Progress}
	if b.Size <= int64(len(small)) {
		s.r = bytesAt(small[:b.Size])
	}
	return s
}

// bytesAt reads from memory.
type bytesAt []byte

// ReadAt copies from off on.
func (b bytesAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Read gives the next bytes to the connection and reports them as progress.
func (s *sendBody) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return 0, errBodyDone
	}
	left := s.size - s.off
	if left == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > left {
		p = p[:left]
	}
	n, err := s.r.ReadAt(p, s.off)
	s.off += int64(n)
	s.report(int64(n))
	if n == len(p) {
		return n, nil
	}
	if err == nil || err == io.EOF {
		err = errShortBody
	}
	s.err = &bodyError{err}
	return n, s.err
}

func (s *sendBody) report(n int64) {
	s.reported += n
	if s.progress != nil && n != 0 {
		s.progress(n)
	}
}

// Seek moves within the body; going back takes the progress back.
func (s *sendBody) Seek(off int64, whence int) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		off += s.off
	case io.SeekEnd:
		off += s.size
	}
	if off < 0 || off > s.size {
		return 0, errors.New("seek outside of the body")
	}
	s.off = off
	if s.reported > off {
		s.report(off - s.reported)
	}
	return off, nil
}

// finish ends the body's use. A failed try's progress is taken back.
func (s *sendBody) finish(failed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	if failed && s.reported != 0 {
		s.report(-s.reported)
	}
}

// readError is what went wrong with reading, nil if nothing did.
func (s *sendBody) readError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
