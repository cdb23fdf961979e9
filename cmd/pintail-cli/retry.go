package main

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"pintail/internal/backoff"
	"pintail/storage"
)

const (
	retryBase = 200 * time.Millisecond
	retryMost = 10 * time.Second
)

// again calls do until it succeeds, fails for good, or has been tried as often as --retry says.
func again(ctx context.Context, a *app, do func() error) error {
	wait := backoff.New(retryBase, retryMost, nil)
	for try := 1; ; try++ {
		err := do()
		if err == nil || try >= a.opts.Retry || !retryable(err) {
			return err
		}
		a.log.Warn("trying again", "try", try, "error", err)
		if err := pause(ctx, wait.Wait(try), err); err != nil {
			return err
		}
	}
}

// retryable tells whether another try may help. An unknown outcome is not tried again here: the request may have had its effect.
func retryable(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && e.Retryable && !e.Unknown
}

// pause waits at least as long as the server asked for. When ctx ends first it returns the context's error.
func pause(ctx context.Context, d time.Duration, cause error) error {
	var e *storage.Error
	if errors.As(cause, &e) {
		const most = 60
		d = max(d, time.Duration(min(e.RetryAfter, most))*time.Second)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retried begins a listing again as long as nothing of it has come.
func retried[T any](ctx context.Context, a *app, start func() iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		came, stopped := false, false
		err := again(ctx, a, func() error {
			for page, err := range start() {
				if err != nil {
					if came {
						return &finalError{err}
					}
					return err
				}
				came = true
				if !yield(page, nil) {
					stopped = true
					return nil
				}
			}
			return nil
		})
		var final *finalError
		if errors.As(err, &final) {
			err = final.err
		}
		if err != nil && !stopped {
			var none T
			yield(none, err)
		}
	}
}

// finalError hides that another try may help.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

// list lists objects. After a failure it goes on behind the last name that came, so that a long listing survives a lost connection.
func (a *app) list(ctx context.Context, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.Page, error] {
	return func(yield func(storage.Page, error) bool) {
		wait := backoff.New(retryBase, retryMost, nil)
		last, tries := o.StartAfter, 1
		for {
			var failure error
			o.StartAfter = last
			for page, err := range s.List(ctx, bucket, prefix, o) {
				if err != nil {
					failure = err
					break
				}
				page, last = behind(page, last)
				tries = 1
				if !yield(page, nil) {
					return
				}
			}
			if failure == nil {
				return
			}
			if tries >= a.opts.Retry || !retryable(failure) {
				yield(storage.Page{}, failure)
				return
			}
			a.log.Warn("trying again", "try", tries, "error", failure)
			if err := pause(ctx, wait.Wait(tries), failure); err != nil {
				yield(storage.Page{}, err)
				return
			}
			tries++
		}
	}
}

// behind drops names up to last, which a listing that was begun again may repeat (a folder begins before the keys in it), and
// returns the page's last name.
func behind(p storage.Page, last string) (storage.Page, string) {
	if last != "" {
		p.Prefixes = slices.DeleteFunc(p.Prefixes, func(k string) bool { return k <= last })
		p.Entries = slices.DeleteFunc(p.Entries, func(e storage.Entry) bool { return e.Key <= last })
	}
	for _, k := range p.Prefixes {
		last = max(last, k)
	}
	for _, e := range p.Entries {
		last = max(last, e.Key)
	}
	return p, last
}

func (a *app) listVersions(ctx context.Context, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.Page, error] {
	return retried(ctx, a, func() iter.Seq2[storage.Page, error] { return s.ListVersions(ctx, bucket, prefix, o) })
}

func (a *app) listUploads(ctx context.Context, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.UploadPage, error] {
	return retried(ctx, a, func() iter.Seq2[storage.UploadPage, error] { return s.ListUploads(ctx, bucket, prefix, o) })
}
