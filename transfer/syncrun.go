package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
)

// syncLocal is the local side of a sync, "" if there is none.
func (r *Request) syncLocal() string { return r.Sources[0].Local + r.Target.Local }

// syncsDown tells whether a sync writes or deletes local files.
func (r *Request) syncsDown() bool {
	return r.Kind == Sync && r.syncLocal() != "" && (r.Target.Local != "" || r.sync().Mirror)
}

// deleteRef is the connection of what is deleted.
func (r *Request) deleteRef() string {
	if r.Kind == Sync {
		return r.targetRef()
	}
	return r.Connection
}

func guardOf(row itemRow) (g syncGuard, err error) {
	if err = json.Unmarshal([]byte(row.guard), &g); err != nil {
		err = fmt.Errorf("read item of a sync: %w", err)
	}
	return g, err
}

// syncKind is what an item of a sync does; "" if the journal does not say.
func syncKind(row itemRow) Kind {
	g, err := guardOf(row)
	if err != nil {
		return ""
	}
	return g.Do
}

// syncNames are the ends of an item for people. Reports have them as they are shown.
func syncNames(req *Request, row itemRow) (source, target string) {
	source, target = row.source, row.target
	g, err := guardOf(row)
	if err != nil || row.kind == itemReport {
		return source, target
	}
	if g.Do == Download || g.Do == Copy || g.Do == Delete && !g.Local {
		source = location(source, "").String()
	}
	switch {
	case target == "":
	case g.Do == Download:
		target = localTarget(req, target)
	default:
		target = location(target, "").String()
	}
	return source, target
}

// syncItem brings one file or folder over. What was changed on either side since the plan is [ErrPlanChanged].
func (r *run) syncItem(ctx context.Context, it *liveItem) error {
	var err error
	switch syncKind(it.itemRow) {
	case Upload:
		err = r.upload(ctx, it)
	case Download:
		err = r.download(ctx, it)
	case Copy:
		err = r.copy(ctx, it)
	default:
		return fmt.Errorf("%w: an item without a kind", ErrRequest)
	}
	switch {
	case err == nil || ctx.Err() != nil || errors.Is(err, ErrPlanChanged):
		return err
	case storage.KindOf(err) == storage.KindPrecondition, errors.Is(err, ErrObjectChanged), errors.Is(err, ErrChanged):
		return fmt.Errorf("%w: %w", ErrPlanChanged, err)
	}
	return err
}

// plannedETag is what the source of a sync's item must still have.
func (r *run) plannedETag(it *liveItem) string {
	if r.req.Kind != Sync {
		return ""
	}
	return it.etag
}

// guardRemote lets an item go on only if its source and its target are what the plan found. What has the source's content already,
// from an earlier run, is done.
func (r *run) guardRemote(ctx context.Context, it *liveItem, src side) (goOn, ifNone bool, err error) {
	g, err := guardOf(it.itemRow)
	if err != nil {
		return false, false, err
	}
	moved := src.f != nil && !src.modified.Equal(it.modified) || src.f == nil && src.info.ETag != it.etag
	if src.size != g.Source || moved {
		return false, false, fmt.Errorf("%s: %w", src.name, ErrPlanChanged)
	}
	info, exists, err := r.statTarget(ctx, it, it.to())
	switch {
	case err != nil && storage.KindOf(err) == storage.KindPermission && !g.There:
		return true, r.canCondition(ctx, it), nil // it may not be looked at
	case err != nil:
		return false, false, err
	case !exists && !g.There:
		return true, r.canCondition(ctx, it), nil
	case exists && g.There && info.ETag == g.ETag && info.Size == g.Size:
		return true, false, nil
	case !exists:
		return false, false, fmt.Errorf("%s is gone: %w", it.to(), ErrPlanChanged)
	}
	same, err := sameContent(ctx, src, info)
	if err != nil {
		return false, false, err
	}
	if !same {
		return false, false, fmt.Errorf("%s: %w", it.to(), ErrPlanChanged)
	}
	if it.stage == stageBare { // once more, for what belongs to it
		it.stage = stageNone
		return true, false, nil
	}
	it.result, it.proof, it.wrote, it.stage = ResultDone, storage.ProofMD5, info.Location.Version, stageNone
	it.addNote(text.T("transfer.found_done"))
	return false, false, r.dropUpload(ctx, it)
}

// guardLocal does the same for a local target.
func (r *run) guardLocal(ctx context.Context, it *liveItem, d *localfs.Dest, rel string) (bool, error) {
	err := r.checkLocal(it, d, rel)
	if !errors.Is(err, ErrPlanChanged) {
		return err == nil, err
	}
	fi, lerr := d.Lstat(rel)
	if lerr != nil || !fi.Mode().IsRegular() {
		return false, err
	}
	same, serr := r.sameLocal(ctx, it, d, rel, fi)
	if serr != nil || !same {
		return false, errors.Join(err, serr)
	}
	it.result, it.proof = ResultDone, storage.ProofMD5
	it.addNote(text.T("transfer.found_done"))
	return false, nil
}

