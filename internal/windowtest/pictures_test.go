package windowtest_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pintail/internal/demo"
	"pintail/internal/faultserver"
	"pintail/internal/testkit/window"
)

// gallery takes pictures of windows and checks each for what can be checked without eyes.
type gallery struct {
	t *testing.T
	a *window.App
}

// take saves a picture once two in a row are the same, and checks every element that is to be seen.
func (g gallery) take(name string) {
	g.t.Helper()
	path := g.a.Picture(name)
	for range 3 { // a caret that blinks never lets two be the same
		before := path
		path = g.a.Picture(name)
		same := bytes.Equal(g.read(before), g.read(path))
		if err := os.Remove(before); err != nil {
			g.t.Error(err)
		}
		if same {
			break
		}
	}
	g.check(name)
}

func (g gallery) read(path string) []byte {
	g.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	return b
}

// silent are elements that may have no text.
var silent = []string{"outline", "menubar", "sidebar", "filter", "pathbar", "activity", "chooser.", "quick.", "connection.", "login.", "links.", "dialog.field",
	"transfers.list", "transfers.status", "status.text", "welcome.", "synchronize.", "profilelist.", "existing.list", "info.status", "info.kmskey", "drag"} // the cards draw their texts themselves

// check fails for elements that lie outside of their window, are smaller than what they show, or say nothing.
func (g gallery) check(name string) {
	g.t.Helper()
	windows := map[string]part{}
	for _, p := range ask(g.t, g.a, `{"cmd":"dump"}`).Parts {
		if !p.Visible {
			continue
		}
		if _, known := windows[p.Window]; !known {
			all := ask(g.t, g.a, fmt.Sprintf(`{"cmd":"wait","id":%q,"timeout_ms":1}`, "window:"+p.Window))
			if !all.OK {
				continue // a window that closes
			}
			windows[p.Window] = all.Parts[0]
		}
		w, h := windows[p.Window].Bounds.W, windows[p.Window].Bounds.H
		b := p.Bounds
		if p.ID != "transfers.list" && (b.X < -1 || b.Y < -1 || b.X+b.W > w+1 || b.Y+b.H > h+1) {
			g.t.Errorf("%s: %s at %+v lies outside of the window of %d × %d", name, p.ID, b, w, h)
		}
		if b.W < p.MinW-1 || b.H < p.MinH-1 {
			g.t.Errorf("%s: %s has %d × %d pixels and needs %d × %d for %q", name, p.ID, b.W, b.H, p.MinW, p.MinH, p.Text)
		}
		if p.Text == "" && !beginsWithAny(p.ID, silent) && !strings.HasPrefix(p.ID, "pathbar.") {
			g.t.Errorf("%s: %s says nothing", name, p.ID)
		}
	}
}

