package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
)

// errUploadGone says that the server does not know the upload any more, and that it was not completed either.
var errUploadGone = errors.New("the server no longer has the upload")

// uploadInParts uploads a large file. The upload's id is on disk before the first part is sent, and each part's proof before it
// counts, so that a kill costs no more than the parts under way.
func (r *run) uploadInParts(ctx context.Context, it *liveItem, src *localSource, o storage.WriteOptions) (storage.Written, error) {
	send := func(ctx context.Context, s *storage.Session, u uploadRow, number int32) (storage.Part, error) {
		offset, length := span(number, u.partSize, u.size)
		if err := src.check(); err != nil {
			return storage.Part{}, err
		}
		return s.UploadPart(ctx, u.loc, u.upload, number, r.body(ctx, it, src.section(offset, length), length))
	}
	m := &multipartJob{r: r, it: it, size: src.id.Size, file: src.id, options: o, send: send, check: src.check, source: src.section}
	return m.run(ctx)
}

// multipartJob makes one object out of parts, whatever these come from.
type multipartJob struct {
	r          *run
	it         *liveItem
	size       int64
	partSize   int64            // wished; 0 = the request's
	file       localfs.Identity // of an upload
	sourceETag string           // of a copy
	options    storage.WriteOptions
	send       func(ctx context.Context, s *storage.Session, u uploadRow, number int32) (storage.Part, error)
	check      func() error // that the source is still what it was
	// feed sends what is missing in its own way; nil = [multipartJob.sendAll].
	feed      func(ctx context.Context, u uploadRow) error
	completed bool // a Complete may have been carried out
	adopted   bool // the request's upload of somebody else's was taken over
	copied    bool // parts make no bytes of their own: progress counts when they are done

	source func(offset, length int64) io.ReaderAt // what the parts are made of; nil = it cannot be read here

	tail tail

	mu     sync.Mutex // guards below
	parts  map[int32]partRow
	listed map[int32]storage.Part // what the server has and the journal does not
	sent   map[int32]bool         // in this run, with an answer
}

func (m *multipartJob) run(ctx context.Context) (storage.Written, error) {
	for again := 0; ; again++ {
		u, done, err := m.resume(ctx)
		if err != nil {
			return storage.Written{}, err
		}
		if done != nil {
			return m.kept(ctx, *done)
		}
		w, err := m.once(ctx, u)
		if err == nil {
			return m.kept(ctx, w)
		}
		if !errors.Is(err, errUploadGone) {
			return w, err
		}
		if again == 2 {
			if m.completed { // the object is not there as it must be, and the upload is no more
				m.it.stage = stageUnsure
			}
			return w, err
		}
		m.it.addNote(text.T("transfer.upload_gone"))
		if err := m.disown(ctx); err != nil {
			return w, err
		}
	}
}

// once sends what is missing of an upload and completes it.
func (m *multipartJob) once(ctx context.Context, u uploadRow) (storage.Written, error) {
	if u.upload.ID == "" {
		begin := m.create
		if m.r.req.Adopt != nil && !m.adopted {
			begin = m.adopt
		}
		var err error
		if u, err = begin(ctx); err != nil {
			return storage.Written{}, err
		}
	}
	feed := m.sendAll
	if m.feed != nil {
		feed = m.feed
	}
	for again := 0; ; again++ {
		if err := feed(ctx, u); err != nil {
			return storage.Written{}, err
		}
		w, err := m.complete(ctx, u)
		if again == 2 || !partsRefused(err) {
			return w, err
		}
		other, cerr := m.dropOthers(ctx, u)
		if cerr != nil {
			return w, cerr
		}
		if again > 0 || !other {
			other = m.dropUnsent() || other
		}
		if !other {
			return w, err
		}
		m.r.q.log.Info("sending parts again that the server has otherwise", "transfer", int64(m.r.id), "item", m.it.seq, "error", err)
	}
}

func (m *multipartJob) request(c class, do func(ctx context.Context, s *storage.Session) error) request {
	return request{class: c, ref: m.r.req.uploadRef(), item: m.it, do: do}
}

