package transfer_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// lockedSource is a bucket with object lock on a bench's server, and an object in it that is retained and held.
func lockedSource(t *testing.T, b *transfertest.Bench) (storage.Location, storage.Lock) {
	t.Helper()
	loc := storage.Location{Bucket: "held-" + b.Bucket, Key: "held"}
	lock := storage.Lock{Mode: storage.RetentionGovernance, Until: time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second), Hold: true}
	err := b.Session.MakeBucket(t.Context(), loc.Bucket, storage.MakeBucketOptions{ObjectLock: true})
	if err == nil {
		_, err = b.Session.Put(t.Context(), loc, storage.Body{R: bytes.NewReader([]byte("held")), Size: 4}, storage.WriteOptions{Lock: lock})
	}
	if err != nil {
		t.Fatal(err)
	}
	return loc, lock
}

func lockAt(t *testing.T, s *storage.Session, loc storage.Location) storage.Lock {
	t.Helper()
	info, err := s.Stat(t.Context(), loc)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.LockOf(t.Context(), info)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func sameLock(a, b storage.Lock) bool {
	return a.Mode == b.Mode && a.Hold == b.Hold && a.Until.Sub(b.Until).Abs() <= time.Second
}

// A lock is carried to a bucket that has locks, is named as left behind by a copy to one that has none, and makes a move there fail
// with its source in place.
func locksBetween(t *testing.T, first, second transfertest.Server) {
	b, q, theirs, plain := betweenBench(t, first, second)
	from, lock := lockedSource(t, b)
	locked, kept := "locked-"+b.Bucket, "kept-"+b.Bucket
	for _, bucket := range []string{locked, kept} {
		if err := theirs.MakeBucket(t.Context(), bucket, storage.MakeBucketOptions{ObjectLock: true}); err != nil {
			t.Fatal(err)
		}
	}
	if err := theirs.SetObjectLockDefault(t.Context(), storage.Location{Bucket: kept}, storage.ObjectLockDefault{Mode: storage.RetentionGovernance, Days: 30}); err != nil {
		t.Fatal(err)
	}
	if note := betweenEnds(t, b, q, transfer.Copy, from, plain); note != "Not carried to the other connection: retention and legal hold" {
		t.Errorf("to a bucket without locks: note %q", note)
	}
	if note := betweenEnds(t, b, q, transfer.Copy, from, locked); note != "" {
		t.Errorf("to a bucket with locks: note %q", note)
	}
	if got := lockAt(t, theirs, storage.Location{Bucket: locked, Key: "held"}); !sameLock(got, lock) {
		t.Errorf("carried: %+v, want %+v", got, lock)
	}
	if _, err := theirs.Put(t.Context(), storage.Location{Bucket: kept, Key: "plain"}, storage.Body{}, storage.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	least := lockAt(t, theirs, storage.Location{Bucket: kept, Key: "plain"}) // versitygw's shows none: it looks at the bucket when one is deleted
	if least.Until.Before(lock.Until) {
		least = lock
	}
	if note := betweenEnds(t, b, q, transfer.Copy, from, kept); note != "" {
		t.Errorf("to a bucket that keeps longer: note %q", note)
	}
	if got := lockAt(t, theirs, storage.Location{Bucket: kept, Key: "held"}); !got.Hold || got.Until.Before(least.Until.Add(-time.Second)) {
		t.Errorf("a longer retention by default has become %+v", got)
	}
	s := b.Run(q, transfer.Request{Kind: transfer.Move, TargetConnection: "other", Sources: []transfer.Source{{Remote: from}},
		Target: transfer.Target{Remote: storage.Location{Bucket: plain, Key: "moved"}, Exact: true}})
	if s.State != transfer.Failed || !errors.Is(errorOf(s), transfer.ErrNotCarried) {
		t.Errorf("moved to where it cannot be locked: %+v", s)
	}
	if got := lockAt(t, b.Session, from); !sameLock(got, lock) {
		t.Errorf("the source of what was not moved: %+v", got)
	}
	if note := betweenEnds(t, b, q, transfer.Move, from, locked); note != "" {
		t.Errorf("moved: note %q", note)
	}
	if got := lockAt(t, theirs, storage.Location{Bucket: locked, Key: "held"}); !sameLock(got, lock) {
		t.Errorf("moved: %+v, want %+v", got, lock)
	}
	if _, err := b.Session.Stat(t.Context(), from); storage.KindOf(err) != storage.KindNotFound {
		t.Errorf("the source of what was moved: %v", err)
	}
}

func TestBetween_CarriesLocks(t *testing.T) {
	t.Run("versitygw to embedded", func(t *testing.T) {
		locksBetween(t, transfertest.Real(servers.SharedVersitygw(t)), transfertest.Demo(t, nil))
	})
	t.Run("embedded to versitygw", func(t *testing.T) {
		locksBetween(t, transfertest.Demo(t, nil), transfertest.Real(servers.SharedVersitygw(t)))
	})
	t.Run("embedded to rgw", func(t *testing.T) {
		locksBetween(t, transfertest.Demo(t, nil), transfertest.Real(servers.SharedRGW(t)))
	})
}

// A lock that the target refuses, or takes without keeping it, is not taken for carried.
func TestBetween_ALockIsProvedToBeThere(t *testing.T) {
	var lie atomic.Int32 // the status that a lock is answered with
	second := transfertest.Demo(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			if status := int(lie.Load()); status > 0 && r.Method == http.MethodPut && (q.Has("retention") || q.Has("legal-hold")) {
				w.WriteHeader(status)
				if status >= 300 {
					_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code></Error>"))
				}
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	b, q, theirs, _ := betweenBench(t, transfertest.Demo(t, nil), second)
	from, _ := lockedSource(t, b)
	locked := "locked-" + b.Bucket
	if err := theirs.MakeBucket(t.Context(), locked, storage.MakeBucketOptions{ObjectLock: true}); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int32{http.StatusForbidden, http.StatusOK} {
		lie.Store(status)
		s := b.Run(q, transfer.Request{Kind: transfer.Move, TargetConnection: "other", Sources: []transfer.Source{{Remote: from}},
			Target: transfer.Target{Remote: storage.Location{Bucket: locked, Key: "held"}, Exact: true}})
		if s.State != transfer.Failed || !errors.Is(errorOf(s), transfer.ErrNotCarried) {
			t.Errorf("%d, moved: %+v", status, s)
		}
		if _, err := b.Session.Stat(t.Context(), from); err != nil {
			t.Errorf("%d, the source: %v", status, err)
		}
	}
	lie.Store(http.StatusForbidden)
	if note := betweenEnds(t, b, q, transfer.Copy, from, locked); !strings.Contains(note, "retention and legal hold") {
		t.Errorf("copied: note %q", note)
	}
}

// On one connection a lock that the target's bucket cannot hold is named by a copy, and keeps a move from taking the source away.
func TestCopy_ALockThatTheBucketCannotHoldIsNamed(t *testing.T) {
	b := transfertest.New(t, func(t testing.TB) transfertest.Server { return transfertest.Demo(t, nil) })
	q := b.Queue()
	from, lock := lockedSource(t, b)
	request := func(kind transfer.Kind, key string) transfer.Request {
		return transfer.Request{Kind: kind, Sources: []transfer.Source{{Remote: from}},
			Target: transfer.Target{Remote: storage.Location{Bucket: b.Bucket, Key: key}, Exact: true}}
	}
	id := added(b, q, request(transfer.Copy, "copied"))
	s := b.Wait(q, id)
	items, err := q.Items(t.Context(), id, 0, 1)
	if err != nil || s.Done != 1 || len(items) != 1 || items[0].Note != "The lock was not carried over: the bucket has no object lock" {
		t.Errorf("copied: %+v, %v, %+v", s, err, items)
	}
	if s := b.Run(q, request(transfer.Move, "moved")); s.State != transfer.Failed || !errors.Is(errorOf(s), transfer.ErrNotCarried) {
		t.Errorf("moved: %+v", s)
	}
	if got := lockAt(t, b.Session, from); !sameLock(got, lock) {
		t.Errorf("the source: %+v", got)
	}
}
