package transfer_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// betweenBench is a bench whose queue knows a second connection, "other", with a bucket of its own.
func betweenBench(t *testing.T, first, second transfertest.Server) (*transfertest.Bench, *transfer.Queue, *storage.Session, string) {
	b := transfertest.New(t, func(testing.TB) transfertest.Server { return first })
	b.Unchecked() // it knows one server only
	s, err := second.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	bucket := "theirs-" + b.Bucket
	if err := s.MakeBucket(t.Context(), bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	q := b.Queue(func(c *transfer.Config) {
		c.Connect = func(_ context.Context, ref string) (*storage.Session, error) {
			if ref == "other" {
				return second.Open()
			}
			return first.Open()
		}
	})
	return b, q, s, bucket
}

// betweenEnds runs a copy or move of one key to the other connection and gives the note of its item.
func betweenEnds(t *testing.T, b *transfertest.Bench, q *transfer.Queue, kind transfer.Kind, from storage.Location, bucket string) string {
	t.Helper()
	id := added(b, q, transfer.Request{
		Kind: kind, TargetConnection: "other", Sources: []transfer.Source{{Remote: from}},
		Target: transfer.Target{Remote: storage.Location{Bucket: bucket, Key: from.Key}, Exact: true},
	})
	s := b.Wait(q, id)
	if s.State != transfer.Done || s.Done != 1 {
		t.Fatalf("%s: %+v", from, s)
	}
	items, err := q.Items(t.Context(), id, 0, 1)
	if err != nil || len(items) != 1 {
		t.Fatalf("%s: %v, %v", from, items, err)
	}
	return items[0].Note
}

// Between connections what means the same on both sides is carried, and what does not is named, also by a move.
func carriesBetween(t *testing.T, first, second transfertest.Server) {
	b, q, theirs, bucket := betweenBench(t, first, second)
	stranger, err := theirs.ACL(t.Context(), storage.Location{Bucket: bucket})
	if err != nil {
		t.Fatal(err)
	}
	id := stranger.Owner.ID
	if first.Demo != nil { // both have the same account
		id = strings.Repeat("5a", 32)
	}
	put := func(key string, o storage.WriteOptions) {
		t.Helper()
		if _, err := b.Session.Put(t.Context(), b.Loc(key), storage.Body{R: bytes.NewReader([]byte(key)), Size: int64(len(key))}, o); err != nil {
			t.Fatal(err)
		}
	}
	for key, acl := range map[string]string{"private": "", "public": "public-read", "members": "authenticated-read", "shared": ""} {
		put(key, storage.WriteOptions{ACL: acl})
	}
	acl, err := b.Session.ACL(t.Context(), b.Loc("shared"))
	if err == nil {
		err = b.Session.SetACL(t.Context(), b.Loc("shared"), acl.With(storage.Grant{Grantee: storage.Grantee{ID: id}, Permission: storage.GrantRead}))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []transfer.Kind{transfer.Copy, transfer.Move} {
		for key, want := range map[string]struct{ group, note string }{
			"private": {"", ""}, "public": {storage.GroupEveryone, ""}, "members": {storage.GroupAuthenticated, ""}, "shared": {"", "grants to single accounts"},
		} {
			if note := betweenEnds(t, b, q, kind, b.Loc(key), bucket); want.note == "" && note != "" || !strings.Contains(note, want.note) {
				t.Errorf("%s %s: note %q", kind, key, note)
			}
			at := storage.Location{Bucket: bucket, Key: key}
			acl, err := theirs.ACL(t.Context(), at)
			public := storage.Grant{Grantee: storage.Grantee{URI: want.group}, Permission: storage.GrantRead}
			if err != nil || acl.Private() != (want.group == "") || want.group != "" && !acl.Allows(public) {
				t.Errorf("%s %s: %+v, %v", kind, key, acl, err)
			}
			rd, err := theirs.Read(t.Context(), at, storage.ReadOptions{Whole: true})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(rd); err != nil || string(got) != key {
				t.Errorf("%s %s: %q, %v", kind, key, got, err)
			}
			_ = rd.Close()
			if _, err := theirs.Delete(t.Context(), at); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Session.Stat(t.Context(), b.Loc(key)); (storage.KindOf(err) == storage.KindNotFound) != (kind == transfer.Move) {
				t.Errorf("%s %s: the source: %v", kind, key, err)
			}
		}
	}
}

func TestBetween_CarriesWhatMeansTheSame(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { carriesBetween(t, transfertest.Demo(t, nil), transfertest.Demo(t, nil)) })
	t.Run("rgw", func(t *testing.T) {
		first := transfertest.Real(servers.SharedRGW(t))
		second := first
		second.Access, second.Secret = first.Real.OtherAccessKey, first.Real.OtherSecretKey
		carriesBetween(t, first, second)
	})
}

// What the target refuses or cannot have is named, and the copy is done all the same.
func TestBetween_NamesWhatStaysBehind(t *testing.T) {
	var refuse atomic.Bool
	second := transfertest.Demo(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refuse.Load() && r.Method == http.MethodPut && r.URL.Query().Has("acl") {
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code></Error>"))
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	b, q, _, bucket := betweenBench(t, transfertest.Demo(t, nil), second)
	for key, o := range map[string]storage.WriteOptions{
		"public": {ACL: "public-read"}, "cold": {Class: "STANDARD_IA"}, "kms": {Encryption: storage.Encryption{Type: "aws:kms", KeyID: "alias/ours"}},
	} {
		if _, err := b.Session.Put(t.Context(), b.Loc(key), storage.Body{R: bytes.NewReader([]byte(key)), Size: int64(len(key))}, o); err != nil {
			t.Fatal(err)
		}
	}
	refuse.Store(true)
	for key, want := range map[string]string{"public": "public access", "cold": "storage class STANDARD_IA", "kms": "encryption with a KMS key"} {
		if note := betweenEnds(t, b, q, transfer.Copy, b.Loc(key), bucket); note != "Not carried to the other connection: "+want {
			t.Errorf("%s: note %q", key, note)
		}
	}
}
