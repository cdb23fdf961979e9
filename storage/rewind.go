package storage

import (
	"context"
	"errors"
	"maps"
)

// Rewound is what [Session.Rewind] did with one key.
type Rewound struct {
	Action  RewindAction // RewindNothing: the key was already what it was at the time
	Version string       // current now; "" after a deletion
	Bytes   int64
	Proof   Proof
}

// Rewind brings one key back to what it was, as [Session.AsOf] told, and proves it by reading back. It is idempotent: a key that is
// already as it was, or a copy of that, is left alone. A key that somebody has changed since it was listed is an error of
// KindPrecondition with code "Changed", and nothing is done. No version is lost: only delete markers are removed.
func (s *Session) Rewind(ctx context.Context, bucket string, t Then) (Rewound, error) {
	loc := Location{Bucket: bucket, Key: t.Key}
	if err := s.writable("PutObject", loc); err != nil {
		return Rewound{}, err
	}
	if t.Action == RewindNothing {
		return Rewound{Version: t.Now.Version}, nil
	}
	now, err := s.latest(ctx, loc)
	if err != nil {
		return Rewound{}, err
	}
	if now.Version != t.Now.Version {
		return Rewound{}, &Error{Op: "ListObjectVersions", Location: loc, Host: s.Host(), Kind: KindPrecondition, Code: "Changed",
			Message: "somebody has changed the object since it was listed"}
	}
	switch t.Action {
	case RewindDelete:
		return s.rewindDelete(ctx, loc)
	case RewindUndelete:
		done, err := s.rewindUndelete(ctx, loc, t)
		if k := KindOf(err); err == nil || done.Action != RewindNothing || k != KindPermission && k != KindNeedsMFA {
			return done, err
		}
		// Who may not remove a marker may write a copy.
	}
	return s.rewindCopy(ctx, loc, t)
}

func (s *Session) rewindDelete(ctx context.Context, loc Location) (Rewound, error) {
	if _, err := s.Delete(ctx, loc); err != nil {
		return Rewound{}, err
	}
	now, err := s.latest(ctx, loc)
	switch {
	case KindOf(err) == KindNotFound: // of a bucket whose versioning is suspended
	case err != nil:
		return Rewound{}, err
	case !now.Marker:
		return Rewound{}, s.notRewound("DeleteObject", loc)
	}
	return Rewound{Action: RewindDelete, Proof: ProofStored}, nil
}

func (s *Session) rewindUndelete(ctx context.Context, loc Location, t Then) (Rewound, error) {
	var r Rewound
	for _, m := range t.Markers {
		if _, err := s.DeleteVersion(ctx, Location{Bucket: loc.Bucket, Key: loc.Key, Version: m}, ""); err != nil {
			return r, err
		}
		r.Action = RewindUndelete
	}
	now, err := s.latest(ctx, loc)
	if err != nil {
		return r, err
	}
	if now.Version != t.Was.Version {
		return r, s.notRewound("DeleteObject", loc)
	}
	r.Version, r.Proof = now.Version, ProofMD5 // it is the version itself
	return r, nil
}

func (s *Session) rewindCopy(ctx context.Context, loc Location, t Then) (Rewound, error) {
	old := Location{Bucket: loc.Bucket, Key: loc.Key, Version: t.Was.Version}
	if same, err := s.Alike(ctx, loc.Bucket, t); err != nil || same {
		return Rewound{Version: t.Now.Version}, err
	}
	w, err := s.Revert(ctx, old, RevertOptions{})
	return Rewound{Action: RewindCopy, Version: w.Version, Bytes: w.Size, Proof: w.Proof}, err
}

func (s *Session) notRewound(op string, loc Location) error {
	return &Error{Op: op, Location: loc, Host: s.Host(), Kind: KindConflict, Code: "Changed", Message: "the object is not what it was: somebody else changes it"}
}

// Alike tells whether what a key is now is a copy of what it was: the same bytes, headers, metadata, tags and class. What a listing
// tells apart costs no request.
func (s *Session) Alike(ctx context.Context, bucket string, t Then) (bool, error) {
	if !t.Existed() || !t.Exists() || t.Was.Size != t.Now.Size || className(t.Was.Class) != className(t.Now.Class) ||
		t.Was.ETag != t.Now.ETag && t.Was.Size <= maxSinglePut && !isMultipartETag(t.Was.ETag) {
		return false, nil
	}
	was, err := s.Stat(ctx, Location{Bucket: bucket, Key: t.Key, Version: t.Was.Version})
	if err != nil {
		return false, err
	}
	now, err := s.Stat(ctx, Location{Bucket: bucket, Key: t.Key, Version: t.Now.Version})
	if err != nil {
		return false, err
	}
	if !sameBytes(was, now) || was.Headers != now.Headers || !maps.Equal(was.Metadata, now.Metadata) {
		return false, nil
	}
	return s.sameTags(ctx, was, now)
}

// sameBytes is true only where something proves it.
func sameBytes(a, b Info) bool {
	if alg, same := a.Checksums.Same(b.Checksums); alg != "" {
		return same
	}
	return a.ETag == b.ETag
}

func (s *Session) sameTags(ctx context.Context, was, now Info) (bool, error) {
	a, err := s.Tags(ctx, was.Location)
	var b map[string]string
	if err == nil {
		b, err = s.Tags(ctx, now.Location)
	}
	var e *Error
	if errors.As(err, &e) && (e.Kind == KindUnsupported || e.Kind == KindPermission || e.Kind == KindTruncated) {
		return was.TagCount == now.TagCount, nil // what may not be read cannot be compared
	}
	return err == nil && maps.Equal(a, b), err
}
