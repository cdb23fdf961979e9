package transfer

import (
	"testing"
	"time"
)

// What reads beside copies goes by their number, and no copy waits behind it; a set number of connections holds for both.
func TestPool_LooksGoByTheWrites(t *testing.T) {
	now := time.Unix(1, 0)
	p := newPool(0, func() time.Time { return now })
	take := func(c class) (n int, last func(outcome)) {
		for {
			release := p.acquireSpare(c)
			if release == nil {
				return n, last
			}
			n, last = n+1, release
		}
	}
	looks, release := take(looked)
	if looks != looksPerWrite*firstLimit {
		t.Errorf("%d looks beside %d writes", looks, firstLimit)
	}
	if writes, _ := take(small); writes != firstLimit {
		t.Errorf("%d writes beside all looks", writes)
	}
	release(slow)
	for range 2 * firstLimit { // the server asks to slow down: there are fewer of both
		if r := p.control[small].limit; r < firstLimit {
			break
		}
		p.inUse[looked]++
		p.release(looked, slow, p.control[small].epoch)
	}
	if p.limit(small) >= firstLimit || p.limit(looked) != looksPerWrite*p.limit(small) {
		t.Errorf("%d writes and %d looks though the server is busy", p.limit(small), p.limit(looked))
	}
	p = newPool(6, func() time.Time { return now })
	looks, _ = take(looked)
	writes, _ := take(small)
	if looks+writes != 6 {
		t.Errorf("%d looks and %d writes on 6 connections", looks, writes)
	}
}
