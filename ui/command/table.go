package command

import "pintail/internal/text"

// Table is every command on goos with its title in the user's language.
func Table(goos string) []Command {
	mac := goos == "darwin"
	key := func(other, onMac Chord) Chord {
		if mac {
			return onMac
		}
		return other
	}
	same := func(k string, m Mod) Chord { return Chord{k, Primary | m} }
	var t []Command
	t = append(t, fileCommands(mac, key, same)...)
	t = append(t, editCommands(key, same)...)
	t = append(t, urlCommands(same)...)
	t = append(t, viewCommands(key, same)...)
	t = append(t, goCommands(key, same)...)
	t = append(t, bookmarkCommands(same)...)
	t = append(t, oldCommands(same)...)
	return hold(guard(append(t, windowCommands(same)...)))
}

type (
	chooser func(other, mac Chord) Chord
	primary func(key string, m Mod) Chord
)

func fileCommands(mac bool, key chooser, same primary) []Command {
	openKey := Chord{Key: "Return"}
	if mac {
		openKey = Chord{"Down", Primary}
	}
	return []Command{
		{ID: NewWindow, Title: text.T("menu.new_window"), Chord: same("N", 0)},
		{ID: OpenConnection, Title: text.T("menu.open_connection"), Chord: same("O", 0)},
		{ID: QuickConnect, Title: text.T("menu.quick_connect"), Chord: same("O", Shift)},
		{ID: Open, Title: text.T("menu.open"), Chord: openKey, When: func(s State) bool { return s.Connected && s.Selected == 1 && s.Old.Empty == 0 }},
		{ID: Info, Title: text.T("menu.info"), Chord: same("I", 0), When: connected, Checked: func(s State) bool { return s.Inspector }},
		{ID: NewFolder, Title: text.T("menu.new_folder"), Chord: same("N", Shift), When: connected},
		{ID: Rename, Title: text.T("menu.rename"), Chord: key(Chord{Key: "F2"}, Chord{Key: "Return"}),
			When: func(s State) bool { return s.Selected == 1 && s.SelectedBuckets == 0 }},
		{ID: Duplicate, Title: text.T("menu.duplicate"), Chord: same("D", 0),
			When: func(s State) bool { return s.Selected > 0 && s.SelectedBuckets == 0 }},
		{ID: Download, Title: text.T("menu.download"), Chord: Chord{"Down", Alt}, When: someToRead},
		{ID: DownloadTo, Title: text.T("menu.download_to"), Chord: Chord{"Down", Alt | Shift}, When: someToRead},
		{ID: UploadFiles, Title: text.T("menu.upload"), Chord: Chord{"Up", Alt}, When: takesFiles},
		{ID: Delete, Title: text.T("menu.delete"), Chord: key(Chord{Key: "Delete"}, Chord{"BackSpace", Primary}), When: someSelected},
		{ID: Restore, Title: text.T("edits.restore"), When: someSelected},
		{ID: ChangeClass, Title: text.T("edits.class"), When: someSelected},
		{ID: Encrypt, Title: text.T("edits.encrypt"), When: someSelected},
		{ID: ObjectLock, Title: text.T("locks.menu"), When: someSelected},
		{ID: Share, Title: text.T("edits.share"), When: someSelected},
		{ID: MakePublic, Title: text.T("edits.public"), When: someSelected},
		{ID: MakePrivate, Title: text.T("edits.private"), When: someSelected},
		{ID: Quit, Title: text.T("menu.quit"), Chord: same("Q", 0)},
	}
}

func editCommands(key chooser, same primary) []Command {
	return []Command{
		{ID: Cut, Title: text.T("menu.cut"), Chord: same("X", 0), Text: true, When: objectsSelected},
		{ID: Copy, Title: text.T("menu.copy"), Chord: same("C", 0), Text: true,
			When: func(s State) bool { return objectsSelected(s) && someToRead(s) }},
		{ID: Paste, Title: text.T("menu.paste"), Chord: same("V", 0), Text: true,
			When: func(s State) bool { return takesFiles(s) && s.Clipboard }},
		{ID: SelectAll, Title: text.T("menu.select_all"), Chord: same("A", 0), Text: true, When: connected},
		{ID: Invert, Title: text.T("menu.invert"), Chord: same("I", Shift), When: connected},
		{ID: Preferences, Title: text.T("menu.preferences"), Chord: same(",", 0)},
	}
}

