package storage

import (
	"context"
	"errors"
	"maps"
)

// verify holds the copy against what it was to be, gives it what it has lost, and looks for a second writer. The head comes last:
// what was read before it is of our object if the head is.
func (s *Session) verify(ctx context.Context, loc Location, e Edit, st *Rewriting, want WriteOptions) (Rewritten, error) {
	if err := s.findOurs(ctx, loc, st); err != nil {
		return Rewritten{}, err
	}
	w, k := *st.written, st.base
	at := Location{Bucket: loc.Bucket, Key: loc.Key, Version: w.Version}
	if w.Version != "" && w.Version != "null" && w.Version != st.top && !s.honoursMatch() {
		if err := s.checkBelow(ctx, at, st.top); err != nil { // first of all: theirs must not stay hidden, whatever comes
			return Rewritten{}, err
		}
	}
	var tags map[string]string
	var list ACL
	var err error
	if givesTags := len(want.Tags) > 0 || k.hasTags && e.tags(); givesTags {
		if tags, err = s.tagsThere(ctx, Info{Location: at}); err != nil {
			return Rewritten{}, err
		}
	}
	if len(want.Grants) > 0 {
		if list, err = s.ACL(ctx, at); err != nil {
			return Rewritten{}, err
		}
	}
	now, err := s.Stat(ctx, at)
	if err != nil {
		return Rewritten{}, err
	}
	versioned := now.Location.Version != "" && now.Location.Version != "null"
	if w.ETag != "" && now.ETag != w.ETag {
		return Rewritten{}, &racedError{Err: s.overwritten(loc)} // after us: theirs is what there is, and edited now
	}
	if w.Proof == ProofNone {
		if w, err = s.proveHeaded(w, k.info, now, want); err != nil {
			st.written = nil // the next call finds out what is there
			return Rewritten{}, err
		}
	}
	w.Version, w.ETag, w.Size, w.Checksums = now.Location.Version, now.ETag, now.Size, now.Checksums
	at.Version = w.Version
	r := Rewritten{Written: w, Changed: true, Copied: true, NewVersion: versioned && w.Version != k.info.Location.Version, Lost: k.lost}
	lost, repaired := &NotKeptError{Location: at}, false
	for _, name := range differing(now, want) {
		switch {
		case name == PartLock:
			lost.add(PartLock, s.SetLock(ctx, at, want.Lock))
		case e.names(name, k.info):
			r.Ignored = append(r.Ignored, name)
		default:
			lost.What = append(lost.What, name)
		}
	}
	if !maps.Equal(tags, want.Tags) && len(tags)+len(want.Tags) > 0 && k.hasTags {
		lost.add(PartTags, s.giveTags(ctx, at, want.Tags))
		repaired = true
	}
	if len(want.Grants) > 0 && !sameGrants(list.Grants, want.Grants) {
		lost.add(PartACL, s.giveList(ctx, at, list, want.Grants))
		repaired = true
	}
	if repaired && !versioned { // what was set may have met somebody else's object
		if now, err = s.Stat(ctx, at); err != nil || now.ETag != w.ETag {
			return r, errors.Join(err, s.overwritten(loc))
		}
	}
	if lost.What != nil {
		return r, lost
	}
	return r, nil
}

// findOurs finds the version that the copy has become, where the server did not tell (Ceph's gateway): the one above the version
// from before that has its ETag.
func (s *Session) findOurs(ctx context.Context, loc Location, st *Rewriting) error {
	if st.written.Version != "" || st.top == "" || st.top == "null" {
		return nil
	}
	for page, err := range s.Versions(ctx, Location{Bucket: loc.Bucket, Key: loc.Key}, ListOptions{PageSize: 10}) {
		if err != nil {
			return err
		}
		for _, v := range page {
			switch {
			case v.Version == st.top:
				return s.overwritten(loc)
			case v.ETag == st.written.ETag && !v.Marker:
				st.written.Version = v.Version
				return nil
			}
		}
	}
	return s.overwritten(loc)
}

// add notes a failure; nil is none.
func (e *NotKeptError) add(what string, err error) {
	if err == nil {
		return
	}
	e.What = append(e.What, what)
	if e.Err == nil && !errors.Is(err, errIgnored) {
		e.Err = err
	}
}

var errIgnored = errors.New("the server accepted it without effect")

// names tells whether the edit itself speaks of what goes by a name.
func (e Edit) names(name string, before Info) bool {
	switch name {
	case PartClass:
		return e.Class != ""
	case PartEncryption:
		return e.Encryption != nil
	}
	if before.Headers.Field(name) != nil {
		h := e.headers(before.Headers)
		return *h.Field(name) != *before.Headers.Field(name)
	}
	m := e.metadata(before.Metadata)
	n := name[min(len(metadataPrefix), len(name)):]
	was, had := before.Metadata[n]
	is, has := m[n]
	return had != has || was != is
}

