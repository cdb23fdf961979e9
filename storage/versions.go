package storage

import (
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Versions gives the versions and delete markers of one key, newest first, a page at a time; keys that only begin with it are no
// part of it. A key that never was gives nothing. Paging that does not move on is an error of KindNotS3 with code "BadPaging".
func (s *Session) Versions(ctx context.Context, loc Location, o ListOptions) iter.Seq2[[]Entry, error] {
	return func(yield func([]Entry, error) bool) {
		if loc.Key == "" {
			yield(nil, invalid("ListObjectVersions", loc, "NoKey", "an object has a key"))
			return
		}
		seen := cycle{}
		for page, err := range s.ListVersions(ctx, loc.Bucket, loc.Key, ListOptions{PageSize: o.PageSize}) {
			if err == nil {
				err = seen.pass(s, loc, page)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			var own []Entry
			for _, e := range page.Entries {
				if e.Key == loc.Key {
					own = append(own, e)
				}
			}
			if len(own) > 0 && !yield(own, nil) {
				return
			}
			if n := len(page.Entries); n > 0 && page.Entries[n-1].Key > loc.Key {
				return // the key itself is the first of those that begin with it
			}
		}
	}
}

// cycle notices a listing that comes back to where it has been, after however many pages, with the memory of one (Brent's way).
type cycle struct {
	mark        string
	steps, most int
}

func (c *cycle) pass(s *Session, loc Location, p Page) error {
	if len(p.Entries) == 0 {
		return nil // the pager counts these
	}
	e := p.Entries[0]
	at := e.Key + "\x00" + e.Version
	if at == c.mark {
		err := fmt.Errorf("the server comes back to a version that it has sent: the listing would never end")
		return s.badPaging("ListObjectVersions", loc, err)
	}
	if c.steps == c.most {
		c.mark, c.steps, c.most = at, 0, 2*c.most+1
		return nil
	}
	c.steps++
	return nil
}

// DeleteVersion removes one version or delete marker for good. loc names it. mfa is "SERIAL CODE" of the device of the bucket's
// owner, needed where the bucket has MFA delete and "" elsewhere. An error of KindNeedsMFA says that a code is missing or was refused.
func (s *Session) DeleteVersion(ctx context.Context, loc Location, mfa string) (DeleteResult, error) {
	r := DeleteResult{Location: loc}
	if loc.Key == "" || loc.Version == "" {
		r.Err = invalid("DeleteObject", loc, "NoVersion", "a version has a key and a version id")
		return r, r.Err
	}
	_, rec, err := do(ctx, s, "DeleteObject", loc, func(ctx context.Context, c *s3.Client, _ *call) (*s3.DeleteObjectOutput, error) {
		return c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, VersionId: &loc.Version, MFA: optional(mfa)})
	})
	if err != nil {
		r.Err = s.askedMFA(ctx, err, loc.Bucket, mfa)
		return r, r.Err
	}
	if rec.header.Get("X-Amz-Delete-Marker") == "true" {
		r.MarkerVersion = loc.Version
	}
	return r, nil
}

// askedMFA finds out whether a refusal means that the bucket wants a code: some servers (Ceph) refuse without a word.
func (s *Session) askedMFA(ctx context.Context, err error, bucket, mfa string) error {
	e, ok := err.(*Error)
	if !ok || e.Kind != KindPermission || e.HTTPStatus != http.StatusForbidden {
		return err
	}
	out, _, verr := s.versioning(ctx, bucket)
	if verr != nil || out.MFADelete != types.MFADeleteStatusEnabled {
		return err
	}
	e.Kind, e.Permission = KindNeedsMFA, ""
	if mfa != "" && e.Message == "" {
		e.Message = "the code was not accepted"
	}
	return e
}

