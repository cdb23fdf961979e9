package rows_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pintail/storage"
	"pintail/ui/browser/rows"
	"pintail/ui/outline/model"
)

func newStore(t testing.TB) *rows.Store {
	s := rows.New(rows.Config{Columns: []string{"name", "size", "modified", "class", "kind", "etag", "version"}, Zone: time.UTC})
	t.Cleanup(s.Close)
	return s
}

func objects(names ...string) []rows.Item {
	var out []rows.Item
	for i, n := range names {
		k := rows.Object
		if strings.HasSuffix(n, "/") {
			k = rows.Folder
		}
		out = append(out, rows.Item{Kind: k, Name: n, Size: int64(i)})
	}
	return out
}

// shown is what the store shows, indented, folders with "/" (open ones with "/>").
func shown(s *rows.Store) []string {
	out := []string{}
	var r model.Row
	for i := range s.Len() {
		s.Row(i, &r)
		out = append(out, strings.Repeat(" ", r.Depth)+r.Cells[0])
	}
	return out
}

func want(t *testing.T, s *rows.Store, names ...string) {
	t.Helper()
	if got := shown(s); !slices.Equal(got, names) {
		t.Errorf("shown %q\nwant  %q", got, names)
	}
	for i := range s.Len() { // the index agrees with the list
		if at, ok := s.Index(s.Key(i)); !ok || at != i {
			t.Fatalf("row %d is indexed at %d, %v", i, at, ok)
		}
	}
}

func TestStore_OrdersNamesAsPeopleDo(t *testing.T) {
	s := newStore(t)
	s.Append(0, objects("img10.png", "img9.png", "Zebra", "apple", "élan", "eel", "img009.png", "zoo/", "Alpha/", "_x", "日本"))
	want(t, s, "Alpha", "zoo", "_x", "apple", "eel", "élan", "img009.png", "img9.png", "img10.png", "Zebra", "日本")
	s.Sort("name", true)
	want(t, s, "zoo", "Alpha", "日本", "Zebra", "img10.png", "img9.png", "img009.png", "élan", "eel", "apple", "_x")
	s.SetMixFolders(true)
	s.Sort("name", false)
	want(t, s, "_x", "Alpha", "apple", "eel", "élan", "img009.png", "img9.png", "img10.png", "Zebra", "zoo", "日本")
}

func TestStore_SortsByColumns(t *testing.T) {
	s := newStore(t)
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	s.Append(0, []rows.Item{{Kind: rows.Object, Name: "a", Size: 30, Modified: day(2), Class: "GLACIER"},
		{Kind: rows.Object, Name: "b", Size: 10, Modified: day(3), Class: "STANDARD"}, {Kind: rows.Object, Name: "c", Size: 10, Class: "DEEP_ARCHIVE"}})
	for _, c := range []struct {
		col  string
		desc bool
		want string
	}{{"size", false, "bca"}, {"size", true, "abc"}, {"modified", false, "cab"}, {"modified", true, "bac"}, {"class", false, "cab"}} {
		s.Sort(c.col, c.desc)
		if got := strings.Join(shown(s), ""); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.col, c.desc, got, c.want)
		}
	}
}

func TestStore_PutsPagesInTheirPlace(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	s := newStore(t)
	parents := []model.Key{0}
	for page := range 60 {
		p := parents[rnd.IntN(len(parents))]
		var items []rows.Item
		for i := range rnd.IntN(20) {
			n := fmt.Sprintf("%c%d-%d", 'A'+rnd.IntN(50), rnd.IntN(300), page*100+i)
			if rnd.IntN(6) == 0 {
				n += "/"
			}
			items = append(items, objects(n)...)
		}
		for i, k := range s.Append(p, items) {
			if items[i].Kind == rows.Folder {
				parents = append(parents, k)
			}
		}
		if k := parents[rnd.IntN(len(parents))]; k != 0 {
			s.SetOpen(k, rnd.IntN(3) > 0)
		}
		if page%7 == 3 && s.Len() > 4 {
			s.Remove(s.Key(rnd.IntN(s.Len())))
		}
	}
	before := shown(s)
	s.Sort("size", true) // a full rebuild must give the same list
	s.Sort("name", false)
	want(t, s, before...)
}

