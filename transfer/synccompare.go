package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"pintail/internal/localfs"
	"pintail/storage"
)

// compareJob is a name that both sides have, until it is decided whether they differ.
type compareJob struct {
	m       *syncMerge
	r       syncRecord
	path    string // of the local file
	decided bool
	differs bool
	err     error // ends the plan
	done    chan struct{}
}

func (j *compareJob) isSame() bool {
	j.decided, j.differs = true, false
	return true
}

func (j *compareJob) isChanged(why SyncReason) bool {
	j.decided, j.differs, j.r.why = true, true, why
	return true
}

// quick decides by what walk and listing have told, if it can. See [SyncOptions.Compare] for the rules.
func (j *compareJob) quick() bool {
	x, y := &j.r.source, &j.r.target
	o := j.m.o
	if x.size != y.size {
		if o.Mirror {
			return false // which is newer may need the object's metadata
		}
		return j.isChanged(WhySize)
	}
	switch {
	case o.Compare == CompareSize:
		return j.isSame()
	case o.Compare == CompareChecksum && j.m.forward == Copy && x.etag != "" && x.etag == y.etag:
		return j.isSame()
	case o.Compare == CompareChecksum:
		return false
	case o.Mirror || j.m.forward == Download:
		local, remote := j.sides()
		return local.modified.Unix() == remote.modified.Unix() && j.isSame()
	case j.m.forward == Upload:
		return !x.modified.After(y.modified) && j.isSame()
	}
	if x.etag != "" && x.etag == y.etag || !y.modified.Before(x.modified) {
		return j.isSame()
	}
	return j.isChanged(WhyNewer)
}

// sides are the local file and the object.
func (j *compareJob) sides() (local, remote *fileState) {
	if j.m.a.end.local != "" {
		return &j.r.source, &j.r.target
	}
	return &j.r.target, &j.r.source
}

// sameTime allows for what file systems keep of a time.
func sameTime(a, b time.Time) bool { return a.Sub(b).Abs() < time.Microsecond }

// slow decides by asking the server and reading the local file.
func (j *compareJob) slow(ctx context.Context) {
	var err error
	if j.m.forward == Copy {
		err = j.remotes(ctx)
	} else {
		err = j.localAndRemote(ctx)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		j.err = context.Cause(ctx)
	case errors.Is(err, ErrPlanChanged):
		j.problem(err)
	case storage.KindOf(err) == storage.KindNotFound, errors.Is(err, fs.ErrNotExist):
		j.problem(fmt.Errorf("%w: %w", ErrPlanChanged, err))
	case isLocal(err):
		j.problem(err)
	default:
		j.err = err
	}
}

func (j *compareJob) problem(err error) {
	j.decided, j.differs = true, true
	j.r.class, j.r.why, j.r.err = SyncProblem, WhyError, err
}

func isLocal(err error) bool {
	var p *fs.PathError
	return errors.As(err, &p)
}

// head is the object's metadata. What may not be asked is as if there were none.
func (j *compareJob) head(ctx context.Context, end *syncEnd, want *fileState) (storage.Info, error) {
	info := storage.Info{Size: want.size, Modified: want.modified, ETag: want.etag}
	err := j.m.p.try(ctx, end.ref, func(ctx context.Context, s *storage.Session) error {
		got, err := s.Stat(ctx, storage.Location{Bucket: end.remote.Bucket, Key: end.remote.Key + j.r.key})
		if err == nil {
			info = got
		}
		return err
	})
	switch storage.KindOf(err) {
	case storage.KindPermission, storage.KindUnsupported, storage.KindInvalid:
		return info, nil
	}
	if err == nil && (info.ETag != want.etag && want.etag != "" || info.Size != want.size) {
		return info, fmt.Errorf("%s: %w", j.r.key, ErrPlanChanged)
	}
	return info, err
}

func (j *compareJob) localAndRemote(ctx context.Context) error {
	local, remote := j.sides()
	end := &j.m.p.a
	if end.local != "" {
		end = &j.m.p.b
	}
	if j.m.o.Compare == CompareChecksum && local.size == remote.size && plainMD5(remote.etag) {
		same, _, err := j.content(ctx, storage.Info{Size: remote.size, ETag: remote.etag}, nil)
		if err != nil || same {
			j.isSame()
			return err
		}
		// An ETag that looks like an MD5 need not be one: ask.
	}
	info, err := j.head(ctx, end, remote)
	if err != nil {
		return err
	}
	at := remote.modified
	stored := parseTime(info.Metadata["mtime"])
	if !stored.IsZero() {
		at = stored
	}
	if local.size == remote.size {
		if j.m.o.Compare != CompareChecksum && !stored.IsZero() && sameTime(stored, local.modified) {
			j.isSame()
			return nil
		}
		if j.m.o.Compare == CompareChecksum || j.m.o.Mirror {
			same, known, err := j.content(ctx, info, j.cutOf(end, info))
			if err != nil || same {
				j.isSame()
				return err
			}
			if known {
				j.byTime(local, at, WhyContent)
				return nil
			}
			// Nothing is stored that could tell: the time has to.
			if j.m.o.Compare == CompareChecksum && (sameTime(at, local.modified) || j.m.forward == Upload && !local.modified.After(at)) {
				j.isSame()
				return nil
			}
		}
		j.byTime(local, at, "")
		return nil
	}
	j.byTime(local, at, WhySize)
	return nil
}

