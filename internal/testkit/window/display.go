// Package window drives the real program on a virtual display: a mouse and a keyboard that are true X input, pictures of
// the screen, files dropped from another program. It must never send the program anything but input: the program's test
// socket only answers where things are. Start reading at [Open]; [Display] alone shows any other program.
package window

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit"
	"pintail/internal/testkit/proc"
)

// Display is an X server with a window manager and a session bus, private to one test.
type Display struct {
	t        testing.TB
	dir      string // short path, for sockets and logs
	env      []string
	pictures string
	count    int
	procs    []*proc.Process
	settled  func() // returns when the program has seen all input; nil for a program that does not tell
}

// programs is what the harness runs, by Debian package.
var programs = map[string]string{
	"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "xwininfo": "x11-utils", "xprop": "x11-utils",
	"import": "imagemagick", "dbus-daemon": "dbus-daemon", "python3": "python3-gi gir1.2-gtk-3.0",
}

// busConfig is a session bus that starts no services: the program meets no keychain and no portal, on any machine.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// managerConfig is openbox with one desktop and no keys of its own: all keys are the program's. A click focuses and raises.
const managerConfig = `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew></focus>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Right" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
</openbox_config>
`

// NewDisplay starts a display of width×height pixels. It ends with the test. Pictures go to build/pictures/<test>.
func NewDisplay(t testing.TB, width, height int) *Display {
	t.Helper()
	for program, pkg := range programs {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, fmt.Sprintf("%s is not installed: apt-get install %s", program, pkg))
		}
	}
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pw")
	if err != nil {
		t.Fatal(err)
	}
	d := &Display{t: t, dir: dir, pictures: filepath.Join(root, "build", "pictures", strings.ReplaceAll(t.Name(), "/", "_"))}
	t.Cleanup(d.close)
	if err := os.RemoveAll(d.pictures); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(d.pictures, 0o755); err != nil {
		t.Fatal(err)
	}
	d.startServer(width, height)
	d.startBus()
	config := filepath.Join(d.dir, "openbox.xml")
	if err := os.WriteFile(config, []byte(managerConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	wm := d.Start("openbox", "openbox", "--sm-disable", "--config-file", config)
	d.await(wm, func() bool {
		out, err := d.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
		return err == nil && strings.Contains(out, "window id")
	})
	return d
}

// missing ends a test that needs a program: a failure in CI, elsewhere a skip that names the reason.
func missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" || os.Getenv("PINTAIL_REQUIRE_SERVERS") == "1" {
		t.Fatal(reason + " (required here)")
	}
	t.Skip(reason)
}

// startServer starts Xvfb on a display number of its own choice.
func (d *Display) startServer(width, height int) {
	d.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Close()
	size := fmt.Sprintf("%dx%dx24", width, height)
	p, err := proc.Start(proc.Spec{Name: "Xvfb", Log: filepath.Join(d.dir, "Xvfb.log"), Extra: w,
		Argv: []string{"Xvfb", "-displayfd", "3", "-screen", "0", size, "-dpi", "96", "-nolisten", "tcp", "-noreset"}})
	_ = w.Close()
	if err != nil {
		d.t.Fatal(err)
	}
	d.procs = append(d.procs, p)
	number, err := bufio.NewReader(r).ReadString('\n') // ends without a line when the server dies
	if err != nil {
		d.t.Fatalf("Xvfb: %v: %s", err, p.Log())
	}
	home := filepath.Join(d.dir, "home")
	temp := filepath.Join(d.dir, "tmp") // programs end by SIGKILL: what they leave goes with the folder
	for _, dir := range []string{home, filepath.Join(d.dir, "run"), temp} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			d.t.Fatal(err)
		}
	}
	d.env = []string{
		"DISPLAY=:" + strings.TrimSpace(number), "WAYLAND_DISPLAY=", "XAUTHORITY=",
		"HOME=" + home, "TMPDIR=" + temp, "XDG_RUNTIME_DIR=" + filepath.Join(d.dir, "run"),
		"XDG_CONFIG_HOME=" + home + "/.config", "XDG_DATA_HOME=" + home + "/.local/share",
		"XDG_CACHE_HOME=" + home + "/.cache", "XDG_STATE_HOME=" + home + "/.local/state",
		"LANG=en_US.UTF-8", "LC_ALL=", "LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1",
	}
}

func (d *Display) startBus() {
	d.t.Helper()
	socket, config := filepath.Join(d.dir, "bus"), filepath.Join(d.dir, "bus.conf")
	if err := os.WriteFile(config, []byte(fmt.Sprintf(busConfig, socket)), 0o600); err != nil {
		d.t.Fatal(err)
	}
	p := d.Start("dbus-daemon", "dbus-daemon", "--nofork", "--config-file="+config)
	d.await(p, func() bool { _, err := os.Stat(socket); return err == nil })
	d.env = append(d.env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+socket)
}

// Start runs a program on the display; it ends with the test.
func (d *Display) Start(name string, argv ...string) *proc.Process {
	d.t.Helper()
	p, err := proc.Start(proc.Spec{Name: name, Argv: argv, Env: d.env, Log: filepath.Join(d.dir, name+".log")})
	if err != nil {
		d.t.Fatal(err)
	}
	d.procs = append(d.procs, p)
	return p
}

func (d *Display) await(p *proc.Process, ready func() bool) {
	d.t.Helper()
	if err := p.Await(ready); err != nil {
		d.t.Fatal(err)
	}
}

// run executes a helper on the display and returns what it printed.
func (d *Display) run(argv ...string) (string, error) {
	// xdotool reads its arguments in the locale's encoding, and en_US is not generated on every machine.
	out, err := proc.Run(append(d.env[:len(d.env):len(d.env)], "LC_CTYPE=C.UTF-8"), argv...)
	return strings.TrimSpace(string(out)), err
}

// must is run for helpers that have no reason to fail.
func (d *Display) must(argv ...string) string {
	d.t.Helper()
	out, err := d.run(argv...)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// Picture saves the screen as build/pictures/<test>/<number>-<name>.png and returns the path.
func (d *Display) Picture(name string) string {
	d.t.Helper()
	d.count++
	path := filepath.Join(d.pictures, fmt.Sprintf("%02d-%s.png", d.count, name))
	if out, err := d.run("import", "-window", "root", path); err != nil {
		d.t.Errorf("picture %s: %v %s", name, err, out)
	}
	return path
}

// Find waits for a visible window with exactly this title and returns its X id.
func (d *Display) Find(title string) string {
	d.t.Helper()
	var id string
	pattern := "^" + title + "$"
	d.Until("a window "+title, func() bool {
		out, err := d.run("xdotool", "search", "--onlyvisible", "--name", pattern)
		lines := strings.Fields(out)
		if err != nil || len(lines) == 0 {
			return false
		}
		id = lines[len(lines)-1]
		return true
	})
	return id
}

// Until asks again and again, for a minute at most, and fails with a picture.
func (d *Display) Until(what string, done func() bool) {
	d.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			d.t.Fatalf("%s did not come; see %s", what, d.Picture("waited"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// close ends the programs, the newest first; a failed test leaves a last picture and what the programs printed.
func (d *Display) close() {
	if d.t.Failed() && len(d.env) > 0 {
		d.t.Logf("screen at the end: %s", d.Picture("failed"))
	}
	for i := len(d.procs) - 1; i >= 0; i-- {
		d.procs[i].Kill()
		if d.t.Failed() {
			d.t.Logf("output of %s: %s", d.procs[i].Name(), d.procs[i].Log())
		}
	}
	_ = os.RemoveAll(d.dir)
}