func TestStore_OpensAndClosesInPlace(t *testing.T) {
	s := newStore(t)
	k := s.Append(0, objects("a/", "b/", "c"))
	in := s.Append(k[0], objects("x/", "y"))
	s.Append(in[0], objects("deep"))
	s.SetOpen(in[0], true) // out of sight
	want(t, s, "a", "b", "c")
	s.Toggle(0, true)
	want(t, s, "a", " x", "  deep", " y", "b", "c")
	s.Append(k[1], objects("later"))
	s.SetOpen(k[1], true)
	s.Append(in[0], objects("deeper"))
	want(t, s, "a", " x", "  deep", "  deeper", " y", "b", " later", "c")
	if s.Parent(3) != 1 || s.Parent(0) != -1 {
		t.Errorf("parents %d %d", s.Parent(3), s.Parent(0))
	}
	s.Toggle(0, false)
	want(t, s, "a", "b", " later", "c")
	if _, ok := s.Index(in[0]); ok {
		t.Error("a row in a closed folder has a place")
	}
	s.Toggle(0, true)
	want(t, s, "a", " x", "  deep", "  deeper", " y", "b", " later", "c")
}

func TestStore_KeepsKeysRaw(t *testing.T) {
	s := newStore(t)
	s.Reset(storage.Location{Bucket: "b", Key: "pre//"})
	for _, name := range []string{"/", "a/../b", "+", "%2F", " trailing ", "new\nline", "\x80bad", strings.Repeat("k", 1024), "\u202egpj.exe"} {
		kind := rows.Object
		if name == "/" {
			kind = rows.Folder
		}
		k := s.Append(0, []rows.Item{{Kind: kind, Name: name}})[0]
		if got := s.Path(k); got.Key != "pre//"+name || got.Bucket != "b" {
			t.Errorf("%q became %q", name, got.Key)
		}
		if it, _ := s.Get(k); it.Name != name {
			t.Errorf("%q became %q", name, it.Name)
		}
	}
	s.Reset(storage.Location{})
	b := s.Append(0, []rows.Item{{Kind: rows.Bucket, Name: "bkt", Region: "eu-central-1"}})[0]
	f := s.Append(b, objects("/"))[0]
	o := s.Append(f, []rows.Item{{Kind: rows.Version, Name: "x", Version: "null"}})[0]
	if got := s.Path(o); got != (storage.Location{Bucket: "bkt", Key: "/x", Version: "null"}) {
		t.Errorf("path %+v", got)
	}
	if got := s.Path(b); got != (storage.Location{Bucket: "bkt"}) {
		t.Errorf("path %+v", got)
	}
}

func TestDisplayName_HidesNothing(t *testing.T) {
	for in, out := range map[string]string{"plain.txt": "plain.txt", "dir/": "dir", "/": "(empty name)", "a\nb": "a␊b", "x ": "x␣",
		"\u202egpj.exe": `\u{202E}gpj.exe`, "\xffz": `\xFFz`, "👨‍👩‍👧": "👨‍👩‍👧", "z\u200bz": `z\u{200B}z`, "\x7f": "␡", "日本 語": "日本 語"} {
		if got := rows.DisplayName(in); got != out {
			t.Errorf("%q: %q, want %q", in, got, out)
		}
	}
}

func TestStore_GivesItemsBackWhole(t *testing.T) {
	s := newStore(t)
	at := time.UnixMilli(1_767_225_600_123)
	for _, it := range []rows.Item{
		{Kind: rows.Object, Name: "n", Size: 1 << 50, Modified: at, Class: "STANDARD_IA", ETag: "d41d8cd98f00b204e9800998ecf8427e", Owner: "me"},
		{Kind: rows.Object, Name: "m", ETag: "d41d8cd98f00b204e9800998ecf8427e-10000"},
		{Kind: rows.Object, Name: "odd", ETag: "D41D8CD98F00B204E9800998ECF8427E", Version: strings.Repeat("v", 300)},
		{Kind: rows.Object, Name: "odd2", ETag: "d41d8cd98f00b204e9800998ecf8427e-007", Encryption: "aws:kms", Restoring: true, Until: at},
		{Kind: rows.Marker, Name: "gone", Version: "null", Modified: at},
		{Kind: rows.Bucket, Name: "b", Region: "eu-west-1", Note: "no access"},
	} {
		k := s.Append(0, []rows.Item{it})[0]
		got, ok := s.Get(k)
		if !ok || !got.Modified.Equal(it.Modified) {
			t.Errorf("%s: modified %v", it.Name, got.Modified)
		}
		got.Modified = it.Modified
		if got != it {
			t.Errorf("got  %+v\nwant %+v", got, it)
		}
	}
}

