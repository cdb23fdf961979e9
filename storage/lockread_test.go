package storage_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// hidden leaves the lock out of the answers to those who may not see it, as S3 does.
type hidden struct {
	http.ResponseWriter
	on bool
}

func (h hidden) WriteHeader(status int) {
	for name := range h.Header() {
		if h.on && strings.HasPrefix(name, "X-Amz-Object-Lock-") {
			h.Header().Del(name)
		}
	}
	h.ResponseWriter.WriteHeader(status)
}

// lockHider is a session with a server whose heads show no lock while hide holds, and which tells of none while deny does.
func lockHider(t *testing.T, hide, deny *atomic.Bool) *storage.Session {
	t.Helper()
	d, err := demo.Start(t.Context(), demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); deny.Load() && r.Method == http.MethodGet && (q.Has("retention") || q.Has("legal-hold")) {
				w.Header().Set("X-Amz-Request-Id", "r")
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code></Error>"))
				return
			}
			next.ServeHTTP(hidden{w, r.Method == http.MethodHead && hide.Load()}, r)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return storagetest.Open(t, storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}.Config())
}

// An edit keeps a lock that the head of the object does not show. One that may not be read is named before anything is sent.
func TestRewrite_ALockThatTheHeadDoesNotShow(t *testing.T) {
	t.Parallel()
	var hide, deny atomic.Bool
	s := lockHider(t, &hide, &deny)
	loc := storage.Location{Bucket: "locked", Key: "k"}
	if err := s.MakeBucket(t.Context(), loc.Bucket, storage.MakeBucketOptions{ObjectLock: true}); err != nil {
		t.Fatal(err)
	}
	lock := storage.Lock{Mode: storage.RetentionGovernance, Until: time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second), Hold: true}
	first, err := s.Put(t.Context(), loc, storagetest.Body([]byte("x")), storage.WriteOptions{Lock: lock})
	if err != nil {
		t.Fatal(err)
	}
	hide.Store(true)
	deny.Store(true)
	_, err = s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{})
	var u *storage.UnreadableError
	if !errors.As(err, &u) || len(u.What) != 1 || u.What[0] != storage.PartLock || storage.KindOf(err) != storage.KindPermission {
		t.Fatalf("a lock that may not be read: %v", err)
	}
	if info, err := s.Stat(t.Context(), loc); err != nil || info.Location.Version != first.Version {
		t.Fatalf("%+v, %v", info.Location, err)
	}
	deny.Store(false)
	if _, err := s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{}); err != nil {
		t.Fatal(err)
	}
	hide.Store(false)
	info, err := s.Stat(t.Context(), loc)
	if err != nil || info.Location.Version == first.Version || info.Metadata["new"] != "value" || info.Lock != lock {
		t.Errorf("the version that was written has %+v, %v", info.Lock, err)
	}
	hide.Store(true)
	deny.Store(true)
	if w, err := s.Rewrite(t.Context(), loc, storage.Edit{Metadata: map[string]string{"new": "2"}}, storage.RewriteOptions{Plain: true}); err != nil || len(w.Lost) != 1 || w.Lost[0] != storage.PartLock {
		t.Errorf("by agreement: %+v, %v", w, err)
	}
}

// What a HEAD leaves out is asked for before it is called unchanged; what may not be asked is sent, and is not called done.
func TestLock_TakenAwayWhereTheHeadDoesNotShowIt(t *testing.T) {
	t.Parallel()
	var hide, deny atomic.Bool
	s := lockHider(t, &hide, &deny)
	takeLocks(t, s, s, false, &hide, &deny, nil)
}