// refusedVersioning says of a refused change of versioning that it was the code, or may have been: a server that is given one does not
// tell a wrong code from a right that is missing.
func (s *Session) refusedVersioning(ctx context.Context, loc Location, mfa string, err error) error {
	e, ok := err.(*Error)
	if mfa == "" || !ok || e.Kind != KindPermission || e.HTTPStatus != http.StatusForbidden {
		return s.askedMFA(ctx, err, loc.Bucket, mfa)
	}
	e.Kind = KindNeedsMFA
	if e.Message == "" {
		e.Message = "the code was not accepted, or " + e.Permission + " is missing"
	}
	return e
}

func (s *Session) versioning(ctx context.Context, bucket string) (*s3.GetBucketVersioningOutput, *call, error) {
	return do(ctx, s, "GetBucketVersioning", Location{Bucket: bucket}, func(ctx context.Context, c *s3.Client, _ *call) (*s3.GetBucketVersioningOutput, error) {
		return c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &bucket})
	})
}

// Versioned tells whether a bucket keeps old versions: versioning was switched on once, though it may be suspended now. Who may not
// ask for the setting is told what the listing of versions can show. A server without versioning has none.
func (s *Session) Versioned(ctx context.Context, bucket string) (bool, error) {
	out, _, err := s.versioning(ctx, bucket)
	switch KindOf(err) {
	case KindUnsupported:
		return false, nil
	case KindPermission:
		return true, nil // the versions themselves will show
	}
	return err == nil && out.Status != "", err
}

// Undeleted is what [Session.Undelete] did.
type Undeleted struct {
	Marker string // the version id of the delete marker that was removed
	Hidden bool   // an older delete marker still hides the object
	Info   Info   // of the object that is current now; zero if Hidden, or if it may not be read
}

// Undelete removes the delete marker that hides an object: the latest one and nothing else. The object is then read back. An
// error with code "NotDeleted" says that there is an object, and KindNotFound that there never was one. mfa is as for
// [Session.DeleteVersion].
func (s *Session) Undelete(ctx context.Context, loc Location, mfa string) (Undeleted, error) {
	var u Undeleted
	if err := s.writable("DeleteObject", loc); err != nil {
		return u, err
	}
	latest, err := s.latest(ctx, loc)
	if err != nil {
		return u, err
	}
	at := Location{Bucket: loc.Bucket, Key: loc.Key, Version: latest.Version}
	if !latest.Marker {
		return u, &Error{Op: "DeleteObject", Location: at, Host: s.Host(), Kind: KindPrecondition, Code: "NotDeleted",
			Message: "the object is not deleted: no delete marker hides it"}
	}
	if _, err := s.DeleteVersion(ctx, at, mfa); err != nil {
		return u, err
	}
	u.Marker = at.Version
	info, err := s.Stat(ctx, Location{Bucket: loc.Bucket, Key: loc.Key})
	if err == nil {
		u.Info = info
		return u, nil
	}
	if KindOf(err) != KindNotFound && KindOf(err) != KindPermission {
		return u, err
	}
	after, lerr := s.latest(ctx, loc)
	switch {
	case KindOf(lerr) == KindNotFound: // the marker was all that there was
		u.Hidden = true
		return u, nil
	case lerr != nil:
		return u, lerr
	case after.Marker && after.Version == at.Version:
		return u, &Error{Op: "DeleteObject", Location: at, Host: s.Host(), Kind: KindNotS3, Code: "Unproved",
			Message: "the server says that the delete marker is gone, and still lists it", Unknown: true}
	}
	u.Hidden = after.Marker
	return u, nil
}

// latest is the current version or delete marker of a key. KindNotFound: it has none.
func (s *Session) latest(ctx context.Context, loc Location) (Entry, error) {
	for page, err := range s.Versions(ctx, loc, ListOptions{PageSize: 10}) {
		if err != nil {
			return Entry{}, err
		}
		for _, e := range page {
			if e.Latest {
				return e, nil
			}
		}
	}
	return Entry{}, &Error{Op: "ListObjectVersions", Location: loc, Host: s.Host(), Kind: KindNotFound, Code: "NoSuchKey",
		Message: "there is no version of the object"}
}
