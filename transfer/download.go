package transfer

import (
	"context"
	"errors"
	"fmt"
	"path"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
)

// openTarget opens the folder that a download writes into.
func (r *run) openTarget() error {
	if r.req.Kind != Download && !r.req.syncsDown() {
		return nil
	}
	d, err := localfs.OpenDest(r.req.destDir(), true)
	if err != nil {
		return err
	}
	r.dest = d
	return nil
}

func (r *run) closeTarget() {
	if r.dest == nil {
		return
	}
	if err := errors.Join(r.dest.Close(), r.links.close()); err != nil {
		r.q.log.Debug("close destination", "error", err)
	}
	if r.filesDone.Load() == 0 {
		r.dest.Undo()
	}
}

// errAgain says that a download has to begin anew: the object or the temporary file is not what it was.
var errAgain = errors.New("the download begins anew")

// download does one item of a download.
func (r *run) download(ctx context.Context, it *liveItem) error {
	d, rel, err := r.place(ctx, it.target)
	if err != nil {
		return err
	}
	if it.kind == itemFolder {
		if err := d.MkdirAll(rel); err != nil {
			return err
		}
		it.result, it.proof = ResultDone, storage.ProofSize
		return nil
	}
	if done, err := r.renamedBefore(ctx, it, d); err != nil || done {
		return err
	}
	goOn, err := r.settleLocal(ctx, it, d, &rel)
	if err != nil || !goOn {
		return err
	}
	for again := 0; ; again++ {
		j := &downloadJob{r: r, it: it, d: d, rel: rel}
		err := j.run(ctx)
		if err == nil {
			return nil
		}
		wrong := errors.Is(err, errMismatch)
		if again > 0 || !wrong && !errors.Is(err, errAgain) {
			return asRead(it, err)
		}
		if wrong {
			it.addNote(text.T("transfer.refetched"))
		}
		r.q.log.Info("downloading again", "transfer", int64(r.id), "item", it.seq, "error", err)
	}
}

// asRead gives what failed twice its kind.
func asRead(it *liveItem, err error) error {
	switch {
	case errors.Is(err, errMismatch):
		return &storage.Error{Op: "GetObject", Location: it.from(), Kind: storage.KindChecksum, Code: "ChecksumMismatch", Message: err.Error(), Err: err}
	case errors.Is(err, errAgain):
		return fmt.Errorf("%w: %w", ErrObjectChanged, err)
	}
	return err
}

// downloadJob fetches one object into one temporary file.
type downloadJob struct {
	r   *run
	it  *liveItem
	d   *localfs.Dest
	rel string

	row   downloadRow
	noRow bool // the journal has nothing of it
	info  storage.Info
	w     *localfs.Writer

	tail tail

	flushing sync.Mutex // held by the one that flushes

	mu     sync.Mutex       // guards below
	ranges map[int32]uint64 // the CRC64NVME of what has come
	batch  *rangeBatch      // the ranges that the next flush keeps
}

func (j *downloadJob) run(ctx context.Context) (err error) {
	resumed, err := j.resume(ctx)
	if err != nil {
		return err
	}
	defer func() { err = j.leave(ctx, err) }()
	if !resumed {
		if err := j.begin(ctx); err != nil {
			return err
		}
	}
	if err := j.fetchAll(ctx); err != nil {
		return err
	}
	return j.finish(ctx)
}

// leave closes what is open. The temporary file stays only if the journal names it and it can be gone on with.
func (j *downloadJob) leave(ctx context.Context, err error) error {
	if j.w == nil {
		return err
	}
	j.mu.Lock()
	worth := len(j.ranges) > 0 && j.row.rangeSize < j.row.size
	j.mu.Unlock()
	lost := errors.Is(j.r.mine(context.WithoutCancel(ctx)), ErrForeign) // then the file is its new owner's
	if lost || worth && !errors.Is(err, errAgain) && !errors.Is(err, errMismatch) {
		return errors.Join(err, j.w.Keep())
	}
	gone := j.w.Discard()
	if !j.it.single {
		gone = errors.Join(gone, flushRemoval(j.d, j.row.temp))
	}
	return errors.Join(err, gone, j.forget(ctx))
}

func (j *downloadJob) forget(ctx context.Context) error {
	j.r.moveBytes(j.it, -j.it.done.Load())
	if j.row.temp == "" || j.noRow {
		return nil
	}
	return j.r.write(context.WithoutCancel(ctx), false, func(t *tx) error { return t.forgetItem(j.r.id, j.it.seq) })
}

// rangeSize is how much is fetched by one request.
func (j *downloadJob) rangeSize() int64 { return j.r.wishPart() }

