package storage_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"pintail/storage"
)

// A question about locks that is refused is no answer: only a server that does not know of locks has none.
func TestKeeps_ARefusalIsNoAnswer(t *testing.T) {
	for _, c := range []struct {
		status     int
		body       string
		lock, fail bool
	}{
		{200, "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>", true, false},
		{200, "<ObjectLockConfiguration/>", false, false},
		{404, "<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>", false, false},
		{501, "<Error><Code>NotImplemented</Code></Error>", false, false},
		{200, "<ListBucketResult/>", false, false},
		{403, "<Error><Code>AccessDenied</Code></Error>", true, false},
		{403, "<Error><Code>InvalidAccessKeyId</Code></Error>", false, true},
		{400, "<Error><Code>ExpiredToken</Code></Error>", false, true},
		{404, "", false, true},
		{400, "", false, true},
		{500, "<Error><Code>InternalError</Code></Error>", false, true},
		{200, "<html>Sign in</html>", false, true},
		{200, "", false, true},
	} {
		r := record(t, func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Query().Has("object-lock") {
				s3(w, c.status, c.body)
				return
			}
			s3error(w, 404, "OwnershipControlsNotFoundError")
		})
		k, err := connect(t, r.URL, nil).Keeps(t.Context(), "bucket")
		if (err != nil) != c.fail || err == nil && k.Lock != c.lock {
			t.Errorf("%d %s: %+v, %v", c.status, c.body, k, err)
		}
	}
}

// TestKeeps_AsksOnceForAllWhoCome: many who ask at once cost one pair of requests, and one who gives up takes nobody along.
func TestKeeps_AsksOnceForAllWhoCome(t *testing.T) {
	arrived, answer := make(chan struct{}, 2), make(chan struct{})
	r := record(t, func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Query().Has("object-lock") {
			s3(w, 200, "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>")
			return
		}
		arrived <- struct{}{}
		select {
		case <-answer:
		case <-q.Context().Done():
			return
		}
		s3error(w, 404, "OwnershipControlsNotFoundError")
	})
	s := connect(t, r.URL, nil)
	ctx, leave := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, err := s.Keeps(ctx, "bucket"); first <- err }()
	<-arrived // it asks: all others wait for it
	var others sync.WaitGroup
	for range 40 {
		others.Go(func() {
			if k, err := s.Keeps(t.Context(), "bucket"); err != nil || !k.Lock || !k.ACL {
				t.Errorf("%+v, %v", k, err)
			}
		})
	}
	waiting, gone := context.WithCancel(t.Context())
	gone()
	if _, err := s.Keeps(waiting, "bucket"); storage.KindOf(err) != storage.KindCancelled {
		t.Errorf("one who waits and gives up: %v", err)
	}
	leave()
	if err := <-first; storage.KindOf(err) != storage.KindCancelled {
		t.Errorf("the one who asked and gave up: %v", err)
	}
	<-arrived // another one asks in its place
	close(answer)
	others.Wait()
	asked := map[string]int{}
	for _, q := range r.take() {
		asked[q.method+" "+q.uri]++
	}
	if asked["GET /bucket?ownershipControls="] != 2 || asked["GET /bucket?object-lock="] != 1 || len(asked) != 2 {
		t.Errorf("asked: %v", asked)
	}
}
