package browser

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/prompt"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/command"
	"pintail/ui/outline/model"
)

func body(s string) io.ReaderAt { return strings.NewReader(s) }

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: got %q, want %q", what, got, want)
	}
}

func TestViewModel_BrowsesAwkwardKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := preferences.ShowHidden.Set(b.prefs, true); err != nil { // ".." begins with a dot
		t.Fatal(err)
	}
	b.connect("a//b", "a/x+y", "a/../c", "plain 1", "plain 10", "plain 2", "/lead", "emoji 🎉", "new\nline")
	equal(t, "bucket", b.names(), []string{"/", "a/", "emoji 🎉", "new\nline", "plain 1", "plain 2", "plain 10"})
	b.goTo(storage.Location{Bucket: "bucket", Key: "a/"})
	equal(t, "a/", b.names(), []string{"../", "/", "x+y"})
	b.goTo(b.vm.store.Path(b.row("/")))
	equal(t, "a//", b.names(), []string{"b"})
	b.vm.Back()
	b.until("going back", func() bool { return !b.vm.Listing() })
	if b.vm.At().Key != "a/" || !b.vm.CanForward() {
		t.Errorf("at %v after Back", b.vm.At())
	}
	b.vm.Up()
	b.until("going up", func() bool { return !b.vm.Listing() })
	if b.vm.At() != (storage.Location{Bucket: "bucket"}) {
		t.Errorf("at %v after Up", b.vm.At())
	}
}

func TestViewModel_ExpandsInPlaceAndRefreshKeepsRows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.connect("dir/one", "dir/two", "top")
	k := b.row("dir/")
	b.vm.store.SetOpen(k, true)
	b.vm.Expand(k)
	b.until("the folder", func() bool { return !b.vm.Listing() })
	equal(t, "expanded", b.names(), []string{"dir/", "one", "two", "top"})
	two := b.row("two")
	if _, err := s.Delete(context.Background(), storage.Location{Bucket: "bucket", Key: "dir/one"}); err != nil {
		t.Fatal(err)
	}
	b.vm.Refresh()
	b.until("the refresh", func() bool { return !b.vm.Listing() })
	equal(t, "refreshed", b.names(), []string{"dir/", "two", "top"})
	if b.row("two") != two {
		t.Error("a row that stayed has another key, so it lost its selection")
	}
}

func TestViewModel_StopKeepsWhatCame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var keys []string
	for i := range 30 {
		keys = append(keys, fmt.Sprintf("key-%03d", i))
	}
	b.connect(keys...)
	b.vm.list(0, true)
	b.vm.Stop()
	b.until("the stop", func() bool { return !b.vm.Listing() })
	if n := b.vm.store.Count(); n != 30 {
		t.Errorf("%d rows after a stopped refresh, want all 30", n)
	}
	if len(b.reports) > 0 {
		t.Errorf("a stop was reported as a failure: %+v", b.reports)
	}
}

func TestViewModel_HidesDotNames(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect(".hidden", ".git/config", "seen")
	equal(t, "hidden", b.names(), []string{"seen"})
	if err := preferences.ShowHidden.Set(b.prefs, true); err != nil {
		t.Fatal(err)
	}
	b.vm.Refresh()
	b.until("the refresh", func() bool { return !b.vm.Listing() })
	equal(t, "shown", b.names(), []string{".git/", ".hidden", "seen"})
}

