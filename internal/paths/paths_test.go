package paths_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"pintail/internal/paths"
)

func env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func TestFor_FollowsEachSystem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, goos string
		env        map[string]string
		want       paths.Dirs
	}{
		{"linux", "linux", map[string]string{"HOME": "/h"}, paths.Dirs{Config: "/h/.config/pintail", State: "/h/.local/state/pintail",
			Cache: "/h/.cache/pintail", Logs: "/h/.local/state/pintail/logs", Downloads: "/h/Downloads", Home: "/h"}},
		{"xdg", "linux", map[string]string{"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "relative is ignored", "XDG_CACHE_HOME": "/x", "XDG_DOWNLOAD_DIR": "/d"},
			paths.Dirs{Config: "/c/pintail", State: "/h/.local/state/pintail", Cache: "/x/pintail", Logs: "/h/.local/state/pintail/logs", Downloads: "/d", Home: "/h"}},
		{"darwin", "darwin", map[string]string{"HOME": "/h"}, paths.Dirs{Config: "/h/Library/Application Support/Pintail", State: "/h/Library/Application Support/Pintail/State",
			Cache: "/h/Library/Caches/Pintail", Logs: "/h/Library/Logs/Pintail", Downloads: "/h/Downloads", Home: "/h"}},
		{"windows", "windows", map[string]string{"USERPROFILE": "/u", "APPDATA": "/r", "LOCALAPPDATA": "/l"}, paths.Dirs{Config: "/r/Pintail", State: "/l/Pintail/State",
			Cache: "/l/Pintail/Cache", Logs: "/l/Pintail/Logs", Downloads: "/u/Downloads", Home: "/u"}},
		{"portable", "linux", map[string]string{"HOME": "/h", "PINTAIL_HOME": "/p", "XDG_CONFIG_HOME": "/c"}, paths.Dirs{Config: "/p/config", State: "/p/state",
			Cache: "/p/cache", Logs: "/p/logs", Downloads: "/p/downloads", Home: "/h"}},
	}
	for _, tt := range tests {
		got, err := paths.For(tt.goos, env(tt.env))
		if err != nil || got != tt.want {
			t.Errorf("%s: %v\n got %+v\nwant %+v", tt.name, err, got, tt.want)
		}
	}
}

func TestFor_SaysWhenThereIsNoHome(t *testing.T) {
	t.Parallel()
	if _, err := paths.For("linux", env(nil)); !errors.Is(err, paths.ErrNoHome) {
		t.Errorf("%v", err)
	}
	if d, err := paths.For("linux", env(map[string]string{"PINTAIL_HOME": "rel"})); err != nil || !filepath.IsAbs(d.Config) {
		t.Errorf("%+v %v", d, err)
	}
}

func TestDirs_NamesAreBelowTheFolders(t *testing.T) {
	t.Parallel()
	d, err := paths.For("linux", env(map[string]string{"PINTAIL_HOME": t.TempDir()}))
	if err != nil {
		t.Fatal(err)
	}
	for path, dir := range map[string]string{d.Bookmarks(): d.Config, d.Profiles(): d.Config, d.Preferences(): d.Config, d.History(): d.State, d.Journal(): d.State} {
		if !strings.HasPrefix(path, dir+"/") {
			t.Errorf("%s is not below %s", path, dir)
		}
	}
}
