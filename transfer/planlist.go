package transfer

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
)

// page is one page of a listing that is read with retries: a listing that breaks off is taken up after the last key seen.
type pageFunc func(storage.Page) error

// list yields every page below prefix after a key. A page that has been handled is not asked for again.
func (p *planning) list(ctx context.Context, l storage.Location, after string, page pageFunc) error {
	return p.listOn(ctx, l, after, 1, page)
}

// listOn is list with up to so many requests at once. More than one take no slots of the pool, so that page may wait for requests.
func (p *planning) listOn(ctx context.Context, l storage.Location, after string, lanes int, page pageFunc) error {
	var handled error
	return p.r.try(ctx, request{class: small, own: lanes > 1, ref: p.r.req.Connection, do: func(ctx context.Context, s *storage.Session) error {
		if handled != nil {
			return handled
		}
		for pg, err := range s.List(ctx, l.Bucket, l.Key, storage.ListOptions{StartAfter: after, Parallel: lanes}) {
			if err != nil {
				return err
			}
			if handled = page(pg); handled != nil {
				return handled
			}
			p.r.progressed(nil)
			if n := len(pg.Entries); n > 0 {
				after = pg.Entries[n-1].Key
			}
		}
		return nil
	}})
}

// listing plans everything below a folder or in a bucket.
func (p *planning) listing(ctx context.Context, l storage.Location, name string) error {
	f := &folderPlan{p: p, from: l}
	switch {
	case p.r.req.Kind.inPlace():
	case p.r.req.Kind == Download:
		if !p.r.req.Target.Exact {
			f.top = name + "/"
		}
	default:
		f.to = p.key(name)
		if f.to != "" && !strings.HasSuffix(f.to, "/") {
			f.to += "/"
		}
	}
	any := len(p.c.After) > 0 || p.c.Seen
	held := p.c.Held
	p.c.Held = nil
	f.held = append(f.held, held...)
	var err error
	if p.r.req.Kind == Delete && inOrder(l.Bucket) {
		var some bool
		some, err = p.deleteListing(ctx, f)
		any = any || some
	} else {
		err = f.plan(ctx, &any)
	}
	if err == nil && !any && !l.IsBucket() {
		return p.unlisted(ctx, l, f.held, &storage.Error{Op: "ListObjectsV2", Location: l, Code: "NoSuchKey", Kind: storage.KindNotFound})
	}
	var e *storage.Error
	if errors.As(err, &e) && !errors.Is(err, ErrGaveUp) && e.Kind != storage.KindCancelled {
		// This source cannot be listed; the others may.
		if ctx.Err() == nil {
			return p.unlisted(ctx, l, f.held, err)
		}
	}
	return err
}

// folderPlan plans the entries of one listing.
type folderPlan struct {
	p    *planning
	from storage.Location
	to   string // prefix of target keys
	top  string // first element of local targets, with "/"
	held []holder
}

