package command

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"pintail/internal/text"
)

// Group is one menu as a list of ids; "-" is a separator and [Sub] a place for a submenu.
type Group struct {
	Title string
	Items []any // ID, Sub or "-"
}

// Sub is a menu inside a menu: either more ids or items that the window makes when it opens.
type Sub struct {
	Title string
	Items []any
	Fill  func() []*fyne.MenuItem
}

// Separator stands between groups of items.
const Separator = "-"

// Runner does what a command says. It is called on the window's thread.
type Runner interface {
	Run(id ID)
	State() State
	// Focused is what has the keyboard, nil for nothing.
	Focused() fyne.Focusable
}

// Bar is a menu bar that follows the state of its window.
type Bar struct {
	Menu *fyne.MainMenu

	set    *Set
	run    Runner
	items  map[*fyne.MenuItem]Command
	last   State
	filled []filled
	rest   []Group
}

type filled struct {
	item *fyne.MenuItem
	fill func() []*fyne.MenuItem
}

// NewBar builds the menu bar of groups. Call [Bar.Update] whenever the state may have changed.
func NewBar(set *Set, run Runner, groups []Group) *Bar {
	b := &Bar{set: set, run: run, items: map[*fyne.MenuItem]Command{}, rest: groups}
	menus := make([]*fyne.Menu, 0, len(groups))
	for _, g := range groups {
		menus = append(menus, fyne.NewMenu(g.Title, b.build(g.Items)...))
	}
	b.Menu = fyne.NewMainMenu(menus...)
	b.apply(run.State())
	return b
}

func (b *Bar) build(entries []any) []*fyne.MenuItem {
	out := make([]*fyne.MenuItem, 0, len(entries))
	for _, e := range entries {
		switch e := e.(type) {
		case string:
			out = append(out, fyne.NewMenuItemSeparator())
		case ID:
			out = append(out, b.item(b.set.Get(e)))
		case Sub:
			it := fyne.NewMenuItem(e.Title, nil)
			if e.Fill != nil {
				it.ChildMenu = fyne.NewMenu("", e.Fill()...)
				b.filled = append(b.filled, filled{it, e.Fill})
			} else {
				it.ChildMenu = fyne.NewMenu("", b.build(e.Items)...)
			}
			out = append(out, it)
		}
	}
	return out
}

func (b *Bar) item(c Command) *fyne.MenuItem {
	it := fyne.NewMenuItem(c.Title, func() { invoke(b.run, c) })
	it.Shortcut = shortcut(c.Chord)
	it.IsQuit = c.ID == Quit
	b.items[it] = c
	return it
}

// Update brings ticks and disabled items in line with the window; it is cheap when nothing has changed.
func (b *Bar) Update() {
	s := b.run.State()
	if s == b.last {
		return
	}
	b.apply(s)
	b.Menu.Refresh()
}

// Refill makes the submenus anew whose items the window lists itself (bookmarks, columns).
func (b *Bar) Refill() {
	for _, f := range b.filled {
		f.item.ChildMenu.Items = f.fill()
	}
	b.apply(b.run.State())
	b.Menu.Refresh()
}

func (b *Bar) apply(s State) {
	b.last = s
	for it, c := range b.items {
		// A text command stays on: which of list and field takes it is known only when it runs.
		it.Disabled = !c.Text && !c.Enabled(s)
		it.Label = c.label(s)
		it.Checked = c.Checked != nil && c.Checked(s)
	}
}

// Popup is a context menu of entries (as in [Group]) for the state of run.
func Popup(set *Set, run Runner, entries []any) *fyne.Menu {
	b := &Bar{set: set, run: run, items: map[*fyne.MenuItem]Command{}}
	s := run.State()
	m := fyne.NewMenu("", b.build(slices.DeleteFunc(slices.Clone(entries), func(e any) bool {
		id, ok := e.(ID)
		return ok && set.Get(id).Seldom && !set.Get(id).Enabled(s)
	}))...)
	for it, c := range b.items {
		it.Disabled = !c.Enabled(s)
		it.Label = c.label(s)
		it.Checked = c.Checked != nil && c.Checked(s)
	}
	return m
}

// label is the title, with the reason why c does nothing with what is selected.
func (c Command) label(s State) string {
	if c.Why == nil || s.Selected == 0 || c.Enabled(s) {
		return c.Title
	}
	if why := c.Why(s); why != "" {
		return c.Title + " (" + why + ")"
	}
	return c.Title
}

// invoke runs c, unless a text field has the keyboard and c is one of those that fields know.
func invoke(r Runner, c Command) {
	if c.Text {
		if field, ok := r.Focused().(textField); ok {
			if sc := shortcut(c.Chord); sc != nil {
				field.TypedShortcut(sc)
			}
			return
		}
	}
	if c.Enabled(r.State()) {
		r.Run(c.ID)
	}
}

// textField is what a text entry is to us: it takes shortcuts and has a selection of text.
type textField interface {
	fyne.Shortcutable
	SelectedText() string
}

// shortcut is the toolkit's form of c. The clipboard's have types of their own there, and a menu item must use those.
func shortcut(c Chord) fyne.Shortcut {
	if c.Key == "" {
		return nil
	}
	if c.Mod == Primary {
		clip := func() fyne.Clipboard {
			if a := fyne.CurrentApp(); a != nil {
				return a.Clipboard()
			}
			return nil
		}
		switch c.Key {
		case "C":
			return &fyne.ShortcutCopy{Clipboard: clip()}
		case "X":
			return &fyne.ShortcutCut{Clipboard: clip()}
		case "V":
			return &fyne.ShortcutPaste{Clipboard: clip()}
		case "A":
			return &fyne.ShortcutSelectAll{}
		case "Y":
			return &fyne.ShortcutRedo{}
		}
	}
	return &desktop.CustomShortcut{KeyName: fyne.KeyName(c.Key), Modifier: modifiers(c.Mod)}
}

