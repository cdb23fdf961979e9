package info

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/internal/faultserver"
	"pintail/internal/testkit/client"
	"pintail/internal/testkit/features"
	"pintail/internal/testkit/servers"
	"pintail/storage"
	"pintail/ui/look"
)

func TestLock_OnVersitygw(t *testing.T) { locksOn(t, servers.SharedVersitygw(t)) }
func TestLock_OnRGW(t *testing.T)       { locksOn(t, servers.SharedRGW(t)) }

// seenLock is a lock as the independent client prints it.
type seenLock struct {
	Retention struct{ Mode, RetainUntilDate string }
	LegalHold struct{ Status string }
}

// locksOn sets, lengthens and takes away locks of two objects, reading each back with the independent client.
func locksOn(t *testing.T, srv *servers.Server) {
	b := newBench(t)
	b.moveTo(srv)
	ctx := context.Background()
	bucket := fmt.Sprintf("locks-%x", time.Now().UnixNano())
	b.must(b.s.MakeBucket(ctx, bucket, storage.MakeBucketOptions{ObjectLock: true}))
	put := func(key string) Item {
		at := storage.Location{Bucket: bucket, Key: key}
		w, err := b.s.Put(ctx, at, storage.Body{R: strings.NewReader("x"), Size: 1}, storage.WriteOptions{})
		b.must(err)
		return Item{At: at, Size: 1, ETag: w.ETag}
	}
	one, two := put("one"), put("two")
	other := client.For(t, srv)
	read := func(it Item) (out seenLock) {
		for _, op := range []string{"get-object-retention", "get-object-legal-hold"} {
			raw, err := other.Try(op, map[string]any{"Bucket": bucket, "Key": it.At.Key})
			if err == nil {
				b.must(json.Unmarshal(raw, &out))
			}
		}
		return out
	}
	b.vm.Choose(Service)
	b.show(one, two)
	b.calm()
	if open, reason := b.vm.LockState(); !open {
		t.Fatalf("locks cannot be edited: %q", reason)
	}
	end := time.Now().Add(48 * time.Hour).Truncate(time.Minute)
	b.vm.SetRetention(governance, end.Format(endForms()[0]))
	b.vm.SetHold(true)
	if o := b.apply(); o.Done != 2 || len(o.Failed) > 0 {
		t.Fatalf("outcome %+v", o)
	}
	for _, it := range []Item{one, two} {
		l := read(it)
		if when, err := time.Parse(time.RFC3339, l.Retention.RetainUntilDate); err != nil || l.Retention.Mode != governance || !when.Equal(end) || l.LegalHold.Status != "ON" {
			t.Errorf("%s: the independent client reads %+v", it.At.Key, l)
		}
	}
	b.show(one)
	b.calm()
	b.vm.SetHold(false)
	b.vm.SetRetention(governance, end.Add(-time.Hour).Format(endForms()[0]))
	if _, asked := b.vm.Bypass(); !asked || b.vm.CanApply() {
		t.Errorf("a retention can be made shorter without a question: %q", b.vm.Problem())
	}
	b.vm.SetBypass(true)
	if o := b.apply(); o.Done != 1 {
		t.Fatalf("shorter: %+v", o)
	}
	if l := read(one); l.LegalHold.Status == "ON" || !strings.HasPrefix(l.Retention.RetainUntilDate, end.Add(-time.Hour).UTC().Format("2006-01-02T15:04")) {
		t.Errorf("shorter and not held: %+v", l)
	}
	b.show(one, two)
	b.calm()
	if mode, _ := b.vm.Retention(); mode != "" || b.vm.Hold() != "" || len(b.vm.Changes()) > 0 {
		t.Errorf("different ones show %q, %q, %+v", mode, b.vm.Hold(), b.vm.Changes())
	}
	b.vm.SetHold(false)
	if o := b.apply(); o.Done != 2 {
		t.Fatalf("hold off: %+v", o)
	}
	if l := read(two); l.LegalHold.Status == "ON" || !strings.HasPrefix(l.Retention.RetainUntilDate, end.UTC().Format("2006-01-02T15:04")) {
		t.Errorf("what was not touched has changed: %+v", l)
	}
	features.Proved(t, "window.lock", string(srv.Name), srv.Version)
}

