package transfer_test

import (
	"context"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// lost is a rule by which an operation is carried out and its answer never comes.
func lost(op string, times int) faultserver.Rule {
	return faultserver.Rule{Op: op, Kind: faultserver.Reset, At: faultserver.AfterCommit, Times: times}
}

func resumed(b *transfertest.Bench, q *transfer.Queue, id transfer.ID) transfer.Summary {
	b.Helper()
	if err := q.Resume(b.Context(), id); err != nil {
		b.Fatal(err)
	}
	return b.Wait(q, id)
}

// What could not be listed is listed when the transfer is resumed, from where it broke off, and nothing is planned twice.
func TestResume_ListsAgainWhatCouldNotBeListed(t *testing.T) {
	for _, kind := range []transfer.Kind{transfer.Download, transfer.Copy, transfer.Delete} {
		t.Run(string(kind), func(t *testing.T) {
			f := newScript()
			b := transfertest.New(t, f.server)
			r := transfer.Request{Kind: kind}
			for _, dir := range []string{"a/", "b/", "c/"} {
				for i := range 6 {
					b.Object(dir+string(rune('a'+i)), 100, uint64(i))
				}
				r.Sources = append(r.Sources, transfer.Source{Remote: b.Loc(dir)})
			}
			switch kind {
			case transfer.Download:
				r.Target.Local = b.Root
			case transfer.Copy:
				r.Target.Remote = b.Loc("copies/")
			}
			q := faultQueue(b, f, time.Minute)
			denied := refused("ListObjectsV2")
			denied.Number, denied.Times = 2, 2 // the second pages of two folders
			f.set(denied)
			id := added(b, q, r)
			if s := b.Wait(q, id); s.State != transfer.Failed || s.Failed != 2 {
				t.Fatalf("%+v", s)
			}
			b.CloseQueues()
			q = faultQueue(b, f, time.Minute)
			denied.Times = 1
			f.set(denied)
			if s := resumed(b, q, id); s.State != transfer.Failed || s.Failed != 1 {
				t.Fatalf("resumed once: %+v", s)
			}
			f.set()
			s := resumed(b, q, id)
			if s.State != transfer.Done || s.Done != 18 {
				t.Fatalf("resumed twice: %+v", s)
			}
			_, all, _ := q.Snapshot(0)
			if at := all[len(all)-1]; at.Files != 18 || at.FilesDone != 18 || at.Failed != 0 {
				t.Errorf("%+v", at)
			}
		})
	}
}

// A source whose deletion was carried out, and the answer lost for ever, does not hold its move up.
func TestMove_GoesOnWhenTheAnswersOfTheDeletionWereLost(t *testing.T) {
	for _, conditional := range []bool{false, true} {
		f := newScript()
		b := transfertest.New(t, f.server)
		b.Object("from", 1000, 7)
		q := faultQueue(b, f, time.Minute)
		if conditional {
			q = b.Queue(conditionalDeletes(b), func(c *transfer.Config) { c.Now, c.Sleep, c.GiveUp = f.clock.Now, f.clock.Sleep, time.Minute })
		}
		f.set(lost("DeleteObject", -1))
		id := added(b, q, remote(b, transfer.Move, "from", "to"))
		s := b.Wait(q, id)
		f.set()
		if s.State != transfer.Done {
			s = resumed(b, q, id)
		}
		if s.State != transfer.Done || s.Done != 1 {
			t.Errorf("conditional %v: %+v", conditional, s)
		}
		if _, err := b.Session.Stat(t.Context(), b.Loc("to")); err != nil {
			t.Error(err)
		}
	}
}

// A source that was replaced after it was copied is kept, and copied when the move is resumed.
func TestMove_CopiesAgainWhatWasReplacedMeanwhile(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	b.Object("from", 1000, 7)
	q := faultQueue(b, f, time.Minute)
	f.set(faultserver.Rule{Op: "HeadObject", Kind: faultserver.Meanwhile, Times: -1, Meanwhile: func(at demo.Target) {
		if at.Key == "from" {
			b.Object("from", 2000, 8)
		}
	}})
	id := added(b, q, remote(b, transfer.Move, "from", "to"))
	for range 3 {
		if s := b.Wait(q, id); s.State == transfer.Done {
			break
		}
		f.set()
		resumed(b, q, id)
	}
	if s := b.Wait(q, id); s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
	if info, err := b.Session.Stat(t.Context(), b.Loc("to")); err != nil || info.Size != 2000 {
		t.Errorf("%+v, %v", info, err)
	}
}

// A copy whose answer is lost is looked for; one that replaces the metadata looks like its source, and is made again.
func TestCopy_IsFoundWhenItsAnswerWasLost(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	b.Object("from", 1000, 7)
	q := faultQueue(b, f, time.Minute)
	f.set(lost("CopyObject", -1))
	r := remote(b, transfer.Copy, "from", "to")
	b.Server.Demo.ResetRequests()
	b.MustDone(q, r, 1)
	if n := b.Server.Demo.CountRequests("CopyObject", "to", 0); n != 1 {
		t.Errorf("copied %d times", n)
	}
	r = remote(b, transfer.Copy, "from", "other")
	r.Options.ReplaceMeta, r.Options.Write = true, storage.WriteOptions{Metadata: map[string]string{"k": "v"}}
	id := added(b, q, r)
	if s := b.Wait(q, id); s.Unknown != 1 {
		t.Fatalf("%+v", s)
	}
	f.set()
	if s := resumed(b, q, id); s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
	if info, err := b.Session.Stat(t.Context(), b.Loc("other")); err != nil || info.Metadata["k"] != "v" {
		t.Errorf("%+v, %v", info, err)
	}
}

// An upload whose creation was answered after a long wait, and whose answer was lost, is found and ended.
func TestUpload_EndsTheOneWhoseAnswerWasLostAfterALongWait(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	q := faultQueue(b, f, time.Hour)
	f.set(faultserver.Rule{Op: "CreateMultipartUpload", Kind: faultserver.Status, Status: 503, Code: "SlowDown", Header: map[string]string{"Retry-After": "300"}},
		lost("CreateMultipartUpload", 1),
		faultserver.Rule{Op: "ListMultipartUploads", Kind: faultserver.Status, Status: 503, Code: "SlowDown"})
	r := parts5(b.Upload(b.File("f", 6*mib, 5), "up"))
	r.Options.Threshold = 5 * mib
	b.MustDone(q, r, 1) // the bench's check finds uploads that are left
	if n := f.f.Load().Fired(); n != 3 {
		t.Errorf("%d faults were met", n)
	}
}

// A copy in parts that begins anew, because its source changed, ends the upload that it had begun.
func TestCopy_InPartsBegunAnewEndsItsFirstUpload(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	b.Object("large", threeParts, 7)
	q := faultQueue(b, f, time.Minute)
	f.set(faultserver.Rule{Op: "UploadPartCopy", Number: 2, Kind: faultserver.Meanwhile, Meanwhile: func(demo.Target) { b.Object("large", threeParts, 8) }})
	b.MustDone(q, remote(b, transfer.Copy, "large", "to"), 1)
	if n := f.f.Load().Fired(); n != 1 {
		t.Errorf("%d faults were met", n)
	}
	b.Check()
}

// A wrong clock hides no upload whose making was not answered, whether the server refuses requests for it or not.
func TestUpload_LostOnesAreFoundWhereTheClockIsWrong(t *testing.T) {
	for _, late := range []time.Duration{3 * time.Minute, 40 * time.Minute, -3 * time.Minute} {
		t.Run(late.String(), func(t *testing.T) {
			f := newScript()
			b := transfertest.New(t, f.server)
			wrong := func() time.Time { return time.Now().Add(-late) }
			q := b.Queue(func(c *transfer.Config) {
				c.Now = wrong
				c.Connect = func(context.Context, string) (*storage.Session, error) {
					return b.Server.Open(func(c *storage.Config) { c.Now = wrong })
				}
			})
			r := parts5(b.Upload(b.File("large", 6*mib, 1), "large"))
			r.Options.Threshold = 5 * mib
			f.set(faultserver.Rule{Op: "CreateMultipartUpload", Kind: faultserver.Reset, At: faultserver.AfterCommit, Times: 1})
			b.MustDone(q, r, 1)
			if n := b.Server.Demo.CountRequests("CreateMultipartUpload", "large", 0); n < 2 {
				t.Errorf("%d uploads were begun", n)
			}
		})
	}
}