func TestStore_Filters(t *testing.T) {
	s := newStore(t)
	k := s.Append(0, objects("docs/", "Pic.PNG", "pic2.jpg", "ÄRGER.txt"))
	s.Append(k[0], objects("pic-in.png", "x.txt"))
	s.SetOpen(k[0], true)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"pic", []string{"docs", " pic-in.png", "Pic.PNG", "pic2.jpg"}}, {"*.png", []string{"docs", " pic-in.png", "Pic.PNG"}},
		{"pic?.jpg", []string{"pic2.jpg"}}, {"ärg", []string{"ÄRGER.txt"}}, {"doc", []string{"docs"}}, {"nothing", []string{}},
		{"", []string{"docs", " pic-in.png", " x.txt", "ÄRGER.txt", "Pic.PNG", "pic2.jpg"}},
	} {
		s.SetFilter(c.text)
		want(t, s, c.want...)
	}
	s.SetFilter("pic")
	s.Append(k[0], objects("PIC-late", "no"))
	want(t, s, "docs", " pic-in.png", " PIC-late", "Pic.PNG", "pic2.jpg")
	s.SetFilter("")
	s.Toggle(0, false)
	want(t, s, "docs", "ÄRGER.txt", "Pic.PNG", "pic2.jpg")
}

func TestStore_RefreshesWithoutLosingRows(t *testing.T) {
	s := newStore(t)
	k := s.Append(0, objects("dir/", "a", "b", "c"))
	s.Append(k[0], objects("in"))
	s.SetOpen(k[0], true)
	s.BeginRefresh(0)
	s.Append(0, []rows.Item{{Kind: rows.Folder, Name: "dir/"}, {Kind: rows.Object, Name: "a", Size: 99}, {Kind: rows.Object, Name: "aa"}})
	want(t, s, "dir", " in", "a", "aa", "b", "c")
	s.Append(0, objects("c"))
	if !s.EndRefresh(0, true) {
		t.Error("nothing was reported gone")
	}
	want(t, s, "dir", " in", "a", "aa", "c")
	if it, ok := s.Get(k[1]); !ok || it.Size != 99 {
		t.Errorf("a is %+v, %v", it, ok)
	}
	if _, ok := s.Get(k[2]); ok {
		t.Error("b is still there")
	}
	s.BeginRefresh(0)
	s.Append(0, objects("new"))
	if s.EndRefresh(0, false) {
		t.Error("a stopped refresh removed rows")
	}
	want(t, s, "dir", " in", "a", "aa", "c", "new")
}

func TestStore_TellsVersionsApartInARefresh(t *testing.T) {
	s := newStore(t)
	v := func(ids ...string) []rows.Item {
		var out []rows.Item
		for _, id := range ids {
			out = append(out, rows.Item{Kind: rows.Version, Name: "f", Version: id})
		}
		return out
	}
	k := s.Append(0, v("1", "2", "3"))
	s.BeginRefresh(0)
	s.Append(0, v("1", "3"))
	s.EndRefresh(0, true)
	_, gone := s.Get(k[1])
	_, kept := s.Get(k[2])
	if s.Len() != 2 || gone || !kept {
		t.Errorf("%d rows, second %v, third %v", s.Len(), gone, kept)
	}
}

func TestStore_RenamesAndRemoves(t *testing.T) {
	s := newStore(t)
	k := s.Append(0, objects("a/", "b", "c"))
	s.Append(k[0], objects("x"))
	s.SetOpen(k[0], true)
	s.Rename(k[1], "zz")
	want(t, s, "a", " x", "c", "zz")
	s.Rename(k[0], "q/")
	want(t, s, "q", " x", "c", "zz")
	s.Remove(k[0], k[2], 999, 0)
	want(t, s, "zz")
	if s.Count() != 1 {
		t.Errorf("%d rows", s.Count())
	}
}

func TestStore_FindsByPrefix(t *testing.T) {
	s := newStore(t)
	s.Append(0, objects("alpha", "Beta", "bravo", "Ünder"))
	for _, c := range []struct {
		prefix     string
		from, want int
	}{{"b", 0, 1}, {"b", 2, 2}, {"B", 3, 1}, {"ün", 0, 3}, {"x", 0, -1}, {"alphabet", 0, -1}} {
		if got := s.Find(c.prefix, c.from); got != c.want {
			t.Errorf("%s from %d: %d, want %d", c.prefix, c.from, got, c.want)
		}
	}
}