func beginsWithAny(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// galleryServer has what is hard to draw: long names, an empty folder, a refused bucket.
func galleryServer(t *testing.T) *demo.Server {
	t.Helper()
	f := faultserver.New(
		faultserver.Rule{Bucket: "closed", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1},
		faultserver.Rule{Op: "PutObject", Key: "docs/refused.txt", Kind: faultserver.Status, Status: 403, Code: "AccessDenied", Times: -1},
		faultserver.Rule{Op: "PutObject", Key: "docs/slow.bin", Kind: faultserver.Stall, Times: -1})
	s, err := demo.Start(t.Context(), demo.Options{Sample: true, Middleware: f.Middleware})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Release(); _ = s.Close() })
	if err := s.AddBucket("closed", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	if err := s.AddBucket("gallery", time.Now(), false); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a very long name ", 14)
	for key, size := range map[string]int{"docs/" + long + ".txt": 10, "docs/report.pdf": 1 << 20, "docs/日本語のファイル名 🦆.txt": 99,
		"docs/inner/deep/x.txt": 1, "empty/": 0, long + "/y": 3, "docs/table.csv": 54321} {
		if err := s.Add(demo.Object{Bucket: "gallery", Key: key, Body: bytes.Repeat([]byte("x"), size)}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestPictures_EveryWindowLight(t *testing.T) { pictures(t, "light", "1", 1440, 900) }

func TestPictures_EveryWindowDark(t *testing.T) { pictures(t, "dark", "1", 1440, 900) }

func TestPictures_MainWindowsAtDoubleScale(t *testing.T) { pictures(t, "light", "2", 2560, 1600) }

// pictures walks through the windows; at a larger scale through the main ones only, for the machine draws them itself.
func pictures(t *testing.T, look, scale string, width, height int) {
	s := galleryServer(t)
	a := window.Open(t, window.Options{Scale: scale, Width: width, Height: height, Env: []string{"FYNE_THEME=" + look}})
	g := gallery{t, a}
	g.beforeConnecting(s)
	g.browsing()
	openFolder(a, "docs")
	if scale != "1" {
		a.Keys("ctrl+t")
		a.Part("transfers.list")
		g.take("transfers")
		return
	}
	g.dialogs()
	g.menus()
	g.transfers()
}

func (g gallery) beforeConnecting(s *demo.Server) {
	a := g.a
	a.Part("welcome.demo")
	g.take("welcome")
	fillConnection(a, plainHTTP, embeddedAccount(g.t, s))
	g.take("open-connection")
	a.Press("connection.more")
	a.Part("connection.region")
	g.take("open-connection-more")
	a.Press("connection.profile")
	a.Row("menu", plainHTTP)
	g.take("services")
	a.Keys("Escape")
	a.WaitGone("menu")
	a.Press("connection.ok")
	a.Row("outline", "gallery")
}

func (g gallery) browsing() {
	a := g.a
	g.take("root")
	a.Keys("ctrl+shift+n")
	a.Part("bucket.region")
	a.Type("with.dot")
	g.take("new-bucket")
	a.Keys("Escape")
	a.WaitGone("sheet")
	clickRow(a, "gallery")
	a.Keys("Right")
	a.Row("outline", "docs")
	clickRow(a, "docs")
	a.Keys("Right")
	a.Row("outline", "report.pdf")
	a.ClickWith(a.PointOfRow("outline", "report.pdf"), "ctrl")
	a.ClickWith(a.PointOfRow("outline", "table.csv"), "ctrl")
	g.take("expanded-selected-long-names")
	a.PressRow("outline", "report.pdf", 3, 1)
	a.Part("menu")
	g.take("context-menu")
	a.Keys("Escape")
	a.WaitGone("menu")
	openFolder(a, "closed")
	a.WaitText("outline", "Access denied")
	g.take("failed-listing")
	a.Press("pathbar.up")
	a.Row("outline", "gallery")
	openFolder(a, "gallery", "empty")
	a.WaitText("outline", "empty")
	g.take("empty-folder")
	a.Press("pathbar.up")
	a.Row("outline", "docs")
}

func (g gallery) dialogs() {
	a := g.a
	sheet := func(name string, open ...string) {
		a.Keys(open...)
		a.Part("sheet")
		g.take(name)
		a.Keys("Escape")
		a.WaitGone("sheet")
	}
	sheet("new-folder", "ctrl+shift+n")
	sheet("quick-connect", "ctrl+shift+o")
	clickRow(a, "report.pdf")
	sheet("duplicate", "ctrl+d")
	sheet("delete-one", "Delete")
	a.Keys("ctrl+a")
	sheet("delete-many", "Delete")
	clickRow(a, "report.pdf")
	a.Keys("F2")
	g.take("rename")
	a.Keys("Escape")
	pick(a, "toolbar.copyurl", "Pre-signed link…")
	a.Enabled("links.copy")
	g.take("pre-signed")
	a.Keys("Escape")
	a.WaitGone("links.copy")
	a.Press("toolbar.upload")
	a.Enabled("chooser.cancel")
	g.take("chooser")
	a.Press("chooser.cancel")
	a.WaitGone("chooser.cancel")
	a.Keys("ctrl+shift+b")
	a.Part("connection.nickname")
	g.take("bookmark")
	a.Press("connection.ok")
	a.WaitGone("connection.ok")
	g.take("with-bookmark")
	a.Keys("ctrl+g")
	a.Part("pathbar.edit")
	g.take("go-to")
	a.Keys("Escape")
	a.WaitGone("pathbar.edit")
}

func (g gallery) menus() {
	a := g.a
	clickRow(a, "report.pdf")
	a.Keys("F10")
	for _, name := range []string{"file", "edit", "view", "go", "bookmark", "transfer", "window", "help"} {
		a.Part("menu")
		g.take("menu-" + name)
		a.Keys("Right")
	}
	a.Keys("Escape")
	a.WaitGone("menu")
}

func (g gallery) transfers() {
	a, t := g.a, g.t
	dir := t.TempDir()
	writeRandom(t, filepath.Join(dir, "good", "good.txt"), 2000)
	writeRandom(t, filepath.Join(dir, "refused.txt"), 3000)
	writeRandom(t, filepath.Join(dir, "slow.bin"), 4<<20)
	writeRandom(t, filepath.Join(dir, "report.pdf"), 5000)
	upload := func(name string) {
		a.Press("toolbar.upload")
		a.Enter("chooser.path", filepath.Join(dir, name))
		a.Press("chooser.ok")
		a.WaitGone("chooser.ok")
	}
	a.Keys("Home", "ctrl+a", "ctrl+shift+i") // nothing selected: uploads go into the folder shown
	upload("good")
	a.Row("outline", "good")
	upload("refused.txt")
	a.Part("sheet")
	g.take("report")
	a.Keys("Escape")
	a.WaitGone("sheet")
	upload("report.pdf")
	a.Part("existing.action")
	g.take("existing-question")
	a.Press("dialog.ok")
	a.WaitGone("existing.action")
	upload("slow.bin")
	a.Part("activity")
	a.Press("toolbar.transfers")
	rowWith(a, "transfers.list", "slow.bin")
	a.Keys("Home", "Right")
	g.take("transfers")
	a.Press("transfers.pause")
	rowWith(a, "transfers.list", "slow.bin", "Paused")
	g.take("transfers-paused")
	a.Press("transfers.bandwidth")
	a.Part("menu")
	g.take("bandwidth")
	a.Keys("Escape")
	a.WaitGone("menu")
}
