package window

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pintail/internal/testkit"
	"pintail/internal/testkit/proc"
)

// Options are how the program is opened; the zero value is the bare program on a screen of 1440 × 900.
type Options struct {
	Args          []string         // after the harness's own
	Env           []string         // NAME=value
	Scale         string           // FYNE_SCALE; "" is "1"
	Width, Height int              // of the screen
	Keyring       bool             // a real gnome-keyring stands on the session bus
	Home          func(dir string) // fills the data folder before the program is opened; nil = it is made by the program
	First         string           // the part that shows that the program is open; "" is the menu bar
}

// App is the running program, build/pintail, with its own data folder.
type App struct {
	*Display
	Home string // PINTAIL_HOME; it outlives Restart

	opt    Options
	socket string
	proc   *proc.Process
	conn   net.Conn
	lines  *bufio.Reader
}

// Part is an element of a window as the program's test socket tells it. Bounds are pixels of the window's content.
type Part struct {
	ID, Text, Window                    string
	Bounds                              Bounds
	Enabled, Selected, Visible, Focused bool
}

// Row is a visible row of a list.
type Row struct {
	Name     string
	Selected bool
	Bounds   Bounds
}

// Bounds is a rectangle in pixels.
type Bounds struct{ X, Y, W, H int }

// Thread is how quickly the window's thread answered.
type Thread struct {
	Beats, Stalls int
	LongestMS     float64 `json:"longest_ms"`
}

type question struct {
	Cmd       string `json:"cmd"`
	ID        string `json:"id,omitempty"`
	Text      string `json:"text,omitempty"`
	Row       string `json:"row,omitempty"`
	Enabled   bool   `json:"enabled,omitempty"`
	Gone      bool   `json:"gone,omitempty"`
	TimeoutMS int    `json:"timeout_ms,omitempty"`
	Reset     bool   `json:"reset,omitempty"`
}

type answer struct {
	OK     bool
	Error  string
	Parts  []Part
	Rows   []Row
	Thread *Thread
}

// Open starts the program on a display of its own and returns when its window answers. It ends with the test.
func Open(t testing.TB, o Options) *App {
	t.Helper()
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "build", "pintail")); err != nil {
		missing(t, "build/pintail is not built: run `make build`")
	}
	if o.Width == 0 {
		o.Width, o.Height = 1440, 900
	}
	if o.Scale == "" {
		o.Scale = "1"
	}
	d := NewDisplay(t, o.Width, o.Height)
	a := &App{Display: d, Home: filepath.Join(d.dir, "data"), opt: o, socket: filepath.Join(d.dir, "ui")}
	d.env = append(append(d.env, "PINTAIL_HOME="+a.Home, "FYNE_SCALE="+o.Scale), o.Env...)
	t.Cleanup(a.hangUp)
	if o.Keyring {
		d.startKeyring()
	}
	if o.Home != nil {
		o.Home(a.Home)
	}
	d.settled = func() { t.Helper(); a.must(question{Cmd: "settle"}) }
	a.launch(filepath.Join(root, "build", "pintail"))
	return a
}

// launch starts the program, connects to its socket, and puts its window where a drop source has room beside it.
func (a *App) launch(binary string) {
	a.t.Helper()
	_ = os.Remove(a.socket)
	a.proc = a.Start("pintail", append([]string{binary, "--ui-socket", a.socket}, a.opt.Args...)...)
	a.await(a.proc, func() bool {
		c, err := net.Dial("unix", a.socket)
		if err == nil {
			a.conn, a.lines = c, bufio.NewReader(c)
		}
		return err == nil
	})
	id, _ := a.window(cmp.Or(a.opt.First, "menubar"))
	a.Place(id, Point{4, 30})
	a.Activate(id)
}

func (a *App) hangUp() {
	if a.conn != nil {
		_ = a.conn.Close()
	}
}

// Kill ends the program with SIGKILL. Only [App.Restart] and pictures make sense after it.
func (a *App) Kill() {
	a.hangUp()
	a.proc.Kill()
}

// Restart ends the program with SIGKILL and opens it again on the same data.
func (a *App) Restart() {
	a.t.Helper()
	a.Kill()
	root, err := testkit.Root()
	if err != nil {
		a.t.Fatal(err)
	}
	a.launch(filepath.Join(root, "build", "pintail"))
}

// End presses keys that end the program, waits until it has ended by itself, and returns how, with what it printed.
func (a *App) End(keys ...string) string {
	a.t.Helper()
	a.Display.must(append([]string{"xdotool", "key"}, keys...)...)
	return a.proc.Await(func() bool { return false }).Error()
}