func TestViewModel_UploadRenameCopyMoveDelete(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.connect("keep", "old.txt", "dir/in")
	file := filepath.Join(t.TempDir(), "new file.txt")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.vm.Upload([]string{file}, b.vm.At())
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 1 })
	b.transfersEnd(1)
	equal(t, "uploaded", b.names(), []string{"dir/", "keep", "new file.txt", "old.txt"})

	b.vm.Rename(b.item("old.txt"), "renamed.txt")
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 2 })
	b.transfersEnd(2)
	equal(t, "renamed", b.names(), []string{"dir/", "keep", "new file.txt", "renamed.txt"})

	b.vm.Rename(b.item("dir/"), "folder")
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 3 })
	b.transfersEnd(3)
	equal(t, "renamed folder", b.names(), []string{"folder/", "keep", "new file.txt", "renamed.txt"})

	b.vm.Copy([]Item{b.item("keep")}, false)
	b.vm.Paste(storage.Location{Bucket: "bucket", Key: "folder/"})
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 4 })
	b.transfersEnd(4)
	if _, err := s.Stat(context.Background(), storage.Location{Bucket: "bucket", Key: "folder/keep"}); err != nil {
		t.Errorf("the pasted copy: %v", err)
	}
	if b.clip != "s3://bucket/keep" {
		t.Errorf("clipboard %q", b.clip)
	}

	b.vm.Delete([]Item{b.item("folder/"), b.item("keep")})
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 5 })
	b.transfersEnd(5)
	equal(t, "deleted", b.names(), []string{"new file.txt", "renamed.txt"})
}

// Rows go to where another connection begins; one that begins at the list of buckets has no place for them.
func TestViewModel_CopyTo(t *testing.T) {
	b := newBench(t)
	s := b.connect("keep")
	to := b.spec()
	b.vm.CopyTo(to, "Other", []Item{b.item("keep")})
	b.until("the report", func() bool { return len(b.reports) == 1 })
	equal(t, "refused", []string{b.reports[0].Failures[0].What}, []string{"Other"})
	to.Path = "bucket/far/"
	b.vm.CopyTo(to, "Other", []Item{b.item("keep")})
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 1 })
	b.transfersEnd(1)
	if _, err := s.Stat(t.Context(), storage.Location{Bucket: "bucket", Key: "far/keep"}); err != nil {
		t.Errorf("the copy: %v", err)
	}
}

