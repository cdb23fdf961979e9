package transfer_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// rich puts objects below a folder, with what an edit must keep.
func rich(b *transfertest.Bench, n int, acl bool) {
	b.Helper()
	for i := range n {
		o := storage.WriteOptions{Metadata: map[string]string{"n": fmt.Sprint(i)}, Tags: map[string]string{"t": fmt.Sprint(i)}, Headers: storage.Headers{CacheControl: "no-cache"}}
		if acl && i%2 == 0 {
			o.ACL = "public-read"
		}
		if _, err := b.Session.Put(b.Context(), b.Loc(fmt.Sprintf("d/f/%03d", i)), storage.Body{}, o); err != nil {
			b.Fatal(err)
		}
	}
}

// mustBeEdited looks at each object of rich.
func mustBeEdited(b *transfertest.Bench, n int, acl bool) {
	b.Helper()
	for i := range n {
		loc := b.Loc(fmt.Sprintf("d/f/%03d", i))
		info, err := b.Session.Stat(b.Context(), loc)
		if err != nil || info.Metadata["n"] != fmt.Sprint(i) || info.Metadata["new"] != "yes" || info.Headers.CacheControl != "no-cache" {
			b.Errorf("%s: %+v, %v", loc, info, err)
		}
		if tags, err := b.Session.Tags(b.Context(), loc); err != nil || len(tags) != 2 || tags["t"] != fmt.Sprint(i) || tags["more"] != "one" {
			b.Errorf("%s: tags %v, %v", loc, tags, err)
		}
		if !acl {
			continue
		}
		if a, err := b.Session.ACL(b.Context(), loc); err != nil || a.Private() == (i%2 == 0) {
			b.Errorf("%s: %+v, %v", loc, a, err)
		}
	}
}

var folderEdit = storage.Edit{Metadata: map[string]string{"new": "yes"}, Tags: map[string]string{"more": "one"}}

func TestChange_AFolder(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		proof{"object.editmany"}.on(b)
		keeps, err := b.Session.Keeps(t.Context(), b.Bucket)
		if err != nil {
			t.Fatal(err)
		}
		const n = 40
		rich(b, n, keeps.ACL)
		if err := b.Session.MakeFolder(t.Context(), b.Loc("d/")); err != nil {
			t.Fatal(err)
		}
		b.Object("other", 3, 1)
		q := b.Queue()
		b.MustDone(q, transfer.Changing("", folderEdit, b.Loc("d/")), n)
		mustBeEdited(b, n, keeps.ACL)
		if info, err := b.Session.Stat(t.Context(), b.Loc("other")); err != nil || len(info.Metadata) > 0 {
			t.Errorf("%+v, %v", info, err)
		}
		// Once more: it is so already, and one object by its name.
		id, err := q.Add(t.Context(), transfer.Changing("", folderEdit, b.Loc("d/"), b.Loc("other")))
		if err != nil {
			t.Fatal(err)
		}
		if s := b.Wait(q, id); s.State != transfer.Done || s.Skipped != n || s.Done != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// copyCount counts the copies of each key and tells when there were so many.
type copyCount struct {
	mu   sync.Mutex // guards n and all
	n    map[string]int
	all  int
	at   int
	full chan struct{} // closed when all is at
}

func (c *copyCount) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Copy-Source") != "" {
			c.mu.Lock()
			c.n[r.URL.Path]++
			if c.all++; c.all == c.at {
				close(c.full)
			}
			c.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// of is how often the object at an address was copied.
func (c *copyCount) of(address string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[strings.TrimPrefix(address, "s3:/")]
}

func TestChange_StopsAndGoesOn(t *testing.T) {
	count := &copyCount{n: map[string]int{}, at: 30, full: make(chan struct{})}
	b := transfertest.New(t, func(t testing.TB) transfertest.Server { return transfertest.Demo(t, count.wrap) })
	const n, connections = 120, 4
	rich(b, n, true)
	q := b.Queue(func(c *transfer.Config) { c.Limits.Connections = connections })
	id, err := q.Add(t.Context(), transfer.Changing("", folderEdit, storage.Location{Bucket: b.Bucket}))
	if err != nil {
		t.Fatal(err)
	}
	<-count.full
	q.Stop(id)
	if s := b.Wait(q, id); s.State != transfer.Stopped || s.Done == n {
		t.Fatalf("%+v", s)
	}
	before := report(t, q, id)
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s := b.Wait(q, id)
	if s.State != transfer.Done || s.Done+s.Skipped != n {
		t.Fatalf("%+v", s)
	}
	after := report(t, q, id)
	twice := 0
	for object, result := range after {
		copies := count.of(object)
		switch {
		case copies == 0:
			t.Errorf("%s was never copied", object)
		case result != transfer.ResultDone && result != transfer.ResultSkipped:
			t.Errorf("%s is reported as %q", object, result)
		case before[object] == transfer.ResultDone && copies != 1:
			t.Errorf("%s was done before the stop, and was copied %d times", object, copies)
		case copies > 1:
			twice++
		}
	}
	if len(after) != n || twice > connections {
		t.Errorf("%d objects are reported of %d; %d were copied twice", len(after), n, twice)
	}
	mustBeEdited(b, n, true)
}

// report is what a transfer says of each object.
func report(t *testing.T, q *transfer.Queue, id transfer.ID) map[string]transfer.Result {
	t.Helper()
	items, err := q.Items(t.Context(), id, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]transfer.Result{}
	for _, i := range items {
		all[i.Source] = i.Result
	}
	return all
}

func TestChange_WhatCannotBe(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	tags := map[string]string{}
	for i := range 11 {
		tags[fmt.Sprint(i)] = "x"
	}
	for _, r := range []transfer.Request{transfer.Changing("", storage.Edit{}, b.Loc("a")), transfer.Changing("", folderEdit), transfer.Changing("", storage.Edit{Tags: tags}, b.Loc("a")),
		{Kind: transfer.Change, Sources: []transfer.Source{{Remote: b.Loc("a")}}}, {Kind: transfer.Delete, Edit: &folderEdit, Sources: []transfer.Source{{Remote: b.Loc("a")}}}} {
		if _, err := q.Add(t.Context(), r); !errors.Is(err, transfer.ErrRequest) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	// A class that the server does not have fails, and says so.
	b.Object("a", 3, 1)
	id, err := q.Add(t.Context(), transfer.Changing("", storage.Edit{Class: "NO_SUCH"}, b.Loc("a"), b.Loc("gone")))
	if err != nil {
		t.Fatal(err)
	}
	s := b.Wait(q, id)
	if s.State != transfer.Failed || s.Failed != 2 || storage.KindOf(s.Errors[0].Err) != storage.KindInvalid || storage.KindOf(s.Errors[1].Err) != storage.KindNotFound {
		t.Errorf("%+v", s)
	}
}
