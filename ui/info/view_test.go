package info

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/uitest"
)

// desk is a pane in a headless window.
type desk struct {
	*bench
	pane   *Pane
	win    fyne.Window
	reg    *uitest.Registry
	copied string
}

func newDesk(t *testing.T, b *bench, mode look.Mode, width float32) *desk {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Options{Mode: mode}))
	d := &desk{bench: b, reg: uitest.NewRegistry()}
	d.pane = NewPane(b.vm, Options{Prefix: "info", Copy: func(s string) { d.copied = s }, Register: d.reg.Set, Pin: func() {}, Close: func() {},
		Failed: func(err error) { t.Error(err) }, Download: func(at storage.Location, _ int64) { d.copied = at.String() }, CacheSeconds: func() int64 { return 60 },
		Restoring: func() (int64, string) { return 2, "Standard" }})
	b.vm.Changed = d.pane.Update
	d.win = test.NewTempWindow(t, container.NewStack(d.pane.Object))
	d.win.SetPadded(false)
	d.win.SetTitle("Info")
	d.win.Resize(fyne.NewSize(width, 640))
	return d
}

// text is what a part says.
func (d *desk) text(id string) string {
	d.t.Helper()
	p, ok := d.reg.Part(id)
	if !ok {
		d.t.Fatalf("no part %s", id)
	}
	return p.Text
}

// tap clicks at the middle of a row of a part.
func (d *desk) tap(id, row string) {
	d.t.Helper()
	rows, _ := d.reg.Rows(id)
	for _, r := range rows {
		if r.Name == row {
			test.TapCanvas(d.win.Canvas(), fyne.NewPos(float32(r.Bounds.X+r.Bounds.W/2), float32(r.Bounds.Y+r.Bounds.H/2)))
			return
		}
	}
	d.t.Fatalf("no row %q of %s among %+v", row, id, rows)
}

// press clicks on a part.
func (d *desk) press(id string) {
	d.t.Helper()
	p, ok := d.reg.Part(id)
	if !ok || !p.Visible || !p.Enabled {
		d.t.Fatalf("%s cannot be pressed: %+v", id, p)
	}
	test.TapCanvas(d.win.Canvas(), fyne.NewPos(float32(p.Bounds.X+p.Bounds.W/2), float32(p.Bounds.Y+p.Bounds.H/2)))
}

// keep saves a picture to be looked at, if a folder for them is named.
func (d *desk) keep(name string) {
	d.t.Helper()
	img := d.win.Canvas().Capture()
	dir := os.Getenv("PINTAIL_SHOTS")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, "info-"+name+".png"))
	d.must(err)
	d.must(png.Encode(f, img))
	d.must(f.Close())
}

// inside fails for parts that lie outside of the window or are smaller than what they need.
func (d *desk) inside(what string) {
	d.t.Helper()
	for _, p := range d.reg.Dump() {
		if p.Visible && (p.Bounds.X < 0 || p.Bounds.X+p.Bounds.W > int(d.win.Canvas().Size().Width)) {
			d.t.Errorf("%s: %s at %+v lies outside", what, p.ID, p.Bounds)
		}
		if p.Visible && p.Bounds.W < p.MinW-1 {
			d.t.Errorf("%s: %s has %d pixels and needs %d for %q", what, p.ID, p.Bounds.W, p.MinW, p.Text)
		}
	}
}

func TestPane_EditsByMouseAndKeyboard(t *testing.T) {
	b := newBench(t)
	it := b.put("folder/a long name that does not fit on one line of the pane.txt", "content", written())
	d := newDesk(t, b, look.Light, LeastWidth)
	b.show(it)
	b.calm()
	d.keep("general")
	if s := d.text("info.general"); !strings.Contains(s, "Where: bucket/folder") || !strings.Contains(s, "Storage class: STANDARD_IA") {
		t.Errorf("General says %q", s)
	}
	d.tap("info.tabs", "Metadata")
	b.calm()
	field := d.pane.views[Metadata].(*metadataView).tables[Headers].rows[0].value
	d.win.Canvas().Focus(field)
	field.TypedShortcut(&fyne.ShortcutSelectAll{})
	test.Type(field, "text/html")
	d.press("info.metadata.add")
	b.until("the keyboard in the new line", func() bool { f, ok := d.win.Canvas().Focused().(*kit.Entry); return ok && f != field })
	test.Type(d.win.Canvas().Focused(), "place")
	d.win.Canvas().FocusNext()
	test.Type(d.win.Canvas().Focused(), "here")
	d.inside("Metadata")
	d.keep("metadata")
	if s := d.text("info.status"); s != "2 changes" {
		t.Errorf("the foot says %q", s)
	}
	d.press("info.apply")
	d.keep("look")
	d.press("dialog.ok")
	b.until("the change", func() bool { _, _, busy := b.vm.Applying(); return !busy && b.vm.Doing() == "" })
	if i := b.stat(it); i.Headers.ContentType != "text/html" || i.Metadata["place"] != "here" || i.Metadata["year"] != "2026" {
		t.Errorf("the server has %+v", i)
	}
	if s := d.text("info.metadata"); !strings.Contains(s, "place: here") {
		t.Errorf("the table shows %q", s)
	}
}

func TestPane_GrantsByMouse(t *testing.T) {
	b := newBench(t)
	it := b.put("key", "content", storage.WriteOptions{})
	d := newDesk(t, b, look.Dark, LeastWidth)
	b.show(it)
	d.tap("info.tabs", "Permissions")
	b.calm()
	b.vm.AddGrantee(everyone)
	b.vm.AddGrantee(storage.Grantee{URI: storage.GroupAuthenticated})
	b.vm.AddGrantee(storage.Grantee{ID: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"})
	d.tap("info.grants", "Everyone READ_ACP")
	d.inside("Permissions")
	d.keep("permissions")
	if s := d.text("info.grants"); !strings.Contains(s, "Everyone: READ READ_ACP\n") {
		t.Errorf("the grid says %q", s)
	}
	d.press("info.revert")
	if s := d.text("info.grants"); strings.Contains(s, "Everyone") || !strings.Contains(s, "FULL_CONTROL") {
		t.Errorf("after Revert the grid says %q", s)
	}
}

// Tab reaches everything on a tab that scrolls, and what has the keyboard is in view.
func TestPane_KeyboardStaysInView(t *testing.T) {
	b := newBench(t)
	o := written()
	for _, n := range strings.Split("abcdefghijklmnopqrstuvw", "") {
		o.Metadata["name-"+n] = n
	}
	d := newDesk(t, b, look.Light, LeastWidth)
	b.show(b.put("key", "content", o))
	b.vm.Choose(Metadata)
	b.calm()
	seen := map[string]bool{}
	for range 80 {
		d.win.Canvas().FocusNext()
		f := d.win.Canvas().Focused()
		e, ok := f.(*kit.Entry)
		if !ok {
			continue
		}
		seen[e.Text] = true
		y := fyne.CurrentApp().Driver().AbsolutePositionForObject(e).Y
		if y < 60 || y+e.Size().Height > 640 {
			t.Fatalf("the field %q has the keyboard at %v, out of sight", e.Text, y)
		}
	}
	for _, n := range []string{"text/plain", "a", "w", "web"} {
		if !seen[n] {
			t.Errorf("Tab never came to %q", n)
		}
	}
	d.keep("scrolled")
}
