package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	fynestorage "fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"pintail/bookmarks"
	"pintail/internal/connect"
	"pintail/keychain"
	"pintail/profiles"
	"pintail/storage"
	"pintail/transfer"
	"pintail/ui/command"
	"pintail/ui/kit"
)

// bookmark keeps a connection to the embedded server whose secret is at hand.
func (p *program) bookmark(b bookmarks.Bookmark) bookmarks.Bookmark {
	p.t.Helper()
	b.Protocol, b.Provider, b.Username = "s3", profiles.VendorHTTP, p.server.AccessKey()
	if b.EndpointURL == "" {
		b.EndpointURL = p.server.URL()
	}
	it, err := keychain.NewItem(b.EndpointURL, b.Provider, b.Username)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.env.Run.Set(p.t.Context(), it, keychain.NewSecret(p.server.SecretKey())); err != nil {
		p.t.Fatal(err)
	}
	if b, err = p.env.Bookmarks.Add(b); err != nil {
		p.t.Fatal(err)
	}
	return b
}

// spec opens the bookmark of that name.
func (p *program) spec(name string) connect.Spec { return connect.Spec{Bookmark: name} }

// sidebar is the place of a row at the side, once it is there.
func (p *program) sidebar(name string) (at fyne.Position) {
	p.t.Helper()
	p.until("the row "+name, func() bool {
		rows, _ := p.app.c.Registry.Rows("sidebar")
		for _, r := range rows {
			if r.Name == name {
				at = fyne.NewPos(float32(r.Bounds.X+r.Bounds.W/2), float32(r.Bounds.Y+r.Bounds.H/2))
				return true
			}
		}
		return false
	})
	return at
}

func (p *program) part(id string) fyne.CanvasObject {
	p.t.Helper()
	o, ok := p.app.c.Registry.Object(id)
	if !ok {
		p.t.Fatalf("no %s", id)
	}
	return o
}

// TestMarks_DropUploadsToTheBookmarksPathAndNowhereElse: files dropped on a bookmark that cannot be opened never go to what is opened instead.
func TestMarks_DropUploadsToTheBookmarksPathAndNowhereElse(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.bookmark(bookmarks.Bookmark{Nickname: "dead", EndpointURL: "http://127.0.0.1:1", Path: "studio-media/raw"})
	p.bookmark(bookmarks.Bookmark{Nickname: "raw", Path: "studio-media/raw"})
	p.bookmark(bookmarks.Bookmark{Nickname: "guarded", Path: "studio-media/raw", ReadOnly: true})
	file := filepath.Join(t.TempDir(), "dropped on a bookmark.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	drop := func(name string) {
		t.Helper()
		p.win.HandleDrop(p.sidebar(name), []fyne.URI{fynestorage.NewFileURI(file)})
	}
	drop("dead")
	p.until("the failure", func() bool { return !p.win.VM.Connecting() && !p.win.VM.Listing() && p.win.VM.Err() != nil })
	p.win.VM.Connect(p.spec("guarded"), storage.Location{Bucket: "company-documents"})
	p.until("another place", func() bool { return p.win.VM.At().Bucket == "company-documents" && !p.win.VM.Listing() })
	drop("guarded")
	p.until("the read-only place", func() bool { return p.win.VM.At().Key == "raw/" && !p.win.VM.Listing() })
	if n := len(p.app.Transfers()); n != 0 {
		t.Fatalf("%d transfers to where nothing was dropped", n)
	}
	drop("raw")
	p.until("the end of the upload", func() bool { ts := p.app.Transfers(); return len(ts) == 1 && ts[0].State == transfer.Done })
	p.win.Run(command.Refresh)
	p.until("the file", func() bool { return p.has("dropped on a bookmark.txt") })
	if at := p.win.VM.At(); at != (storage.Location{Bucket: "studio-media", Key: "raw/"}) {
		t.Errorf("at %v", at)
	}
}

// TestMarks_ProductionIsSaidInWordsAndAsksForTheName: a deletion is possible only with the connection's name typed, and Return alone does none.
func TestMarks_ProductionIsSaidInWordsAndAsksForTheName(t *testing.T) {
	p := newProgram(t)
	p.start()
	p.bookmark(bookmarks.Bookmark{Nickname: "Shop", Path: "studio-media", Production: true})
	p.sidebar("Shop")
	p.win.VM.Connect(p.spec("Shop"), storage.Location{})
	p.until("the listing", func() bool { return p.has("README.txt") && !p.win.VM.Listing() })
	if title := p.win.Win.Title(); !strings.Contains(title, "Shop (production)") {
		t.Errorf("the title is %q", title)
	}
	badge := ""
	for _, it := range p.part("sidebar").(*kit.SourceList).Items() {
		if it.Title == "Shop" && !strings.HasPrefix(it.ID, "h:") {
			badge = it.Badge
		}
	}
	if badge != "production" {
		t.Errorf("the row says %q", badge)
	}
	p.selectRow("README.txt")
	p.key(fyne.KeyDelete)
	yes := p.part("dialog.ok").(*kit.Button)
	for typed, right := range map[string]bool{"": false, "shop": false, "Shop ": false, "Shop": true} {
		p.part("dialog.field").(*kit.Entry).SetText(typed)
		if yes.Disabled() == right {
			t.Errorf("%q: possible %v", typed, !yes.Disabled())
		}
	}
	p.part("dialog.field").(*kit.Entry).SetText("Shop")
	test.Tap(yes)
	p.until("the deletion", func() bool { return !p.has("README.txt") })
}
