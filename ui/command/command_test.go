package command_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/ui/command"
	"pintail/ui/kit"
	"pintail/ui/look"
)

func TestTable_NoTwoCommandsShareKeys(t *testing.T) {
	t.Parallel()
	for _, goos := range []string{"linux", "windows", "darwin"} {
		seen := map[command.Chord]command.ID{}
		for _, c := range command.Table(goos) {
			if c.Title == "" || c.Title[0] == 'm' && len(c.Title) > 5 && c.Title[:5] == "menu." {
				t.Errorf("%s: %s has no title: %q", goos, c.ID, c.Title)
			}
			if c.Chord.Key == "" {
				continue
			}
			if other, ok := seen[c.Chord]; ok {
				t.Errorf("%s: %s and %s share %s", goos, other, c.ID, c.Chord.Words(goos))
			}
			seen[c.Chord] = c.ID
		}
	}
}

func TestTable_HasTheAnchorsKeys(t *testing.T) {
	t.Parallel()
	other, mac := command.New("linux"), command.New("darwin")
	for _, c := range []struct {
		id         command.ID
		linux, mac string
	}{
		{command.NewWindow, "Ctrl+N", "⌘N"}, {command.OpenConnection, "Ctrl+O", "⌘O"}, {command.NewFolder, "Ctrl+Shift+N", "⇧⌘N"},
		{command.Rename, "F2", "Return"}, {command.Duplicate, "Ctrl+D", "⌘D"}, {command.Download, "Alt+↓", "⌥↓"},
		{command.UploadFiles, "Alt+↑", "⌥↑"}, {command.Delete, "Del", "⌘⌫"}, {command.Refresh, "Ctrl+R", "⌘R"},
		{command.Back, "Ctrl+←", "⌘["}, {command.Up, "Ctrl+↑", "⌘↑"}, {command.ShowTransfers, "Ctrl+T", "⌘T"},
		{command.ShowHidden, "Ctrl+Shift+R", "⇧⌘."}, {command.GoTo, "Ctrl+G", "⌘G"}, {command.Stop, "Ctrl+.", "⌘."},
		{command.CopyHTTPS, "Ctrl+Shift+C", "⇧⌘C"}, {command.Disconnect, "Ctrl+Y", "⌘Y"},
	} {
		if got := other.Get(c.id).Chord.Words("linux"); got != c.linux {
			t.Errorf("%s: %q, want %q", c.id, got, c.linux)
		}
		if got := mac.Get(c.id).Chord.Words("darwin"); got != c.mac {
			t.Errorf("%s on macOS: %q, want %q", c.id, got, c.mac)
		}
	}
}

// runner records what ran.
type runner struct {
	state command.State
	focus fyne.Focusable
	ran   []command.ID
}

func (r *runner) Run(id command.ID)       { r.ran = append(r.ran, id) }
func (r *runner) State() command.State    { return r.state }
func (r *runner) Focused() fyne.Focusable { return r.focus }

func item(t *testing.T, m *fyne.MainMenu, title string) *fyne.MenuItem {
	t.Helper()
	var find func(*fyne.Menu) *fyne.MenuItem
	find = func(m *fyne.Menu) *fyne.MenuItem {
		for _, it := range m.Items {
			if it.Label == title {
				return it
			}
			if it.ChildMenu != nil {
				if got := find(it.ChildMenu); got != nil {
					return got
				}
			}
		}
		return nil
	}
	for _, menu := range m.Items {
		if it := find(menu); it != nil {
			return it
		}
	}
	t.Fatalf("no item %q", title)
	return nil
}

func none() []*fyne.MenuItem { return nil }

func TestBar_FollowsTheState(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	r := &runner{}
	b := command.NewBar(command.New("linux"), r, command.BrowserMenus(command.Dynamic{Columns: none, SortBy: none, Bookmarks: none, History: none, Windows: none}))
	if !item(t, b.Menu, "Download").Disabled || !item(t, b.Menu, "Refresh").Disabled {
		t.Error("without a connection Download and Refresh are possible")
	}
	r.state = command.State{Connected: true, Selected: 2, Hidden: true}
	b.Update()
	if item(t, b.Menu, "Download").Disabled || !item(t, b.Menu, "Rename").Disabled || !item(t, b.Menu, "Show hidden").Checked {
		t.Error("two selected rows: Download on, Rename off, Show hidden ticked")
	}
	r.state.SelectedBuckets, r.state.Selected = 1, 1
	b.Update()
	if !item(t, b.Menu, "Rename").Disabled {
		t.Error("a bucket can be renamed")
	}
}

func TestBar_TextFieldTakesTheClipboardFirst(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	r := &runner{state: command.State{Connected: true, Selected: 1}}
	b := command.NewBar(command.New("linux"), r, command.BrowserMenus(command.Dynamic{Columns: none, SortBy: none, Bookmarks: none, History: none, Windows: none}))
	field := kit.NewEntry()
	w := test.NewTempWindow(t, field)
	field.SetText("words")
	w.Canvas().Focus(field)
	r.focus = field
	item(t, b.Menu, "Select all").Action()
	if len(r.ran) != 0 || field.SelectedText() != "words" {
		t.Errorf("ran %v, selected %q", r.ran, field.SelectedText())
	}
	r.focus = nil
	item(t, b.Menu, "Copy").Action()
	if len(r.ran) != 1 || r.ran[0] != command.Copy {
		t.Errorf("without a field: ran %v", r.ran)
	}
	r.state = command.State{}
	item(t, b.Menu, "Copy").Action()
	if len(r.ran) != 1 {
		t.Error("a command that does nothing here has run")
	}
}
