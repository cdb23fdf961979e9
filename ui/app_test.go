package ui

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	fynestorage "fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/demo"
	"pintail/internal/testkit"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/preferences"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/browser"
	"pintail/ui/chooser"
	"pintail/ui/command"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
	"pintail/ui/uitest"
)

// program is the whole program behind headless windows, with the embedded server. The test's goroutine is the windows' thread.
type program struct {
	t      *testing.T
	app    *App
	win    *browser.Window
	env    connect.Env
	queue  *transfer.Queue
	server *demo.Server
	posted chan func()
	state  *memoryState

	settings string          // the preferences' file
	limits   transfer.Limits // that the windows set last
}

// limited is the queue, with what the windows ask it to keep to.
type limited struct {
	*transfer.Queue
	p *program
}

func (l limited) SetLimits(v transfer.Limits) {
	l.p.limits = v
	l.Queue.SetLimits(v)
}

type memoryState struct {
	saved chan<- func() // wakes the test's loop
	mu    sync.Mutex    // guards raw
	raw   []byte
}

func (s *memoryState) Load() []byte { s.mu.Lock(); defer s.mu.Unlock(); return s.raw }
func (s *memoryState) Save(b []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = b
	s.saved <- func() {}
	return nil
}

func (p *program) Open(ctx context.Context, spec connect.Spec) (*connect.Connection, error) {
	return connect.Open(ctx, p.env, spec)
}

func (p *program) Again(ctx context.Context, spec connect.Spec, refused error) (*connect.Connection, error) {
	return connect.Again(ctx, p.env, spec, refused)
}

// noFiles is a chooser's file system with nothing in it.
type noFiles struct{}

func (noFiles) List(context.Context, string) ([]chooser.File, error) { return nil, nil }
func (noFiles) Abs(s string) (string, bool, bool)                    { return s, false, false }
func (noFiles) Join(a, b string) string                              { return a + "/" + b }
func (noFiles) Parent(string) string                                 { return "/" }
func (noFiles) Places() []chooser.Place                              { return nil }

