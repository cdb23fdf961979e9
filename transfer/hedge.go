package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/minio/crc64nvme"

	"pintail/storage"
)

// A transfer ends with its slowest part. When nothing is left to begin and a part takes much longer than its peers did, it is
// asked for once more on another connection: what is proved first counts, and the other is cancelled. Nothing is counted twice,
// and no two of them write to the same place.

const (
	peersLeast = 3               // parts that must have ended, for there to be a usual time
	straggles  = 3               // times the usual time
	lateAfter  = 2 * time.Second // and at least so long
	lateLook   = 250 * time.Millisecond
	secondMost = 16 << 20 // bytes of a range that a second answer keeps in memory
)

var errNotEnd = errors.New("the answer goes on")

// tail knows the usual time of an item's parts, and when only the last are under way.
type tail struct {
	mu    sync.Mutex // guards all below
	last  bool       // every part has been begun
	took  []time.Duration
	twice bool // a part was sent a second time
}

// onlyLast says that no further part will begin.
func (t *tail) onlyLast() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = true
}

func (t *tail) note(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took = append(t.took, d)
}

// late tells whether a part that takes so long already is a straggler.
func (t *tail) late(d time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.last || len(t.took) < peersLeast || d < lateAfter {
		return false
	}
	slices.Sort(t.took)
	return d > straggles*t.took[len(t.took)/2]
}

// race runs first and, if that turns out a straggler and a slot is free, second beside it. It returns when both have ended.
func (r *run) race(ctx context.Context, t *tail, first, second func(context.Context) error) (secondWon bool, err error) {
	begun := r.q.now()
	if t == nil || r.q.cfg.NoHedge {
		return false, first(ctx)
	}
	firstCtx, stopFirst := context.WithCancel(ctx)
	defer stopFirst()
	firstEnd := make(chan error, 1)
	go func() { firstEnd <- first(firstCtx) }()
	look := time.NewTicker(lateLook)
	defer look.Stop()
	for {
		select {
		case err := <-firstEnd:
			if err == nil {
				t.note(r.q.now().Sub(begun))
			}
			return false, err
		case <-look.C:
		}
		if !t.late(r.q.now().Sub(begun)) {
			continue
		}
		release := r.q.pool.acquireSpare(part)
		if release == nil {
			continue
		}
		r.q.log.Debug("sending a straggler once more", "transfer", int64(r.id))
		secondCtx, stopSecond := context.WithCancel(context.WithValue(ctx, secondKey{}, true))
		defer stopSecond()
		secondEnd := make(chan error, 1)
		go func() {
			defer release(neutral)
			secondEnd <- second(secondCtx)
		}()
		return finishRace(firstEnd, secondEnd, stopFirst, stopSecond)
	}
}

// finishRace waits for both. A failure of the second is nothing: the first is still what it was.
func finishRace(firstEnd, secondEnd <-chan error, stopFirst, stopSecond func()) (secondWon bool, err error) {
	select {
	case err = <-firstEnd:
		if err == nil {
			stopSecond()
			<-secondEnd
			return false, nil
		}
		return <-secondEnd == nil, err
	case serr := <-secondEnd:
		if serr != nil {
			return false, <-firstEnd
		}
		stopFirst()
		err = <-firstEnd
		return true, err
	}
}

// sendPart sends a part, a straggler twice. counted is how many of its bytes the progress has already.
func (m *multipartJob) sendPart(ctx context.Context, u uploadRow, number int32) (p storage.Part, counted int64, err error) {
	t := &m.tail
	if m.copied {
		t = nil
	}
	secondWon := false
	err = m.r.try(ctx, m.request(m.class(), func(ctx context.Context, s *storage.Session) error {
		var one, two storage.Part
		won, err := m.r.race(ctx, t,
			func(ctx context.Context) (err error) { one, err = m.send(ctx, s, u, number); return err },
			func(ctx context.Context) (err error) {
				m.tail.sentTwice()
				two, err = m.send(ctx, s, u, number)
				return err
			})
		switch {
		case won && err == nil:
			secondWon, p = false, one // both are stored and alike, and the first has been counted
		case won:
			secondWon, p = true, two
		case err != nil:
			return err
		default:
			secondWon, p = false, one
		}
		return nil
	}))
	if !m.copied && !secondWon {
		counted = p.Size - heldBack(p.Size)
	}
	return p, counted, err
}

func (t *tail) sentTwice() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.twice = true
}

// confirm asks, if a part was sent twice, what the server has of each: it may have taken the one that was cancelled, under another
// entity tag. Such a part is sent anew.
func (m *multipartJob) confirm(ctx context.Context, u uploadRow) error {
	m.tail.mu.Lock()
	twice := m.tail.twice
	m.tail.twice = false
	m.tail.mu.Unlock()
	if !twice {
		return nil
	}
	other, err := m.dropOthers(ctx, u)
	if err != nil || !other {
		return err
	}
	return m.sendAll(ctx, u)
}

// fetchHedged is fetch, for a straggler twice. The second answer is kept in memory until the first has come to rest, and then
// fills in what the first has not written.
func (p *piece) fetchHedged(ctx context.Context, s *storage.Session) error {
	j, t := p.job, &p.job.tail
	from := p.at
	if p.length-from > secondMost {
		t = nil
	}
	var rest []byte
	won, err := j.r.race(ctx, t,
		func(ctx context.Context) error { return p.fetch(ctx, s) },
		func(ctx context.Context) (err error) { rest, err = p.remainder(ctx, s, from); return err })
	if !won || p.at == p.length {
		if won {
			err = nil
		}
		return err
	}
	return p.write(ctx, rest[p.at-from:])
}

// remainder reads the range from a byte on into memory.
func (p *piece) remainder(ctx context.Context, s *storage.Session, at int64) ([]byte, error) {
	j := p.job
	loc := j.it.from()
	if loc.Version == "" {
		loc.Version = j.row.version
	}
	o := storage.ReadOptions{Offset: int64(p.number-1)*j.row.rangeSize + at, Length: p.length - at, IfMatch: j.row.etag}
	rd, err := s.Read(ctx, loc, o)
	if err != nil {
		return nil, err
	}
	defer rd.Close() // the reader has told every error by then
	b := make([]byte, p.length-at)
	for n := 0; n < len(b); {
		m, err := rd.Read(b[n:min(len(b), n+maxChunk)])
		n += m
		j.r.q.pool.bytes(int64(m))
		if terr := throttle(ctx, j.r.q.down, int64(m)); terr != nil {
			return nil, terr
		}
		if err != nil && n < len(b) {
			return nil, err
		}
	}
	if _, err := rd.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read on after the end of a range: %w", errors.Join(errNotEnd, err))
	}
	return b, nil
}

// write puts bytes of the range at their place, after those that are there. A process that was asleep may wake here: the file may be
// another's by now, or whole and in use.
func (p *piece) write(ctx context.Context, b []byte) error {
	j := p.job
	crc := crc64nvme.Update(p.crc, b) // before they are written: the processor still has them
	if _, err := j.w.WriteAtIf(b, p.offset(), func() error { return j.r.mine(ctx) }); err != nil {
		return err
	}
	p.crc = crc
	p.at += int64(len(b))
	j.r.moveBytes(j.it, int64(len(b)))
	j.r.progressed(j.it)
	return nil
}