// create begins an upload. Its id is flushed to the disk before anything is sent.
func (m *multipartJob) create(ctx context.Context) (uploadRow, error) {
	u := uploadRow{seq: m.it.seq, loc: m.it.to(), size: m.size, file: m.file, sourceETag: m.sourceETag}
	m.it.uploads = true
	lost := false
	err := m.r.try(ctx, m.request(small, func(ctx context.Context, s *storage.Session) error {
		if lost {
			if err := m.sweepLost(ctx, s, &u); err != nil {
				return err
			}
			lost = false
		}
		if err := m.intend(ctx, &u); err != nil {
			return err
		}
		u.partSize = partSizeFor(m.size, m.wish(), s.Capabilities(u.loc.Bucket).MaxParts)
		var err error
		u.upload, err = s.CreateUpload(ctx, u.loc, m.options)
		lost = answerLost(err)
		return err
	}))
	if err != nil {
		return u, err
	}
	m.mu.Lock()
	m.parts, m.sent = map[int32]partRow{}, map[int32]bool{}
	m.mu.Unlock()
	err = m.r.write(context.WithoutCancel(ctx), true, func(t *tx) error {
		if err := t.forgetItem(m.r.id, m.it.seq); err != nil {
			return err
		}
		return t.putUpload(m.r.id, u)
	})
	if err != nil { // nobody would know of it
		err = errors.Join(err, m.unmake(ctx, u))
	}
	return u, err
}

// sweepLost aborts the upload that may have been made by a try whose answer was lost, before another one is made.
func (m *multipartJob) sweepLost(ctx context.Context, s *storage.Session, u *uploadRow) error {
	err := sweep(ctx, s, *u)
	switch storage.KindOf(err) {
	case storage.KindNotFound, storage.KindPermission, storage.KindUnsupported:
		err = nil // it may not or cannot be looked for
	}
	if err != nil {
		return err
	}
	u.created = time.Time{} // of the next
	return nil
}

// intend records what is about to be made: after a kill or a power cut, or when the answer is lost, sweep finds it by its time. A
// try after a long wait needs a time of its own.
func (m *multipartJob) intend(ctx context.Context, u *uploadRow) error {
	now := m.r.q.now()
	if !u.created.IsZero() && now.Sub(u.created) < sweepSpan/2 {
		return nil
	}
	u.created = now
	return m.r.write(ctx, true, func(t *tx) error { return t.putUpload(m.r.id, *u) })
}

// answerLost tells whether a request may have been carried out although it failed.
func answerLost(err error) bool {
	var e *storage.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case storage.KindServer, storage.KindTruncated, storage.KindNotS3:
		return true
	case storage.KindNetwork:
		return !down[e.Code]
	}
	return false
}

// unmakeTime bounds how long an upload that could not be recorded is tried to be aborted.
const unmakeTime = 10 * time.Second

// unmake aborts an upload that the journal does not or will not name.
func (m *multipartJob) unmake(ctx context.Context, u uploadRow) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unmakeTime)
	defer cancel()
	s, err := m.r.q.sessions.get(ctx, m.r.req.uploadRef())
	if err != nil {
		return err
	}
	return s.AbortUpload(ctx, u.loc, u.upload.ID)
}

func (m *multipartJob) wish() int64 {
	if m.partSize > 0 {
		return m.partSize
	}
	return m.r.wishPart()
}

// sendAll sends the parts that are missing, many at a time. The first failure drops the others, which can be resumed.
func (m *multipartJob) sendAll(ctx context.Context, u uploadRow) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(partsAhead)
	for number := int32(1); number <= partCount(u.size, u.partSize); number++ {
		m.mu.Lock()
		_, have := m.parts[number]
		m.mu.Unlock()
		if have {
			continue
		}
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error { return m.part(gctx, u, number) })
	}
	m.tail.onlyLast()
	if err := g.Wait(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return m.confirm(ctx, u)
}

