package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"pintail/internal/testkit/proc"
)

// outlineNow measures the file list in a real window beside the toolkit's own lists, and keeps the section about it.
func (b *bed) outlineNow() error {
	program := filepath.Join(b.dir, "window")
	if _, err := proc.RunFor(30*time.Minute, []string{"CGO_ENABLED=1"}, "go", "test", "-c", "-o", program, "./cmd/pintail"); err != nil {
		return err
	}
	x, display, err := xvfb(b.dir)
	if err != nil {
		return err
	}
	defer x.Kill()
	env := []string{"DISPLAY=" + display, "WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1", "LANG=en_US.UTF-8",
		"HOME=" + filepath.Join(b.dir, "home"), "DBUS_SESSION_BUS_ADDRESS=disabled:"}
	out, err := proc.RunFor(15*time.Minute, append(env, "PINTAIL_BENCH_OUTLINE=1"), program)
	if err != nil {
		return err
	}
	fmt.Print(string(out))
	return os.WriteFile(filepath.Join(b.kept, "outline.md"), []byte(outlineHead+string(out)), 0o644)
}

// readOutline is the section about the file list as it was measured last.
func readOutline(b *bed) (string, error) {
	text, err := os.ReadFile(filepath.Join(b.kept, "outline.md"))
	if err != nil {
		return "", fmt.Errorf("measure the file list first (-row outline): %w", err)
	}
	return string(text), nil
}

const outlineHead = `## The file list

A million rows in a real window of 1000 × 650 under Xvfb with software drawing (llvmpipe), scrolled for 600 frames by
ui/outline/outlinebench, the toolkit's own widgets beside ours. CPU of the process is that of all threads between two frames,
the filling of every pixel by software included, which a graphics card does elsewhere; that of the window's thread is what can
hold up input; update is the widget's own part of it. An answer counts as late above 50 ms, as busy if the thread itself worked so
long. The heap is Go's, above the empty window.

`

// xvfb starts a virtual display and returns its name.
func xvfb(dir string) (*proc.Process, string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	p, err := proc.Start(proc.Spec{Name: "Xvfb", Log: filepath.Join(dir, "xvfb.log"), Extra: w,
		Argv: []string{"Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-dpi", "96", "-nolisten", "tcp", "-noreset"}})
	_ = w.Close()
	if err != nil {
		return nil, "", err
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		p.Kill()
		return nil, "", fmt.Errorf("start Xvfb: %w: %s", err, p.Log())
	}
	return p, ":" + strings.TrimSpace(number), nil
}
