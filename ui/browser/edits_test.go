package browser

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/outline/model"
)

// cold puts an object of a class into the bench's bucket.
func (b *bench) cold(key, class string) {
	b.t.Helper()
	if _, err := b.vm.conn.Session.Put(context.Background(), storage.Location{Bucket: "bucket", Key: key},
		storage.Body{R: body(key), Size: int64(len(key))}, storage.WriteOptions{Class: class}); err != nil {
		b.t.Fatal(err)
	}
}

// picked are visible rows as the window hands them to a command.
func (b *bench) picked(names ...string) []Item {
	b.t.Helper()
	var out []Item
	for _, n := range names {
		var sel model.Selection
		sel.Add(b.row(n))
		out = append(out, b.vm.Items(&sel)...)
	}
	return out
}

// note is what stands behind the name of a visible row.
func (b *bench) note(name string) string {
	b.t.Helper()
	var row model.Row
	at, _ := b.vm.store.Index(b.row(name))
	b.vm.store.Row(at, &row)
	return row.Note
}

func (b *bench) refresh() {
	b.vm.Refresh()
	b.until("the refresh", func() bool { return !b.vm.Listing() })
}

func TestRestore_OfOneObjectIsSeenInItsRow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("warm")
	b.cold("cold", "GLACIER")
	b.refresh()
	if b.note("cold") != "archived" || b.note("warm") != "" {
		t.Fatalf("notes %q and %q", b.note("cold"), b.note("warm"))
	}
	b.vm.Restore(b.picked("cold"), storage.RestoreOptions{Days: 2, Tier: "Bulk"}, nil)
	b.until("restoring", func() bool { return b.note("cold") == "restoring" })
	if !strings.Contains(b.notice, "Asked the archive") {
		t.Errorf("notice %q", b.notice)
	}
	b.server.AdvanceClock(13 * time.Hour)
	b.refresh()
	if n := b.note("cold"); !strings.HasPrefix(n, "available until ") || b.picked("cold")[0].Archived {
		t.Fatalf("note %q", n)
	}
	b.vm.Restore(b.picked("cold"), storage.RestoreOptions{Days: 9}, nil)
	b.until("another end", func() bool { return strings.Contains(b.notice, "can be read until") })
	b.vm.Restore(b.picked("warm"), storage.RestoreOptions{Days: 9}, nil)
	b.until("no archive", func() bool { return strings.Contains(b.notice, "in no archive") })
	if len(b.reports) > 0 {
		t.Errorf("%+v", b.reports)
	}
}

func TestRestore_OfSeveralIsOneJob(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("dir/warm", "warm/1")
	for _, k := range []string{"dir/a", "dir/b", "c"} {
		b.cold(k, "DEEP_ARCHIVE")
	}
	b.refresh()
	var last DeletePlan
	cancel := b.vm.PlanDelete(b.picked("dir/", "c"), func(p DeletePlan) { last = p })
	defer cancel()
	b.until("the count", func() bool { return !last.Counting && last.Objects > 0 })
	if last.Objects != 4 || last.Archived != 3 || last.Restorable != 3 || !mayRestore(last) {
		t.Errorf("%+v", last)
	}
	defer b.vm.PlanDelete(b.picked("warm/"), func(p DeletePlan) { last = p })()
	if !mayRestore(last) {
		t.Errorf("before it is counted there is said to be nothing: %+v", last)
	}
	b.until("the count", func() bool { return !last.Counting })
	if last.Objects != 1 || mayRestore(last) {
		t.Errorf("of a folder without archived objects: %+v", last)
	}
	w := &Window{s: Services{Preferences: b.prefs}}
	if got := w.restoreLines(last, "3", false); len(got) != 2 || !strings.HasPrefix(got[1].words, "Nothing to restore") {
		t.Errorf("it says %+v", got)
	}
	b.vm.Restore(b.picked("dir/", "c"), storage.RestoreOptions{Days: 1, Tier: "Bulk"}, nil)
	list := b.transfersEnd(1)
	if list[0].Kind != transfer.Restore || list[0].FilesDone != 3 || list[0].Skipped != 1 {
		t.Errorf("%+v", list[0])
	}
	b.until("its row", func() bool { return b.note("c") == "restoring" })
}

