package browser

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/storage"
)

// aged is a bucket with a past: a changed, gone deleted, new made since, dir/x changed; then is a time before all of that.
func (b *bench) aged() (s *storage.Session, then time.Time) {
	b.t.Helper()
	s = b.connect()
	b.goTo(storage.Location{})
	now := time.Now()
	if err := b.server.AddBucket("aged", now.AddDate(0, -3, 0), true); err != nil {
		b.t.Fatal(err)
	}
	put := func(key, content string, days int, marker bool) {
		o := demo.Object{Bucket: "aged", Key: key, Body: []byte(content), Modified: now.AddDate(0, 0, -days), Marker: marker}
		if err := b.server.Add(o); err != nil {
			b.t.Fatal(err)
		}
	}
	put("a", "a then", 20, false)
	put("dir/x", "x then", 20, false)
	put("gone", "gone then", 20, false)
	put("same", "same", 20, false)
	put("a", "a now", 5, false)
	put("dir/x", "x now", 5, false)
	put("gone", "", 5, true)
	put("new", "new", 5, false)
	b.goTo(storage.Location{Bucket: "aged"})
	return s, now.AddDate(0, 0, -10)
}

// notes are the visible rows with their notes.
func (b *bench) notes() []string {
	var out []string
	for i := range b.vm.store.Len() {
		it, _ := b.vm.store.Get(b.vm.store.Key(i))
		out = append(out, strings.TrimSuffix(it.Name+": "+it.Note, ": "))
	}
	return out
}

func TestAsOf_ShowsAndFetchesWhatWas(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, then := b.aged()
	equal(t, "now", b.names(), []string{"dir/", "a", "new", "same"})
	b.vm.AsOf(then)
	b.until("the past", func() bool { return !b.vm.Listing() })
	equal(t, "then", b.notes(), []string{"dir/", "a: changed since", "gone: deleted since", "same"})
	if b.vm.Past() != then || !b.vm.isOld(b.row("dir/")) {
		t.Error("the past can be changed")
	}
	items := []Item{b.item("a"), b.item("gone")}
	if !items[0].Old() || CanMove(items, storage.Location{Bucket: "aged", Key: "dir/"}, false) {
		t.Errorf("items %+v", items)
	}
	b.vm.Download(items, "")
	b.transfersEnd(1)
	for name, want := range map[string]string{"a": "a then", "gone": "gone then"} {
		if got, err := os.ReadFile(filepath.Join(b.vm.Downloads, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	b.vm.Download([]Item{b.item("dir/"), b.item("same")}, "")
	b.until("the folder is listed", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) >= 3 })
	b.transfersEnd(3)
	if got, err := os.ReadFile(filepath.Join(b.vm.Downloads, "dir", "x")); err != nil || string(got) != "x then" {
		t.Errorf("dir/x: %q, %v", got, err)
	}

	b.goTo(storage.Location{Bucket: "aged", Key: "dir/"})
	equal(t, "a folder then", b.notes(), []string{"x: changed since"})
	b.vm.AsOf(time.Time{})
	b.until("now", func() bool { return !b.vm.Listing() })
	equal(t, "the folder now", b.notes(), []string{"x"})
}

func TestAsOf_RestoreToThisPointAfterALook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, then := b.aged()
	at := storage.Location{Bucket: "aged"}
	b.vm.AsOf(then)
	b.until("the past", func() bool { return !b.vm.Listing() })
	var plan RewindPlan
	defer b.vm.PlanRewind(at, then, func(p RewindPlan) { plan = p })()
	b.until("the plan", func() bool { return !plan.Counting })
	if plan.Copies != 2 || plan.Undeletes != 1 || plan.Deletes != 1 || plan.Same != 1 || plan.Bytes != 12 || plan.Err != nil || len(plan.First) != 4 {
		t.Fatalf("plan %+v", plan)
	}
	b.vm.Rewind(plan)
	b.until("the end", func() bool { return b.vm.deed == nil && b.vm.Past().IsZero() && !b.vm.Listing() })
	equal(t, "restored", b.names(), []string{"dir/", "a", "gone", "same"})
	for key, want := range map[string]string{"a": "a then", "dir/x": "x then", "gone": "gone then", "same": "same"} {
		if got := contentOf(t, s, storage.Location{Bucket: "aged", Key: key}); got != want {
			t.Errorf("%s is %q", key, got)
		}
	}
	if !strings.HasPrefix(b.notice, "4 objects") || len(b.reports) > 0 {
		t.Errorf("said %q, reports %+v", b.notice, b.reports)
	}
	defer b.vm.PlanRewind(at, then, func(p RewindPlan) { plan = p })()
	b.until("the plan again", func() bool { return !plan.Counting })
	if plan.Changes() != 0 || plan.Same != 4 { // new is gone, then and now
		t.Errorf("plan after it %+v", plan)
	}
}

func TestAsOf_WithoutVersionsIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("a")
	b.vm.AsOf(time.Now().Add(-time.Hour))
	b.until("the refusal", func() bool { return b.vm.Err() != nil && !b.vm.Listing() })
	if got := reason(b.vm.Err()); !strings.Contains(got, "keeps no older versions") {
		t.Errorf("said %q", got)
	}
	b.vm.AsOf(time.Time{})
	b.until("now", func() bool { return !b.vm.Listing() })
	if !slices.Equal(b.names(), []string{"a"}) || b.vm.Err() != nil {
		t.Errorf("rows %q, %v", b.names(), b.vm.Err())
	}
}

func TestPastTime_ReadsMomentsAndSpans(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.Local)
	for typed, want := range map[string]time.Time{"2026-11-20 14:00": time.Date(2026, 11, 20, 14, 0, 0, 0, time.Local), "2h": now.Add(-2 * time.Hour), " 3d ": now.Add(-72 * time.Hour)} {
		if got, wrong := pastTime(typed, now); wrong != "" || !got.Equal(want) {
			t.Errorf("%q: %s, %q", typed, got, wrong)
		}
	}
	for _, typed := range []string{"", "soon", "2026-11-22", "-1h", "0s"} {
		if got, wrong := pastTime(typed, now); wrong == "" {
			t.Errorf("%q: %s", typed, got)
		}
	}
}
