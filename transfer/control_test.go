package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pintail/internal/demo"
	"pintail/internal/prompt"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// gate holds requests of an operation until it is opened.
type gate struct {
	op   string
	free int // so many pass

	mu      sync.Mutex
	seen    int
	arrived chan struct{} // one for each that waits
	open    chan struct{}
}

func newGate(op string, pass int) *gate {
	return &gate{op: op, free: pass, arrived: make(chan struct{}, 1000), open: make(chan struct{})}
}

func (g *gate) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if demo.ParseTarget(r).Op == g.op {
			g.mu.Lock()
			g.seen++
			hold := g.seen > g.free
			g.mu.Unlock()
			if hold {
				g.arrived <- struct{}{}
				select {
				case <-g.open:
				case <-r.Context().Done():
					return
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (g *gate) server(t testing.TB) transfertest.Server { return transfertest.Demo(t, g.middleware) }

func state(q *transfer.Queue, id transfer.ID) transfer.Transfer {
	_, ts, _ := q.Snapshot(0)
	for _, t := range ts {
		if t.ID == id {
			return t
		}
	}
	return transfer.Transfer{}
}

func TestQueue_PauseResumeStopResume(t *testing.T) {
	g := newGate("UploadPart", 3)
	b := transfertest.New(t, g.server)
	proof{"transfer.pause"}.on(b)
	path := b.File("large", 60*mib, 1)
	q := b.Queue()
	id, err := q.Add(t.Context(), parts5(b.Upload(path, "large")))
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	waitFor(t, q, func() bool { return q.StoredParts(id) == 3 })
	before := storedParts(b)
	q.Pause(id)
	if s := b.Wait(q, id); s.State != transfer.Paused {
		t.Fatalf("%+v", s)
	}
	if got := state(q, id); got.State != transfer.Paused || got.FilesDone != 0 {
		t.Errorf("%+v", got)
	}
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	q.Stop(id)
	if s := b.Wait(q, id); s.State != transfer.Stopped {
		t.Fatalf("%+v", s)
	}
	close(g.open)
	b.CloseQueues()
	q = b.Queue()
	if got := state(q, id); got.State != transfer.Stopped || got.Interrupted {
		t.Errorf("after a restart: %+v", got)
	}
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
	// What is in flight at a pause may still reach the server; what was stored before is never sent again.
	after := storedParts(b)
	for part := range before {
		if after[part] != 1 {
			t.Errorf("part %d was stored before the pause, and %d times in all", part, after[part])
		}
	}
}

func storedParts(b *transfertest.Bench) map[int]int {
	stored := map[int]int{}
	for _, r := range b.Server.Demo.Requests() {
		if r.Op == "UploadPart" && r.Status == http.StatusOK {
			stored[r.Part]++
		}
	}
	return stored
}

func TestQueue_CloseLeavesEverythingResumable(t *testing.T) {
	g := newGate("GetObject", 2)
	b := transfertest.New(t, g.server)
	b.Object("large", 40*mib, 1)
	q := b.Queue()
	id, err := q.Add(t.Context(), parts5(b.Download("large", "large")))
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	b.CloseQueues()
	q = b.Queue()
	if got := state(q, id); got.State != transfer.Stopped || !got.Interrupted {
		t.Fatalf("%+v", got)
	}
	close(g.open)
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
}

func TestQueue_RemoveLeavesNothing(t *testing.T) {
	for _, op := range []string{"UploadPart", "GetObject"} {
		t.Run(op, func(t *testing.T) { removed(t, op) })
	}
}

func removed(t *testing.T, op string) {
	g := newGate(op, 1)
	b := transfertest.New(t, g.server)
	q := b.Queue()
	var r transfer.Request
	if op == "UploadPart" {
		r = b.Upload(b.File("large", 30*mib, 1), "large")
	} else {
		b.Object("large", 30*mib, 1)
		r = b.Download("large", "large")
	}
	id, err := q.Add(t.Context(), parts5(r))
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	if err := q.Remove(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	rev, _, _ := q.Snapshot(0)
	if got := state(q, id); got.ID != 0 || rev == 0 {
		t.Errorf("%+v is left", got)
	}
	entries, _ := os.ReadDir(b.Root)
	if len(entries) > 0 {
		t.Errorf("%v is left", entries)
	}
	close(g.open)
}

func TestQueue_TwoProcessesShareAJournal(t *testing.T) {
	g := newGate("UploadPart", 1)
	b := transfertest.New(t, g.server)
	path := b.File("large", 30*mib, 1)
	q1, q2 := b.Queue(), b.Queue(func(c *transfer.Config) { c.Owner = "other" })
	id, err := q1.Add(t.Context(), parts5(b.Upload(path, "large")))
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	waitFor(t, q2, func() bool { return state(q2, id).State == transfer.Foreign })
	if got := state(q2, id); !strings.Contains(got.Owner, "test") {
		t.Errorf("owner %q", got.Owner)
	}
	if err := q2.Resume(t.Context(), id); !errors.Is(err, transfer.ErrForeign) {
		t.Errorf("resumed while another runs it: %v", err)
	}
	if err := q2.Remove(t.Context(), id); !errors.Is(err, transfer.ErrForeign) {
		t.Errorf("removed while another runs it: %v", err)
	}
	small := b.MustDone(q2, b.Upload(b.File("small", 10, 2), "small"), 1)
	if small.Done != 1 {
		t.Error("the other process cannot work meanwhile")
	}
	close(g.open)
	if s := b.Wait(q2, id); s.State != transfer.Done || s.Done != 1 {
		t.Errorf("the other process sees %+v", s)
	}
	if s := b.Wait(q1, id); s.State != transfer.Done {
		t.Errorf("%+v", s)
	}
}

func TestQueue_ExistingActions(t *testing.T) {
	type want struct {
		result transfer.Result
		old    bool   // the target keeps its content
		other  string // another name that appears
	}
	for action, w := range map[prompt.Action]want{
		prompt.Overwrite:      {result: transfer.ResultDone},
		prompt.Skip:           {result: transfer.ResultSkipped, old: true},
		prompt.Compare:        {result: transfer.ResultDone},
		prompt.Resume:         {result: transfer.ResultDone},
		prompt.Rename:         {result: transfer.ResultDone, old: true, other: "f (1).txt"},
		prompt.RenameExisting: {result: transfer.ResultDone, other: "f (1).txt"},
		prompt.Cancel:         {result: transfer.Pending, old: true},
	} {
		for _, ask := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, asked %v", action, ask), func(t *testing.T) {
				b := transfertest.New(t, embedded)
				script := &prompt.Script{Existings: []prompt.ExistingAnswer{{Action: action, All: true}, {Action: action, All: true}}}
				q := b.Queue(func(c *transfer.Config) { c.Prompter = script })
				set := func(r transfer.Request) transfer.Request {
					r.Options.Existing = action
					if ask {
						r.Options.Existing = prompt.Ask
					}
					return r
				}
				before := b.Object("up/f.txt", 50, 5)
				path := b.File("f.txt", 100, 1)
				b.Run(q, set(b.Upload(path, "up/f.txt")))
				if w.old {
					mustHold(b, "up/f.txt", before)
				} else {
					checkBack(b, "up/f.txt", path)
				}
				if w.other != "" {
					if _, err := b.Session.Stat(t.Context(), b.Loc("up/"+w.other)); err != nil {
						t.Errorf("no %s: %v", w.other, err)
					}
				}
				content := b.Object("down.txt", 70, 6)
				local := b.Old("d/f.txt", "old")
				b.Run(q, set(b.Download("down.txt", "d/f.txt")))
				got, err := os.ReadFile(local)
				if err != nil || w.old != (string(got) == "old") || !w.old && !bytes.Equal(got, content) {
					t.Errorf("local file: %.20q, %v", got, err)
				}
				if w.other != "" {
					if _, err := os.Stat(filepath.Join(b.Root, "d", w.other)); err != nil {
						t.Error(err)
					}
				}
				if asked := len(script.Asked()); ask != (asked == 2) {
					t.Errorf("asked %d times", asked)
				}
				items, err := q.Items(t.Context(), 1, 0, 10)
				if err != nil || len(items) != 1 || items[0].Result != w.result {
					t.Errorf("%+v, %v", items, err)
				}
			})
		}
	}
}

func TestQueue_CompareSkipsWhatIsEqual(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	path := b.File("f", 12*mib, 1)
	up, down := parts5(b.Upload(path, "f")), parts5(b.Download("f", "f"))
	up.Options.Existing, down.Options.Existing = prompt.Compare, prompt.Compare
	b.MustDone(q, up, 1)
	b.MustDone(q, down, 1)
	for _, r := range []transfer.Request{up, down} {
		if s := b.Run(q, r); s.Skipped != 1 {
			t.Errorf("%s: %+v", r.Kind, s)
		}
	}
}

func TestUpload_UnreadableFileIsOneFailure(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.File("tree/good", 10, 1)
	bad := b.File("tree/bad", 10, 2)
	q := b.Queue()
	g := q
	if err := os.Chmod(bad, 0); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // root may read everything: a file that vanishes instead
		if err := errors.Join(os.Remove(bad), os.Symlink("/nowhere/at/all", bad)); err != nil {
			t.Fatal(err)
		}
	}
	s := b.Run(g, b.Upload(filepath.Join(b.Src, "tree"), "t/"))
	if s.Done != 1 || s.Failed != 1 || s.Errors[0].Source != bad {
		t.Fatalf("%+v", s)
	}
}

