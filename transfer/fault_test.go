package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// fakeClock is a clock that sleeping moves.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	runs  time.Time           // since when it runs by itself, too; zero = it stands until somebody sleeps
	slept func(time.Duration) // nil = nobody else sleeps
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.runs.IsZero() {
		return c.now.Add(time.Since(c.runs))
	}
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.now = c.now.Add(d)
	if c.slept != nil {
		c.slept(d)
	}
	c.mu.Unlock()
	return ctx.Err()
}

// script is a fault server whose rules are set once what they are about has been prepared.
type script struct {
	f     atomic.Pointer[faultserver.Faults]
	clock *fakeClock // of the queues of one test, one after another
	// trailers: the server is known to take checksums behind the bytes. Where it is not, the first refusal of a part may be taken
	// for one of the form, and which part is first differs from run to run.
	trailers bool
	stall    time.Duration // how long the clients wait for a byte; 0 = [faultStall]
}

func newScript() *script {
	s := &script{}
	s.set()
	return s
}

func (s *script) set(rules ...faultserver.Rule) { s.f.Store(faultserver.New(rules...)) }

func (s *script) server(t testing.TB) transfertest.Server {
	return transfertest.Demo(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.f.Load().Middleware(next).ServeHTTP(w, r) })
	})
}

// proxy is for the clients: faults that happen before there is a connection.
func (s *script) proxy(r *http.Request) (*url.URL, error) { return s.f.Load().Proxy(r) }

// faulty runs a transfer against the row's fault once, and once with the right answer. Every fault of the table passes
// within a try or two, so that the engine must end with success, except where the server says no.
func faulty(t *testing.T, row faultserver.Row, do func(*transfertest.Bench, *transfer.Queue) transfer.Summary) {
	t.Helper()
	for _, right := range []bool{false, true} {
		rule := row.Rule
		if right {
			rule = row.Right().Rule
		}
		f := newScript()
		b := transfertest.New(t, f.server)
		clock := &fakeClock{now: time.Now()}
		q := b.Queue(func(c *transfer.Config) {
			c.Now, c.Sleep, c.GiveUp = clock.Now, clock.Sleep, time.Minute
			c.Connect = func(context.Context, string) (*storage.Session, error) {
				return b.Server.Open(func(c *storage.Config) { c.StallAfter = 200 * time.Millisecond })
			}
		})
		prepared(b)
		f.set(rule)
		s := do(b, q)
		fired := f.f.Load().Fired()
		f.f.Load().Release()
		f.set()
		if fired == 0 {
			t.Errorf("right %v: the fault was not met", right)
		}
		denied := rule.Code == "AccessDenied" || rule.Status == 403
		switch {
		case right || !denied && s.Failed+s.Unknown == 0:
			if s.State != transfer.Done {
				t.Errorf("right %v: %+v", right, s)
			}
		case denied && s.Failed >= 1 && storage.KindOf(s.Errors[0].Err) == storage.KindPermission:
		case row.Rule.Times < 0 || row.Conclusion == faultserver.Fail:
			if s.State != transfer.Failed {
				t.Errorf("%+v", s)
			}
		default:
			t.Errorf("%s concludes %s: %+v", row.Name, row.Conclusion, s)
		}
	}
}

// prepared puts there what the transfers of the fault table need.
func prepared(b *transfertest.Bench) {
	b.Object("get", 300_000, 1)
	b.Object("from", 1000, 2)
	b.Object("tree/a", 100, 3)
	b.Object("tree/b", 100, 4)
}

func TestQueue_EveryFaultEndsInItsClass(t *testing.T) {
	one := func(r func(b *transfertest.Bench) transfer.Request) func(*transfertest.Bench, *transfer.Queue) transfer.Summary {
		return func(b *transfertest.Bench, q *transfer.Queue) transfer.Summary { return b.Run(q, r(b)) }
	}
	ops := map[string]func(*transfertest.Bench, *transfer.Queue) transfer.Summary{
		"ListObjectsV2": one(func(b *transfertest.Bench) transfer.Request { return b.Download("tree/", "tree") }),
		"GetObject":     one(func(b *transfertest.Bench) transfer.Request { return b.Download("get", "get") }),
		"PutObject":     one(func(b *transfertest.Bench) transfer.Request { return b.Upload(b.File("f", 300_000, 5), "put") }),
		"UploadPart":    one(func(b *transfertest.Bench) transfer.Request { return parts5(b.Upload(b.File("f", 11*mib, 5), "put")) }),
		"CompleteMultipartUpload": one(func(b *transfertest.Bench) transfer.Request {
			return parts5(b.Upload(b.File("f", 6*mib, 5), "put"))
		}),
		"CopyObject": one(func(b *transfertest.Bench) transfer.Request {
			return transfer.Request{Kind: transfer.Copy, Sources: []transfer.Source{{Remote: b.Loc("from")}}, Target: transfer.Target{Remote: b.Loc("copy"), Exact: true}}
		}),
		"DeleteObjects": one(func(b *transfertest.Bench) transfer.Request {
			return transfer.Request{Kind: transfer.Delete, Sources: []transfer.Source{{Remote: b.Loc("tree/")}}}
		}),
		"DeleteObject": one(func(b *transfertest.Bench) transfer.Request {
			return transfer.Request{Kind: transfer.Delete, Sources: []transfer.Source{{Remote: b.Loc("get")}}}
		}),
	}
	rows := 0
	for _, row := range faultserver.Rows() {
		do := ops[row.Rule.Op]
		if do == nil || strings.HasSuffix(row.Name, "/page-2") {
			continue
		}
		rows++
		if testing.Short() && rows%3 != 0 {
			continue // the run under the race detector looks for races, the other one at every end
		}
		t.Run(row.Name, func(t *testing.T) { faulty(t, row, do) })
	}
	t.Logf("%d rows", rows)
}

