// Package command is the one table of everything a person can do in a window: title, shortcut and when it is possible.
// It must never do anything itself: a window hands in what runs. Menus, toolbars and context menus are built from it.
// Start reading at [Table], then [Menu].
package command

import "runtime"

// ID names a command; it is also the id of its controls in the window harness.
type ID string

// The commands. The order is that of the table.
const (
	NewWindow      ID = "file.newwindow"
	OpenConnection ID = "file.connect"
	QuickConnect   ID = "file.quickconnect"
	Open           ID = "file.open"
	Info           ID = "file.info"
	NewFolder      ID = "file.newfolder"
	Rename         ID = "file.rename"
	Duplicate      ID = "file.duplicate"
	Download       ID = "file.download"
	DownloadTo     ID = "file.downloadto"
	UploadFiles    ID = "file.upload"
	Delete         ID = "file.delete"
	Restore        ID = "file.restore"
	ChangeClass    ID = "file.class"
	Encrypt        ID = "file.encrypt"
	ObjectLock     ID = "file.lock"
	Share          ID = "file.share"
	MakePublic     ID = "file.public"
	MakePrivate    ID = "file.private"
	CloseWindow    ID = "window.close"
	Quit           ID = "file.quit"

	Cut       ID = "edit.cut"
	Copy      ID = "edit.copy"
	Paste     ID = "edit.paste"
	SelectAll ID = "edit.selectall"
	Invert    ID = "edit.invert"

	Preferences ID = "edit.preferences"

	ShowSidebar  ID = "view.sidebar"
	ShowHidden   ID = "view.hidden"
	FoldersFirst ID = "view.foldersfirst"
	ThemeSystem  ID = "view.theme.system"
	ThemeLight   ID = "view.theme.light"
	ThemeDark    ID = "view.theme.dark"

	Refresh    ID = "go.refresh"
	Stop       ID = "go.stop"
	Back       ID = "go.back"
	Forward    ID = "go.forward"
	Up         ID = "go.up"
	Inside     ID = "go.inside"
	GoTo       ID = "go.to"
	Filter     ID = "go.filter"
	Disconnect ID = "go.disconnect"

	NewBookmark       ID = "bookmark.new"
	EditBookmark      ID = "bookmark.edit"
	DeleteBookmark    ID = "bookmark.delete"
	DuplicateBookmark ID = "bookmark.duplicate"
	BookmarkUp        ID = "bookmark.up"
	BookmarkDown      ID = "bookmark.down"
	ClearHistory      ID = "bookmark.clearhistory"
	ShowProfiles      ID = "bookmark.profiles"
	ImportBookmarks   ID = "bookmark.import"
	ExportBookmarks   ID = "bookmark.export"

	ShowTransfers ID = "transfer.show"
	Synchronize   ID = "transfer.synchronize"
	PauseAll      ID = "transfer.pauseall"
	ResumeAll     ID = "transfer.resumeall"
	RetryFailed   ID = "transfer.retry"
	CleanUp       ID = "transfer.cleanup"

	Shortcuts ID = "help.shortcuts"
	About     ID = "help.about"
)

// Mod is a set of modifier keys.
type Mod uint8

// The modifiers. Primary is Ctrl, and ⌘ on macOS.
const (
	Primary Mod = 1 << iota
	Shift
	Alt
	Control // the Control key itself, on macOS too
)

// Chord is a key with modifiers. Key is the toolkit's name of the key ("N", "F2", "Delete"); "" is no shortcut.
// A chord without modifiers is only shown in the menu: the focused list handles such keys.
type Chord struct {
	Key string
	Mod Mod
}

// Fires tells whether a menu may listen to the chord.
func (c Chord) Fires() bool { return c.Key != "" && c.Mod&^Shift != 0 }

// Command is one row of the table.
type Command struct {
	ID    ID
	Title string
	Chord Chord
	// Text tells that a focused text field takes this chord first (clipboard, moving by words).
	Text bool
	// Seldom leaves the command out of context menus where it does nothing.
	Seldom bool
	// When tells whether the command does something in this state; nil is always.
	When func(State) bool
	// Why is the reason why the command does nothing with what is selected, "" for none; nil is never.
	Why func(State) string
	// Checked tells whether the menu shows a tick; nil is never.
	Checked func(State) bool
}

// Enabled tells whether c does something in s.
func (c Command) Enabled(s State) bool { return c.When == nil || c.When(s) }

// State is what the window knows that decides which commands are possible.
type State struct {
	Connected, Listing                   bool
	CanBack, CanForward, CanUp           bool
	Anonymous, CanPresign                bool
	ReadOnly                             bool // the connection refuses everything that changes something
	Selected, SelectedFolders            int  // rows; folders include buckets
	SelectedBuckets                      int
	Clipboard                            bool // rows to paste
	Uploads                              bool // there is a folder that an upload or a paste goes to
	Hidden, Sidebar, FoldersFirst        bool
	Inspector                            bool   // the inspector is shown
	CDN                                  bool   // a distribution of what is selected is known
	Published                            bool   // the bookmark has a web address
	Secure, Amazon                       bool   // the connection is encrypted; it is to Amazon itself
	Theme                                string // "", "light", "dark"
	BookmarkSelected, HistoryKnown       bool
	BookmarkFirst, BookmarkLast          bool
	TransfersRunning, TransfersResumable bool
	TransfersFailed, TransfersEnded      bool
	Old                                  Old
}

// Platform is the one the program runs on, for [Table].
func Platform() string { return runtime.GOOS }

// Set is the table of one platform, looked up by id.
type Set struct {
	list []Command
	byID map[ID]int
}

// New returns the table for goos (a GOOS value).
func New(goos string) *Set {
	s := &Set{list: Table(goos), byID: map[ID]int{}}
	for i, c := range s.list {
		s.byID[c.ID] = i
	}
	return s
}

// All is every command in the order of the table. The caller must not change it.
func (s *Set) All() []Command { return s.list }

// Get is the command id; the zero Command if there is none.
func (s *Set) Get(id ID) Command {
	i, ok := s.byID[id]
	if !ok {
		return Command{}
	}
	return s.list[i]
}
