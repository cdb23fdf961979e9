package browser

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/prompt"
	"pintail/internal/testkit/servers"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/outline/model"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// oldRows are the rows as "kind name", old ones with what they are.
func (b *bench) oldRows() []string {
	words := map[rows.Kind]string{rows.Folder: "folder", rows.Object: "object", rows.Version: "version", rows.Marker: "marker", rows.Upload: "upload"}
	out := []string{}
	for i := range b.vm.store.Len() {
		it, _ := b.vm.store.Get(b.vm.store.Key(i))
		w := words[it.Kind]
		if it.Latest {
			w = "deleted"
		}
		out = append(out, w+" "+it.Name)
	}
	return out
}

// sel is the rows at these places.
func (b *bench) sel(at ...int) *model.Selection {
	var s model.Selection
	for _, i := range at {
		s.Add(b.vm.store.Key(i))
	}
	return &s
}

// versioned connects to a bucket with versions: a (three versions), dir/x, gone (deleted), and shows what is old.
func (b *bench) versioned() *storage.Session {
	b.t.Helper()
	s := b.connect()
	ctx := context.Background()
	if err := s.SetVersioning(ctx, storage.Location{Bucket: "bucket"}, storage.Versioning{Status: "Enabled"}, ""); err != nil {
		b.t.Fatal(err)
	}
	fillVersions(b.t, s, "bucket")
	if err := preferences.ShowVersions.Set(b.prefs, true); err != nil {
		b.t.Fatal(err)
	}
	b.vm.Refresh()
	b.until("the versions", func() bool { return !b.vm.Listing() })
	return s
}

func fillVersions(t *testing.T, s *storage.Session, bucket string) {
	t.Helper()
	ctx := context.Background()
	for _, k := range []string{"a", "a", "a", "dir/x", "gone"} {
		content := k + " " + fmt.Sprint(len(versionsOf(t, s, bucket, k)))
		if _, err := s.Put(ctx, storage.Location{Bucket: bucket, Key: k}, storage.Body{R: body(content), Size: int64(len(content))}, storage.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Delete(ctx, storage.Location{Bucket: bucket, Key: "gone"}); err != nil {
		t.Fatal(err)
	}
}

func versionsOf(t *testing.T, s *storage.Session, bucket, key string) []storage.Entry {
	t.Helper()
	var out []storage.Entry
	for page, err := range s.Versions(context.Background(), storage.Location{Bucket: bucket, Key: key}, storage.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page...)
	}
	return out
}

func contentOf(t *testing.T, s *storage.Session, l storage.Location) string {
	t.Helper()
	r, err := s.Read(context.Background(), l, storage.ReadOptions{Whole: true})
	if err != nil {
		return err.Error()
	}
	defer r.Close() // the content is read, and checked, by ReadAll
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestVersions_StandBesideTheirObjectsAndComeBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.versioned()
	equal(t, "rows", b.oldRows(), []string{"folder dir/", "object a", "version a", "version a", "deleted gone", "version gone"})
	a := storage.Location{Bucket: "bucket", Key: "a"}

	if items := b.vm.Items(b.sel(1)); items[0].Old() || items[0].At != a {
		t.Errorf("the object is %+v: what is done with it must not name a version", items[0])
	}
	sum := b.vm.Summarize(b.sel(2, 3, 4))
	if sum.Old.Selected != 3 || sum.Old.Revertible != 2 || sum.Old.Deleted != 1 || sum.Old.Empty != 1 {
		t.Errorf("selected %+v", sum.Old)
	}
	b.vm.Revert(b.vm.Items(b.sel(2, 3)))
	if !strings.Contains(b.notice, "one of each") || len(versionsOf(t, s, "bucket", "a")) != 3 {
		t.Errorf("two versions of one object: %q", b.notice)
	}

	oldest := b.vm.Items(b.sel(3, 5)) // of a and of gone
	b.vm.Revert(oldest)
	b.until("the end", func() bool { return b.vm.deed == nil && !b.vm.Listing() })
	equal(t, "reverted", b.oldRows(), []string{"folder dir/", "object a", "version a", "version a", "version a", "object gone", "marker gone", "version gone"})
	if got := contentOf(t, s, a); got != "a 0" {
		t.Errorf("a is %q, want its oldest", got)
	}
	if it, _ := b.vm.store.Get(b.row("a")); it.Size != 3 || it.Version != versionsOf(t, s, "bucket", "a")[0].Version {
		t.Errorf("the row of a is %+v", it)
	}
	var mods []string // of the versions of a, the newest first also after a refresh
	for _, i := range []int{2, 3, 4} {
		mods = append(mods, b.vm.Items(b.sel(i))[0].At.Version)
	}
	for i, e := range versionsOf(t, s, "bucket", "a")[1:] {
		if mods[i] != e.Version {
			t.Errorf("row %d is version %s, want %s", i, mods[i], e.Version)
		}
	}
	if len(b.reports) > 0 {
		t.Errorf("reports %+v", b.reports)
	}

	if err := preferences.ShowVersions.Set(b.prefs, false); err != nil {
		t.Fatal(err)
	}
	b.vm.Refresh()
	b.until("the objects", func() bool { return !b.vm.Listing() })
	equal(t, "without versions", b.oldRows(), []string{"folder dir/", "object a", "object gone"})
}

func TestVersions_UndeleteSeveral(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.versioned()
	ctx := context.Background()
	if _, err := s.Delete(ctx, storage.Location{Bucket: "bucket", Key: "a"}); err != nil {
		t.Fatal(err)
	}
	b.vm.Refresh()
	b.until("the marker", func() bool { return !b.vm.Listing() })
	equal(t, "rows", b.oldRows(), []string{"folder dir/", "deleted a", "version a", "version a", "version a", "deleted gone", "version gone"})
	b.vm.Undelete(b.vm.Items(b.sel(1, 5)), "", nil)
	b.until("the end", func() bool { return b.vm.deed == nil && !b.vm.Listing() })
	equal(t, "undeleted", b.oldRows(), []string{"folder dir/", "object a", "version a", "version a", "object gone"})
	if got := contentOf(t, s, storage.Location{Bucket: "bucket", Key: "gone"}); got != "gone 0" || !strings.Contains(b.notice, "2 objects") {
		t.Errorf("gone is %q, said %q", got, b.notice)
	}
}

func TestVersions_DeletingOneIsFinalAndSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.versioned()
	items := b.vm.Items(b.sel(2, 4)) // a version of a, and the marker of gone
	var plan DeletePlan
	b.vm.PlanDelete(items, func(p DeletePlan) { plan = p })()
	if plan.Old != (DeleteOld{Versions: 1, Bytes: 3, Hiding: 1}) || plan.Objects != 0 {
		t.Errorf("plan %+v", plan)
	}
	doomed := items[0].At.Version
	b.vm.Delete(items)
	b.transfersEnd(1)
	equal(t, "rows", b.oldRows(), []string{"folder dir/", "object a", "version a", "object gone"})
	for _, e := range versionsOf(t, s, "bucket", "a") {
		if e.Version == doomed {
			t.Error("the version is there")
		}
	}

	b.vm.Download(b.vm.Items(b.sel(2)), "") // the oldest of a
	b.transfersEnd(2)
	got, err := os.ReadFile(filepath.Join(b.vm.Downloads, "a"))
	if err != nil || string(got) != "a 0" {
		t.Errorf("downloaded %q, %v", got, err)
	}
}

