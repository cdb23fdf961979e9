package localfs

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestKeyToLocal_FollowsTheTable(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct{ key, want string }{
		{"a/b.txt", "a/b.txt"},
		{"a//b", "a/‛-/b"},
		{"/a", "‛-/a"},
		{"/", "‛-"},
		{"//", "‛-/‛-"},
		{"a/", "a"},
		{"a/../b", "a/.‛2E/b"},
		{"./x", "‛2E/x"},
		{"...", "..‛2E"},
		{"name ", "name‛20"},
		{"12:30?.txt", "12‛3A30‛3F.txt"},
		{"line\nbreak", "line‛0Abreak"},
		{"nul\x00", "nul‛00"},
		{`c:\x`, "c‛3A‛5Cx"},
		{"\xff\xfe", "‛FF‛FE"},
		{"CON", "‛43ON"},
		{"nul.tar.gz", "‛6Eul.tar.gz"},
		{"com1 .txt", "‛63om1 .txt"},
		{"LPT²", "‛4CPT²"},
		{"conin$", "‛63onin$"},
		{"console", "console"},
		{"‛3A", "‛‛3A"},
		{"emoji 😀", "emoji 😀"},
		{"a+b %20 'q'", "a+b %20 'q'"},
		{long, strings.Repeat("x", 240) + "‛+/" + strings.Repeat("x", 60)},
	} {
		got, err := KeyToLocal(c.key)
		if err != nil || got != c.want {
			t.Errorf("KeyToLocal(%q) = %q, %v; want %q", c.key, got, err, c.want)
		}
	}
	if _, err := KeyToLocal(""); err == nil {
		t.Error("the empty key was mapped")
	}
}

func TestLocalToKey_LeavesForeignNamesAlone(t *testing.T) {
	for _, name := range []string{"a:b", "‛", "‛zz", "x‛41", "‛+", "a‛+", "trail.", "‛-x", "con", "\xff", "‛!1", "a‛3a"} {
		if got := LocalToKey(name); got != name {
			t.Errorf("LocalToKey(%q) = %q", name, got)
		}
	}
}

func TestWithSuffix_IsDroppedOnTheWayBack(t *testing.T) {
	for _, key := range []string{"README", "a/b.txt", "x/.bashrc", "‛‛!1", "dot.", "v1.2/‛!1.z"} {
		local, err := KeyToLocal(key)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 12} {
			if got := LocalToKey(WithSuffix(local, n)); got != key {
				t.Errorf("%q with suffix %q comes back as %q", key, WithSuffix(local, n), got)
			}
		}
	}
}

// checkKey proves the promises for one key: it comes back, each name is legal everywhere.
func checkKey(t *testing.T, key string) string {
	t.Helper()
	local, err := KeyToLocal(key)
	if err != nil {
		t.Fatalf("KeyToLocal(%q): %v", key, err)
	}
	if back := LocalToKey(local); back != strings.TrimSuffix(key, "/") {
		t.Fatalf("%q is %q and comes back as %q", key, local, back)
	}
	for name := range strings.SplitSeq(local, "/") {
		if name == "" || name == "." || name == ".." || len(name) > 255 || !utf8.ValidString(name) ||
			strings.ContainsAny(name, "\x00\"*:<>?\\|\x7f\n\t") || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") || isDevice(name) {
			t.Fatalf("%q has the illegal name %q", key, name)
		}
	}
	return local
}

func randomKey(r *rand.Rand) string {
	atoms := []string{
		"a", "B", "/", "/", "//", ".", "..", " ", ":", "*", "\\", "\x00", "\n", "\x7f", "‛", "‛+", "‛-", "‛!1", "‛2E", "é", "e\u0301", "😀",
		"\xff", "\xc3", "CON", "nul", "COM1", "LPT9", "aux.txt", "conout$", "²", strings.Repeat("y", 239), strings.Repeat("長", 90), "|", "?", "\"", "<", ">", "%2F", "+", ".txt", "0",
	}
	var b strings.Builder
	for range 1 + r.IntN(12) {
		b.WriteString(atoms[r.IntN(len(atoms))])
	}
	return b.String()
}

func TestNames_AreInjectiveAndReversible(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	seen := map[string]string{}
	for range 20000 {
		key := randomKey(r)
		local := checkKey(t, key)
		whole := strings.TrimSuffix(key, "/")
		if other, ok := seen[local]; ok && other != whole {
			t.Fatalf("%q and %q are both %q", whole, other, local)
		}
		seen[local] = whole
	}
}

func FuzzKeyToLocal(f *testing.F) {
	for _, k := range []string{"a", "a//b", "/", "CON.txt", "‛+", "\xff", "a‛!1.txt", strings.Repeat("z", 600)} {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if key == "" {
			return
		}
		local := checkKey(t, key)
		if got := LocalToKey(WithSuffix(local, 3)); got != strings.TrimSuffix(key, "/") {
			t.Fatalf("%q with suffix comes back as %q", key, got)
		}
	})
}

func FuzzLocalToKey(f *testing.F) {
	for _, k := range []string{"a", "‛-/b", "x‛+/y", "‛‛", "‛2E", "a‛!1.txt"} {
		f.Add(k)
	}
	f.Fuzz(func(t *testing.T, rel string) {
		key := LocalToKey(rel)
		if key == "" {
			return
		}
		checkKey(t, key)
	})
}
