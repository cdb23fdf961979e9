package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"pintail/internal/text"
	"pintail/storage"
)

// copy does one item of a copy or a move: on the server, or between two connections through this machine.
func (r *run) copy(ctx context.Context, it *liveItem) error {
	for again := 0; ; again++ {
		err := r.copyOnce(ctx, it)
		if err == nil || storage.KindOf(err) != storage.KindPrecondition || r.req.Options.Write.IfNoneMatch || r.req.Kind == Sync {
			return err
		}
		if again > 0 {
			return fmt.Errorf("%w: %w", ErrObjectChanged, err)
		}
		it.etag = "" // the source is not what was listed: look again
		it.addNote(text.T("transfer.object_changed"))
	}
}

func (r *run) copyOnce(ctx context.Context, it *liveItem) error {
	src := storage.Info{Location: it.from(), Size: it.size, ETag: it.etag, Class: it.class, Modified: it.modified}
	headed := it.size < 0 || it.etag == "" || it.size > r.q.singleCopy || r.req.between() // else the listing told enough
	whole := false                                                                        // the server is known to copy nothing in parts: at once then, whatever the size
	if headed {
		err := r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
			parts := s.Capabilities(it.to().Bucket).MultipartCopy
			whole = parts != nil && !*parts
			var err error
			src, err = s.Stat(ctx, it.from())
			return err
		}})
		if err != nil {
			return err
		}
		it.etag, it.class = src.ETag, className(src.Class)
		if err := r.sized(ctx, it, src.Size); err != nil {
			return err
		}
	}
	goOn, ifNone, err := r.settleRemote(ctx, it, side{info: src, name: it.from().String(), size: src.Size, modified: src.Modified})
	if err != nil || !goOn {
		return err
	}
	var w storage.Written
	it.single = false
	switch {
	case r.req.between():
		w, err = r.relay(ctx, it, src, ifNone)
	case src.Size > r.q.singleCopy && !whole:
		w, err = r.copyInParts(ctx, it, src, ifNone)
	default:
		if err := r.dropUpload(ctx, it); err != nil {
			return err
		}
		it.single = true
		w, err = r.copySingle(ctx, it, ifNone)
	}
	if err == nil && w.Proof != storage.ProofNone {
		err = r.carry(ctx, it, src, headed, w)
	}
	if err != nil {
		return err
	}
	return r.wrote(it, w)
}

// copySingle is one request. After a lost answer the target is looked at before it is done again.
func (r *run) copySingle(ctx context.Context, it *liveItem, ifNone bool) (storage.Written, error) {
	wo := r.req.Options.Write
	o := storage.CopyOptions{SourceIfMatch: it.etag, Class: wo.Class, ACL: wo.ACL, IfNoneMatch: ifNone || wo.IfNoneMatch, Encryption: wo.Encryption}
	if o.Class == "" {
		o.Class = it.class
	}
	if r.req.Options.ReplaceMeta {
		o.Replace = &wo
	}
	var w storage.Written
	err := r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		if it.stage == stageUnsure {
			if found, err := r.foundCopied(ctx, s, it, o, &w); err != nil || found {
				return err
			}
		}
		if err := r.mine(ctx); err != nil {
			return err
		}
		var err error
		w, err = s.Copy(ctx, it.from(), it.to(), o)
		it.stage = stageNone
		if isUnknown(err) {
			it.stage = stageUnsure
		}
		return err
	}})
	return w, err
}

// metadataOf is what a new object must be given to be like the source.
func (r *run) metadataOf(ctx context.Context, it *liveItem, src storage.Info, ifNone bool) (storage.WriteOptions, error) {
	o := r.req.Options.Write
	if !r.req.Options.ReplaceMeta {
		o = storage.WriteOptions{Headers: src.Headers, Metadata: src.Metadata, Class: o.Class, Encryption: o.Encryption, ACL: o.ACL, Tags: o.Tags,
			IfNoneMatch: o.IfNoneMatch, Checksum: o.Checksum}
		if o.Class == "" {
			o.Class = src.Class
		}
		if o.Encryption.Type == "" && !r.req.between() {
			o.Encryption = src.Encryption
		}
		if o.Tags == nil && !r.req.Options.Plain {
			var err error
			if o.Tags, err = r.tagsOf(ctx, it, src); err != nil {
				return o, err
			}
		}
	}
	o.IfNoneMatch = o.IfNoneMatch || ifNone
	return o, nil
}

