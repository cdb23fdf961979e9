package transfer

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"

	"pintail/internal/text"
	"pintail/storage"
)

// relayAhead is how many parts of a copy between connections are in memory at a time.
const relayAhead = 4

// relay copies an object from one connection to another through this machine. The source is read once, in order, and held
// against its own checksum before the copy is completed.
func (r *run) relay(ctx context.Context, it *liveItem, src storage.Info, ifNone bool) (storage.Written, error) {
	o, err := r.metadataOf(ctx, it, src, ifNone)
	if err != nil {
		return storage.Written{}, err
	}
	o.Class = r.req.Options.Write.Class // classes of another provider mean nothing here
	rs := &relaySource{r: r, it: it, info: src}
	if src.Size <= r.wishPart() {
		if err := r.dropUpload(ctx, it); err != nil {
			return storage.Written{}, err
		}
		return r.relaySmall(ctx, it, rs, o)
	}
	w, err := r.relayParts(ctx, it, rs, o)
	if spoilt(err) {
		it.addNote(text.T("transfer.refetched"))
		w, err = r.relayParts(ctx, it, rs, o)
	}
	return w, err
}

// spoilt tells whether what came is not what the source has. It is read once more: it may have been spoilt on the way.
func spoilt(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && e.Op == "GetObject" && e.Kind == storage.KindChecksum
}

func (r *run) relayParts(ctx context.Context, it *liveItem, rs *relaySource, o storage.WriteOptions) (storage.Written, error) {
	src := rs.info
	rl := &relayJob{source: rs}
	m := &multipartJob{r: r, it: it, size: src.Size, partSize: rl.partSize(src, r.wishPart()), sourceETag: src.ETag, options: o, send: rl.send, check: rl.check}
	rl.m = m
	m.feed = rl.feed
	w, err := m.run(ctx)
	if err == nil {
		// An earlier run may have completed it: it had checked the source, but how well is not recorded.
		w.Proof = min(w.Proof, max(rl.proof, storage.ProofSize))
	}
	return w, err
}

func (r *run) relaySmall(ctx context.Context, it *liveItem, rs *relaySource, o storage.WriteOptions) (storage.Written, error) {
	buf := make([]byte, rs.info.Size)
	level, err := rs.whole(ctx, buf)
	if spoilt(err) {
		it.addNote(text.T("transfer.refetched"))
		level, err = rs.whole(ctx, buf)
	}
	if err != nil {
		return storage.Written{}, err
	}
	var w storage.Written
	err = r.try(ctx, request{class: small, ref: r.req.targetRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		if it.stage == stageUnsure {
			found, err := r.reconcile(ctx, s, it, bytes.NewReader(buf), rs.info.Size, &w)
			if err != nil || found {
				return err
			}
		}
		if err := r.mine(ctx); err != nil {
			return err
		}
		var err error
		w, err = s.Put(ctx, it.to(), r.body(ctx, it, bytes.NewReader(buf), rs.info.Size), o)
		it.stage = stageNone
		if isUnknown(err) {
			it.stage = stageUnsure
		}
		return err
	}})
	if err == nil {
		r.moveBytes(it, rs.info.Size-it.done.Load())
	}
	w.Proof = min(w.Proof, level)
	return w, err
}

// relaySource reads the source in order and checks what it reads.
type relaySource struct {
	r     *run
	it    *liveItem
	info  storage.Info
	check *ContentCheck // nil before the first byte
}

// proof holds what was read against the source's own checksum.
func (s *relaySource) proof() (storage.Proof, error) {
	if s.r.req.Options.NoVerify || s.check == nil {
		return storage.ProofSize, nil
	}
	return s.check.Proof()
}

// whole reads all of a small source and proves it.
func (s *relaySource) whole(ctx context.Context, b []byte) (storage.Proof, error) {
	if err := s.read(ctx, b, 0); err != nil {
		return storage.ProofNone, err
	}
	return s.proof()
}

