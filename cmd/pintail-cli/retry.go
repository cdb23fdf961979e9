package main

import (
	"context"
	"iter"

	"pintail/internal/retry"
	"pintail/preferences"
	"pintail/storage"
)

// policy is how requests outside transfers are tried: as --retry says, else as the preferences do.
func (a *app) policy() retry.Policy {
	tries := a.opts.Retry
	if tries == 0 {
		tries = int(preferences.ConnectionRetry.Def().Min)
		if p, err := a.preferences(); err == nil {
			tries = int(preferences.ConnectionRetry.Get(p))
		}
	}
	return retry.Policy{Tries: tries, Note: func(try int, err error) { a.log.Warn("trying again", "try", try, "error", err) }}
}

// again calls do until it succeeds, fails for good, or has been tried often enough.
func again(ctx context.Context, a *app, do func() error) error { return a.policy().Do(ctx, do) }

// retried begins a listing again as long as nothing of it has come.
func retried[T any](ctx context.Context, a *app, start func() iter.Seq2[T, error]) iter.Seq2[T, error] {
	return retry.Pages(ctx, a.policy(), start)
}

// list lists objects; after a failure it goes on behind the last name that came.
func (a *app) list(ctx context.Context, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.Page, error] {
	if o.Delimiter == "" && o.PageSize == 0 {
		o.Parallel = a.listingLanes()
	}
	return retry.Objects(ctx, a.policy(), s, bucket, prefix, o)
}

// listingLanes is how many requests a listing of everything below a prefix makes at once; the cap on connections is one for it, too.
func (a *app) listingLanes() int {
	const most = 64 // where the server takes long to answer; each may hold two pages
	limit := a.opts.limits.Connections
	if p, err := a.preferences(); err == nil && limit == 0 {
		limit = int(preferences.ConnectionsLimit.Get(p))
	}
	if limit == 0 {
		return most
	}
	return min(limit, most)
}

func (a *app) listVersions(ctx context.Context, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.Page, error] {
	return retried(ctx, a, func() iter.Seq2[storage.Page, error] { return s.ListVersions(ctx, bucket, prefix, o) })
}

func (a *app) listUploads(ctx context.Context, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.UploadPage, error] {
	return retried(ctx, a, func() iter.Seq2[storage.UploadPage, error] { return s.ListUploads(ctx, bucket, prefix, o) })
}