// plan plans all entries; any becomes true if there are some.
func (f *folderPlan) plan(ctx context.Context, any *bool) error {
	p := f.p
	err := p.list(ctx, f.from, string(p.c.After), func(pg storage.Page) error {
		for _, e := range pg.Entries {
			*any = true
			if err := f.entry(ctx, e); err != nil {
				return err
			}
			p.c.After, p.c.Held = []byte(e.Key), f.held
		}
		if len(p.batch) > 0 {
			return p.flush(ctx, false)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.release(ctx, "")
}

// leaves tells whether the options leave an entry out.
func (f *folderPlan) leaves(e storage.Entry) bool {
	rel := strings.TrimPrefix(e.Key, f.from.Key)
	return rel != "" && f.p.pruned(rel) || !strings.HasSuffix(rel, "/") && rel != "" && !f.p.wanted(rel, e.Modified)
}

func (f *folderPlan) entry(ctx context.Context, e storage.Entry) error {
	p := f.p
	if f.leaves(e) {
		return nil
	}
	rel := strings.TrimPrefix(e.Key, f.from.Key)
	source := f.from.Bucket + "/" + e.Key
	switch p.r.req.Kind {
	case Delete:
		return p.add(ctx, itemRow{kind: itemDelete, source: source, size: 0, etag: e.ETag})
	case Change:
		if strings.HasSuffix(e.Key, "/") && e.Size == 0 {
			return nil // a folder's own object is not what is in it
		}
		return p.add(ctx, itemRow{source: source, size: e.Size, modified: e.Modified, etag: e.ETag, class: className(e.Class)})
	case Restore:
		if strings.HasSuffix(e.Key, "/") && e.Size == 0 {
			return nil
		}
		return p.add(ctx, itemRow{source: source, class: className(e.Class)}) // no byte of it is moved
	case Download:
		if err := f.release(ctx, e.Key); err != nil {
			return err
		}
		return f.local(ctx, rel, e)
	}
	if f.from.Bucket == p.r.req.Target.Remote.Bucket && !p.r.req.between() && strings.HasPrefix(e.Key, f.to) && strings.HasPrefix(f.to, f.from.Key) && f.to != f.from.Key {
		return nil // what this very copy has made
	}
	return p.add(ctx, itemRow{source: source, target: p.r.req.Target.Remote.Bucket + "/" + f.to + rel, size: e.Size, modified: e.Modified, etag: e.ETag, class: className(e.Class)})
}

// className is the class as a copy must name it: the standard one has no name in listings.
func className(c string) string {
	if c == "" {
		return "STANDARD"
	}
	return c
}

// pruned applies ignore and exclude to every folder above a key and to itself.
func (p *planning) pruned(rel string) bool {
	o := &p.r.req.Options
	if len(o.Ignore) == 0 && len(o.Exclude) == 0 {
		return false
	}
	for i := range len(rel) {
		if rel[i] == '/' && p.prune(rel[:i+1], true) {
			return true
		}
	}
	return !strings.HasSuffix(rel, "/") && p.prune(rel, false)
}

// local plans the download of one key. Files are held back until it is sure that no key goes on below them.
func (f *folderPlan) local(ctx context.Context, rel string, e storage.Entry) error {
	if folder, ok := strings.CutSuffix(rel, "_$folder$"); ok && e.Size == 0 { // Hadoop's markers
		rel = folder + "/"
	}
	if rel != "" && !strings.HasSuffix(rel, "/") {
		f.held = append(f.held, holder{Key: []byte(e.Key), Size: e.Size, Modified: unixNano(e.Modified), ETag: e.ETag})
		return nil
	}
	source := f.from.Bucket + "/" + e.Key
	if e.Size > 0 {
		return f.p.report(ctx, source, "", fmt.Errorf("%w: it ends in a slash and has content", ErrFolderContent))
	}
	if f.top+rel == "" {
		return nil
	}
	target, err := localfs.KeyToLocal(f.top + rel)
	if err != nil {
		return f.p.report(ctx, source, "", err)
	}
	return f.p.add(ctx, itemRow{kind: itemFolder, source: source, target: target})
}

// ErrFolderContent says that a key ends in a slash, as a folder does, and has content, so that no local file can be it.
var ErrFolderContent = errors.New("the key cannot be a file name")

// release plans the files held back, now that the listing has come to key (or with "" to its end). One that is a folder too
// gets another name: folders win.
func (f *folderPlan) release(ctx context.Context, key string) error {
	for len(f.held) > 0 {
		h := f.held[len(f.held)-1]
		below := string(h.Key) + "/"
		if key != "" && key < below {
			return nil // it may still come
		}
		f.held = f.held[:len(f.held)-1]
		rel := strings.TrimPrefix(string(h.Key), f.from.Key)
		it := itemRow{source: f.from.Bucket + "/" + string(h.Key), size: h.Size, modified: fromNano(h.Modified), etag: h.ETag}
		target, err := localfs.KeyToLocal(f.top + rel)
		if err != nil {
			if err := f.p.report(ctx, it.source, "", err); err != nil {
				return err
			}
			continue
		}
		if key != "" && strings.HasPrefix(key, below) {
			target = localfs.WithSuffix(target, 1)
			it.note = text.T("transfer.renamed_folder", path.Base(target))
		}
		it.target = target
		f.p.c.Held = f.held
		if err := f.p.add(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// versions plans the deletion of every version and delete marker of a key or below a folder. It lists while nothing is
// deleted yet beyond the batches that were planned, and versions keep their ids.
func (p *planning) versions(ctx context.Context, l storage.Location) error {
	if len(p.c.After) > 0 || p.c.Version != "" {
		// A listing of versions cannot be taken up in the middle. What was planned is deleted or will be; the rest is found again.
		p.c.After, p.c.Version, p.c.Held = nil, "", nil
	}
	only := !l.IsFolder() && !l.IsBucket()
	var handled error
	return p.r.try(ctx, request{class: small, ref: p.r.req.Connection, do: func(ctx context.Context, s *storage.Session) error {
		if handled != nil {
			return handled
		}
		for pg, err := range s.ListVersions(ctx, l.Bucket, l.Key, storage.ListOptions{}) {
			if err != nil {
				return err
			}
			for _, e := range pg.Entries {
				if only && e.Key != l.Key {
					continue
				}
				handled = p.add(ctx, itemRow{kind: itemDelete, source: l.Bucket + "/" + e.Key, version: e.Version, etag: e.ETag})
				if handled != nil {
					return handled
				}
			}
			p.r.progressed(nil)
		}
		return nil
	}})
}