// copyInParts copies what is too large for one request, on the server.
func (r *run) copyInParts(ctx context.Context, it *liveItem, src storage.Info, ifNone bool) (storage.Written, error) {
	send := func(ctx context.Context, s *storage.Session, u uploadRow, number int32) (storage.Part, error) {
		offset, length := span(number, u.partSize, u.size)
		return s.CopyPart(ctx, src.Location, offset, length, src.ETag, u.loc, u.upload, number)
	}
	options, err := r.metadataOf(ctx, it, src, ifNone)
	if err != nil {
		return storage.Written{}, err
	}
	// versitygw (1.8.0) takes the checksum of the whole source for that of each part if the upload has the source's algorithm, and the
	// object gets one that its bytes do not have. Without an algorithm each server computes its own.
	if _, same := src.Checksums.Values[options.Checksum]; same || options.Checksum == "" {
		options.Checksum = storage.ChecksumNone
	}
	m := &multipartJob{
		r: r, it: it, size: src.Size, partSize: r.q.copyPart, sourceETag: src.ETag, options: options, send: send, copied: true,
		check: func() error { return nil }, // each part is copied only if the source's ETag still matches
	}
	w, err := m.run(ctx)
	if err == nil && w.Size != src.Size && w.Proof != storage.ProofStored {
		err = &storage.Error{Op: "CompleteMultipartUpload", Location: it.to(), Kind: storage.KindTruncated, Code: "Truncated"}
	}
	if err != nil {
		return w, err
	}
	if proved, err := storage.ProveCopy(src, it.to(), w); err == nil {
		return proved, nil
	}
	return r.lookAgain(ctx, it, src, w)
}

// lookAgain compares a copy with its source once more, as both are told now. The object has been replaced: if it is not what its source
// is, nobody knows what it is.
func (r *run) lookAgain(ctx context.Context, it *liveItem, src storage.Info, w storage.Written) (storage.Written, error) {
	to := it.to()
	to.Version = w.Version
	err := r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		from, err := s.Stat(ctx, src.Location)
		if err != nil {
			return err
		}
		now, err := s.Stat(ctx, to)
		if err != nil {
			return err
		}
		w.Checksums = now.Checksums
		w, err = storage.ProveCopy(from, to, w)
		return err
	}})
	if err != nil {
		it.stage = stageUnsure
	}
	return w, err
}

// removeMoved deletes the sources of what a move has copied and proved, and nothing else: a source that is no longer what was
// copied stays.
func (r *run) removeMoved(ctx context.Context) error {
	for after := int64(0); ; {
		rows, err := r.q.j.staged(ctx, r.id, after, deleteSize)
		if err != nil || len(rows) == 0 {
			return err
		}
		after = rows[len(rows)-1].seq
		if err := r.removeSources(ctx, rows); err != nil {
			return err
		}
	}
}

func (r *run) removeSources(ctx context.Context, rows []itemRow) error {
	items := make([]*liveItem, len(rows))
	for i, row := range rows {
		items[i] = &liveItem{itemRow: row, begun: r.q.now()}
		items[i].done.Store(max(0, row.size)) // counted when it was copied
	}
	if err := r.eachItem(ctx, items, r.checkSource); err != nil {
		return err
	}
	var gone []*liveItem
	for _, it := range items {
		if it.err == nil && it.result == Pending {
			gone = append(gone, it)
		}
	}
	if err := r.deleteAll(ctx, gone); err != nil {
		return err
	}
	if err := r.recordAll(ctx, items); err != nil {
		return err
	}
	for _, it := range items {
		r.tally(it)
	}
	return nil
}

// checkSource looks whether the source of a copy is still what was copied. A version that was named cannot change, and a server
// that holds deletions to a condition looks by itself, in the same instant.
func (r *run) checkSource(ctx context.Context, it *liveItem) error {
	if it.version != "" || !r.resumed && r.conditional(ctx, it.from().Bucket) && it.etag != "" {
		return nil
	}
	var info storage.Info
	err := r.try(ctx, request{class: small, ref: r.req.deleteRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		var err error
		info, err = s.Stat(ctx, it.from())
		return err
	}})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case storage.KindOf(err) == storage.KindNotFound:
		it.result = ResultDone // deleted already, before the end of an earlier run
	case err != nil:
		it.result, it.err = ResultFailed, err
	case info.ETag != it.etag || it.size >= 0 && info.Size != it.size:
		it.result, it.err = ResultFailed, fmt.Errorf("%w: %s was kept", ErrObjectChanged, it.from())
		it.addNote(text.T("transfer.source_changed"))
	}
	return nil
}

// conditional tells whether the server is known to delete an object only while it has a given ETag.
func (r *run) conditional(ctx context.Context, bucket string) bool {
	if r.req.Kind != Move {
		return false
	}
	s, err := r.q.sessions.get(ctx, r.req.Connection)
	if err != nil {
		return false // the next request says why
	}
	c := s.Capabilities(bucket).ConditionalDeletes
	return c != nil && *c
}

// eachItem calls do for all items, many at a time.
func (r *run) eachItem(ctx context.Context, items []*liveItem, do func(context.Context, *liveItem) error) error {
	errs := make([]error, len(items))
	var workers sync.WaitGroup
	g, _ := newGates(r.q.pool, r.req.Kind)
	for i, it := range items {
		if !g.take(ctx, 1) {
			errs[i] = context.Cause(ctx)
			break
		}
		workers.Go(func() {
			defer g.leave(1)
			it.moved.Store(r.q.now().UnixNano())
			errs[i] = do(ctx, it)
		})
	}
	workers.Wait()
	return errors.Join(errs...)
}
