package transfer

import (
	"sync"

	"pintail/internal/localfs"
)

// buffers are what bytes pass through on their way to the disk.
var buffers = sync.Pool{New: func() any { b := localfs.Blocks(maxChunk); return &b }}

// bigBuffers are for what goes past the page cache: each such write waits for the disk, whatever its length.
var bigBuffers = sync.Pool{New: func() any { b := localfs.Blocks(bigChunk); return &b }}

const (
	bigChunk = 1 << 20 // bytes
	bigMost  = 16      // who comes later takes an ordinary one
)

// buffer lends a buffer of whole blocks, a big one if there is one left.
func (q *Queue) buffer(wantBig bool) (b []byte, back func()) {
	if wantBig {
		select {
		case q.big <- struct{}{}:
			b := bigBuffers.Get().(*[]byte)
			return *b, func() { bigBuffers.Put(b); <-q.big }
		default:
		}
	}
	s := buffers.Get().(*[]byte)
	return *s, func() { buffers.Put(s) }
}
