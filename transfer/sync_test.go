package transfer_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pintail/internal/prompt"
	"pintail/internal/testkit/features"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

// syncUp and syncDown are requests between Src or Root and the bucket's folder "s/".
func syncUp(b *transfertest.Bench, o transfer.SyncOptions) transfer.Request {
	return transfer.Request{
		Kind: transfer.Sync, Sources: []transfer.Source{{Local: b.Src}}, Target: transfer.Target{Remote: b.Loc("s/")}, Sync: &o,
	}
}

func syncDown(b *transfertest.Bench, o transfer.SyncOptions) transfer.Request {
	return transfer.Request{
		Kind: transfer.Sync, Sources: []transfer.Source{{Remote: b.Loc("s/")}}, Target: transfer.Target{Local: b.Root}, Sync: &o,
	}
}

func plan(b *transfertest.Bench, q *transfer.Queue, r transfer.Request) *transfer.SyncPlan {
	b.Helper()
	p, err := q.PlanSync(b.Context(), r)
	if err != nil {
		b.Fatalf("plan: %v", err)
	}
	b.Cleanup(func() {
		if err := p.Close(); err != nil {
			b.Error(err)
		}
	})
	if err := p.Wait(b.Context()); err != nil {
		b.Fatalf("plan: %v", err)
	}
	return p
}

func entries(b *transfertest.Bench, p *transfer.SyncPlan) map[string]transfer.SyncEntry {
	b.Helper()
	list, err := p.Entries(0, 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	m := map[string]transfer.SyncEntry{}
	for _, e := range list {
		m[e.Key] = e
	}
	return m
}

// carryOut plans and does everything; the summary is that of the transfer, zero if there was nothing to do.
func carryOut(b *transfertest.Bench, q *transfer.Queue, r transfer.Request) transfer.Summary {
	b.Helper()
	p := plan(b, q, r)
	id, err := p.Start(b.Context(), nil)
	if errors.Is(err, transfer.ErrNothingToDo) {
		return transfer.Summary{State: transfer.Done}
	}
	if err != nil {
		b.Fatalf("start: %v", err)
	}
	return b.Wait(q, id)
}

func mustSync(b *transfertest.Bench, q *transfer.Queue, r transfer.Request, done int64) {
	b.Helper()
	if s := carryOut(b, q, r); s.State != transfer.Done || s.Done != done || s.Failed+s.Unknown != 0 {
		b.Fatalf("%+v, want %d done", s, done)
	}
}

func anyNumber() *int64 { n := int64(1 << 40); return &n }

func TestSync_UpThenNothing(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Unchecked() // it deletes what was brought over
	features.Proved(t, "sync.plan", features.Embedded, "")
	q := b.Queue()
	b.File("a", 100, 1)
	b.File("dir/b", 2000, 2)
	b.File("dir/deep/c", 0, 3)
	if err := os.MkdirAll(filepath.Join(b.Src, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	extra := b.Object("s/old", 10, 4)
	outside := b.Object("sx", 10, 5)
	p := plan(b, q, syncUp(b, transfer.SyncOptions{}))
	tot := p.Totals()
	if tot.New.Files != 4 || tot.New.Bytes != 2100 || tot.Up.Files != 4 || tot.Kept != 1 || tot.Extra.Files != 0 || !tot.Done || !tot.Differs() {
		t.Fatalf("%+v", tot)
	}
	mustSync(b, q, syncUp(b, transfer.SyncOptions{}), 4)
	mustHold(b, "s/old", extra)
	checkBack(b, "s/dir/b", filepath.Join(b.Src, "dir/b"))
	if tot := plan(b, q, syncUp(b, transfer.SyncOptions{})).Totals(); tot.Differs() || tot.Same != 4 || tot.Kept != 1 {
		t.Fatalf("second time %+v", tot)
	}
	b.File("a", 101, 6)
	if err := os.Remove(filepath.Join(b.Src, "dir/b")); err != nil {
		t.Fatal(err)
	}
	p = plan(b, q, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}))
	got := entries(b, p)
	if len(got) != 3 || got["a"].Class != transfer.SyncChanged || got["a"].Why != transfer.WhySize || got["old"].Class != transfer.SyncDeleted ||
		got["dir/b"].Do != transfer.Delete || got["dir/b"].Reason() == "" {
		t.Fatalf("%+v", got)
	}
	mustSync(b, q, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}), 3)
	mustNotBe(b, "s/old")
	mustNotBe(b, "s/dir/b")
	checkBack(b, "s/a", filepath.Join(b.Src, "a"))
	mustHold(b, "sx", outside)
	mustSync(b, q, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}), 0)
}