func TestViewModel_DownloadsWhereThePreferencesSay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("dir/a b", "c")
	b.vm.Download([]Item{b.item("dir/"), b.item("c")}, "")
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 1 })
	b.transfersEnd(1)
	for name, want := range map[string]string{"dir/a b": "dir/a b", "c": "c"} {
		got, err := os.ReadFile(filepath.Join(b.vm.Downloads, filepath.FromSlash(name)))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestViewModel_FailedTransferIsOneReportWithRetry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("x")
	dir := t.TempDir()
	for _, n := range []string{"one", "two", "three"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte(n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.vm.Upload([]string{filepath.Join(dir, "one"), filepath.Join(dir, "gone"), filepath.Join(dir, "two")}, b.vm.At())
	b.until("adding", func() bool { _, l, _ := b.queue.Snapshot(0); return len(l) == 1 && b.vm.own[l[0].ID] })
	for len(b.reports) == 0 {
		_, l, _ := b.queue.Snapshot(0)
		b.vm.Transfers(l)
		select {
		case f := <-b.posted:
			f()
		case <-b.queue.Changed():
		case <-time.After(30 * time.Second):
			t.Fatal("no report")
		}
	}
	r := b.reports[0]
	if len(b.reports) != 1 || len(r.Failures) != 1 || !strings.HasSuffix(r.Failures[0].What, "gone") || r.Retry == nil {
		t.Errorf("reports %+v", b.reports)
	}
}

func TestViewModel_NewFolderAndBucket(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("x")
	done := false
	b.vm.NewFolder(b.vm.At(), "made", func() { done = true })
	b.until("the folder", func() bool { return done && !b.vm.Listing() })
	equal(t, "folder", b.names(), []string{"made/", "x"})
	b.goTo(storage.Location{})
	b.vm.NewBucket("second-bucket", "", nil)
	b.until("the bucket", func() bool { return len(b.names()) == 2 && !b.vm.Listing() })
	b.vm.NewBucket("Bad_Name", "", nil)
	b.until("the refusal", func() bool { return len(b.reports) == 1 })
	if b.reports[0].Retry == nil {
		t.Error("the report offers no Retry")
	}
	b.vm.Delete([]Item{{At: storage.Location{Bucket: "second-bucket"}, Folder: true}, {At: storage.Location{Bucket: "bucket"}, Folder: true}})
	b.until("the report on the full bucket", func() bool { return len(b.reports) == 2 && !b.vm.Listing() })
	equal(t, "left", b.names(), []string{"bucket"})
	if f := b.reports[1].Failures; len(f) != 1 || f[0].What != "bucket" {
		t.Errorf("failures %+v", f)
	}
}

func TestViewModel_DeleteSaysWhatHappens(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.connect("dir/1", "dir/2", "dir/sub/3", "file")
	var last DeletePlan
	cancel := b.vm.PlanDelete([]Item{b.item("dir/"), b.item("file")}, func(p DeletePlan) { last = p })
	defer cancel()
	if !last.Counting || last.Folders != 1 {
		t.Errorf("at first %+v", last)
	}
	b.until("the count", func() bool { return !last.Counting })
	if last.Objects != 4 || last.Fate != FateDestroyed {
		t.Errorf("at last %+v", last)
	}
	for status, want := range map[string]Fate{"Enabled": FateHidden, "Suspended": FateNull} { // of objects that are older than that
		if err := s.SetVersioning(t.Context(), storage.Location{Bucket: "bucket"}, storage.Versioning{Status: status}, ""); err != nil {
			t.Fatal(err)
		}
		defer b.vm.PlanDelete([]Item{b.item("dir/")}, func(p DeletePlan) { last = p })()
		b.until("the count", func() bool { return !last.Counting })
		if last.Fate != want {
			t.Errorf("%s: %+v", status, last)
		}
	}
}

func TestViewModel_DeleteTellsWhatIsInBucketsFromTheRest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.connect("one", "two")
	if err := s.MakeBucket(t.Context(), "vacant", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	file := b.item("one")
	bucket := func(name string) Item { return Item{At: storage.Location{Bucket: name}, Folder: true} }
	for _, c := range []struct {
		items     []Item
		inBuckets int64
		says      []string
	}{
		{[]Item{bucket("bucket")}, 2, []string{"holds 2 objects", "Open it, delete what is in it"}},
		{[]Item{bucket("vacant")}, 0, []string{"1 empty bucket"}},
		{[]Item{bucket("vacant"), file}, 0, []string{"1 object", "1 empty bucket"}},
	} {
		var last DeletePlan
		cancel := b.vm.PlanDelete(c.items, func(p DeletePlan) { last = p })
		b.until("the count", func() bool { return !last.Counting })
		cancel()
		if words := deleteWhat(last, units.Binary); last.InBuckets != c.inBuckets || !containsAll(words, c.says...) {
			t.Errorf("%+v says %q, want all of %q", last, words, c.says)
		}
	}
}

func containsAll(s string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}

func TestViewModel_ErrorStaysInTheOutlineAndRetryHelps(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("x")
	b.goTo(storage.Location{Bucket: "no-such-bucket"})
	if storage.KindOf(b.vm.Err()) != storage.KindNotFound {
		t.Fatalf("error %v", b.vm.Err())
	}
	if len(b.reports) > 0 {
		t.Error("a listing that failed opened a report as well")
	}
	if err := b.vm.conn.Session.MakeBucket(context.Background(), "no-such-bucket", storage.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	b.vm.Refresh()
	b.until("the retry", func() bool { return !b.vm.Listing() })
	if b.vm.Err() != nil {
		t.Errorf("after Retry: %v", b.vm.Err())
	}
}

func TestViewModel_WrongSecretAsksAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	spec := b.spec()
	spec.Typed.Secret = keychain.NewSecret("wrong")
	b.vm.Connect(spec, storage.Location{})
	b.until("the second try", func() bool { return b.vm.accepted && !b.vm.Listing() })
	if b.vm.Err() != nil {
		t.Errorf("error %v", b.vm.Err())
	}
}

func TestViewModel_UnknownHostIsOneMessage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.vm.Connect(connect.Spec{Endpoint: "http://127.0.0.1:1", Typed: b.spec().Typed}, storage.Location{})
	b.until("the refusal", func() bool { return b.vm.conn != nil && !b.vm.Listing() })
	if storage.KindOf(b.vm.Err()) != storage.KindNetwork || len(b.reports) > 0 {
		t.Errorf("error %v, reports %v", b.vm.Err(), b.reports)
	}
}

func TestViewModel_URLs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("a+b.txt")
	b.vm.Address(command.CopyS3, []Item{b.item("a+b.txt")})
	if b.clip != "s3://bucket/a+b.txt" {
		t.Errorf("s3 address %q", b.clip)
	}
	b.vm.Address(command.CopyPresign1, []Item{b.item("a+b.txt")})
	b.until("the link", func() bool { return strings.Contains(b.clip, "X-Amz-Signature") })
	res, err := http.Get(b.clip) // a person's browser opens it
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || !bytes.Equal(got, []byte("a+b.txt")) {
		t.Errorf("the link gives %d %q", res.StatusCode, got)
	}
}

