package command

// changing are the commands that change something at the server. A read-only connection has none of them.
var changing = map[ID]bool{
	NewFolder: true, Rename: true, Duplicate: true, UploadFiles: true, Delete: true, Cut: true, Paste: true, Synchronize: true,
	Restore: true, ChangeClass: true, Encrypt: true, MakePublic: true, MakePrivate: true,
	Revert: true, Undelete: true, AbortUpload: true, CompleteUpload: true, RestorePoint: true,
}

// hold makes the commands that change something do nothing in a read-only connection.
func hold(t []Command) []Command {
	for i := range t {
		if !changing[t[i].ID] {
			continue
		}
		when := t[i].When
		t[i].When = func(s State) bool { return !s.ReadOnly && (when == nil || when(s)) }
	}
	return t
}
