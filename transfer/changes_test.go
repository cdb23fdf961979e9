package transfer_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"pintail/transfer"
	"pintail/transfer/transfertest"
)

func TestUpload_FileChangedMeanwhile(t *testing.T) {
	for _, c := range []struct {
		name   string
		size   int64
		op     string
		change func(path string) error
	}{
		{"parts, written", 30 * mib, "UploadPart", func(p string) error { return write(p, 29*mib, "x") }},
		{"parts, shorter", 30 * mib, "UploadPart", func(p string) error { return os.Truncate(p, 7) }},
		{"parts, replaced", 30 * mib, "UploadPart", func(p string) error { return os.Rename(p+".new", p) }},
		{"parts, gone", 30 * mib, "UploadPart", os.Remove},
		{"parts, before Complete", 30 * mib, "CompleteMultipartUpload", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGate(c.op, 1)
			if c.change == nil {
				g = newGate("UploadPart", 5)
				c.change = func(p string) error { return write(p, 0, "x") }
			}
			b := transfertest.New(t, g.server)
			old := b.Object("large", 100, 9)
			path := b.File("large", c.size, 1)
			b.File("large.new", c.size, 2)
			q := b.Queue()
			id, err := q.Add(t.Context(), parts5(b.Upload(path, "large")))
			if err != nil {
				t.Fatal(err)
			}
			<-g.arrived
			if err := c.change(path); err != nil {
				t.Fatal(err)
			}
			close(g.open)
			s := b.Wait(q, id)
			if s.State != transfer.Failed || s.Failed != 1 || !errors.Is(s.Errors[0].Err, transfer.ErrChanged) {
				t.Fatalf("%+v", s)
			}
			mustHold(b, "large", old)
			if n := b.Server.Demo.CountRequests("CompleteMultipartUpload", "", 0); n != 0 {
				t.Errorf("%d times completed", n)
			}
			if c.name == "parts, gone" {
				return
			}
			// Tried again, the file as it is now goes up, and the old parts go away.
			b.Forget(path)
			if err := q.Resume(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if s := b.Wait(q, id); s.State != transfer.Done {
				t.Fatalf("%+v", s)
			}
		})
	}
}

func write(path string, off int64, s string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(s), off)
	return errors.Join(err, f.Close())
}

func TestUpload_SmallFileChangedWhileItIsSent(t *testing.T) {
	b := transfertest.New(t, embedded)
	path := b.File("f", 3*mib, 1)
	q := b.Queue(func(c *transfer.Config) { c.Limits.UpBytes = 1 << 20 })
	id, err := q.Add(t.Context(), b.Upload(path, "f"))
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, q, func() bool { return state(q, id).BytesDone > 0 })
	if err := write(path, 0, "changed"); err != nil {
		t.Fatal(err)
	}
	q.SetLimits(transfer.Limits{})
	if s := b.Wait(q, id); s.Failed != 1 || !errors.Is(s.Errors[0].Err, transfer.ErrChanged) {
		t.Fatalf("%+v", s)
	}
	mustNotBe(b, "f")
}

func TestDownload_ObjectChangedMeanwhile(t *testing.T) {
	for _, often := range []int{1, 2} {
		t.Run(fmt.Sprint(often), func(t *testing.T) {
			g := newGate("GetObject", 1)
			b := transfertest.New(t, g.server)
			b.Object("large", 30*mib, 1)
			old := b.Old("large", "old")
			q := b.Queue(func(c *transfer.Config) { c.Limits.Connections = 1 })
			id, err := q.Add(t.Context(), parts5(b.Download("large", "large")))
			if err != nil {
				t.Fatal(err)
			}
			for i := range often {
				<-g.arrived
				b.Object("large", 30*mib, uint64(2+i))
				g.mu.Lock()
				g.free = g.seen + 1 // the first range of the second try
				if i == often-1 {
					g.free = 1 << 30
				}
				g.mu.Unlock()
				g.open <- struct{}{}
			}
			s := b.Wait(q, id)
			if often == 1 {
				if s.State != transfer.Done {
					t.Fatalf("%+v", s)
				}
				return
			}
			if s.Failed != 1 || !errors.Is(s.Errors[0].Err, transfer.ErrObjectChanged) {
				t.Fatalf("%+v", s)
			}
			if c, err := os.ReadFile(old); err != nil || string(c) != "old" {
				t.Errorf("the old file was touched: %q, %v", c, err)
			}
		})
	}
}

func TestDownload_ObjectChangedBetweenRuns(t *testing.T) {
	g := newGate("GetObject", 3)
	b := transfertest.New(t, g.server)
	b.Object("large", 30*mib, 1)
	q := b.Queue()
	id, err := q.Add(t.Context(), parts5(b.Download("large", "large")))
	if err != nil {
		t.Fatal(err)
	}
	<-g.arrived
	q.Stop(id)
	b.Wait(q, id)
	b.Object("large", 30*mib, 2)
	close(g.open)
	if err := q.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
}
