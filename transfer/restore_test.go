package transfer_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/testkit/features"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// coldObjects puts n objects of each class below d/f/.
func coldObjects(b *transfertest.Bench, n int, classes ...string) {
	b.Helper()
	for _, class := range classes {
		for i := range n {
			if _, err := b.Session.Put(b.Context(), b.Loc(fmt.Sprintf("d/f/%s-%03d", class, i)), storage.Body{}, storage.WriteOptions{Class: class}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func TestRestore_AFolderStopsAndGoesOn(t *testing.T) {
	var asked atomic.Int64
	stop := make(chan struct{})
	b := transfertest.New(t, func(t testing.TB) transfertest.Server {
		return transfertest.Demo(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost && r.URL.Query().Has("restore") && asked.Add(1) == 10 {
					close(stop)
				}
				next.ServeHTTP(w, r)
			})
		})
	})
	const n = 40
	coldObjects(b, n, "GLACIER", "STANDARD")
	q := b.Queue(func(c *transfer.Config) { c.Limits.Connections = 4 })
	req := transfer.Restoring("", storage.RestoreOptions{Days: 3, Tier: "Bulk"}, b.Loc("d/"))
	id, err := q.Add(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	<-stop
	q.Stop(id)
	if s := b.Wait(q, id); s.State != transfer.Stopped || s.Done == n {
		t.Fatalf("%+v", s)
	}
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	// What was asked for while it was stopped is in progress when it is asked for again.
	if s := b.Wait(q, id); s.State != transfer.Done || s.Done+s.Skipped != 2*n || s.Done < n-4 {
		t.Fatalf("%+v", s)
	}
	if c := asked.Load(); c > n {
		t.Errorf("%d requests for %d objects", c, n)
	}
	for i := range n {
		info, err := b.Session.Stat(t.Context(), b.Loc(fmt.Sprintf("d/f/GLACIER-%03d", i)))
		if err != nil || !info.Restore.Ongoing {
			t.Fatalf("%d: %+v, %v", i, info.Restore, err)
		}
	}
	b.Server.Demo.AdvanceClock(12 * time.Hour)
	id, err = q.Add(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done || s.Done != n || s.Skipped != n { // the end of each copy is moved
		t.Fatalf("%+v", s)
	}
	features.Proved(t, "object.restoremany", features.Embedded, "")
}

func TestRestore_WhatCannotBe(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	for _, r := range []transfer.Request{transfer.Restoring("", storage.RestoreOptions{}, b.Loc("a")), transfer.Restoring("", storage.RestoreOptions{Days: 1}),
		{Kind: transfer.Restore, Sources: []transfer.Source{{Remote: b.Loc("a")}}},
		{Kind: transfer.Delete, Restore: &storage.RestoreOptions{Days: 1}, Sources: []transfer.Source{{Remote: b.Loc("a")}}}} {
		if _, err := q.Add(t.Context(), r); !errors.Is(err, transfer.ErrRequest) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	coldObjects(b, 1, "DEEP_ARCHIVE", "STANDARD")
	id, err := q.Add(t.Context(), transfer.Restoring("", storage.RestoreOptions{Days: 1, Tier: "Expedited"}, b.Loc("d/"), b.Loc("gone")))
	if err != nil {
		t.Fatal(err)
	}
	s := b.Wait(q, id)
	if s.State != transfer.Failed || s.Failed != 2 || s.Skipped != 1 {
		t.Fatalf("%+v", s)
	}
	for _, e := range s.Errors {
		if want := map[bool]storage.Kind{true: storage.KindNotFound, false: storage.KindInvalid}[strings.HasSuffix(e.Source, "gone")]; storage.KindOf(e.Err) != want {
			t.Errorf("%s: %v", e.Source, e.Err)
		}
	}
}