func viewCommands(key chooser, same primary) []Command {
	return []Command{
		{ID: ShowSidebar, Title: text.T("menu.sidebar"), Chord: same("B", 0), Checked: func(s State) bool { return s.Sidebar }},
		{ID: ShowHidden, Title: text.T("menu.hidden"), Chord: key(Chord{"R", Primary | Shift}, Chord{".", Primary | Shift}),
			Checked: func(s State) bool { return s.Hidden }},
		{ID: FoldersFirst, Title: text.T("menu.folders_first"), Checked: func(s State) bool { return s.FoldersFirst }},
		{ID: ThemeSystem, Title: text.T("menu.theme_system"), Checked: func(s State) bool { return s.Theme == "" }},
		{ID: ThemeLight, Title: text.T("menu.theme_light"), Checked: func(s State) bool { return s.Theme == "light" }},
		{ID: ThemeDark, Title: text.T("menu.theme_dark"), Checked: func(s State) bool { return s.Theme == "dark" }},
	}
}

func goCommands(key chooser, same primary) []Command {
	return []Command{
		{ID: Refresh, Title: text.T("menu.refresh"), Chord: same("R", 0), When: connected},
		{ID: Stop, Title: text.T("menu.stop"), Chord: same(".", 0), When: func(s State) bool { return s.Listing }},
		{ID: Back, Title: text.T("menu.back"), Chord: key(same("Left", 0), same("[", 0)), Text: true, When: func(s State) bool { return s.CanBack }},
		{ID: Forward, Title: text.T("menu.forward"), Chord: key(same("Right", 0), same("]", 0)), Text: true, When: func(s State) bool { return s.CanForward }},
		{ID: Up, Title: text.T("menu.up"), Chord: same("Up", 0), When: func(s State) bool { return s.CanUp }},
		{ID: Inside, Title: text.T("menu.inside"), Chord: key(same("Down", 0), Chord{}),
			When: func(s State) bool { return s.Selected == 1 && s.SelectedFolders == 1 }},
		{ID: GoTo, Title: text.T("menu.go_to"), Chord: same("G", 0), When: connected},
		{ID: Filter, Title: text.T("menu.filter"), Chord: same("F", 0), When: connected},
		{ID: Disconnect, Title: text.T("menu.disconnect"), Chord: same("Y", 0), Text: true, When: connected},
	}
}

func bookmarkCommands(same primary) []Command {
	bm := func(s State) bool { return s.BookmarkSelected }
	return []Command{
		{ID: NewBookmark, Title: text.T("menu.new_bookmark"), Chord: same("B", Shift)},
		{ID: EditBookmark, Title: text.T("menu.edit_bookmark"), Chord: same("E", 0), When: bm},
		{ID: DeleteBookmark, Title: text.T("menu.delete_bookmark"), When: bm},
		{ID: DuplicateBookmark, Title: text.T("menu.duplicate_bookmark"), When: bm},
		{ID: BookmarkUp, Title: text.T("menu.bookmark_up"), When: func(s State) bool { return s.BookmarkSelected && !s.BookmarkFirst }},
		{ID: BookmarkDown, Title: text.T("menu.bookmark_down"), When: func(s State) bool { return s.BookmarkSelected && !s.BookmarkLast }},
		{ID: ClearHistory, Title: text.T("menu.clear_history"), When: func(s State) bool { return s.HistoryKnown }},
		{ID: ShowProfiles, Title: text.T("menu.profiles")},
		{ID: ImportBookmarks, Title: text.T("importing.menu")},
		{ID: ExportBookmarks, Title: text.T("importing.export_menu")},
	}
}

func windowCommands(same primary) []Command {
	return []Command{
		{ID: ShowTransfers, Title: text.T("menu.transfers"), Chord: same("T", 0)},
		{ID: Synchronize, Title: text.T("menu.synchronize"), Chord: same("S", Shift), When: takesFiles},
		{ID: PauseAll, Title: text.T("menu.pause_all"), When: func(s State) bool { return s.TransfersRunning }},
		{ID: ResumeAll, Title: text.T("menu.resume_all"), When: func(s State) bool { return s.TransfersResumable }},
		{ID: RetryFailed, Title: text.T("menu.retry_failed"), When: func(s State) bool { return s.TransfersFailed }},
		{ID: CleanUp, Title: text.T("menu.clean_up"), When: func(s State) bool { return s.TransfersEnded }},
		{ID: CloseWindow, Title: text.T("menu.close_window"), Chord: same("W", 0)},
		{ID: Shortcuts, Title: text.T("menu.shortcuts")},
		{ID: About, Title: text.T("menu.about")},
	}
}

func connected(s State) bool    { return s.Connected }
func takesFiles(s State) bool   { return s.Connected && s.Uploads }
func someSelected(s State) bool { return s.Connected && s.Selected > 0 }
func someToRead(s State) bool   { return s.Connected && s.Selected > s.Old.Empty }
func objectsSelected(s State) bool {
	return s.Connected && s.Selected > 0 && s.SelectedBuckets == 0
}
