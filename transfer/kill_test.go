package transfer_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/prompt"
	"pintail/internal/suspend"
	"pintail/internal/testkit"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

const childEnv = "PINTAIL_TRANSFER_CHILD"

// child is what a process that is to be killed gets to do.
type child struct {
	Journal                  string
	Endpoint, Access, Secret string
	Add                      []transfer.Request
	Resume                   bool
	FileSize                 uint64        // at most, for each file it writes; 0 = any
	Lease                    time.Duration // 0 = 2 s
}

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := runChild(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if spec := os.Getenv(soakEnv); spec != "" {
		if err := runSoak(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(servers.Main(m))
}

func runChild(spec string) error {
	var c child
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	if c.FileSize > 0 {
		if err := limitFileSize(c.FileSize); err != nil {
			return err
		}
	}
	var halts sync.Mutex
	defer suspend.Between(&halts)()
	ctx := context.Background()
	s := transfertest.Server{Endpoint: c.Endpoint, Access: c.Access, Secret: c.Secret}
	q, err := transfer.Open(ctx, transfer.Config{
		Journal: c.Journal, Owner: "child", Lease: cmp.Or(c.Lease, 2*time.Second), Halts: &halts,
		Connect: func(context.Context, string) (*storage.Session, error) { return s.Open() },
	})
	if err != nil {
		return err
	}
	var ids []transfer.ID
	for _, r := range c.Add {
		id, err := q.Add(ctx, r)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if c.Resume {
		_, ts, _ := q.Snapshot(0)
		for _, t := range ts {
			if t.State == transfer.Foreign || t.State == transfer.Done {
				continue
			}
			if err := q.Resume(ctx, t.ID); err != nil && !errors.Is(err, transfer.ErrForeign) {
				return err
			}
			ids = append(ids, t.ID)
		}
	}
	for _, id := range ids {
		if sum, err := q.Wait(ctx, id); err != nil || sum.State != transfer.Done {
			return fmt.Errorf("transfer %d: %+v, %w", id, sum, err)
		}
	}
	return q.Close(ctx)
}

// meter counts what passes a server, and tells when a number is reached.
type meter struct {
	requests atomic.Int64
	at       atomic.Int64 // number of events at which reached is signalled
	reached  chan struct{}
}

func (m *meter) event() {
	if n := m.requests.Add(1); n == m.at.Load() {
		select {
		case m.reached <- struct{}{}:
		default:
		}
	}
}

func (m *meter) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.event() // it arrives
		next.ServeHTTP(&meterWriter{w, m}, r)
		m.event() // it is answered
	})
}

// meterWriter counts each piece of an answer, so that kills fall into the middle of downloads too.
type meterWriter struct {
	http.ResponseWriter
	m *meter
}

func (w *meterWriter) Write(p []byte) (int, error) { w.m.event(); return w.ResponseWriter.Write(p) }
func (w *meterWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func start(t *testing.T, c child) *exec.Cmd {
	t.Helper()
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// killUntilDone starts a child again and again, kills it at a random event each time, and lets the last one finish.
func killUntilDone(t *testing.T, m *meter, first child, kills int, most int64) (killed int) {
	t.Helper()
	rnd := testkit.Rand(t)
	c := first
	for range kills {
		m.at.Store(m.requests.Load() + 1 + rnd.Int64N(most))
		cmd := start(t, c)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-m.reached:
			_ = cmd.Process.Kill()
			<-ended
			killed++
		case err := <-ended:
			if err != nil {
				t.Fatalf("child: %v", err)
			}
			select { // an event of its last moment
			case <-m.reached:
			default:
			}
			return killed
		case <-time.After(time.Minute):
			_ = cmd.Process.Kill()
			<-ended
			t.Fatal("a child hangs")
		}
		c.Add, c.Resume = nil, true
		if killed == 1 && first.Add != nil && emptyJournal(t, first) {
			c.Add = first.Add // killed before it was recorded
		}
	}
	m.at.Store(0)
	cmd := start(t, c)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the last child: %v", err)
	}
	return killed
}

