package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// lockVeil hides locks as S3 does from those without the right to see them: a HEAD leaves them out, asking for them is refused.
type lockVeil struct{ heads, asked atomic.Bool }

type veiled struct{ http.ResponseWriter }

func (v veiled) WriteHeader(status int) {
	for name := range v.Header() {
		if strings.HasPrefix(name, "X-Amz-Object-Lock-") {
			v.Header().Del(name)
		}
	}
	v.ResponseWriter.WriteHeader(status)
}

func (v *lockVeil) middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case v.asked.Load() && r.Method == http.MethodGet && (q.Has("retention") || q.Has("legal-hold")):
			w.Header().Set("X-Amz-Request-Id", "r")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code></Error>"))
		case v.heads.Load() && r.Method == http.MethodHead:
			next.ServeHTTP(veiled{w}, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// unseenLocks copies and moves a locked object whose lock its HEAD does not show, on one connection: what may be asked is carried;
// what may not is said by a copy, and keeps a move from taking the source away. veil hides locks from the queue's user, whose session s
// is, and refuses to tell them.
func unseenLocks(t *testing.T, b *transfertest.Bench, q *transfer.Queue, s *storage.Session, veil func(heads, asked bool)) {
	t.Helper()
	from, lock := lockedSource(t, b)
	at := func(key string) storage.Location { return storage.Location{Bucket: from.Bucket, Key: key} }
	if _, err := b.Session.Put(t.Context(), at("leaves"), storage.Body{R: bytes.NewReader([]byte("held")), Size: 4}, storage.WriteOptions{Lock: lock}); err != nil {
		t.Fatal(err)
	}
	request := func(kind transfer.Kind, from, to string) transfer.Request {
		return transfer.Request{Kind: kind, Sources: []transfer.Source{{Remote: at(from)}}, Target: transfer.Target{Remote: at(to), Exact: true}}
	}
	note := func(key string) string {
		t.Helper()
		id := added(b, q, request(transfer.Copy, from.Key, key))
		end := b.Wait(q, id)
		items, err := q.Items(t.Context(), id, 0, 1)
		if err != nil || end.State != transfer.Done || len(items) != 1 {
			t.Fatalf("%s: %+v, %v, %+v", key, end, err, items)
		}
		return items[0].Note
	}
	veil(true, false)
	if got := note("asked"); got != "" {
		t.Errorf("copied, the lock asked for: note %q", got)
	}
	veil(true, true)
	if got := note("unknown"); got != "Retention and legal hold may not be read: what is not known was not carried over" {
		t.Errorf("copied, the lock unknown: note %q", got)
	}
	id := added(b, q, request(transfer.Move, "leaves", "moved"))
	if s := b.Wait(q, id); s.State != transfer.Failed || !errors.Is(errorOf(s), transfer.ErrNotCarried) || storage.KindOf(errorOf(s)) != storage.KindPermission {
		t.Errorf("moved, the lock unknown: %+v", s)
	}
	veil(false, false)
	if got := lockAt(t, s, at("asked")); !sameLock(got, lock) {
		t.Errorf("copied, the lock asked for: %+v, want %+v", got, lock)
	}
	if got := lockAt(t, b.Session, at("leaves")); !sameLock(got, lock) {
		t.Errorf("the source of what was not moved: %+v", got)
	}
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done {
		t.Errorf("moved with the right to see: %+v", s)
	}
	if got := lockAt(t, s, at("moved")); !sameLock(got, lock) {
		t.Errorf("moved: %+v, want %+v", got, lock)
	}
	if _, err := b.Session.Stat(t.Context(), at("leaves")); storage.KindOf(err) != storage.KindNotFound {
		t.Errorf("the source of what was moved: %v", err)
	}
}

func TestCopy_ALockThatTheHeadDoesNotShow(t *testing.T) {
	var v lockVeil
	b := transfertest.New(t, func(t testing.TB) transfertest.Server { return transfertest.Demo(t, v.middleware) })
	unseenLocks(t, b, b.Queue(), b.Session, func(heads, asked bool) {
		v.heads.Store(heads)
		v.asked.Store(asked)
	})
}

// RGW keeps from a user what a policy denies.
func TestCopy_ALockThatTheHeadDoesNotShowOnRGW(t *testing.T) {
	srv := servers.SharedRGW(t)
	b := transfertest.New(t, func(testing.TB) transfertest.Server { return transfertest.Real(srv) })
	b.Unchecked() // the source is another user's
	guest := b.Server
	guest.Access, guest.Secret = srv.OtherAccessKey, srv.OtherSecretKey
	q := b.Queue(func(c *transfer.Config) {
		c.Connect = func(context.Context, string) (*storage.Session, error) { return guest.Open() }
	})
	s, err := guest.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	unseenLocks(t, b, q, s, func(_, asked bool) {
		bucket, denied := "held-"+b.Bucket, "s3:PutObjectTagging"
		if asked {
			denied = `s3:GetObjectRetention", "s3:GetObjectLegalHold`
		}
		doc := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/other"]}, "Action": "s3:*", "Resource": ["arn:aws:s3:::%[1]s", "arn:aws:s3:::%[1]s/*"]},
			{"Effect": "Deny", "Principal": {"AWS": ["arn:aws:iam:::user/other"]}, "Action": ["%[2]s"], "Resource": ["arn:aws:s3:::%[1]s/*"]}]}`, bucket, denied)
		if err := b.Session.SetBucketPolicy(t.Context(), storage.Location{Bucket: bucket}, doc); err != nil {
			t.Fatal(err)
		}
	})
}

// Between two connections it is the same.
func TestBetween_ALockThatMayNotBeRead(t *testing.T) {
	var v lockVeil
	b, q, _, plain := betweenBench(t, transfertest.Demo(t, v.middleware), transfertest.Demo(t, nil))
	from, lock := lockedSource(t, b)
	v.heads.Store(true)
	v.asked.Store(true)
	if note := betweenEnds(t, b, q, transfer.Copy, from, plain); note != "Not carried to the other connection: retention and legal hold, which may not be read" {
		t.Errorf("copied: note %q", note)
	}
	s := b.Run(q, transfer.Request{Kind: transfer.Move, TargetConnection: "other", Sources: []transfer.Source{{Remote: from}},
		Target: transfer.Target{Remote: storage.Location{Bucket: plain, Key: "moved"}, Exact: true}})
	if s.State != transfer.Failed || !errors.Is(errorOf(s), transfer.ErrNotCarried) || storage.KindOf(errorOf(s)) != storage.KindPermission {
		t.Errorf("moved: %+v", s)
	}
	v.heads.Store(false)
	v.asked.Store(false)
	if got := lockAt(t, b.Session, from); !sameLock(got, lock) {
		t.Errorf("the source of what was not moved: %+v", got)
	}
}
