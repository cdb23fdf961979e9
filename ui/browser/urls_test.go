package browser

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/storage"
	"pintail/ui/command"
)

// browses makes the bench's browser one that fetches what it is given; it returns what it got, by address.
func (b *bench) browses() map[string]string {
	pages := map[string]string{}
	b.vm.Browse = func(u *url.URL) error {
		res, err := http.Get(u.String())
		if err != nil {
			return err
		}
		defer res.Body.Close()
		page, err := io.ReadAll(res.Body)
		pages[u.String()] = string(page)
		return err
	}
	return pages
}

func TestViewModel_OpensAddresses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("a+b.txt", "c d.txt", "dir/x")
	pages := b.browses()
	items := []Item{b.item("a+b.txt"), b.item("c d.txt"), b.item("dir/")}
	if !b.vm.Address(command.Opens(command.CopyPresign1), items) {
		t.Fatal("a pre-signed address is not opened")
	}
	b.until("both pages", func() bool { return len(pages) == 2 })
	for at, page := range pages {
		if !strings.Contains(at, "X-Amz-Expires=3600") || page != "a+b.txt" && page != "c d.txt" {
			t.Errorf("%s gives %q", at, page)
		}
	}
	clear(pages)
	for _, kind := range []command.ID{command.CopyHTTPS, command.CopyTorrent} {
		b.vm.Address(command.Opens(kind), items[1:2])
	}
	base := b.server.URL() + "/bucket/c%20d.txt"
	if _, ok := pages[base]; !ok || len(pages) != 2 || pages[base+"?torrent"] == "" {
		t.Errorf("opened %v, want %s", pages, base)
	}
	if b.clip != "" || len(b.reports) > 0 {
		t.Errorf("opening left %q on the clipboard, reports %v", b.clip, b.reports)
	}
	if b.vm.Address(command.Download, items) {
		t.Error("Download is taken for a kind of address")
	}
}

// No more than ten are opened, nothing but addresses of the web, and a browser that does not start is reported without the signature.
func TestViewModel_OpenKeepsToTheWeb(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.connect("a")
	opened := 0
	b.vm.Browse = func(*url.URL) error { opened++; return nil }
	many := make([]Item, command.MaxOpen+5)
	for i := range many {
		many[i] = b.item("a")
	}
	b.vm.Address(command.Opens(command.CopyHTTPS), many)
	if opened != command.MaxOpen {
		t.Errorf("%d addresses opened", opened)
	}
	b.vm.open([]string{"file:///etc/passwd"})
	if opened != command.MaxOpen || len(b.reports) != 1 {
		t.Errorf("%d opened, reports %v", opened, b.reports)
	}
	b.vm.Browse = func(*url.URL) error { return errors.New("no xdg-open") }
	b.vm.Address(command.Opens(command.CopyPresign2), many[:1])
	b.until("the report", func() bool { return len(b.reports) == 2 })
	if f := b.reports[1].Failures[0]; strings.Contains(f.What, "?") || !strings.Contains(f.Err.Error(), "no xdg-open") {
		t.Errorf("reported %q: %v", f.What, f.Err)
	}
}

// The web address of a bookmark is copied and opened for what is below it, and is there only while the bookmark has one.
func TestViewModel_TheWebAddressOfABookmark(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	marks, err := bookmarks.Open(t.TempDir(), bookmarks.Options{NoWatch: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = marks.Close() })
	mark, err := marks.Add(bookmarks.Bookmark{Protocol: "s3", Nickname: "here", EndpointURL: b.server.URL(), Username: b.server.AccessKey(), Path: "bucket/site"})
	if err != nil {
		t.Fatal(err)
	}
	b.connect("site/a b")
	b.env.Bookmarks = marks
	b.vm.Connect(connect.Spec{Bookmark: mark.ID}, storage.Location{Bucket: "bucket"})
	b.until("the bookmark's connection", func() bool { return b.vm.conn.Name == "here" && !b.vm.Listing() })
	items := []Item{{At: storage.Location{Bucket: "bucket", Key: "site/a b"}}}
	b.vm.Address(command.CopyMarked, items)
	if b.clip != "" || b.vm.conn.Publishes() {
		t.Errorf("copied %q without a web address", b.clip)
	}
	mark.WebURL = "https://www.example.com"
	if err := marks.Update(mark); err != nil {
		t.Fatal(err)
	}
	b.vm.Address(command.CopyMarked, items)
	if b.clip != "https://www.example.com/a%20b" || !b.vm.conn.Publishes() {
		t.Errorf("copied %q", b.clip)
	}
	opened := ""
	b.vm.Browse = func(u *url.URL) error { opened = u.String(); return nil }
	b.vm.Address(command.Opens(command.CopyMarked), items)
	if opened != b.clip || len(b.reports) > 0 {
		t.Errorf("opened %q, reports %v", opened, b.reports)
	}
}