// What is old cannot be moved, cut or given a name by mistake; what has no content cannot be copied.
func TestVersions_AreLeftOutOfWhatWouldHarmThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.versioned()
	version, marker := b.vm.Items(b.sel(2))[0], b.vm.Items(b.sel(4))[0]
	dir := storage.Location{Bucket: "bucket", Key: "dir/"}
	if CanMove([]Item{version}, dir, false) || !CanMove([]Item{version}, dir, true) || CanMove([]Item{marker}, dir, true) {
		t.Error("a version can be moved, or not copied, or a marker copied")
	}
	b.vm.Copy([]Item{version, marker}, true)
	if !b.vm.Clipboard.Empty() {
		t.Error("a version can be cut")
	}
	if b.vm.taken(storage.Location{Bucket: "bucket"}, "gone") || !b.vm.taken(storage.Location{Bucket: "bucket"}, "a") {
		t.Error("the name of a deleted object is taken, or that of an object is not")
	}
	if !b.vm.isOld(b.vm.store.Key(2)) || b.vm.isOld(b.vm.store.Key(1)) {
		t.Error("old")
	}
}

// The same on a server of its own kind: versions with pages of two, undelete, revert.
func TestVersions_OnVersitygw(t *testing.T) {
	b := newBench(t)
	s, bucket := b.onVersitygw()
	fillVersions(t, s, bucket)
	b.goTo(storage.Location{Bucket: bucket})
	want := []string{"folder dir/", "object a", "version a", "version a", "deleted gone", "version gone"}
	equal(t, "rows", b.oldRows(), want)
	b.vm.Undelete(b.vm.Items(b.sel(4)), "", nil)
	b.until("undeleted", func() bool { return b.vm.deed == nil && !b.vm.Listing() })
	b.vm.Revert(b.vm.Items(b.sel(3)))
	b.until("reverted", func() bool { return b.vm.deed == nil && !b.vm.Listing() })
	got := b.oldRows()
	if !slices.Equal(got, []string{"folder dir/", "object a", "version a", "version a", "version a", "object gone"}) {
		t.Errorf("rows %q, reports %+v", got, b.reports)
	}
	if c := contentOf(t, s, storage.Location{Bucket: bucket, Key: "a"}); c != "a 0" {
		t.Errorf("a is %q", c)
	}
}