func (m *multipartJob) part(ctx context.Context, u uploadRow, number int32) error {
	p, have := m.found(ctx, u, number)
	counted, err := int64(0), error(nil)
	if !have {
		p, counted, err = m.sendPart(ctx, u, number)
	}
	if uploadGone(err) {
		return fmt.Errorf("%w: %w", errUploadGone, err)
	}
	if err != nil {
		return err
	}
	row := partRow{Part: p}
	m.r.moveBytes(m.it, p.Size-counted)
	m.mu.Lock()
	m.parts[number] = row
	if !have {
		m.sent[number] = true
	}
	m.mu.Unlock()
	// Not flushed: after a power cut ListParts and the part's own bytes tell as well, at the price of sending it again.
	return m.r.write(context.WithoutCancel(ctx), false, func(t *tx) error { return t.putPart(m.r.id, m.it.seq, row) })
}

// mayHaveWorked tells whether a request was, or may have been, carried out, whatever its answer was worth.
func mayHaveWorked(err error) bool {
	var e *storage.Error
	return err == nil || errors.As(err, &e) && (e.Unknown || e.HTTPStatus >= 200 && e.HTTPStatus < 300)
}

// bucketGone tells whether the whole bucket is said not to be there: that says nothing of an upload, which may be there again.
func bucketGone(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && e.Code == "NoSuchBucket"
}

func uploadGone(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && e.Code == "NoSuchUpload"
}

// list is the parts in order.
func (m *multipartJob) list(u uploadRow) []storage.Part {
	m.mu.Lock()
	defer m.mu.Unlock()
	ps := make([]storage.Part, 0, len(m.parts))
	for n := int32(1); n <= partCount(u.size, u.partSize); n++ {
		if p, ok := m.parts[n]; ok {
			ps = append(ps, p.Part)
		}
	}
	return ps
}

// complete puts the parts together, after a last look at the source. A lost answer is made good by comparing what is there
// with what the parts must give.
func (m *multipartJob) complete(ctx context.Context, u uploadRow) (storage.Written, error) {
	if err := errors.Join(m.check(), m.r.mine(ctx)); err != nil {
		return storage.Written{}, err
	}
	if !u.completing {
		u.completing = true
		if err := m.r.write(ctx, true, func(t *tx) error { return t.putUpload(m.r.id, u) }); err != nil {
			return storage.Written{}, err
		}
	}
	var w storage.Written
	parts := m.list(u)
	err := m.r.try(ctx, m.request(small, func(ctx context.Context, s *storage.Session) error {
		if m.it.stage == stageUnsure {
			done, err := m.proved(ctx, s, u, parts, &w)
			if err != nil || done {
				return err
			}
		}
		var err error
		w, err = s.CompleteUpload(ctx, u.loc, u.upload, parts, m.options)
		m.completed = m.completed || mayHaveWorked(err)
		if err == nil {
			m.it.stage = stageNone
			return nil
		}
		if isUnknown(err) {
			m.it.stage = stageUnsure
			if what, _ := judge(err); what == giveIn && ctx.Err() == nil {
				// Nothing says that another try helps: look at once.
				if done, perr := m.proved(ctx, s, u, parts, &w); done || perr != nil {
					return perr
				}
			}
		}
		return err
	}))
	return w, err
}

// proved looks whether the upload has become the object. False means that it has not: Complete can be sent again.
func (m *multipartJob) proved(ctx context.Context, s *storage.Session, u uploadRow, parts []storage.Part, w *storage.Written) (bool, error) {
	found, err := s.ProveUpload(ctx, u.loc, u.upload, parts)
	if err == nil {
		*w = found
		m.it.stage = stageNone
		m.it.addNote(text.T("transfer.found_done"))
		_ = m.unmake(ctx, u) // an object of the same bytes may have been there before: the upload is still open then
		return true, nil
	}
	switch storage.KindOf(err) {
	case storage.KindNotFound, storage.KindConflict, storage.KindPermission:
	default:
		return false, err
	}
	for _, perr := range s.Parts(ctx, u.loc, u.upload.ID) {
		if perr == nil {
			m.it.stage = stageNone
			return false, nil
		}
		if storage.KindOf(perr) == storage.KindNotFound {
			if storage.KindOf(err) == storage.KindPermission {
				return false, err // it may be complete, and may not be looked at: unknown
			}
			m.it.stage = stageNone
			return false, fmt.Errorf("%w: %w", errUploadGone, err)
		}
		return false, perr
	}
	m.it.stage = stageNone
	return false, nil
}