func TestSync_DownThenNothing(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Unchecked() // it deletes what was brought over
	q := b.Queue()
	b.Object("s/a", 100, 1)
	b.Object("s/d/b", 200, 2)
	b.Object("s/keep/", 0, 0)
	b.Object("s/keep/c", 7, 3)
	del := transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}
	mustSync(b, q, syncDown(b, del), 4)
	mustSync(b, q, syncDown(b, del), 0)
	for _, rel := range []string{"x/y/z", "keep/more", "a2"} {
		path := filepath.Join(b.Root, rel)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("extra"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Session.MakeFolder(b.Context(), b.Loc("s/new/")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Session.Delete(b.Context(), b.Loc("s/keep/c")); err != nil {
		t.Fatal(err)
	}
	mustSync(b, q, syncDown(b, del), 5) // new/ comes; x/y/z, keep/more, keep/c, a2 go
	for rel, want := range map[string]bool{"x": false, "keep": true, "keep/c": false, "a2": false, "new": true, "a": true} {
		if _, err := os.Lstat(filepath.Join(b.Root, rel)); (err == nil) != want {
			t.Errorf("%s: %v", rel, err)
		}
	}
	mustSync(b, q, syncDown(b, del), 0)
}

func TestSync_TimesAndContent(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	path := b.File("a", 100, 1)
	mustSync(b, q, syncUp(b, transfer.SyncOptions{}), 1)
	// A time ahead of Last-Modified, but the one that was recorded, is the same file.
	ahead := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	touch(t, path, ahead)
	if got := entries(b, plan(b, q, syncUp(b, transfer.SyncOptions{}))); got["a"].Why != transfer.WhyNewer {
		t.Fatalf("%+v", got)
	}
	mustSync(b, q, syncUp(b, transfer.SyncOptions{}), 1)
	mustSync(b, q, syncUp(b, transfer.SyncOptions{}), 0)
	// The same size and an old time: only the content tells.
	if err := os.WriteFile(path, transfertest.Bytes(100, 9), 0o644); err != nil {
		t.Fatal(err)
	}
	b.Forget(path)
	touch(t, path, time.Now().Add(-time.Hour))
	mustSync(b, q, syncUp(b, transfer.SyncOptions{}), 0)
	sum := transfer.SyncOptions{Compare: transfer.CompareChecksum}
	if got := entries(b, plan(b, q, syncUp(b, sum))); got["a"].Why != transfer.WhyContent {
		t.Fatalf("%+v", got)
	}
	mustSync(b, q, syncUp(b, sum), 1)
	mustSync(b, q, syncUp(b, sum), 0)
	touch(t, path, time.Now().Add(2*time.Hour))
	mustSync(b, q, syncUp(b, sum), 0)
	mustSync(b, q, syncUp(b, transfer.SyncOptions{Compare: transfer.CompareSize}), 0)
	mustSync(b, q, syncUp(b, transfer.SyncOptions{SkipExisting: true}), 0)
}

func touch(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestSync_Mirror(t *testing.T) {
	b := transfertest.New(t, embedded)
	features.Proved(t, "sync.mirror", features.Embedded, "")
	q := b.Queue()
	both := func() transfer.Request {
		r := syncDown(b, transfer.SyncOptions{Mirror: true})
		return r
	}
	b.Old("here", "only here")
	there := b.Object("s/there", 50, 1)
	newer := b.Old("newer", "newer here")
	b.Object("s/newer", 3, 2)
	touch(t, newer, time.Now().Add(time.Hour))
	older := b.Old("older", "older here")
	wins := b.Object("s/older", 4, 3)
	touch(t, older, time.Now().Add(-time.Hour))
	b.Forget(older)
	b.Unchecked()
	mustSync(b, q, both(), 4)
	mustHold(b, "s/here", []byte("only here"))
	mustHold(b, "s/newer", []byte("newer here"))
	for rel, want := range map[string][]byte{"there": there, "older": wins} {
		if got, err := os.ReadFile(filepath.Join(b.Root, rel)); err != nil || string(got) != string(want) {
			t.Errorf("%s: %q %v", rel, got, err)
		}
	}
	mustSync(b, q, both(), 0)
	// Nothing says which is right: reported, and both stay.
	info, err := b.Session.Stat(b.Context(), b.Loc("s/there"))
	if err != nil {
		t.Fatal(err)
	}
	path := b.Old("there", "other")
	touch(t, path, info.Modified)
	s := carryOut(b, q, both())
	if s.State != transfer.Failed || s.Failed != 1 || len(s.Errors) != 1 || !errors.Is(s.Errors[0].Err, transfer.ErrConflict) {
		t.Fatalf("%+v", s)
	}
	mustHold(b, "s/there", there)
}

func TestSync_DeletionIsAgreedTo(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Object("s/a", 1, 1)
	b.Object("s/b", 1, 2)
	b.File("c", 3, 3)
	start := func(p prompt.Prompter, most *int64) error {
		q := b.Queue(func(c *transfer.Config) { c.Prompter = p })
		pl := plan(b, q, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: most}))
		id, err := pl.Start(b.Context(), nil)
		if err == nil {
			b.Wait(q, id)
		}
		return err
	}
	one := int64(1)
	for _, c := range []struct {
		p    prompt.Prompter
		most *int64
		want error
	}{
		{nil, nil, transfer.ErrNotAgreed}, {prompt.Nobody{}, nil, transfer.ErrNotAgreed},
		{&prompt.Script{Confirms: []bool{false}}, nil, transfer.ErrNotAgreed}, {nil, &one, transfer.ErrTooManyDeletes},
	} {
		if err := start(c.p, c.most); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	mustNotBe(b, "s/c") // nothing at all was done
	if err := start(&prompt.Script{Confirms: []bool{true}}, nil); err != nil {
		t.Fatal(err)
	}
	mustNotBe(b, "s/a")
	checkBack(b, "s/c", filepath.Join(b.Src, "c"))
}

func TestSync_Switches(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	for i, rel := range []string{"a", "b", "c", "d"} {
		b.File(rel, int64(10*(i+1)), uint64(i))
	}
	b.Object("s/old", 5, 9)
	p := plan(b, q, syncUp(b, transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()}))
	if err := errors.Join(
		p.Switch(0, 2, transfer.SyncFilter{}, false), p.Switch(0, p.Len(), transfer.SyncFilter{Do: []transfer.Kind{transfer.Delete}}, false),
		p.Switch(1, 2, transfer.SyncFilter{Text: "B"}, true)); err != nil {
		t.Fatal(err)
	}
	if tot := p.Totals(); tot.Up != (transfer.SyncCount{Files: 3, Bytes: 90}) || tot.Deleted.Files != 0 || tot.New.Files != 4 || tot.Extra.Files != 1 {
		t.Fatalf("%+v", tot)
	}
	found, err := p.Select(transfer.SyncFilter{Classes: []transfer.SyncClass{transfer.SyncDeleted}}, 0, 0)
	if err != nil || len(found) != 1 || found[0] != 4 {
		t.Fatalf("%v %v", found, err)
	}
	id, err := p.Start(b.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := b.Wait(q, id); s.Done != 3 || s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
	mustNotBe(b, "s/a")
	if _, err := get(b, "s/old"); err != nil {
		t.Error(err)
	}
}

func TestSync_BetweenServers(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Unchecked() // it deletes what was brought over
	other := b.Bucket + "-2"
	if err := b.Session.MakeBucket(b.Context(), other, storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	q := b.Queue()
	for _, second := range []string{"", "second"} {
		r := transfer.Request{
			Kind: transfer.Sync, TargetConnection: second, Sources: []transfer.Source{{Remote: b.Loc("s/")}},
			Target: transfer.Target{Remote: storage.Location{Bucket: other, Key: "t" + second + "/"}},
			Sync:   &transfer.SyncOptions{Delete: true, MaxDelete: anyNumber()},
		}
		b.Object("s/a", 100, 1)
		b.Object("s/x/", 0, 0)
		b.Object("s/x/b", 10, 2)
		mustSync(b, q, r, 3)
		mustSync(b, q, r, 0)
		if _, err := b.Session.Delete(b.Context(), b.Loc("s/x/b")); err != nil {
			t.Fatal(err)
		}
		b.Object("s/a", 101, 3)
		mustSync(b, q, r, 2)
		mustSync(b, q, r, 0)
	}
}