// begin makes the first request, which tells the size and carries the first bytes, and the temporary file.
func (j *downloadJob) begin(ctx context.Context) error {
	j.ranges = map[int32]uint64{}
	first := &piece{job: j, number: 1}
	// What the listing said of small objects is enough to ask for them whole. Empty ones have no range.
	whole := j.it.size >= 0 && j.it.size <= j.rangeSize()
	c := part
	if whole {
		c = classOf(j.it.size)
	}
	receive := func(ctx context.Context, s *storage.Session) error {
		if j.w != nil { // it broke off after the beginning
			return first.fetch(ctx, s)
		}
		rd, err := s.Read(ctx, j.it.from(), storage.ReadOptions{Whole: whole, Length: j.rangeSize(), IfMatch: j.r.plannedETag(j.it)})
		if emptyRange(err) {
			whole = true
			rd, err = s.Read(ctx, j.it.from(), storage.ReadOptions{Whole: true, IfMatch: j.r.plannedETag(j.it)})
		}
		if err != nil {
			return err
		}
		defer rd.Close() // the reader has told every error by then
		if err := j.opened(ctx, rd.Info, rd.Length == rd.Info.Size); err != nil {
			return err
		}
		first.length = rd.Length
		return first.receive(ctx, rd)
	}
	return j.r.try(ctx, request{class: c, ref: j.r.req.Connection, item: j.it, do: func(ctx context.Context, s *storage.Session) error {
		if err := receive(ctx, s); err != nil {
			return err
		}
		return j.keepRange(ctx, 1, first.crc)
	}})
}

// emptyRange tells whether a range was refused because the object is empty.
func emptyRange(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && (e.Code == "InvalidRange" || e.HTTPStatus == 416)
}

// opened makes the temporary file once the size is known, and records it before anything that is worth keeping is in it.
func (j *downloadJob) opened(ctx context.Context, info storage.Info, single bool) error {
	j.info = info
	if err := j.r.sized(ctx, j.it, info.Size); err != nil {
		return err
	}
	j.row = downloadRow{
		seq: j.it.seq, target: j.rel, size: info.Size, rangeSize: j.rangeSize(),
		etag: info.ETag, version: info.Location.Version, modified: info.Modified,
	}
	if single {
		j.row.rangeSize = max(info.Size, 1)
	}
	if err := j.name(ctx, single); err != nil {
		return err
	}
	var err error
	if j.w, err = j.d.Create(j.rel, j.row.temp, info.Size); err != nil {
		return err
	}
	j.direct()
	if single {
		return nil
	}
	id, err := j.w.Identity()
	if err != nil {
		return err
	}
	j.row.file = id.File
	return j.r.write(ctx, true, func(t *tx) error { return t.putDownload(j.r.id, j.row) })
}

// direct has a large file written past the page cache: nobody reads it at once, and it would push out what is read.
func (j *downloadJob) direct() {
	if j.row.size >= j.r.q.cfg.Direct {
		j.w.Direct()
	}
}

// resume takes up the temporary file of an earlier run if it is there and what it was. Whether the object is what it was shows
// with the next range, by If-Match; when there is none, by a request for its head.
func (j *downloadJob) resume(ctx context.Context) (bool, error) {
	row, found, err := j.r.oldDownload(ctx, j.it)
	if err != nil || !found {
		return false, err
	}
	w, err := j.d.Reopen(row.target, row.temp, localfs.Identity{File: row.file, Size: row.size})
	if err != nil {
		if row.file != "" {
			j.it.addNote(text.T("transfer.temp_gone"))
		}
		return false, errors.Join(j.d.RemoveTemp(row.temp), flushRemoval(j.d, row.temp),
			j.r.write(ctx, false, func(t *tx) error { return t.forgetItem(j.r.id, j.it.seq) }))
	}
	j.w, j.row = w, row
	j.direct()
	done, err := j.r.q.j.parts(ctx, j.r.id, j.it.seq)
	if err == nil {
		err = j.r.try(ctx, request{class: small, ref: j.r.req.Connection, item: j.it, do: func(ctx context.Context, s *storage.Session) error {
			var err error
			j.info, err = s.Stat(ctx, j.it.from())
			return err
		}})
	}
	if err != nil {
		err = errors.Join(err, w.Keep())
		j.w = nil
		return false, err
	}
	if row.target != j.rel || j.info.ETag != row.etag || j.info.Size != row.size || j.info.Location.Version != row.version ||
		!j.info.Modified.Equal(row.modified) || row.rangeSize <= 0 || len(done) == 0 {
		if len(done) > 0 {
			j.it.addNote(text.T("transfer.object_changed"))
		}
		err := errors.Join(w.Discard(), flushRemoval(j.d, row.temp), j.r.write(ctx, false, func(t *tx) error { return t.forgetItem(j.r.id, j.it.seq) }))
		j.w, j.row = nil, downloadRow{}
		return false, err
	}
	j.ranges = map[int32]uint64{}
	var bytes int64
	for _, p := range done {
		if _, length := span(p.Number, row.rangeSize, row.size); p.Number >= 1 && length == p.Size {
			j.ranges[p.Number] = p.crc
			bytes += p.Size
		}
	}
	j.it.done.Add(bytes)
	j.r.count(bytes)
	j.it.addNote(text.T("transfer.resumed"))
	return true, j.r.sized(ctx, j.it, row.size)
}

