package transfer_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"pintail/internal/demo"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

func TestSetPriority_IsKeptAndSeenByOtherProcesses(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	var ids []transfer.ID
	for i := range 3 {
		path := b.File(fmt.Sprint("f", i), 10, uint64(i))
		b.MustDone(q, b.Upload(path, fmt.Sprint("k", i)), 1)
	}
	_, ts, _ := q.Snapshot(0)
	for _, x := range ts {
		ids = append(ids, x.ID)
	}
	slices.Sort(ids)
	other := b.Queue()
	rev, _, _ := other.Snapshot(0)
	if err := q.SetPriority(t.Context(), ids[2], ids[0]); err != nil {
		t.Fatal(err)
	}
	places := func(q *transfer.Queue) (p [3]int) {
		for i, id := range ids {
			p[i] = state(q, id).Priority
		}
		return p
	}
	want := [3]int{2, 0, 1}
	waitFor(t, other, func() bool { return places(other) == want })
	if _, changed, _ := other.Snapshot(rev); len(changed) != 2 {
		t.Errorf("%d transfers have changed for the other process", len(changed))
	}
	if err := q.SetPriority(t.Context(), ids[1], 99); !errors.Is(err, transfer.ErrNotFound) {
		t.Errorf("%v", err)
	}
	b.CloseQueues()
	q = b.Queue()
	if got := places(q); got != want {
		t.Errorf("after a restart %v, want %v", got, want)
	}
	if err := q.SetPriority(t.Context()); err != nil || places(q) != [3]int{} {
		t.Errorf("%v, %v", places(q), err)
	}
}

func TestSetPriority_TheFirstIsServedFirst(t *testing.T) {
	var mu sync.Mutex
	var order []string
	g := newGate("PutObject", 0)
	b := transfertest.New(t, func(t testing.TB) transfertest.Server {
		return transfertest.Demo(t, func(next http.Handler) http.Handler {
			return g.middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if x := demo.ParseTarget(r); x.Op == "PutObject" {
					mu.Lock()
					order = append(order, x.Key)
					mu.Unlock()
				}
				next.ServeHTTP(w, r)
			}))
		})
	})
	q := b.Queue(func(c *transfer.Config) { c.Limits.Connections = 1 })
	for _, dir := range []string{"a", "b"} {
		for i := range 24 {
			b.File(fmt.Sprintf("%s/f%02d", dir, i), 10, uint64(i))
		}
	}
	var ids []transfer.ID
	for _, dir := range []string{"a", "b"} {
		id, err := q.Add(t.Context(), b.Upload(b.Src+"/"+dir, dir+"/"))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	<-g.arrived
	waitFor(t, q, func() bool { return state(q, ids[0]).Files == 24 && state(q, ids[1]).Files == 24 })
	if err := q.SetPriority(t.Context(), ids[1], ids[0]); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	for _, id := range ids {
		if s := b.Wait(q, id); s.State != transfer.Done {
			t.Fatalf("%+v", s)
		}
	}
	begin := slices.IndexFunc(order, func(k string) bool { return strings.HasPrefix(k, "b/") }) // before it may come what was asked for already
	if begin > 16 {
		t.Fatalf("the first transfer waits: %v", order)
	}
	first := 0
	for _, k := range order[begin : begin+16] {
		if strings.HasPrefix(k, "b/") {
			first++
		}
	}
	if first < 12 || first == 16 {
		t.Errorf("%d of 16 requests were of the first transfer: %v", first, order)
	}
}
