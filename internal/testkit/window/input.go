package window

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"pintail/internal/testkit"
)

// Point is a pixel of the screen.
type Point struct{ X, Y int }

// Origin is the pixel of a window's content at its top left. xwininfo tells it; xdotool counts the frame twice.
func (d *Display) Origin(id string) Point {
	d.t.Helper()
	out := d.must("xwininfo", "-id", id)
	return Point{number(d, out, "Absolute upper-left X"), number(d, out, "Absolute upper-left Y")}
}

func number(d *Display, text, label string) int {
	d.t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(label) + `:\s+(-?\d+)`).FindStringSubmatch(text)
	if m == nil {
		d.t.Fatalf("no %q in %q", label, text)
	}
	n, _ := strconv.Atoi(m[1]) // digits
	return n
}

// Activate gives a window the focus and brings it to the front.
func (d *Display) Activate(id string) {
	d.t.Helper()
	d.must("xdotool", "windowactivate", "--sync", id)
}

// Place moves a window's frame to p and waits until it is there.
func (d *Display) Place(id string, p Point) {
	d.t.Helper()
	d.must("xdotool", "windowmove", id, strconv.Itoa(p.X), strconv.Itoa(p.Y))
	d.Until("the window's new place", func() bool {
		o := d.Origin(id)
		return o.X >= p.X && o.X < p.X+40 && o.Y >= p.Y && o.Y < p.Y+60 // a frame wide at most
	})
}

// Move puts the mouse on p, in two steps, as a hand would, and waits until the program has seen it there.
func (d *Display) Move(p Point) {
	d.t.Helper()
	d.must("xdotool", "mousemove", strconv.Itoa(p.X-3), strconv.Itoa(p.Y-2), "sleep", "0.02",
		"mousemove", strconv.Itoa(p.X), strconv.Itoa(p.Y), "sleep", "0.05")
	d.settle()
}

func (d *Display) settle() {
	if d.settled != nil {
		d.settled()
	}
}

// Click presses a mouse button at p: 1 is left, 2 middle, 3 right, 4 and 5 the wheel. Times is 2 for a double click.
func (d *Display) Click(p Point, button, times int) {
	d.t.Helper()
	d.Move(p)
	d.must("xdotool", "click", "--repeat", strconv.Itoa(times), "--delay", "60", strconv.Itoa(button))
}

// ClickWith is a left click while keys such as "shift" or "ctrl" are held.
func (d *Display) ClickWith(p Point, key string) {
	d.t.Helper()
	d.Move(p)
	d.must("xdotool", "keydown", key, "click", "1", "keyup", key)
}

// Type types text into whatever has the focus, and waits as [Display.Keys] does.
func (d *Display) Type(text string) {
	d.t.Helper()
	d.must("xdotool", "type", "--delay", "15", "--", text)
	d.settle()
}

// Keys presses keys one after the other, in xdotool's names: "Return", "ctrl+a", "shift+Down", and waits until the program has
// seen them: who asks next where the focus is must not be told where it was.
func (d *Display) Keys(keys ...string) {
	d.t.Helper()
	d.must(append([]string{"xdotool", "key", "--delay", "40"}, keys...)...)
	d.settle()
}

// Drag presses the left button at from, moves in steps to to, and releases it.
func (d *Display) Drag(from, to Point) { d.t.Helper(); d.DragWith(from, to, func() {}) }

// DragWith is Drag that calls hover before it releases the button.
func (d *Display) DragWith(from, to Point, hover func()) {
	d.t.Helper()
	d.grab(from)
	d.glide(from, to)
	d.settle()
	hover()
	d.must("xdotool", "mouseup", "1")
}

// grab presses the button and moves far enough for a drag to begin.
func (d *Display) grab(from Point) {
	d.t.Helper()
	d.Move(from)
	d.must("xdotool", "mousedown", "1")
	d.settle()
	argv := []string{"xdotool"}
	for i := 1; i <= 5; i++ {
		argv = append(argv, "mousemove", strconv.Itoa(from.X-6*i), strconv.Itoa(from.Y-4*i), "sleep", "0.05")
	}
	d.must(argv...)
}

// glide moves the pressed mouse to its target; the last small steps give the target time to answer.
func (d *Display) glide(from, to Point) {
	d.t.Helper()
	argv := []string{"xdotool"}
	for i := 1; i <= 8; i++ {
		x, y := from.X+(to.X-from.X)*i/8, from.Y+(to.Y-from.Y)*i/8
		argv = append(argv, "mousemove", strconv.Itoa(x), strconv.Itoa(y), "sleep", "0.03")
	}
	for i := range 4 {
		argv = append(argv, "mousemove", strconv.Itoa(to.X+i%2), strconv.Itoa(to.Y), "sleep", "0.1")
	}
	d.must(argv...)
}

// DropFiles drags files out of another program and drops them at to. It returns when the drag is over and fails unless
// the target took them as a copy. The hover function, which may be nil, is called while the files hang over the target.
func (d *Display) DropFiles(to Point, hover func(), paths ...string) {
	d.t.Helper()
	root, err := testkit.Root()
	if err != nil {
		d.t.Fatal(err)
	}
	name := fmt.Sprintf("drop%d", len(d.procs))
	script := filepath.Join(root, "scripts", "dropsource.py")
	p := d.Start(name, append([]string{"/usr/bin/python3", script}, paths...)...)
	defer p.Kill()
	said := func(word string) func() bool {
		return func() bool { return says(filepath.Join(d.dir, name+".log"), word) }
	}
	d.await(p, said("ready"))
	id := d.Find("pintail-drop-source")
	size := d.must("xdotool", "getdisplaygeometry")
	var width, height int
	if _, err := fmt.Sscan(size, &width, &height); err != nil {
		d.t.Fatalf("display size %q: %v", size, err)
	}
	d.Place(id, Point{width - 180, height - 100})
	d.must("xdotool", "windowraise", id)
	o := d.Origin(id)
	from := Point{o.X + 80, o.Y + 30}
	d.grab(from)
	d.await(p, said("begin"))
	d.glide(from, to)
	if hover != nil {
		hover()
	}
	d.must("xdotool", "mouseup", "1")
	d.await(p, said("end"))
	if !says(filepath.Join(d.dir, name+".log"), "end copy") {
		d.t.Fatalf("the files were not taken: %s; see %s", p.Log(), d.Picture("dropped"))
	}
}

// says tells whether a log has a line that begins with word.
func says(log, word string) bool {
	f, err := os.Open(log)
	if err != nil {
		return false
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), word) {
			return true
		}
	}
	return false
}
