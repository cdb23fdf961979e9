//go:build unix

package localfs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"pintail/internal/localfs"
	"pintail/internal/testkit"
)

func TestWalk_OrdersAsAListingDoes(t *testing.T) {
	dir := t.TempDir()
	names := []string{"a/x", "a.txt", "a-b", "a0", "b/c/d", "b/c.e", "Z", "é", "a/‛-/deep", "‛3A", "x‛+/yz"}
	for _, n := range names {
		touch(t, filepath.Join(dir, n), "1")
	}
	if err := os.MkdirAll(filepath.Join(dir, "b/empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	var got []string
	for e := range localfs.Walk(dir, localfs.WalkOptions{}) {
		got = append(got, e.Key)
	}
	want := []string{"a/x", "a.txt", "a-b", "a0", "b/c/d", "b/c.e", "b/empty/", "Z", "é", "a//deep", ":", "x‛+/yz"}
	slices.Sort(want)
	sorted := slices.Clone(got)
	slices.Sort(sorted)
	if !slices.Equal(sorted, want) {
		t.Fatalf("walked %q, want %q", got, want)
	}
	if !slices.IsSorted(got) {
		t.Errorf("not in the order of keys: %q", got)
	}
	for i := range got {
		var rest []string
		for e := range localfs.Walk(dir, localfs.WalkOptions{After: got[i]}) {
			rest = append(rest, e.Key)
		}
		if !slices.Equal(rest, got[i+1:]) {
			t.Errorf("after %q come %q, want %q", got[i], rest, got[i+1:])
		}
	}
}

func TestWalk_LinksLoopsAndSpecialFiles(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	touch(t, filepath.Join(dir, "d/f"), "1")
	touch(t, filepath.Join(out, "o"), "1")
	for link, to := range map[string]string{"d/loop": "..", "d/file": "f", "out": out, "dangling": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // only there to be seen
	touch(t, filepath.Join(dir, ".f.0123456789abcdef.pintail-part"), "1")
	temp := ".f.0123456789abcdef.pintail-part 2"
	for policy, want := range map[localfs.LinkPolicy][]string{
		localfs.FollowLinks: {temp, "d/f 0", "d/file 0", "d/loop/ 2", "dangling 3", "fifo 2", "out/o 0", "sock 2"},
		localfs.SkipLinks:   {temp, "d/f 0", "d/file 2", "d/loop 2", "dangling 2", "fifo 2", "out 2", "sock 2"},
		localfs.FailLinks:   {temp, "d/f 0", "d/file 3", "d/loop 3", "dangling 3", "fifo 2", "out 3", "sock 2"},
	} {
		if got := keys(dir, localfs.WalkOptions{Links: policy}); !slices.Equal(got, want) {
			t.Errorf("policy %d: %q, want %q", policy, got, want)
		}
	}
}

func TestWalk_TwoNamesForOneKey(t *testing.T) {
	dir := t.TempDir()
	touch(t, filepath.Join(dir, "a:b"), "1")
	touch(t, filepath.Join(dir, "a‛3Ab"), "1")
	if got := keys(dir, localfs.WalkOptions{}); !slices.Equal(got, []string{"a:b 0", "a:b 3"}) {
		t.Errorf("%q", got)
	}
}

func TestWriter_TargetIsOldOrWhole(t *testing.T) {
	d, root := dest(t)
	touch(t, filepath.Join(root, "a/f"), "old")
	w, err := d.Create("a/f", localfs.TempFor("a/f"), 10)
	if err != nil {
		t.Fatal(err)
	}
	read := func() string { c, _ := os.ReadFile(filepath.Join(root, "a/f")); return string(c) }
	if _, err := w.WriteAt([]byte("12345"), 5); err != nil || read() != "old" {
		t.Fatalf("%q, %v", read(), err)
	}
	fi, err := d.Lstat(w.Temp())
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("temporary file: %v, %v", fi.Mode(), err)
	}
	id, err := w.Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Keep(); err != nil {
		t.Fatal(err)
	}
	if w, err = d.Reopen("a/f", w.Temp(), id); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(11, time.Time{}); !errors.Is(err, localfs.ErrSize) || read() != "old" {
		t.Errorf("committed with a wrong size: %v, %q", err, read())
	}
	if w, err = d.Reopen("a/f", w.Temp(), id); err != nil {
		t.Fatal(err)
	}
	when := time.Unix(1_600_000_000, 0)
	if err := w.Commit(10, when); err != nil {
		t.Fatal(err)
	}
	fi, err = os.Stat(filepath.Join(root, "a/f"))
	if err != nil || read() != "\x00\x00\x00\x00\x0012345" || !fi.ModTime().Equal(when) || fi.Mode().Perm()&0o400 == 0 {
		t.Errorf("%q, %v, %v", read(), fi, err)
	}
	if _, err := d.Reopen("a/f", "a/f", id); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is no temporary one was opened: %v", err)
	}
}

func TestDest_NothingLeavesIt(t *testing.T) {
	d, root := dest(t)
	outside := filepath.Join(filepath.Dir(root), "outside")
	touch(t, filepath.Join(outside, "canary"), "canary")
	for link, to := range map[string]string{"abs": outside, "rel": "../outside", "final": filepath.Join(outside, "canary"), "up": ".."} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, rel := range []string{"abs/x", "rel/x", "up/x", "../x", "a/../../x", "abs/canary", "up/outside/canary"} {
		if err := put(d, rel, "bad"); err == nil {
			t.Errorf("%s was written", rel)
		}
	}
	if err := put(d, "final", "new"); err != nil {
		t.Errorf("a link at the target itself is replaced, not followed: %v", err)
	}
	if link, rest, found := d.LinkOut("abs/x/y"); link != "abs" || rest != "x/y" || !found {
		t.Errorf("%q, %q, %v", link, rest, found)
	}
	if err := d.MkdirAll("abs/q"); !errors.Is(err, localfs.ErrEscapes) {
		t.Errorf("%v", err)
	}
	c, err := os.ReadFile(filepath.Join(outside, "canary"))
	if err != nil || string(c) != "canary" {
		t.Errorf("canary: %q, %v", c, err)
	}
	if es, _ := os.ReadDir(outside); len(es) != 1 {
		t.Errorf("outside: %v", es)
	}
}

func TestDest_HostileKeysStayInside(t *testing.T) {
	rnd := testkit.Rand(t)
	d, root := dest(t)
	atoms := []string{"..", ".", "/", "//", "a", "\\", "C:", "\x00", "~", "%2e%2e", "..\\", "‛", "CON", " ", "root", "canary"}
	touch(t, filepath.Join(filepath.Dir(root), "canary"), "canary")
	want := map[string]string{}
	for i := range 2000 {
		key := ""
		for range 1 + rnd.IntN(7) {
			key += atoms[rnd.IntN(len(atoms))]
		}
		local, err := localfs.KeyToLocal(key)
		if err != nil || strings.HasSuffix(key, "/") {
			continue
		}
		content := fmt.Sprint(i)
		err = put(d, local, content)
		if errors.Is(err, localfs.ErrIsFolder) || errors.Is(err, localfs.ErrNotFolder) || errors.Is(err, syscall.ENOTDIR) {
			continue
		}
		if err != nil {
			t.Fatalf("%q as %q: %v", key, local, err)
		}
		want[key] = content
	}
	for key, content := range want {
		local, _ := localfs.KeyToLocal(key)
		if c, err := os.ReadFile(filepath.Join(root, local)); err != nil || string(c) != content {
			t.Errorf("%q: %q, %v", key, c, err)
		}
	}
	es, err := os.ReadDir(filepath.Dir(root))
	if err != nil || len(es) != 2 {
		t.Errorf("beside the destination: %v, %v", es, err)
	}
	t.Logf("%d keys written", len(want))
}

func TestCheckPath_TooLongIsOneError(t *testing.T) {
	d, _ := dest(t)
	rel := strings.Repeat("d/", 2100) + "f"
	if err := put(d, rel, "x"); !errors.Is(err, localfs.ErrPathTooLong) {
		t.Errorf("%v", err)
	}
}

func TestIdentity_SeesEveryChange(t *testing.T) {
	for name, change := range map[string]func(string) error{
		"truncated": func(p string) error { return os.Truncate(p, 1) },
		"touched":   func(p string) error { return os.Chtimes(p, time.Now(), time.Unix(5, 0)) },
		"replaced": func(p string) error {
			return errors.Join(os.WriteFile(p+"2", []byte("abc"), 0o644), os.Chtimes(p+"2", time.Unix(9, 0), time.Unix(9, 0)), os.Rename(p+"2", p))
		},
		"gone": os.Remove,
	} {
		path := filepath.Join(t.TempDir(), "f")
		touch(t, path, "abc")
		if err := os.Chtimes(path, time.Unix(9, 0), time.Unix(9, 0)); err != nil {
			t.Fatal(err)
		}
		f, id, err := localfs.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := localfs.Same(f, path, id); !same || err != nil {
			t.Errorf("unchanged: %v, %v", same, err)
		}
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		if same, err := localfs.Same(f, path, id); same || err != nil {
			t.Errorf("%s: %v, %v", name, same, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFolding_Keys(t *testing.T) {
	both := localfs.Folding{Case: true, Unicode: true}
	if both.Key("README") != both.Key("readme") || both.Key("é") != both.Key("e\u0301") || both.Key("É") != both.Key("e\u0301") {
		t.Error("names that are one are told apart")
	}
	if (localfs.Folding{}).Key("A") == (localfs.Folding{}).Key("a") {
		t.Error("names that are two are taken for one")
	}
	d, _ := dest(t)
	t.Logf("here: %+v", d.Folding())
}
