package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pintail/internal/localfs"
	"pintail/storage"
)

// syncEnd is one side of a sync.
type syncEnd struct {
	local  string           // the folder; "" = remote
	remote storage.Location // what is below it
	ref    string           // the connection
}

// name is a file or object of the side for people, and for the journal what an item has.
func (e *syncEnd) name(key, path string) (shown, end string) {
	if e.local == "" {
		l := storage.Location{Bucket: e.remote.Bucket, Key: e.remote.Key + key}
		return l.String(), remoteEnd(l)
	}
	if path == "" {
		rel, err := localfs.KeyToLocal(key)
		if err != nil {
			return e.local, e.local
		}
		path = filepath.Join(e.local, filepath.FromSlash(rel))
	}
	return path, path
}

// syncItem is what a side has under one key.
type syncItem struct {
	fileState
	key  string // below the side's folder; a folder's ends in "/"
	path string // of a local file
	left error  // left out on purpose
	bad  error  // it cannot be read
}

func (i *syncItem) folder() bool { return strings.HasSuffix(i.key, "/") }

// syncStream gives the items of a side in the byte order of their keys, one ahead.
type syncStream struct {
	end  *syncEnd
	next func() (syncItem, bool, error)
	head syncItem
	more bool   // head is valid
	last string // key before head
	any  bool   // there was one
}

// advance reads the next item. A key that is not after the one before is [ErrOrder]: nothing could be concluded from what a
// stream without order lacks.
func (s *syncStream) advance() error {
	item, more, err := s.next()
	if err != nil {
		return err
	}
	if more && s.any && item.key <= s.last && item.bad == nil {
		return fmt.Errorf("%w: %q comes after %q", ErrOrder, item.key, s.last)
	}
	if more {
		s.any, s.last = true, max(s.last, item.key)
	}
	s.head, s.more = item, more
	return nil
}

// below tells whether the stream's next items are in the folder (a key that ends in "/").
func (s *syncStream) below(folder string) bool {
	return s.more && strings.HasPrefix(s.head.key, folder)
}

// localStream walks a folder. One that is not there is an empty one if it is only written to.
func (p *SyncPlan) localStream(end *syncEnd, target bool) (*syncStream, func()) {
	policy := map[Symlinks]localfs.LinkPolicy{SkipSymlinks: localfs.SkipLinks, FailSymlinks: localfs.FailLinks}[p.req.Options.Symlinks]
	next, stop := iter.Pull(localfs.Walk(end.local, localfs.WalkOptions{Links: policy, Prune: p.filter.prune}))
	s := &syncStream{end: end}
	filtered := len(p.req.Options.Include) > 0
	s.next = func() (syncItem, bool, error) {
		for {
			e, ok := next()
			if !ok {
				return syncItem{}, false, nil
			}
			i := syncItem{fileState: fileState{size: e.Size, modified: e.Modified}, key: e.Key, path: e.Path}
			switch e.Kind {
			case localfs.Broken:
				if e.Key == "" && target && errors.Is(e.Err, fs.ErrNotExist) {
					return syncItem{}, false, nil
				}
				if e.Key == "" {
					return i, false, e.Err
				}
				i.bad = e.Err
			case localfs.Skipped:
				i.left = e.Err
			case localfs.Folder:
				if filtered {
					continue
				}
			default:
				if !p.filter.wanted(e.Key, e.Modified) {
					continue
				}
			}
			return i, true, nil
		}
	}
	return s, stop
}

// remoteStream lists a folder; pages come from a goroutine of their own, a few ahead. stop waits for it.
func (p *SyncPlan) remoteStream(ctx context.Context, end *syncEnd) (*syncStream, func()) {
	ctx, cancel := context.WithCancel(ctx)
	pages, ended := make(chan storage.Page, 2), make(chan error, 1)
	go func() {
		defer close(pages)
		ended <- p.list(ctx, end, pages)
	}()
	s := &syncStream{end: end}
	var page []storage.Entry
	f := keyFilter{p: p.filter, include: len(p.req.Options.Include) > 0}
	s.next = func() (syncItem, bool, error) {
		for {
			for len(page) > 0 {
				e := &page[0]
				page = page[1:]
				key, ok := strings.CutPrefix(e.Key, end.remote.Key)
				if !ok {
					return syncItem{}, false, fmt.Errorf("%w: %q is not below %q", ErrOrder, e.Key, end.remote.Key)
				}
				if key == "" || !f.wanted(key, e.Modified) {
					continue
				}
				return syncItem{fileState: stateOf(*e), key: key}, true, nil
			}
			pg, ok := <-pages
			if !ok {
				err := <-ended
				ended <- err
				return syncItem{}, false, err
			}
			page = pg.Entries
		}
	}
	return s, func() {
		cancel()
		for range pages { // until its goroutine has ended
		}
	}
}