// post collects what background work hands to the window's thread.
type post chan func()

func (p post) run(t *testing.T, until func() bool) {
	t.Helper()
	for !until() {
		(<-p)()
	}
}

func bigStore(t *testing.T, n int) (*rows.Store, post) {
	p := make(post, 16)
	s := rows.New(rows.Config{Columns: []string{"name", "size"}, Post: func(f func()) { p <- f }})
	t.Cleanup(s.Close)
	var items []rows.Item
	for i := range n {
		items = append(items, rows.Item{Kind: rows.Object, Name: fmt.Sprintf("n%06d", i), Size: int64(n - i)})
	}
	s.Append(0, items)
	return s, p
}

func TestStore_SortsManyRowsAside(t *testing.T) {
	s, p := bigStore(t, 30_000)
	first := s.Key(0)
	s.Sort("size", false)
	if s.Key(0) != first || !s.Busy() {
		t.Fatal("it was not done aside")
	}
	late := s.Append(0, []rows.Item{{Kind: rows.Object, Name: "late", Size: 15_000}, {Kind: rows.Object, Name: "m", Size: -1}})
	s.Remove(s.Key(100))
	p.run(t, func() bool { return !s.Busy() })
	last := int64(-2)
	for i := range s.Len() {
		it, _ := s.Get(s.Key(i))
		if it.Size < last {
			t.Fatalf("row %d: %d after %d", i, it.Size, last)
		}
		last = it.Size
	}
	if s.Len() != 30_001 || s.Key(0) != late[1] {
		t.Errorf("%d rows, first %v", s.Len(), s.Key(0))
	}
}

func TestStore_FiltersAndRefreshesManyRowsAside(t *testing.T) {
	s, p := bigStore(t, 30_000)
	s.SetFilter("99")
	if s.Len() != 30_000 {
		t.Fatal("it was not done aside")
	}
	s.Append(0, objects("x99", "x98"))
	p.run(t, func() bool { return !s.Busy() })
	n := s.Len()
	if n == 30_000 || s.Find("x99", 0) < 0 || s.Find("x98", 0) >= 0 {
		t.Errorf("%d rows pass", n)
	}
	s.SetFilter("")
	s.BeginRefresh(0)
	s.Append(0, objects("n000001", "fresh"))
	s.EndRefresh(0, true)
	if s.Len() != 30_002 {
		t.Fatal("the refresh did not wait for its table")
	}
	p.run(t, func() bool { return s.Len() == 2 })
	want(t, s, "fresh", "n000001")
}

func TestStore_ForgetsWorkOfAnEarlierLife(t *testing.T) {
	s, p := bigStore(t, 30_000)
	s.Sort("size", false)
	s.SetFilter("99")
	s.Reset(storage.Location{Bucket: "b"})
	s.Append(0, objects("a99", "b"))
	s.Close()
	for len(p) > 0 {
		(<-p)()
	}
	want(t, s, "a99")
}

func TestStore_AMillionRowsStaySmall(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	s := newStore(t)
	page := make([]rows.Item, 1000)
	for p := range 1000 {
		for i := range page {
			n := p*1000 + i
			page[i] = rows.Item{Kind: rows.Object, Name: fmt.Sprintf("object-%07d.dat", n), Size: int64(n), Modified: time.UnixMilli(int64(n)),
				Class: "STANDARD", ETag: fmt.Sprintf("%032x", n), Owner: "me"}
		}
		s.Append(0, page)
	}
	_, _ = s.Index(s.Key(s.Len() - 1)) // makes the index
	perRow := float64(heap()-before) / 1e6
	t.Logf("%.1f bytes a row", perRow)
	if perRow > 110 || s.Len() != 1_000_000 {
		t.Errorf("%d rows of %.1f bytes", s.Len(), perRow)
	}
}

func BenchmarkAppendPage(b *testing.B) {
	s := newStore(b)
	page := make([]rows.Item, 1000)
	at := time.Now()
	n := 0
	for b.Loop() {
		for i := range page {
			page[i] = rows.Item{Kind: rows.Object, Name: fmt.Sprintf("object-%09d.dat", n), Size: int64(n), Modified: at, Class: "STANDARD", ETag: "d41d8cd98f00b204e9800998ecf8427e"}
			n++
		}
		s.Append(0, page)
	}
}