// giveTags gives an object tags that it has not, and looks whether it has them then.
func (s *Session) giveTags(ctx context.Context, at Location, tags map[string]string) error {
	if err := s.SetTags(ctx, at, tags); err != nil {
		return err
	}
	have, err := s.tagsThere(ctx, Info{Location: at})
	if err == nil && !maps.Equal(have, tags) && len(have)+len(tags) > 0 {
		err = errIgnored
	}
	return err
}

// giveList gives an object the grants of a list that it has not, and looks whether it has them then. The owner may have changed
// with a copy.
func (s *Session) giveList(ctx context.Context, at Location, have ACL, grants []Grant) error {
	have.Grants = grants
	if err := s.SetACL(ctx, at, have); err != nil {
		return err
	}
	now, err := s.ACL(ctx, at)
	if err == nil && !sameGrants(now.Grants, grants) {
		err = errIgnored
	}
	return err
}

// honoursMatch tells whether the server is known to hold a copy to If-Match.
func (s *Session) honoursMatch() bool { return s.endpoint.aws }

// checkBelow looks whether the version below ours is the one that was there before. Another one came from somebody else: it is
// edited then and put on top, so that nothing of it is hidden.
func (s *Session) checkBelow(ctx context.Context, ours Location, top string) error {
	if top == "" {
		return nil
	}
	at := Location{Bucket: ours.Bucket, Key: ours.Key}
	seen := false
	for page, err := range s.Versions(ctx, at, ListOptions{PageSize: 10}) {
		if err != nil {
			return err
		}
		for _, v := range page {
			switch {
			case v.Version == ours.Version:
				seen = true
			case !seen: // newer than ours: it stands
			case v.Version == top:
				return nil
			case v.Marker:
				_, err := s.Delete(ctx, at) // it was deleted meanwhile, and stays so
				return errors.Join(s.overwritten(ours), err)
			default:
				at.Version = v.Version
				return &racedError{from: &kept{info: Info{Location: at}}, top: ours.Version, Err: s.overwritten(ours)}
			}
		}
	}
	return nil
}

// attach changes what is set in its place: tags, access list and lock.
func (s *Session) attach(ctx context.Context, loc Location, e Edit, o RewriteOptions) (Rewritten, error) {
	r := Rewritten{Written: Written{Version: loc.Version}}
	if e.tags() {
		if err := s.attachTags(ctx, loc, e, o, &r); err != nil {
			return r, err
		}
	}
	if e.ACL != nil {
		changed, err := s.attachList(ctx, loc, *e.ACL)
		if r.Changed = r.Changed || changed; err != nil {
			return r, err
		}
	}
	if e.Lock.isZero() {
		return r, nil
	}
	changed, err := s.attachLock(ctx, loc, *e.Lock)
	r.Changed = r.Changed || changed
	return r, err
}

func (s *Session) attachTags(ctx context.Context, loc Location, e Edit, o RewriteOptions, r *Rewritten) error {
	have, err := s.tagsThere(ctx, Info{Location: loc})
	switch {
	case KindOf(err) == KindPermission && !o.Plain:
		return &UnreadableError{Location: loc, What: []string{PartTags}, Err: err}
	case KindOf(err) == KindPermission:
		have, r.Lost = nil, append(r.Lost, PartTags)
	case err != nil:
		return err
	}
	tags := e.editTags(have)
	if err := checkTags(loc, tags); err != nil {
		return err
	}
	if r.Lost == nil && (maps.Equal(have, tags) || len(have) == 0 && len(tags) == 0) {
		return nil
	}
	r.Changed = true
	if r.Lost != nil { // nobody may look
		return s.SetTags(ctx, loc, tags)
	}
	err = s.giveTags(ctx, loc, tags)
	if errors.Is(err, errIgnored) {
		r.Ignored, err = append(r.Ignored, PartTags), nil
	}
	return err
}

func (s *Session) attachList(ctx context.Context, loc Location, a ACLEdit) (changed bool, err error) {
	if a.Canned == "" {
		before, err := s.ACL(ctx, loc)
		if err != nil || sameGrants(before.Grants, a.list(loc, before)) {
			return false, err
		}
		_, err = s.ChangeACL(ctx, loc, a.Grant, a.Revoke)
		return true, err
	}
	_, err = s.SetCannedACL(ctx, loc, a.Canned)
	return true, err
}
