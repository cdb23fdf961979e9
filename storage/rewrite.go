package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// RewriteOptions says how an object is rewritten.
type RewriteOptions struct {
	// Plain goes on without what cannot be read before, and loses it; see [UnreadableError].
	Plain bool
	// SingleCopy is the size in bytes above which the copy is made in parts; 0 = 5 GiB, the most that one request may copy.
	SingleCopy int64
	PartSize   int64 // of such a copy, in bytes; 0 = by the object's size
	// Sending is called before the copy of an object is sent that has what a server may lose with it, with a record for
	// [ReadRewriting]: kept until the rewrite is done, it outlasts the end of the process. An error ends the rewrite. Nil: not called.
	Sending func(record []byte) error
	// Resume remembers what a call has read and done, so that the next one with the same edit goes on there after a failure. Nil:
	// nothing is remembered.
	Resume *Rewriting
	// Stepwise ends the call after each step; [Rewritten.Next] tells which is to come by the next call with the same Resume, which
	// there must be. So what only reads can wait for other resources than what writes.
	Stepwise bool
}

// RewriteStep is a part of a rewrite that [RewriteOptions.Stepwise] does by itself.
type RewriteStep int

// The steps, in order. What is set in its place is done with the reading.
const (
	RewriteDone  RewriteStep = iota // nothing is left to be done
	RewriteRead                     // what must be kept is read
	RewriteCopy                     // the copy is made
	RewriteProve                    // the copy is held against what it was to be, and given what it has lost
)

// Rewriting is a rewrite under way; its zero value has not begun. One goroutine uses it at a time.
type Rewriting struct {
	base    *kept    // what was read before the copy
	sent    bool     // the copy was sent; whether it was made is not known
	written *Written // the copy was made and proved
	top     string   // the version that must be right below ours
	races   int      // how often it began anew
}

// Rewritten is what a rewrite did.
type Rewritten struct {
	Written             // of the copy; with Version and ETag also where none was made
	Changed    bool     // something was sent
	Copied     bool     // the object was copied onto itself: its modification date is new
	NewVersion bool     // the copy is a version of its own, and the one before stays
	Ignored    []string // what the server accepted without effect, by the names of [UnreadableError]
	Lost       []string // what was left behind, as [RewriteOptions.Plain] allows
	Next       RewriteStep
}

// UnreadableError says that a rewrite would lose what cannot be read before. Nothing was sent. What names it: "acl", "tags",
// "lock", or a header.
type UnreadableError struct {
	Location Location
	What     []string
	Err      error // why the first of them cannot be read
}

func (e *UnreadableError) Error() string {
	return "cannot be kept, because it cannot be read: " + strings.Join(e.What, ", ") + ": " + e.Err.Error()
}

// Unwrap is why the first of them cannot be read.
func (e *UnreadableError) Unwrap() error { return e.Err }

// NotKeptError says that an object was rewritten, whole and proved, and that it has lost what it is called for again: the next call
// with the same [RewriteOptions.Resume] sets it once more. What is as in [UnreadableError].
type NotKeptError struct {
	Location Location // of the new object
	What     []string
	Err      error // nil: the server accepted it without effect
}

