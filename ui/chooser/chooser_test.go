package chooser

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/internal/testkit"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/tasks"
)

// fakeFiles is a small tree in memory.
type fakeFiles map[string][]File

func (f fakeFiles) List(_ context.Context, dir string) ([]File, error) {
	l, ok := f[dir]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrPermission}
	}
	return l, nil
}

func (f fakeFiles) Abs(p string) (string, bool, bool) {
	if _, ok := f[p]; ok {
		return p, true, true
	}
	for _, e := range f[path.Dir(p)] {
		if e.Name == path.Base(p) {
			return p, e.Folder, true
		}
	}
	return p, false, false
}
func (fakeFiles) Join(a, b string) string { return path.Join(a, b) }
func (fakeFiles) Parent(d string) string  { return path.Dir(d) }
func (fakeFiles) Places() []Place         { return []Place{{Title: "Home", Path: "/home", Icon: "home"}} }

func tree() fakeFiles {
	return fakeFiles{"/": {{Name: "home", Folder: true}},
		"/home":       {{Name: "b.txt", Size: 5}, {Name: "a.txt", Size: 9}, {Name: ".hidden"}, {Name: "music", Folder: true}, {Name: "closed", Folder: true}},
		"/home/music": {{Name: "song.mp3", Size: 1}}}
}

type bench struct {
	t      *testing.T
	c      *Chooser
	posted chan func()
	parts  map[string]fyne.CanvasObject
	got    []string
}

func newBench(t *testing.T, folder bool) *bench {
	t.Helper()
	return newBenchOf(t, Options{Folder: folder})
}

func newBenchOf(t *testing.T, o Options) *bench {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	b := &bench{t: t, posted: make(chan func(), 100), parts: map[string]fyne.CanvasObject{}}
	g := tasks.New(context.Background(), func(f func()) { b.posted <- f })
	t.Cleanup(func() { g.Close(); g.Wait() })
	o.Title, o.OK, o.Start = "t", "Upload", "/home"
	o.Register, o.Done = func(id string, o fyne.CanvasObject) { b.parts[id] = o }, func(p []string) { b.got = p }
	b.c = Show(a, tree(), g, o)
	b.until(func() bool { return b.c.dir == "/home" })
	return b
}

func (b *bench) until(ok func() bool) {
	b.t.Helper()
	testkit.Until(b.t, b.posted, ok, func() string { return "it has not happened" })
}

func (b *bench) list() *outline.Outline { return b.parts["chooser.list"].(*outline.Outline) }
func (b *bench) ok() *kit.Button        { return b.parts["chooser.ok"].(*kit.Button) }

func (b *bench) names() string {
	var out []string
	for _, r := range b.list().VisibleRows() {
		out = append(out, r.Name)
	}
	return strings.Join(out, " ")
}

func (b *bench) pick(names ...string) {
	var keys []outline.Key
	for _, r := range b.list().VisibleRows() {
		if slices.Contains(names, r.Name) {
			keys = append(keys, r.Key)
		}
	}
	b.list().Select(keys...)
}

func TestChooser_ManyFilesAndFoldersAtOnce(t *testing.T) {
	b := newBench(t, false)
	if got := b.names(); got != "closed music a.txt b.txt" {
		t.Fatalf("rows %q", got)
	}
	if !b.ok().Disabled() {
		t.Error("possible with nothing chosen")
	}
	b.pick("music", "b.txt")
	b.ok().Tapped(nil)
	slices.Sort(b.got)
	if strings.Join(b.got, " ") != "/home/b.txt /home/music" {
		t.Errorf("chosen %q", b.got)
	}
}

func TestChooser_TypedPath(t *testing.T) {
	b := newBench(t, false)
	field := b.parts["chooser.path"].(*kit.Entry)
	field.SetText("/home/music")
	if b.ok().Disabled() {
		t.Fatal("a typed path cannot be chosen")
	}
	b.ok().Tapped(nil)
	if len(b.got) != 1 || b.got[0] != "/home/music" {
		t.Errorf("chosen %q", b.got)
	}
}

func TestChooser_GoesIntoFoldersAndSaysWhatItCannotRead(t *testing.T) {
	b := newBench(t, false)
	b.c.typed("/home/music")
	b.until(func() bool { return b.c.dir == "/home/music" })
	if got := b.names(); got != "song.mp3" {
		t.Errorf("rows %q", got)
	}
	b.c.open("/home/closed")
	b.until(func() bool { return b.c.dir == "/home/closed" })
	if b.names() != "" {
		t.Errorf("rows %q of a folder that cannot be read", b.names())
	}
}

func TestChooser_FolderIsTheOneShown(t *testing.T) {
	b := newBench(t, true)
	b.ok().Tapped(nil)
	if len(b.got) != 1 || b.got[0] != "/home" {
		t.Errorf("chosen %q", b.got)
	}
}

func TestFiles_SortAndTypeAhead(t *testing.T) {
	t.Parallel()
	m := &files{now: time.Now}
	m.set(tree()["/home"])
	m.Sort("size", true)
	if f, _ := m.file(m.Key(0)); f.Name != "closed" && f.Name != "music" {
		t.Errorf("a file stands before the folders: %q", f.Name)
	}
	if i := m.Find("B", 0); i < 0 || m.all[m.shown[i]].Name != "b.txt" {
		t.Errorf("type-ahead found %d", i)
	}
}

// Where one file is asked for, several are not possible and a folder is gone into.
func TestChooser_OneFile(t *testing.T) {
	b := newBenchOf(t, Options{File: true})
	b.pick("a.txt", "b.txt")
	if !b.ok().Disabled() {
		t.Error("two files are possible")
	}
	b.pick("music")
	b.ok().Tapped(nil)
	b.until(func() bool { return b.c.dir == "/home/music" })
	b.pick("song.mp3")
	b.ok().Tapped(nil)
	if !slices.Equal(b.got, []string{"/home/music/song.mp3"}) {
		t.Errorf("chosen %q", b.got)
	}
}