func TestQueue_MoveDeletesOnlyWhatWasProved(t *testing.T) {
	g := newGate("HeadObject", 1<<30)
	b := transfertest.New(t, g.server)
	proof{"object.rename"}.on(b)
	for i := range 5 {
		b.Object(fmt.Sprintf("from/k%d", i), 100, uint64(i))
	}
	g.mu.Lock()
	g.free = g.seen
	g.mu.Unlock()
	q := b.Queue()
	id, err := q.Add(t.Context(), transfer.Request{
		Kind: transfer.Move, Sources: []transfer.Source{{Remote: b.Loc("from/")}}, Target: transfer.Target{Remote: b.Loc("to/"), Exact: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived // the copies are made; the sources are looked at once more
	newer := b.Object("from/k3", 200, 77)
	close(g.open)
	s := b.Wait(q, id)
	if s.Done != 4 || s.Failed != 1 || !errors.Is(s.Errors[0].Err, transfer.ErrObjectChanged) {
		t.Fatalf("%+v", s)
	}
	mustHold(b, "from/k3", newer)
	for _, i := range []int{0, 1, 2, 4} {
		mustNotBe(b, fmt.Sprintf("from/k%d", i))
		mustHold(b, fmt.Sprintf("to/k%d", i), transfertest.Bytes(100, uint64(i)))
	}
}

func TestQueue_DeleteInThousands(t *testing.T) {
	b := transfertest.New(t, embedded)
	proof{"object.bulkdelete"}.on(b)
	for i := range 2300 {
		if err := b.Server.Demo.Add(demo.Object{Bucket: b.Bucket, Key: fmt.Sprintf("d/%05d", i), Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	b.Object("keep", 1, 1)
	q := b.Queue()
	s := b.Run(q, transfer.Request{Kind: transfer.Delete, Sources: []transfer.Source{{Remote: b.Loc("d/")}}})
	if s.Done != 2300 || s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
	if n := b.Server.Demo.CountRequests("DeleteObjects", "", 0); n > 5 {
		t.Errorf("%d requests", n)
	}
	mustHold(b, "keep", transfertest.Bytes(1, 1))
}

func TestQueue_CopyBetweenConnections(t *testing.T) {
	b := transfertest.New(t, embedded)
	other := transfertest.Demo(t, nil)
	s2, err := other.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer s2.Close() // nothing to lose
	if err := s2.MakeBucket(t.Context(), "theirs", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	q := b.Queue(func(c *transfer.Config) {
		c.Connect = func(_ context.Context, ref string) (*storage.Session, error) {
			if ref == "other" {
				return other.Open()
			}
			return b.Server.Open()
		}
	})
	sizes := []int64{0, 5, 5 * mib, 17*mib + 3}
	for i, n := range sizes {
		b.Object(fmt.Sprintf("c/%d", n), n, uint64(i))
	}
	b.MustDone(q, parts5(b.Upload(b.File("mp", 23*mib, 9), "c/mp")), 1)
	r := parts5(transfer.Request{
		Kind: transfer.Copy, Connection: "", TargetConnection: "other", Sources: []transfer.Source{{Remote: b.Loc("c/")}},
		Target: transfer.Target{Remote: storage.Location{Bucket: "theirs", Key: "x/"}, Exact: true},
	})
	sum := b.Run(q, r)
	if sum.Done != 5 || sum.State != transfer.Done {
		t.Fatalf("%+v", sum)
	}
	items, err := q.Items(t.Context(), 2, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		if i.Proof < storage.ProofMD5 {
			t.Errorf("%s is proved by %s only", i.Target, i.Proof)
		}
	}
	for i, n := range sizes {
		rd, err := s2.Read(t.Context(), storage.Location{Bucket: "theirs", Key: fmt.Sprintf("x/%d", n)}, storage.ReadOptions{Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		_, err = got.ReadFrom(rd)
		if err != nil || !bytes.Equal(got.Bytes(), transfertest.Bytes(n, uint64(i))) {
			t.Errorf("%d: %d bytes came, %v", n, got.Len(), err)
		}
		_ = rd.Close()
	}
	b.CloseQueues()
	b.Unchecked() // the target is on a server that the checker does not know
}
