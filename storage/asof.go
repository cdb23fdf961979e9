package storage

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
)

// CodeNotVersioned is the code of the error for a bucket that keeps no old versions. Its kind is [KindUnsupported].
const CodeNotVersioned = "NotVersioned"

// RewindAction is what brings a key back to what it was.
type RewindAction string

// The actions.
const (
	RewindNothing  RewindAction = ""         // it is what it was
	RewindCopy     RewindAction = "copy"     // an older version becomes the current one
	RewindUndelete RewindAction = "undelete" // delete markers go
	RewindDelete   RewindAction = "delete"   // it did not exist: a delete marker is written
)

// Then is one key as it was at a time, beside what it is now.
type Then struct {
	Key     string
	Was     Entry // what could be read then; zero if there was nothing, or only a delete marker
	Now     Entry // the latest version or delete marker
	Action  RewindAction
	Markers []string // the delete markers to remove, newest first, for RewindUndelete
}

// Existed tells whether there was an object.
func (t Then) Existed() bool { return t.Was.Version != "" }

// Exists tells whether there is one now.
func (t Then) Exists() bool { return t.Now.Version != "" && !t.Now.Marker }

// AsOfPage is one page of a listing of the past. Prefixes are folders in which something is or was.
type AsOfPage struct {
	Prefixes []string
	Keys     []Then
}

// AsOf tells what the keys below a folder or in a bucket were at a time, page by page, in the order of the keys; of an object that
// one key alone. Keys that neither were nor are there are left out. It makes one pass over the versions and holds those of no more
// than a page. A bucket without versions is an error with code [CodeNotVersioned]. o.StartAfter goes on behind a key.
func (s *Session) AsOf(ctx context.Context, loc Location, at time.Time, o ListOptions) iter.Seq2[AsOfPage, error] {
	return func(yield func(AsOfPage, error) bool) {
		has, err := s.Versioned(ctx, loc.Bucket)
		if err == nil && !has {
			err = &Error{Op: "ListObjectVersions", Location: Location{Bucket: loc.Bucket}, Host: s.Host(), Kind: KindUnsupported, Code: CodeNotVersioned,
				Message: "the bucket keeps no old versions, so that nothing can be said of the past"}
		}
		if err != nil {
			yield(AsOfPage{}, err)
			return
		}
		single := loc.Key != "" && !loc.IsFolder()
		p := past{at: at}
		for page, err := range s.ListVersions(ctx, loc.Bucket, loc.Key, o) {
			if err != nil {
				yield(AsOfPage{}, err)
				return
			}
			byKey(page.Entries)
			for _, e := range page.Entries {
				if e.Key > o.StartAfter && (!single || e.Key == loc.Key) {
					p.take(e)
				}
			}
			out := AsOfPage{Prefixes: page.Prefixes, Keys: p.done}
			p.done = nil
			if (len(out.Keys) > 0 || len(out.Prefixes) > 0) && !yield(out, nil) {
				return
			}
			if n := len(page.Entries); single && n > 0 && page.Entries[n-1].Key > loc.Key {
				break
			}
		}
		if p.end(); len(p.done) > 0 {
			yield(AsOfPage{Keys: p.done}, nil)
		}
	}
}

// byKey puts the versions of each key together: versitygw (1.8) sends the markers of a page apart from the versions.
func byKey(entries []Entry) {
	order := func(a, b Entry) int { return strings.Compare(a.Key, b.Key) }
	if !slices.IsSortedFunc(entries, order) {
		slices.SortStableFunc(entries, order)
	}
}

// past puts the versions of one key after the other together.
type past struct {
	at   time.Time
	key  *Then
	was  Entry // the newest of the key's entries that is not newer than at; a marker too
	has  bool  // was is something
	live bool  // a version, not a marker, is newer than at
	done []Then
}

func (p *past) take(e Entry) {
	if p.key == nil || p.key.Key != e.Key {
		p.end()
		p.key = &Then{Key: e.Key}
	}
	if e.Latest {
		p.key.Now = e
	}
	switch {
	case !e.Modified.After(p.at):
		if !p.has || e.Modified.After(p.was.Modified) {
			p.was, p.has = e, true
		}
	case e.Marker:
		p.key.Markers = append(p.key.Markers, e.Version)
	default:
		p.live = true
	}
}

// end judges the key that has come to its end.
func (p *past) end() {
	k := p.key
	if k == nil {
		return
	}
	if p.has && !p.was.Marker {
		k.Was = p.was
	}
	switch {
	case !k.Existed() && k.Exists():
		k.Action = RewindDelete
	case !k.Existed(), k.Now.Version == k.Was.Version:
	case !k.Exists() && !p.live:
		k.Action = RewindUndelete
	default:
		k.Action = RewindCopy
	}
	if k.Action != RewindUndelete {
		k.Markers = nil
	}
	if k.Existed() || k.Exists() {
		p.done = append(p.done, *k)
	}
	*p = past{at: p.at, done: p.done}
}
