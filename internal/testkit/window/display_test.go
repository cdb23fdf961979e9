package window_test

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit/window"
)

// The target is a GTK program, so that this tests the harness and not our window.
func TestDisplay_InputPicturesAndDropsReachAProgram(t *testing.T) {
	d := window.NewDisplay(t, 1000, 700)
	p := d.Start("target", "/usr/bin/python3", "testdata/target.py")
	expect := func(line string) {
		t.Helper()
		if err := p.Await(func() bool { return strings.Contains("\n"+p.Log()+"\n", "\n"+line+"\n") }); err != nil {
			t.Fatalf("no %q: %v", line, err)
		}
	}
	expect("ready")
	id := d.Find("target")
	d.Place(id, window.Point{X: 100, Y: 80})
	d.Activate(id)
	o := d.Origin(id)
	at := func(x, y int) window.Point { return window.Point{X: o.X + x, Y: o.Y + y} }

	d.Click(at(40, 50), 1, 1)
	expect("click 1 40 50 button-press")
	d.Click(at(60, 70), 3, 1)
	expect("click 3 60 70 button-press")
	d.Click(at(80, 90), 1, 2)
	expect("click 1 80 90 2button-press")
	d.Type("aß")
	expect("key ssharp")
	d.Keys("F2")
	expect("key F2")

	file := filepath.Join(t.TempDir(), "ü 1+2%.txt")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	hovered := false
	d.DropFiles(at(200, 150), func() { hovered = true }, file)
	if !hovered {
		t.Error("the hover function was not called")
	}
	if !strings.Contains(p.Log(), "drop 20") || !strings.Contains(p.Log(), "/%C3%BC%201%2B2%25.txt") {
		t.Errorf("the drop came as %q", p.Log())
	}
	f, err := os.Open(d.Picture("end"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if c, err := png.DecodeConfig(f); err != nil || c.Width != 1000 || c.Height != 700 {
		t.Errorf("picture: %+v, %v", c, err)
	}
}