// byTime takes both as different: one way the source goes over the target, both ways the newer over the older.
func (j *compareJob) byTime(local *fileState, at time.Time, why SyncReason) {
	newer := local.modified.After(at)
	if !j.m.o.Mirror {
		if why == "" {
			why = WhyTime
			if newer == (j.m.forward == Upload) {
				why = WhyNewer
			}
		}
		j.isChanged(why)
		return
	}
	j.isChanged(WhyNewer)
	if local.modified.Sub(at).Abs() < time.Second {
		j.r.class, j.r.why, j.r.err = SyncConflict, WhyUnsure, ErrConflict
		return
	}
	if newer != (j.m.forward == Upload) {
		j.r.source, j.r.target = j.r.target, j.r.source
	}
	j.r.do = Download
	if newer {
		j.r.do = Upload
	}
}

// cutOf asks the server at an end of the comparison.
func (j *compareJob) cutOf(end *syncEnd, info storage.Info) cut {
	if info.Location.Key == "" { // its head was refused
		return nil
	}
	return func(ctx context.Context, n int64) (sizes []int64, err error) {
		err = j.m.p.try(ctx, end.ref, func(ctx context.Context, s *storage.Session) error {
			sizes, err = s.PartSizes(ctx, info.Location, info.ETag, info.Size, n)
			return err
		})
		return sizes, err
	}
}

func plainMD5(etag string) bool { return len(etag) == 32 && !strings.Contains(etag, "-") }

// content compares the local file with what is stored of the object's content; known is false if that says nothing.
func (j *compareJob) content(ctx context.Context, info storage.Info, cut cut) (same, known bool, err error) {
	f, id, err := localfs.OpenFile(j.path)
	if err != nil {
		return false, false, err
	}
	defer f.Close() // opened for reading
	local, _ := j.sides()
	if id.Size != local.size {
		return false, false, &fs.PathError{Op: "compare", Path: j.path, Err: ErrPlanChanged}
	}
	proof, err := prove(ctx, info, f, id.Size, nil, cut)
	switch {
	case errors.Is(err, errMismatch):
		return false, true, nil
	case err != nil:
		return false, false, err
	}
	return proof > storage.ProofSize, proof > storage.ProofSize, nil
}

// remotes compares two objects by their checksums, else as by time.
func (j *compareJob) remotes(ctx context.Context) error {
	x, err := j.head(ctx, &j.m.p.a, &j.r.source)
	if err != nil {
		return err
	}
	y, err := j.head(ctx, &j.m.p.b, &j.r.target)
	if err != nil {
		return err
	}
	if x.ETag == y.ETag && x.ETag != "" {
		j.isSame()
		return nil
	}
	a, same := x.Checksums.Same(y.Checksums)
	switch {
	case same:
		j.isSame()
	case a != "":
		j.isChanged(WhyContent)
	case plainMD5(x.ETag) && plainMD5(y.ETag) && !opaqueETag(x) && !opaqueETag(y):
		j.isChanged(WhyContent)
	case y.Modified.Before(x.Modified):
		j.isChanged(WhyNewer)
	default:
		j.isSame()
	}
	return nil
}

const (
	jobWorkers = 32  // comparisons that ask or read at the same time
	jobsOpen   = 512 // that wait for their turn
)

// jobQueue runs comparisons side by side and gives them back in order.
type jobQueue struct {
	p    *SyncPlan
	open []*compareJob
	work chan *compareJob
	wg   sync.WaitGroup
}

func (q *jobQueue) start(p *SyncPlan) { q.p = p }

// add gives a comparison to the workers, which are started by the first.
func (q *jobQueue) add(ctx context.Context, j *compareJob) error {
	if q.work == nil {
		q.work = make(chan *compareJob)
		for range jobWorkers {
			q.wg.Go(func() {
				for j := range q.work {
					j.slow(ctx)
					close(j.done)
				}
			})
		}
	}
	if err := q.append(ctx, j); err != nil {
		return err
	}
	q.work <- j // the workers end each job when ctx ends
	return nil
}

// append puts a job in its place and takes up those before it that are decided.
func (q *jobQueue) append(ctx context.Context, j *compareJob) error {
	j.done = make(chan struct{})
	if j.decided {
		close(j.done)
	}
	q.open = append(q.open, j)
	for len(q.open) > 0 {
		first := q.open[0]
		if len(q.open) <= jobsOpen {
			select {
			case <-first.done:
			default:
				return nil
			}
		} else {
			<-first.done // ctx ends it, too
		}
		q.open = q.open[1:]
		if err := q.p.take(first); err != nil {
			return err
		}
	}
	return nil
}

// finish waits for all comparisons.
func (q *jobQueue) finish(ctx context.Context) error {
	if q.work == nil {
		return nil
	}
	close(q.work)
	q.wg.Wait()
	open := q.open
	q.open = nil
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, j := range open {
		if err := q.p.take(j); err != nil {
			return err
		}
	}
	return nil
}
