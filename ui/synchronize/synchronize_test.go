package synchronize

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/prompt"
	"pintail/internal/testkit"
	"pintail/internal/units"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/outline/model"
	"pintail/ui/tasks"
)

// bench is a view-model on the embedded server and the real queue. The test's goroutine is the window's thread.
type bench struct {
	t       *testing.T
	vm      *ViewModel
	queue   *transfer.Queue
	session *storage.Session
	local   string
	posted  chan func()
	failed  []error
	started []transfer.ID
	agree   bool
}

// yes answers whether deletions are agreed to.
type yes struct {
	prompt.Nobody
	b *bench
}

func (y yes) Confirm(context.Context, prompt.Confirm) (bool, error) { return y.b.agree, nil }

func newBench(t *testing.T) *bench {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	server, err := demo.Start(ctx, demo.Options{})
	must(err)
	prefs, err := preferences.Open(preferences.Options{})
	must(err)
	profs, err := profiles.OpenRegistry("")
	must(err)
	env := connect.Env{Profiles: profs, Preferences: prefs, Run: keychain.NewMemory()}
	b := &bench{t: t, posted: make(chan func(), 10_000), local: t.TempDir()}
	open := func(ctx context.Context, _ string) (*storage.Session, error) {
		c, err := connect.Open(ctx, env, connect.Spec{Endpoint: server.URL(),
			Typed: keychain.Typed{KeyID: server.AccessKey(), Secret: keychain.NewSecret(server.SecretKey())}})
		if err != nil {
			return nil, err
		}
		return c.Session, nil
	}
	b.session, err = open(ctx, "")
	must(err)
	must(b.session.MakeBucket(ctx, "bucket", storage.MakeBucketOptions{}))
	b.queue, err = transfer.Open(ctx, transfer.Config{Journal: filepath.Join(t.TempDir(), "journal.db"), Connect: open, Prompter: yes{b: b}})
	must(err)
	g := tasks.New(ctx, func(f func()) { b.posted <- f })
	b.vm = New(Config{Queue: b.queue, Tasks: g, Base: func() units.Base { return units.Decimal }, Changed: func() {},
		Failed: func(err error) { b.failed = append(b.failed, err) }, Started: func(id transfer.ID) { b.started = append(b.started, id) }})
	t.Cleanup(func() {
		g.Close()
		g.Wait()
		must(b.vm.Close())
		must(b.queue.Close(context.Background()))
		must(b.session.Close())
		cancel()
		must(server.Close())
	})
	return b
}

func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	testkit.Until(b.t, b.posted, ok, func() string { return fmt.Sprintf("%s has not happened; failures %v", what, b.failed) })
}

