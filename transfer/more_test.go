//go:build unix

package transfer_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/localfs"
	"pintail/internal/prompt"
	"pintail/storage"
	"pintail/transfer"
	"pintail/transfer/transfertest"
)

func TestCopy_LargeGoesInPartsAndKeepsWhatItIs(t *testing.T) {
	everywhere(t, func(t *testing.T, b *transfertest.Bench) {
		proof{"object.copy"}.on(b)
		q := b.Queue()
		q.SetSingleCopy(8*mib, 6*mib)
		up := parts5(b.Upload(b.File("large", 21*mib+5, 1), "d/large.bin"))
		up.Options.Write = storage.WriteOptions{Headers: storage.Headers{ContentType: "application/x-test", CacheControl: "no-store"}, Metadata: map[string]string{"who": "me"}}
		b.MustDone(q, up, 1)
		b.Object("d/small", 10, 2)
		b.MustDone(q, transfer.Request{Kind: transfer.Copy, Sources: []transfer.Source{{Remote: b.Loc("d/")}}, Target: transfer.Target{Remote: b.Loc("e/")}}, 2)
		info, err := b.Session.Stat(t.Context(), b.Loc("e/d/large.bin"))
		if err != nil || info.Headers.ContentType != "application/x-test" || info.Metadata["who"] != "me" || info.Headers.CacheControl != "no-store" {
			t.Errorf("%+v, %v", info, err)
		}
	})
}

func TestQueue_FolderIntoItsOwnParentIsFinite(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Object("d/a", 10, 1)
	b.Object("d/z", 10, 2)
	q := b.Queue()
	if _, err := q.Add(t.Context(), transfer.Request{Kind: transfer.Copy, Sources: []transfer.Source{{Remote: b.Loc("d/")}}, Target: transfer.Target{Remote: b.Loc("d/")}}); err == nil {
		t.Error("a folder was copied into itself")
	}
	// A whole bucket into a folder of another, and back into the first.
	b.MustDone(q, transfer.Request{Kind: transfer.Copy, Sources: []transfer.Source{{Remote: b.Loc("d/")}}, Target: transfer.Target{Remote: b.Loc("c/"), Exact: true}}, 2)
}

func TestDownload_LinkFarm(t *testing.T) {
	b := transfertest.New(t, embedded)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.MkdirAll(secret, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(secret, "f"), []byte("canary"), 0o644); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"tree/abs": secret, "tree/up": "../..", "tree/f": filepath.Join(secret, "f"), "tree/loop": "loop"} {
		path := filepath.Join(b.Root, link)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.Symlink(to, path)); err != nil {
			t.Fatal(err)
		}
	}
	for i, k := range []string{"abs/f", "abs/new", "up/canary", "up/x", "f", "loop/x", "ok", "../canary", "../../etc/x", "/etc/y"} {
		b.Object("farm/"+k, int64(10+i), uint64(i))
	}
	no := &prompt.Script{Confirms: []bool{false, false, false, false}}
	q := b.Queue(func(c *transfer.Config) { c.Prompter = no })
	s := b.Run(q, b.Download("farm/", "tree"))
	if s.Done != 5 || s.Failed != 5 {
		t.Errorf("%+v", s)
	}
	if n := len(no.Asked()); n != 2 {
		t.Errorf("asked %d times about two links", n)
	}
	c, err := os.ReadFile(filepath.Join(secret, "f"))
	if es, _ := os.ReadDir(secret); err != nil || string(c) != "canary" || len(es) != 1 {
		t.Fatalf("outside: %q, %v, %v", c, err, es)
	}
	if fi, err := os.Lstat(filepath.Join(b.Root, "tree/f")); err != nil || fi.Mode()&fs.ModeSymlink != 0 {
		t.Errorf("the link at the target was followed: %v, %v", fi, err)
	}
}

