package storage_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"pintail/internal/demo"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// front is the embedded server behind a handler that may answer first. It remembers the operations that got through.
type front struct {
	s      *storage.Session
	server *demo.Server
	mu     sync.Mutex // guards answer
	answer func(w http.ResponseWriter, op string) bool
}

func (f *front) set(answer func(w http.ResponseWriter, op string) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func startFront(t *testing.T, change func(*storage.Config)) *front {
	t.Helper()
	f := &front{}
	d, err := demo.Start(t.Context(), demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			f.mu.Lock()
			answer := f.answer
			f.mu.Unlock()
			if answer == nil || !answer(w, demo.ParseTarget(r).Op) {
				next.ServeHTTP(w, r)
			}
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	f.server = d
	target := storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}
	c := target.Config()
	if change != nil {
		change(&c)
	}
	f.s = storagetest.Open(t, c)
	if err := f.s.MakeBucket(t.Context(), "bucket", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.s.Keeps(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *front) put(t *testing.T, key string, o storage.WriteOptions) storage.Location {
	t.Helper()
	loc := storage.Location{Bucket: "bucket", Key: key}
	if _, err := f.s.Put(t.Context(), loc, storagetest.Body([]byte("content")), o); err != nil {
		t.Fatal(err)
	}
	return loc
}

var oneEdit = storage.Edit{Metadata: map[string]string{"new": "value"}}

// What cannot be read is named before anything is sent, and left behind only by agreement.
func TestRewrite_WhatCannotBeReadIsNamed(t *testing.T) {
	for op, part := range map[string]string{"GetObjectAcl": storage.PartACL, "GetObjectTagging": storage.PartTags} {
		f := startFront(t, nil)
		loc := f.put(t, "a", storage.WriteOptions{ACL: "public-read", Tags: map[string]string{"k": "v"}})
		f.set(func(w http.ResponseWriter, got string) bool {
			if got == op {
				s3error(w, 403, "AccessDenied")
			}
			return got == op
		})
		_, err := f.s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{})
		var u *storage.UnreadableError
		if !errors.As(err, &u) || len(u.What) != 1 || u.What[0] != part || storage.KindOf(err) != storage.KindPermission {
			t.Fatalf("%s: %v", op, err)
		}
		if n := f.server.CountRequests("CopyObject", "", 0); n != 0 {
			t.Errorf("%s: %d copies were made", op, n)
		}
		r, err := f.s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{Plain: true})
		if err != nil || len(r.Lost) != 1 || r.Lost[0] != part || !r.Copied {
			t.Errorf("%s: %+v, %v", op, r, err)
		}
	}
}

// A copy whose answer was lost is found, not made again; what it has lost is set by the next call.
func TestRewrite_GoesOnWhereItWas(t *testing.T) {
	f := startFront(t, nil)
	loc := f.put(t, "a", storage.WriteOptions{Tags: map[string]string{"k": "v"}})
	var lost sync.Once
	var st storage.Rewriting
	copies := func() int { return f.server.CountRequests("CopyObject", "a", 0) }
	f.set(func(w http.ResponseWriter, op string) bool {
		gone := false
		if copies() == 1 { // the copy is made, and then the server is busy
			lost.Do(func() { gone = true; s3error(w, 503, "SlowDown") })
		}
		return gone
	})
	if _, err := f.s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{Resume: &st}); storage.KindOf(err) != storage.KindThrottled {
		t.Fatal(err)
	}
	r, err := f.s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{Resume: &st})
	if err != nil || !r.Copied || copies() != 1 {
		t.Errorf("%+v, %v, %d copies", r, err, copies())
	}
	var once sync.Once
	loc = f.put(t, "b", storage.WriteOptions{Metadata: map[string]string{"m": "n"}})
	f.set(func(w http.ResponseWriter, op string) bool {
		if op == "CopyObject" {
			cut := false
			once.Do(func() { cut = true })
			if cut {
				panic(http.ErrAbortHandler)
			}
		}
		return false
	})
	st = storage.Rewriting{}
	if _, err := f.s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{Resume: &st}); storage.KindOf(err) != storage.KindNetwork {
		t.Fatal(err)
	}
	r, err = f.s.Rewrite(t.Context(), loc, oneEdit, storage.RewriteOptions{Resume: &st})
	info, serr := f.s.Stat(t.Context(), loc)
	if err != nil || serr != nil || !r.Copied || info.Metadata["m"] != "n" || info.Metadata["new"] != "value" {
		t.Errorf("%+v, %v; %+v, %v", r, err, info, serr)
	}
}

// Where the server can change the encryption in place, nothing is copied.
func TestRewrite_EncryptionInPlace(t *testing.T) {
	yes := true
	var sent string
	f := startFront(t, func(c *storage.Config) {
		c.Known.UpdateEncryption = &yes
		c.Trace = func(e storage.Event) {
			if e.Op == "UpdateObjectEncryption" {
				sent = e.URL
			}
		}
	})
	loc := f.put(t, "a", storage.WriteOptions{Encryption: storage.Encryption{Type: "AES256"}})
	const key = "arn:aws:kms:eu-west-1:000000000000:key/one"
	d := storage.Edit{Encryption: &storage.Encryption{Type: "aws:kms", KeyID: key}}
	f.set(func(w http.ResponseWriter, op string) bool {
		if op == "" {
			w.Header().Set("X-Amz-Request-Id", "R")
			w.WriteHeader(200)
		}
		return op == ""
	})
	r, err := f.s.Rewrite(t.Context(), loc, d, storage.RewriteOptions{})
	if err != nil || r.Copied || !r.Changed || !strings.Contains(sent, "encryption") || len(r.Ignored) != 1 {
		t.Errorf("%+v, %v, %q", r, err, sent) // the embedded server has not changed it: that is noticed
	}
	f.set(nil) // refused as unknown: a copy does it
	r, err = f.s.Rewrite(t.Context(), loc, d, storage.RewriteOptions{})
	if err != nil || !r.Copied || len(r.Ignored) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if info, err := f.s.Stat(t.Context(), loc); err != nil || info.Encryption != *d.Encryption {
		t.Errorf("%+v, %v", info, err)
	}
}