func TestViewModel_ItemsLeaveOutWhatAFolderCovers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("dir/in", "out")
	k := b.row("dir/")
	b.vm.store.SetOpen(k, true)
	b.vm.Expand(k)
	b.until("the folder", func() bool { return !b.vm.Listing() })
	var sel model.Selection
	sel.Add(k)
	sel.Add(b.row("in"))
	sel.Add(b.row("out"))
	items := b.vm.Items(&sel)
	var keys []string
	for _, it := range items {
		keys = append(keys, it.At.Key)
	}
	slices.Sort(keys)
	equal(t, "items", keys, []string{"dir/", "out"})
	if CanMove(items, storage.Location{Bucket: "bucket", Key: "dir/"}, false) != true {
		t.Error("out cannot be moved into dir/")
	}
	if CanMove(items[:1], b.vm.Folder(k), false) && items[0].Folder {
		t.Error("a folder can be moved into itself")
	}
}

func TestColumnState_RoundTrip(t *testing.T) {
	t.Parallel()
	in := []string{"name:220", "class:80", "size:90"}
	st := ColumnState(in)
	equal(t, "columns", ColumnList(st), in)
	hidden := 0
	for _, c := range st {
		if c.Hidden {
			hidden++
		}
	}
	if hidden != len(columns())-3 {
		t.Errorf("%d hidden columns", hidden)
	}
}

func TestViewModel_FilterAndStatus(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("one.txt", "two.txt", "three.png")
	b.vm.store.SetFilter("*.txt")
	equal(t, "filtered", b.names(), []string{"one.txt", "two.txt"})
	var sel model.Selection
	sel.Add(b.row("one.txt"))
	if got, want := b.vm.StatusText(b.vm.Summarize(&sel)), "3 items, 1 selected (7 B)"; got != want {
		t.Errorf("status %q, want %q", got, want)
	}
	if _, st := b.vm.store.Children(0); st != rows.Listed {
		t.Errorf("state %v", st)
	}
}

// declines says no to what is asked.
type declines struct{ prompt.Nobody }

func (declines) Confirm(context.Context, prompt.Confirm) (bool, error) { return false, nil }

func TestViewModel_DeclinedConnectionIsNotReported(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.env.Prompter = declines{}
	b.vm.Connect(connect.Spec{Endpoint: "http://192.0.2.7:9000", Typed: keychain.Typed{KeyID: "AKIAEXAMPLE", Secret: keychain.NewSecret("secret")}}, storage.Location{})
	b.until("the end", func() bool { return b.vm.connecting == nil })
	if b.vm.conn != nil || len(b.reports) > 0 {
		t.Errorf("after it was declined: connected %v, reports %+v", b.vm.conn != nil, b.reports)
	}
}
