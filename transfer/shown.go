package transfer

import (
	"context"
	"io"

	"pintail/storage"
)

// What is handed to a connection is not what a server has: system buffers take megabytes of it at once. So the end of every body
// counts only with its answer, and a transfer never shows all of its bytes before it is done.

// heldBack is how much of a body of a size counts only with the answer: all of a small one, a sixteenth of a large one.
func heldBack(size int64) int64 { return min(size, max(64<<10, size/16)) }

// body counts and throttles what is sent, but for what is held back. Of a second try beside the first nothing is counted.
func (r *run) body(ctx context.Context, it *liveItem, src io.ReaderAt, size int64) storage.Body {
	var sent, counted int64
	most := size - heldBack(size)
	return storage.Body{R: src, Size: size, Progress: func(n int64) {
		if !isSecond(ctx) {
			sent += n
			now := max(0, min(sent, most))
			if now != counted {
				r.moveBytes(it, now-counted)
				r.advanced(it)
			}
			counted = now
		}
		if n > 0 {
			r.q.pool.bytes(n)
			_ = throttle(ctx, r.q.up, n) // an error is the context's, which the request sees as well
		}
	}}
}

// advanced notes that an item has more bytes than it ever had: that is progress, which the same bytes sent again are not.
func (r *run) advanced(it *liveItem) {
	done := it.done.Load()
	for most := it.most.Load(); done > most; most = it.most.Load() {
		if it.most.CompareAndSwap(most, done) {
			r.progressed(it)
			return
		}
	}
}

type secondKey struct{}

// isSecond tells whether a request is sent beside another for the same bytes.
func isSecond(ctx context.Context) bool { return ctx.Value(secondKey{}) != nil }

// storedBytes is, for the journal, what a transfer that does not run has: its items that are done, those of a move that are
// copied, and the parts that are on the server or on the disk.
const storedBytes = `(bytes_done + (SELECT coalesce(sum(size), 0) FROM parts WHERE parts.transfer = transfers.id)
	+ (SELECT coalesce(sum(max(size, 0)), 0) FROM items WHERE items.transfer = transfers.id AND stage = 2))`