func (e *NotKeptError) Error() string {
	s := "the object was rewritten, but could not be given back: " + strings.Join(e.What, ", ")
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap is why it could not be set.
func (e *NotKeptError) Unwrap() error { return e.Err }

// maxRaces is how often a rewrite begins anew because somebody else was writing the same object.
const maxRaces = 4

// Rewrite changes what belongs to an object beside its bytes, and keeps all else: headers, metadata, tags, access list, class,
// encryption, lock, checksum algorithm. Tags and access list are set where they are, also of the version that loc names; for the
// rest S3 needs a copy of the object onto itself, which only the current version can have. An edit that changes nothing sends
// nothing.
//
// The copy is made only while the object is what was read, where the server looks; else what was there before and after is
// compared. Of a second writer the content always stays: what came in between is edited in its turn, and where that cannot be,
// the error is of KindConflict with code "Overwritten". Other errors beside the server's: [UnreadableError], [NotKeptError].
func (s *Session) Rewrite(ctx context.Context, loc Location, e Edit, o RewriteOptions) (Rewritten, error) {
	if err := s.writable("CopyObject", loc); err != nil {
		return Rewritten{}, err
	}
	if loc.Bucket == "" || loc.Key == "" {
		return Rewritten{}, invalid("CopyObject", loc, "NoKey", "an object has a bucket and a key")
	}
	if err := e.Check(); err != nil {
		return Rewritten{}, err
	}
	if !e.Rewrites() {
		return s.attach(ctx, loc, e, o)
	}
	st := o.Resume
	if st == nil {
		st = &Rewriting{}
	}
	for {
		r, err := s.rewriteOnce(ctx, loc, e, o, st)
		var raced *racedError
		switch {
		case errors.As(err, &raced) && st.races < maxRaces:
			*st = Rewriting{base: raced.from, top: raced.top, races: st.races + 1}
		case errors.As(err, &raced):
			st.races = 0
			return Rewritten{}, raced.Err
		default:
			return r, err
		}
	}
}

// racedError says that somebody else has written the object meanwhile.
type racedError struct {
	from *kept // what to edit instead; nil = what is current now
	top  string
	Err  error
}

func (e *racedError) Error() string { return e.Err.Error() }

func (s *Session) rewriteOnce(ctx context.Context, loc Location, e Edit, o RewriteOptions, st *Rewriting) (Rewritten, error) {
	var done *Info
	if st.sent && st.written == nil {
		var err error
		if done, err = s.settleSent(ctx, loc, e, st); err != nil {
			return Rewritten{}, err
		}
	}
	read := st.base == nil || !st.base.complete
	if read {
		k, err := s.readKept(ctx, loc, e, o, st.base)
		if err != nil {
			return Rewritten{}, err
		}
		if st.base == nil {
			st.top = k.info.Location.Version
		}
		st.base = k
	}
	k := st.base
	k.now = s.now()
	want := k.wanted(e)
	switch {
	case st.written != nil:
	case done != nil:
		st.written = &Written{Version: done.Location.Version, ETag: done.ETag, Size: done.Size, Checksums: done.Checksums, Proof: ProofSize, RequestID: done.RequestID}
	case k.same(want) && st.top == k.info.Location.Version:
		r, err := s.attach(ctx, loc, e, o)
		r.Version, r.ETag, r.Size = k.info.Location.Version, k.info.ETag, k.info.Size
		return r, err
	case read && o.Stepwise:
		return Rewritten{Next: RewriteCopy}, nil
	default:
		if r, ok, err := s.updateEncryption(ctx, loc, e, k); ok || err != nil {
			return r, err
		}
		if err := s.copyOnto(ctx, loc, e, o, st, want); err != nil {
			return Rewritten{}, err
		}
		if o.Stepwise {
			return Rewritten{Next: RewriteProve}, nil
		}
	}
	return s.verify(ctx, loc, e, st, want)
}

// settleSent finds out whether a copy was made whose answer was lost. Nil without an error: it was not.
func (s *Session) settleSent(ctx context.Context, loc Location, e Edit, st *Rewriting) (*Info, error) {
	now, err := s.Stat(ctx, Location{Bucket: loc.Bucket, Key: loc.Key})
	if err != nil {
		return nil, err
	}
	base := st.base.info
	switch {
	case sameInfo(now, base) && now.Location.Version == st.top:
		st.sent = false
		return nil, nil
	case now.Size == base.Size && sameWanted(now, st.base.wanted(e)) && now.Location.Version != base.Location.Version,
		now.Size == base.Size && now.ETag == base.ETag && sameWanted(now, st.base.wanted(e)):
		return &now, nil
	}
	return nil, &racedError{Err: s.overwritten(loc)}
}

func (s *Session) overwritten(loc Location) error {
	return &Error{Op: "CopyObject", Location: loc, Host: s.Host(), Kind: KindConflict, Code: "Overwritten",
		Message: "somebody else wrote the object in between"}
}

// copyOnto makes the copy and proves its bytes.
func (s *Session) copyOnto(ctx context.Context, loc Location, e Edit, o RewriteOptions, st *Rewriting, want WriteOptions) error {
	k := st.base
	src, dst := k.info.Location, Location{Bucket: loc.Bucket, Key: loc.Key}
	if st.top == src.Version {
		want.IfMatch = k.info.ETag // of the target: it is the source
	}
	if err := st.sending(o.Sending); err != nil {
		return err
	}
	st.sent = true
	var w Written
	var err error
	if single := o.SingleCopy; k.info.Size > maxSinglePut || single > 0 && k.info.Size > single {
		part := o.PartSize
		if part == 0 {
			part = copyPartSize(k.info.Size)
		}
		if want.Checksum == ChecksumAuto && len(k.info.Checksums.Values) == 0 {
			want.Checksum = ChecksumNone
		}
		w, err = s.copyAs(ctx, k.info, dst, want, part)
	} else {
		co := CopyOptions{Replace: &want, Class: orStandard(want.Class), Encryption: want.Encryption, ACL: want.ACL, headed: true}
		w, err = s.copyKnown(ctx, src, dst, co, k.info.ETag, co.Class, &k.info)
	}
	var x *Error
	errors.As(err, &x)
	versioned := src.Version != "" && src.Version != "null"
	switch {
	case err == nil:
	case x != nil && x.Kind == KindPrecondition, x != nil && x.Kind == KindConflict && x.Code == "ConditionalRequestConflict":
		return &racedError{Err: err}
	case x != nil && !versioned && (x.Kind == KindTruncated || x.Kind == KindChecksum) && x.HTTPStatus == 200:
		return s.overwritten(loc) // the copy is of other bytes than those that were read
	case x != nil && !x.Unknown && x.HTTPStatus >= 400:
		st.sent = false
		return err
	default:
		return err
	}
	if w.Proof != ProofNone && s.othersBytes(w, k.info, want) {
		return s.overwritten(loc)
	}
	st.written = &w
	return nil
}

// othersBytes tells whether what was copied may be what a second writer has put in the place of the object that was read.
func (s *Session) othersBytes(w Written, before Info, want WriteOptions) bool {
	versioned := before.Location.Version != "" && before.Location.Version != "null"
	return !versioned && !s.honoursMatch() && w.Proof <= ProofSize && plainMD5(before) && etagMD5(w.ETag) != nil && w.ETag != before.ETag &&
		!strings.HasPrefix(want.Encryption.Type, "aws:kms")
}

// proveHeaded proves a copy that no ETag proved by its head, now.
func (s *Session) proveHeaded(w Written, before, now Info, want WriteOptions) (Written, error) {
	at := now.Location
	w, err := compareCopy(w, before, now, func(kind Kind, code, format string, args ...any) error {
		err := fmt.Errorf(format, args...)
		return &Error{Op: "CopyObject", Location: at, Host: s.Host(), HTTPStatus: 200, RequestID: w.RequestID, Kind: kind, Code: code, Message: err.Error(), Err: err, Unknown: true}
	})
	versioned := before.Location.Version != "" && before.Location.Version != "null"
	if err != nil && !versioned || err == nil && s.othersBytes(w, before, want) {
		return w, s.overwritten(Location{Bucket: at.Bucket, Key: at.Key}) // the copy is of other bytes than those that were read
	}
	return w, err
}

// plainMD5 tells whether an object's ETag comes of its bytes.
func plainMD5(i Info) bool {
	return etagMD5(i.ETag) != nil && (i.Encryption.Type == "" || i.Encryption.Type == "AES256") && !strings.HasSuffix(i.Location.Bucket, "--x-s3")
}

// sameInfo tells whether two heads are those of the same object, unchanged.
func sameInfo(a, b Info) bool {
	return a.Location.Version == b.Location.Version && a.ETag == b.ETag && a.Size == b.Size && a.Modified.Equal(b.Modified) &&
		a.Headers == b.Headers && maps.Equal(a.Metadata, b.Metadata) && a.Class == b.Class && a.Encryption == b.Encryption
}