// A download of what is in an archive offers the restore, and goes on by itself once the copies are there.
func TestDownload_OfTheArchivedOffersARestoreAndGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("warm")
	b.cold("cold", "GLACIER")
	b.refresh()
	b.vm.Download(b.picked("cold", "warm"), "")
	b.watch("the offer", func([]transfer.Transfer) bool { return len(b.reports) == 1 })
	p := b.reports[0]
	if len(p.Failures) != 1 || len(p.Archived) != 1 || p.Archived[0].At.Key != "cold" || p.Readable == nil {
		t.Fatalf("%+v", p)
	}
	b.vm.Restore(p.Archived, storage.RestoreOptions{Days: 2, Tier: "Expedited"}, p.Readable)
	b.until("the wish", func() bool { return b.server.CountRequests("RestoreObject", "", 0) == 1 })
	b.server.AdvanceClock(6 * time.Minute)
	b.watch("the download", func(list []transfer.Transfer) bool { return len(list) == 1 && list[0].State == transfer.Done })
}

// What waits for the archive goes on after the program, or the window that looked, has ended: the journal has the transfer, and the
// transfer says what it lacked.
func TestDownload_WaitsForTheArchiveThroughAStart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect()
	b.cold("cold", "GLACIER")
	b.refresh()
	b.vm.Download(b.picked("cold"), "")
	b.watch("the offer", func([]transfer.Transfer) bool { return len(b.reports) == 1 })
	kept := 0
	b.vm.Awaited.Changed = func() { kept++ }
	b.vm.Restore(b.reports[0].Archived, storage.RestoreOptions{Days: 2, Tier: "Expedited"}, b.reports[0].Readable)
	b.until("the wish", func() bool { return kept == 1 })
	ids := b.vm.Awaited.IDs()
	b.vm.Disconnect()
	again := &Awaited{}
	again.Use(append(ids, 4711)) // and one that has been removed meanwhile
	b.vm.Awaited = again
	b.vm.Connect(b.spec(), storage.Location{Bucket: "bucket"})
	b.until("the list", func() bool { return b.vm.conn != nil && !b.vm.Listing() })
	if got := again.IDs(); len(ids) != 1 || len(got) != 1 || got[0] != ids[0] {
		t.Fatalf("%v wait, %v after the start", ids, got)
	}
	b.server.AdvanceClock(6 * time.Minute)
	b.watch("the download", func(list []transfer.Transfer) bool { return len(list) == 1 && list[0].State == transfer.Done })
	if got := again.IDs(); len(got) != 0 {
		t.Errorf("%v wait for nothing", got)
	}
}

// watch tells the view-model how the transfers stand until ok holds.
func (b *bench) watch(what string, ok func([]transfer.Transfer) bool) {
	b.t.Helper()
	end := time.After(30 * time.Second)
	for {
		_, list, _ := b.queue.Snapshot(0)
		b.vm.Transfers(list)
		if ok(list) {
			return
		}
		select {
		case <-b.queue.Changed():
		case f := <-b.posted:
			f()
		case <-end:
			b.t.Fatalf("%s has not happened: %+v; reports %+v", what, list, b.reports)
		}
	}
}

