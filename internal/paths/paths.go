// Package paths says where the programs keep their files on each system: settings, data, state and caches.
// It must never create, read or write anything; whoever owns a file makes its folder.
// PINTAIL_HOME moves everything below one folder (portable use, tests).
package paths

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// EnvHome names the environment variable that moves every folder below one root.
const EnvHome = "PINTAIL_HOME"

const appName = "pintail"

// ErrNoHome is returned when the system names no home folder and PINTAIL_HOME is not set.
var ErrNoHome = errors.New("no home folder: set HOME or " + EnvHome)

// Dirs are the folders of one user. All are absolute; none needs to exist.
type Dirs struct {
	Config    string // settings, profiles, bookmarks: worth a backup
	State     string // journal, history, window state: must survive a restart
	Cache     string // may be deleted at any time
	Logs      string
	Downloads string // where downloads go unless the user says otherwise
	Home      string // the user's home, for ~ in paths that the user types
}

// Bookmarks is the folder with one .duck file a bookmark.
func (d Dirs) Bookmarks() string { return filepath.Join(d.Config, "bookmarks") }

// History is the folder with one .duck file a recently used connection.
func (d Dirs) History() string { return filepath.Join(d.State, "history") }

// Profiles is the folder with the connection profiles the user installed.
func (d Dirs) Profiles() string { return filepath.Join(d.Config, "profiles") }

// Preferences is the file with the settings that differ from the defaults.
func (d Dirs) Preferences() string { return filepath.Join(d.Config, "preferences.json") }

// Secrets is the encrypted file of secrets, where the system has no keychain and the user asked for one.
func (d Dirs) Secrets() string { return filepath.Join(d.Config, "secrets.age") }

// Journal is the transfer journal that the app and the command line share.
func (d Dirs) Journal() string { return filepath.Join(d.State, "journal.db") }

// SyncJobs is the file with the saved synchronisations.
func (d Dirs) SyncJobs() string { return filepath.Join(d.Config, "sync.json") }

// Default returns the folders of the running system and user.
func Default() (Dirs, error) { return For(runtime.GOOS, os.Getenv) }

// For returns the folders on the named system (a GOOS value) with the environment read through getenv.
// It returns [ErrNoHome] when neither PINTAIL_HOME nor the system's own variables are set.
func For(goos string, getenv func(string) string) (Dirs, error) {
	home := getenv("HOME")
	if goos == "windows" {
		home = getenv("USERPROFILE")
	}
	if root := getenv(EnvHome); root != "" {
		abs, err := filepath.Abs(root)
		if err != nil {
			return Dirs{}, fmt.Errorf("%s: %w", EnvHome, err)
		}
		if home == "" {
			home = abs
		}
		return Dirs{
			Config:    filepath.Join(abs, "config"),
			State:     filepath.Join(abs, "state"),
			Cache:     filepath.Join(abs, "cache"),
			Logs:      filepath.Join(abs, "logs"),
			Downloads: filepath.Join(abs, "downloads"),
			Home:      home,
		}, nil
	}
	if home == "" {
		return Dirs{}, ErrNoHome
	}
	switch goos {
	case "windows":
		return windowsDirs(home, getenv), nil
	case "darwin", "ios":
		return darwinDirs(home), nil
	default:
		return xdgDirs(home, getenv), nil
	}
}

func windowsDirs(home string, getenv func(string) string) Dirs {
	roaming := firstOf(getenv("APPDATA"), filepath.Join(home, "AppData", "Roaming"))
	local := firstOf(getenv("LOCALAPPDATA"), filepath.Join(home, "AppData", "Local"))
	return Dirs{
		Config:    filepath.Join(roaming, "Pintail"),
		State:     filepath.Join(local, "Pintail", "State"),
		Cache:     filepath.Join(local, "Pintail", "Cache"),
		Logs:      filepath.Join(local, "Pintail", "Logs"),
		Downloads: filepath.Join(home, "Downloads"),
		Home:      home,
	}
}

func darwinDirs(home string) Dirs {
	lib := filepath.Join(home, "Library")
	support := filepath.Join(lib, "Application Support", "Pintail")
	return Dirs{
		Config:    support,
		State:     filepath.Join(support, "State"),
		Cache:     filepath.Join(lib, "Caches", "Pintail"),
		Logs:      filepath.Join(lib, "Logs", "Pintail"),
		Downloads: filepath.Join(home, "Downloads"),
		Home:      home,
	}
}

// xdgDirs follows the XDG base directory specification: a variable that is not absolute is ignored.
func xdgDirs(home string, getenv func(string) string) Dirs {
	dir := func(name string, def ...string) string {
		base := getenv(name)
		if !filepath.IsAbs(base) {
			base = filepath.Join(append([]string{home}, def...)...)
		}
		return filepath.Join(base, appName)
	}
	state := dir("XDG_STATE_HOME", ".local", "state")
	downloads := getenv("XDG_DOWNLOAD_DIR")
	if !filepath.IsAbs(downloads) {
		downloads = filepath.Join(home, "Downloads")
	}
	return Dirs{
		Config:    dir("XDG_CONFIG_HOME", ".config"),
		State:     state,
		Cache:     dir("XDG_CACHE_HOME", ".cache"),
		Logs:      filepath.Join(state, "logs"),
		Downloads: downloads,
		Home:      home,
	}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