// fetchAll fetches the ranges that are missing, many at a time.
func (j *downloadJob) fetchAll(ctx context.Context) error {
	j.mu.Lock()
	whole := j.row.size <= j.row.rangeSize && len(j.ranges) > 0
	j.mu.Unlock()
	if whole { // it came with the first answer
		return nil
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(partsAhead)
	for number := int32(1); int64(number-1)*j.row.rangeSize < j.row.size; number++ {
		j.mu.Lock()
		_, have := j.ranges[number]
		j.mu.Unlock()
		if have {
			continue
		}
		if gctx.Err() != nil {
			break
		}
		g.Go(func() error {
			p := &piece{job: j, number: number}
			_, p.length = span(number, j.row.rangeSize, j.row.size)
			return j.r.try(gctx, request{class: part, ref: j.r.req.Connection, item: j.it, do: func(ctx context.Context, s *storage.Session) error {
				if err := p.fetchHedged(ctx, s); err != nil {
					return err
				}
				return j.keepRange(ctx, number, p.crc)
			}})
		})
	}
	j.tail.onlyLast()
	if err := g.Wait(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// crc is the CRC64NVME of the whole, from those of the ranges.
func (j *downloadJob) crc() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	var sum uint64
	for number := int32(1); int64(number-1)*j.row.rangeSize < j.row.size; number++ {
		_, length := span(number, j.row.rangeSize, j.row.size)
		sum = combineCRC64(sum, j.ranges[number], length)
	}
	return sum
}

// finish verifies the whole file and makes it visible.
func (j *downloadJob) finish(ctx context.Context) error {
	proof := storage.ProofSize
	if !j.r.req.Options.NoVerify {
		var err error
		if proof, err = j.prove(ctx); err != nil {
			return err
		}
	}
	if err := j.r.mine(ctx); err != nil {
		return err
	}
	if err := j.r.makeWay(j.it, j.d, j.rel); err != nil {
		return err
	}
	if err := j.w.Commit(j.row.size, j.modified()); err != nil {
		return err
	}
	j.w = nil
	j.it.dest, j.it.folder = j.d, path.Dir(j.rel)
	j.it.result, j.it.proof, j.it.etag = ResultDone, proof, j.row.etag
	return nil
}

// prove compares the file with what the server has. The answer to a range tells no checksum of the whole, so a file of many
// ranges, and one that nothing else proves, costs one request for the object's head.
func (j *downloadJob) prove(ctx context.Context) (storage.Proof, error) {
	crc := j.crc()
	asked := len(j.info.Checksums.Values) > 0
	if !asked && j.row.rangeSize < j.row.size {
		asked = true
		if err := j.head(ctx); err != nil {
			return storage.ProofNone, err
		}
	}
	proof, err := j.compare(ctx, &crc)
	if err != nil || proof > storage.ProofSize || asked {
		return proof, err
	}
	if err := j.head(ctx); err != nil {
		return storage.ProofNone, err
	}
	return j.compare(ctx, &crc)
}

// compare holds the file against what is known of the object. Another object where its parts are asked for means to begin anew.
func (j *downloadJob) compare(ctx context.Context, crc *uint64) (storage.Proof, error) {
	proof, err := prove(ctx, j.info, j.w, j.row.size, crc, j.r.cutOf(j.it, j.info))
	if storage.KindOf(err) == storage.KindPrecondition {
		j.it.addNote(text.T("transfer.object_changed"))
		err = fmt.Errorf("%w: %w", errAgain, err)
	}
	return proof, err
}

// head takes the checksums from the object's head, which must still be the object that was read. Where the head is refused,
// what the ranges told has to do.
func (j *downloadJob) head(ctx context.Context) error {
	from := j.it.from()
	if from.Version == "" {
		from.Version = j.row.version
	}
	var info storage.Info
	err := j.r.try(ctx, request{class: small, ref: j.r.req.Connection, item: j.it, do: func(ctx context.Context, s *storage.Session) error {
		var err error
		info, err = s.Stat(ctx, from)
		return err
	}})
	switch storage.KindOf(err) {
	case storage.KindPermission, storage.KindUnsupported:
		return nil
	case storage.KindNotFound, storage.KindPrecondition:
		j.it.addNote(text.T("transfer.object_changed"))
		return fmt.Errorf("%w: %w", errAgain, err)
	}
	if err != nil {
		return err
	}
	if info.ETag != j.row.etag || info.Size != j.row.size {
		j.it.addNote(text.T("transfer.object_changed"))
		return errAgain
	}
	j.info.Checksums = info.Checksums
	return nil
}

// modified is the time that the file gets: what the uploader recorded, else the object's.
func (j *downloadJob) modified() time.Time {
	if !j.r.req.Options.PreserveTime {
		return time.Time{}
	}
	if t := parseTime(j.info.Metadata["mtime"]); !t.IsZero() {
		return t
	}
	return j.info.Modified
}