func (m *multipartJob) forget(ctx context.Context) error {
	m.mu.Lock()
	m.parts, m.sent = map[int32]partRow{}, map[int32]bool{}
	m.mu.Unlock()
	m.r.moveBytes(m.it, -m.it.done.Load())
	return m.r.write(ctx, false, func(t *tx) error { return t.forgetItem(m.r.id, m.it.seq) })
}

// resume takes up the upload of an earlier run, if there is one, its source is what it was, and the server still has it. Only
// parts that the journal and the server agree on count. done is set if the upload turns out to be complete.
func (m *multipartJob) resume(ctx context.Context) (u uploadRow, done *storage.Written, err error) {
	u, found, err := m.r.oldUpload(ctx, m.it)
	if err != nil || !found {
		return uploadRow{}, nil, err
	}
	if u.upload.ID == "" {
		return uploadRow{}, nil, m.abandon(ctx, u)
	}
	if u.loc != m.it.to() || u.size != m.size || !u.file.Equal(m.file) || u.sourceETag != m.sourceETag || u.partSize <= 0 {
		m.it.addNote(text.T("transfer.file_changed"))
		return uploadRow{}, nil, m.abandon(ctx, u)
	}
	mine, err := m.r.q.j.parts(ctx, m.r.id, m.it.seq)
	if err != nil {
		return u, nil, err
	}
	theirs := map[int32]storage.Part{}
	var w storage.Written
	complete := false
	err = m.r.try(ctx, m.request(small, func(ctx context.Context, s *storage.Session) error {
		clear(theirs)
		for ps, err := range s.Parts(ctx, u.loc, u.upload.ID) {
			if err != nil {
				if !uploadGone(err) && storage.KindOf(err) != storage.KindNotFound || !u.completing {
					return err
				}
				found, perr := s.ProveUpload(ctx, u.loc, u.upload, plain(mine))
				if perr != nil {
					if judged, _ := judge(perr); judged != giveIn {
						return perr
					}
					return err
				}
				w, complete = found, true
				return nil
			}
			for _, p := range ps {
				theirs[p.Number] = p
			}
		}
		return nil
	}))
	switch {
	case uploadGone(err) || storage.KindOf(err) == storage.KindNotFound && !bucketGone(err):
		m.it.addNote(text.T("transfer.upload_gone"))
		return uploadRow{}, nil, m.disown(ctx)
	case err != nil:
		return u, nil, err
	case complete:
		m.it.addNote(text.T("transfer.found_done"))
		_ = m.unmake(ctx, u) // as where it is proved
		return u, &w, nil
	}
	m.accept(u, mine, theirs)
	return u, nil, nil
}

// abandon aborts an upload that cannot be used any more and forgets it.
func (m *multipartJob) abandon(ctx context.Context, u uploadRow) error {
	err := m.r.try(ctx, m.request(small, func(ctx context.Context, s *storage.Session) error {
		if u.upload.ID == "" {
			return sweep(ctx, s, u)
		}
		return s.AbortUpload(ctx, u.loc, u.upload.ID)
	}))
	switch storage.KindOf(err) {
	case storage.KindNotFound, storage.KindPermission, storage.KindUnsupported:
		err = nil // it is gone, or it may not or cannot be aborted
	}
	if err != nil {
		return err
	}
	return m.forget(ctx)
}

// dropUpload aborts an upload of an earlier run, of an item that now goes in one request: the source has become smaller.
func (r *run) dropUpload(ctx context.Context, it *liveItem) error {
	u, found, err := r.oldUpload(ctx, it)
	if err != nil || !found {
		return err
	}
	it.addNote(text.T("transfer.file_changed"))
	return (&multipartJob{r: r, it: it}).abandon(ctx, u)
}