func emptyJournal(t *testing.T, c child) bool {
	t.Helper()
	q, err := transfer.Open(t.Context(), transfer.Config{Journal: c.Journal, Connect: func(context.Context, string) (*storage.Session, error) {
		return nil, errors.ErrUnsupported
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, ts, _ := q.Snapshot(0)
	if err := q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return len(ts) == 0
}

func metered(m *meter) func(testing.TB) transfertest.Server {
	m.reached = make(chan struct{}, 1)
	return func(t testing.TB) transfertest.Server { return transfertest.Demo(t, m.middleware) }
}

func (c child) on(b *transfertest.Bench) child {
	c.Journal, c.Endpoint, c.Access, c.Secret = b.Journal, b.Server.Endpoint, b.Server.Access, b.Server.Secret
	return c
}

const inFlight = 10

func TestJournal_UploadSurvivesKills(t *testing.T) {
	m := &meter{}
	b := transfertest.New(t, metered(m))
	proof{"upload.resume", "transfer.journal"}.on(b)
	const large, parts = 61 * mib, 13
	b.File("tree/large", large, 1)
	for i := range 40 {
		b.File(fmt.Sprintf("tree/s%02d", i), int64(1000*i), uint64(i))
	}
	r := parts5(b.Upload(filepath.Join(b.Src, "tree"), "t/"))
	killed := killUntilDone(t, m, child{Add: []transfer.Request{r}}.on(b), 12, 40)
	if killed < 3 {
		t.Errorf("killed %d times only", killed)
	}
	var sent, again int64
	seen := map[int]int{}
	for _, rec := range b.Server.Demo.Requests() {
		if rec.Op == "UploadPart" {
			sent += rec.BytesIn
			if rec.Status == 200 {
				if seen[rec.Part]++; seen[rec.Part] > 1 {
					again++
				}
			}
		}
	}
	t.Logf("%d kills, %d of %d parts stored twice, %d bytes sent for %d", killed, again, parts, sent, large)
	if most := int64(killed * inFlight * 5 * mib); sent-large > most {
		t.Errorf("%d bytes were sent again, at most %d may have been in flight", sent-large, most)
	}
	checkBack(b, "t/large", filepath.Join(b.Src, "tree/large"))
}

func TestJournal_KillsMakeNoSecondCopies(t *testing.T) {
	m := &meter{}
	b := transfertest.New(t, metered(m))
	for i := range 60 {
		b.File(fmt.Sprintf("tree/s%02d", i), int64(1000*i+1), uint64(i))
	}
	b.Object("t/s07", 5, 99)
	r := parts5(b.Upload(filepath.Join(b.Src, "tree"), "t/"))
	r.Options.Existing = prompt.Rename
	killed := killUntilDone(t, m, child{Add: []transfer.Request{r}}.on(b), 8, 60)
	t.Logf("%d kills", killed)
	keys := 0
	for pg, err := range b.Session.List(t.Context(), b.Bucket, "t/", storage.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		keys += len(pg.Entries)
	}
	if keys != 61 {
		t.Errorf("%d keys for 60 files and one that was there", keys)
	}
	mustHold(b, "t/s07", transfertest.Bytes(5, 99))
	checkBack(b, "t/s07 (1)", filepath.Join(b.Src, "tree/s07"))
}

func TestJournal_DownloadSurvivesKills(t *testing.T) {
	m := &meter{}
	b := transfertest.New(t, metered(m))
	proof{"download.resume"}.on(b)
	const large = 61 * mib
	b.Object("t/large", large, 1)
	for i := range 40 {
		b.Object(fmt.Sprintf("t/s%02d", i), int64(1000*i), uint64(i))
	}
	r := parts5(b.Download("t/", "t"))
	killed := killUntilDone(t, m, child{Add: []transfer.Request{r}}.on(b), 12, 400)
	if killed < 3 {
		t.Errorf("killed %d times only", killed)
	}
	t.Logf("%d kills", killed)
}

func TestJournal_MoveSurvivesKills(t *testing.T) {
	m := &meter{}
	b := transfertest.New(t, metered(m))
	want := map[string][]byte{}
	for i := range 60 {
		want[fmt.Sprintf("k%02d", i)] = b.Object(fmt.Sprintf("from/k%02d", i), int64(100*i), uint64(i))
	}
	r := transfer.Request{
		Kind: transfer.Move, Sources: []transfer.Source{{Remote: b.Loc("from/")}}, Target: transfer.Target{Remote: b.Loc("to/"), Exact: true},
	}
	killed := killUntilDone(t, m, child{Add: []transfer.Request{r}}.on(b), 8, 120)
	t.Logf("%d kills", killed)
	for name, body := range want {
		mustHold(b, "to/"+name, body)
		mustNotBe(b, "from/"+name)
	}
}

func TestQueue_ServerDiesWhenThreePartsAreStored(t *testing.T) {
	b := transfertest.New(t, func(t testing.TB) transfertest.Server { return transfertest.Real(servers.RGW(t)) })
	proof{"upload.serverkill"}.on(b)
	path := b.File("large", 60*mib, 3)
	q := b.Queue(func(c *transfer.Config) { c.Limits.Connections = 2 })
	id, err := q.Add(t.Context(), parts5(b.Upload(path, "large")))
	if err != nil {
		t.Fatal(err)
	}
	stored := func() []int {
		p, err := b.Server.Real.PartsStored(b.Bucket, "large")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	waitFor(t, q, func() bool { return len(stored()) >= 3 })
	before := stored()
	if err := b.Server.Real.Kill(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, q, func() bool { _, ts, _ := q.Snapshot(0); return ts[0].State == transfer.Waiting })
	if err := b.Server.Real.Restart(); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done || s.Done != 1 {
		t.Fatalf("%+v", s)
	}
	count := map[int]int{}
	for _, p := range stored() {
		count[p]++
	}
	for _, p := range before {
		if count[p] > 1 {
			t.Errorf("part %d was stored before the kill and sent again", p)
		}
	}
	t.Logf("parts before the kill: %v, in all: %v", before, stored())
}

// waitFor waits until a condition holds, looking again whenever the queue changes.
func waitFor(t *testing.T, q *transfer.Queue, holds func() bool) {
	t.Helper()
	end := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-q.Changed():
		case <-tick.C:
		case <-end:
			_, ts, _ := q.Snapshot(0)
			t.Fatalf("it does not come about: %+v", ts)
		}
	}
}

func TestJournal_DeleteSurvivesKills(t *testing.T) {
	for _, keys := range []int64{2300, 10} { // three pages, and one
		t.Run(fmt.Sprint(keys), func(t *testing.T) {
			m := &meter{}
			b := transfertest.New(t, metered(m))
			for i := range keys {
				b.Object(fmt.Sprintf("d/k%04d", i), 1, uint64(i))
			}
			b.Object("e", 1, 1)
			r := transfer.Request{Kind: transfer.Delete, Sources: []transfer.Source{{Remote: b.Loc("d/")}}}
			killed := killUntilDone(t, m, child{Add: []transfer.Request{r}}.on(b), 4, min(keys, 12))
			q := b.Queue()
			_, ts, _ := q.Snapshot(0)
			for _, x := range ts {
				if x.State != transfer.Done || x.FilesDone != x.Files || x.Files > keys || killed == 0 && x.Files != keys {
					t.Errorf("after %d kills: %+v", killed, x)
				}
			}
			for pg, err := range b.Session.List(t.Context(), b.Bucket, "", storage.ListOptions{}) {
				if err != nil || len(pg.Entries) != 1 || pg.Entries[0].Key != "e" {
					t.Errorf("left: %+v, %v", pg.Entries, err)
				}
			}
		})
	}
}
