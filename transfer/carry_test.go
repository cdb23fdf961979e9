package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// requestCounter counts requests by method and what they ask.
type requestCounter struct{ heads, copies, deletes, bulks, gets atomic.Int64 }

func (c *requestCounter) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodHead:
			c.heads.Add(1)
		case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
			c.copies.Add(1)
		case r.Method == http.MethodDelete:
			c.deletes.Add(1)
		case r.Method == http.MethodPost && r.URL.Query().Has("delete"):
			c.bulks.Add(1)
		case r.Method == http.MethodGet && strings.Count(strings.Trim(r.URL.Path, "/"), "/") > 0 && !r.URL.Query().Has("acl"):
			c.gets.Add(1)
		}
		next.ServeHTTP(w, r)
	})
}

func (c *requestCounter) server(t testing.TB) transfertest.Server {
	return transfertest.Demo(t, c.middleware)
}

// conditionalDeletes makes a queue that knows its server to hold deletions to a condition.
func conditionalDeletes(b *transfertest.Bench) func(*transfer.Config) {
	yes := true
	return func(c *transfer.Config) {
		c.Connect = func(context.Context, string) (*storage.Session, error) {
			return b.Server.Open(func(c *storage.Config) { c.Known.ConditionalDeletes, c.Known.ConditionalBulkDeletes = &yes, &yes })
		}
	}
}

func TestCopy_CarriesTagsAndAccessLists(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		q := b.Queue()
		q.SetSingleCopy(8*mib, 6*mib)
		keeps, err := b.Session.Keeps(t.Context(), b.Bucket)
		if err != nil {
			t.Fatal(err)
		}
		tags := map[string]string{"team": "a b+c", "x": "1"}
		for name, size := range map[string]int64{"small": 10, "large": 11 * mib} {
			up := parts5(b.Upload(b.File(name, size, 1), "d/"+name))
			up.Options.Threshold = 6 * mib
			up.Options.Write = storage.WriteOptions{Tags: tags}
			if keeps.ACL {
				up.Options.Write.ACL = "public-read"
			}
			b.MustDone(q, up, 1)
		}
		b.MustDone(q, transfer.Request{Kind: transfer.Copy, Sources: []transfer.Source{{Remote: b.Loc("d/")}}, Target: transfer.Target{Remote: b.Loc("e/"), Exact: true}}, 2)
		for _, name := range []string{"small", "large"} {
			got, err := b.Session.Tags(t.Context(), b.Loc("e/"+name))
			if err != nil || len(got) != 2 || got["team"] != tags["team"] {
				t.Errorf("%s: tags %v, %v", name, got, err)
			}
			if !keeps.ACL {
				continue
			}
			if acl, err := b.Session.ACL(t.Context(), b.Loc("e/"+name)); err != nil || acl.Private() {
				t.Errorf("%s: %+v, %v", name, acl, err)
			}
		}
	})
}

func TestMove_OneRequestAnObjectAndOneADeletedThousand(t *testing.T) {
	c := &requestCounter{}
	b := transfertest.New(t, c.server)
	const n = 300
	for i := range n {
		b.Object("d/"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i/26), 10, uint64(i))
	}
	objects := int64(0)
	for p, err := range b.Session.List(t.Context(), b.Bucket, "d/", storage.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		objects += int64(len(p.Entries))
	}
	q := b.Queue(conditionalDeletes(b))
	c.heads.Store(0)
	b.MustDone(q, transfer.Request{Kind: transfer.Move, Sources: []transfer.Source{{Remote: b.Loc("d/")}}, Target: transfer.Target{Remote: b.Loc("e/"), Exact: true}}, objects)
	if c.heads.Load() != 0 || c.copies.Load() != objects || c.bulks.Load() != 1 || c.deletes.Load() != 0 {
		t.Errorf("%d objects: %d HEADs, %d copies, %d and %d deletions", objects, c.heads.Load(), c.copies.Load(), c.bulks.Load(), c.deletes.Load())
	}
}

