package transfer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"pintail/internal/localfs"
	"pintail/storage"
)

// Remove stops transfers, aborts their unfinished uploads, removes their temporary files and forgets them. A transfer whose
// uploads cannot be aborted now, for lack of an answer, is kept and the error says so.
func (q *Queue) Remove(ctx context.Context, ids ...ID) error {
	var errs []error
	for _, id := range ids {
		if err := q.remove(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("remove transfer %d: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

func (q *Queue) remove(ctx context.Context, id ID) error {
	q.mu.Lock()
	e := q.all[id]
	var r *run
	if e != nil {
		r = e.run
	}
	q.mu.Unlock()
	if e == nil {
		return ErrNotFound
	}
	if r != nil {
		r.cancel(ErrStopped)
		select {
		case <-r.done:
			q.ended(r)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := q.j.write(ctx, false, func(t *tx) error { return t.claim(q, id) }); err != nil {
		return err
	}
	if err := q.clear(ctx, id, e.req); err != nil {
		return errors.Join(err, q.j.write(ctx, false, func(t *tx) error {
			_, err := t.exec("UPDATE transfers SET owner = '', lease = 0 WHERE id = ? AND owner = ?", id, q.owner)
			return err
		}))
	}
	if err := q.j.write(ctx, false, func(t *tx) error { return t.removeTransfer(id) }); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all[id] != nil {
		q.drop(id)
	}
	return nil
}

// clear takes away what a transfer left unfinished, on the server and on the disk.
func (q *Queue) clear(ctx context.Context, id ID, req Request) error {
	ups, err := q.j.uploads(ctx, id, 0)
	if err != nil {
		return err
	}
	for _, u := range ups {
		s, err := q.sessions.get(ctx, req.uploadRef())
		if err != nil {
			q.log.Warn("an upload is left behind: its connection is gone", "bucket", u.loc.Bucket, "key", u.loc.Key, "error", err)
			break
		}
		if u.upload.ID == "" {
			err = sweep(ctx, s, u)
		} else {
			err = s.AbortUpload(ctx, u.loc, u.upload.ID)
		}
		if err != nil && storage.KindOf(err) != storage.KindNotFound {
			if what, _ := judge(err); what != giveIn || ctx.Err() != nil {
				return err
			}
			q.log.Warn("an upload is left behind", "bucket", u.loc.Bucket, "key", u.loc.Key, "error", err)
		}
	}
	return q.clearLocal(ctx, id, req)
}

// clearLocal removes temporary files.
func (q *Queue) clearLocal(ctx context.Context, id ID, req Request) error {
	downs, err := q.j.downloads(ctx, id, 0)
	if err != nil || len(downs) == 0 && req.Kind != Download {
		return err
	}
	d, err := localfs.OpenDest(req.destDir(), false)
	if err != nil {
		return nil // the folder is gone, and what was in it
	}
	defer d.Close() // nothing was written through it
	for _, row := range downs {
		w, err := d.Reopen(row.target, row.temp, localfs.Identity{File: row.file, Size: row.size})
		if err == nil {
			err = w.Discard()
		} else {
			err = d.RemoveTemp(row.temp) // recorded, but its making was not
		}
		if err = errors.Join(err, flushRemoval(d, row.temp)); err != nil {
			return err
		}
	}
	return q.sweepTemps(ctx, id, d)
}

// uploadRef is the connection that uploads of the request go to.
func (r *Request) uploadRef() string {
	if r.Kind == Copy || r.Kind == Move || r.Kind == Sync {
		return r.targetRef()
	}
	return r.Connection
}

// destDir is the folder that a download writes into, and nothing outside it.
func (r *Request) destDir() string {
	if r.Kind == Sync {
		return r.syncLocal()
	}
	if s := r.Sources[0].Remote; r.Target.Exact && !s.IsFolder() && !s.IsBucket() {
		return filepath.Dir(r.Target.Local)
	}
	return r.Target.Local
}

func localTarget(r *Request, rel string) string {
	return filepath.Join(r.destDir(), filepath.FromSlash(rel))
}

// CleanUp removes all transfers that are done.
func (q *Queue) CleanUp(ctx context.Context) error {
	q.mu.Lock()
	var ids []ID
	for id, e := range q.all {
		if e.run == nil && e.row.state == Done {
			ids = append(ids, id)
		}
	}
	q.mu.Unlock()
	return q.Remove(ctx, ids...)
}