func modifiers(m Mod) fyne.KeyModifier {
	var out fyne.KeyModifier
	if m&Primary != 0 {
		out |= fyne.KeyModifierShortcutDefault
	}
	if m&Shift != 0 {
		out |= fyne.KeyModifierShift
	}
	if m&Alt != 0 {
		out |= fyne.KeyModifierAlt
	}
	if m&Control != 0 {
		out |= fyne.KeyModifierControl
	}
	return out
}

// Listen makes a window without a menu bar hear the commands ids.
func Listen(c fyne.Canvas, set *Set, run Runner, ids ...ID) {
	for _, id := range ids {
		cmd := set.Get(id)
		if cmd.Chord.Fires() {
			c.AddShortcut(shortcut(cmd.Chord), func(fyne.Shortcut) { invoke(run, cmd) })
		}
	}
}

// Words is how a chord is written for people: "Ctrl+Shift+N", on macOS "⇧⌘N".
func (c Chord) Words(goos string) string {
	if c.Key == "" {
		return ""
	}
	name := map[string]string{"Up": "↑", "Down": "↓", "Left": "←", "Right": "→", "Delete": "Del", "BackSpace": "⌫"}[c.Key]
	if name == "" {
		name = c.Key
	}
	var b strings.Builder
	for _, m := range []struct {
		mod        Mod
		mac, other string
	}{{Control, "⌃", "Ctrl+"}, {Alt, "⌥", "Alt+"}, {Shift, "⇧", "Shift+"}, {Primary, "⌘", "Ctrl+"}} {
		if c.Mod&m.mod == 0 {
			continue
		}
		if goos == "darwin" {
			b.WriteString(m.mac)
		} else if m.mod == Primary { // Ctrl comes first in words
			s := m.other + b.String()
			b.Reset()
			b.WriteString(s)
		} else {
			b.WriteString(m.other)
		}
	}
	return b.String() + name
}

// Titles of the menus of a browser window.
func titles() (file, edit, view, goTo, bookmark, transfer, window, help string) {
	return text.T("menu.file"), text.T("menu.edit"), text.T("menu.view"), text.T("menu.go"),
		text.T("menu.bookmark"), text.T("menu.transfer"), text.T("menu.window"), text.T("menu.help")
}

// editItems are the submenu of changes that one or a million objects can be given.
func editItems() Sub {
	return Sub{Title: text.T("edits.more"), Items: []any{ChangeClass, Encrypt, ObjectLock, Separator, MakePublic, MakePrivate}}
}

// Dynamic is what the window lists itself in the menu bar.
type Dynamic struct{ Columns, SortBy, Bookmarks, History, Windows func() []*fyne.MenuItem }

// BrowserMenus is the menu bar of a browser window.
func BrowserMenus(d Dynamic) []Group {
	file, edit, view, goTo, bookmark, transfer, window, help := titles()
	return []Group{
		{file, []any{NewWindow, OpenConnection, QuickConnect, Separator, Open, Info, NewFolder, Rename, Duplicate,
			copyURL(), openURL(), CopyPresignX, Share, Restore, editItems(), Separator, Download, DownloadTo, UploadFiles, Separator,
			Delete, Revert, Undelete, AdoptUpload, CompleteUpload, AbortUpload, RestorePoint, Separator, Disconnect, CloseWindow, Separator, Quit}},
		{edit, []any{Cut, Copy, Paste, Separator, SelectAll, Invert, Separator, Preferences}},
		{view, []any{ShowSidebar, Sub{Title: text.T("menu.columns"), Fill: d.Columns}, Sub{Title: text.T("menu.sort_by"), Fill: d.SortBy},
			FoldersFirst, ShowHidden, ShowVersions, AsOf, LeavePast, Separator, ThemeSystem, ThemeLight, ThemeDark}},
		{goTo, []any{Refresh, Stop, Separator, Back, Forward, Up, Inside, GoTo, Separator, Filter}},
		{bookmark, []any{NewBookmark, EditBookmark, DuplicateBookmark, DeleteBookmark, BookmarkUp, BookmarkDown, Separator,
			Sub{Title: text.T("menu.open_bookmark"), Fill: d.Bookmarks}, Sub{Title: text.T("menu.history"), Fill: d.History}, ClearHistory,
			Separator, ImportBookmarks, ExportBookmarks, Separator, ShowProfiles}},
		{transfer, []any{ShowTransfers, Separator, Synchronize, Separator, PauseAll, ResumeAll, RetryFailed, CleanUp}},
		{window, []any{ShowTransfers, Sub{Title: text.T("menu.windows"), Fill: d.Windows}, Separator, CloseWindow}},
		{help, []any{Shortcuts, About}},
	}
}

// ContextMenu is the context menu of a row; EmptyMenu the one beside the rows.
func ContextMenu() []any {
	return []any{Open, Info, Separator, Download, DownloadTo, UploadFiles, Synchronize, Separator, NewFolder, Rename, Duplicate,
		copyURL(), openURL(), Share, Restore, editItems(), Separator, Cut, Copy, Paste, Separator, Delete, Revert, Undelete, AdoptUpload, CompleteUpload, AbortUpload}
}

// EmptyMenu is the context menu of the space beside the rows.
func EmptyMenu() []any {
	return []any{Info, UploadFiles, Synchronize, NewFolder, Paste, Separator, Refresh, SelectAll}
}
