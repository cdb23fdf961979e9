package transfer

import (
	"context"
	"errors"
	"path"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
)

// renamedBefore tells whether an earlier run has made the file visible and was cut off before the journal said so. Then nothing is
// fetched again, and a policy for files that exist does not take our own for somebody else's.
func (r *run) renamedBefore(ctx context.Context, it *liveItem, d *localfs.Dest) (bool, error) {
	row, found, err := r.oldDownload(ctx, it)
	if err != nil || !found {
		return false, err
	}
	if _, err := d.Lstat(row.temp); err == nil {
		return false, nil
	}
	f, err := d.Open(row.target)
	if err != nil {
		return false, nil // not there, or nothing that a download makes
	}
	defer f.Close() // opened for reading
	id, err := localfs.IdentityOf(f)
	if err != nil || id.Size != row.size || row.file != "" && id.File != row.file {
		return false, nil
	}
	info, err := r.unchanged(ctx, it, row)
	if err != nil || info == nil {
		return false, err
	}
	crc, err := r.rangesCRC(ctx, row)
	if err != nil {
		return false, err
	}
	proof, err := prove(ctx, *info, f, row.size, crc, r.cutOf(it, *info))
	switch {
	case errors.Is(err, errMismatch), err == nil && proof <= storage.ProofSize && row.file == "":
		return false, nil
	case err != nil:
		return false, err
	}
	it.target = path.Join(path.Dir(it.target), path.Base(row.target))
	it.result, it.proof, it.etag = ResultDone, proof, row.etag
	it.addNote(text.T("transfer.found_done"))
	return true, r.sized(ctx, it, row.size)
}

// unchanged is the object if it is still what an unfinished download read; else nil.
func (r *run) unchanged(ctx context.Context, it *liveItem, row downloadRow) (*storage.Info, error) {
	var info storage.Info
	err := r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		var err error
		info, err = s.Stat(ctx, it.from())
		return err
	}})
	if storage.KindOf(err) == storage.KindNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if info.ETag != row.etag || info.Size != row.size || info.Location.Version != row.version || !info.Modified.Equal(row.modified) {
		return nil, nil
	}
	return &info, nil
}

// rangesCRC is the CRC64NVME of a whole download by its recorded ranges; nil if some are not recorded.
func (r *run) rangesCRC(ctx context.Context, row downloadRow) (*uint64, error) {
	done, err := r.q.j.parts(ctx, r.id, row.seq)
	if err != nil || row.rangeSize <= 0 {
		return nil, err
	}
	var sum uint64
	var number int32
	for _, p := range done {
		number++
		if _, length := span(number, row.rangeSize, row.size); p.Number != number || p.Size != length {
			return nil, nil
		}
		sum = combineCRC64(sum, p.crc, p.Size)
	}
	if int64(number)*row.rangeSize < row.size {
		return nil, nil
	}
	return &sum, nil
}
