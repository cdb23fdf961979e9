package profilelist

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"pintail/preferences"
	"pintail/profiles"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// bench is the window on a registry of its own. The test's goroutine is the window's thread.
type bench struct {
	t      *testing.T
	w      *Window
	reg    *profiles.Registry
	prefs  *preferences.Preferences
	dir    string
	parts  map[string]fyne.CanvasObject
	posted chan func()
	chosen []string // what a chooser answers
}

func newBench(t *testing.T) *bench {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	b := &bench{t: t, dir: filepath.Join(t.TempDir(), "profiles"), parts: map[string]fyne.CanvasObject{}, posted: make(chan func(), 100)}
	var err error
	if b.reg, err = profiles.OpenRegistry(b.dir); err != nil {
		t.Fatal(err)
	}
	if b.prefs, err = preferences.Open(preferences.Options{}); err != nil {
		t.Fatal(err)
	}
	b.w = Open(t.Context(), Services{App: a, Profiles: b.reg, Preferences: b.prefs, Post: func(f func()) { b.posted <- f },
		Register: func(_ fyne.Window, id string, o fyne.CanvasObject) { b.parts[id] = o },
		Choose:   func(_, _ string, _ bool, done func([]string)) { done(b.chosen) }, Closed: func() {}})
	t.Cleanup(func() { b.w.Close(); b.w.Wait() })
	b.run(1)
	return b
}

// run lets n answers of the background arrive.
func (b *bench) run(n int) {
	for range n {
		(<-b.posted)()
	}
}

func (b *bench) press(id string) {
	b.t.Helper()
	x, ok := b.parts[id].(*kit.Button)
	if !ok || x.Disabled() {
		b.t.Fatalf("%s cannot be pressed", id)
	}
	x.Tapped(nil)
}

func (b *bench) choose(title string) {
	b.t.Helper()
	for i := range b.w.table.Len() {
		if b.w.table.all[b.w.table.shown[i]].title() == title {
			b.w.list.Select(b.w.table.Key(i))
			b.w.enable()
			return
		}
	}
	b.t.Fatalf("no row %q", title)
}

func (b *bench) titles() (out []string) {
	for _, i := range b.w.table.shown {
		out = append(out, b.w.table.all[i].title())
	}
	return out
}

func (b *bench) offers(title string) bool {
	for _, p := range Offered(b.reg.All(), b.prefs, "") {
		if p.Title() == title {
			return true
		}
	}
	return false
}

func (b *bench) file(name, content string) string {
	path := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

const lab = `<plist version="1.0"><dict><key>Protocol</key><string>s3</string><key>Vendor</key><string>lab, one</string><key>Description</key><string>Lab</string>
<key>Default Hostname</key><string>lab.example.com</string><key>Kept</key><string>yes</string></dict></plist>`

func TestWindow_FindsAndHidesProfiles(t *testing.T) {
	b := newBench(t)
	all, own, _ := b.w.table.counts()
	if bundled, err := profiles.Bundled(); err != nil || all != len(bundled)-1 || own != 0 {
		t.Errorf("%d profiles, %d installed", all, own)
	}
	b.w.search.SetText("digital spaces")
	if got := b.titles(); len(got) != 1 || !strings.Contains(got[0], "DigitalOcean") {
		t.Fatalf("found %q", got)
	}
	title := b.titles()[0]
	if !b.offers(title) {
		t.Fatal("not offered at first")
	}
	b.w.list.OnIcon(b.w.table.Key(0))
	b.run(2)
	if b.offers(title) || !b.w.table.all[b.w.table.shown[0]].hidden {
		t.Error("still offered")
	}
	p, _ := b.w.table.find(b.w.table.Key(0))
	if got := Offered(b.reg.All(), b.prefs, p.p.Vendor); len(got) != len(b.reg.All()) {
		t.Error("the profile of a bookmark is not offered for it")
	}
	b.choose(title)
	b.w.list.OnSpace()
	b.run(2)
	if !b.offers(title) {
		t.Error("not offered again")
	}
}

func TestWindow_InstallsDuplicatesEditsExportsRemoves(t *testing.T) {
	b := newBench(t)
	b.chosen = []string{b.file("Lab, mine"+profiles.Ext, lab), b.file("bad"+profiles.Ext, "no profile")}
	b.press("profilelist.install")
	b.run(2)
	if r, one := b.w.selected(); !one || r.title() != "Lab" || r.p.Bundled {
		t.Fatalf("selected %+v", r)
	}
	if b.parts["report.text"] == nil {
		t.Error("nothing is said of the file that is none")
	}
	b.press("dialog.cancel")
	b.w.list.OnSpace()
	b.run(2)
	if b.offers("Lab") {
		t.Error("a file with a comma in its name is still offered")
	}

	b.choose("Lab")
	b.press("profilelist.edit")
	b.parts["profilelist.edit.host"].(*kit.Entry).SetText("bad host")
	if !b.parts["dialog.ok"].(*kit.Button).Disabled() {
		t.Error("a bad host can be saved")
	}
	b.parts["profilelist.edit.host"].(*kit.Entry).SetText("two.example.com")
	b.parts["profilelist.edit.title"].(*kit.Entry).SetText("Lab 2")
	b.parts["profilelist.edit.port"].(*kit.Entry).SetText("9000")
	b.press("dialog.ok")
	b.run(2)
	raw, err := os.ReadFile(filepath.Join(b.dir, "Lab, mine"+profiles.Ext))
	if p, findErr := b.reg.Find("Lab 2"); err != nil || findErr != nil || p.DefaultHostname != "two.example.com" || p.DefaultPort != 9000 || !strings.Contains(string(raw), "Kept") {
		t.Errorf("%+v, %v, %s", p, findErr, raw)
	}

	b.choose("Amazon S3")
	if !b.parts["profilelist.edit"].(*kit.Button).Disabled() || !b.parts["profilelist.remove"].(*kit.Button).Disabled() {
		t.Error("a bundled profile can be changed")
	}
	b.press("profilelist.duplicate")
	b.press("dialog.ok")
	b.run(2)
	if r, one := b.w.selected(); !one || r.title() != "Amazon S3 copy" || r.p.Vendor == profiles.VendorAmazon {
		t.Errorf("the copy is %+v", r.p)
	}
	out := t.TempDir()
	b.chosen = []string{out}
	b.press("profilelist.export")
	b.run(1)
	if p, err := profiles.ReadFile(filepath.Join(out, "Amazon S3 copy"+profiles.Ext)); err != nil || p.Title() != "Amazon S3 copy" {
		t.Errorf("exported: %v", err)
	}
	b.press("profilelist.remove")
	b.press("dialog.ok")
	b.run(2)
	if _, err := b.reg.Find("Amazon S3 copy"); err == nil {
		t.Error("not removed")
	}
	if _, own, _ := b.w.table.counts(); own != 1 {
		t.Errorf("%d installed", own)
	}
}

func TestWindow_InstallsWhatIsDroppedAndShowsBrokenFiles(t *testing.T) {
	b := newBench(t)
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "odd"+profiles.Ext), []byte("<plist>"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.w.dropped([]fyne.URI{storage.NewFileURI(b.file("lab"+profiles.Ext, lab))})
	b.run(2)
	if r, one := b.w.selected(); !one || r.title() != "Lab" {
		t.Errorf("selected %+v", r)
	}
	b.w.search.SetText("odd")
	if _, _, broken := b.w.table.counts(); broken != 1 || len(b.titles()) != 1 || note(b.w.table.all[b.w.table.shown[0]]) == "" {
		t.Errorf("broken %d, rows %q", broken, b.titles())
	}
}
