package storage_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/storage/storagetest"
)

// archive is an embedded server with a bucket, whose clock can be moved.
func archive(t *testing.T) (*demo.Server, *storage.Session) {
	t.Helper()
	d, err := demo.Start(t.Context(), demo.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	s := storagetest.Open(t, storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}.Config())
	if err := s.MakeBucket(t.Context(), "archive", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return d, s
}

func TestRestore_FromTheWishToTheEndOfTheCopy(t *testing.T) {
	features.Proved(t, "object.restore", features.Embedded, "")
	d, s := archive(t)
	ctx := t.Context()
	tiers := map[string]time.Duration{"GLACIER Expedited": 5 * time.Minute, "GLACIER Standard": 5 * time.Hour, "GLACIER Bulk": 12 * time.Hour,
		"GLACIER ": 5 * time.Hour, "DEEP_ARCHIVE Standard": 12 * time.Hour, "DEEP_ARCHIVE Bulk": 48 * time.Hour}
	for name, takes := range tiers {
		class, tier, _ := bytes.Cut([]byte(name), []byte(" "))
		loc := storage.Location{Bucket: "archive", Key: name}
		if _, err := s.Put(ctx, loc, storagetest.Body([]byte("cold")), storage.WriteOptions{Class: string(class)}); err != nil {
			t.Fatal(err)
		}
		if err := readable(t, s, loc); storage.KindOf(err) != storage.KindArchived {
			t.Errorf("%s: read before it is restored: %v", name, err)
		}
		o := storage.RestoreOptions{Days: 2, Tier: string(tier)}
		for i, want := range []storage.RestoreOutcome{storage.RestoreAsked, storage.RestoreInProgress} {
			if r, err := s.Restore(ctx, loc, o); err != nil || r.Outcome != want || r.Class != string(class) {
				t.Errorf("%s, wish %d: %+v, %v", name, i, r, err)
			}
		}
		if info, err := s.Stat(ctx, loc); err != nil || !info.Restore.Ongoing || !info.InArchive(time.Now()) {
			t.Errorf("%s: %+v, %v", name, info.Restore, err)
		}
		d.AdvanceClock(takes)
		info, err := s.Stat(ctx, loc)
		if err != nil || info.Restore.Ongoing || info.Restore.Until.IsZero() {
			t.Errorf("%s: %+v, %v", name, info.Restore, err)
		}
		if err := readable(t, s, loc); err != nil {
			t.Errorf("%s: read when it is restored: %v", name, err)
		}
		r, err := s.Restore(ctx, loc, storage.RestoreOptions{Days: 30})
		if err != nil || r.Outcome != storage.RestoreAvailable || !r.Until.After(info.Restore.Until) {
			t.Errorf("%s: longer: %+v, was %v, %v", name, r, info.Restore.Until, err)
		}
		d.AdvanceClock(32 * 24 * time.Hour)
		if err := readable(t, s, loc); storage.KindOf(err) != storage.KindArchived {
			t.Errorf("%s: read after the copy's end: %v", name, err)
		}
	}
}

func readable(t *testing.T, s *storage.Session, loc storage.Location) error {
	t.Helper()
	r, err := s.Read(t.Context(), loc, storage.ReadOptions{Whole: true})
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

func TestRestore_WhatCannotBeIsNotSent(t *testing.T) {
	d, s := archive(t)
	put := func(class string) storage.Location {
		loc := storage.Location{Bucket: "archive", Key: class}
		if _, err := s.Put(t.Context(), loc, storagetest.Body([]byte("x")), storage.WriteOptions{Class: class}); err != nil {
			t.Fatal(err)
		}
		return loc
	}
	deep, cold := put("DEEP_ARCHIVE"), put("GLACIER")
	for _, bad := range []struct {
		loc storage.Location
		o   storage.RestoreOptions
	}{{deep, storage.RestoreOptions{Days: 1, Tier: "Expedited"}}, {cold, storage.RestoreOptions{Days: 1, Tier: "Fast"}}, {cold, storage.RestoreOptions{}},
		{cold, storage.RestoreOptions{Days: -1, Tier: "Bulk"}}} {
		if r, err := s.Restore(t.Context(), bad.loc, bad.o); storage.KindOf(err) != storage.KindInvalid {
			t.Errorf("%+v: %+v, %v", bad, r, err)
		}
	}
	for _, class := range []string{"STANDARD", "STANDARD_IA", "GLACIER_IR", "INTELLIGENT_TIERING"} {
		if r, err := s.Restore(t.Context(), put(class), storage.RestoreOptions{}); err != nil || r.Outcome != storage.RestoreNotArchived || r.Class != class {
			t.Errorf("%s: %+v, %v", class, r, err)
		}
	}
	if n := d.CountRequests("RestoreObject", "", 0); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if _, err := s.Restore(t.Context(), storage.Location{Bucket: "archive", Key: "none"}, storage.RestoreOptions{Days: 1}); storage.KindOf(err) != storage.KindNotFound {
		t.Error(err)
	}
}

// A server without the operation says so in one way.
func TestRestore_OfAServerThatHasNone(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	srv := servers.SharedRGW(t) // it has the class and not the operation
	target := target(srv, rgwQuirks)
	s := storagetest.Open(t, target.Config())
	loc := storage.Location{Bucket: "restore-none", Key: "k"}
	if err := s.MakeBucket(t.Context(), loc.Bucket, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), loc, storagetest.Body([]byte("x")), storage.WriteOptions{Class: "GLACIER"}); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Restore(t.Context(), loc, storage.RestoreOptions{Days: 1}); storage.KindOf(err) != storage.KindUnsupported {
		t.Errorf("%+v, %v", r, err)
	}
}

// A listing that is asked to tells how far restores are; a server that refuses the question is listed without.
func TestRestore_StateInListings(t *testing.T) {
	d, s := archive(t)
	loc := storage.Location{Bucket: "archive", Key: "cold"}
	if _, err := s.Put(t.Context(), loc, storagetest.Body([]byte("x")), storage.WriteOptions{Class: "GLACIER"}); err != nil {
		t.Fatal(err)
	}
	listed := func(o storage.ListOptions) storage.Entry {
		t.Helper()
		for page, err := range s.List(t.Context(), "archive", "", o) {
			if err != nil || len(page.Entries) != 1 {
				t.Fatalf("%+v, %v", page, err)
			}
			return page.Entries[0]
		}
		return storage.Entry{}
	}
	ask := storage.ListOptions{Delimiter: "/", Restore: true}
	if e := listed(ask); e.Restore.Ongoing || !e.Restore.Until.IsZero() {
		t.Errorf("before: %+v", e.Restore)
	}
	if _, err := s.Restore(t.Context(), loc, storage.RestoreOptions{Days: 1}); err != nil {
		t.Fatal(err)
	}
	if e := listed(ask); !e.Restore.Ongoing {
		t.Errorf("asked for: %+v", e.Restore)
	}
	for page, err := range s.ListVersions(t.Context(), "archive", "", ask) {
		if err != nil || len(page.Entries) != 1 || !page.Entries[0].Restore.Ongoing {
			t.Errorf("versions: %+v, %v", page, err)
		}
	}
	if e := listed(storage.ListOptions{Delimiter: "/"}); e.Restore.Ongoing {
		t.Errorf("told without being asked: %+v", e.Restore)
	}
	d.AdvanceClock(6 * time.Hour)
	if e := listed(ask); e.Restore.Ongoing || e.Restore.Until.IsZero() {
		t.Errorf("there: %+v", e.Restore)
	}
}

func TestRestore_ServerThatRefusesToTell(t *testing.T) {
	var asked, listed atomic.Int64
	d, err := demo.Start(t.Context(), demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("list-type") == "2" {
				listed.Add(1)
			}
			if r.Header.Get("X-Amz-Optional-Object-Attributes") != "" {
				asked.Add(1)
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `<Error><Code>InvalidArgument</Code><Message>no</Message></Error>`)
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	s := storagetest.Open(t, storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}.Config())
	if err := s.MakeBucket(t.Context(), "refuses", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, err := range s.List(t.Context(), "refuses", "", storage.ListOptions{Delimiter: "/", Restore: true}) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if asked.Load() != 1 || listed.Load() != 3 {
		t.Errorf("asked %d times in %d listings", asked.Load(), listed.Load())
	}
	other := storagetest.Open(t, storagetest.Target{Endpoint: d.URL(), Region: d.Region(), AccessKey: d.AccessKey(), SecretKey: d.SecretKey()}.Config())
	for _, err := range other.ListVersions(t.Context(), "refuses", "", storage.ListOptions{Delimiter: "/", Restore: true}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times", asked.Load())
	}
}

// TestRestore_Moto: what the archive is asked for is what another program reads of the object, and the other way round. Moto has the
// copy at once; time passes on the embedded server alone.
func TestRestore_Moto(t *testing.T) {
	if testing.Short() {
		t.Skip("servers are for the run without the race detector")
	}
	srv := servers.SharedMoto(t)
	other := client.For(t, srv)
	bucket := other.NewBucket()
	s := storagetest.Open(t, target(srv, storagetest.Quirks{}).Config())
	for _, key := range []string{"ours", "theirs"} {
		loc := storage.Location{Bucket: bucket, Key: key}
		if _, err := s.Put(t.Context(), loc, storagetest.Body([]byte("cold")), storage.WriteOptions{Class: "GLACIER"}); err != nil {
			t.Fatal(err)
		}
		if err := readable(t, s, loc); storage.KindOf(err) != storage.KindArchived {
			t.Errorf("%s: read before it is restored: %v", key, err)
		}
		if key == "ours" {
			r, err := s.Restore(t.Context(), loc, storage.RestoreOptions{Days: 3, Tier: "Standard"})
			if err != nil || r.Outcome != storage.RestoreAsked {
				t.Fatalf("%+v, %v", r, err)
			}
		} else if _, err := other.Try("restore-object", map[string]any{"Bucket": bucket, "Key": key, "RestoreRequest": map[string]any{"Days": 3}}); err != nil {
			t.Fatal(err)
		}
		seen, err := other.Try("head-object", map[string]any{"Bucket": bucket, "Key": key})
		if err != nil || !strings.Contains(string(seen), `"Restore": "ongoing-request=`) || !strings.Contains(string(seen), `"GLACIER"`) {
			t.Errorf("%s: the other program reads %s, %v", key, seen, err)
		}
		info, err := s.Stat(t.Context(), loc)
		if err != nil || info.Restore.Ongoing || time.Until(info.Restore.Until) < 2*24*time.Hour || info.InArchive(time.Now()) {
			t.Errorf("%s: %+v, %v", key, info.Restore, err)
		}
		if err := readable(t, s, loc); err != nil {
			t.Errorf("%s: read when it is restored: %v", key, err)
		}
	}
	features.Proved(t, "object.restore", string(srv.Name), srv.Version)
}