func (b *bench) file(name, content string) {
	b.t.Helper()
	path := filepath.Join(b.local, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) object(key, content string) {
	b.t.Helper()
	_, err := b.session.Put(context.Background(), storage.Location{Bucket: "bucket", Key: key},
		storage.Body{R: strings.NewReader(content), Size: int64(len(content))}, storage.WriteOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) settings() Settings {
	return Settings{Local: b.local, Remote: storage.Location{Bucket: "bucket", Key: "site"}, Compare: transfer.CompareSize, Delete: true}
}

func (b *bench) compare(s Settings) {
	b.t.Helper()
	b.vm.Compare(s)
	b.until("the plan", func() bool { return b.vm.Phase() == Planned || b.vm.Phase() == Broken })
}

// rows are the lines on screen: box, name, what, once they have been read.
func (b *bench) rows() []string {
	b.t.Helper()
	var out []string
	b.until("the lines", func() bool {
		out = out[:0]
		var row model.Row
		for i := range b.vm.Table.Len() {
			b.vm.Table.Row(i, &row)
			if row.Cells[0] == "…" || b.vm.Table.pages[i/pageSize].version != b.vm.Table.version {
				return false
			}
			out = append(out, row.Icon+" "+row.Cells[colName]+" "+row.Cells[colWhat])
		}
		return true
	})
	return out
}

func (b *bench) keys() []string {
	b.t.Helper()
	var out []string
	for p, err := range b.session.List(context.Background(), "bucket", "", storage.ListOptions{}) {
		if err != nil {
			b.t.Fatal(err)
		}
		for _, e := range p.Entries {
			out = append(out, e.Key)
		}
	}
	return out
}

func TestViewModel_ShowsThePlanAndDoesWhatIsOn(t *testing.T) {
	b := newBench(t)
	b.file("index.html", "new content")
	b.file("css/main.css", "body {}")
	b.file("same.txt", "same")
	b.object("site/same.txt", "same")
	b.object("site/index.html", "old")
	b.object("site/old.html", "gone")
	b.object("site/keep.html", "kept")
	b.compare(b.settings())
	want := []string{"box-on css/main.css New", "box-on index.html Changed", "box-on keep.html Delete", "box-on old.html Delete"}
	if got := b.rows(); !slices.Equal(got, want) {
		t.Fatalf("lines %q, want %q", got, want)
	}
	b.vm.Flip([]model.Key{3})
	b.until("the switch", func() bool { return b.vm.Totals().Deleted.Files == 1 })
	if got := b.rows(); got[2] != "box-off keep.html Delete" || got[3] != want[3] {
		t.Errorf("after switching off: %q", got)
	}
	if s := b.vm.Sentence(); !strings.Contains(s, "2 to upload") || !strings.Contains(s, "1 to delete") || !strings.Contains(s, "1 the same") {
		t.Errorf("it says %q", s)
	}
	b.vm.Start() // not agreed to
	b.until("the answer", func() bool { return b.vm.Phase() == Planned })
	if len(b.started) != 0 || len(b.keys()) != 4 {
		t.Fatalf("without a yes something began: %v, %q", b.started, b.keys())
	}
	b.agree = true
	b.vm.Start()
	b.until("the transfer", func() bool { return len(b.started) == 1 })
	if s, err := b.queue.Wait(context.Background(), b.started[0]); err != nil || s.State != transfer.Done {
		t.Fatalf("it ended %+v, %v", s, err)
	}
	if got := b.keys(); !slices.Equal(got, []string{"site/css/main.css", "site/index.html", "site/keep.html", "site/same.txt"}) {
		t.Errorf("the server has %q", got)
	}
	if len(b.failed) > 0 {
		t.Errorf("failures %v", b.failed)
	}
}

func TestViewModel_FiltersAndSwitchesWhatIsShown(t *testing.T) {
	b := newBench(t)
	for _, n := range []string{"a.txt", "b.txt", "img/a.png", "img/b.png"} {
		b.file(n, n)
	}
	b.object("site/old.png", "x")
	b.compare(b.settings())
	b.vm.Filter(ShowAll, "PNG")
	b.until("the filter", func() bool { return b.vm.Table.Len() == 3 })
	b.vm.Filter(ShowDeleted, "png")
	b.until("both filters", func() bool { return b.vm.Table.Len() == 1 })
	b.vm.SwitchShown(false)
	b.until("the switch", func() bool { return b.vm.Totals().Deleted.Files == 0 })
	b.vm.Filter(ShowAll, "")
	if got := b.rows(); len(got) != 5 || got[4] != "box-off old.png Delete" || got[0] != "box-on a.txt New" {
		t.Errorf("lines %q", got)
	}
	if k := b.vm.Table.Key(4); k != 5 {
		t.Errorf("key %d", k)
	}
}

func TestViewModel_SaysWhyItCannotCompare(t *testing.T) {
	b := newBench(t)
	s := b.settings()
	s.Remote.Bucket = "no-such-bucket"
	b.compare(s)
	if b.vm.Phase() != Broken || b.vm.Err() == nil || b.vm.CanStart() {
		t.Errorf("phase %v, error %v", b.vm.Phase(), b.vm.Err())
	}
	s.Local = ""
	b.compare(s)
	if b.vm.Phase() != Broken {
		t.Errorf("without a folder: phase %v", b.vm.Phase())
	}
}

func TestViewModel_ALongPlanIsReadPageByPage(t *testing.T) {
	b := newBench(t)
	for i := range 3 * pageSize {
		b.file("d/"+string(rune('a'+i%26))+strings.Repeat("x", i/26), "")
	}
	b.compare(b.settings())
	if n := b.vm.Table.Len(); n != 3*pageSize {
		t.Fatalf("%d lines", n)
	}
	var row model.Row
	b.vm.Table.Row(2*pageSize+5, &row)
	b.until("a page", func() bool {
		b.vm.Table.Row(2*pageSize+5, &row)
		return row.Cells[0] != "…"
	})
	if len(b.vm.Table.pages) != 1 {
		t.Errorf("%d pages were read for one line", len(b.vm.Table.pages))
	}
}

func TestSettings_SurviveARequest(t *testing.T) {
	for _, s := range []Settings{
		{Name: "n", Local: "/l", Remote: storage.Location{Bucket: "b", Key: "k/"}, Connection: "ref", Compare: transfer.CompareChecksum, Delete: true},
		{Name: "n", Local: "/l", Remote: storage.Location{Bucket: "b"}, Direction: Down, SkipExisting: true},
		{Name: "n", Local: "/l", Remote: storage.Location{Bucket: "b"}, Direction: Mirror, Compare: transfer.CompareSize},
	} {
		got, ok := FromRequest("n", s.Request())
		if !ok || got != s {
			t.Errorf("%+v came back as %+v, %v", s, got, ok)
		}
	}
}

// A plan that takes something away on the server is asked about before it begins, others are not.
func TestViewModel_AsksBeforeAPlanThatDestroysThere(t *testing.T) {
	b := newBench(t)
	b.agree = true
	b.file("index.html", "<p>")
	asked := 0
	var do func()
	b.vm.c.Agree = func(_ Settings, _ transfer.SyncTotals, then func()) { asked, do = asked+1, then }
	run := func(s Settings) {
		t.Helper()
		b.vm.Compare(s)
		b.until("the plan", b.vm.CanStart)
		b.vm.Start()
	}
	s := b.settings()
	s.Delete = false
	run(s)
	b.until("the upload", func() bool { return len(b.started) == 1 })
	if _, err := b.queue.Wait(context.Background(), b.started[0]); err != nil || asked != 0 {
		t.Fatalf("asked %d times: %v", asked, err)
	}
	b.object("site/old.html", "old")
	b.file("more.html", "<p>more")
	run(b.settings())
	if asked != 1 || b.vm.Phase() != Planned {
		t.Fatalf("asked %d times, then %v", asked, b.vm.Phase())
	}
	do()
	b.until("the start", func() bool { return len(b.started) == 2 })
	if _, err := b.queue.Wait(context.Background(), b.started[1]); err != nil {
		t.Fatal(err)
	}
	b.file("index.html", "<p>changed")
	m := b.settings()
	m.Direction, m.Delete, m.Compare = Mirror, false, transfer.CompareTime
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(b.local, "index.html"), later, later); err != nil {
		t.Fatal(err)
	}
	run(m)
	if asked != 2 {
		t.Error("a mirror that replaces is not asked about")
	}
	m.Direction = Down
	b.object("site/new.html", "new")
	run(m)
	b.until("the download", func() bool { return len(b.started) == 3 })
	if asked != 2 {
		t.Error("a download is asked about")
	}
}