// keyFilter applies the same patterns to a listing as the walk does to a folder. What was found out about a folder holds for all
// keys in it that follow.
type keyFilter struct {
	p       *planning
	include bool
	dir     string
	known   bool
	pruned  bool
}

func (f *keyFilter) wanted(key string, modified time.Time) bool {
	o := &f.p.r.req.Options
	folder := strings.HasSuffix(key, "/")
	if len(o.Ignore)+len(o.Exclude) > 0 {
		dir := key[:strings.LastIndexByte(key, '/')+1]
		if !f.known || dir != f.dir {
			f.dir, f.known, f.pruned = dir, true, f.p.pruned(dir)
		}
		if f.pruned || !folder && f.p.prune(key, false) {
			return false
		}
	}
	if folder {
		return !f.include
	}
	return f.p.wanted(key, modified)
}

// list sends every page below a folder. A listing that breaks off is taken up after the last key that came.
func (p *SyncPlan) list(ctx context.Context, end *syncEnd, pages chan<- storage.Page) error {
	after := ""
	return p.try(ctx, end.ref, func(ctx context.Context, s *storage.Session) error {
		for pg, err := range s.List(ctx, end.remote.Bucket, end.remote.Key, storage.ListOptions{StartAfter: after}) {
			if err != nil {
				return err
			}
			select {
			case pages <- pg:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			p.moved.Store(p.q.now().UnixNano())
			if n := len(pg.Entries); n > 0 {
				after = pg.Entries[n-1].Key
			}
		}
		return nil
	})
}

// try makes a request of the plan until it is answered, refused for good, or there was no progress for [Config.GiveUp].
func (p *SyncPlan) try(ctx context.Context, ref string, do func(context.Context, *storage.Session) error) error {
	begun := p.q.now()
	for n, few := 1, 0; ; n++ {
		used, err := p.once(ctx, ref, do)
		if err == nil || ctx.Err() != nil {
			return err
		}
		what, _ := judge(err)
		switch what {
		case giveIn:
			return err
		case fewTimes:
			if few++; few >= fewTries {
				return err
			}
		case renew:
			if rerr := p.q.sessions.renew(ctx, ref, used, p.q.now(), func(error) {}); rerr != nil {
				return errors.Join(err, rerr)
			}
			continue
		}
		wait := p.q.jitter.Wait(n)
		var e *storage.Error
		if errors.As(err, &e) {
			wait = max(wait, time.Duration(e.RetryAfter)*time.Second)
		}
		since := begun
		if at := time.Unix(0, p.moved.Load()); at.After(since) {
			since = at
		}
		left := p.q.cfg.GiveUp - p.q.now().Sub(since)
		if left <= 0 {
			return fmt.Errorf("%w: %w", ErrGaveUp, err)
		}
		if err := p.q.sleep(ctx, min(wait, left)); err != nil {
			return err
		}
	}
}

func (p *SyncPlan) once(ctx context.Context, ref string, do func(context.Context, *storage.Session) error) (*storage.Session, error) {
	s, err := p.q.sessions.get(ctx, ref)
	if err != nil {
		return nil, err
	}
	release, err := p.q.pool.acquire(ctx, planTurn, small)
	if err != nil {
		return s, err
	}
	err = do(ctx, s)
	o := went
	if err != nil {
		_, o = judge(err)
	}
	release(o)
	if err != nil && ctx.Err() != nil {
		return s, errors.Join(context.Cause(ctx), err)
	}
	return s, err
}

// lstat looks at what is, or is not, where a new local file would go.
func (e *syncEnd) lstat(rel string) (there bool, err error) {
	_, err = os.Lstat(filepath.Join(e.local, filepath.FromSlash(rel)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