// checkLocal looks whether a local target is what the plan found; again right before a new file takes its place.
func (r *run) checkLocal(it *liveItem, d *localfs.Dest, rel string) error {
	g, err := guardOf(it.itemRow)
	if err != nil {
		return err
	}
	fi, err := d.Lstat(rel)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if g.There {
			return fmt.Errorf("%s is gone: %w", d.Path(rel), ErrPlanChanged)
		}
		return nil
	case err != nil:
		return err
	}
	if fi.Mode()&fs.ModeSymlink != 0 && g.There { // it was followed by the walk
		if fi, err = os.Stat(d.Path(rel)); err != nil {
			return fmt.Errorf("%s: %w: %w", d.Path(rel), ErrPlanChanged, err)
		}
	}
	if !g.There || fi.IsDir() || fi.Size() != g.Size || unixNano(fi.ModTime()) != g.Time {
		return fmt.Errorf("%s: %w", d.Path(rel), ErrPlanChanged)
	}
	return nil
}

// endStage keeps a deletion of a sync among those that come last, and what a move has copied from being copied again, unless it
// is another object now.
func (r *run) endStage(it *liveItem) int {
	if it.result != ResultDone && (r.req.Kind == Sync || r.req.Kind == Move && !errors.Is(it.err, ErrObjectChanged)) {
		return stageCopied
	}
	return stageNone
}

// removeExtra deletes what the source does not have, now that everything else is done.
func (r *run) removeExtra(ctx context.Context) error {
	held := r.failed.Load()+r.unknown.Load() > 0
	for after := int64(0); ; {
		rows, err := r.q.j.rows(ctx, "transfer = ? AND seq > ? AND stage = 2 AND result = '' ORDER BY seq LIMIT ?", r.id, after, deleteSize)
		if err != nil || len(rows) == 0 {
			return err
		}
		after = rows[len(rows)-1].seq
		items := make([]*liveItem, len(rows))
		for i, row := range rows {
			items[i] = &liveItem{itemRow: row, begun: r.q.now()}
			if held {
				items[i].result, items[i].err = ResultFailed, ErrHeld
			}
		}
		if !held {
			if err := r.removeBatch(ctx, items); err != nil {
				return err
			}
		}
		if err := r.recordAll(context.WithoutCancel(ctx), items); err != nil {
			return err
		}
		for _, it := range items {
			if it.result != Pending {
				r.tally(it)
			}
		}
	}
}

func (r *run) removeBatch(ctx context.Context, items []*liveItem) error {
	if r.req.Target.Local != "" {
		for _, it := range items {
			if ctx.Err() != nil {
				return nil
			}
			if it.err = r.removeLocal(ctx, it); it.err != nil {
				it.result = ResultFailed
			} else {
				it.result, it.proof = ResultDone, storage.ProofSize
			}
		}
		return nil
	}
	for _, it := range items {
		it.size = -1 // what it counts for is nothing; the ETag tells whether it is what was planned
	}
	err := r.eachItem(ctx, items, r.checkSource)
	for _, it := range items {
		it.size = 0
	}
	if err != nil {
		return err
	}
	var gone []*liveItem
	for _, it := range items {
		switch {
		case errors.Is(it.err, ErrObjectChanged):
			it.err, it.note = fmt.Errorf("%s: %w", it.from(), ErrPlanChanged), ""
		case it.err == nil && it.result == Pending:
			gone = append(gone, it)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return r.deleteAll(ctx, gone)
}

// removeLocal deletes a local file that is what the plan found, and the folders above it that become empty by it, up to those
// that the source has.
func (r *run) removeLocal(ctx context.Context, it *liveItem) error {
	g, err := guardOf(it.itemRow)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(r.req.Target.Local, it.source)
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	rel = filepath.ToSlash(rel)
	fi, err := r.dest.Lstat(rel)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // by an earlier run
	case err != nil:
		return err
	}
	if fi.IsDir() != g.Folder {
		return fmt.Errorf("%s: %w", it.source, ErrPlanChanged)
	}
	if !g.Folder {
		if err := r.checkLocal(it, r.dest, rel); err != nil {
			return err
		}
	}
	if err := r.mine(ctx); err != nil {
		return err
	}
	if err := r.dest.Remove(rel); err != nil {
		return err
	}
	for dir := path.Dir(rel); dir != "." && dir != "/" && len(dir) > g.Keep; dir = path.Dir(dir) {
		if r.dest.Remove(dir) != nil {
			return nil // it is not empty
		}
	}
	return nil
}