func TestChange_OneAtOnceAndManyAsAJob(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.connect("dir/a", "dir/b", "one")
	class := func(key string) string {
		info, err := s.Stat(context.Background(), storage.Location{Bucket: "bucket", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		return info.Class
	}
	b.vm.Change(b.picked("one"), storage.Edit{Class: "STANDARD_IA"})
	b.until("the change", func() bool { return strings.Contains(b.notice, "“one” changed") })
	if _, list, _ := b.queue.Snapshot(0); len(list) != 0 || class("one") != "STANDARD_IA" {
		t.Errorf("%+v, %s", list, class("one"))
	}
	b.until("its row", func() bool { return !b.vm.Listing() && b.picked("one")[0].Class == "STANDARD_IA" })
	b.vm.Change(b.picked("one"), storage.Edit{Class: "STANDARD_IA"})
	b.until("no change", func() bool { return strings.Contains(b.notice, "so already") })
	b.vm.Change(b.picked("dir/", "one"), storage.Edit{Class: "ONEZONE_IA"})
	if list := b.transfersEnd(1); list[0].Kind != transfer.Change || list[0].FilesDone != 3 || class("dir/b") != "ONEZONE_IA" || class("one") != "ONEZONE_IA" {
		t.Errorf("%+v", list)
	}
	b.cold("cold", "GLACIER")
	b.refresh()
	b.vm.Change(b.picked("cold"), storage.Edit{Class: "STANDARD"})
	b.until("the offer", func() bool { return len(b.reports) == 1 })
	if p := b.reports[0]; len(p.Archived) != 1 || p.Readable == nil {
		t.Errorf("%+v", p)
	}
}

func TestChange_PublicAndPrivate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.connect("one", "dir/a")
	ctx := context.Background()
	status := func(key string) int {
		u, err := s.URL(storage.Location{Bucket: "bucket", Key: key}, s.WebKind())
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(u)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	one := storage.Location{Bucket: "bucket", Key: "one"}
	if _, err := s.ChangeACL(ctx, one, []storage.Grant{{Grantee: storage.Grantee{URI: storage.GroupLogDelivery}, Permission: storage.GrantRead}}, nil); err != nil {
		t.Fatal(err)
	}
	b.vm.Change(b.picked("one"), publicEdit(true))
	b.until("the change", func() bool { return b.notice != "" })
	b.vm.Change(b.picked("dir/", "one"), publicEdit(true))
	b.transfersEnd(1)
	if status("one") != http.StatusOK || status("dir/a") != http.StatusOK {
		t.Errorf("public: %d, %d", status("one"), status("dir/a"))
	}
	f, err := s.EffectiveAccess(ctx, one)
	if o := publicObstacle(f, true); err != nil || o != (obstacle{}) {
		t.Errorf("%+v, %v", o, err)
	}
	b.vm.Change(b.picked("dir/", "one"), publicEdit(false))
	b.transfersEnd(2)
	if status("one") != http.StatusForbidden || status("dir/a") != http.StatusForbidden {
		t.Errorf("private: %d, %d", status("one"), status("dir/a"))
	}
	a, err := s.ACL(ctx, one)
	if err != nil || !a.Allows(storage.Grant{Grantee: storage.Grantee{URI: storage.GroupLogDelivery}, Permission: storage.GrantRead}) {
		t.Errorf("another's grant: %+v, %v", a, err)
	}
	if err := s.SetPublicAccessBlock(ctx, storage.Location{Bucket: "bucket"}, storage.PublicAccessBlock{BlockPublicAcls: true}); err != nil {
		t.Fatal(err)
	}
	if f, err = s.EffectiveAccess(ctx, one); err != nil || !publicObstacle(f, true).stops || publicObstacle(f, false).stops {
		t.Errorf("blocked: %+v, %v", f.Block, err)
	}
}

// What cannot be read before is named and asked about; the permission that is missing stands in the report of all else.
func TestChange_WhatIsDenied(t *testing.T) {
	t.Parallel()
	var denied atomic.Pointer[string]
	deny := func(s string) { denied.Store(&s) }
	b := newBenchOf(t, demo.Options{Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if d := denied.Load(); d != nil && strings.HasPrefix(r.Method+" "+r.URL.RawQuery, *d) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	b.connect("one")
	b.cold("cold", "GLACIER")
	b.refresh()
	deny("GET acl")
	b.vm.Change(b.picked("one"), storage.Edit{Class: "STANDARD_IA"})
	b.until("the question", func() bool { return len(b.reports) == 1 })
	if p := b.reports[0]; len(p.Lost) == 0 || p.Plain == nil {
		t.Fatalf("%+v", p)
	}
	b.reports[0].Plain()
	b.until("the change", func() bool { return strings.Contains(b.notice, "“one” changed") })
	// The same of a job, whose failures come out of the journal.
	deny("GET tagging")
	for _, key := range []string{"two", "three"} { // with tags: of others the head tells that there are none
		b.cold(key, "")
		if err := b.vm.conn.Session.SetTags(context.Background(), storage.Location{Bucket: "bucket", Key: key}, map[string]string{"t": "1"}); err != nil {
			t.Fatal(err)
		}
	}
	b.refresh()
	b.vm.Change(b.picked("two", "three"), storage.Edit{Class: "STANDARD_IA"})
	b.watch("the question about the job", func([]transfer.Transfer) bool { return len(b.reports) == 2 })
	if p := b.reports[1]; !slices.Equal(p.Lost, []string{"tags"}) || len(p.Failures) != 2 || p.Plain == nil {
		t.Fatalf("%+v", p)
	}
	b.reports[1].Plain()
	b.watch("the job", func(list []transfer.Transfer) bool {
		return len(list) == 2 && (list[0].State == transfer.Done || list[1].State == transfer.Done)
	})
	for i, c := range []struct {
		denied, permission string
		do                 func()
	}{
		{"POST restore", "s3:RestoreObject", func() { b.vm.Restore(b.picked("cold"), storage.RestoreOptions{Days: 1}, nil) }},
		{"PUT acl", "s3:PutObjectAcl", func() { b.vm.Change(b.picked("one"), publicEdit(true)) }},
	} {
		deny(c.denied)
		c.do()
		b.until("the report", func() bool { return len(b.reports) == i+3 })
		var e *storage.Error
		if !errors.As(b.reports[i+2].Failures[0].Err, &e) || e.Permission != c.permission {
			t.Errorf("%s: %+v", c.denied, e)
		}
	}
}
