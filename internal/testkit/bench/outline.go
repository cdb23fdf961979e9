package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pintail/internal/testkit/proc"
)

// frames is one line of cmd/pintail/outline_bench_test.go.
type frames struct {
	Frames                                      int
	Seconds, P50, P99, StallMS, JumpMS, HeapMiB float64
}

// outline measures the file list in a real window beside the toolkit's own lists.
func outline(b *bed) (string, error) {
	program := filepath.Join(b.dir, "window")
	if _, err := proc.Run([]string{"CGO_ENABLED=1"}, "go", "test", "-c", "-o", program, "./cmd/pintail"); err != nil {
		return "", err
	}
	x, display, err := xvfb(b.dir)
	if err != nil {
		return "", err
	}
	defer x.Kill()
	env := []string{"DISPLAY=" + display, "WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1", "FYNE_SCALE=1", "LANG=en_US.UTF-8",
		"HOME=" + filepath.Join(b.dir, "home"), "DBUS_SESSION_BUS_ADDRESS=disabled:"}
	text := `## The file list

A million rows in a real window of 1000 × 650 under Xvfb with software drawing (llvmpipe), scrolled by seven rows in each of 600
frames. CPU is that of all threads between two frames, drawing included; a stall is the longest time that the window's
thread did not answer; jump is the time to show the rows at 90 %; heap is Go's, above the same window without rows. Ours
holds a million keys with size, time, class and entity tag in the browser's store; the toolkit's List makes its rows up
while drawing, its Tree wants a string for each.

| list | CPU ms a frame, median | p99 | frames/s | longest stall ms | jump ms | heap MiB |
|---|---|---|---|---|---|---|
`
	for _, kind := range []string{"empty", "outline", "list", "tree"} {
		out, err := proc.Run(append(env, "PINTAIL_BENCH_LIST="+kind), program)
		if err != nil {
			return "", err
		}
		var f frames
		if err := json.Unmarshal(out, &f); err != nil {
			return "", fmt.Errorf("outline %s: %w in %q", kind, err, out)
		}
		name := map[string]string{"empty": "no list, one moving square", "outline": "ui/outline (22 px rows, 4 columns)", "list": "stock List (icon and 4 labels)", "tree": "stock Tree (1 label)"}[kind]
		text += fmt.Sprintf("| %s | %.1f | %.1f | %.0f | %.0f | %.0f | %.0f |\n", name, f.P50, f.P99, float64(f.Frames)/f.Seconds, f.StallMS, f.JumpMS, f.HeapMiB)
	}
	fmt.Print(text)
	return text, nil
}

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
