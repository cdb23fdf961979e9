package transfer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"pintail/internal/text"
	"pintail/storage"
)

// What a copy on the server does not take along by itself: the access list, the lock, and with parts the tags. What may not be
// read or set is named in a copy's note; the bytes are proved all the same. A move, which deletes its source, fails then: the
// source is the only place where it is still kept.

// ErrNotCarried says that the bytes are at the target, whole and proved, but not all that belongs to them: the access list, the
// lock or the tags. Resumed, they are written there once more.
var ErrNotCarried = errors.New("the object was written, but not all that belongs to it could be set")

// carries remembers what the target's objects can have, and what may not be read, so that it is asked for once.
type carries struct {
	mu     sync.Mutex // guards all
	known  bool
	keeps  storage.Keeps
	noACL  error // why the sources' lists may not be read
	noTags error // and their tags
}

// targetKeeps asks once what objects of the target can have.
func (r *run) targetKeeps(ctx context.Context, it *liveItem) (storage.Keeps, error) {
	c := &r.carries
	c.mu.Lock()
	defer c.mu.Unlock() // one asks, the others wait for the answer
	if c.known {
		return c.keeps, nil
	}
	err := r.try(ctx, request{class: small, ref: r.req.uploadRef(), item: it, do: func(ctx context.Context, s *storage.Session) error {
		var err error
		c.keeps, err = s.Keeps(ctx, it.to().Bucket)
		return err
	}})
	c.known = err == nil
	return c.keeps, err
}

// carry gives a proved copy what its source has beside bytes, headers, metadata and tags. src is what is known of the source; its
// lock is asked for if only a listing told of it. A failure is [ErrNotCarried].
func (r *run) carry(ctx context.Context, it *liveItem, src storage.Info, headed bool, w storage.Written) error {
	switch {
	case r.req.Options.Plain:
		return nil
	case r.req.between():
		return r.notCarried(it, r.carryBetween(ctx, it, src, w))
	}
	return r.notCarried(it, r.carryAll(ctx, it, src, headed, w))
}

// notCarried gives a failure after the object was written its meaning.
func (r *run) notCarried(it *liveItem, err error) error {
	if err == nil || errors.Is(err, ErrNotCarried) {
		return err
	}
	it.stage = stageBare
	return fmt.Errorf("%w: %w", ErrNotCarried, err)
}

func (r *run) carryAll(ctx context.Context, it *liveItem, src storage.Info, headed bool, w storage.Written) error {
	keeps, err := r.targetKeeps(ctx, it)
	if err != nil {
		return err
	}
	to := it.to()
	to.Version = w.Version
	if keeps.ACL && r.req.Options.Write.ACL == "" {
		if err := r.carryACL(ctx, it, src.Location, to); err != nil {
			return err
		}
	}
	if !keeps.Lock && to.Bucket == src.Location.Bucket {
		return nil
	}
	return r.carryLock(ctx, it, src, headed, to, keeps.Lock)
}

// lostNote turns a refusal into a note, unless the source is to go.
func (r *run) lostNote(it *liveItem, err error, note string) error {
	if r.req.Kind == Move {
		return err
	}
	switch storage.KindOf(err) {
	case storage.KindPermission, storage.KindUnsupported, storage.KindInvalid:
		it.addNote(note)
		return nil
	}
	return err
}

func (r *run) carryACL(ctx context.Context, it *liveItem, from, to storage.Location) error {
	c := &r.carries
	return r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		c.mu.Lock()
		denied := c.noACL
		c.mu.Unlock()
		if denied != nil {
			return r.lostNote(it, denied, text.T("transfer.acl_lost"))
		}
		acl, err := s.ACL(ctx, from)
		switch {
		case storage.KindOf(err) == storage.KindUnsupported:
			return nil // there are none
		case storage.KindOf(err) == storage.KindPermission:
			c.mu.Lock()
			c.noACL = err
			c.mu.Unlock()
			return r.lostNote(it, err, text.T("transfer.acl_lost"))
		case err != nil || acl.Private():
			return err
		}
		own, err := s.ACL(ctx, to) // the copy may belong to somebody else than its source
		if err == nil {
			acl.Owner = own.Owner
			err = s.SetACL(ctx, to, acl)
		}
		return r.lostNote(it, err, text.T("transfer.acl_lost"))
	}})
}

// tagsOf reads the tags of a source, for a copy that is written anew. A HEAD does not tell everywhere that there are some.
func (r *run) tagsOf(ctx context.Context, it *liveItem, src storage.Info) (map[string]string, error) {
	c := &r.carries
	var tags map[string]string
	cut := 0
	err := r.try(ctx, request{class: small, ref: r.req.Connection, item: it, do: func(ctx context.Context, s *storage.Session) error {
		if c.tagsDenied() != nil {
			return nil
		}
		var err error
		tags, err = s.Tags(ctx, src.Location)
		switch storage.KindOf(err) {
		case storage.KindPermission, storage.KindUnsupported:
			c.mu.Lock()
			c.noTags = err
			c.mu.Unlock()
			return nil
		case storage.KindTruncated:
			// Ceph's gateway (16.2) answers so for an object made of parts that has none.
			if cut++; cut > 1 && src.TagCount == 0 {
				return nil
			}
		}
		return err
	}})
	denied := c.tagsDenied()
	if err != nil || tags != nil || denied == nil && src.TagCount == 0 {
		return tags, err
	}
	if r.req.Kind == Move && (storage.KindOf(denied) != storage.KindUnsupported || src.TagCount > 0) {
		return nil, fmt.Errorf("%w: %w", ErrNotCarried, denied)
	}
	it.addNote(text.T("transfer.tags_lost"))
	return nil, nil
}

// kept is the end of an object made of parts: it must have its tags.
func (m *multipartJob) kept(ctx context.Context, w storage.Written) (storage.Written, error) {
	return w, m.r.notCarried(m.it, m.keepTags(ctx, w))
}

// keepTags looks whether an object made of parts has the tags that it was to have: Ceph's gateway (16.2) forgets them.
func (m *multipartJob) keepTags(ctx context.Context, w storage.Written) error {
	if len(m.options.Tags) == 0 {
		return nil
	}
	to := m.it.to()
	to.Version = w.Version
	return m.r.try(ctx, m.request(small, func(ctx context.Context, s *storage.Session) error {
		have, err := s.Tags(ctx, to)
		if err == nil && maps.Equal(have, m.options.Tags) {
			return nil
		}
		return m.r.lostNote(m.it, s.SetTags(ctx, to, m.options.Tags), text.T("transfer.tags_unset"))
	}))
}

func (c *carries) tagsDenied() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noTags
}