func newProgram(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, posted: make(chan func(), 100_000)}
	p.state = &memoryState{saved: p.posted}
	ctx, cancel := context.WithCancel(context.Background())
	a := test.NewTempApp(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p.settings = filepath.Join(t.TempDir(), "preferences.json")
	prefs, err := preferences.Open(preferences.Options{File: p.settings})
	must(err)
	must(prefs.Follow())
	profs, err := profiles.OpenRegistry("")
	must(err)
	marks, err := bookmarks.Open(t.TempDir(), bookmarks.Options{Poll: 20 * time.Millisecond})
	must(err)
	history, err := bookmarks.OpenHistory(t.TempDir(), 10, bookmarks.Options{NoWatch: true})
	must(err)
	p.server, err = demo.Start(ctx, demo.Options{Sample: true})
	must(err)
	p.env = connect.Env{Profiles: profs, Bookmarks: marks, Preferences: prefs, Run: keychain.NewMemory(),
		Demo: func(context.Context) (connect.Demo, error) {
			return connect.Demo{Endpoint: p.server.URL(), Region: p.server.Region(),
				Typed: keychain.Typed{KeyID: p.server.AccessKey(), Secret: keychain.NewSecret(p.server.SecretKey())}}, nil
		}}
	p.queue, err = transfer.Open(ctx, transfer.Config{Journal: filepath.Join(t.TempDir(), "journal.db"), Connect: func(ctx context.Context, ref string) (*storage.Session, error) {
		c, err := connect.OpenRef(ctx, p.env, ref)
		if err != nil {
			return nil, err
		}
		return c.Session, nil
	}})
	must(err)
	p.app = New(ctx, Config{App: a, Connector: p, Queue: limited{p.queue, p}, Preferences: prefs, Profiles: profs,
		AWSProfiles: func() []keychain.AWSProfile { return nil }, Bookmarks: marks, History: history, State: p.state, Files: noFiles{},
		Registry: uitest.NewRegistry(), Reveal: func(context.Context, string) error { return nil }, Post: func(f func()) { p.posted <- f },
		Modifiers: func() fyne.KeyModifier { return 0 }, Downloads: t.TempDir(), HasDemo: true, Version: "test"})
	t.Cleanup(func() {
		cancel()
		p.app.Wait()
		for _, err := range []error{p.queue.Close(context.Background()), marks.Close(), history.Close(), prefs.Close(), p.server.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	return p
}

// start opens the window on the embedded server.
func (p *program) start() {
	p.t.Helper()
	p.app.Start(&connect.Spec{Profile: profiles.VendorDemo}, storage.Location{})
	p.win = p.app.Windows()[0]
	p.until("the buckets", func() bool { return len(p.names()) > 0 && !p.win.VM.Listing() })
}

func (p *program) until(what string, ok func() bool) {
	p.t.Helper()
	testkit.Until(p.t, p.posted, ok, func() string { return fmt.Sprintf("%s has not happened; the outline has %q", what, p.names()) })
}

func (p *program) names() []string {
	var out []string
	s := p.win.VM.Store()
	for i := range s.Len() {
		it, _ := s.Get(s.Key(i))
		out = append(out, it.Name)
	}
	return out
}

func (p *program) has(name string) bool { return slices.Contains(p.names(), name) }

// list is the outline of the window. It is not searched for among the drawn objects: that would make renderers anew.
func (p *program) list() *outline.Outline { return p.win.List() }

func (p *program) selectRow(name string) {
	p.t.Helper()
	s := p.win.VM.Store()
	k := s.FindChild(0, name)
	if k == 0 {
		p.t.Fatalf("no row %q among %q", name, p.names())
	}
	p.list().Select(k)
	p.win.Win.Canvas().Focus(p.list())
}

// typeText types into what has the keyboard; key presses one key.
func (p *program) typeText(s string) { test.Type(p.win.Win.Canvas().Focused(), s) }

func (p *program) key(n fyne.KeyName) {
	p.win.Win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: n})
}

func (p *program) open(l storage.Location) {
	p.t.Helper()
	p.win.VM.Go(l)
	p.until("the folder", func() bool { return !p.win.VM.Listing() })
}

// TestApp_ABookmarkOfTheSampleDataHasItsOwnName: the window of the profile alone is called after the data.
func TestApp_ABookmarkOfTheSampleDataHasItsOwnName(t *testing.T) {
	p := newProgram(t)
	p.start()
	if got := p.win.VM.Name(); got != text.T("browser.demo_name") {
		t.Errorf("the profile's window: %q", got)
	}
	b, err := p.env.Bookmarks.Add(bookmarks.Bookmark{Protocol: profiles.S3, Provider: profiles.VendorDemo, Nickname: "Playground"})
	if err != nil {
		t.Fatal(err)
	}
	p.win.VM.Connect(connect.Spec{Bookmark: b.ID}, storage.Location{})
	p.until("the bookmark's name", func() bool { return p.win.VM.Connection() != nil && p.win.VM.Name() == "Playground" })
	if got := p.win.VM.WindowTitle(); !strings.HasPrefix(got, "Playground") {
		t.Errorf("the window is called %q", got)
	}
}

func TestApp_NewFolderRenameAndDeleteByKeyboard(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.open(storage.Location{Bucket: "studio-media"})

	p.win.Run(command.NewFolder)
	p.typeText("made")
	p.key(fyne.KeyReturn)
	p.until("the new folder", func() bool { return p.has("made/") })

	p.selectRow("README.txt")
	p.key(fyne.KeyF2)
	p.typeText("RENAMED") // the stem is selected
	p.key(fyne.KeyReturn)
	p.until("the new name", func() bool { return p.has("RENAMED.txt") && !p.has("README.txt") })

	p.selectRow("RENAMED.txt")
	p.key(fyne.KeyDelete)
	p.win.Win.Canvas().FocusNext() // from Cancel to Delete
	p.key(fyne.KeySpace)
	p.until("the deletion", func() bool { return !p.has("RENAMED.txt") })
}

func TestApp_EscKeepsWhatWouldBeDeleted(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.open(storage.Location{Bucket: "studio-media"})
	p.selectRow("README.txt")
	p.key(fyne.KeyDelete)
	p.key(fyne.KeyReturn) // the keyboard is on Cancel
	p.win.Run(command.Refresh)
	p.until("the refresh", func() bool { return !p.win.VM.Listing() })
	if !p.has("README.txt") || len(p.app.Transfers()) > 0 {
		t.Error("Return deleted without a decision")
	}
}

func TestApp_DropOnARowUploadsIntoIt(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.open(storage.Location{Bucket: "studio-media"})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dropped file.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := p.list()
	var at fyne.Position
	for _, r := range l.VisibleRows() {
		if r.Name == "raw" {
			at = fyne.CurrentApp().Driver().AbsolutePositionForObject(l).Add(r.Pos).AddXY(40, r.Size.Height/2)
		}
	}
	p.win.HandleDrop(at, []fyne.URI{fynestorage.NewFileURI(filepath.Join(dir, "dropped file.txt"))})
	p.until("the end of the upload", func() bool { ts := p.app.Transfers(); return len(ts) == 1 && ts[0].State.Ended() })
	p.open(storage.Location{Bucket: "studio-media", Key: "raw/"})
	if !p.has("dropped file.txt") {
		t.Errorf("raw/ has %q", p.names())
	}
}

func TestApp_DropOnTheListOfBucketsSaysWhyNothingIsUploaded(t *testing.T) {
	p := newProgram(t)
	p.start()
	file := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := p.list()
	below := fyne.CurrentApp().Driver().AbsolutePositionForObject(l).AddXY(40, l.Size().Height-5)
	p.win.HandleDrop(below, []fyne.URI{fynestorage.NewFileURI(file)})
	status, _ := p.app.c.Registry.Part("status.text")
	if !strings.Contains(status.Text, "onto a bucket or a folder") || len(p.app.Transfers()) > 0 {
		t.Errorf("the window says %q, transfers %+v", status.Text, p.app.Transfers())
	}
}

func TestApp_SettingsOfAnotherProgramTakeEffect(t *testing.T) {
	p := newProgram(t)
	p.start()
	other, err := preferences.Open(preferences.Options{File: p.settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	for name, v := range map[string]string{"appearance.theme": "dark", "browser.sort.foldersfirst": "false", "browser.showHidden": "true",
		"queue.upload.bandwidth.bytes": "1000000"} {
		if err := other.SetString(name, v); err != nil {
			t.Fatal(err)
		}
	}
	p.until("the settings", func() bool {
		s := p.win.State()
		return p.app.Theme() == "dark" && s.Theme == "dark" && !s.FoldersFirst && s.Hidden && p.limits.UpBytes > 0 && !p.win.VM.Listing()
	})
	if p.limits.UpBytes != 1_000_000 {
		t.Errorf("limits %+v", p.limits)
	}
}

func TestApp_UploadGoesWhereTheSelectionSays(t *testing.T) {
	p := newProgram(t)
	p.start()
	store, vm, list := p.win.VM.Store(), p.win.VM, p.list()
	bucket := store.FindChild(0, "studio-media")
	list.Select(bucket)
	p.win.Win.Canvas().Focus(list)
	p.key(fyne.KeyRight)
	p.until("the bucket's rows", func() bool { return p.has("README.txt") && !vm.Listing() })
	folder, file := store.FindChild(bucket, "logos/"), store.FindChild(bucket, "README.txt")
	buckets := []model.Key{bucket}
	for i := range store.Len() {
		if k := store.Key(i); k != bucket && store.ParentKey(k) == 0 {
			buckets = append(buckets, k)
		}
	}
	for _, c := range []struct {
		what string
		rows []model.Key
		want string // "" is nowhere
	}{
		{"nothing", nil, ""},
		{"a bucket", []model.Key{bucket}, "studio-media"},
		{"a folder", []model.Key{folder}, "studio-media/logos"},
		{"an object", []model.Key{file}, "studio-media"},
		{"rows of one folder", []model.Key{folder, file}, "studio-media"},
		{"buckets", buckets, ""},
		{"a bucket and what is in it", []model.Key{bucket, file}, ""},
	} {
		sel := &model.Selection{}
		for _, k := range c.rows {
			sel.Add(k)
		}
		got := ""
		if at := vm.Target(sel); !at.IsRoot() {
			got = browser.Where(at)
		}
		if got != c.want {
			t.Errorf("%s: uploads go to %q, want %q", c.what, got, c.want)
		}
		list.Select(c.rows...)
		if got := p.win.State().Uploads; got != (c.want != "") {
			t.Errorf("%s: upload is enabled: %v", c.what, got)
		}
	}
}

func TestApp_ComesBackWhereItWas(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.open(storage.Location{Bucket: "studio-media", Key: "logos/"})
	p.app.SaveState()
	p.until("the state on disk", func() bool { return len(p.state.Load()) > 0 && slices.Contains(savedKeys(p.state.Load()), "logos/") })
	p.app.Start(nil, storage.Location{})
	w := p.app.Windows()[len(p.app.Windows())-1]
	p.until("the old folder", func() bool { return w.VM.At().Key == "logos/" && !w.VM.Listing() })
}

func savedKeys(raw []byte) []string {
	var w workspace
	if err := json.Unmarshal(raw, &w); err != nil {
		return nil
	}
	var out []string
	for _, s := range w.Windows {
		out = append(out, s.Key)
	}
	return out
}

func TestApp_BookmarkFolderIsWatched(t *testing.T) {
	p := newProgram(t)
	p.start()
	if _, err := p.env.Bookmarks.Add(bookmarks.Bookmark{Protocol: "s3", Nickname: "From elsewhere", Hostname: "s3.example.com"}); err != nil {
		t.Fatal(err)
	}
	p.until("the bookmark", func() bool { return slices.Contains(p.win.Marks.Names(), "From elsewhere") })
}

func TestApp_QuitAsksWhileTransfersRun(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.open(storage.Location{Bucket: "studio-media"})
	p.queue.SetLimits(transfer.Limits{UpBytes: 100_000})
	file := filepath.Join(t.TempDir(), "large.bin")
	if err := os.WriteFile(file, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	p.win.VM.Upload([]string{file}, p.win.VM.At())
	p.until("the upload", func() bool { ts := p.app.Transfers(); return len(ts) == 1 && ts[0].State == transfer.Running })
	p.app.Quit()
	if p.app.quitting {
		t.Error("the program ends without asking")
	}
	if p.win.Win.Canvas().Overlays().Top() == nil {
		t.Error("no question is shown")
	}
}

func TestApp_EveryWindowOpens(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.app.ShowTransfers()
	p.app.ShowAbout()
	p.app.ShowShortcuts()
	p.app.OpenConnection(p.win)
	p.app.EditBookmark(p.win, bookmarks.Bookmark{}, true)
	p.app.NewWindow()
	if got := len(p.app.Windows()); got != 2 {
		t.Errorf("%d browser windows", got)
	}
	for _, mode := range []string{"light", "dark", ""} {
		p.app.SetTheme(mode)
		if p.app.Theme() != mode {
			t.Errorf("theme %q, want %q", p.app.Theme(), mode)
		}
	}
}