// onVersitygw connects to a bucket of a real server that keeps versions, and shows them; pages have two entries.
func (b *bench) onVersitygw() (s *storage.Session, bucket string) {
	b.t.Helper()
	for _, err := range []error{preferences.S3ListChunk.Set(b.prefs, 2), preferences.ShowVersions.Set(b.prefs, true)} {
		if err != nil {
			b.t.Fatal(err)
		}
	}
	s, bucket = b.onServer(servers.SharedVersitygw(b.t))
	if err := s.SetVersioning(context.Background(), storage.Location{Bucket: bucket}, storage.Versioning{Status: "Enabled"}, ""); err != nil {
		b.t.Fatal(err)
	}
	return s, bucket
}

// onServer connects to a real server and makes a bucket there.
func (b *bench) onServer(srv *servers.Server) (s *storage.Session, bucket string) {
	b.t.Helper()
	b.env.Prompter = login{answer: prompt.LoginAnswer{KeyID: srv.AccessKey, Secret: srv.SecretKey}} // asked by the queue
	spec := b.spec()
	spec.Endpoint, spec.Region = srv.Endpoint, srv.Region
	spec.Typed = keychain.Typed{KeyID: srv.AccessKey, Secret: keychain.NewSecret(srv.SecretKey)}
	b.vm.Connect(spec, storage.Location{})
	b.until("the list of buckets", func() bool { return b.vm.conn != nil && !b.vm.Listing() })
	s, bucket = b.vm.conn.Session, fmt.Sprintf("old-%x", time.Now().UnixNano())
	if err := s.MakeBucket(context.Background(), bucket, storage.MakeBucketOptions{}); err != nil {
		b.t.Fatal(err)
	}
	return s, bucket
}

// What a bucket with MFA delete refuses asks for a code and is tried again with it; what failed otherwise is one report.
func TestDeed_AsksForACodeAndReportsTheRest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("a")
	items := []Item{{At: storage.Location{Bucket: "bucket", Key: "a"}}, {At: storage.Location{Bucket: "bucket", Key: "b"}}}
	refused := &storage.Error{Op: "DeleteObject", Kind: storage.KindNeedsMFA}
	var asked, again []Item
	d := &deed{items: items, name: func(n string) string { return n }, done: func(n int) string { return fmt.Sprint(n, " done") },
		do: func(_ context.Context, it Item) error {
			if it.At.Key == "b" {
				return refused
			}
			return nil
		}, code: func(rest []Item) { asked = rest }, again: func(rest []Item) { again = rest }}
	b.vm.each(d)
	if !strings.Contains(b.vm.StatusText(Summary{}), " of 2") {
		t.Errorf("status %q", b.vm.StatusText(Summary{}))
	}
	b.vm.each(&deed{items: items}) // one at a time
	if !strings.Contains(b.notice, "wait for it") {
		t.Errorf("said %q", b.notice)
	}
	b.until("the question", func() bool { return len(asked) == 1 && b.vm.deed == nil })
	if asked[0].At.Key != "b" || len(b.reports) != 0 {
		t.Errorf("asked for %+v, reports %+v", asked, b.reports)
	}
	refused.Kind = storage.KindPermission
	b.vm.each(&deed{items: items, name: d.name, done: d.done, do: d.do, again: d.again})
	b.until("the report", func() bool { return len(b.reports) == 1 && b.vm.deed == nil })
	b.reports[0].Retry()
	if b.notice != "1 done" || len(again) != 1 || again[0].At.Key != "b" || b.reports[0].Total != 2 {
		t.Errorf("said %q, again %+v, report %+v", b.notice, again, b.reports[0])
	}
	stopped := make(chan struct{})
	b.vm.each(&deed{items: items, lanes: 1, name: d.name, done: d.done, do: func(ctx context.Context, _ Item) error {
		close(stopped)
		<-ctx.Done()
		return &storage.Error{Kind: storage.KindCancelled}
	}})
	<-stopped
	b.vm.Stop()
	b.until("the stop", func() bool { return b.vm.deed == nil })
	if !strings.HasPrefix(b.notice, "Stopped: 0 done") || len(b.reports) != 1 {
		t.Errorf("said %q, reports %+v", b.notice, b.reports)
	}
}
