package transfer

import (
	"time"

	"pintail/internal/localfs"
)

// gatherTime is how long bytes wait for more of their block, so that what is shown as done moves on.
const gatherTime = 250 * time.Millisecond

// gathered is what has come of a range and waits to be written. A file that is written past the page cache takes whole blocks;
// others take what there is.
type gathered struct {
	write  func([]byte) error
	buf    []byte
	n      int
	at     int64 // of the first byte of buf, in the file
	blocks bool
	since  time.Time // of the first byte that waits
}

// free is where the next bytes go. Those of a range that does not begin with a block go up to the next one.
func (g *gathered) free() []byte {
	if over := g.at % localfs.Block; g.blocks && over != 0 {
		return g.buf[g.n : localfs.Block-over]
	}
	return g.buf[g.n:]
}

// add takes the n bytes that were put into free, and writes if it is time to.
func (g *gathered) add(n int) error {
	full := n == len(g.free())
	if g.n += n; !g.blocks {
		return g.flush()
	}
	if !full {
		now := time.Now()
		if g.since.IsZero() {
			g.since = now
		}
		if now.Sub(g.since) < gatherTime {
			return nil
		}
	}
	g.since = time.Time{}
	if g.at%localfs.Block != 0 {
		return g.flush()
	}
	return g.put(g.n - g.n%localfs.Block)
}

// flush writes all that waits.
func (g *gathered) flush() error {
	if g.blocks && g.at%localfs.Block == 0 {
		if err := g.put(g.n - g.n%localfs.Block); err != nil {
			return err
		}
	}
	return g.put(g.n)
}

// put writes the first bytes that wait.
func (g *gathered) put(n int) error {
	if n == 0 {
		return nil
	}
	if err := g.write(g.buf[:n]); err != nil {
		return err
	}
	g.at += int64(n)
	g.n = copy(g.buf, g.buf[n:g.n])
	return nil
}
