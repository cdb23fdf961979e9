package command

import "pintail/internal/text"

// The commands for what is old: versions, delete markers, unfinished uploads, and the past.
const (
	Revert         ID = "file.revert"
	Undelete       ID = "file.undelete"
	AbortUpload    ID = "file.abortupload"
	CompleteUpload ID = "file.completeupload"
	AdoptUpload    ID = "file.adoptupload"
	RestorePoint   ID = "file.restorepoint"
	ShowVersions   ID = "view.versions"
	AsOf           ID = "view.asof"
	LeavePast      ID = "view.now"
)

// Old is what the window knows about old versions and the past.
type Old struct {
	Versions bool // old versions are shown
	Past     bool // the window shows the past, which nothing can change
	Working  bool // something is being done with selected rows
	InBucket bool // the window is in a bucket
	Selected int  // old versions, delete markers and unfinished uploads among the selected rows
	Empty    int  // selected rows without content to read: delete markers and unfinished uploads
	Revertible,
	Deleted, Uploads int // selected: old versions; delete markers that hide an object; unfinished uploads
}

func oldCommands(same primary) []Command {
	all := func(n int, s State) bool {
		return s.Connected && !s.Old.Working && !s.Old.Past && n > 0 && n == s.Selected
	}
	return []Command{
		{ID: Revert, Seldom: true, Title: text.T("menu.revert"), When: func(s State) bool { return all(s.Old.Revertible, s) }},
		{ID: Undelete, Seldom: true, Title: text.T("menu.undelete"), When: func(s State) bool { return all(s.Old.Deleted, s) }},
		{ID: AbortUpload, Seldom: true, Title: text.T("menu.abort_upload"), When: func(s State) bool { return all(s.Old.Uploads, s) }},
		{ID: AdoptUpload, Seldom: true, Title: text.T("menu.adopt_upload"), When: func(s State) bool { return s.Old.Uploads == 1 && all(1, s) }},
		{ID: CompleteUpload, Seldom: true, Title: text.T("menu.complete_upload"), When: func(s State) bool { return all(s.Old.Uploads, s) }},
		{ID: ShowVersions, Title: text.T("menu.show_versions"), Chord: same("V", Shift), Checked: func(s State) bool { return s.Old.Versions || s.Hidden },
			When: func(s State) bool { return !s.Hidden }},
		{ID: AsOf, Title: text.T("menu.as_of"), When: func(s State) bool { return s.Connected && s.Old.InBucket && !s.Old.Working }},
		{ID: LeavePast, Title: text.T("menu.now"), When: func(s State) bool { return s.Old.Past }},
		{ID: RestorePoint, Title: text.T("menu.restore_point"), When: func(s State) bool { return s.Old.Past && !s.Old.Working }},
	}
}

// guard makes every command that needs a selection do nothing with what is old, unless it is made for that: nobody renames a delete
// marker or encrypts an upload by mistake. The same holds for the past.
func guard(t []Command) []Command {
	for i := range t {
		id, when := t[i].ID, t[i].When
		if when == nil {
			continue
		}
		t[i].When = func(s State) bool {
			if !when(s) {
				return false
			}
			if s.Old.Selected == 0 && !s.Old.Past {
				return true
			}
			if s.Old.Past && id == NewFolder {
				return false
			}
			none := s
			none.Selected, none.SelectedFolders, none.SelectedBuckets = 0, 0, 0
			return when(none) || takesOld(id, s)
		}
	}
	return t
}

// takesOld tells the commands that are made for what is old.
func takesOld(id ID, s State) bool {
	switch id, _ = Address(id); id {
	case Open, Download, DownloadTo, CopyHTTPS, CopyHTTP, CopyS3, CopyPresign1, CopyPresign2, CopyPresign3, CopyPresignX:
		return true
	case Copy: // a folder is copied as it is now
		return !s.Old.Past || s.SelectedFolders == 0
	case Inside:
		return s.Old.Past
	case Restore: // of an old version in an archive
		return !s.Old.Past && s.Old.Revertible > 0
	case Delete, Revert, Undelete, AbortUpload, AdoptUpload, CompleteUpload:
		return !s.Old.Past
	}
	return false
}
