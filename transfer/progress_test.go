package transfer_test

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// slowly reads a request's body at a minute a MiB of the clock's time, and breaks the first ones off at their end.
type slowly struct {
	clock *fakeClock
	left  atomic.Int32
	puts  atomic.Int32
}

func (s *slowly) server(t testing.TB) transfertest.Server {
	return transfertest.Demo(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if demo.ParseTarget(r).Op != "PutObject" {
				next.ServeHTTP(w, r)
				return
			}
			s.puts.Add(1)
			r.Body = &slowBody{r.Body, s.clock, 0}
			if s.left.Add(-1) < 0 {
				next.ServeHTTP(w, r)
				return
			}
			_, _ = io.Copy(io.Discard, r.Body) // it is broken off
			panic(http.ErrAbortHandler)
		})
	})
}

type slowBody struct {
	io.ReadCloser
	clock *fakeClock
	n     int
}

func (b *slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	for b.n += n; b.n >= mib; b.n -= mib {
		b.clock.pass(time.Minute)
	}
	return n, err
}

// pass moves the clock.
func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A request that takes longer than a transfer goes on without progress, and then fails, has made progress all the time.
func TestQueue_BytesThatGoAreProgress(t *testing.T) {
	s := &slowly{clock: &fakeClock{now: time.Now()}}
	s.left.Store(1)
	b := transfertest.New(t, s.server)
	q := b.Queue(func(c *transfer.Config) { c.Now, c.Sleep = s.clock.Now, s.clock.Sleep })
	b.MustDone(q, b.Upload(b.File("f", 40*mib, 5), "up"), 1)
	if n := s.puts.Load(); n != 2 {
		t.Errorf("sent %d times", n)
	}
}

// The same bytes sent again and again are none.
func TestQueue_TheSameBytesAgainAreNoProgress(t *testing.T) {
	s := &slowly{clock: &fakeClock{now: time.Now()}}
	s.left.Store(1000)
	b := transfertest.New(t, s.server)
	q := b.Queue(func(c *transfer.Config) { c.Now, c.Sleep = s.clock.Now, s.clock.Sleep })
	sum := b.Run(q, b.Upload(b.File("f", 20*mib, 5), "up"))
	if sum.State != transfer.Failed || !errors.Is(errors.Join(sum.Err, errorOf(sum)), transfer.ErrGaveUp) {
		t.Fatalf("%+v", sum)
	}
	if n := s.puts.Load(); n > 10 {
		t.Errorf("sent %d times", n)
	}
}

func TestQueue_AddTakesNoSyncWithoutAPlan(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	r := syncUp(b, transfer.SyncOptions{})
	if _, err := q.Add(t.Context(), r); !errors.Is(err, transfer.ErrRequest) {
		t.Errorf("%v", err)
	}
	if _, all, _ := q.Snapshot(0); len(all) != 0 {
		t.Errorf("%d transfers were added", len(all))
	}
}