// Nothing is sent that S3 would refuse, and what cannot be taken back is said before.
func TestLock_AsksAndRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	draft := func(mode string, days int) lock {
		h := storage.Info{Lock: storage.Lock{Mode: mode}}
		if mode != "" {
			h.Lock.Until = now.AddDate(0, 0, days).Add(30 * time.Second)
		}
		return newLock([]storage.Info{h}, now)
	}
	for _, c := range []struct {
		name          string
		l             lock
		mode, until   string
		bypass, asked bool
		problem       string
	}{
		{"from none", draft("", 0), governance, "2026-03-02", false, false, ""},
		{"no end", draft("", 0), governance, "", false, false, "The end is a date and time, like 2027-03-01 12:00"},
		{"in the past", draft("", 0), compliance, "2026-02-28", false, false, "A retention ends in the future"},
		{"longer", draft(governance, 5), governance, "2026-03-20", false, false, ""},
		{"shorter", draft(governance, 5), governance, "2026-03-05", false, true, "GOVERNANCE must be set aside for it"},
		{"shorter with the right", draft(governance, 5), governance, "2026-03-05", true, true, ""},
		{"stricter with the same end", draft(governance, 5), compliance, "2026-03-06 12:00", false, true, ""},
		{"taken away", draft(governance, 5), lockNone, "", false, true, "GOVERNANCE must be set aside for it"},
		{"COMPLIANCE longer", draft(compliance, 5), compliance, "2026-03-20", false, false, ""},
		{"COMPLIANCE shorter", draft(compliance, 5), compliance, "2026-03-05", true, false, "A COMPLIANCE retention can only be made longer"},
		{"COMPLIANCE away", draft(compliance, 5), lockNone, "", true, false, "A COMPLIANCE retention can only be made longer"},
		{"COMPLIANCE that has ended", draft(compliance, -5), governance, "2026-03-05", false, false, ""},
	} {
		l := c.l
		l.mode, l.until, l.bypass = c.mode, c.until, c.bypass
		if got := l.problem(); got != c.problem || l.bypassable() != c.asked {
			t.Errorf("%s: %q, asked %v", c.name, got, l.bypassable())
		}
		if c.mode == compliance && c.problem == "" && len(l.effects()) != 1 {
			t.Errorf("%s: it says %q", c.name, l.effects())
		}
	}
	l := draft(governance, 5)
	l.mode = compliance
	if e := l.edit(); !e.until.Equal(now.AddDate(0, 0, 5).Add(30 * time.Second)) {
		t.Errorf("the seconds of an end that nobody touched are lost: %s", e.until)
	}
}

func TestPane_Lock(t *testing.T) {
	srv := servers.SharedVersitygw(t)
	b := newBench(t)
	b.vm.Now = func() time.Time { return time.Now().UTC() }
	d := newDesk(t, b, look.Light, LeastWidth)
	b.show(b.put("plain", "1", storage.WriteOptions{}))
	d.tap("info.tabs", "S3")
	b.calm()
	d.keep("nolock")
	if p, _ := d.reg.Part("info.retention"); p.Enabled || d.text("info.lock.reason") == "" {
		t.Errorf("a bucket without lock says %q, retention enabled %v", d.text("info.lock.reason"), p.Enabled)
	}
	b.moveTo(srv)
	bucket := fmt.Sprintf("locks-%x", time.Now().UnixNano())
	b.must(b.s.MakeBucket(context.Background(), bucket, storage.MakeBucketOptions{ObjectLock: true}))
	at := storage.Location{Bucket: bucket, Key: "key"}
	_, err := b.s.Put(context.Background(), at, storage.Body{R: strings.NewReader("x"), Size: 1}, storage.WriteOptions{})
	b.must(err)
	b.show(Item{At: at, Size: 1})
	b.calm()
	v := d.pane.views[Service].(*serviceView).lock
	v.mode.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	d.win.Canvas().Focus(v.until)
	end := time.Now().UTC().Add(time.Hour).Truncate(time.Minute)
	test.Type(v.until, end.Format(endForms()[0]))
	if s := d.text("info.status"); s != "1 change" {
		t.Errorf("the foot says %q", s)
	}
	d.inside("lock")
	d.press("info.apply")
	d.keep("locklook")
	d.press("dialog.ok")
	b.until("the change", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
	if i := b.stat(Item{At: at}); i.Lock.Mode != governance || !i.Lock.Until.Equal(end) {
		t.Errorf("the server has %+v", i.Lock)
	}
	b.vm.SetRetention(governance, end.Add(-30*time.Minute).Format(endForms()[0]))
	d.inside("bypass")
	d.keep("lock")
	d.press("info.bypass")
	if !b.vm.CanApply() {
		t.Errorf("it cannot be set aside: %q", b.vm.Problem())
	}
	if o := b.apply(); o.Done != 1 {
		t.Errorf("shorter: %+v", o)
	}
	if i := b.stat(Item{At: at}); !i.Lock.Until.Equal(end.Add(-30 * time.Minute)) {
		t.Errorf("afterwards the server has %+v", i.Lock)
	}
}

// A lock that may not be seen is not shown as none: the head leaves it out, and the question is refused.
func TestLock_ThatMayNotBeSeenIsNotNone(t *testing.T) {
	t.Parallel()
	b := newBench(t, faultserver.Rule{Op: "GetObjectLegalHold", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	b.must(b.s.MakeBucket(context.Background(), "locked", storage.MakeBucketOptions{ObjectLock: true}))
	at := storage.Location{Bucket: "locked", Key: "k"}
	_, err := b.s.Put(context.Background(), at, storage.Body{R: strings.NewReader("x"), Size: 1}, storage.WriteOptions{})
	b.must(err)
	b.on(Item{At: at, Size: 1}, Service)
	b.calm()
	if open, reason := b.vm.LockState(); open || !strings.Contains(reason, "s3:GetObjectLegalHold") {
		t.Errorf("open %v, %q", open, reason)
	}
	if mode, _ := b.vm.Retention(); mode != "" || b.vm.Hold() != "" || len(b.vm.Changes()) != 0 {
		t.Errorf("it says %q and %q with %d changes", mode, b.vm.Hold(), len(b.vm.Changes()))
	}
}
