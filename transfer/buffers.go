package transfer

import (
	"sync"

	"pintail/internal/localfs"
)

// buffers are what bytes pass through on their way to the disk.
var buffers = sync.Pool{New: func() any { b := localfs.Blocks(maxChunk); return &b }}

// littleBuffers are for small files, of which many come at once.
var littleBuffers = sync.Pool{New: func() any { b := localfs.Blocks(littleChunk); return &b }}

// bigBuffers are for what comes by the megabyte: a call to the kernel, and for what goes past the page cache a wait for the disk, costs
// nearly the same whatever its length (a tenth of a download's processor time against the ordinary ones).
var bigBuffers = sync.Pool{New: func() any { b := localfs.Blocks(bigChunk); return &b }}

const (
	littleChunk = 16 << 10     // bytes
	bigChunk    = 5 << 19      // a part of the usual size is read in four
	bigMost     = 6            // who comes later takes an ordinary one
	bigWorth    = 2 * bigChunk // of what comes
)

// buffer lends a buffer of whole blocks for size bytes that come, a big one if it is worth it and there is one left.
func (q *Queue) buffer(size int64) (b []byte, back func()) {
	if size >= bigWorth {
		select {
		case q.big <- struct{}{}:
			b := bigBuffers.Get().(*[]byte)
			return *b, func() { bigBuffers.Put(b); <-q.big }
		default:
		}
	}
	pool := &buffers
	if size <= littleChunk {
		pool = &littleBuffers
	}
	s := pool.Get().(*[]byte)
	return *s, func() { pool.Put(s) }
}
