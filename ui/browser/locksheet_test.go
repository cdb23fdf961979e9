package browser

import (
	"context"
	"testing"
	"time"

	"pintail/storage"
	"pintail/transfer"
)

func TestLockChoice(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		choice  lockChoice
		some    bool
		problem string
	}{
		{"nothing", lockChoice{}, false, ""},
		{"only a hold", lockChoice{hold: holdOn}, true, ""},
		{"no end", lockChoice{retention: retentionGovernance}, true, "The end is a date and time, like 2027-03-01 12:00"},
		{"in the past", lockChoice{retention: retentionCompliance, until: "2026-02-28"}, true, "A retention ends in the future"},
		{"right", lockChoice{retention: retentionCompliance, until: " 2026-03-02 13:00 "}, true, ""},
		{"away", lockChoice{retention: retentionNone, bypass: true}, true, ""},
	} {
		e := c.choice.edit(now.Location())
		if got := c.choice.problem(now); got != c.problem || (e != nil) != c.some {
			t.Errorf("%s: %q, %+v", c.name, got, e)
		}
	}
	l := lockChoice{retention: retentionCompliance, until: "2026-03-02 13:00", hold: holdOff}.edit(now.Location())
	if r := l.Retention; r.Mode != "COMPLIANCE" || !r.Until.Equal(now.Add(25*time.Hour)) || r.Bypass || *l.Hold {
		t.Errorf("%+v", l)
	}
	if r := (lockChoice{retention: retentionNone, bypass: true}).edit(now.Location()).Retention; r.Mode != "" || !r.Until.IsZero() || !r.Bypass {
		t.Errorf("away is %+v", r)
	}
}

func TestLock_ABucketAsAJob(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("x")
	ctx := context.Background()
	s := b.vm.conn.Session
	if err := s.MakeBucket(ctx, "locked", storage.MakeBucketOptions{ObjectLock: true}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "d/b"} {
		if _, err := s.Put(ctx, storage.Location{Bucket: "locked", Key: key}, storage.Body{R: body(key), Size: int64(len(key))}, storage.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	c := lockChoice{retention: retentionGovernance, until: "2090-01-01", hold: holdOn}
	b.vm.Change([]Item{{At: storage.Location{Bucket: "locked"}, Folder: true}}, storage.Edit{Lock: c.edit(time.UTC)})
	if list := b.transfersEnd(1); list[0].Kind != transfer.Change || list[0].FilesDone != 2 {
		t.Fatalf("%+v", list)
	}
	for _, key := range []string{"a", "d/b"} {
		i, err := s.Stat(ctx, storage.Location{Bucket: "locked", Key: key})
		if err != nil || !i.Lock.Hold || i.Lock.Mode != "GOVERNANCE" || i.Lock.Until.Year() != 2090 {
			t.Errorf("%s: %+v, %v", key, i.Lock, err)
		}
	}
}
