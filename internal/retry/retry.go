// Package retry tries single requests again, for both faces: what runs outside transfers, which have their own rules.
// It must never try a request again that may have had its effect, or one that cannot get better.
// Start reading at [Policy].
package retry

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
	base = 200 * time.Millisecond
	most = 10 * time.Second
	// longest bounds what a server may ask to wait.
	longest = 60 * time.Second
)

// Policy says how often requests are tried.
type Policy struct {
	Tries int                             // in all; below 1 is once
	Final func(error) bool                // errors that end the tries although they may pass; nil = none
	Note  func(try int, err error)        // called before each further try; nil = nobody listens
	Pause func(time.Duration) *time.Timer // nil = time.NewTimer
}

// Do calls f until it succeeds, fails for good, or has been tried often enough. It returns f's last error, or the context's.
func (p Policy) Do(ctx context.Context, f func() error) error {
	wait := backoff.New(base, most, nil)
	for try := 1; ; try++ {
		err := f()
		if err == nil || !p.another(try, err) {
			return err
		}
		if err := p.pause(ctx, wait.Wait(try), err); err != nil {
			return err
		}
	}
}

// another tells whether there is a further try after this one, and says so.
func (p Policy) another(try int, err error) bool {
	if try >= p.Tries || !Helps(err) || p.Final != nil && p.Final(err) {
		return false
	}
	if p.Note != nil {
		p.Note(try, err)
	}
	return true
}

// Helps tells whether another try may help. An unknown outcome is not tried again: the request may have had its effect.
func Helps(err error) bool {
	var e *storage.Error
	return errors.As(err, &e) && e.Retryable && !e.Unknown
}

// pause waits at least as long as the server asked for. When ctx ends first it returns the context's error.
func (p Policy) pause(ctx context.Context, d time.Duration, cause error) error {
	var e *storage.Error
	if errors.As(cause, &e) {
		d = max(d, min(time.Duration(e.RetryAfter)*time.Second, longest))
	}
	start := p.Pause
	if start == nil {
		start = time.NewTimer
	}
	t := start(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Pages begins a listing again as long as nothing of it has come.
func Pages[T any](ctx context.Context, p Policy, start func() iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		came, stopped := false, false
		var broken error
		err := p.Do(ctx, func() error {
			for page, err := range start() {
				if err != nil && came {
					broken = err // in the middle: what has come would come again
					return nil
				}
				if err != nil {
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
		if err = errors.Join(err, broken); err != nil && !stopped {
			var none T
			yield(none, err)
		}
	}
}

// Objects lists objects. After a failure it goes on behind the last name that came, so that a long listing survives a lost
// connection; each page that comes makes the count of tries begin anew.
func Objects(ctx context.Context, p Policy, s *storage.Session, bucket, prefix string, o storage.ListOptions) iter.Seq2[storage.Page, error] {
	last := o.StartAfter
	return p.goOn(ctx, func() iter.Seq2[storage.Page, error] {
		o.StartAfter = last
		return s.List(ctx, bucket, prefix, o)
	}, func(page storage.Page) storage.Page {
		page, last = behind(page, last)
		return page
	})
}

// goOn lists until the end; after a failure list begins anew, and rest drops what of it has come.
func (p Policy) goOn(ctx context.Context, list func() iter.Seq2[storage.Page, error], rest func(storage.Page) storage.Page) iter.Seq2[storage.Page, error] {
	return func(yield func(storage.Page, error) bool) {
		wait := backoff.New(base, most, nil)
		for try := 1; ; try++ {
			var failure error
			for page, err := range list() {
				if err != nil {
					failure = err
					break
				}
				try = 1
				if !yield(rest(page), nil) {
					return
				}
			}
			if failure == nil {
				return
			}
			if p.another(try, failure) {
				failure = p.pause(ctx, wait.Wait(try), failure)
				if failure == nil {
					continue
				}
			}
			yield(storage.Page{}, failure)
			return
		}
	}
}

// behind drops names up to last, which a listing that was begun again may repeat (a folder begins before the keys in it), and
// returns the page's last name.
func behind(p storage.Page, last string) (storage.Page, string) {
	known, repeats := last, false
	for _, k := range p.Prefixes {
		last, repeats = max(last, k), repeats || k <= known
	}
	for i := range p.Entries { // an entry is large: none is copied to be looked at
		k := p.Entries[i].Key
		last, repeats = max(last, k), repeats || k <= known
	}
	if repeats && known != "" {
		p.Prefixes = slices.DeleteFunc(p.Prefixes, func(k string) bool { return k <= known })
		p.Entries = slices.DeleteFunc(p.Entries, func(e storage.Entry) bool { return e.Key <= known })
	}
	return p, last
}
