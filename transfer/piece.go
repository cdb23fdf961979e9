package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"pintail/internal/text"
	"pintail/storage"
)

// piece is one range on its way to the disk. A request that breaks off is gone on with at the very byte.
type piece struct {
	job    *downloadJob
	number int32
	length int64
	at     int64 // bytes that are written
	crc    uint64
}

// fetch asks for the rest of the range. The object must still be the same.
func (p *piece) fetch(ctx context.Context, s *storage.Session) error {
	j := p.job
	if p.at == p.length {
		return nil
	}
	from := j.it.from()
	if from.Version == "" {
		from.Version = j.row.version
	}
	rd, err := s.Read(ctx, from, storage.ReadOptions{Offset: p.offset(), Length: p.length - p.at, IfMatch: j.row.etag})
	switch storage.KindOf(err) {
	case storage.KindPrecondition, storage.KindNotFound:
		j.it.addNote(text.T("transfer.object_changed"))
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	if err != nil {
		return err
	}
	defer rd.Close() // the reader has told every error by then
	if rd.Info.Size != j.row.size {
		j.it.addNote(text.T("transfer.object_changed"))
		return errAgain
	}
	return p.receive(ctx, rd)
}

// offset is the place in the file of the next byte that is written.
func (p *piece) offset() int64 { return int64(p.number-1)*p.job.row.rangeSize + p.at }

// receive writes what comes at its place.
func (p *piece) receive(ctx context.Context, rd *storage.Reader) error {
	j := p.job
	blocks := j.w.IsDirect()
	buf, back := j.r.q.buffer(p.length - p.at)
	defer back()
	g := &gathered{write: func(b []byte) error { return p.write(ctx, b) }, buf: buf, at: p.offset(), blocks: blocks}
	for {
		n, err := rd.Read(j.r.q.down.most(g.free()))
		if n > 0 {
			if p.at+int64(g.n+n) > p.length {
				return &storage.Error{Op: "GetObject", Location: j.it.from(), Kind: storage.KindTruncated, Code: "Truncated", Message: "more bytes came than announced"}
			}
			if werr := g.add(n); werr != nil {
				return werr
			}
			j.r.q.pool.bytes(int64(n))
			if terr := throttle(ctx, j.r.q.down, int64(n)); terr != nil {
				return terr
			}
		}
		if err == nil {
			continue
		}
		if werr := g.flush(); werr != nil {
			return werr
		}
		switch {
		case !errors.Is(err, io.EOF):
			return err
		case p.at != p.length:
			return &storage.Error{Op: "GetObject", Location: j.it.from(), Kind: storage.KindTruncated, Code: "Truncated", Retryable: true,
				Message: fmt.Sprintf("%d bytes of %d came", p.at, p.length)}
		default:
			return nil
		}
	}
}