// What is told of a moved object is the proof and the version of its copy, not of the deletion that followed.
func TestMove_TellsHowTheCopyWasProved(t *testing.T) {
	b := transfertest.New(t, embedded)
	if err := b.Server.Demo.AddBucket("versioned", time.Now(), true); err != nil {
		t.Fatal(err)
	}
	b.Object("from", 10, 1)
	q := b.Queue()
	to := storage.Location{Bucket: "versioned", Key: "to"}
	var told []transfer.Item
	b.MustDone(q, transfer.Request{Kind: transfer.Move, Sources: []transfer.Source{{Remote: b.Loc("from")}}, Target: transfer.Target{Remote: to, Exact: true},
		OnItem: func(it transfer.Item) { told = append(told, it) }}, 1)
	is, err := b.Session.Stat(t.Context(), to)
	if err != nil || len(told) != 1 || told[0].Proof != storage.ProofMD5 || told[0].Version != is.Location.Version {
		t.Errorf("%+v, %v, version %s", told, err, is.Location.Version)
	}
}

// The source of a move is overwritten after it was copied and before it is deleted: it must stay, and be said.
func TestMove_NeverDeletesWhatChanged(t *testing.T) {
	for _, conditional := range []bool{true, false} {
		var hook atomic.Pointer[func()]
		b := transfertest.New(t, func(t testing.TB) transfertest.Server {
			return transfertest.Demo(t, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					look := r.Method == http.MethodHead && strings.HasSuffix(r.URL.Path, "/d/changed") && !conditional
					gone := r.Method == http.MethodPost && r.URL.Query().Has("delete") && conditional
					if f := hook.Load(); f != nil && (look || gone) && hook.CompareAndSwap(f, nil) {
						(*f)()
					}
					next.ServeHTTP(w, r)
				})
			})
		})
		b.Object("d/changed", 10, 1)
		b.Object("d/same", 10, 2)
		overwrite := func() { b.Object("d/changed", 12, 3) }
		hook.Store(&overwrite)
		q := b.Queue()
		if conditional {
			q = b.Queue(conditionalDeletes(b))
		}
		s := b.Run(q, transfer.Request{Kind: transfer.Move, Sources: []transfer.Source{{Remote: b.Loc("d/")}}, Target: transfer.Target{Remote: b.Loc("e/"), Exact: true}})
		if s.Done != 1 || s.Failed != 1 || len(s.Errors) != 1 || !errors.Is(s.Errors[0].Err, transfer.ErrObjectChanged) {
			t.Errorf("conditional %v: %+v", conditional, s)
		}
		mustHold(b, "d/changed", transfertest.Bytes(12, 3))
		mustHold(b, "e/changed", transfertest.Bytes(10, 1))
		mustNotBe(b, "d/same")
	}
}

func TestMove_ANamedVersionIsDeletedAndNoOther(t *testing.T) {
	b := transfertest.New(t, embedded)
	if err := b.Server.Demo.AddBucket("versioned", time.Now(), true); err != nil {
		t.Fatal(err)
	}
	loc := storage.Location{Bucket: "versioned", Key: "v"}
	var first, last storage.Written
	for i, w := range []*storage.Written{&first, &last} {
		var err error
		if *w, err = b.Session.Put(t.Context(), loc, storage.Body{R: bytes.NewReader(transfertest.Bytes(10, uint64(i))), Size: 10}, storage.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	old := loc
	old.Version = first.Version
	b.MustDone(b.Queue(), transfer.Request{Kind: transfer.Move, Sources: []transfer.Source{{Remote: old}}, Target: transfer.Target{Remote: b.Loc("w"), Exact: true}}, 1)
	mustHold(b, "w", transfertest.Bytes(10, 0))
	if now, err := b.Session.Stat(t.Context(), loc); err != nil || now.Location.Version != last.Version {
		t.Errorf("the current version is %+v, %v; want %s", now, err, last.Version)
	}
	if _, err := b.Session.Stat(t.Context(), old); storage.KindOf(err) != storage.KindNotFound {
		t.Errorf("the version is still there: %v", err)
	}
}
