package localfs_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pintail/internal/localfs"
	"pintail/internal/testkit"
)

// ruleSet is what a system allows as a name, and which names it takes for one.
type ruleSet struct {
	name    string
	folding localfs.Folding
	legal   func(name string) bool
}

var ruleSets = []ruleSet{
	{"linux", localfs.Folding{}, func(n string) bool { return len(n) <= 255 && !strings.ContainsAny(n, "\x00/") }},
	{"macos", localfs.Folding{Case: true, Unicode: true}, func(n string) bool {
		return utf8.ValidString(n) && len(utf16.Encode([]rune(n))) <= 255 && len(n) <= 255 && !strings.ContainsAny(n, "\x00/:")
	}},
	{"windows", localfs.Folding{Case: true}, func(n string) bool {
		device, _, _ := strings.Cut(strings.ToUpper(n), ".")
		device = strings.TrimRight(device, " ")
		for _, d := range strings.Fields("CON PRN AUX NUL CONIN$ CONOUT$ COM0 COM1 COM2 COM3 COM4 COM5 COM6 COM7 COM8 COM9 LPT0 LPT1 LPT9 COM¹ COM² COM³ LPT¹ LPT² LPT³") {
			if device == d {
				return false
			}
		}
		control := strings.ContainsFunc(n, func(r rune) bool { return r < 0x20 })
		return utf8.ValidString(n) && len(utf16.Encode([]rune(n))) <= 255 && !control && !strings.ContainsAny(n, `"*:<>?\|/`) && !strings.HasSuffix(n, ".") && !strings.HasSuffix(n, " ")
	}},
}

// TestRules_HostileKeysBesideCanaries maps 2,000 keys by the rules of three systems, as a download does (a name that the system
// takes for another gets a number), and writes them into a folder with canaries beside it and planted links in it.
func TestRules_HostileKeysBesideCanaries(t *testing.T) {
	for _, rules := range ruleSets {
		t.Run(rules.name, func(t *testing.T) {
			t.Parallel() // most of the time goes into flushing files
			hostileKeys(t, rules)
		})
	}
}

func hostileKeys(t *testing.T, rules ruleSet) {
	rnd := testkit.Rand(t)
	atoms := []string{
		"..", ".", "/", "/", "//", "a", "A", "\\", "C:", "\x00", "\n", "~", "%2e%2e", "..\\", "‛", "‛+", "‛-", "‛!1", "CON", "con.txt", "LPT1", " ", "é", "e\u0301", "É",
		"ß", "SS", "\xff", "root", "canary", "abs", "up", "file.link", strings.Repeat("n", 250), "長", "*", "?", "|",
	}
	d, root := dest(t)
	outside := t.TempDir()
	touch(t, filepath.Join(filepath.Dir(root), "canary"), "canary")
	touch(t, filepath.Join(outside, "canary"), "canary")
	for link, to := range map[string]string{"abs": outside, "up": "..", "file.link": filepath.Join(outside, "canary"), "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	taken, written := map[string]string{}, map[string]string{}
	for n := 0; n < 2000; {
		var b strings.Builder
		for range 1 + rnd.IntN(7) {
			b.WriteString(atoms[rnd.IntN(len(atoms))])
		}
		key := b.String()
		if strings.HasSuffix(key, "/") {
			continue
		}
		n++
		rel := place(t, rules, taken, key)
		err := put(d, rel, key)
		switch {
		case err == nil:
			written[rel] = key
		case errors.Is(err, localfs.ErrEscapes), errors.Is(err, localfs.ErrIsFolder), errors.Is(err, localfs.ErrNotFolder), errors.Is(err, syscall.ENOTDIR),
			errors.Is(err, localfs.ErrPathTooLong), errors.Is(err, fs.ErrExist), errors.Is(err, syscall.ELOOP):
		default:
			t.Fatalf("%q as %q: %v", key, rel, err)
		}
	}
	for rel, key := range written {
		if c, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(rel))); err != nil || string(c) != key {
			t.Errorf("%q holds %q, %v; want %q", rel, c, err, key)
		}
	}
	for dir, want := range map[string]int{filepath.Dir(root): 2, outside: 1} {
		if es, err := os.ReadDir(dir); err != nil || len(es) != want {
			t.Errorf("outside, in %s: %v, %v", dir, es, err)
		}
		if c, err := os.ReadFile(filepath.Join(dir, "canary")); err != nil || string(c) != "canary" {
			t.Errorf("the canary of %s: %q, %v", dir, c, err)
		}
	}
	if len(written) < 1000 {
		t.Errorf("only %d keys could be written", len(written))
	}
}

// place maps a key as a download does and proves what is promised of the name.
func place(t *testing.T, rules ruleSet, taken map[string]string, key string) string {
	t.Helper()
	wish, err := localfs.KeyToLocal(key)
	if err != nil {
		t.Fatalf("%q: %v", key, err)
	}
	rel := wish
	for n := 1; ; n++ {
		other, is := taken[rules.folding.Key(rel)]
		if !is || other == key {
			break
		}
		rel = localfs.WithSuffix(wish, n)
	}
	taken[rules.folding.Key(rel)] = key
	if back := localfs.LocalToKey(rel); back != key {
		t.Fatalf("%q is %q and comes back as %q", key, rel, back)
	}
	for name := range strings.SplitSeq(rel, "/") {
		if name == "" || name == "." || name == ".." || !rules.legal(name) {
			t.Fatalf("%q has the name %q, which %s does not allow", key, name, rules.name)
		}
	}
	if path.IsAbs(rel) || path.Clean(rel) != rel {
		t.Fatalf("%q is the path %q", key, rel)
	}
	return rel
}

func FuzzIsTemp(f *testing.F) {
	for _, s := range []string{"", ".a.0123456789abcdef.pintail-part", ".pintail-part", "..0123456789abcdef.pintail-part", "a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if localfs.IsTemp(name) && (len(name) < 18 || name[0] != '.') {
			t.Fatalf("%q counts as ours", name)
		}
		if strings.ContainsAny(name, "/\x00") || name == "" || name == "." || name == ".." {
			return
		}
		if temp := localfs.TempFor(name); !localfs.IsTemp(temp) || path.Dir(temp) != "." || len(temp) > 255 {
			t.Fatalf("%q gets the temporary name %q", name, temp)
		}
	})
}
