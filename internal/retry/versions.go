package retry

import (
	"context"
	"iter"
	"slices"

	"pintail/storage"
)

// Versions lists versions and delete markers. Like [Objects] it goes on where a failure ended it: the last key is listed again, as
// it may have more versions, and what has come of it is left out.
func Versions(ctx context.Context, p Policy, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.Page, error] {
	came := behindVersions{whole: o.StartAfter}
	return p.goOn(ctx, func() iter.Seq2[storage.Page, error] {
		o.StartAfter = came.whole
		return s.ListVersions(ctx, bucket, prefix, o)
	}, came.rest)
}

// behindVersions is what of a listing of versions has come.
type behindVersions struct {
	whole string          // all up to this name has come
	last  string          // the greatest name that has come; a key may have more versions
	seen  map[string]bool // the versions of last
}

// rest drops what has come before and notes what comes.
func (b *behindVersions) rest(p storage.Page) storage.Page {
	p.Prefixes = slices.DeleteFunc(p.Prefixes, func(k string) bool { return k <= b.whole || k == b.last })
	p.Entries = slices.DeleteFunc(p.Entries, func(e storage.Entry) bool {
		return e.Key <= b.whole || e.Key == b.last && b.seen[e.Version]
	})
	for _, k := range p.Prefixes {
		b.name(k)
	}
	for _, e := range p.Entries {
		b.name(e.Key)
		if e.Key == b.last {
			b.seen[e.Version] = true
		}
	}
	return p
}

func (b *behindVersions) name(k string) {
	switch {
	case k > b.last:
		b.whole, b.last, b.seen = max(b.whole, b.last), k, map[string]bool{}
	case k < b.last:
		b.whole = max(b.whole, k)
	}
}
