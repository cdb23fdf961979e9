package windowtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/testkit"
	"pintail/internal/testkit/window"
)

// A journal that is damaged is said in a window, since who opens the program from a menu sees no terminal; it stays as it is.
func TestStart_DamagedJournalIsSaidInAWindow(t *testing.T) {
	const garbage = "this is no journal, and it is longer than the head of a database is: a hundred bytes, which say what it is."
	var journal string
	a := window.Open(t, window.Options{Env: []string{"FYNE_THEME=light"}, First: "report.text", Home: func(dir string) {
		journal = filepath.Join(dir, "state", "journal.db")
		writeFile(t, journal, garbage)
	}})
	a.Picture("cannot-start")
	said := a.Part("report.text").Text
	if !containsAll(said, "Pintail cannot start", "the journal is damaged", journal, "Move the file away") {
		t.Errorf("the window says %q", said)
	}
	if end := a.End("Return"); !containsAll(end, "exit status 1", "pintail: The journal of transfers", journal) {
		t.Errorf("it ended: %s", end)
	}
	if b, err := os.ReadFile(journal); err != nil || string(b) != garbage {
		t.Errorf("the journal is %q, %v", b, err)
	}
}

// Without a screen the program says so; it is no crash.
func TestStart_WithoutAScreen(t *testing.T) {
	root, err := testkit.Root()
	if err != nil {
		t.Fatal(err)
	}
	for name, display := range map[string]string{"none": "", "dead": ":4095"} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			c := exec.Command(filepath.Join(root, "build", "pintail"))
			c.Env = append(os.Environ(), "PINTAIL_HOME="+home, "DISPLAY="+display, "WAYLAND_DISPLAY=")
			out, err := c.CombinedOutput()
			if c.ProcessState.ExitCode() != 1 {
				t.Errorf("%v: %s", err, out)
			}
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if last := lines[len(lines)-1]; !strings.HasPrefix(last, "pintail: No screen") || strings.Contains(string(out), "goroutine") {
				t.Errorf("it says %s", out)
			}
			if crash, err := filepath.Glob(filepath.Join(home, "logs", "*")); err != nil || len(crash) > 0 {
				t.Errorf("it left %q, %v", crash, err)
			}
		})
	}
}
