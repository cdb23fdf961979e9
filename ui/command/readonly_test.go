package command_test

import (
	"testing"

	"pintail/ui/command"
)

// harmless are the commands that change nothing at the server. One that is new has to be put here or among those that a read-only
// connection refuses.
var harmless = map[command.ID]bool{
	command.NewWindow: true, command.OpenConnection: true, command.QuickConnect: true, command.Open: true, command.Info: true,
	command.Download: true, command.DownloadTo: true, command.CloseWindow: true, command.Quit: true, command.Copy: true,
	command.SelectAll: true, command.Invert: true, command.CopyHTTPS: true, command.CopyCDN: true, command.CopyS3: true, command.CopyPresign1: true,
	command.CopyPresign2: true, command.CopyPresign3: true, command.CopyPresignX: true, command.Share: true, command.CopyHTTP: true, command.CopyWebsite: true, command.CopyConsole: true, command.CopyTorrent: true, command.CopyMarked: true, command.CopyARN: true,
	command.ShowSidebar: true, command.ShowHidden: true,
	command.FoldersFirst: true, command.ThemeSystem: true, command.ThemeLight: true, command.ThemeDark: true, command.Refresh: true,
	command.Stop: true, command.Back: true, command.Forward: true, command.Up: true, command.Inside: true, command.GoTo: true,
	command.Filter: true, command.Disconnect: true, command.NewBookmark: true, command.EditBookmark: true, command.DeleteBookmark: true,
	command.DuplicateBookmark: true, command.ShowProfiles: true, command.ImportBookmarks: true, command.ExportBookmarks: true, command.BookmarkUp: true, command.BookmarkDown: true, command.ClearHistory: true,
	command.ShowTransfers: true, command.PauseAll: true, command.ResumeAll: true, command.RetryFailed: true, command.CleanUp: true,
	command.Preferences: true, command.Shortcuts: true, command.About: true, command.ShowVersions: true, command.AsOf: true, command.LeavePast: true,
}

func TestReadOnly_CommandsThatChangeAreOff(t *testing.T) {
	// In one of these states every command that works on rows is possible.
	states := []command.State{
		{Connected: true, Selected: 1, Uploads: true, Clipboard: true, CanPresign: true},
		{Connected: true, Selected: 1, Uploads: true, Clipboard: true, Old: command.Old{InBucket: true, Selected: 1, Revertible: 1}},
		{Connected: true, Selected: 1, Old: command.Old{InBucket: true, Selected: 1, Deleted: 1}},
		{Connected: true, Selected: 1, Old: command.Old{InBucket: true, Selected: 1, Uploads: 1}},
		{Connected: true, Selected: 1, Uploads: true, Old: command.Old{InBucket: true, Past: true}},
	}
	for _, c := range command.New("linux").All() {
		if harmless[c.ID] {
			continue
		}
		if _, open := command.Address(c.ID); open { // what a browser reads
			continue
		}
		possible := false
		for _, s := range states {
			possible = possible || c.Enabled(s)
			s.ReadOnly = true
			if c.Enabled(s) {
				t.Errorf("%s is possible in a read-only connection", c.ID)
			}
		}
		if !possible {
			t.Errorf("%s is never possible", c.ID)
		}
	}
}

// adding are the commands that leave what is there as it is.
var adding = map[command.ID]bool{
	command.NewFolder: true, command.Duplicate: true, command.UploadFiles: true, command.Cut: true, command.Restore: true,
	command.Undelete: true, command.AdoptUpload: true, command.CompleteUpload: true,
}

func TestProduction_EveryCommandThatChangesAddsOrDestroys(t *testing.T) {
	for _, c := range command.New("linux").All() {
		kinds := 0
		_, open := command.Address(c.ID)
		for _, is := range []bool{open || harmless[c.ID], adding[c.ID], command.Destroys(c.ID)} {
			if is {
				kinds++
			}
		}
		if kinds != 1 {
			t.Errorf("%s is of %d kinds: harmless, one that adds, or one that a production connection asks about", c.ID, kinds)
		}
	}
}
