package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"pintail/internal/paths"
	"pintail/internal/text"
	"pintail/ui"
	"pintail/ui/chooser"
)

// localFiles lists local folders for our own chooser.
type localFiles struct{ dirs paths.Dirs }

// List reads a folder. Links are shown as what they lead to; an entry that is gone meanwhile is left out.
func (l localFiles) List(ctx context.Context, dir string) ([]chooser.File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	out := make([]chooser.File, 0, len(entries))
	for _, e := range entries {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err != nil {
			continue
		}
		out = append(out, chooser.File{Name: e.Name(), Folder: info.IsDir(), Size: info.Size(), Modified: info.ModTime()})
	}
	return out, nil
}

// Abs makes a typed path absolute and tells what is there.
func (l localFiles) Abs(path string) (abs string, folder, exists bool) {
	path = strings.TrimSpace(path)
	if path == "~" || strings.HasPrefix(path, "~/") {
		path = filepath.Join(l.dirs.Home, strings.TrimPrefix(path, "~"))
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path, false, false
	}
	info, err := os.Stat(abs)
	return abs, err == nil && info.IsDir(), err == nil
}

// Join is the path of an entry.
func (localFiles) Join(dir, name string) string { return filepath.Join(dir, name) }

// Parent is the folder that holds dir.
func (localFiles) Parent(dir string) string { return filepath.Dir(dir) }

// Places are the folders people keep files in, as far as they exist.
func (l localFiles) Places() []chooser.Place {
	var out []chooser.Place
	add := func(title, path, icon string) {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			out = append(out, chooser.Place{Title: title, Path: path, Icon: icon})
		}
	}
	add(text.T("chooser.home"), l.dirs.Home, "home")
	add(text.T("chooser.desktop"), filepath.Join(l.dirs.Home, "Desktop"), "kind-folder")
	add(text.T("chooser.documents"), filepath.Join(l.dirs.Home, "Documents"), "kind-folder")
	add(text.T("chooser.downloads"), l.dirs.Downloads, "download")
	add(text.T("chooser.computer"), string(filepath.Separator), "kind-server")
	return out
}

// zenity is the chooser of a desktop with GTK.
type zenity struct{ path string }

// native is the desktop's own chooser, nil where there is none.
func native() ui.Native {
	if runtime.GOOS != "linux" || os.Getenv("XDG_CURRENT_DESKTOP") == "" {
		return nil
	}
	path, err := exec.LookPath("zenity")
	if err != nil {
		return nil
	}
	return zenity{path}
}

// Choose runs zenity and reads the chosen paths; its status 1 means that nothing was chosen.
func (z zenity) Choose(ctx context.Context, o chooser.Options) ([]string, bool, error) {
	args := []string{"--file-selection", "--title=" + o.Title, "--separator=\n"}
	switch {
	case o.Folder:
		args = append(args, "--directory")
	case !o.File:
		args = append(args, "--multiple")
	}
	if o.Start != "" {
		args = append(args, "--filename="+strings.TrimSuffix(o.Start, "/")+"/")
	}
	out, err := exec.CommandContext(ctx, z.path, args...).Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return nil, true, nil
	case err != nil:
		return nil, false, nil // it cannot run here: ours takes over
	}
	var paths []string
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\n"), "\n") {
		if line != "" {
			paths = append(paths, line)
		}
	}
	return paths, true, nil
}

// reveal shows a path in the file manager: the folder itself, or the folder that holds a file.
func reveal(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		path = filepath.Dir(path)
	}
	name := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if name == "" {
		name = "xdg-open"
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), name, path)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("show %s: %w", path, err)
	}
	return cmd.Process.Release()
}