// ask puts one question to the program.
func (a *App) ask(q question) (answer, error) {
	var ans answer
	b, err := json.Marshal(q)
	if err != nil {
		return ans, err
	}
	if _, err := a.conn.Write(append(b, '\n')); err != nil {
		return ans, fmt.Errorf("test socket: %w: %s", err, a.proc.Log())
	}
	line, err := a.lines.ReadBytes('\n')
	if err != nil {
		return ans, fmt.Errorf("test socket: %w: %s", err, a.proc.Log())
	}
	if err := json.Unmarshal(line, &ans); err != nil {
		return ans, fmt.Errorf("test socket: %w in %q", err, line)
	}
	if !ans.OK {
		return ans, fmt.Errorf("test socket: %s: %s", q.Cmd, ans.Error)
	}
	return ans, nil
}

func (a *App) must(q question) answer {
	a.t.Helper()
	ans, err := a.ask(q)
	if err != nil {
		a.t.Fatalf("%v; see %s", err, a.Picture("answer"))
	}
	return ans
}

// Dump is every part of every window.
func (a *App) Dump() []Part { a.t.Helper(); return a.must(question{Cmd: "dump"}).Parts }

// Has says whether a part is visible now, without waiting.
func (a *App) Has(id string) bool {
	a.t.Helper()
	for _, p := range a.Dump() {
		if p.ID == id {
			return p.Visible
		}
	}
	return false
}

// Part waits until the part is visible, a minute at most, and returns it.
func (a *App) Part(id string) Part {
	a.t.Helper()
	return a.must(question{Cmd: "wait", ID: id, TimeoutMS: 60_000}).Parts[0]
}

// Enabled waits until the part can be used.
func (a *App) Enabled(id string) Part {
	a.t.Helper()
	return a.must(question{Cmd: "wait", ID: id, Enabled: true, TimeoutMS: 60_000}).Parts[0]
}

// WaitText waits until the part's text contains text.
func (a *App) WaitText(id, text string) {
	a.t.Helper()
	a.must(question{Cmd: "wait", ID: id, Text: text, TimeoutMS: 120_000})
}

// WaitGone waits until the part is not visible any more.
func (a *App) WaitGone(id string) {
	a.t.Helper()
	a.must(question{Cmd: "wait", ID: id, Gone: true, TimeoutMS: 120_000})
}

// Row waits until a list shows a row with this name.
func (a *App) Row(list, name string) Row {
	a.t.Helper()
	return a.must(question{Cmd: "wait", ID: list, Row: name, TimeoutMS: 60_000}).Rows[0]
}

// Rows is the visible rows of a list.
func (a *App) Rows(list string) []Row {
	a.t.Helper()
	return a.must(question{Cmd: "rows", ID: list}).Rows
}

// Names is the names of the visible rows of a list.
func (a *App) Names(list string) []string {
	a.t.Helper()
	var names []string
	for _, r := range a.Rows(list) {
		names = append(names, r.Name)
	}
	return names
}

// Thread is how the window's thread answered since the last reset.
func (a *App) Thread(reset bool) Thread {
	a.t.Helper()
	return *a.must(question{Cmd: "thread", Reset: reset}).Thread
}

// window waits for a part and returns the X id of its window. Titles change while a connection opens, so both are asked
// until they agree.
func (a *App) window(id string) (xid string, p Part) {
	a.t.Helper()
	a.Until("the window of "+id, func() bool {
		p = a.Part(id)
		out, err := a.run("xdotool", "search", "--onlyvisible", "--pid", strconv.Itoa(a.proc.PID()))
		if err != nil {
			return false // none is mapped yet
		}
		for _, xid = range strings.Fields(out) {
			if title, err := a.run("xdotool", "getwindowname", xid); err == nil && title == strings.TrimSpace(p.Window) {
				return true
			}
		}
		return false
	})
	return xid, p
}

// PointOf waits for a part and returns the pixel in its middle.
func (a *App) PointOf(id string) Point {
	a.t.Helper()
	xid, p := a.window(id)
	o := a.Origin(xid)
	return Point{o.X + p.Bounds.X + p.Bounds.W/2, o.Y + p.Bounds.Y + p.Bounds.H/2}
}

// PointOfRow waits for a row and returns a pixel on its name, which is at the left.
func (a *App) PointOfRow(list, name string) Point {
	a.t.Helper()
	xid, _ := a.window(list)
	o, b := a.Origin(xid), a.Row(list, name).Bounds
	return Point{o.X + b.X + min(b.W/2, 120), o.Y + b.Y + b.H/2}
}

// Press clicks a part once it can be used.
func (a *App) Press(id string) {
	a.t.Helper()
	a.Enabled(id)
	a.Click(a.PointOf(id), 1, 1)
}

// PressRow clicks a row: times 2 is a double click, button 3 opens its menu.
func (a *App) PressRow(list, name string, button, times int) {
	a.t.Helper()
	a.Click(a.PointOfRow(list, name), button, times)
}

// Enter replaces the text of a field.
func (a *App) Enter(id, text string) {
	a.t.Helper()
	a.Press(id)
	a.Keys("ctrl+a")
	a.Type(text)
	a.Until(id+" with "+text, func() bool { return strings.Contains(a.Part(id).Text, text) })
}