// RGW keeps from a user what a policy denies. Its retentions are never taken away.
func TestLock_TakenAwayUnseenOnRGW(t *testing.T) {
	onReal(t, func() {
		srv := servers.SharedRGW(t)
		own := target(srv, rgwQuirks)
		other := own
		other.AccessKey, other.SecretKey = srv.OtherAccessKey, srv.OtherSecretKey
		var hide, deny atomic.Bool
		owner := storagetest.Open(t, own.Config())
		takeLocks(t, owner, storagetest.Open(t, other.Config()), true, &hide, &deny, func(b storage.Location) {
			actions := `"s3:PutObjectTagging"`
			if deny.Load() {
				actions = `"s3:GetObjectRetention", "s3:GetObjectLegalHold"`
			}
			doc := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": [
				{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/other"]}, "Action": "s3:*", "Resource": ["arn:aws:s3:::%[1]s", "arn:aws:s3:::%[1]s/*"]},
				{"Effect": "Deny", "Principal": {"AWS": ["arn:aws:iam:::user/other"]}, "Action": [%[2]s], "Resource": ["arn:aws:s3:::%[1]s/*"]}]}`, b.Bucket, actions)
			if err := owner.SetBucketPolicy(context.WithoutCancel(t.Context()), b, doc); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// takeLocks has guest take away what owner set; where stays, a retention is set in place of that. changed is called after hide and
// deny were.
func takeLocks(t *testing.T, owner, guest *storage.Session, stays bool, hide, deny *atomic.Bool, changed func(storage.Location)) {
	t.Helper()
	b := storage.Location{Bucket: fmt.Sprintf("unseen-%x", time.Now().UnixNano())}
	if err := owner.MakeBucket(t.Context(), b.Bucket, storage.MakeBucketOptions{ObjectLock: true}); err != nil {
		t.Fatal(err)
	}
	state := func(hidden, denied bool) {
		hide.Store(hidden)
		deny.Store(denied)
		if changed != nil {
			changed(b)
		}
	}
	off := false
	takes := map[string]storage.LockEdit{"s3:GetObjectRetention": {Retention: &storage.Retention{Bypass: true}}, "s3:GetObjectLegalHold": {Hold: &off}}
	if stays { // and is set without a look at it
		takes["s3:GetObjectRetention"] = storage.LockEdit{Retention: &storage.Retention{Mode: storage.RetentionGovernance, Until: time.Now().Add(time.Hour), Bypass: true}}
	}
	for action, edit := range takes {
		loc := storage.Location{Bucket: b.Bucket, Key: strings.TrimPrefix(action, "s3:")}
		w, err := owner.Put(t.Context(), loc, storagetest.Body([]byte("x")), storage.WriteOptions{})
		if err != nil {
			t.Fatal(err)
		}
		loc.Version = w.Version
		t.Cleanup(func() {
			state(false, false)
			_, _ = owner.DeleteVersion(context.WithoutCancel(t.Context()), loc, "")
		})
		lock := func() {
			t.Helper()
			if edit.Hold != nil {
				err = owner.SetHold(t.Context(), loc, true)
			} else if !stays {
				err = owner.SetRetention(t.Context(), loc, storage.RetentionGovernance, time.Now().Add(time.Hour), true)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		free := func(when string) {
			t.Helper()
			state(false, false)
			info, err := owner.Stat(t.Context(), loc)
			if set := edit.Hold == nil && stays; err != nil || info.Lock.IsZero() == set {
				t.Errorf("%s: %s: %+v, %v", action, when, info.Lock, err)
			}
		}
		take := func() (bool, error) {
			r, err := guest.Rewrite(t.Context(), loc, storage.Edit{Lock: &edit}, storage.RewriteOptions{})
			return r.Changed, err
		}
		state(false, false)
		lock()
		state(true, false)
		if did, err := take(); err != nil || !did {
			t.Errorf("%s: hidden: changed %v, %v", action, did, err)
		}
		if did, err := take(); err != nil || did {
			t.Errorf("%s: a second time: changed %v, %v", action, did, err)
		}
		free("hidden")
		lock()
		state(true, true)
		var e *storage.Error
		if did, err := take(); did || !errors.As(err, &e) || !errors.Is(err, storage.ErrNotReadBack) || e.Permission != action || !e.Unknown {
			t.Errorf("%s: denied: changed %v, %v", action, did, err)
		}
		free("denied")
	}
}
