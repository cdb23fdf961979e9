package transfer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pintail/storage"
)

// renewEvery is how soon after new credentials another renewal is refused: then those have ended as well.
const renewEvery = 10 * time.Second

// sessions are the open connections by reference. They stay open until the queue is closed, since opening one may ask a person.
type sessions struct {
	connect func(ctx context.Context, ref string) (*storage.Session, error)

	mu   sync.Mutex // guards all below
	open map[string]*opened
	old  []*storage.Session // replaced, maybe still in use
}

type opened struct {
	ready   chan struct{} // closed once session or err is set
	session *storage.Session
	err     error
	renewed time.Time
	gone    bool // err is only that whoever opened it was stopped meanwhile
}

func newSessions(connect func(ctx context.Context, ref string) (*storage.Session, error)) *sessions {
	return &sessions{connect: connect, open: map[string]*opened{}}
}

// get is the connection of a reference, opened by the first that asks.
func (s *sessions) get(ctx context.Context, ref string) (*storage.Session, error) {
	for {
		s.mu.Lock()
		o := s.open[ref]
		if o == nil {
			o = &opened{ready: make(chan struct{})}
			s.open[ref] = o
			s.mu.Unlock()
			s.fill(ctx, ref, o, func(err error) error { return err })
			return o.session, o.err
		}
		s.mu.Unlock()
		select {
		case <-o.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if !o.gone {
			return o.session, o.err
		}
	}
}

// fill opens a connection for all who wait for it. After a failure the next one tries again; failed sees the error before that.
func (s *sessions) fill(ctx context.Context, ref string, o *opened, failed func(error) error) {
	o.session, o.err = s.connect(ctx, ref)
	if o.err != nil {
		o.gone = ctx.Err() != nil
		o.err = failed(fmt.Errorf("connect: %w", o.err))
		s.mu.Lock()
		delete(s.open, ref)
		s.mu.Unlock()
	}
	close(o.ready)
}

// renewError says that there are no new credentials in place of those that have ended.
type renewError struct{ err error }

func (e *renewError) Error() string { return e.err.Error() }
func (e *renewError) Unwrap() error { return e.err }

var errStillExpired = errors.New("the new credentials are refused as well")

// renew replaces a connection whose token has ended: used is the one that was refused. Many requests may ask at once; the
// first replaces it and the others go on with what it got. New credentials that are refused at once are an error, as is none; refused
// is then called, before anybody could ask again.
func (s *sessions) renew(ctx context.Context, ref string, used *storage.Session, now time.Time, refused func(error)) error {
	s.mu.Lock()
	o := s.open[ref]
	if o != nil {
		select {
		case <-o.ready:
		default: // somebody is at it
			s.mu.Unlock()
			_, err := s.get(ctx, ref)
			return err
		}
		if o.session != used {
			s.mu.Unlock()
			return nil
		}
		if !o.renewed.IsZero() && now.Sub(o.renewed) < renewEvery {
			s.mu.Unlock()
			refused(errStillExpired)
			return errStillExpired
		}
		if o.session != nil {
			s.old = append(s.old, o.session)
		}
	}
	n := &opened{ready: make(chan struct{}), renewed: now}
	s.open[ref] = n
	s.mu.Unlock()
	s.fill(ctx, ref, n, func(err error) error {
		if what, _ := judge(err); what != giveIn || ctx.Err() != nil {
			return err
		}
		err = &renewError{err}
		refused(err)
		return err
	})
	return n.err
}

// close closes all. Nobody may use them any more.
func (s *sessions) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, o := range s.open {
		select {
		case <-o.ready:
			if o.session != nil {
				errs = append(errs, o.session.Close())
			}
		default: // its opener was cancelled and cleans up nothing: there is nothing yet
		}
	}
	for _, x := range s.old {
		errs = append(errs, x.Close())
	}
	s.open = map[string]*opened{}
	return errors.Join(errs...)
}