// read fills b from offset, with as many requests as it takes. All of them must meet the same object.
func (s *relaySource) read(ctx context.Context, b []byte, offset int64) error {
	at := 0
	err := s.r.try(ctx, request{class: part, ref: s.r.req.Connection, item: s.it, do: func(ctx context.Context, sess *storage.Session) error {
		if at == len(b) && at > 0 {
			return nil
		}
		o := storage.ReadOptions{Offset: offset + int64(at), Length: int64(len(b) - at), IfMatch: s.info.ETag}
		if len(b) == 0 {
			o = storage.ReadOptions{Whole: true, IfMatch: s.info.ETag}
		}
		from := s.it.from()
		if from.Version == "" {
			from.Version = s.info.Location.Version
		}
		rd, err := sess.Read(ctx, from, o)
		if err != nil {
			return err
		}
		defer rd.Close() // the reader has told every error by then
		if rd.Info.Size != s.info.Size {
			return &storage.Error{Op: "GetObject", Location: from, Kind: storage.KindPrecondition, Code: "Changed", Message: "the object has another size than it had"}
		}
		for at < len(b) {
			n, err := rd.Read(b[at:min(len(b), at+maxChunk)])
			at += n
			if n > 0 { // an answer that ends before its first byte is no progress, however often it comes
				s.r.progressed(s.it)
			}
			s.r.q.pool.bytes(int64(n))
			if terr := throttle(ctx, s.r.q.down, int64(n)); terr != nil {
				return terr
			}
			if err != nil && (!errors.Is(err, io.EOF) || at < len(b)) {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return err
	}
	if offset == 0 {
		s.check = CheckContent(s.info) // from the beginning, for the first time or again
	}
	_, err = s.check.Write(b)
	return err
}

// relayJob feeds the parts of a relay.
type relayJob struct {
	m      *multipartJob
	source *relaySource
	proof  storage.Proof

	mu   sync.Mutex // guards bufs
	bufs map[int32][]byte
}

// partSize takes the source's own part size where it can be guessed, so that its ETag can be made again.
func (l *relayJob) partSize(src storage.Info, wish int64) int64 {
	if _, n := splitParts(src.ETag); n > 1 {
		for _, p := range guessParts(src.Size, n) {
			if p >= minPartSize && p <= 4*defaultPartSize {
				return p
			}
		}
	}
	return wish
}

// feed reads the source in order and sends the parts that the target lacks.
func (l *relayJob) feed(ctx context.Context, u uploadRow) error {
	l.bufs = map[int32][]byte{}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	defer workers.Wait()
	slots := make(chan []byte, relayAhead)
	for range relayAhead {
		slots <- nil
	}
	for number := int32(1); number <= partCount(u.size, u.partSize); number++ {
		var buf []byte
		select {
		case buf = <-slots:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		offset, length := span(number, u.partSize, u.size)
		if int64(cap(buf)) < u.partSize {
			buf = make([]byte, u.partSize)
		}
		buf = buf[:length]
		if err := l.source.read(ctx, buf, offset); err != nil {
			return err
		}
		sum := md5.Sum(buf)
		if l.have(number, sum[:]) {
			slots <- buf
			continue
		}
		l.mu.Lock()
		l.bufs[number] = buf
		l.mu.Unlock()
		workers.Go(func() {
			if err := l.m.part(ctx, u, number); err != nil {
				cancel(err)
			}
			l.mu.Lock()
			delete(l.bufs, number)
			l.mu.Unlock()
			slots <- buf
		})
	}
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return nil
}

// have tells whether the target has a part of an earlier run with the very bytes that were just read.
func (l *relayJob) have(number int32, sum []byte) bool {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	p, ok := l.m.parts[number]
	if !ok {
		return false
	}
	if p.MD5 != nil && bytes.Equal(p.MD5, sum) || strings.EqualFold(p.ETag, hex.EncodeToString(sum)) {
		return true
	}
	delete(l.m.parts, number) // sent again, and counted again then
	l.m.r.moveBytes(l.m.it, -p.Size)
	return false
}

func (l *relayJob) send(ctx context.Context, s *storage.Session, u uploadRow, number int32) (storage.Part, error) {
	l.mu.Lock()
	buf := l.bufs[number]
	l.mu.Unlock()
	p, err := s.UploadPart(ctx, u.loc, u.upload, number, l.m.r.body(ctx, l.m.it, bytes.NewReader(buf), int64(len(buf))))
	if err == nil && p.MD5 == nil {
		sum := md5.Sum(buf)
		p.MD5 = sum[:]
	}
	return p, err
}

// check holds what was read against the source's checksum, before Complete.
func (l *relayJob) check() error {
	var err error
	l.proof, err = l.source.proof()
	return err
}