func TestDownload_WrongBytesForEver(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	b.Object("get", 300_000, 1)
	old := b.Old("get", "old")
	f.set(faultserver.Rule{Op: "GetObject", Kind: faultserver.Flip, At: faultserver.Middle, Times: -1})
	q := b.Queue()
	s := b.Run(q, b.Download("get", "get"))
	if s.Failed != 1 || storage.KindOf(s.Errors[0].Err) != storage.KindChecksum {
		t.Fatalf("%+v", s)
	}
	_ = old // the checker looks at it
}

func TestQueue_GivesUpOnlyWithoutProgress(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	clock := &fakeClock{now: time.Now()}
	q := b.Queue(func(c *transfer.Config) { c.Now, c.Sleep = clock.Now, clock.Sleep })
	path := b.File("f", 1000, 1)
	f.set(faultserver.Rule{Op: "PutObject", Kind: faultserver.Status, Status: 500, Times: -1})
	began := clock.Now()
	id, err := q.Add(t.Context(), b.Upload(path, "k"))
	if err != nil {
		t.Fatal(err)
	}
	s := b.Wait(q, id)
	if s.State != transfer.Failed || !errors.Is(errors.Join(s.Err, errorOf(s)), transfer.ErrGaveUp) {
		t.Fatalf("%+v", s)
	}
	if d := clock.Now().Sub(began); d < 15*time.Minute || d > 16*time.Minute {
		t.Errorf("gave up after %v", d)
	}
}

func errorOf(s transfer.Summary) error {
	if len(s.Errors) == 0 {
		return nil
	}
	return s.Errors[0].Err
}

func TestQueue_NoNetworkIsWaitedForByTheWholeTransfer(t *testing.T) {
	b := transfertest.New(t, embedded)
	for i := range 100 {
		b.File(fmt.Sprintf("tree/f%d", i), 10, uint64(i))
	}
	clock := &fakeClock{now: time.Now()}
	q := b.Queue(func(c *transfer.Config) {
		c.Now, c.Sleep = clock.Now, clock.Sleep
		c.Connect = func(context.Context, string) (*storage.Session, error) {
			s := b.Server
			s.Endpoint = "http://127.0.0.1:1" // nobody listens
			return s.Open()
		}
	})
	began := clock.Now()
	s := b.Run(q, b.Upload(b.Src+"/tree", "t/"))
	if s.State != transfer.Failed || !errors.Is(errors.Join(s.Err, errorOf(s)), transfer.ErrGaveUp) || storage.KindOf(s.Err) != storage.KindNetwork {
		t.Fatalf("%+v", s)
	}
	if d := clock.Now().Sub(began); d > 20*time.Minute {
		t.Errorf("gave up after %v: the items waited one after another", d)
	}
}

func TestQueue_ExpiredTokenIsRenewedOrPauses(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	path := b.File("f", 30*mib, 1)
	connects := 0
	q := b.Queue(func(c *transfer.Config) {
		c.Connect = func(context.Context, string) (*storage.Session, error) { connects++; return b.Server.Open() }
	})
	f.set(faultserver.Rule{Op: "UploadPart", Number: 4, Kind: faultserver.Status, Status: 400, Code: "ExpiredToken"})
	b.MustDone(q, parts5(b.Upload(path, "k")), 1)
	if connects != 2 {
		t.Errorf("connected %d times", connects)
	}
	f.set(faultserver.Rule{Op: "UploadPart", Number: 5, Kind: faultserver.Status, Status: 400, Code: "ExpiredToken", Times: 3})
	id, err := q.Add(t.Context(), parts5(b.Upload(path, "k2")))
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Paused || storage.KindOf(s.Err) != storage.KindExpired {
		t.Fatalf("%+v", s)
	}
	before := storedParts(b)
	for s := (transfer.Summary{}); s.State != transfer.Done; s = b.Wait(q, id) {
		if err := q.Resume(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	_ = before
	if n := b.Server.Demo.CountRequests("CreateMultipartUpload", "k2", 0); n != 1 {
		t.Errorf("%d uploads were begun for one", n)
	}
}
