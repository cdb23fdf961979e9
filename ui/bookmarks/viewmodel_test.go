package bookmarks

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/internal/testkit"
	"pintail/ui/tasks"
)

type bench struct {
	t      *testing.T
	vm     *ViewModel
	store  *bookmarks.Store
	posted chan func()
}

func newBench(t *testing.T, list ...bookmarks.Bookmark) *bench {
	t.Helper()
	store, err := bookmarks.Open(t.TempDir(), bookmarks.Options{Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	history, err := bookmarks.OpenHistory(t.TempDir(), 5, bookmarks.Options{NoWatch: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		m.Protocol = "s3"
		if _, err := store.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	b := &bench{t: t, store: store, posted: make(chan func(), 1000)}
	g := tasks.New(context.Background(), func(f func()) { b.posted <- f })
	b.vm = New(store, history, g, func(err error) { t.Error(err) })
	b.vm.Watch(func() {})
	t.Cleanup(func() {
		g.Close()
		g.Wait()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if err := history.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	testkit.Until(b.t, b.posted, ok, func() string { return what + " has not happened: " + b.titles() })
}

func (b *bench) titles() string {
	var out []string
	for _, r := range b.vm.Rows() {
		out = append(out, strings.Repeat("  ", r.Depth)+r.Title)
	}
	return strings.Join(out, "|")
}

func (b *bench) id(title string) string {
	b.t.Helper()
	for _, r := range b.vm.Rows() {
		if r.Title == title {
			return r.ID
		}
	}
	b.t.Fatalf("no row %q", title)
	return ""
}

func TestViewModel_GroupsOrdersAndEdits(t *testing.T) {
	t.Parallel()
	b := newBench(t, bookmarks.Bookmark{Nickname: "one", Hostname: "a.example"}, bookmarks.Bookmark{Nickname: "two", Hostname: "b.example"},
		bookmarks.Bookmark{Nickname: "lab", Hostname: "c.example", Folder: "Work"})
	if got, want := b.titles(), "Bookmarks|one|two|Work|  lab"; got != want {
		t.Fatalf("rows %q, want %q", got, want)
	}
	b.vm.Step(b.id("two"), -1)
	b.until("moving up", func() bool { return strings.HasPrefix(b.titles(), "Bookmarks|two|one") })
	b.vm.MoveBefore(b.id("one"), "g:Work", true)
	b.until("moving into the group", func() bool { return strings.Contains(b.titles(), "  one") })
	b.vm.Toggle("g:Work", false)
	if got := b.titles(); got != "Bookmarks|two|Work" {
		t.Errorf("closed group: %q", got)
	}
	m, _ := b.vm.Bookmark(b.id("two"))
	m.Nickname = "renamed"
	b.vm.Save(m)
	b.until("renaming", func() bool { return strings.Contains(b.titles(), "renamed") })
	b.vm.Duplicate(b.id("renamed"))
	b.until("duplicating", func() bool { return len(b.store.List()) == 4 })
	b.vm.Remove(b.id("renamed"))
	b.until("removing", func() bool { return len(b.store.List()) == 3 })
}

func TestViewModel_SearchFindsEveryWordAnywhere(t *testing.T) {
	t.Parallel()
	b := newBench(t, bookmarks.Bookmark{Nickname: "one", Hostname: "a.example", Comment: "of the shop"}, bookmarks.Bookmark{Nickname: "two", Hostname: "b.example", Labels: []string{"Shop"}},
		bookmarks.Bookmark{Nickname: "lab", Hostname: "c.example", Folder: "Work"})
	b.vm.Toggle("g:Work", false)
	for search, want := range map[string]string{"SHOP": "Bookmarks|one|two", "b.example shop": "Bookmarks|two", "work": "Bookmarks|Work|  lab", "nothing": "Bookmarks", " ": "Bookmarks|one|two|Work"} {
		b.vm.Search(search)
		if got := b.titles(); got != want {
			t.Errorf("%q: %q, want %q", search, got, want)
		}
	}
}

// TestViewModel_HostThatLooksLikeAnotherIsWrittenOut: in both lines of a row, with a port or without; the search finds it as typed, too.
func TestViewModel_HostThatLooksLikeAnotherIsWrittenOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, bookmarks.Bookmark{Hostname: "s3.\u0430mazonaws.com"}, bookmarks.Bookmark{Nickname: "two", EndpointURL: "https://b\u00fccher.example:8443", Path: "\u00e4"})
	for search, want := range map[string][2]string{"mazonaws": {"s3.xn--mazonaws-06g.com \u2013 S3", "s3.xn--mazonaws-06g.com"},
		"b\u00fccher": {"two", "xn--bcher-kva.example:8443/\u00e4"}} {
		b.vm.Search(search)
		rows := b.vm.Rows()
		if r := rows[len(rows)-1]; len(rows) != 2 || r.Title != want[0] || r.Subtitle != want[1] {
			t.Errorf("%s: %+v", search, rows)
		}
	}
}

func TestViewModel_DragToTheEndLeavesTheGroup(t *testing.T) {
	t.Parallel()
	b := newBench(t, bookmarks.Bookmark{Nickname: "lab", Hostname: "c.example", Folder: "Work"}, bookmarks.Bookmark{Nickname: "one", Hostname: "a.example"},
		bookmarks.Bookmark{Nickname: "two", Hostname: "b.example"})
	b.vm.MoveBefore(b.id("one"), "", false)
	b.until("moving to the end", func() bool { return b.titles() == "Bookmarks|two|one|Work|  lab" })
	b.vm.MoveBefore(b.id("lab"), "head:history", false)
	b.until("moving out of the group", func() bool { return b.titles() == "Bookmarks|two|one|lab" })
}

func TestViewModel_HistoryAndQuick(t *testing.T) {
	t.Parallel()
	b := newBench(t, bookmarks.Bookmark{Nickname: "My Lab", Hostname: "a.example"})
	b.vm.Touch(bookmarks.Bookmark{Protocol: "s3", Hostname: "used.example", Username: "AK"})
	b.until("the history", b.vm.HasHistory)
	if got := b.titles(); !strings.HasSuffix(got, "History|used.example – S3") {
		t.Errorf("rows %q", got)
	}
	if s := b.vm.Quick("my lab"); s.Bookmark == "" {
		t.Errorf("by name: %+v", s)
	}
	for typed, want := range map[string]connect.Spec{
		"s3://bucket/x/":        {Path: "bucket/x/"},
		"arn:aws:s3:::bucket/x": {Path: "arn:aws:s3:::bucket/x"},
		"https://h:9000":        {Endpoint: "https://h:9000"},
		"AKID@storage.example":  {Endpoint: "storage.example", KeyID: "AKID"},
	} {
		if got := b.vm.Quick(typed); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", typed, got)
		}
	}
	b.vm.ClearHistory()
	b.until("the end of the history", func() bool { return !b.vm.HasHistory() })
}
