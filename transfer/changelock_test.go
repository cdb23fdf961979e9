package transfer_test

import (
	"fmt"
	"testing"
	"time"

	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// A folder of versions is retained and held as one job; what is so already is skipped, what may not be is reported, an object each.
func TestChange_LocksOfAFolder(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		proof{"object.lockmany"}.on(b)
		bucket := fmt.Sprintf("locks-%x", time.Now().UnixNano())
		err := b.Session.MakeBucket(t.Context(), bucket, storage.MakeBucketOptions{ObjectLock: true})
		if err != nil {
			t.Fatal(err)
		}
		at := func(i int) storage.Location { return storage.Location{Bucket: bucket, Key: fmt.Sprintf("d/%02d", i)} }
		const n = 12
		versions := map[int]string{}
		for i := range n {
			w, err := b.Session.Put(t.Context(), at(i), storage.Body{}, storage.WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			versions[i] = w.Version
		}
		end := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
		if err := b.Session.SetRetention(t.Context(), at(3), storage.RetentionGovernance, end.Add(time.Hour), false); err != nil {
			t.Fatal(err)
		}
		yes := true
		edit := storage.Edit{Lock: &storage.LockEdit{Retention: &storage.Retention{Mode: storage.RetentionGovernance, Until: end}, Hold: &yes}}
		q := b.Queue()
		run := func(e storage.Edit) transfer.Summary {
			t.Helper()
			id, err := q.Add(t.Context(), transfer.Changing("", e, storage.Location{Bucket: bucket, Key: "d/"}))
			if err != nil {
				t.Fatal(err)
			}
			return b.Wait(q, id)
		}
		s := run(edit)
		if s.Done != n-1 || s.Failed != 1 || storage.KindOf(s.Errors[0].Err) != storage.KindInvalid {
			t.Fatalf("%+v", s)
		}
		for i := range n {
			info, err := b.Session.Stat(t.Context(), at(i))
			if l := info.Lock; err != nil || info.Location.Version != versions[i] || i != 3 && (!l.Until.Equal(end) || !l.Hold) || i == 3 && l.Hold {
				t.Errorf("%d: %+v, %v", i, info, err)
			}
		}
		edit.Lock.Retention.Bypass = true
		if s := run(edit); s.Done != 1 || s.Skipped != n-1 || s.Failed != 0 {
			t.Errorf("set aside: %+v", s)
		}
	})
}