func TestDownload_TheChosenFolderMayBeALink(t *testing.T) {
	b := transfertest.New(t, embedded)
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(b.Root, "link")); err != nil {
		t.Fatal(err)
	}
	body := b.Object("d/f", 10, 1)
	nobody := &prompt.Script{}
	q := b.Queue(func(c *transfer.Config) { c.Prompter = nobody })
	b.MustDone(q, b.Download("d/", "link"), 1)
	if got, err := os.ReadFile(filepath.Join(elsewhere, "f")); err != nil || string(got) != string(body) || len(nobody.Asked()) > 0 {
		t.Errorf("%q, %v, asked %v", got, err, nobody.Asked())
	}
	b.Unchecked() // what is outside by a link is what the checker looks for
}

func TestUpload_TreeWithEverything(t *testing.T) {
	b := transfertest.New(t, embedded)
	root := filepath.Join(b.Src, "tree")
	b.File("tree/a.html", 10, 1)
	b.File("tree/noext", 10, 2)
	b.File("tree/backup~", 10, 3)
	b.File("tree/sub/.DS_Store", 10, 4)
	b.File("tree/sub/deep/x.log", 10, 5)
	b.File("tree/"+strings.Repeat("n", 200)+"/"+strings.Repeat("m", 200)+"/"+strings.Repeat("o", 200)+"/"+strings.Repeat("p", 200)+"/"+strings.Repeat("q", 240)+"/too-long", 1, 6)
	if err := syscall.Mkfifo(filepath.Join(root, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("..", filepath.Join(root, "sub/loop")); err != nil {
		t.Fatal(err)
	}
	when := time.Unix(1_600_000_000, 250_000_000)
	if err := os.Chtimes(filepath.Join(root, "a.html"), when, when); err != nil {
		t.Fatal(err)
	}
	q := b.Queue()
	r := b.Upload(root, "t/")
	r.Options.Ignore, r.Options.Exclude, r.Options.PreserveTime = []string{"*~", ".DS_Store"}, []string{"**/*.log"}, true
	s := b.Run(q, r)
	if s.Done != 2 || s.Skipped != 2 || s.Failed != 1 {
		t.Fatalf("%+v", s)
	}
	info, err := b.Session.Stat(t.Context(), b.Loc("t/a.html"))
	if err != nil || !strings.HasPrefix(info.Headers.ContentType, "text/html") || info.Metadata["mtime"] != "1600000000.250000000" {
		t.Errorf("%+v, %v", info, err)
	}
	down := b.Download("t/a.html", "a.html")
	down.Options.PreserveTime = true
	b.MustDone(q, down, 1)
	if fi, err := os.Stat(filepath.Join(b.Root, "a.html")); err != nil || !fi.ModTime().Equal(when) {
		t.Errorf("time %v, %v", fi.ModTime(), err)
	}
	inc := b.Download("t/", "inc")
	inc.Options.Include = []string{"*.html"}
	b.MustDone(q, inc, 1)
}

func TestQueue_NothingThereIsAnError(t *testing.T) {
	b := transfertest.New(t, embedded)
	q := b.Queue()
	for name, r := range map[string]transfer.Request{
		"key": b.Download("nothing", "x"), "folder": b.Download("no/folder/", "new/y"), "local": b.Upload(filepath.Join(b.Src, "none"), "k"),
	} {
		s := b.Run(q, r)
		if s.State != transfer.Failed || s.Failed != 1 || name != "local" && storage.KindOf(s.Errors[0].Err) != storage.KindNotFound ||
			name == "local" && !errors.Is(s.Errors[0].Err, fs.ErrNotExist) && !strings.Contains(s.Errors[0].Err.Error(), "no such file") {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for _, name := range []string{"x", "new"} {
		if _, err := os.Lstat(filepath.Join(b.Root, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was left: %v", name, err)
		}
	}
}

func TestQueue_DeleteEveryVersion(t *testing.T) {
	b := transfertest.New(t, embedded)
	if err := b.Server.Demo.AddBucket("versioned", time.Now(), true); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		if err := b.Server.Demo.Add(demo.Object{Bucket: "versioned", Key: fmt.Sprintf("k%d", i%10), Body: []byte{byte(i)}, Marker: i%7 == 0}); err != nil {
			t.Fatal(err)
		}
	}
	q := b.Queue()
	s := b.Run(q, transfer.Request{
		Kind: transfer.Delete, Sources: []transfer.Source{{Remote: storage.Location{Bucket: "versioned"}}}, Options: transfer.Options{Versions: true},
	})
	if s.Done != 30 || s.State != transfer.Done {
		t.Fatalf("%+v", s)
	}
	for pg, err := range b.Session.ListVersions(t.Context(), "versioned", "", storage.ListOptions{}) {
		if err != nil || len(pg.Entries) > 0 {
			t.Errorf("%+v, %v", pg, err)
		}
	}
}

func TestDelete_EachKeyHasItsOwnResult(t *testing.T) {
	f := newScript()
	b := transfertest.New(t, f.server)
	for i := range 3 {
		b.Object(fmt.Sprintf("d/%d", i), 1, uint64(i))
	}
	f.set(faultserver.Rule{Op: "DeleteObjects", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1})
	q := b.Queue()
	s := b.Run(q, transfer.Request{Kind: transfer.Delete, Sources: []transfer.Source{{Remote: b.Loc("d/")}}})
	if s.Failed != 3 || storage.KindOf(s.Errors[0].Err) != storage.KindPermission {
		t.Errorf("%+v", s)
	}
}

func TestQueue_OnItemTellsEachOnce(t *testing.T) {
	b := transfertest.New(t, embedded)
	for i := range 50 {
		b.File(fmt.Sprintf("tree/f%d", i), int64(i), uint64(i))
	}
	if err := os.Symlink("/nowhere", filepath.Join(b.Src, "tree/broken")); err != nil {
		t.Fatal(err)
	}
	seen := map[int64]transfer.Result{}
	r := b.Upload(filepath.Join(b.Src, "tree"), "t/")
	r.OnItem = func(i transfer.Item) {
		if _, twice := seen[i.ID]; twice || i.Result == transfer.Pending {
			t.Errorf("told again, or not ended: %+v", i)
		}
		seen[i.ID] = i.Result
	}
	q := b.Queue()
	s := b.Run(q, r)
	if len(seen) != 51 || s.Failed != 1 {
		t.Errorf("%d told, %+v", len(seen), s)
	}
}

func TestDownload_PathTooLongIsOneFailure(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Object("in/"+strings.Repeat("\x01", 1000), 5, 1) // five bytes each as a name
	b.Object("in/fine", 5, 2)
	q := b.Queue()
	s := b.Run(q, b.Download("in/", "x"))
	if s.Done != 1 || s.Failed != 1 || !errors.Is(s.Errors[0].Err, localfs.ErrPathTooLong) {
		t.Errorf("%+v", s)
	}
}

// A small file that may replace what is there is fetched without a look first: a folder in its place must stay what it is all the same.
func TestDownload_AFolderInItsPlaceStays(t *testing.T) {
	b := transfertest.New(t, embedded)
	b.Object("in/sub/taken", 5, 1)
	b.Object("in/sub/fine", 5, 2)
	r := b.Download("in/", "x")
	q := b.Queue()
	if s := b.Run(q, r); s.Done != 2 {
		t.Fatalf("%+v", s)
	}
	taken := filepath.Join(b.Root, "x", "sub", "taken")
	if err := errors.Join(os.Remove(taken), os.MkdirAll(filepath.Join(taken, "mine"), 0o700)); err != nil {
		t.Fatal(err)
	}
	s := b.Run(q, r)
	if s.Done != 1 || s.Failed != 1 || !errors.Is(s.Errors[0].Err, localfs.ErrIsFolder) || !strings.Contains(s.Errors[0].Err.Error(), taken) {
		t.Errorf("%+v", s)
	}
	names, err := os.ReadDir(filepath.Dir(taken))
	if err != nil || len(names) != 2 {
		t.Errorf("beside it: %v, %v", names, err)
	}
	if fi, err := os.Stat(filepath.Join(taken, "mine")); err != nil || !fi.IsDir() {
		t.Errorf("what was in it: %v", err)
	}
}
